"""LibreOffice with our add-in: start it, put a call into cells, read what they show."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from tradealloc_addin.libreoffice import build_oxt
from tradealloc_addin.values import ERROR_BASE, MISSING, ExcelError

from .calc import Book
from .office import Office, OfficeMissingError

ERRORS = {519: 2015, 503: 2036, 32767: 2042}
"""LibreOffice's error numbers to Excel's."""

ERROR_FORMULAS = {2007: "=1/0", 2042: "=NA()", 2015: '=1+"x"'}


def start(folder: Path) -> Office:
    """A LibreOffice with the built .oxt, its home and profile in the folder."""
    extensions = folder / "extensions"
    with zipfile.ZipFile(build_oxt(folder / "tradealloc.oxt")) as package:
        package.extractall(extensions / "tradealloc.oxt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        return Office(folder / "profile", extensions=extensions)


def start_or_skip(folder: Path) -> Office:
    """`start`; where LibreOffice is missing a skip, or a failure under TRADEALLOC_REQUIRE_ALL."""
    try:
        return start(folder)
    except OfficeMissingError as reason:
        if os.environ.get("TRADEALLOC_REQUIRE_ALL"):
            pytest.fail(f"TRADEALLOC_REQUIRE_ALL is set, but {reason}")
        pytest.skip(str(reason))


class Sheet:
    """The first sheet of a document, filled from the left with the arguments of one call.

    Parameters
    ----------
    book
        An open document.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheet = book.sheets[0]
        self._next = 0

    def formula(self, function: str, arguments: Sequence[Any]) -> str:
        """A call of the function, its ranges put into cells."""
        texts = [self._text(argument) for argument in arguments]
        while texts and not texts[-1]:
            texts.pop()
        return f"={function}({';'.join(texts)})"

    def evaluate(self, function: str, arguments: Sequence[Any], rows: int, columns: int) -> list[list[Any]]:
        """The result in a block of that many cells, errors as `ExcelError`."""
        formula = self.formula(function, arguments)
        area = self.cells(rows, columns)
        area.setArrayFormula(formula)
        return read(area)

    def put(self, grid: Sequence[Sequence[Any]]) -> Any:
        """Fill cells; error integers become formulas that give that error."""
        area = self.cells(len(grid), len(grid[0]))
        area.setDataArray(tuple(tuple(_plain(value) for value in row) for row in grid))
        for row, values in enumerate(grid):
            for column, value in enumerate(values):
                if type(value) is int:
                    area.getCellByPosition(column, row).Formula = ERROR_FORMULAS[value - ERROR_BASE]
        return area

    def cells(self, rows: int, columns: int) -> Any:
        """Free cells."""
        area = self.sheet.getCellRangeByPosition(self._next, 0, self._next + columns - 1, rows - 1)
        self._next += columns
        return area

    def _text(self, argument: Any) -> str:
        if argument is MISSING or argument is None:
            return ""
        if isinstance(argument, tuple):
            name: str = self.put(argument).AbsoluteName
            return name.partition(".")[2].replace("$", "")
        return f'"{argument}"' if isinstance(argument, str) else repr(argument)


def read(area: Any) -> list[list[Any]]:
    """What cells show: numbers, texts, errors."""
    grid = area.getDataArray()
    return [[_shown(area, value, row, column) for column, value in enumerate(r)] for row, r in enumerate(grid)]


def _shown(area: Any, value: Any, row: int, column: int) -> Any:
    if value is not None:
        return value
    number = area.getCellByPosition(column, row).getError()
    return ExcelError(ERRORS.get(number, number))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return (value.hour * 60 + value.minute) / 1440
    return "" if value is None or type(value) is int else value
