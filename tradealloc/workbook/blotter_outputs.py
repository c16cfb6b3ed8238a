"""From the results of many orders to the columns of a blotter's output tables and the values of the output names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from tradealloc.batch import Batch, SolvedOrder, Timeline
from tradealloc.batch.orders import NO_SYMBOL
from tradealloc.errors import InputError, TradeallocError

from .blotter_sheet import Blotter
from .book import Cell, CellError, CellValue, Missing
from .fields import Column
from .fields.blotter import BY_SYMBOL_COLUMNS, BY_TIME_COLUMNS, ORDER_RESULT_COLUMNS, SCHEDULES_COLUMNS
from .outputs import TableColumns, is_sound
from .session import Moment

OK = "OK"
Outcome = SolvedOrder | TradeallocError
_Value = TypeVar("_Value")


def order_result_columns(blotter: Blotter, outcomes: Sequence[Outcome]) -> TableColumns:
    """The rows of tblOrderResults: one per order, in the order of the blotter."""
    rows = [
        _solved_row(line, outcome) if isinstance(outcome, SolvedOrder) else _failed_row(blotter, line, outcome)
        for line, outcome in zip(blotter.lines, outcomes, strict=True)
    ]
    return {column.header: [row.get(column.key) for row in rows] for column in ORDER_RESULT_COLUMNS}


def schedules_columns(batch: Batch) -> TableColumns:
    """The whole of tblSchedules: interval and start, then one column an order; blank outside the order's profile."""
    interval, start = (column.header for column in SCHEDULES_COLUMNS)
    timeline = batch.timeline
    columns: dict[str, Sequence[CellValue]] = {
        interval: list(range(1, timeline.intervals + 1)),
        start: start_values(timeline),
    }
    blank = np.isnan(batch.shares)
    for one, shares, absent in zip(batch.solved, batch.shares, blank, strict=True):
        values = shares.tolist()
        if absent.any():
            values = [None if gone else value for value, gone in zip(values, absent, strict=True)]
        columns[one.order.order_id] = values
    return columns


def by_symbol_columns(batch: Batch) -> TableColumns:
    """The rows of tblBySymbol."""
    return _registered(BY_SYMBOL_COLUMNS, batch.by_symbol)


def by_time_columns(batch: Batch) -> TableColumns:
    """The rows of tblByTime."""
    columns = _registered(BY_TIME_COLUMNS, batch.by_time)
    return {**columns, "Start": start_values(batch.timeline)}


def blotter_values(
    blotter: Blotter, batch: Batch, outcomes: Sequence[Outcome], now: dt.datetime
) -> dict[str, CellValue]:
    """The values of the output names for the blotter as a whole, by field key.

    Total impact and shadow price stay blank: per share they mean nothing across symbols.
    """
    totals = batch.totals
    sound = len(batch.solved) == len(outcomes) and all(is_sound(one.schedule) for one in batch.solved)
    return {
        "total_impact": None,
        "total_impact_bps": totals.impact_bps,
        "total_cost": totals.total_cost,
        "improvement": totals.improvement,
        "saving": totals.saving,
        "shadow_price": None,
        "kkt_residual": totals.kkt_residual,
        "duality_gap": totals.duality_gap,
        "status": OK,
        "run_at": now.isoformat(sep=" ", timespec="seconds"),
        "fingerprint": blotter.fingerprint,
        "checks": OK if sound else "CHECK",
    }


def start_values(timeline: Timeline) -> list[CellValue]:
    """Start times as they stand in cells; past midnight they go on from 24:00."""
    if timeline.starts is None:
        return [None] * timeline.intervals
    moments = [Moment.after(start) for start in timeline.starts]
    return [moment.time if moment.day == 0 else start for moment, start in zip(moments, timeline.starts, strict=True)]


def _solved_row(line: Mapping[str, Cell], solved: SolvedOrder) -> dict[str, CellValue]:
    order, schedule = solved.order, solved.schedule
    return {
        "order_id": _as_it_stands(line["order_id"]),
        "symbol": None if order.symbol == NO_SYMBOL else order.symbol,
        "side": order.side,
        "shares": order.problem.shares,
        "notional": order.notional,
        "status": OK,
        "total_impact": schedule.total_impact,
        "total_impact_bps": schedule.total_impact_bps,
        "total_cost": schedule.total_cost,
        "improvement": solved.improvement,
        "saving": solved.saving,
        "shadow_price": schedule.certificate.shadow_price,
        "intervals": solved.intervals,
        "at_limit": solved.intervals_at_limit,
        "peak_participation": solved.peak_participation,
        "kkt_residual": schedule.certificate.kkt_residual,
        "duality_gap": schedule.certificate.duality_gap,
        "method": schedule.method,
    }


def _failed_row(blotter: Blotter, line: Mapping[str, Cell], error: TradeallocError) -> dict[str, CellValue]:
    """What can be read of the order, and why it wasn't optimised."""
    symbol = _if_readable(blotter.symbol, line)
    return {
        "order_id": _as_it_stands(line["order_id"]),
        "symbol": None if symbol == NO_SYMBOL else symbol,
        "side": _if_readable(blotter.side, line),
        "shares": _if_readable(blotter.shares, line),
        "status": str(error),
    }


def _if_readable(read: Callable[[Mapping[str, Cell]], _Value], line: Mapping[str, Cell]) -> _Value | None:
    try:
        return read(line)
    except InputError:
        return None


def _as_it_stands(cell: Cell) -> CellValue:
    """The value of an input, for a cell of the results; blank where it holds an error."""
    value = cell.value
    return None if isinstance(value, CellError | Missing) or cell.is_blank else value


def _registered(columns: Sequence[Column], rows: Sequence[object]) -> TableColumns:
    """Results by header: the registry's keys are the names of the rows' fields."""
    return {column.header: [getattr(row, column.key) for row in rows] for column in columns}
