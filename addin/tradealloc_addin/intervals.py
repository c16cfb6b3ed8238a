"""From a function's arguments to an order: the same checks as a workbook's, with the places of the arguments."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell, CellError
from tradealloc.workbook.fields import BY_KEY, INTERVAL_COLUMNS, Column
from tradealloc.workbook.inputs import BLANK_MEANS, OrderSheet
from tradealloc.workbook.parsing import Parsed, parse_cell

from .options import option_place
from .tables import Result
from .values import Block, Line, MissingDataError, is_blank

if TYPE_CHECKING:
    from tradealloc.model import Problem
    from tradealloc.model.arrays import Floats

BETA = "beta"

COLUMNS: dict[str, Column] = {column.key: column for column in INTERVAL_COLUMNS}
_BY_HEADER: dict[str, Column] = {column.header.casefold(): column for column in INTERVAL_COLUMNS}


@dataclass(frozen=True)
class Intervals:
    """What stands per interval, and how the betas lie.

    Attributes
    ----------
    columns
        Cells by column key, all of the same length.
    is_row
        Whether the betas lie in a row.
    """

    columns: dict[str, Line]
    is_row: bool = False

    @classmethod
    def of(cls, beta: object, others: Mapping[str, object]) -> Intervals:
        """Put the betas (plain or a headed block) and the arguments beside them together.

        Parameters
        ----------
        beta
            Scalar, row, column or headed block, as `neutral` leaves it.
        others
            Arguments by column key; None where skipped.

        Raises
        ------
        InputError
            With the place in the range.
        """
        block = Block.of(BETA, beta)
        if not block.grid:
            raise MissingDataError("is blank: give the slippage per share traded, one number per interval", where=BETA)
        columns = _headed_columns(block) if _has_headers(block) else {BETA: _plain(block)}
        rows = len(columns[BETA])
        for key, value in others.items():
            given = Block.of(key, value)
            if not given.grid:
                continue
            if key in columns:
                raise InputError(
                    f"is given twice, as argument and as column {COLUMNS[key].header} of beta: keep one", where=key
                )
            columns[key] = _beside(given, rows)
        return cls(columns, block.is_row)

    def laid_out(self, shares: list[float]) -> Result:
        """One number per interval, lying as the betas do."""
        if len(shares) == 1:
            return shares[0]
        return [tuple(shares)] if self.is_row else list(zip(shares, strict=True))


@dataclass(frozen=True)
class ArgumentSheet(OrderSheet):
    """An `OrderSheet` of a function's arguments instead of a workbook's cells."""

    @cached_property
    def rows(self) -> int:
        return len(self.columns[BETA])

    @cached_property
    def problem(self) -> Problem:
        self._check_complete()
        return super().problem

    def setting(self, key: str) -> Parsed:
        if key in self.cells:
            refuse_missing(self.cells[key])
        return super().setting(key)

    def where(self, key: str) -> str:
        cell = self.cells.get(key)
        return option_place(BY_KEY[key]) if cell is None else cell.where

    def column(self, key: str) -> Floats | None:
        line = self.columns.get(key)
        if isinstance(line, Line) and (fast := line.numbers()) is not None and _in_range(fast, COLUMNS[key]):
            return fast
        if line is not None and key not in BLANK_MEANS:
            for cell in line:
                refuse_missing(cell, required=True)
        elif line is not None:
            for cell in line:
                refuse_missing(cell)
        return super().column(key)

    def _check_complete(self) -> None:
        """Refuse what the formula leaves out in the formula's own words."""
        if self.number("participation") is not None and "volume" not in self.columns:
            raise InputError(
                "needs volumes: give the argument volume, or a column Volume in beta's block",
                where=self.where("participation"),
            )
        if self.text("model") == "quadratic" and "gamma" not in self.columns:
            raise InputError(
                "is quadratic and needs gammas: give beta as a block with the headers Beta and Gamma",
                where=self.where("model"),
            )
        for key in ("window_start", "window_end"):
            if self.setting(key) is not None and "start" not in self.columns:
                raise InputError(
                    "needs start times: give beta as a block with the headers Beta and Start", where=self.where(key)
                )


