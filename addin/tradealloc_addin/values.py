"""From what a spreadsheet really sends to clean cells, each with its place in the range it came from.

Hosts hand over ranges as tuples of rows. Excel adds, through COM: empty cells as None, error values as integers from
`ERROR_BASE` on, a skipped argument as `COM_MISSING`, currency-formatted cells as Decimal, dates as aware datetimes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, cast, overload

import numpy as np

from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell, CellError, CellValue

if TYPE_CHECKING:
    from tradealloc.model.arrays import Floats

COM_MISSING = -2147352572
"""DISP_E_PARAMNOTFOUND: what a skipped optional argument is on its way through COM."""

ERROR_BASE = -2146828288
"""An error value comes through COM as this plus its CVErr number."""

LAST_ERROR = 2999

VALUE, NUM, NOT_AVAILABLE = 2015, 2036, 2042

ERROR_NAMES: dict[int, str] = {
    2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A",
    2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!",
    2050: "#CALC!", 2051: "#EXTERNAL!", 2052: "#PYTHON!", 2053: "#BUSY!",
}  # fmt: skip
"""Excel's error values by CVErr number."""

NUMBERS = {float}


class Skipped(Enum):
    """Marks an argument that the formula leaves out."""

    ARGUMENT = "skipped"


MISSING = Skipped.ARGUMENT

Grid = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A range as an argument.

    Attributes
    ----------
    grid
        Its rows, without the blank ones at the end: of a whole column only what is filled.
    rows, columns
        The extent that the formula names.
    """

    grid: Grid
    rows: int
    columns: int


class MissingDataError(InputError):
    """A cell that must hold a number is blank, or says #N/A itself."""


@dataclass(frozen=True, slots=True)
class ExcelError:
    """An error value as the result of a function, or in one of its cells.

    Attributes
    ----------
    code
        CVErr number: 2015 #VALUE! (bad input), 2036 #NUM! (infeasible), 2042 #N/A (missing data).
    """

    code: int

    @property
    def name(self) -> str:
        """As the sheet shows it."""
        return error_name(self.code)


def error_name(code: int) -> str:
    """How a sheet shows the error of that CVErr number."""
    return ERROR_NAMES.get(code, f"#ERROR {code}")


def cell_value(raw: object) -> CellValue:
    """A value as the workbook layer knows it: error integers become `CellError`."""
    if type(raw) is int and ERROR_BASE <= raw <= ERROR_BASE + LAST_ERROR:
        return CellError(error_name(raw - ERROR_BASE))
    return cast(CellValue, raw)


def is_blank(raw: object) -> bool:
    """Whether nothing, or text of spaces only, stands in a cell."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def neutral(argument: object) -> object:
    """An argument in its one form: a scalar, None where skipped, or an `Area`."""
    if argument is MISSING or (type(argument) is int and argument == COM_MISSING):
        return None
    if not isinstance(argument, tuple | list):
        return argument
    rows = list(argument) if argument and isinstance(argument[0], tuple | list) else [argument]
    given, width = len(rows), len(rows[0])
    nothing = (None,) * width  # a whole column is a million of these
    while rows and (rows[-1] == nothing or all(map(is_blank, rows[-1]))):
        rows.pop()
    return Area(tuple(map(tuple, rows)), given, width)


@dataclass(frozen=True, slots=True)
class Block:
    """An argument as rows and columns.

    Attributes
    ----------
    argument
        Its public name.
    grid
        Rows of values as they arrived; blank rows and columns at the end are left out.
    length
        Cells of the longer side of the range that the formula names, blank or not.
    """

    argument: str
    grid: Grid
    length: int = 1

    @classmethod
    def of(cls, argument: str, value: object) -> Block:
        """The argument, whatever form `neutral` left it in; no rows where it is blank throughout."""
        if isinstance(value, Area):
            return cls(argument, _without_blank_columns(value.grid), max(value.rows, value.columns))
        return cls(argument, () if is_blank(value) else ((value,),))

    @property
    def rows(self) -> int:
        return len(self.grid)

    @property
    def columns(self) -> int:
        return len(self.grid[0]) if self.grid else 0

    @property
    def is_single(self) -> bool:
        return self.rows == self.columns == 1

    @property
    def is_row(self) -> bool:
        return self.rows == 1 and self.columns > 1

    def where(self, row: int, column: int) -> str:
        """Where the user finds a value, counted from 1 within the range."""
        return self.argument if self.is_single else f"{self.argument} row {row + 1} column {column + 1}"

    def cell(self, row: int, column: int) -> Cell:
        return Cell(cell_value(self.grid[row][column]), self.where(row, column))

    def single(self) -> Cell:
        """The only cell; `InputError` where there are more. Blank where there is none."""
        if not self.grid:
            return Cell(None, self.argument)
        if not self.is_single:
            raise InputError(f"spans {self.extent}: give one cell", where=self.argument)
        return self.cell(0, 0)

    def line(self) -> Line:
        """The cells of one row or one column."""
        if self.rows > 1 and self.columns > 1:
            raise InputError(f"spans {self.extent}: give one row or one column", where=self.argument)
        if self.is_row:
            return Line(self.grid[0], partial(self.where, 0))
        return self.column(0)

    def column(self, number: int, first_row: int = 0) -> Line:
        """The cells of a column from a row on."""
        values = tuple(map(itemgetter(number), self.grid[first_row:]))
        return Line(values, lambda index: self.where(index + first_row, number))

    @property
    def extent(self) -> str:
        return f"{self.rows} rows and {self.columns} columns"


class Line(Sequence[Cell]):
    """The cells of a row or column, made only when they are looked at: most ranges hold nothing but numbers.

    Parameters
    ----------
    values
        As they arrived.
    place
        Where the user finds the value at an index.
    """

    __slots__ = ("place", "values")

    def __init__(self, values: tuple[object, ...], place: Callable[[int], str]) -> None:
        self.values = values
        self.place = place

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Cell]: ...
    def __getitem__(self, index: int | slice) -> Cell | Sequence[Cell]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self.values))))
        return Cell(cell_value(self.values[index]), self.place(index % len(self.values)))

    def __iter__(self) -> Iterator[Cell]:
        return (Cell(cell_value(value), self.place(index)) for index, value in enumerate(self.values))

    def without_first(self) -> Line:
        """The line after its first cell."""
        return Line(self.values[1:], lambda index: self.place(index + 1))

    def extended(self, length: int) -> Line:
        """The line with blank cells added up to a length."""
        return Line(self.values + (None,) * (length - len(self.values)), self.place)

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands anywhere in it."""
        return all(map(is_blank, self.values))

    def numbers(self) -> Floats | None:
        """The values as an array; None unless each of them is a number."""
        return np.array(self.values, dtype=np.float64) if NUMBERS.issuperset(map(type, self.values)) else None


def _without_blank_columns(grid: Grid) -> Grid:
    if not grid:
        return ()
    width = len(grid[0])
    while width > 1 and all(is_blank(row[width - 1]) for row in grid):
        width -= 1
    return grid if width == len(grid[0]) else tuple(row[:width] for row in grid)
