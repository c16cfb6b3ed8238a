"""Input cells that repeat cells elsewhere in the workbook by a formula."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from tradealloc.workbook.book import CellValue
from tradealloc.workbook.ooxml.addresses import Area
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.graft.styles import StyleSheet
from tradealloc.workbook.ooxml.namespaces import FORMULA, main
from tradealloc.workbook.ooxml.structure import Sheet
from tradealloc.workbook.ooxml.values import Values, empty, put_cached

_INK = "FF1F2933"


@dataclass(frozen=True, slots=True)
class Link:
    """A formula, without ``=``, and the value it gives."""

    formula: str
    value: CellValue


class Linker:
    """Puts formulas into input cells, which then look like calculations and are locked as those are."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._styles = StyleSheet(document.structure)
        self._calculated: dict[str, str] = {}

    def put(self, sheet: Sheet, top: int, column: int, links: Sequence[Link]) -> None:
        """Fill cells from top to bottom."""
        grid = self._document.grid(sheet)
        for row, link in enumerate(links, start=top):
            cell = grid.place(row, column)
            empty(cell)
            etree.SubElement(cell, FORMULA).text = link.formula
            put_cached(cell, link.value, self._document.values)
            cell.set("s", self._like_a_calculation(cell.get("s") or "0"))
        self._document.mark_written(sheet, Area(top, column, top + len(links) - 1, column))
        self._document.structure.drop_calculation_chain()
        self._document.values = Values(self._document.structure)  # which formats are dates is read once

    def _like_a_calculation(self, number: str) -> str:
        """The format without an input's fill, colour and lack of a lock."""
        if number not in self._calculated:
            entry = deepcopy(self._styles.entries("cellXfs")[int(number)])
            font = deepcopy(self._styles.entries("fonts")[int(entry.get("fontId") or 0)])
            for colour in font.findall(main("color")):
                colour.attrib.clear()
                colour.set("rgb", _INK)
            entry.set("fontId", str(self._styles.index_of("fonts", font)))
            entry.set("fillId", "0")
            for protection in entry.findall(main("protection")):
                entry.remove(protection)
            self._calculated[number] = str(self._styles.index_of("cellXfs", entry))
        return self._calculated[number]
