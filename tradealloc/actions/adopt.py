"""Making a desk's own workbook run like a template: the desk's cells stay the source of the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import InputError
from ..templates import template_path
from ..workbook.book import Book, Cell, CellValue
from ..workbook.fields import (
    BY_KEY,
    INPUTS,
    INTERVAL_COLUMNS,
    ORDER_TABLES,
    SCHEDULE_COLUMNS,
    TBL_INTERVALS,
    TBL_SCHEDULE,
    TBL_SENSITIVITY,
    Column,
    Field,
)
from ..workbook.inputs import BLANK_MEANS, OrderSheet
from ..workbook.ooxml.graft import Link
from ..workbook.parsing import parse_cell
from ..workbook.xlsx_book import XlsxBook
from .order import REPORT_SIZES

TEMPLATE = "daily_schedule"
SHEETS = ("Order", "Intervals", "Schedule", "Comparison", "Intraday", "Run log", "Checks")
_WORDING = {
    "Figures and prices are an example.": "White cells follow sheets of your own.",
    "Example value. ": "",
}
_COLUMNS = {column.key: column for column in INTERVAL_COLUMNS}

ADOPTABLE: tuple[Field | Column, ...] = (
    *(field for field in INPUTS if field.key != "contract_version"),
    *INTERVAL_COLUMNS,
)
"""What can be taken from cells of the desk's."""


@dataclass(frozen=True)
class Adopted:
    """What was adopted.

    Attributes
    ----------
    intervals
        Number of intervals.
    sheets
        The new sheets, as they are called in the workbook.
    """

    intervals: int
    sheets: tuple[str, ...]


@dataclass(frozen=True)
class Adoptable:
    """The desk's cells that are taken over.

    Attributes
    ----------
    columns, cells
        By the key of the intervals' column, and of the input.
    intervals
        Number of intervals.
    shares
        Order size.
    """

    columns: Mapping[str, tuple[Cell, ...]]
    cells: Mapping[str, Cell]
    intervals: int
    shares: float


def check_places(book: Book, places: Mapping[str, str]) -> Adoptable:
    """Read the desk's cells as `adopt` will, and change nothing.

    Parameters
    ----------
    book
        The desk's workbook, in a file or open in Excel.
    places
        As for `adopt`.

    Raises
    ------
    InputError
        As for `adopt`.
    """
    refuse_adopted(book)
    for key in ("beta", "shares"):
        if key not in places:
            raise InputError("is missing: say where the betas and the order size are", where=_option(key))
    columns = {key: _read_column(book, column, places[key]) for key, column in _COLUMNS.items() if key in places}
    cells = {field.key: _read_cell(book, field, places[field.key]) for field in INPUTS if field.key in places}
    _refuse_unequal(columns, places)
    if "participation" in cells and not cells["participation"].is_blank and "volume" not in columns:
        raise InputError("needs volumes: say where they are with --volume", where=_option("participation"))
    order = OrderSheet(book.label, cells, columns).problem
    return Adoptable(columns, cells, order.intervals, order.shares)


def adopt(book: XlsxBook, places: Mapping[str, str]) -> Adopted:
    """Add the contract's names, tables and sheets to a workbook, and let its inputs follow the desk's own cells.

    The sheets of the daily schedule are added at the end. Inputs that were given a place become formulas that repeat
    the desk's cells; all others are blank, which is their default.

    Parameters
    ----------
    book
        The desk's workbook; not saved here.
    places
        Addresses by the key of the input or of the intervals' column: ``{"beta": "Day!C2:C391", "shares": "Day!B1"}``.

    Raises
    ------
    InputError
        A place isn't there, holds something that can't be used, or is of another length than the betas;
        or the workbook is adopted already, or has something of its own under one of its names.
    WorkbookError
        The workbook has something under a name that the new sheets need.
    """
    found = check_places(book, places)
    sheets = book.graft(template_path(TEMPLATE), SHEETS, _WORDING)
    _write_inputs(book, found.cells)
    _write_intervals(book, found.columns, found.intervals)
    book.write_table(TBL_SENSITIVITY, {"TotalShares": [share * found.shares for share in REPORT_SIZES]})
    return Adopted(found.intervals, tuple(sheets.values()))


