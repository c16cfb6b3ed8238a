"""What becomes of a table that is given new rows: planned and checked before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from openpyxl.formula.translate import Translator

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import CellValue, header_key
from tradealloc.workbook.ooxml.addresses import MAX_COLUMN, MAX_ROW, Area, cell_name, column_letters, place, runs
from tradealloc.workbook.ooxml.cells import Grid, has_formula
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.follow import Resize
from tradealloc.workbook.ooxml.guards import refuse_formulas, refuse_obstacles
from tradealloc.workbook.ooxml.namespaces import FORMULA
from tradealloc.workbook.ooxml.table_columns import has_headers, headers_after, refuse_lost_columns
from tradealloc.workbook.ooxml.tables import TablePart


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows to write, and what becomes of the table."""

    table: TablePart
    resize: Resize
    given: Mapping[int, Sequence[CellValue]]
    """Values by sheet column."""
    filled_down: Mapping[int, list[str]] = field(default_factory=dict)
    """Formulas of the new rows by sheet column."""
    headers: tuple[str, ...] | None = None
    """All headers of the reshaped table; None where its columns stay."""

    @property
    def grown(self) -> range:
        return range(self.resize.old_last + 1, self.resize.new_last + 1)

    @property
    def dropped(self) -> range:
        return range(self.resize.new_last + 1, self.resize.old_last + 1)

    @property
    def gained_columns(self) -> range:
        return range(self.resize.right + 1, self.resize.right_after + 1)

    @property
    def lost_columns(self) -> range:
        return range(self.resize.right_after + 1, self.resize.right + 1)

    @property
    def area_after(self) -> Area:
        """The whole table once the plan is carried out."""
        old, resize = self.table.area, self.resize
        return Area(old.top, old.left, resize.new_last + self.table.totals_rows, resize.right_after)

    @property
    def gained(self) -> list[Area]:
        """Cells that the table doesn't cover yet: below it, then to its right."""
        old, new = self.table.area, self.area_after
        below = Area(old.bottom + 1, old.left, new.bottom, min(old.right, new.right))
        right = Area(old.top, old.right + 1, new.bottom, new.right)
        return [area for area in (below, right) if area.bottom >= area.top and area.right >= area.left]


def plan_rows(
    document: Document, table: TablePart, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False
) -> Plan:
    """Check that the table can take the rows, and with `reshape` the columns; changes nothing.

    Raises
    ------
    WorkbookError
        They don't fit without losing something of the user's.
    """
    if reshape and not has_headers(table, columns):
        plan = _plan_columns(table, columns)
        refuse_lost_columns(document, table, columns)
    else:
        plan = _plan(document, table, columns)
    _check(document, plan)
    return plan


def _plan_columns(table: TablePart, columns: Mapping[str, Sequence[CellValue]]) -> Plan:
    resize = _resize(table, columns, table.area.left + len(columns) - 1)
    given = dict(enumerate(columns.values(), start=table.area.left))
    return Plan(table, resize, given, headers=headers_after(table, columns))


def _plan(document: Document, table: TablePart, columns: Mapping[str, Sequence[CellValue]]) -> Plan:
    by_header = {header_key(header): values for header, values in columns.items()}
    area = table.area
    given = {
        area.left + index: by_header[header_key(header)]
        for index, header in enumerate(table.headers)
        if header_key(header) in by_header
    }
    plan = Plan(table, _resize(table, columns), given)
    return Plan(table, plan.resize, given, _formulas_to_fill(document, plan))


def _resize(table: TablePart, columns: Mapping[str, Sequence[CellValue]], new_right: int | None = None) -> Resize:
    return Resize(
        sheet=table.sheet,
        left=table.area.left,
        right=table.area.right,
        first=table.first_data_row,
        old_last=table.last_data_row,
        new_last=table.first_data_row + len(next(iter(columns.values()))) - 1,
        has_totals=table.totals_rows > 0,
        new_right=new_right,
    )


def calculated_columns(plan: Plan) -> dict[int, etree._Element]:
    """Formulas of the calculated columns that the run doesn't write, by sheet column."""
    left = plan.table.area.left
    found = {}
    for index in range(0 if plan.headers else len(plan.table.headers)):
        formula = plan.table.formula_of(index)
        if formula is not None and left + index not in plan.given:
            found[left + index] = formula
    return found


def _formulas_to_fill(document: Document, plan: Plan) -> dict[int, list[str]]:
    if not plan.grown:
        return {}
    grid = document.grid(plan.table.sheet)
    found = {}
    for column, stored in calculated_columns(plan).items():
        _refuse_array_column(plan, stored)
        text, row = _formula_of_last_row(grid, plan, column) or (stored.text or "", plan.resize.first)
        translator = Translator(f"={text}", origin=cell_name(row, column))
        found[column] = [translator.translate_formula(cell_name(new, column))[1:] for new in plan.grown]
    return found


def _formula_of_last_row(grid: Grid, plan: Plan, column: int) -> tuple[str, int] | None:
    """Text and row of the formula to fill down; a shared formula has its text in another row."""
    cell = grid.find(plan.resize.old_last, column)
    formula = None if cell is None else cell.find(FORMULA)
    if formula is None or plan.resize.old_last < plan.resize.first:
        return None
    if formula.text:
        return formula.text, plan.resize.old_last
    for master in grid.formulas():
        holder = master.getparent()
        if master.get("si") == formula.get("si") and master.text and holder is not None:
            row, master_column = grid.position(holder)
            moved = Translator(f"={master.text}", origin=cell_name(row, master_column))
            return moved.translate_formula(cell_name(plan.resize.old_last, column))[1:], plan.resize.old_last
    return None


