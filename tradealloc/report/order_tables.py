"""The tables and lists of a report on one order."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from tradealloc.analysis import Comparison, Sensitivity, allocation_pattern, equal, vwap
from tradealloc.model import Schedule
from tradealloc.model.binding import DEARER
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.outputs import interval_costs, is_sound, schedule_columns

from .figures import Figure, Layout, Value, name_text, shares, shown
from .model import Column, Fact, Facts, Table

PAGE_SIZES, PAGE_LIMITS = 7, 6
"""Rows of the sensitivity and limits tables that the page shows."""

PROVEN = 1e-6
"""Gap of a mixed-integer search at which the schedule counts as the best."""

FORMULAS = {
    "linear": "I(x) = h + beta x",
    "power": "I(x) = h + beta x^p",
    "quadratic": "I(x) = h + beta x + gamma x^2",
}

_NUMBER_AT_END = re.compile(r"\s[\d.,]+(e[+-]?\d+)?( %)?$")


def order_facts(sheet: OrderSheet, schedule: Schedule) -> Facts:
    """The order as it was given."""
    problem = schedule.problem
    facts = [
        Fact("Order", shares(problem.shares), "shares", sheet.text("side")),
        Fact("Intervals", Figure(problem.intervals, Layout.COUNT), "", _span(sheet)),
    ]
    if problem.arrival_price is not None:
        facts.append(Fact("Arrival price", Figure(problem.arrival_price, Layout.PRICE), "currency"))
    facts += [
        Fact("Impact model", f"{problem.impact.name}, {FORMULAS[problem.impact.name]}"),
        *([Fact("Exponent p", Figure(sheet.number("exponent") or 0.0, Layout.SLOPE))] if _has_exponent(sheet) else []),
        Fact("Impact unit", problem.unit.label),
        Fact("Method", schedule.method, "", f"{schedule.seconds * 1000:.1f} ms"),
        *_limits_given(sheet),
    ]
    return Facts("Order and model", tuple(facts))


def totals(schedule: Schedule) -> Facts:
    """What the schedule costs, and its shape."""
    problem, unit = schedule.problem, schedule.problem.unit.label
    facts = [Fact("Total impact", Figure(schedule.total_impact, Layout.IMPACT), unit)]
    if schedule.total_impact_bps is not None and unit != "bps":
        facts.append(Fact("", Figure(schedule.total_impact_bps, Layout.BPS), "bps"))
    if schedule.spread_impact:
        facts += [
            Fact("of which spread", Figure(schedule.spread_impact, Layout.IMPACT), unit),
            Fact("of which size", Figure(schedule.size_impact, Layout.IMPACT), unit),
        ]
    facts.append(Fact("Equal shares", Figure(equal(problem).total_impact, Layout.IMPACT), unit))
    by_volume = vwap(problem)
    if by_volume is not None:
        facts.append(Fact("VWAP", Figure(by_volume.total_impact, Layout.IMPACT), unit))
    pattern = allocation_pattern(schedule.shares)
    facts += [
        Fact("Largest interval", shares(round(pattern.maximum, 1)), "shares"),
        Fact("In the busiest half", Figure(pattern.best_half, Layout.PERCENT), "of the order"),
    ]
    return Facts("Totals", tuple(facts))


def certificate_facts(schedule: Schedule) -> Facts:
    """The proof, in the numbers that can be checked."""
    proof, unit = schedule.certificate, schedule.problem.unit.label
    facts = [
        Fact("Verdict", verdict(schedule)),
        Fact("Duality gap", Figure(proof.duality_gap, Layout.RESIDUAL), "of cost"),
        Fact("KKT residual", Figure(proof.kkt_residual, Layout.RESIDUAL), "of S/N"),
    ]
    if proof.integer_gap is not None:
        facts.append(Fact("Whole lots cost", Figure(proof.integer_gap, Layout.PERCENT), "more"))
    if proof.mip_gap is not None and proof.mip_gap > PROVEN:
        facts.append(Fact("Search stopped at", Figure(proof.mip_gap, Layout.PERCENT), "above the best bound"))
    price: Value = "no room within the limits" if proof.shadow_price is None else (
        Figure(proof.shadow_price, Layout.IMPACT)
    )  # fmt: skip
    facts.append(Fact("Shadow price", price, "" if proof.shadow_price is None else unit))
    return Facts("Certificate of optimality", tuple(facts))


def verdict(schedule: Schedule) -> str:
    """What the certificate proves, in a word or two."""
    proof = schedule.certificate
    if not is_sound(schedule):
        return "Not proven"
    if proof.mip_gap is not None and proof.mip_gap > PROVEN:
        return "Best found"
    return "Optimal"


def comparison_table(comparison: Comparison, unit: str) -> Table:
    """Strategies side by side; the last row is the schedule."""
    columns = (
        Column("Strategy", is_text=True),
        Column("Total impact", unit),
        Column("Improvement", "of equal"),
        Column("Std", "shares"),
        Column("Limits", "broken"),
    )
    rows: list[tuple[Value, ...]] = [
        (
            row.strategy,
            Figure(row.total_impact, Layout.IMPACT),
            Figure(row.improvement, Layout.PERCENT),
            Figure(row.allocation_std, Layout.FRACTIONAL),
            Figure(row.limits_broken, Layout.COUNT),
        )
        for row in comparison.rows
    ]
    return Table("Comparison", columns, tuple(rows), span=7, strong_row=len(rows) - 1)


def sensitivity_table(sensitivity: Sensitivity, unit: str) -> Table:
    """Other order sizes; a status only where some size can't be traded."""
    is_fine = all(row.optimal_impact is not None for row in sensitivity.rows)
    columns = (
        Column("Order", "shares"),
        Column("Optimum", unit),
        Column("Equal shares", unit),
        Column("Improvement", "of equal"),
        *(() if is_fine else (Column("Status", is_text=True),)),
    )
    rows: list[tuple[Value, ...]] = []
    limits: dict[str, None] = {}
    for row in sensitivity.rows:
        status, _, limit = row.status.removesuffix(")").partition(" (")
        limits |= dict.fromkeys([limit] if limit else [])
        rows.append(
            (
                shares(row.total_shares),
                _figure(row.optimal_impact, Layout.IMPACT),
                _figure(row.equal_impact, Layout.IMPACT),
                _figure(row.improvement, Layout.PERCENT),
                *(() if is_fine else (status,)),
            )
        )
    note = f"Sizes that can't be traded are held back by {', '.join(limits)}." if limits else ""
    span = 6 if is_fine else 8
    return Table("Sensitivity to order size", columns, tuple(rows), note, span=span, page_rows=PAGE_SIZES)