def refuse_adopted(book: Book) -> None:
    """Raise where a workbook has names or tables of the contract already."""
    found = [name for name in (BY_KEY["shares"].name, *ORDER_TABLES) if _has(book, name)]
    if {BY_KEY["shares"].name, TBL_INTERVALS} <= set(found):
        raise InputError(
            f"has {found[0]} already, so it runs as it is: tradealloc run {book.label}",
            where=book.label,
        )
    if found:
        what = "name" if found[0] == BY_KEY["shares"].name else "table"
        raise InputError(
            f"has a {what} {found[0]} of its own, which the new sheets need: rename it in Excel and adopt again",
            where=book.label,
        )


def _has(book: Book, name: str) -> bool:
    return book.table(name) is not None if name in ORDER_TABLES else book.cell(name) is not None


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _read_cell(book: Book, field: Field, address: str) -> Cell:
    cells = _cells(book, field.key, address)
    if len(cells) != 1:
        raise InputError("is more than one cell: give one cell", where=f"{_option(field.key)} {address}")
    if parse_cell(field, cells[0]) is None and field.required:
        raise InputError(f"is blank: give the {field.label.lower()}", where=cells[0].where)
    return cells[0]


def _read_column(book: Book, column: Column, address: str) -> tuple[Cell, ...]:
    cells = _cells(book, column.key, address)
    for cell in cells:
        if parse_cell(column, cell) is None and column.key not in BLANK_MEANS:
            raise InputError(f"is blank: give the interval's {column.header}", where=cell.where)
    return cells


def _cells(book: Book, key: str, address: str) -> tuple[Cell, ...]:
    try:
        rows = book.range(address)
    except InputError as error:
        raise error.at(f"{_option(key)} {error.where}") from None
    if len(rows) > 1 and len(rows[0]) > 1:
        size = f"spans {len(rows)} rows and {len(rows[0])} columns"
        raise InputError(f"{size}: give one row or one column", where=f"{_option(key)} {address}")
    return tuple(cell for row in rows for cell in row)


def _refuse_unequal(columns: Mapping[str, Sequence[Cell]], places: Mapping[str, str]) -> None:
    betas = len(columns["beta"])
    for key, cells in columns.items():
        if len(cells) != betas:
            raise InputError(
                f"has {len(cells):,} cells and the betas in {places['beta']} have {betas:,}: give ranges of one length",
                where=f"{_option(key)} {places[key]}",
            )


def _write_inputs(book: XlsxBook, cells: Mapping[str, Cell]) -> None:
    for field in INPUTS:
        if field.key in cells:
            book.link_cell(field.name, _link(cells[field.key], is_required=field.required))
        elif field.key != "contract_version":
            book.write_cell(field.name, None)


def _write_intervals(book: XlsxBook, columns: Mapping[str, Sequence[Cell]], intervals: int) -> None:
    """Rows for the intervals; the schedule gets as many, for the charts that show both."""
    blank: list[CellValue] = [None] * intervals
    rows = {column.header: blank for column in INTERVAL_COLUMNS}
    rows[_COLUMNS["interval"].header] = list(range(1, intervals + 1))
    book.write_table(TBL_INTERVALS, rows)
    book.write_table(TBL_SCHEDULE, {column.header: blank for column in SCHEDULE_COLUMNS})
    for key, cells in columns.items():
        column = _COLUMNS[key]
        is_required = key not in BLANK_MEANS
        book.link_column(TBL_INTERVALS, column.header, [_link(cell, is_required=is_required) for cell in cells])


def _link(cell: Cell, *, is_required: bool) -> Link:
    """The formula that repeats a cell; a bare reference to a blank one would give 0, not a blank."""
    if is_required:
        return Link(cell.where, cell.value)
    return Link(f'IF({cell.where}="","",{cell.where})', "" if cell.is_blank else cell.value)
