"""Cells of result tables as plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tradealloc.errors import InputError
from tradealloc.workbook.book import Book, Cell, CellError, CellValue, Missing, Table
from tradealloc.workbook.fields import BY_KEY
from tradealloc.workbook.parsing import present_value

RUN_AGAIN = "run again (tradealloc run)"


def required_table(book: Book, name: str) -> Table:
    """The table; InputError where the workbook has none."""
    table = book.table(name)
    if table is None:
        raise InputError(f"has no table {name}: there is no schedule to export", where=book.label)
    return table


def required_column(table: Table, header: str) -> Sequence[Cell]:
    """A column's cells; InputError where the table has none of that header."""
    cells = table.columns.get(header)
    if cells is None:
        raise InputError(f"has no column {header}: add it and {RUN_AGAIN}", where=table.name)
    return cells


def number(cell: Cell) -> float:
    """The number that a result cell must hold; -0 counts as 0."""
    value = optional_number(cell)
    if value is None:
        raise InputError(f"isn't a number: {RUN_AGAIN}", where=cell.where)
    return value


def optional_number(cell: Cell | None) -> float | None:
    """The number in a result cell, None where there is none."""
    value = None if cell is None else present_value(cell)
    return float(value) + 0.0 if isinstance(value, int | float) and not isinstance(value, bool) else None


def optional_text(cell: Cell | None) -> str | None:
    """What stands in a result cell, as text."""
    value = None if cell is None else present_value(cell)
    return None if value is None else label_text(value)


def cell_of(table: Table, header: str, row: int) -> Cell | None:
    """A cell by header and row; None where the table has no such column."""
    cells = table.columns.get(header)
    return None if cells is None else cells[row]


def label_text(label: CellValue) -> str:
    """An interval's label or an order's id as text: 7 rather than 7.0."""
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return label.isoformat() if isinstance(label, dt.date | dt.time) else str(label)


def shown(book: Book, key: str) -> str | None:
    """What an output cell shows; None where it is absent, blank or not calculated."""
    cell = book.cell(BY_KEY[key].name)
    if cell is None or cell.is_blank or isinstance(cell.value, Missing):
        return None
    return cell.value.code if isinstance(cell.value, CellError) else str(cell.value)