def limits_table(schedule: Schedule) -> Table | None:
    """The limits that hold intervals, how many, and the shares in them; None where none does."""
    kinds = limit_kinds(schedule.certificate.binding)
    held: dict[str, list[int]] = {}
    for position, text in enumerate(kinds):
        if text:
            held.setdefault(text, []).append(position)
    if not held:
        return None
    rows: list[tuple[Value, ...]] = []
    for text, positions in sorted(held.items(), key=lambda item: -len(item[1])):
        traded = float(schedule.shares[positions].sum())
        rows.append(
            (
                text,
                Figure(len(positions), Layout.COUNT),
                shares(traded),
                Figure(traded / schedule.problem.shares, Layout.PERCENT),
            )
        )
    columns = (
        Column("Limit", is_text=True),
        Column("Held", "intervals"),
        Column("Traded there", "shares"),
        Column("Part", "of order"),
    )
    dear = sum(text == DEARER for text in schedule.certificate.binding)
    note = f"{_counted(dear, 'interval')} more without trades: dearer than the shadow price." if dear else ""
    return Table("Limits that bind", columns, tuple(rows), note, span=5, page_rows=PAGE_LIMITS)


def limit_kinds(binding: tuple[str, ...]) -> list[str]:
    """The limit of each interval, "" for none; limits of one kind with many values are named by the kind alone."""
    kinds = [_NUMBER_AT_END.sub("", text) for text in binding]
    values = Counter(kind for kind, _ in set(zip(kinds, binding, strict=True)))
    return [
        "" if text in ("", DEARER) else text if values[kind] == 1 else f"{kind}, by interval"
        for kind, text in zip(kinds, binding, strict=True)
    ]


