"""The report on a blotter: many orders in, one page out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate

from tradealloc import __version__
from tradealloc.batch import Batch
from tradealloc.model.limits import plain
from tradealloc.workbook.blotter_outputs import Outcome, by_symbol_columns, order_result_columns
from tradealloc.workbook.blotter_sheet import Blotter
from tradealloc.workbook.fields.blotter import BY_SYMBOL_COLUMNS, ORDER_RESULT_COLUMNS
from tradealloc.workbook.outputs import is_sound

from .figures import Figure, Layout
from .model import Axis, Chart, Fact, Facts, Ink, Mark, Note, Report, Section, Series, Table
from .order import CAVEAT
from .registered import registered_table
from .timeline import Timeline

PAGE_ORDERS, PAGE_SYMBOLS, PAGE_FAILED = 14, 8, 4
"""Rows that the page shows; the others are left to the HTML."""

BARS = 8
"""Symbols that the bar chart shows."""


def blotter_report(
    blotter: Blotter, batch: Batch, outcomes: Sequence[Outcome], notes: tuple[Note, ...], now: dt.datetime
) -> Report:
    """The report on many orders.

    Parameters
    ----------
    blotter
        The inputs.
    batch, outcomes
        The orders that were solved, and one outcome per order.
    notes
        What to say before the figures.
    now
        When they were computed.
    """
    sections: list[Section | None] = [
        _time_chart(batch),
        _progress_chart(batch),
        _symbol_chart(batch),
        _symbols(batch),
        _orders(blotter, outcomes),
        _failures(blotter, outcomes),
        _totals(batch),
        _certificate(batch),
    ]
    return Report(
        title=f"Blotter of {_counted(len(outcomes), 'order')}",
        subtitle=_subtitle(batch),
        headline=_headline(batch, len(outcomes) - len(batch.solved)),
        notes=notes,
        sections=tuple(section for section in sections if section is not None),
        provenance=(
            Fact("Workbook", blotter.label),
            Fact("Computed", now.strftime("%Y-%m-%d %H:%M:%S")),
            Fact("tradealloc", __version__),
            Fact("Fingerprint of inputs", f"{blotter.fingerprint:.10f}"),
        ),
        caveat=CAVEAT,
        run_at=now,
    )


def _subtitle(batch: Batch) -> str:
    symbols = _counted(len(batch.by_symbol), "symbol")
    span = _counted(batch.timeline.intervals, "interval")
    return f"Schedules of least market impact, {symbols} over {span}; each order is priced as if it were alone"


def _headline(batch: Batch, failed: int) -> tuple[Fact, ...]:
    totals = batch.totals
    detail = f"{failed:,} not optimised" if failed else "all optimised"
    facts = [Fact("Orders", Figure(totals.orders, Layout.COUNT), "", detail)]
    if totals.notional is not None:
        facts.append(Fact("Notional", Figure(totals.notional, Layout.SHARES), "currency", "both sides"))
    if totals.total_cost is not None:
        money = Figure(totals.total_cost, Layout.MONEY)
        bps = totals.impact_bps
        detail = "" if bps is None else f"{Figure(bps, Layout.BPS).text} bps of notional"
        facts.append(Fact("Total cost", money, "currency", detail))
    if totals.saving is not None:
        better = totals.improvement
        detail = "" if better is None else f"{Figure(better, Layout.PERCENT).text} of equal shares"
        facts.append(Fact("Saving", Figure(totals.saving, Layout.MONEY), "currency", detail))
    gap = Figure(totals.duality_gap, Layout.RESIDUAL)
    return (*facts, Fact("Certificates", _verdict(batch), "", f"largest gap {gap.text} of cost"))


def _verdict(batch: Batch) -> str:
    unproven = sum(not is_sound(one.schedule) for one in batch.solved)
    return f"{unproven:,} not proven" if unproven else "All optimal"


def _timeline(batch: Batch) -> Timeline:
    line = batch.timeline
    starts = [None] * line.intervals if line.starts is None else list(line.starts)
    return Timeline.of(starts, range(1, line.intervals + 1))


def _time_chart(batch: Batch) -> Chart:
    timeline = _timeline(batch)
    buys, sells = [row.buy_shares for row in batch.by_time], [row.sell_shares for row in batch.by_time]
    sides = [("Buys", buys, Mark.AREA, Ink.OPTIMUM), ("Sells", sells, Mark.LINE, Ink.MARKET)]
    return Chart(
        "by_time",
        "Shares by time",
        f"Shares in each interval, all orders: {plain(sum(buys))} bought and {plain(sum(sells))} sold over the day.",
        tuple(Series(label, *timeline.steps(values), mark, ink) for label, values, mark, ink in sides if any(values)),
        timeline.axis,
        Axis("Shares per interval"),
        weight=1.2,
    )


def _progress_chart(batch: Batch) -> Chart:
    timeline = _timeline(batch)
    traded = [row.buy_shares + row.sell_shares for row in batch.by_time]
    whole = sum(traded)
    series = [
        Series("Shares", *timeline.running([part / whole for part in accumulate(traded)]), Mark.LINE, Ink.OPTIMUM)
    ]
    notional = [row.cumulative_share for row in batch.by_time]
    known = [share for share in notional if share is not None]
    if len(known) == len(notional):
        series.append(Series("Notional", *timeline.running(known), Mark.DASHED, Ink.EQUAL))
    return Chart(
        "progress",
        "Progress of the orders",
        "Part of all shares, and of the notional, traded by the end of each interval.",
        tuple(series),
        timeline.axis,
        Axis("Traded so far", Layout.PART),
        span=6,
    )


def _symbol_chart(batch: Batch) -> Chart | None:
    costed = [(row.symbol, row.total_cost) for row in batch.by_symbol if row.total_cost is not None]
    dearest = sorted(costed, key=lambda pair: -pair[1])[:BARS]
    if not dearest:
        return None
    names, costs = zip(*dearest, strict=True)
    which = "all symbols" if len(costed) == len(dearest) else f"the {len(dearest)} dearest of {len(costed):,} symbols"
    return Chart(
        "by_symbol",
        "Cost by symbol",
        f"Slippage in currency of {which}, from {names[0]} down.",
        (Series("Cost", tuple(float(row) for row in range(len(costs))), costs, Mark.BARS, Ink.FILL),),
        Axis(f"Total cost, currency; {which}", Layout.MONEY),
        Axis("", Layout.COUNT, names),
        value_layout=Layout.MONEY,
        span=6,
    )


def _symbols(batch: Batch) -> Table:
    rows = sorted(range(len(batch.by_symbol)), key=lambda row: -(batch.by_symbol[row].total_cost or 0.0))
    wanted = {
        "symbol": "Symbol",
        "orders": "Orders",
        "buy_shares": "Bought",
        "sell_shares": "Sold",
        "notional": "Notional",
        "total_cost": "Cost",
        "impact_bps": "Impact",
        "saving": "Saving",
        "peak_participation": "Peak part",
    }
    return registered_table(
        "By symbol", BY_SYMBOL_COLUMNS, by_symbol_columns(batch), wanted, "", rows=rows, page_rows=PAGE_SYMBOLS
    )


def _orders(blotter: Blotter, outcomes: Sequence[Outcome]) -> Table:
    """The orders that were solved, the dearest first."""
    values = order_result_columns(blotter, outcomes)
    costs = values["TotalCost"]
    solved = [row for row, status in enumerate(values["Status"]) if status == "OK"]
    rows = sorted(solved, key=lambda row: -_number(costs[row]))
    wanted = {
        "order_id": "Order",
        "symbol": "Symbol",
        "side": "Side",
        "shares": "Shares",
        "total_impact_bps": "Impact",
        "total_cost": "Cost",
        "improvement": "Improvement",
        "saving": "Saving",
        "intervals": "Trades in",
        "at_limit": "At limit",
        "duality_gap": "Gap",
    }
    unit = next(outcome for outcome in outcomes if not isinstance(outcome, Exception)).order.problem.unit.label
    return registered_table(
        "Orders, the dearest first", ORDER_RESULT_COLUMNS, values, wanted, unit, rows=rows, page_rows=PAGE_ORDERS
    )


def _failures(blotter: Blotter, outcomes: Sequence[Outcome]) -> Table | None:
    rows = [row for row, outcome in enumerate(outcomes) if isinstance(outcome, Exception)]
    if not rows:
        return None
    return registered_table(
        "Not optimised",
        ORDER_RESULT_COLUMNS,
        order_result_columns(blotter, outcomes),
        {"order_id": "Order", "symbol": "Symbol", "shares": "Shares", "status": "Why"},
        "",
        rows=rows,
        page_rows=PAGE_FAILED,
    )


def _totals(batch: Batch) -> Facts:
    totals = batch.totals
    facts = [
        Fact("Shares, both sides", Figure(totals.shares, Layout.SHARES), "shares"),
        Fact("Symbols", Figure(len(batch.by_symbol), Layout.COUNT)),
    ]
    if totals.equal_cost is not None:
        facts.append(Fact("Equal shares would cost", Figure(totals.equal_cost, Layout.MONEY), "currency"))
    return Facts("Totals", tuple(facts), span=6)


def _certificate(batch: Batch) -> Facts:
    totals = batch.totals
    return Facts(
        "Certificates of optimality",
        (
            Fact("Verdict", _verdict(batch)),
            Fact("Largest duality gap", Figure(totals.duality_gap, Layout.RESIDUAL), "of cost"),
            Fact("Largest KKT residual", Figure(totals.kkt_residual, Layout.RESIDUAL), "of S/N"),
        ),
        span=6,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
