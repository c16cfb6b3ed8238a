"""The schedule that a workbook with one order holds, as child orders."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate

import numpy as np

from tradealloc.errors import InputError
from tradealloc.units import ImpactUnit, to_currency
from tradealloc.workbook.book import Book, Table
from tradealloc.workbook.fields import TBL_SCHEDULE
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.outputs import keeps_limits
from tradealloc.workbook.parsing import present_value

from .cells import (
    RUN_AGAIN,
    cell_of,
    label_text,
    number,
    optional_number,
    optional_text,
    required_column,
    required_table,
)
from .child import ChildOrder
from .run import current_run
from .times import spans


def stored_order(book: Book, order_id: str | None = None, day: dt.date | None = None) -> list[ChildOrder]:
    """Every interval of the stored schedule.

    Parameters
    ----------
    book
        The workbook after a run.
    order_id
        The order's id; None makes one of symbol, side and time of the run.
    day
        Date of the first interval.

    Raises
    ------
    InputError
        The workbook has no run, its inputs changed since, its checks fail, or its schedule isn't what a run leaves.
    """
    sheet = OrderSheet.read(book)
    sheet.check_supported()
    run = current_run(book, sheet, sheet.fingerprint)
    table = required_table(book, TBL_SCHEDULE)
    cells = required_column(table, "Allocation")
    _refuse_moved_rows(table, sheet)
    shares = [number(cell) for cell in cells]
    if not keeps_limits(sheet.problem, np.array(shares)):
        where = f"{table.name}[Allocation]"
        raise InputError(f"doesn't trade the order within its limits, as a run leaves it: {RUN_AGAIN}", where=where)
    _refuse_changed(table, shares, sheet.problem.tolerance)
    symbol, side = sheet.text("symbol").strip() or None, sheet.text("side")
    price = sheet.number("arrival_price")
    in_currency = to_currency(1.0, ImpactUnit(run.impact_unit), price) is not None
    window_end = sheet.setting("window_end")
    times = spans(sheet.starts(), window_end if isinstance(window_end, dt.time) else None, day)
    running = list(accumulate(shares))
    return [
        ChildOrder(
            order_id=order_id or "-".join(part for part in (symbol or "order", side, run.stamp) if part),
            symbol=symbol,
            side=side,
            interval=row + 1,
            label=label_text(label),
            date=span.date,
            start=span.start,
            end=span.end,
            end_day=span.end_day,
            shares=shares[row],
            cumulative=running[row] if (total := cell_of(table, "Cumulative", row)) is None else number(total),
            participation=optional_number(cell_of(table, "Participation", row)),
            impact=optional_number(cell_of(table, "Impact", row)),
            cost=optional_number(cell_of(table, "Cost", row)) if in_currency else None,
            binding=optional_text(cell_of(table, "Binding", row)),
            order_shares=sheet.problem.shares,
            arrival_price=price,
            impact_unit=run.impact_unit,
            run_at=run.run_at,
            fingerprint=run.fingerprint,
            contract_version=run.contract_version,
        )
        for row, (label, span) in enumerate(zip(sheet.labels(), times, strict=True))
    ]


def _refuse_moved_rows(table: Table, sheet: OrderSheet) -> None:
    """A schedule that was cut, or sorted by another column, doesn't stand beside its intervals any more."""
    if table.rows != sheet.rows:
        raise InputError(f"has {table.rows} rows for {sheet.rows} intervals: {RUN_AGAIN}", where=table.where)
    for cell, label in zip(table.columns.get("Interval", ()), sheet.labels(), strict=False):
        if optional_text(cell) != label_text(label):
            raise InputError(
                f"is {optional_text(cell)} where the intervals table has {label_text(label)}: "
                f"rows of the schedule were moved, so {RUN_AGAIN}",
                where=cell.where,
            )


def _refuse_changed(table: Table, shares: list[float], tolerance: float) -> None:
    """Shares moved by hand from one interval to another show in the cumulative column."""
    for cell, total in zip(table.columns.get("Cumulative", ()), accumulate(shares), strict=False):
        value = present_value(cell)
        if not isinstance(value, int | float) or abs(value - total) > tolerance:
            raise InputError(
                f"isn't the sum of the allocation down to its row ({total:g}): "
                f"the schedule was changed by hand, so {RUN_AGAIN}",
                where=cell.where,
            )
