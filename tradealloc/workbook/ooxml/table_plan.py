"""What becomes of a table that is given new rows: planned and checked before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree
from openpyxl.formula.translate import Translator

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import CellValue, header_key
from tradealloc.workbook.ooxml.addresses import MAX_ROW, Area, cell_name, place
from tradealloc.workbook.ooxml.cells import Grid, has_formula
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.follow import Resize
from tradealloc.workbook.ooxml.guards import refuse_formulas, refuse_obstacles
from tradealloc.workbook.ooxml.namespaces import FORMULA
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

    @property
    def grown(self) -> range:
        return range(self.resize.old_last + 1, self.resize.new_last + 1)

    @property
    def dropped(self) -> range:
        return range(self.resize.new_last + 1, self.resize.old_last + 1)


def plan_rows(document: Document, table: TablePart, columns: Mapping[str, Sequence[CellValue]]) -> Plan:
    """Check that the table can take the rows; changes nothing.

    Raises
    ------
    WorkbookError
        The rows don't fit without losing something of the user's.
    """
    plan = _plan(document, table, columns)
    _check(document, plan)
    return plan


def _plan(document: Document, table: TablePart, columns: Mapping[str, Sequence[CellValue]]) -> Plan:
    length = len(next(iter(columns.values())))
    by_header = {header_key(header): values for header, values in columns.items()}
    area = table.area
    given = {
        area.left + index: by_header[header_key(header)]
        for index, header in enumerate(table.headers)
        if header_key(header) in by_header
    }
    first = table.first_data_row
    resize = Resize(
        sheet=table.sheet,
        left=area.left,
        right=area.right,
        first=first,
        old_last=table.last_data_row,
        new_last=first + length - 1,
        has_totals=table.totals_rows > 0,
    )
    plan = Plan(table, resize, given)
    return Plan(table, resize, given, _formulas_to_fill(document, plan))


def calculated_columns(plan: Plan) -> dict[int, etree._Element]:
    """Formulas of the calculated columns that the run doesn't write, by sheet column."""
    left = plan.table.area.left
    found = {}
    for index in range(len(plan.table.headers)):
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
    if table.totals_rows > 1:
        raise WorkbookError(f"table {table.name} has more than one totals row: open the workbook in Excel and save it")
    for column in plan.given:
        rows = Area(resize.first, column, max(resize.new_last, resize.old_last), column)
        existing = Area(resize.first, column, max(resize.old_last, resize.first), column)
        refuse_obstacles(document, sheet, rows if not plan.grown else existing)
        if resize.old_last >= resize.first:
            refuse_formulas(document, sheet, Area(resize.first, column, resize.old_last, column), f"table {table.name}")
    if plan.grown:
        _check_growth(document, plan)
    if plan.dropped:
        _check_shrinking(document, plan)
    if table.totals_rows and (plan.grown or plan.dropped):
        _check_totals(document, plan)


def _check_growth(document: Document, plan: Plan) -> None:
    table, sheet = plan.table, plan.table.sheet
    old = table.area
    new_bottom = plan.resize.new_last + table.totals_rows
    if new_bottom <= old.bottom:
        return
    below = Area(old.bottom + 1, old.left, new_bottom, old.right)
    whole = Area(old.top, old.left, new_bottom, old.right)
    remedy = f"move it to the right or below row {new_bottom}"
    for other in document.tables:
        if other.part != table.part and other.sheet == sheet and other.area.overlaps(below):
            raise WorkbookError(
                f"{place(sheet.name, other.area)} is table {other.name}, which the growing table {table.name} "
                f"({place(sheet.name, whole)}) would overwrite: {remedy}"
            )
    grid = document.grid(sheet)
    for row, column, cell in grid.filled(below):
        where = grid.where(row, column)
        raise WorkbookError(
            f"{where} holds {_described(document, cell, where)}, which the growing table {table.name} "
            f"({place(sheet.name, whole)}) would overwrite: {remedy}"
        )
    for obstacle in document.obstacles(sheet):
        if obstacle.area.overlaps(below):
            raise WorkbookError(
                f"{place(sheet.name, obstacle.area)} is {obstacle.what}, which the growing table {table.name} "
                f"({place(sheet.name, whole)}) would overwrite: {remedy}"
            )


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
