"""The schedules that a blotter holds, as child orders: one column an order becomes one row an interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import accumulate

import numpy as np

from tradealloc.batch import BatchOrder
from tradealloc.batch.orders import NO_SYMBOL
from tradealloc.errors import InputError
from tradealloc.model.arrays import Floats
from tradealloc.units import to_currency
from tradealloc.workbook.blotter_outputs import OK
from tradealloc.workbook.blotter_sheet import Blotter
from tradealloc.workbook.book import Book, Cell, Table, header_key
from tradealloc.workbook.fields import BY_KEY
from tradealloc.workbook.fields.blotter import ORDER_COLUMNS, TBL_ORDER_RESULTS, TBL_SCHEDULES
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.outputs import keeps_limits
from tradealloc.workbook.parsing import parse_cell
from tradealloc.workbook.session import Moment

from .cells import RUN_AGAIN, number, optional_text, required_column, required_table
from .child import ChildOrder
from .run import Run, current_run
from .times import Span, spans

_WINDOW_END = next(column for column in ORDER_COLUMNS if column.key == "window_end")


def stored_orders(book: Book, day: dt.date | None = None) -> tuple[list[ChildOrder], list[str]]:
    """Every interval of every optimised order, order by order.

    Returns
    -------
    children : list of ChildOrder
    notes : list of str
        Orders that have no schedule, and why.

    Raises
    ------
    InputError
        The workbook has no run, its inputs changed since, its checks fail (but for orders that have no schedule), or
        a schedule isn't what a run leaves.
    """
    blotter = Blotter.read(book)
    settings = OrderSheet(book.label, blotter.cells, {})
    settings.check_supported()
    statuses = _statuses(required_table(book, TBL_ORDER_RESULTS))
    missing = {
        name: (line["order_id"].where, statuses.get(header_key(name)) or "it has no result")
        for name, line in _named(blotter)
        if statuses.get(header_key(name)) != OK
    }
    run = current_run(book, settings, blotter.fingerprint, heed_checks=not missing)
    schedules = required_table(book, TBL_SCHEDULES)
    children: list[ChildOrder] = []
    for name, line in _named(blotter):
        if name not in missing:
            children += _children(blotter.order(line), _window_end(line, settings), schedules, run, day)
    if not children:
        raise InputError("has no order with a schedule: see its column Status", where=TBL_ORDER_RESULTS)
    return children, [f"order {name} ({where}) is left out: {why}" for name, (where, why) in missing.items()]


def _named(blotter: Blotter) -> list[tuple[str, Mapping[str, Cell]]]:
    """The rows of the blotter by their order's id; ids that can't be read go by their cell."""
    return [(_name(line["order_id"]), line) for line in blotter.lines]


def _name(cell: Cell) -> str:
    try:
        return (optional_text(cell) or "").strip() or cell.where
    except InputError:
        return cell.where


def _statuses(results: Table) -> dict[str, str | None]:
    names, statuses = required_column(results, "OrderId"), required_column(results, "Status")
    return {
        header_key(name.strip()): optional_text(status)
        for cell, status in zip(names, statuses, strict=True)
        if (name := optional_text(cell)) is not None
    }


def _window_end(line: Mapping[str, Cell], settings: OrderSheet) -> dt.time | None:
    """The end of the order's window: its own, or the workbook's."""
    cell = line.get(_WINDOW_END.key)
    own = None if cell is None else parse_cell(_WINDOW_END, cell)
    end = settings.setting(BY_KEY["window_end"].key) if own is None else own
    return end if isinstance(end, dt.time) else None


def _children(
    order: BatchOrder, window_end: dt.time | None, schedules: Table, run: Run, day: dt.date | None
) -> list[ChildOrder]:
    cells = required_column(schedules, order.order_id)
    rows = [row for row, cell in enumerate(cells) if not cell.is_blank]
    shares = np.array([number(cells[row]) for row in rows])
    problem = order.problem
    if len(rows) != problem.intervals or not keeps_limits(problem, shares):
        raise InputError(
            f"doesn't trade the order's {problem.shares:g} shares within its limits, as a run leaves it: {RUN_AGAIN}",
            where=f"{schedules.name}[{order.order_id}]",
        )
    factor = to_currency(1.0, problem.unit, problem.arrival_price)
    impacts, costs = problem.impact.slippage(shares).tolist(), problem.impact.cost(shares).tolist()
    volumes = _volumes(order)
    labels = schedules.columns.get("Interval")
    traded: list[float] = shares.tolist()
    return [
        ChildOrder(
            order_id=order.order_id,
            symbol=None if order.symbol == NO_SYMBOL else order.symbol,
            side=order.side,
            interval=row + 1,
            label=(None if labels is None else optional_text(labels[row])) or str(row + 1),
            date=span.date,
            start=span.start,
            end=span.end,
            end_day=span.end_day,
            shares=traded[t],
            cumulative=total,
            participation=None if volumes is None or not volumes[t] else traded[t] / float(volumes[t]),
            impact=impacts[t] if traded[t] else None,
            cost=None if factor is None else costs[t] * factor,
            binding=None,
            order_shares=problem.shares,
            arrival_price=problem.arrival_price,
            impact_unit=run.impact_unit,
            run_at=run.run_at,
            fingerprint=run.fingerprint,
            contract_version=run.contract_version,
        )
        for t, (row, span, total) in enumerate(
            zip(rows, _spans(order, window_end, day), accumulate(traded), strict=True)
        )
    ]


def _spans(order: BatchOrder, window_end: dt.time | None, day: dt.date | None) -> list[Span]:
    starts: Sequence[Moment | None] = [None] * order.problem.intervals
    if order.starts is not None:
        starts = [Moment.after(start) for start in order.starts]
    return spans(starts, window_end, day)


def _volumes(order: BatchOrder) -> Floats | None:
    volume = order.problem.limits.volume
    if volume is None:
        return None
    return np.broadcast_to(np.asarray(volume, dtype=np.float64), order.problem.intervals)
