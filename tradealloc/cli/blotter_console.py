"""What the command line shows of a blotter: a table of orders with totals, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from tradealloc.actions import BlotterResult
from tradealloc.batch import SolvedOrder
from tradealloc.errors import TradeallocError
from tradealloc.model.limits import plain
from tradealloc.workbook.blotter_outputs import OK, order_result_columns

from .console import OUT, show_notes, show_written

MOST_ROWS = 40
"""Orders that the terminal lists; the workbook has them all."""

Row = Mapping[str, Any]
_STATUS = {3: "infeasible"}
"""By exit status; the sentences are among the notes."""


def show_blotter(result: BlotterResult, notes: Sequence[str], output: str, backup: str | None) -> None:
    """Summary of a run: orders, totals by symbol, totals."""
    OUT.print()
    OUT.print(_orders_table(result))
    OUT.print()
    OUT.print(_symbols_table(result))
    OUT.print()
    OUT.print(_totals_grid(result))
    OUT.print()
    show_notes(notes)
    show_written(output, backup)


def blotter_json(result: BlotterResult, output: str) -> str:
    """One object: totals, and a list of orders with the sentence of each that failed."""
    totals = asdict(result.batch.totals)
    orders = [_order_json(row, outcome) for row, outcome in zip(_rows(result), result.outcomes, strict=True)]
    return json.dumps(
        {
            "optimised": totals.pop("orders"),
            "failed": len(result.failed),
            **totals,
            "seconds": sum(one.schedule.seconds for one in result.batch.solved),
            "output": output,
            "orders": orders,
        },
        default=str,
    )


def _rows(result: BlotterResult) -> list[dict[str, Any]]:
    """The rows of tblOrderResults by header."""
    columns = order_result_columns(result.blotter, result.outcomes)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _order_json(row: Row, outcome: SolvedOrder | TradeallocError) -> dict[str, Any]:
    named = {
        "order_id": row["OrderId"] if row["OrderId"] is None else _text(row["OrderId"]),
        "symbol": row["Symbol"],
        "side": row["Side"],
        "shares": row["Shares"],
        "status": row["Status"],
    }
    if isinstance(outcome, TradeallocError):
        return named
    schedule = outcome.schedule
    return {
        **named,
        "intervals": schedule.problem.intervals,
        "method": schedule.method,
        "total_impact": schedule.total_impact,
        "total_impact_bps": schedule.total_impact_bps,
        "total_cost": schedule.total_cost,
        "improvement": outcome.improvement,
        "saving": outcome.saving,
        "kkt_residual": schedule.certificate.kkt_residual,
        "duality_gap": schedule.certificate.duality_gap,
        "shadow_price": schedule.certificate.shadow_price,
        "peak_participation": outcome.peak_participation,
    }


def _orders_table(result: BlotterResult) -> Table:
    rows = _rows(result)
    table = Table(box=box.SIMPLE_HEAD, title="Orders", title_justify="left", title_style="bold")
    table.add_column("Order", overflow="fold", min_width=8)
    table.add_column("Symbol", overflow="fold", min_width=8)
    for heading in ("Shares", "bps", "Cost", "Better"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.caption, table.caption_justify = "Better: improvement on equal shares", "left"
    for row, outcome in list(zip(rows, result.outcomes, strict=True))[:MOST_ROWS]:
        size = "-" if row["Shares"] is None else plain(row["Shares"])
        table.add_row(
            Text(_text(row["OrderId"])),
            Text(row["Symbol"] or ""),
            Text(f"{row['Side'] or ''} {size}".strip()),
            _or_dash(row["TotalImpactBps"], ",.2f"),
            _or_dash(row["TotalCost"], ",.0f"),
            _or_dash(row["Improvement"], ".1%"),
            Text(_STATUS.get(outcome.exit_status, "wrong"), style="red")
            if isinstance(outcome, TradeallocError)
            else Text(OK, style="green"),
        )
    if len(rows) > MOST_ROWS:
        table.caption = f"and {len(rows) - MOST_ROWS:,} more in the workbook. {table.caption}"
    return table


def _symbols_table(result: BlotterResult) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="By symbol", title_justify="left", title_style="bold")
    table.add_column("Symbol", overflow="fold", min_width=8)
    for heading in ("Orders", "Buy", "Sell", "Notional", "Cost", "bps", "Peak"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.caption, table.caption_justify = "Peak: largest share of an interval's volume, all orders together", "left"
    symbols = result.batch.by_symbol
    for row in symbols[:MOST_ROWS]:
        table.add_row(
            Text(row.symbol),
            str(row.orders),
            plain(row.buy_shares) if row.buy_shares else "-",
            plain(row.sell_shares) if row.sell_shares else "-",
            _or_dash(row.notional, ",.0f"),
            _or_dash(row.total_cost, ",.0f"),
            _or_dash(row.impact_bps, ",.2f"),
            _or_dash(row.peak_participation, ".1%"),
        )
    if len(symbols) > MOST_ROWS:
        table.caption = f"and {len(symbols) - MOST_ROWS:,} more in the workbook. {table.caption}"
    return table


def _totals_grid(result: BlotterResult) -> Table:
    totals = result.batch.totals
    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="dim")
    grid.add_column()
    failed = f", {len(result.failed):,} not" if result.failed else ""
    grid.add_row("Orders", f"{totals.orders:,} optimised{failed}; {plain(totals.shares)} shares")
    if totals.notional is not None:
        grid.add_row("Notional", f"{totals.notional:,.0f} currency")
    if totals.total_cost is not None:
        bps = "" if totals.impact_bps is None else f" = {totals.impact_bps:.2f} bps of notional"
        if totals.priced_orders == totals.orders or totals.priced_cost is None:
            grid.add_row("Total cost", f"[bold]{totals.total_cost:,.2f}[/] currency{bps}")
        else:
            grid.add_row("Total cost", f"[bold]{totals.total_cost:,.2f}[/] currency")
            grid.add_row("With a price", f"{totals.priced_orders:,} of them: {totals.priced_cost:,.2f} currency{bps}")
    if totals.improvement is not None and totals.saving is not None:
        saving = f"{totals.improvement:.2%} of equal shares, {totals.saving:,.2f} currency under the model"
        grid.add_row("Improvement", saving)
    certificate = f"KKT residual at most {totals.kkt_residual:.1e}, duality gap at most {totals.duality_gap:.1e}"
    grid.add_row("Certificates", certificate)
    return grid


def _text(value: object) -> str:
    """An order's id as it is read: numbers without a decimal point where they are whole."""
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 else str(value)


def _or_dash(value: float | None, layout: str) -> str:
    return "-" if value is None else format(value, layout)
