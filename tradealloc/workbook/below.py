"""What stands right below a table: rows that were pasted there and that the table doesn't hold."""

from __future__ import annotations

from collections.abc import Iterable

from .book import Book, Table, header_key
from .ooxml.addresses import MAX_ROW, Area, parse_area, place, split_address


def notes_below(book: Book, table: Table, headers: Iterable[str]) -> tuple[str, ...]:
    """A note where one of the columns goes on with a number below the table: programs other than Excel paste so.

    Parameters
    ----------
    book
        The workbook.
    table
        The table, its rows up to its last row.
    headers
        The columns whose numbers count.
    """
    parts = split_address(table.where)
    if parts is None:
        return ()
    sheet, area = parts[0], parse_area(parts[1])
    if area.bottom >= MAX_ROW:
        return ()
    (below,) = book.range(place(sheet, Area(area.bottom + 1, area.left, area.bottom + 1, area.right)))
    wanted = {header_key(header) for header in headers}
    for header, cell in zip(table.columns, below, strict=False):
        value = cell.value
        if header_key(header) in wanted and isinstance(value, int | float) and not cell.is_formula:
            return (
                f"{cell.where} holds a number right below {table.name}, which ends above it: "
                "it doesn't count; drag the table's corner over it, or clear it",
            )
    return ()
