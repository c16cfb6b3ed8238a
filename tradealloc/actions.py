"""The verbs: a workbook in, a workbook with results out. Ribbon and command line call nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .analysis import Comparison, Sensitivity, compare, sensitivity
from .analysis.comparison import benchmark_rows, optimum_name, schedule_row
from .errors import InputError
from .model import Schedule
from .solve import solve
from .workbook.book import Book, Cell, CellValue
from .workbook.fields import BY_KEY, OUTPUTS, TBL_COMPARISON, TBL_INTERVALS, TBL_SCHEDULE, TBL_SENSITIVITY
from .workbook.fields import INTERVAL_COLUMNS as INTERVALS
from .workbook.inputs import OrderSheet
from .workbook.interval_file import read_intervals, replaced_columns
from .workbook.ooxml.addresses import Area, parse_area, split_address
from .workbook.outputs import TableColumns, comparison_columns, output_values, schedule_columns, sensitivity_columns
from .workbook.parsing import find_input, parse_cell, parse_text

Progress = Callable[[str], None]

REPORT_SIZES = (0.5, 0.75, 1.0, 1.5, 2.0)
"""Order sizes of the report's sensitivity table, relative to the order."""


@dataclass(frozen=True)
class Overrides:
    """Inputs given beside the workbook; they are written into it, so that its results belong to what it shows.

    Attributes
    ----------
    settings
        Text by field key, with the way it was given: ``{"participation": ("0.1", "--set participation")}``.
    betas
        CSV file of intervals.
    sizes
        Order sizes for the sensitivity table.
    """

    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    betas: Path | None = None
    sizes: Sequence[float] | None = None


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
    """

    sheet: OrderSheet
    schedule: Schedule
    comparison: Comparison
    sensitivity: Sensitivity | None
    notes: tuple[str, ...] = ()


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
    return _run(book, overrides or Overrides(), now, progress or _silent, _benchmarks_and_optimum)


def compare_solvers(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult:
    """`optimise`, with the report's rows of solvers that agree in the comparison table."""

    def all_rows(sheet: OrderSheet, schedule: Schedule, say: Progress) -> Comparison:
        return compare(schedule.problem, sheet.nonlinear, progress=say)

    result = _run(book, overrides or Overrides(), now, progress or _silent, all_rows)
    return replace(result, notes=(*result.notes, *result.comparison.notes))


