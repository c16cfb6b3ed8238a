"""A new schedule ends the plan that was in force: the day's tables are emptied, the fills stay."""

from __future__ import annotations

from ..workbook.book import Book, CellValue, Table
from ..workbook.fields.intraday import TBL_ALERTS, TBL_FILLS, TBL_PROGRESS


def clear_day(book: Book) -> tuple[str, ...]:
    """Empty tblProgress and tblAlerts where they hold something; what the trader should know of it.

    The fills are the desk's: they are never deleted, only spoken of.
    """
    notes = []
    had_plan = _filled_rows(book.table(TBL_PROGRESS)) > 0
    for name in (TBL_PROGRESS, TBL_ALERTS):
        table = book.table(name)
        if table is not None and _filled_rows(table):
            blank: dict[str, list[CellValue]] = {header: [None] for header in table.columns}
            book.write_table(name, blank)
    if had_plan:
        notes.append(f"the plan in {TBL_PROGRESS} was that of the schedule before: it is cleared")
    fills = _filled_rows(book.table(TBL_FILLS))
    if fills:
        notes.append(
            f"the table {TBL_FILLS} holds {fills:,} fill{'s' * (fills > 1)}: clear them if they are of another day; "
            "if they are of today, re-optimise to plan what remains"
        )
    return tuple(notes)


def _filled_rows(table: Table | None) -> int:
    if table is None:
        return 0
    return sum(any(not cells[row].is_blank for cells in table.columns.values()) for row in range(table.rows))
