"""A spreadsheet open in LibreOffice: set cells, recalculate, read, find errors, render."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .office import Office

ERROR_RESULTS = 4  # com.sun.star.sheet.FormulaResult.ERROR
Plain = float | str | None


class Book:
    """A document, its cells addressed by name and its tables by name and header.

    Parameters
    ----------
    office
        The running LibreOffice.
    path
        File to open; None starts with an empty sheet.
    """

    def __init__(self, office: Office, path: Path | None = None) -> None:
        self._office = office
        self.document = office.open(path)
        self._cells: dict[str, Any] = {}

    def close(self) -> None:
        self.document.close(True)

    def recalculate(self) -> None:
        self.document.calculateAll()

    @property
    def sheets(self) -> list[Any]:
        return [self.document.Sheets.getByIndex(i) for i in range(self.document.Sheets.Count)]

    def cell(self, name: str) -> Any:
        """The UNO cell behind a defined name."""
        if name not in self._cells:
            area = self.document.NamedRanges.getByName(name).getReferredCells()
            assert area.Rows.Count == area.Columns.Count == 1, f"{name} isn't a single cell"
            self._cells[name] = area.getCellByPosition(0, 0)
        return self._cells[name]

    def column(self, table: str, header: str) -> Any:
        """The UNO range of a table's column, without its header."""
        area = self.document.DatabaseRanges.getByName(table).getReferredCells()
        headers = area.getDataArray()[0]
        at = [str(h).casefold() for h in headers].index(header.casefold())
        return area.getCellRangeByPosition(at, 1, at, area.Rows.Count - 1)

    def get(self, name: str) -> Plain:
        """Value of a named cell: number, text, or None where blank."""
        return self._read(self.cell(name))

    def set(self, name: str, value: Plain) -> None:
        """Put a value into a named cell; None clears it."""
        self._write(self.cell(name), value)

    def get_column(self, table: str, header: str) -> list[Plain]:
        return [None if row[0] == "" else row[0] for row in self.column(table, header).getDataArray()]

    def set_column(self, table: str, header: str, values: Sequence[Plain]) -> None:
        """Fill a table's column from the top; None clears a cell."""
        area = self.column(table, header).getCellRangeByPosition(0, 0, 0, len(values) - 1)
        area.setDataArray(tuple(("" if value is None else value,) for value in values))  # "" leaves a blank cell

    def set_item(self, table: str, header: str, row: int, value: Plain) -> None:
        """Set one cell of a table; rows count from 0."""
        self._write(self.column(table, header).getCellByPosition(0, row), value)

    def texts(self, sheet: str) -> list[list[str]]:
        """What each cell of a sheet's used area shows, as values."""
        found = self.document.Sheets.getByName(sheet)
        cursor = found.createCursor()
        cursor.gotoEndOfUsedArea(True)
        return [[str(value) for value in row] for row in cursor.getDataArray()]

    def error_cells(self) -> list[str]:
        """Address and text of every formula that shows an error."""
        return [f"{cell.AbsoluteName}: {cell.String}" for sheet in self.sheets for cell in _cells(sheet, ERROR_RESULTS)]

    def office_enum(self, enum: str, member: str) -> Any:
        """A constant of LibreOffice's API."""
        return self._office.uno.Enum(enum, member)

    def pdf(self, path: Path) -> Path:
        """Print the workbook as a user would, all sheets."""
        self._office.store(self.document, path, "calc_pdf_Export")
        return path

    def _read(self, cell: Any) -> Plain:
        value = cell.getCellRangeByPosition(0, 0, 0, 0).getDataArray()[0][0]
        return None if value == "" else value

    def _write(self, cell: Any, value: Plain) -> None:
        if isinstance(value, str):
            cell.String = value
        elif value is None:
            cell.clearContents(1 | 2 | 4 | 16)  # values, dates, texts, formulas
        else:
            cell.Value = value


def _cells(sheet: Any, results: int) -> Iterator[Any]:
    ranges = sheet.queryFormulaCells(results)
    for i in range(ranges.Count):
        area = ranges.getByIndex(i)
        for row in range(area.Rows.Count):
            for column in range(area.Columns.Count):
                yield area.getCellByPosition(column, row)


def pages(pdf: Path, folder: Path, resolution: int = 60, only: int | None = None) -> list[Path]:
    """Each page of a PDF as PNG, in order; or `only` that one, counted from 1."""
    tool = shutil.which("pdftoppm")
    assert tool, "pdftoppm (poppler-utils) isn't installed"
    chosen = [] if only is None else ["-f", str(only), "-l", str(only)]
    subprocess.run([tool, "-r", str(resolution), *chosen, "-png", str(pdf), str(folder / pdf.stem)], check=True)
    return sorted(folder.glob(f"{pdf.stem}-*.png"))


def page_texts(pdf: Path) -> list[str]:
    """The text of each page of a PDF."""
    tool = shutil.which("pdftotext")
    assert tool, "pdftotext (poppler-utils) isn't installed"
    text = subprocess.run([tool, "-layout", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    return text.split("\f")[:-1]
