"""Columns that a live table gains and loses: what is refused, and how headers and looks are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import Cell, header_key
from tradealloc.workbook.ooxml.addresses import Area
from tradealloc.workbook.ooxml.table_columns import is_users_value, naming

from .live_cells import LiveSheet, rows_of
from .live_guards import described

_FOR_A_MOMENT = "tradealloc {} {}"


def refuse_lost_columns(
    table: str, known: Sequence[str], headers: Iterable[str], body: Iterable[Sequence[Cell]]
) -> None:
    """WorkbookError where a column that isn't among the new headers holds more than an earlier run's numbers."""
    kept = {header_key(header) for header in headers}
    lost = [index for index, header in enumerate(known) if header_key(header) not in kept]
    for row in body:
        for index in lost:
            cell = row[index]
            if cell.is_formula or is_users_value(cell.value):
                raise WorkbookError(
                    f"{cell.where} holds {described(cell)} in column {known[index]} of table {table}, which the run "
                    "replaces: move the column out of the table"
                )


def refuse_named_columns(table: str, moved: Sequence[str], sheets: Iterable[LiveSheet]) -> None:
    """WorkbookError where a formula names a column whose place another takes: Excel would show that one instead."""
    patterns = {header: naming(table, header) for header in moved}
    start = f"{table}[".casefold()
    for sheet in sheets if moved else ():
        used = sheet.used
        for row, formulas in enumerate(rows_of(sheet.range(used).formula), start=used.top):
            for column, formula in enumerate(formulas, start=used.left):
                if not isinstance(formula, str) or formula[:1] != "=" or start not in formula.casefold():
                    continue
                header = next((header for header, pattern in patterns.items() if pattern.search(formula)), None)
                if header is not None:
                    raise WorkbookError(
                        f"{sheet.where(row, column)} refers to {table}[{header}], a column that the run moves or takes "
                        "away: look it up by its header instead"
                    )


def write_headers(sheet: LiveSheet, area: Area, headers: Sequence[str]) -> None:
    """Name a table's columns.

    Excel changes a header that another column has at that moment ("A2"), so all get passing names first.
    """
    known = {header_key(str(cell.value)) for cell in sheet.cells(area)[0]} | {header_key(header) for header in headers}
    for attempt in range(len(known) + 1):
        passing = [_FOR_A_MOMENT.format(attempt, index) for index in range(len(headers))]
        if known.isdisjoint(passing):
            break
    sheet.put(area, [passing])
    sheet.put(area, [list(headers)])


def copy_looks(sheet: LiveSheet, area: Area, right: int) -> None:
    """Give the columns up to `right` the formats and width of the column that the area ends with."""
    source = sheet.range(Area(area.top, area.right, area.bottom, area.right))
    source.autofill(sheet.range(Area(area.top, area.right, area.bottom, right)), "fill_formats")
    width = source.column_width
    if width is not None:
        sheet.range(Area(area.top, area.right + 1, area.top, right)).column_width = width
