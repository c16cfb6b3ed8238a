"""The verb on a blotter: many orders in, one schedule each and the totals out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..batch import Batch, Crowding, SolvedOrder, solve_order
from ..errors import InfeasibleError, InputError, TradeallocError
from ..workbook.blotter_outputs import (
    OK,
    Outcome,
    blotter_values,
    by_symbol_columns,
    by_time_columns,
    order_result_columns,
    schedules_columns,
)
from ..workbook.blotter_sheet import Blotter
from ..workbook.book import Book, Cell
from ..workbook.fields import OUTPUTS, TBL_INTERVALS, TBL_RUN_LOG
from ..workbook.fields.blotter import (
    TBL_BY_SYMBOL,
    TBL_BY_TIME,
    TBL_ORDER_RESULTS,
    TBL_ORDERS,
    TBL_PROFILES,
    TBL_SCHEDULES,
)
from ..workbook.inputs import OrderSheet
from ..workbook.renamed import notes_on_checks, notes_on_columns, refuse_renamed
from ..workbook.session import Moment
from .notes import first_notes
from .overrides import Overrides, apply_overrides
from .progress import Progress, silent
from .run_log import RunEntry, append_run

RESULTS = (TBL_ORDER_RESULTS, TBL_SCHEDULES, TBL_BY_SYMBOL, TBL_BY_TIME, TBL_RUN_LOG)
"""The tables that a run writes, where they are there."""

ORDERS_PER_STEP = 20
"""Orders between two words of progress: Excel's status bar is slow."""


@dataclass(frozen=True)
class BlotterResult:
    """What a run of a blotter found and wrote.

    Attributes
    ----------
    blotter
        The inputs used.
    batch
        The orders that were solved, with their totals.
    outcomes
        One per order of the blotter, in its order: the order solved, or why it wasn't.
    notes
        What the trader should know.
    """

    blotter: Blotter
    batch: Batch
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[TradeallocError, ...]:
        """Why orders weren't solved."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, TradeallocError))

    @property
    def exit_status(self) -> int:
        """0 where all orders were solved; 2 where one is wrong; 3 where all that failed are infeasible."""
        return min((error.exit_status for error in self.failed), default=0)


def is_blotter(book: Book) -> bool:
    """Whether the workbook holds many orders rather than one; one that lost its orders is a blotter still."""
    if book.table(TBL_INTERVALS) is not None:
        return False
    return book.table(TBL_ORDERS) is not None or all(book.table(name) for name in (TBL_PROFILES, TBL_SCHEDULES))


def refuse_blotter(book: Book, verb: str) -> None:
    """Raise where a verb for one order meets a blotter."""
    if is_blotter(book):
        raise InputError(f"holds many orders ({TBL_ORDERS}): {verb} takes a workbook with one", where=book.label)


def optimise_blotter(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> BlotterResult:
    """Solve the orders of a blotter and write schedules, results by order, and totals by symbol and by time.

    An order that is wrong or infeasible says so in its Status; the others run.

    Raises
    ------
    TradeallocError
        No order could be solved (the sentence of the first), or the workbook as a whole can't be used; the book is
        left with writes that must not be saved.
    """
    say = progress or silent
    say("reading orders and profiles")
    refuse_renamed(book, RESULTS)
    blotter = Blotter.read(book)
    blotter, notes = _with_overrides(book, blotter, overrides or Overrides())
    outcomes = _solved(blotter, say)
    batch = Batch(tuple(outcome for outcome in outcomes if isinstance(outcome, SolvedOrder)))
    if not batch.solved:
        raise _none_solved(blotter, outcomes)
    say("writing results")
    _write(book, blotter, batch, outcomes, now or dt.datetime.now())
    notes = [
        *blotter.notes,
        *notes,
        *_notes(blotter, batch, outcomes),
        *notes_on_columns(book, RESULTS),
        *notes_on_checks(book),
    ]
    return BlotterResult(blotter, batch, outcomes, tuple(notes))


def _with_overrides(book: Book, blotter: Blotter, overrides: Overrides) -> tuple[Blotter, list[str]]:
    """The blotter under the settings given; they count for the rows that leave them blank."""
    if overrides.betas is not None:
        raise InputError("goes with one order: a blotter's betas are in tblProfiles", where="--beta")
    for key, (_, where) in overrides.settings.items():
        if key == "shares":
            raise InputError(f"goes with one order: a blotter's sizes are in {TBL_ORDERS}", where=where)
    inputs = {cell.where for cells in (blotter.cells.values(), *blotter.columns.values()) for cell in cells}
    for output in OUTPUTS:
        cell = book.cell(output.name)
        if cell is not None and cell.where in inputs:
            raise InputError(f"points to the input in {cell.where}: point it to a cell of its own", where=output.name)
    sheet, notes = apply_overrides(book, OrderSheet(book.label, blotter.cells, {}), overrides)
    return blotter.with_cells(sheet.cells), notes


def _solved(blotter: Blotter, say: Progress) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    orders = len(blotter.lines)
    for done, line in enumerate(blotter.lines):
        if done % ORDERS_PER_STEP == 0:
            say(f"solving order {done + 1} of {orders}")
        try:
            outcomes.append(solve_order(blotter.order(line)))
        except TradeallocError as error:
            outcomes.append(error)
    return tuple(outcomes)


def _none_solved(blotter: Blotter, outcomes: Sequence[Outcome]) -> TradeallocError:
    """The error of a run in which every order failed: the first order's, with the number of the others."""
    first = outcomes[0]
    assert isinstance(first, TradeallocError)
    others = len(outcomes) - 1
    rest = f" (nothing is written: {_counted(others, 'more order')} can't be solved either)" if others else ""
    sentence = _sentence(blotter.lines[0], first) + rest
    if isinstance(first, InfeasibleError):
        return InfeasibleError(sentence, limits=first.limits, short=first.short)
    return InputError(sentence)


