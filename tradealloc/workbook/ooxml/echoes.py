"""Formula cells that do nothing but repeat a defined name: their cached value is known without calculating."""

from __future__ import annotations

import re

from lxml import etree

from tradealloc.workbook.book import CellValue
from tradealloc.workbook.ooxml.addresses import Area
from tradealloc.workbook.ooxml.cells import Grid
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.values import put_cached

_BARE_NAME = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?>\s*\+?\s*([A-Za-z_\\][\w.\\]*)\s*</")


class Echoes:
    """Finds the cells that repeat a name; a sheet is parsed only where its bytes hold such a formula."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[str, set[bytes]] = {}

    def refresh(self, name: str, value: CellValue) -> None:
        """Give every cell that holds ``=name`` the value."""
        formula = re.compile(rf"\s*\+?\s*{re.escape(name)}\s*", re.IGNORECASE)
        # A reference to an empty cell gives 0.
        shown = 0 if value is None else value
        for sheet in self._document.structure.worksheets:
            if name.lower().encode() not in self._repeated_names(sheet.part):
                continue
            grid = self._document.grid(sheet)
            for cell in _repeating_cells(grid, formula):
                put_cached(cell, shown, self._document.values)
                row, column = grid.position(cell)
                self._document.mark_written(sheet, Area(row, column, row, column))

    def _repeated_names(self, part: str) -> set[bytes]:
        if part not in self._names:
            original = self._document.package.original(part)
            if original[:2] in (b"\xff\xfe", b"\xfe\xff"):
                original = original.decode("utf-16").encode()
            self._names[part] = {name.lower() for name in _BARE_NAME.findall(original)}
        return self._names[part]


def _repeating_cells(grid: Grid, formula: re.Pattern[str]) -> list[etree._Element]:
    elements = list(grid.formulas())
    repeating = [element for element in elements if formula.fullmatch(element.text or "")]
    groups = {element.get("si") for element in repeating if element.get("t") == "shared"} - {None}
    followers = [
        element
        for element in elements
        if element.get("t") == "shared" and not element.text and element.get("si") in groups
    ]
    cells = (element.getparent() for element in repeating + followers)
    return [cell for cell in cells if cell is not None]
