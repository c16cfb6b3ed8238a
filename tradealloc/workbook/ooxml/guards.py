"""Refusals: what a write would destroy, in a sentence that names the cell."""

from __future__ import annotations

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.addresses import Area, cell_name, place
from tradealloc.workbook.ooxml.cells import has_formula
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.structure import Sheet


def refuse_obstacles(document: Document, sheet: Sheet, area: Area, *, keep_formula: bool = False) -> None:
    """WorkbookError where a cell of the area is part of an obstacle or of a table's header."""
    for obstacle in document.obstacles(sheet):
        if not obstacle.area.overlaps(area):
            continue
        if area.is_cell and obstacle.allows(area.top, area.left, keep_formula=keep_formula):
            continue
        first = cell_name(max(area.top, obstacle.area.top), max(area.left, obstacle.area.left))
        remedy = (
            f"unmerge it or write to its first cell {cell_name(obstacle.area.top, obstacle.area.left)}"
            if obstacle.merged
            else "write elsewhere or remove it"
        )
        raise WorkbookError(f"{place(sheet.name, first)} is part of {obstacle.what}: {remedy}")
    for table in document.tables:
        header = table.header_area
        if table.sheet == sheet and header is not None and header.overlaps(area):
            first = cell_name(max(area.top, header.top), max(area.left, header.left))
            raise WorkbookError(f"{place(sheet.name, first)} is a header of table {table.name}: write elsewhere")


def refuse_formulas(document: Document, sheet: Sheet, area: Area, purpose: str) -> None:
    """WorkbookError naming the first formula cell of the area."""
    grid = document.grid(sheet)
    for row, column in grid.formulas_in(area):
        raise _formula_found(grid.where(row, column), purpose)


def refuse_contents(document: Document, sheet: Sheet, area: Area) -> None:
    """WorkbookError naming the first cell of the area with a formula or a text; numbers may be replaced."""
    grid = document.grid(sheet)
    for row, column, cell in grid.filled(area):
        where = grid.where(row, column)
        if has_formula(cell):
            raise _formula_found(where, "its results")
        value = document.values.read(cell, where)
        if isinstance(value, str) and value:
            raise WorkbookError(
                f"{where} holds '{value[:40]}', which the run would overwrite: clear it or write elsewhere"
            )


def _formula_found(where: str, purpose: str) -> WorkbookError:
    return WorkbookError(
        f"{where} holds a formula where the run writes {purpose}: move the formula elsewhere, or clear the cell"
    )
