"""The verbs on a workbook with one order: the workbook in, the same with results out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..analysis import Comparison, Sensitivity, compare, sensitivity
from ..analysis.comparison import benchmark_rows, optimum_name, schedule_row
from ..errors import InputError
from ..model import Schedule
from ..solve import solve
from ..workbook.book import Book, CellValue
from ..workbook.fields import BY_KEY, OUTPUTS, TBL_COMPARISON, TBL_RUN_LOG, TBL_SCHEDULE, TBL_SENSITIVITY
from ..workbook.fields.intraday import TBL_ALERTS, TBL_PROGRESS
from ..workbook.fields.scenarios import SCENARIO_TABLES, TBL_SCENARIOS
from ..workbook.inputs import OrderSheet
from ..workbook.outputs import TableColumns, comparison_columns, output_values, schedule_columns, sensitivity_columns
from ..workbook.parsing import parse_cell
from ..workbook.renamed import notes_on_checks, notes_on_columns, refuse_renamed
from .blotter import refuse_blotter
from .overrides import Overrides, apply_overrides, parsed_settings
from .post_trade import refuse_post_trade
from .progress import Progress, silent
from .run_log import RunEntry, append_run
from .what_if import WhatIf, explore, write_what_if
from .yesterday import clear_day

RESULTS = (
    *(TBL_SCHEDULE, TBL_COMPARISON, TBL_SENSITIVITY, TBL_RUN_LOG),
    *(name for name in SCENARIO_TABLES if name != TBL_SCENARIOS),
)
"""The tables that a run writes, where they are there."""

REPORT_SIZES = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Order sizes of the report's sensitivity table, relative to the order."""


@dataclass(frozen=True)
class RunResult:
    """What a verb found and wrote.

    Attributes
    ----------
    sheet
        The inputs used.
    schedule, comparison, sensitivity
        The results; sensitivity is None where the workbook has no sizes.
    notes
        What the trader should know: warnings, rows that are missing and why.
    what_if
        Scenarios, trade-offs and values of limits; None where the workbook has no table for them.
    """

    sheet: OrderSheet
    schedule: Schedule
    comparison: Comparison
    sensitivity: Sensitivity | None
    notes: tuple[str, ...] = ()
    what_if: WhatIf | None = None