def _refuse_array_column(plan: Plan, stored: etree._Element) -> None:
    if stored.get("array") in ("1", "true"):
        raise WorkbookError(
            f"table {plan.table.name} has a column of array formulas, which can't be filled down without Excel: "
            "move that column out of the table"
        )


def _check(document: Document, plan: Plan) -> None:
    table, resize, sheet = plan.table, plan.resize, plan.table.sheet
    if table.is_fed_from_outside:
        raise WorkbookError(
            f"table {table.name} is filled by a query, which would undo the run's rows: use a plain table"
        )
    if resize.new_last + table.totals_rows > MAX_ROW:
        raise WorkbookError(f"table {table.name} would end below the last row of the sheet: move it up")
    if resize.right_after > MAX_COLUMN:
        raise WorkbookError(f"table {table.name} would end beyond the last column of the sheet: write fewer")
    if table.totals_rows > 1:
        raise WorkbookError(f"table {table.name} has more than one totals row: open the workbook in Excel and save it")
    existing = max(resize.old_last, resize.first)
    columns = (*plan.given, *plan.lost_columns)
    for left, right in runs([column for column in columns if column <= resize.right]):
        refuse_obstacles(document, sheet, Area(resize.first, left, existing, right))
        if resize.old_last >= resize.first:
            refuse_formulas(document, sheet, Area(resize.first, left, resize.old_last, right), f"table {table.name}")
    _check_growth(document, plan)
    if plan.dropped:
        _check_shrinking(document, plan)
    if table.totals_rows and (plan.grown or plan.dropped):
        _check_totals(document, plan)


def _check_growth(document: Document, plan: Plan) -> None:
    table, sheet, whole = plan.table, plan.table.sheet, plan.area_after
    aside = f"to the right of column {column_letters(whole.right)}" if plan.gained_columns else "to the right"
    doom = (
        f"which the growing table {table.name} ({place(sheet.name, whole)}) would overwrite: "
        f"move it {aside} or below row {whole.bottom}"
    )
    for gained in plan.gained:
        for other in document.tables:
            if other.part != table.part and other.sheet == sheet and other.area.overlaps(gained):
                raise WorkbookError(f"{place(sheet.name, other.area)} is table {other.name}, {doom}")
        grid = document.grid(sheet)
        for row, column, cell in grid.filled(gained):
            where = grid.where(row, column)
            raise WorkbookError(f"{where} holds {_described(document, cell, where)}, {doom}")
        for obstacle in document.obstacles(sheet):
            if obstacle.area.overlaps(gained):
                raise WorkbookError(f"{place(sheet.name, obstacle.area)} is {obstacle.what}, {doom}")


def _described(document: Document, cell: etree._Element, where: str) -> str:
    if has_formula(cell):
        return "a formula"
    value = document.values.read(cell, where)
    return f"'{value[:40]}'" if isinstance(value, str) else str(value)


def _check_shrinking(document: Document, plan: Plan) -> None:
    grid = document.grid(plan.table.sheet)
    dropped = plan.dropped
    groups = set()
    for column, stored in calculated_columns(plan).items():
        _refuse_array_column(plan, stored)
        refuse_obstacles(document, plan.table.sheet, Area(dropped.start, column, dropped.stop - 1, column))
        for _row, _column, cell in grid.filled(Area(dropped.start, column, dropped.stop - 1, column)):
            formula = cell.find(FORMULA)
            if formula is not None and formula.get("t") == "shared" and formula.text:
                groups.add(formula.get("si"))
    if not groups:
        return
    for formula in grid.formulas():
        holder = formula.getparent()
        if holder is None or formula.get("si") not in groups:
            continue
        row, column = grid.position(holder)
        if row not in dropped or not plan.table.area.left <= column <= plan.table.area.right:
            raise WorkbookError(
                f"{grid.where(row, column)} shares its formula with a row that table {plan.table.name} loses: "
                "fill the column with its formula again in Excel"
            )


def _check_totals(document: Document, plan: Plan) -> None:
    table, sheet, resize = plan.table, plan.table.sheet, plan.resize
    grid, area = document.grid(sheet), plan.table.area
    old = Area(area.bottom, area.left, area.bottom, area.right)
    for obstacle in document.obstacles(sheet):
        if obstacle.area.overlaps(old):
            raise WorkbookError(
                f"{place(sheet.name, obstacle.area)} is {obstacle.what} in the totals row of table {table.name}, "
                "which has to move with the table's end: remove it"
            )
    for row, column, cell in grid.filled(old):
        formula = cell.find(FORMULA)
        if formula is not None and formula.get("t") == "shared":
            raise WorkbookError(
                f"{grid.where(row, column)} in the totals row of table {table.name} shares its formula with other "
                "cells and can't move: enter the formula again in Excel"
            )
    if not plan.dropped:
        return
    lost = Area(resize.new_last + 1, area.left, resize.new_last + 1, area.right)
    for row, column, cell in grid.filled(lost):
        is_cleared = column in plan.given or (column in calculated_columns(plan) and has_formula(cell))
        if not is_cleared:
            raise WorkbookError(
                f"{grid.where(row, column)} is filled by hand, and the totals row of the shrinking table {table.name} "
                "would overwrite it: clear it or move the column out of the table"
            )
