"""One open workbook: its parts, the grids read so far and the areas written."""

from __future__ import annotations

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.addresses import Area
from tradealloc.workbook.ooxml.cells import Grid
from tradealloc.workbook.ooxml.obstacles import Obstacle, find_obstacles
from tradealloc.workbook.ooxml.package import Package
from tradealloc.workbook.ooxml.structure import Sheet, Structure
from tradealloc.workbook.ooxml.tables import TablePart, read_tables
from tradealloc.workbook.ooxml.values import Values


class Document:
    """What reading and writing share; knows nothing of tables' contents or of files on disk."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.structure = Structure(package)
        self.values = Values(self.structure)
        self.written: dict[str, list[Area]] = {}
        self._grids: dict[str, Grid] = {}
        self._obstacles: dict[str, tuple[Obstacle, ...]] = {}
        self._tables: tuple[TablePart, ...] | None = None

    def grid(self, sheet: Sheet) -> Grid:
        if sheet.part not in self._grids:
            self._grids[sheet.part] = Grid(self.package, sheet)
        return self._grids[sheet.part]

    def obstacles(self, sheet: Sheet) -> tuple[Obstacle, ...]:
        """What a write must go around; no write adds to it or takes away from it."""
        if sheet.part not in self._obstacles:
            self._obstacles[sheet.part] = find_obstacles(self.package, self.grid(sheet))
        return self._obstacles[sheet.part]

    @property
    def tables(self) -> tuple[TablePart, ...]:
        if self._tables is None:
            self._tables = read_tables(self.structure)
        return self._tables

    def table(self, name: str) -> TablePart | None:
        wanted = name.casefold()
        return next((table for table in self.tables if table.name.casefold() == wanted), None)

    def mark_written(self, sheet: Sheet, area: Area) -> None:
        """Note that cells of the area changed: the sheet is written, and Excel computes everything anew."""
        self.grid(sheet).touch(area)
        self.written.setdefault(sheet.part, []).append(area)
        self.structure.ask_for_recalculation()

    def refuse_if_signed(self) -> None:
        """A change would break a digital signature without a word."""
        kinds = (link.kind for link in self.package.relationships(""))
        if any("/digital-signature/" in kind for kind in kinds):
            raise WorkbookError(
                f"{self.package.label} is digitally signed and writing would break the signature: "
                "remove the signature in Excel (File, Info, View Signatures) or work on a copy without it"
            )
