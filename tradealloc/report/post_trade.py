"""The page on what an execution cost: parts, slippage by group, forecast against outcome."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace

from tradealloc import __version__
from tradealloc.desk.tca import PARTS, Analysis, PredictionCheck, Refined
from tradealloc.desk.tca.analysis import Total
from tradealloc.workbook.fields.tca import TCA_GROUP_COLUMNS, TCA_PART_COLUMNS, TCA_RESULT_COLUMNS
from tradealloc.workbook.tca_outputs import group_columns, part_columns, result_columns

from .figures import Figure, Layout
from .model import ACROSS, Axis, Chart, Fact, Facts, Ink, Mark, Note, Report, Section, Series
from .registered import registered_table

CAVEAT = (
    "Costs are against the mid at the decision and positive where they cost. A mean over few orders says little: "
    "prices move for reasons of their own, which the interval shows. Permanent impact holds what the market did "
    "between each fill and MidAfter."
)
PAGE_ORDERS, PAGE_GROUPS = 10, 8
"""Rows that the page shows; the others are left to the HTML."""
PAGE_CURRENCIES = 3
"""Currencies that get charts; the table has all."""
NEXT_PROFILE = "next_profile.csv"
"""The file beside the page that holds the profile for the next day."""


def post_trade_report(analysis: Analysis, source: str, now: dt.datetime) -> Report:
    """The report on an analysis.

    Parameters
    ----------
    analysis
        What was found.
    source
        File or workbook that the fills are from.
    now
        When it was computed.
    """
    totals = analysis.totals
    charted = totals[:PAGE_CURRENCIES]
    refined = analysis.refined
    sections: list[Section | None] = [
        *_side_by_side([*map(_parts_chart, charted), *(_time_chart(analysis, total.currency) for total in charted)]),
        registered_table(
            "Implementation shortfall",
            TCA_PART_COLUMNS,
            part_columns(analysis),
            {"currency": "Currency", "part": "Part", "cost": "Cost", "bps": "Of notional"},
            "",
            note="The parts sum to the shortfall to the cent. Bps of filled shares times arrival price.",
        ),
        *(_groups(analysis, by, title) for by, title in (("symbol", "By symbol"), ("broker", "By broker"))),
        _forecast(analysis.check, "Forecast against outcome", "bps"),
        _refined_chart(analysis),
        None if refined is None else _profile_check(refined),
        _orders(analysis),
    ]
    return Report(
        title=f"Post-trade costs of {_counted(len(analysis.orders), 'order')}",
        subtitle=f"Implementation shortfall of {_counted(len(analysis.fills), 'fill')} and what it is made of",
        headline=(Fact("Orders", Figure(len(analysis.orders), Layout.COUNT)), *map(_headline, totals[:4])),
        notes=tuple(Note(text, is_warning="isn't in the shortfall" in text) for text in analysis.notes),
        sections=tuple(section for section in sections if section is not None),
        provenance=(
            Fact("Fills", source),
            Fact("Computed", now.strftime("%Y-%m-%d %H:%M:%S")),
            Fact("tradealloc", __version__),
        ),
        caveat=CAVEAT,
        run_at=now,
    )


def _headline(total: Total) -> Fact:
    bps = total.shortfall_bps
    detail = "" if math.isnan(bps) else f"{Figure(bps, Layout.BPS).text} bps of notional"
    return Fact("Shortfall", Figure(total.shortfall / 100, Layout.MONEY), total.currency or "currency", detail)


def _side_by_side(charts: Sequence[Chart | None]) -> list[Chart]:
    """Two in a row; the last alone takes the whole width."""
    found = [chart for chart in charts if chart is not None]
    if len(found) % 2:
        found[-1] = replace(found[-1], span=ACROSS)
    return found


def _parts_chart(total: Total) -> Chart:
    names = [*(PARTS[part].removesuffix(" impact") for part in total.parts), "Shortfall"]
    values = [*(cents / 100 for cents in total.parts.values()), total.shortfall / 100]
    unit = total.currency or "currency"
    return Chart(
        f"parts_{total.currency.lower() or 'all'}",
        f"Parts of the shortfall, {unit}",
        f"The parts sum to {Figure(total.shortfall / 100, Layout.MONEY).text} {unit}.",
        (Series("Cost", tuple(map(float, range(len(names)))), tuple(values), Mark.BARS, Ink.OPTIMUM),),
        Axis(f"Cost, {unit}"),
        Axis("", names=tuple(names)),
        value_layout=Layout.SHARES if abs(values[-1]) >= 1e4 else Layout.MONEY,
        span=6,
    )


def _time_chart(analysis: Analysis, currency: str) -> Chart | None:
    groups = [one for one in analysis.of("time") if one.currency == currency]
    if len(groups) < 2:
        return None
    means = {one.name: one.arrival_bps for one in groups}
    first, last = (_half_hour(one.name) for one in (groups[0], groups[-1]))
    edges = tuple(float(30 * number) for number in range(first, last + 2))
    heights = tuple(means.get(f"{number // 2:02d}:{number % 2 * 30:02d}") for number in range(first, last + 1))
    return Chart(
        f"time_{currency.lower() or 'all'}",
        f"Slippage by half hour{', ' + currency if currency else ''}",
        "Notional-weighted mean slippage against arrival, by the half hour of the fill.",
        (Series("Mean", edges, heights, Mark.AREA, Ink.OPTIMUM),),
        Axis("", Layout.CLOCK, from_zero=False),
        Axis("Slippage against arrival, bps", Layout.SLOPE),
        span=6,
    )


def _half_hour(clock: str) -> int:
    hour, minute = clock.split(":")
    return 2 * int(hour) + int(minute) // 30


def _groups(analysis: Analysis, by: str, title: str) -> Section | None:
    groups = analysis.of(by)
    if not groups or {one.name for one in groups} == {""}:
        return None
    has_interval = any(math.isfinite(one.low_bps) for one in groups)
    interval = "; from and to: 95 % interval, orders taken as independent" if has_interval else ""
    return registered_table(
        title,
        TCA_GROUP_COLUMNS,
        group_columns(groups),
        {
            "name": "Group",
            "currency": "Currency",
            "orders": "Orders",
            "fills": "Fills",
            "slippage": "Slippage",
            "arrival_bps": "Arrival",
            "low_bps": "from",
            "high_bps": "to",
            "vwap_bps": "VWAP",
            "twap_bps": "TWAP",
            "close_bps": "Close",
        },
        "",
        note=f"Means weighted with notional{interval}.",
        page_rows=PAGE_GROUPS,
    )


def _orders(analysis: Analysis) -> Section:
    columns = result_columns(analysis)

    def dearness(row: int) -> float:
        bps = columns["ShortfallBps"][row]
        return float(bps) if isinstance(bps, float) else -math.inf

    return registered_table(
        "Orders",
        TCA_RESULT_COLUMNS,
        columns,
        {
            "order_id": "Order",
            "symbol": "Symbol",
            "side": "Side",
            "currency": "Currency",
            "filled": "Filled",
            "shortfall": "Shortfall",
            "arrival_bps": "Arrival",
            "vwap_bps": "VWAP",
            "twap_bps": "TWAP",
            "close_bps": "Close",
        },
        "",
        rows=sorted(range(len(analysis.orders)), key=dearness, reverse=True),
        note="The dearest in bps of notional first.",
        page_rows=PAGE_ORDERS,
    )


def _profile_check(refined: Refined) -> Section | None:
    found = _forecast(refined.check, "Profile against fills", "currency per share", "Within 90 % interval")
    if found is None:
        return None
    facts = list(found.facts)
    if refined.check.covered:
        detail = "of one execution, from other half hours"
        facts.append(Fact("Noise in it", Figure(refined.noise, Layout.PERCENT), "", detail))
    facts.append(Fact("Day's level", f"{refined.level:.3f}", "of the profile", f"± {refined.level_error:.3f}"))
    facts.append(Fact("Next profile", NEXT_PROFILE, "", "the profile at this level"))
    return replace(found, facts=tuple(facts))


def _forecast(check: PredictionCheck | None, title: str, unit: str, interval: str = "Within interval") -> Facts | None:
    if check is None:
        return None
    layout = Layout.BPS if unit == "bps" else Layout.IMPACT
    facts = [Fact("Pairs", Figure(check.count, Layout.COUNT))]
    if math.isfinite(check.bias_error):
        facts.append(Fact("Bias", Figure(check.bias, layout), unit, f"± {Figure(check.bias_error, layout).text}"))
    if math.isfinite(check.slope):
        detail = f"± {Figure(check.slope_error, Layout.SLOPE).text}; 1 where the forecast is right"
        facts.append(Fact("Calibration slope", Figure(check.slope, Layout.SLOPE), "", detail))
    if math.isfinite(check.r_squared):
        facts.append(Fact("R²", Figure(check.r_squared, Layout.PERCENT)))
    if check.covered:
        detail = f"of {check.covered:,} with an interval"
        facts.append(Fact(interval, Figure(check.coverage, Layout.PERCENT), "", detail))
    return Facts(title, tuple(facts), span=6)


def _refined_chart(analysis: Analysis) -> Chart | None:
    refined = analysis.refined
    if refined is None or len(refined.interval) < 2:
        return None
    starts = [refined.profile.starts[number] for number in refined.interval]
    minutes = tuple(float(start.hour * 60 + start.minute) for start in starts)
    level = f"{refined.level:.3f} ± {refined.level_error:.3f}"
    return Chart(
        "profile",
        "Slippage per share by interval",
        f"What the profile forecast and what came of it; the day's level is {level} of the profile.",
        (
            Series("Realised", minutes, tuple(refined.realised.tolist()), Mark.LINE, Ink.OPTIMUM),
            Series("Forecast", minutes, tuple(refined.predicted.tolist()), Mark.DASHED, Ink.EQUAL),
        ),
        Axis("", Layout.CLOCK, from_zero=False),
        Axis("Currency per share", Layout.SLOPE),
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