def read_numbers(argument: str, value: object, column: Column) -> tuple[Floats, Line]:
    """A required argument of one or more numbers, and its cells."""
    block = Block.of(argument, value)
    if not block.grid:
        raise MissingDataError(f"is blank: {column.help[0].lower()}{column.help[1:]}", where=argument)
    line = block.line()
    return numbers_of(line, column), line


def numbers_of(line: Line, column: Column) -> Floats:
    """The numbers of a line; `InputError` with the place of the first cell that holds none."""
    numbers = line.numbers()
    if numbers is None or not _in_range(numbers, column):
        for cell in line:
            refuse_missing(cell, required=True)
        numbers = np.array([parse_cell(column, cell) for cell in line], dtype=np.float64)
    return numbers


def refuse_missing(cell: Cell, *, required: bool = False) -> None:
    """Raise `MissingDataError` for #N/A and, where a value is required, for a blank."""
    if required and cell.is_blank:
        raise MissingDataError("is blank: give a number", where=cell.where)
    if cell.value == CellError("#N/A"):
        raise MissingDataError("holds the error #N/A: the data is missing there", where=cell.where)


def _in_range(numbers: Floats, column: Column) -> bool:
    low, high = float(numbers.min()), float(numbers.max())
    return (low > column.minimum if column.above_minimum else low >= column.minimum) and high < np.inf > -low


def _has_headers(block: Block) -> bool:
    """Whether the first row names columns: it holds text that isn't a mistyped number."""
    texts = [str(value).strip() for value in block.grid[0] if isinstance(value, str) and not is_blank(value)]
    if block.rows == 1:
        return any(text.casefold() in _BY_HEADER for text in texts)
    return any(not _looks_like_number(text) for text in texts)


def _looks_like_number(text: str) -> bool:
    return any(c.isdigit() for c in text) and not any(c.isalpha() and c not in "eE" for c in text)


def _headed_columns(block: Block) -> dict[str, Line]:
    columns: dict[str, Line] = {}
    for number, header in enumerate(block.grid[0]):
        line = block.column(number, first_row=1)
        blank = line.is_blank
        if is_blank(header) and blank:
            continue
        column = _column_named(header, block.where(0, number))
        if column.key in columns:
            raise InputError(f"repeats the header {column.header}: keep one", where=block.where(0, number))
        if not blank or column.key == BETA:
            columns[column.key] = line
    if BETA not in columns:
        raise InputError("has no column Beta: add it to the block, or give the betas alone", where=BETA)
    if block.rows == 1:
        raise MissingDataError("has headers but no rows: include the rows below them", where=BETA)
    return columns


def _column_named(header: object, where: str) -> Column:
    known = ", ".join(column.header for column in INTERVAL_COLUMNS)
    if not isinstance(header, str):
        found = "is blank" if is_blank(header) else f"is {header}"
        raise InputError(f"{found} in a row of headers: the headers are {known}", where=where, value=header)
    plain = header.strip().casefold()
    if plain in _BY_HEADER:
        return _BY_HEADER[plain]
    near = difflib.get_close_matches(plain.replace(" ", ""), _BY_HEADER, n=1)
    hint = f"did you mean {_BY_HEADER[near[0]].header}?" if near else f"the headers are {known}"
    raise InputError(f"is {header.strip()!r}, no column of intervals: {hint}", where=where, value=header)


def _plain(block: Block) -> Line:
    if block.rows > 1 and block.columns > 1:
        raise InputError(
            f"spans {block.extent} without headers: give one row or one column, or a block whose first row names its "
            "columns (Beta, HalfSpread, ...)",
            where=BETA,
        )
    return block.line()


def _beside(block: Block, rows: int) -> Line:
    """An argument beside the betas: one cell for all intervals, or one per interval; blank cells may follow."""
    if block.length == 1:
        return Line(block.grid[0] * rows, lambda _: block.argument)
    line, length = block.line(), block.length
    if _is_own_header(line.values[0], block.argument):
        line, length = line.without_first(), length - 1
    if len(line) > rows or length < rows:
        count = max(len(line), min(length, rows))
        raise InputError(
            f"has {count} values where beta has {rows}: give one per interval, or one cell for all",
            where=block.argument,
        )
    return line.extended(rows)


def _is_own_header(value: object, key: str) -> bool:
    return isinstance(value, str) and value.strip().casefold() == COLUMNS[key].header.casefold()
