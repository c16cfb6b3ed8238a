"""Freeze to values: formulas of our functions become what they show, and the workbook travels without the add-in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tradealloc.workbook.ooxml.addresses import Area

from .live_cells import LiveSheet, Stored, com_get
from .live_guards import array_area, refuse_filtered_sheet, spill_area
from .live_protection import Target
from .spec import FUNCTIONS

# Texts and quoted sheet or file names come out first: what they say is no call.
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'')
_CALL = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(function.name for function in FUNCTIONS)})\s*\(", re.IGNORECASE)


def calls_our_function(formula: str) -> bool:
    """Whether a formula calls one of our functions, bare, as ``[1]!OPTALLOC`` or with the add-in's path."""
    return _CALL.search(_QUOTED.sub("", formula)) is not None


@dataclass(frozen=True, slots=True)
class FreezePlan:
    """A formula's cells, and the values that take its place."""

    sheet: LiveSheet
    area: Area
    before: list[list[Stored]]
    values: list[list[Stored]]
    array: str = ""
    """The formula where it was entered as one array."""

    @property
    def where(self) -> str:
        return self.sheet.place(self.area)

    @property
    def targets(self) -> list[Target]:
        return [(self.sheet, self.area)]

    def apply(self) -> None:
        # A formula that spills refuses values in its cells until it is gone.
        self.sheet.clear(self.area)
        self.sheet.put_contents(self.area, self.values)


@dataclass
class Frozen:
    """What was found: formulas to replace, and places of those that show an error."""

    plans: list[FreezePlan] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def plan_freeze(parts: Sequence[tuple[LiveSheet, Area]]) -> Frozen:
    """Find our formulas in the areas; changes nothing.

    Raises
    ------
    WorkbookError
        A sheet with such a formula is filtered.
    """
    found = Frozen()
    seen: set[tuple[str, Area]] = set()
    for sheet, area in parts:
        for row, cells in enumerate(sheet.contents(area), start=area.top):
            for column, stored in enumerate(cells, start=area.left):
                if isinstance(stored, dict) and calls_our_function(stored.get("formula", "")):
                    _add(found, seen, sheet, Area(row, column, row, column))
    return found


def _add(found: Frozen, seen: set[tuple[str, Area]], sheet: LiveSheet, cell: Area) -> None:
    block = sheet.range(cell)
    spills = com_get(block.api, "HasSpill", False) is True
    is_array = not spills and bool(block.has_array)
    area = spill_area(sheet, cell) if spills else array_area(sheet, cell) if is_array else cell
    if (sheet.name, area) in seen:
        return
    seen.add((sheet.name, area))
    values = sheet.values(area)
    if any(isinstance(value, dict) for row in values for value in row):
        found.errors.append(sheet.place(area))
        return
    refuse_filtered_sheet(sheet)
    first = sheet.contents(Area(area.top, area.left, area.top, area.left))[0][0]
    before: list[list[Stored]] = [[None] * len(row) for row in values]
    before[0][0] = first
    formula = first.get("formula", "") if isinstance(first, dict) else ""
    found.plans.append(FreezePlan(sheet, area, before, values, formula if is_array else ""))
