"""Rows that the eye takes otherwise than a run does: pasted right below a table, or hidden in it."""

from __future__ import annotations

from collections.abc import Iterable

from .book import Book, Cell, CellValue, Table, header_key
from .ooxml.addresses import MAX_ROW, Area, parse_area, place, split_address

ROW = 2
"""Filled cells that make a row."""

SHOWN = 40
"""Characters of a text that a note shows."""


def notes_below(book: Book, table: Table, headers: Iterable[str], words: Iterable[str] = ()) -> tuple[str, ...]:
    """A note where the table goes on below its last row: programs other than Excel paste so.

    Parameters
    ----------
    book
        The workbook.
    table
        The table, its rows up to its last row.
    headers
        The columns whose numbers count.
    words
        The columns of which two that are filled make a row: one alone may be a remark.
    """
    parts = split_address(table.where)
    if parts is None:
        return ()
    sheet, area = parts[0], parse_area(parts[1])
    if area.bottom >= MAX_ROW:
        return ()
    (below,) = book.range(place(sheet, Area(area.bottom + 1, area.left, area.bottom + 1, area.right)))
    typed = {
        header_key(header): cell
        for header, cell in zip(table.columns, below, strict=False)
        if not cell.is_blank and not cell.is_formula
    }
    numbers = [typed[key] for key in map(header_key, headers) if isinstance(_value(typed.get(key)), int | float)]
    filled = [typed[key] for key in map(header_key, words) if key in typed]
    if not numbers and len(filled) < ROW:
        return ()
    what, cell = ("a number", numbers[0]) if numbers else (f"{str(filled[0].value)[:SHOWN]!r}", filled[0])
    return (
        f"{cell.where} holds {what} right below {table.name}, which ends above it: "
        "it doesn't count; drag the table's corner over it, or clear it",
    )


def notes_hidden(table: Table) -> tuple[str, ...]:
    """A note where rows of an input table are hidden: they count all the same."""
    if not table.has_hidden_rows:
        return ()
    return (f"{table.name} hides rows (hidden or filtered): they count like the others",)


def _value(cell: Cell | None) -> CellValue:
    return None if cell is None else cell.value
