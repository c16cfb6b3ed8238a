"""Cells that can't take a value of their own: merged, spilled into, or part of a header or pivot table."""

from __future__ import annotations

from dataclasses import dataclass

from tradealloc.workbook.ooxml.addresses import Area, parse_area
from tradealloc.workbook.ooxml.cells import Grid
from tradealloc.workbook.ooxml.namespaces import main
from tradealloc.workbook.ooxml.package import Package

_ARRAY_KINDS = {"array": "the array formula", "dataTable": "the what-if data table"}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """An area of the user's, and what it is."""

    area: Area
    what: str
    merged: bool = False
    formula: bool = False

    def allows(self, row: int, column: int, *, keep_formula: bool) -> bool:
        """Whether the one cell may be written although it lies in the area."""
        is_first = (row, column) == (self.area.top, self.area.left)
        return is_first and (self.merged or (keep_formula and self.formula and self.area.is_cell))


def find_obstacles(package: Package, grid: Grid) -> tuple[Obstacle, ...]:
    """Everything on the sheet that a write must go around."""
    return (*_merged(grid), *_arrays(package, grid), *_pivots(package, grid))


def _merged(grid: Grid) -> list[Obstacle]:
    elements = grid.root.iterfind(f"{main('mergeCells')}/{main('mergeCell')}")
    areas = (_area(element.get("ref")) for element in elements)
    return [Obstacle(area, f"the merged area {area}", merged=True) for area in areas if area is not None]


def _arrays(package: Package, grid: Grid) -> list[Obstacle]:
    original = package.original(grid.sheet.part)
    # Sheets are large and arrays rare, and no write ever adds one.
    if not any(word.encode(encoding) in original for word in _ARRAY_KINDS for encoding in ("utf-8", "utf-16-le")):
        return []
    found = []
    for formula in grid.formulas():
        what = _ARRAY_KINDS.get(formula.get("t") or "")
        area = _area(formula.get("ref"))
        if what is not None and area is not None:
            found.append(Obstacle(area, f"{what} in {area}", formula=True))
    return found


def _pivots(package: Package, grid: Grid) -> list[Obstacle]:
    found = []
    for link in package.relationships(grid.sheet.part):
        if link.kind.endswith("/pivotTable") and not link.external:
            root = package.root(link.target)
            location = root.find(main("location"))
            area = None if location is None else _area(location.get("ref"))
            if area is not None:
                found.append(Obstacle(area, f"the pivot table {root.get('name')}"))
    return found


def _area(text: str | None) -> Area | None:
    try:
        return parse_area(text or "")
    except ValueError:
        return None