def _sentence(line: Mapping[str, Cell], error: TradeallocError) -> str:
    """The error with the order's id, where it doesn't name the cell itself."""
    return str(error) if isinstance(error, InputError) else f"order {line['order_id'].value}: {error}"


def _write(book: Book, blotter: Blotter, batch: Batch, outcomes: Sequence[Outcome], now: dt.datetime) -> None:
    if not book.write_table(TBL_SCHEDULES, schedules_columns(batch), reshape=True):
        raise InputError(f"has no table {TBL_SCHEDULES} to hold the schedules: add one", where=book.label)
    if not book.write_table(TBL_ORDER_RESULTS, order_result_columns(blotter, outcomes)):
        raise InputError(f"has no table {TBL_ORDER_RESULTS} to hold the results: add one", where=book.label)
    book.write_table(TBL_BY_SYMBOL, by_symbol_columns(batch))
    book.write_table(TBL_BY_TIME, by_time_columns(batch))
    values = blotter_values(blotter, batch, outcomes, now)
    for output in OUTPUTS:
        book.write_cell(output.name, values[output.key], keep_formula=output.may_be_formula)
    append_run(book, _entry(batch, outcomes, now))


def _entry(batch: Batch, outcomes: Sequence[Outcome], now: dt.datetime) -> RunEntry:
    totals = batch.totals
    failed = len(outcomes) - totals.orders
    methods = sorted({one.schedule.method for one in batch.solved})
    return RunEntry(
        run_at=now,
        command="optimise",
        method=", ".join(methods),
        orders=totals.orders,
        shares=totals.shares,
        total_impact=None,
        total_impact_bps=totals.impact_bps,
        total_cost=totals.total_cost,
        improvement=totals.improvement,
        kkt_residual=totals.kkt_residual,
        duality_gap=totals.duality_gap,
        result=f"{_counted(failed, 'order')} not optimised" if failed else OK,
    )


def _notes(blotter: Blotter, batch: Batch, outcomes: Sequence[Outcome]) -> list[str]:
    failed = Counter(
        _sentence(line, outcome)
        for line, outcome in zip(blotter.lines, outcomes, strict=True)
        if isinstance(outcome, TradeallocError)
    )
    notes = []
    if failed:
        notes.append(f"{failed.total()} of {_counted(len(outcomes), 'order')} not optimised, see Status")
        notes += first_notes([text if count == 1 else f"{text} ({count} orders)" for text, count in failed.items()])
    notes += [f"{one.order.order_id}: {text}" for one in batch.solved for text in one.schedule.warnings]
    notes += first_notes([_crowding(crowding) for crowding in batch.crowded])
    totals = batch.totals
    unpriced = totals.orders - totals.priced_orders
    if unpriced:
        costs = "its cost is" if unpriced == 1 else "their costs are"
        also = "" if totals.total_cost == totals.priced_cost else f"; {costs} in the total cost all the same"
        notes.append(f"{_counted(unpriced, 'order')} without arrival price: not in notional and bps{also}")
    return notes


def _crowding(crowding: Crowding) -> str:
    at = f"interval {crowding.interval}"
    if crowding.start is not None:
        at = f"{Moment.after(crowding.start).time:%H:%M}"
    return (
        f"orders in {crowding.symbol} together trade {crowding.participation:.1%} of the volume at {at}, above the cap "
        f"of {crowding.cap:.1%} that each keeps alone; each is priced as if it were alone"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