def intervals_table(sheet: OrderSheet, schedule: Schedule) -> Table:
    """Every interval, as tblSchedule has them; for the HTML only."""
    written = schedule_columns(schedule, sheet)
    in_currency = schedule.total_cost is not None
    layouts: dict[str, tuple[str, Layout | None]] = {
        "Interval": ("", None),
        "Start": ("time", None),
        "Equal": ("shares", Layout.EXACT_SHARES),
        "VWAP": ("shares", Layout.EXACT_SHARES),
        "Allocation": ("shares", Layout.EXACT_SHARES),
        "Cumulative": ("shares", Layout.EXACT_SHARES),
        "Participation": ("of volume", Layout.PERCENT),
        "Impact": (schedule.problem.unit.label, Layout.IMPACT),
        "Cost": ("currency" if in_currency else f"shares x {schedule.problem.unit.label}", Layout.MONEY),
        "Binding": ("", None),
    }
    present = {h: v for h, v in layouts.items() if any(value is not None for value in written[h])}
    columns = tuple(
        Column(header, unit, is_text=layout is None and header not in ("Interval", "Start"))
        for header, (unit, layout) in present.items()
    )
    cells: list[list[Value]] = [
        [_cell(value, layout) for value in written[header]] for header, (_, layout) in present.items()
    ]
    total = Figure(float(np.sum(interval_costs(schedule))), Layout.MONEY)
    note = f"Cost sums to {shown(total)}."
    return Table("Every interval", columns, tuple(zip(*cells, strict=True)), note, page_rows=0)


def _cell(value: object, layout: Layout | None) -> Value:
    if value is None:
        return None
    if isinstance(value, float) and layout is not None:
        return Figure(value, layout)
    return value if hasattr(value, "isoformat") and hasattr(value, "hour") else name_text(value)  # type: ignore[return-value]


def _figure(value: float | None, layout: Layout) -> Figure | None:
    return None if value is None else Figure(value, layout)


def _has_exponent(sheet: OrderSheet) -> bool:
    return sheet.text("model") == "power"


def _span(sheet: OrderSheet) -> str:
    times = [time for time in sheet.times() if time is not None]
    return f"{shown(times[0])} to {shown(times[-1])}" if len(times) == sheet.rows > 1 else ""


def _limits_given(sheet: OrderSheet) -> list[Fact]:
    """The limits that hold for the whole order, as they were given."""
    facts = []
    start, end = sheet.setting("window_start"), sheet.setting("window_end")
    if start is not None or end is not None:
        facts.append(Fact("Window", f"{_time(start) or 'open'} to {_time(end) or 'close'}"))
    for key, label, layout, unit in (
        ("participation", "Participation cap", Layout.PERCENT, "of volume"),
        ("impact_cap", "Impact cap", Layout.IMPACT, sheet.problem.unit.label),
        ("lot_size", "Lot size", None, "shares"),
        ("min_clip", "Minimum clip", None, "shares"),
    ):
        value = sheet.number(key)
        if value:
            facts.append(Fact(label, shares(value) if layout is None else Figure(value, layout), unit))
    per_interval = [h for key, h in (("min_shares", "minimum"), ("max_shares", "maximum")) if _has(sheet, key)]
    if per_interval:
        facts.append(Fact("Per interval", " and ".join(per_interval) + " shares"))
    return facts


def _time(value: object) -> str:
    return shown(value) if value is not None else ""  # type: ignore[arg-type]


def _has(sheet: OrderSheet, key: str) -> bool:
    return sheet.column(key) is not None


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