def price_sizes(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult:
    """`optimise`, with the sensitivity table priced for the given sizes, the sheet's, or the report's five.

    The report's sizes are 50, 75, 100, 150 and 200 % of the order.
    """
    given = overrides or Overrides()
    if given.sizes is None and not OrderSheet.read(book).order_sizes():
        order = dict(_parsed(given.settings)).get("shares") or book.cell(BY_KEY["shares"].name)
        if order is not None and isinstance(size := parse_cell(BY_KEY["shares"], order), float):
            given = replace(given, sizes=[share * size for share in REPORT_SIZES])
    result = optimise(book, given, now=now, progress=progress)
    if book.table(TBL_SENSITIVITY) is None:
        note = f"the workbook has no table {TBL_SENSITIVITY}: the sizes are shown here only"
        result = replace(result, notes=(*result.notes, note))
    return result


def optimise_ranges(
    book: Book, betas: str, shares: str, target: str, overrides: Overrides | None = None
) -> tuple[Schedule, str]:
    """Optimise any workbook, no names needed: betas and size by address, the allocation written at an address.

    Returns
    -------
    schedule : Schedule
    written : str
        Address of the allocation, which lies as the betas do.
    """
    given = overrides or Overrides()
    if given.betas is not None:
        raise InputError("can't go with --beta-range: give one of the two", where="--beta")
    rows = book.range(betas)
    if len(rows) > 1 and len(rows[0]) > 1:
        raise InputError(f"spans {len(rows)} rows and {len(rows[0])} columns: give one row or one column", where=betas)
    cells = tuple(cell for row in rows for cell in row)
    settings = dict(_parsed(given.settings))
    if "shares" not in settings:
        size = book.range(shares)
        if len(size) != 1 or len(size[0]) != 1:
            raise InputError("is more than one cell: give the one that holds the order size", where=shares)
        settings["shares"] = size[0][0]
    _refuse_overlap(target, len(rows), len(rows[0]), (betas, shares))
    sheet = OrderSheet(book.label, settings, {"beta": cells})
    if sheet.rows != len(cells):
        raise InputError("is blank: give the interval's beta", where=cells[sheet.rows].where)
    schedule = solve(sheet.problem, sheet.text("method"))
    values = schedule.shares.tolist()
    block = [[value] for value in values] if len(rows) > 1 else [values]
    return schedule, book.write_range(target, block)


def _refuse_overlap(target: str, rows: int, columns: int, inputs: Sequence[str]) -> None:
    """Raise where a block of results at an address would replace the inputs it comes from."""
    start = _rectangle(target)
    if start is None:
        return
    sheet, corner = start
    block = Area(corner.top, corner.left, corner.top + rows - 1, corner.left + columns - 1)
    for address in inputs:
        other = _rectangle(address)
        if other is not None and other[0].casefold() == sheet.casefold() and block.overlaps(other[1]):
            raise InputError(
                f"would put the allocation over the inputs in {address}: choose cells beside", where=target
            )


def _rectangle(address: str) -> tuple[str, Area] | None:
    """Sheet and cells of an address; None where the book has yet to say what is wrong with it."""
    parts = split_address(address)
    try:
        return None if parts is None else (parts[0], parse_area(parts[1]))
    except ValueError:
        return None


Rows = Callable[[OrderSheet, Schedule, Progress], Comparison]


def _run(book: Book, overrides: Overrides, now: dt.datetime | None, say: Progress, rows: Rows) -> RunResult:
    say("reading inputs")
    stored = OrderSheet.read(book)
    _refuse_results_on_inputs(book, stored)
    sheet, notes = _with_overrides(book, stored, overrides)
    say("solving")
    schedule = solve(sheet.problem, sheet.text("method"))
    comparison = rows(sheet, schedule, say)
    sizes = sheet.order_sizes()
    priced = sensitivity(sheet.problem, sizes, progress=lambda size: say(f"pricing {size}")) if sizes else None
    say("writing results")
    _write(book, sheet, schedule, comparison, priced, now or dt.datetime.now())
    return RunResult(sheet, schedule, comparison, priced, (*notes, *schedule.warnings))


def _refuse_results_on_inputs(book: Book, sheet: OrderSheet) -> None:
    inputs = {cell.where for cells in (sheet.cells.values(), sheet.sizes, *sheet.columns.values()) for cell in cells}
    for output in OUTPUTS:
        cell = book.cell(output.name)
        if cell is not None and cell.where in inputs:
            raise InputError(f"points to the input in {cell.where}: point it to a cell of its own", where=output.name)


def _benchmarks_and_optimum(_: OrderSheet, schedule: Schedule, say: Progress) -> Comparison:
    say("pricing benchmarks")
    benchmarks = benchmark_rows(schedule.problem, within_limits=False)
    return Comparison((*benchmarks, schedule_row(optimum_name(schedule), schedule)))


def _with_overrides(book: Book, sheet: OrderSheet, overrides: Overrides) -> tuple[OrderSheet, list[str]]:
    notes = []
    given = dict(_parsed(overrides.settings))
    for key, cell in given.items():
        present = sheet.cells.get(key)
        if present is None:
            notes.append(f"the workbook has no name {BY_KEY[key].name}: {cell.where} counts for this run only")
        elif present.is_formula:
            raise InputError(
                f"holds a formula, which {cell.where} would overwrite: type a value there or leave the option out",
                where=present.where,
            )
        else:
            book.write_cell(BY_KEY[key].name, cell.value)
    sheet = sheet.with_cells(given)
    if overrides.betas is not None:
        read = read_intervals(overrides.betas)
        columns = replaced_columns(sheet, read, overrides.betas.name)
        notes += _missing_columns(book, columns, overrides.betas.name)
        resized = len(columns["beta"]) != len(sheet.columns["beta"])
        written = columns if resized else read  # what the file lacks isn't touched, so it may hold formulas
        headers = {column.key: column.header for column in INTERVALS}
        book.write_table(TBL_INTERVALS, {headers[key]: [c.value for c in cells] for key, cells in written.items()})
        sheet = sheet.with_columns(columns)
    if overrides.sizes is not None:
        sheet = sheet.with_sizes([Cell(float(size), "--sizes") for size in overrides.sizes])
    return sheet, notes


def _missing_columns(book: Book, columns: Mapping[str, tuple[Cell, ...]], source: str) -> list[str]:
    table = book.table(TBL_INTERVALS)
    absent = [c.header for c in INTERVALS if c.key in columns and (table is None or c.header not in table.columns)]
    return [f"{TBL_INTERVALS} has no column {header}: that of {source} counts for this run only" for header in absent]


def _parsed(settings: Mapping[str, tuple[str, str]]) -> list[tuple[str, Cell]]:
    cells = []
    for key, (text, where) in settings.items():
        known = find_input(key)
        value = parse_cell(known, Cell(parse_text(known, text, where), where))
        cells.append((known.key, Cell(value, where)))
    return cells


def _write(
    book: Book,
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


def _new_in(book: Book, sensitivity: TableColumns) -> TableColumns:
    """The columns to write: the sizes are an input, and stay as they are (formulas too) where all were priced."""
    table = book.table(TBL_SENSITIVITY)
    present = () if table is None else table.columns.get("TotalShares", ())
    if [cell.value for cell in present] != list(sensitivity["TotalShares"]):
        return sensitivity
    return {header: values for header, values in sensitivity.items() if header != "TotalShares"}


def _silent(_: str) -> None:
    """No progress wanted."""