def optimise(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult:
    """Solve the order in a workbook and write schedule, totals, comparison and sensitivity back.

    The comparison holds the benchmarks and the optimum; `compare_solvers` adds the independent solvers.

    Raises
    ------
    InputError, InfeasibleError, SolverError, WorkbookError
        The book is left with writes that must not be saved.
    """
    return _run("optimise", book, overrides or Overrides(), now, progress or silent, _benchmarks_and_optimum)


def compare_solvers(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult:
    """`optimise`, with the report's rows of solvers that agree in the comparison table."""
    refuse_blotter(book, "compare")
    refuse_post_trade(book, "compare")

    def all_rows(sheet: OrderSheet, schedule: Schedule, say: Progress) -> Comparison:
        return compare(schedule.problem, sheet.nonlinear, progress=say)

    result = _run("compare", book, overrides or Overrides(), now, progress or silent, all_rows)
    return replace(result, notes=(*result.notes, *result.comparison.notes))


def price_sizes(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult:
    """`optimise`, with the sensitivity table priced for the given sizes, the sheet's, or the report's five.

    The report's sizes are 50, 75, 100, 150 and 200 % of the order.
    """
    refuse_blotter(book, "sensitivity")
    refuse_post_trade(book, "sensitivity")
    given = overrides or Overrides()
    if given.sizes is None and not OrderSheet.read(book).order_sizes():
        order = dict(parsed_settings(given.settings)).get("shares") or book.cell(BY_KEY["shares"].name)
        if order is not None and isinstance(size := parse_cell(BY_KEY["shares"], order), float):
            given = replace(given, sizes=[share * size for share in REPORT_SIZES])
    result = _run("sensitivity", book, given, now, progress or silent, _benchmarks_and_optimum)
    if book.table(TBL_SENSITIVITY) is None:
        note = f"the workbook has no table {TBL_SENSITIVITY}: the sizes are shown here only"
        result = replace(result, notes=(*result.notes, note))
    return result


Rows = Callable[[OrderSheet, Schedule, Progress], Comparison]


def _run(
    command: str, book: Book, overrides: Overrides, now: dt.datetime | None, say: Progress, rows: Rows
) -> RunResult:
    say("reading inputs")
    stored = OrderSheet.read(book)
    refuse_renamed(book, (TBL_SCENARIOS,), "its scenarios would go unread")
    refuse_renamed(book, (*RESULTS, TBL_PROGRESS, TBL_ALERTS))
    _refuse_results_on_inputs(book, stored)
    sheet, notes = apply_overrides(book, stored, overrides)
    say("solving")
    schedule = solve(sheet.problem, sheet.text("method"))
    comparison = rows(sheet, schedule, say)
    sizes = sheet.order_sizes()
    priced = sensitivity(sheet.problem, sizes, progress=lambda size: say(f"pricing {size}")) if sizes else None
    explored = explore(book, sheet, say)
    say("writing results")
    if explored is not None:
        write_what_if(book, sheet, explored)
        notes += explored.notes
    _write(book, command, sheet, schedule, comparison, priced, now or dt.datetime.now())
    if command == "optimise":  # the others price the schedule again; the day goes on
        notes = [*notes, *clear_day(book)]
    notes = [*notes, *notes_on_columns(book, RESULTS), *notes_on_checks(book)]
    return RunResult(sheet, schedule, comparison, priced, (*sheet.notes, *notes, *schedule.warnings), explored)


def _refuse_results_on_inputs(book: Book, sheet: OrderSheet) -> None:
    columns = (sheet.sizes, *sheet.columns.values(), *sheet.others.values())
    inputs = {cell.where for cells in (sheet.cells.values(), *columns) for cell in cells}
    for output in OUTPUTS:
        cell = book.cell(output.name)
        if cell is not None and cell.where in inputs:
            raise InputError(f"points to the input in {cell.where}: point it to a cell of its own", where=output.name)


def _benchmarks_and_optimum(_: OrderSheet, schedule: Schedule, say: Progress) -> Comparison:
    say("pricing benchmarks")
    benchmarks = benchmark_rows(schedule.problem, within_limits=False)
    return Comparison((*benchmarks, schedule_row(optimum_name(schedule), schedule)))


def _write(
    book: Book,
    command: str,
    sheet: OrderSheet,
    schedule: Schedule,
    comparison: Comparison,
    priced: Sensitivity | None,
    now: dt.datetime,
) -> None:
    if not book.write_table(TBL_SCHEDULE, schedule_columns(schedule, sheet)):
        raise InputError(
            f"has no table {TBL_SCHEDULE} to hold the schedule: add one with a column Allocation, or use --write-to",
            where=book.label,
        )
    book.write_table(TBL_COMPARISON, comparison_columns(comparison))
    if priced is not None:
        book.write_table(TBL_SENSITIVITY, _new_in(book, sensitivity_columns(priced)))
    values: dict[str, CellValue] = output_values(schedule, sheet, now)
    for output in OUTPUTS:
        book.write_cell(output.name, values[output.key], keep_formula=output.may_be_formula)
    append_run(book, RunEntry.of_order(command, schedule, now))


def _new_in(book: Book, sensitivity: TableColumns) -> TableColumns:
    """The columns to write: the sizes are an input, and stay as they are (formulas too) where all were priced."""
    table = book.table(TBL_SENSITIVITY)
    present = () if table is None else table.columns.get("TotalShares", ())
    if [cell.value for cell in present] != list(sensitivity["TotalShares"]):
        return sensitivity
    return {header: values for header, values in sensitivity.items() if header != "TotalShares"}
