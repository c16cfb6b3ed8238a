"""Refusals on a live workbook: what a write would destroy, or can't reach, in a sentence that names the place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import Cell
from tradealloc.workbook.ooxml.addresses import Area, cell_name, parse_area

from .live_cells import LiveSheet, com_get

_TEXT_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Cells that can't take values of their own, and what they are."""

    area: Area
    what: str
    merged: bool = False


def refuse_filtered_sheet(sheet: LiveSheet) -> None:
    """WorkbookError where a filter hides rows: Excel writes a block unreliably across them."""
    if com_get(sheet.sheet.api, "FilterMode", False) is True:
        raise WorkbookError(f"sheet {sheet.name} is filtered: clear the filter (Data > Clear) and run again")


def refuse_obstacles(sheet: LiveSheet, area: Area, headers: Iterable[tuple[str, Area]]) -> None:
    """WorkbookError where a cell of the area is part of an obstacle or of a table's header.

    The first cell of a merged area may be written.
    """
    obstacle = find_obstacle(sheet, area)
    if obstacle is not None and not _is_first_of_merged(area, obstacle):
        first = cell_name(max(area.top, obstacle.area.top), max(area.left, obstacle.area.left))
        remedy = (
            f"unmerge it or write to its first cell {cell_name(obstacle.area.top, obstacle.area.left)}"
            if obstacle.merged
            else "write elsewhere or remove it"
        )
        raise WorkbookError(f"{_at(sheet, first)} is part of {obstacle.what}: {remedy}")
    for name, header in headers:
        if header.overlaps(area):
            first = cell_name(max(area.top, header.top), max(area.left, header.left))
            raise WorkbookError(f"{_at(sheet, first)} is a header of table {name}: write elsewhere")


def refuse_formulas(rows: Iterable[Iterable[Cell]], purpose: str) -> None:
    """WorkbookError naming the first formula cell."""
    for row in rows:
        for cell in row:
            if cell.is_formula:
                raise WorkbookError(
                    f"{cell.where} holds a formula where the run writes {purpose}: move the formula elsewhere, "
                    "or clear the cell"
                )


def refuse_contents(rows: Iterable[Sequence[Cell]]) -> None:
    """WorkbookError naming the first cell with a formula or a text; numbers may be replaced."""
    for row in rows:
        refuse_formulas([row], "its results")
        for cell in row:
            if isinstance(cell.value, str) and cell.value:
                raise WorkbookError(
                    f"{cell.where} holds '{cell.value[:_TEXT_SHOWN]}', which the run would overwrite: "
                    "clear it or write elsewhere"
                )


def described(cell: Cell) -> str:
    """What stands in a cell, for a sentence."""
    if cell.is_formula:
        return "a formula"
    return f"'{cell.value[:_TEXT_SHOWN]}'" if isinstance(cell.value, str) else str(cell.value)


def find_obstacle(sheet: LiveSheet, area: Area) -> Obstacle | None:
    """The first merged area, array formula, spill or pivot table that reaches into the area."""
    for asked, make in (
        (_is_merged, _merged_at),
        (lambda block: block.has_array, _array_at),
        (lambda block: com_get(block.api, "HasSpill", False), _spill_at),
    ):
        cell = _first_cell(sheet, area, asked)
        if cell is not None:
            return make(sheet, cell)
    return _pivot_over(sheet, area)


def _is_merged(block: Any) -> bool | None:
    merged: bool | None = block.merge_cells
    return merged


def _first_cell(sheet: LiveSheet, area: Area, asked: Callable[[Any], bool | None]) -> Area | None:
    """The first cell for which the property isn't False, by halving: Excel answers None for "some of them"."""
    if asked(sheet.range(area)) is False:
        return None
    while not area.is_cell:
        first, second = _halves(area)
        area = second if asked(sheet.range(first)) is False else first
    return area


def _halves(area: Area) -> tuple[Area, Area]:
    if area.bottom > area.top:
        middle = (area.top + area.bottom) // 2
        return Area(area.top, area.left, middle, area.right), Area(middle + 1, area.left, area.bottom, area.right)
    middle = (area.left + area.right) // 2
    return Area(area.top, area.left, area.bottom, middle), Area(area.top, middle + 1, area.bottom, area.right)


def _merged_at(sheet: LiveSheet, cell: Area) -> Obstacle:
    area = parse_area(sheet.range(cell).merge_area.address)
    return Obstacle(area, f"the merged area {area}", merged=True)


def _array_at(sheet: LiveSheet, cell: Area) -> Obstacle:
    area = array_area(sheet, cell)
    return Obstacle(area, f"the array formula in {area}")


def _spill_at(sheet: LiveSheet, cell: Area) -> Obstacle:
    area = spill_area(sheet, cell)
    return Obstacle(area, f"the spilled formula in {area}")


def array_area(sheet: LiveSheet, cell: Area) -> Area:
    """The cells that an array formula fills; the cell alone where Excel doesn't say."""
    array = com_get(sheet.range(cell).api, "CurrentArray")
    return cell if array is None else parse_area(array.Address)


def spill_area(sheet: LiveSheet, cell: Area) -> Area:
    """The cells that a formula spills into, its own first; the cell alone where Excel doesn't say."""
    parent = com_get(sheet.range(cell).api, "SpillParent")
    spilled = None if parent is None else com_get(parent, "SpillingToRange")
    return cell if spilled is None else parse_area(spilled.Address)


def _pivot_over(sheet: LiveSheet, area: Area) -> Obstacle | None:
    ask = com_get(sheet.sheet.api, "PivotTables")
    if ask is None:
        return None
    for pivot in ask():
        covered = parse_area(pivot.TableRange2.Address)
        if covered.overlaps(area):
            return Obstacle(covered, f"the pivot table {pivot.Name}")
    return None


def _is_first_of_merged(area: Area, obstacle: Obstacle) -> bool:
    return obstacle.merged and area.is_cell and (area.top, area.left) == (obstacle.area.top, obstacle.area.left)


def _at(sheet: LiveSheet, cell: str) -> str:
    return sheet.place(parse_area(cell))
