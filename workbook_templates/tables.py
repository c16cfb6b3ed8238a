"""Tables of the registry on sheets: headers, units, formats and validations come from their columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit import HEADER_ROW, NAVY, NUMBER_FORMATS, UNIT_ROW, Kit, Sheet, validation

from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import INPUT_COLUMNS, TABLES, Column, Kind

CENTRED = ("interval", "start", "window_start", "window_end", "side")
SENTENCES = ("alert",)
"""Columns of whole sentences, which shrink to fit: rows of tables don't grow higher in every program."""


@dataclass(frozen=True)
class Body:
    """Where a table's rows stand, without its headers; rows and columns count from 0."""

    name: str
    columns: tuple[Column, ...]
    top: int
    left: int
    bottom: int
    right: int

    def column(self, header: str) -> int:
        """The sheet column under that header."""
        return self.left + [column.header for column in self.columns].index(header)


def is_input(table: str, column: Column) -> bool:
    """Whether the user fills the column."""
    return (table, column) in INPUT_COLUMNS


def number_format(column: Column) -> str:
    """The key of the column's number format."""
    if column.kind is Kind.TIME:
        return "time"
    return column.unit if column.unit in NUMBER_FORMATS else "plain"


def alignment(column: Column) -> str:
    """Times and labels in the middle, text left, numbers right."""
    if column.key in CENTRED:
        return "center"
    return "left" if column.kind in (Kind.TEXT, Kind.CHOICE) else "right"


def cell_format(kit: Kit, table: str, column: Column, shown: str = "", *, fit: bool = False) -> Any:
    """Input or output look of a column's cells; `shown` is another number format than the unit's."""
    look = kit.input if is_input(table, column) else kit.output
    fitted = {"shrink": True, "font_size": 9} if column.key in SENTENCES else {"shrink": True} if fit else {}
    return look(shown or number_format(column), align=alignment(column), **fitted)


def write_table(
    kit: Kit,
    sheet: Sheet,
    table: str,
    rows: int,
    values: Mapping[str, Sequence[CellValue]] | None = None,
    *,
    row: int = HEADER_ROW,
    left: int = 1,
    columns: Sequence[Column] | None = None,
    looks: Mapping[str, str] | None = None,
    fit: Collection[str] = (),
) -> Body:
    """A table with the units above its headers (at `row`, from `left`), its values, and validations of its inputs.

    `columns` are the registry's unless given (tables with one column an order or scenario add theirs);
    `looks` gives number formats by header where the unit's doesn't do; what is under the headers in `fit` shrinks
    where it is longer than the column is wide.
    """
    shown = tuple(TABLES[table] if columns is None else columns)
    formats = [
        cell_format(kit, table, column, (looks or {}).get(column.header, ""), fit=column.header in fit)
        for column in shown
    ]
    first, left, last, right = kit.table(sheet, table, shown, rows, formats, row, left)
    kit.units(sheet, row - 1, left, shown)
    for offset, column in enumerate(shown):
        for down, value in enumerate((values or {}).get(column.header, ())):
            if value is not None:
                sheet.page.write(first + down, left + offset, value, formats[offset])
        rule = validation(column) if is_input(table, column) else None
        if rule:
            sheet.page.data_validation(first, left + offset, last, left + offset, rule)
    return Body(table, shown, first, left, last, right)


def write_titled_table(
    kit: Kit,
    sheet: Sheet,
    table: str,
    rows: int,
    title: str,
    values: Mapping[str, Sequence[CellValue]] | None = None,
    *,
    row: int,
    left: int = 1,
    columns: Sequence[Column] | None = None,
    looks: Mapping[str, str] | None = None,
) -> Body:
    """`write_table`, with a title two rows above the headers: for sheets with several tables."""
    sheet.page.write(row - 2, left, title, kit.style(bold=True, font_size=11, font_color=NAVY))
    return write_table(kit, sheet, table, rows, values, row=row, left=left, columns=columns, looks=looks)


def finish_table_sheet(sheet: Sheet, body: Body, frozen_columns: int = 3) -> None:
    """Headers stay on the screen and on every page; the pages hold the table and nothing beside it."""
    sheet.page.freeze_panes(HEADER_ROW + 1, frozen_columns)
    sheet.page.repeat_rows(UNIT_ROW, HEADER_ROW)
    sheet.page.print_area(0, 0, body.bottom, body.right)
