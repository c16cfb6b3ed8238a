"""The port: what tradealloc needs of a workbook, whatever program or file holds it.

Cells are addressed by name, tables by name and header, never by fixed address. Two adapters stand behind it:
`XlsxBook` (a file) and the add-in's book (a live Excel). One contract test suite runs on both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value standing in a cell, such as #N/A."""

    code: str


class Missing(Enum):
    """Marks a formula cell whose file holds no computed value."""

    NOT_CALCULATED = "not calculated"


CellValue = float | int | bool | str | dt.datetime | dt.date | dt.time | dt.timedelta | CellError | Missing | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and the place where the user finds it.

    A formula cell gives its cached value; `Missing.NOT_CALCULATED` where the file holds none.
    """

    value: CellValue
    where: str
    """As shown to the user: ``Inputs!C5``, sheet name quoted where Excel quotes it."""
    is_formula: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing, or text of spaces only, stands in the cell."""
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


class Headers(Mapping[str, tuple[Cell, ...]]):
    """Columns by header; a header is found whatever its case, and keeps the spelling of the workbook."""

    def __init__(self, columns: Mapping[str, tuple[Cell, ...]]) -> None:
        self._columns = dict(columns)
        self._spelling = {header_key(name): name for name in reversed(self._columns)}

    def __getitem__(self, header: str) -> tuple[Cell, ...]:
        try:
            return self._columns[self._spelling[header_key(header)]]
        except KeyError:
            raise KeyError(header) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"Headers({self._columns!r})"


def header_key(header: str) -> str:
    """What makes two headers the same."""
    return header.strip().casefold()


@dataclass(frozen=True, slots=True)
class Table:
    """A ListObject: headers in sheet order, and the cells of each column from top to bottom."""

    name: str
    where: str
    """Address of the whole table, headers included: ``Schedule!B8:L398``."""
    columns: Headers
    has_hidden_rows: bool = False
    """Whether rows of data are hidden, by hand or by a filter; they count like the others."""

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values()), ()))


class Book(Protocol):
    """What the verbs in `actions` read from and write to."""

    @property
    def label(self) -> str:
        """The workbook's name as the user knows it, for messages."""

    def cell(self, name: str) -> Cell | None:
        """The cell behind a defined name; None where the workbook has no such name.

        Raises
        ------
        InputError
            The name points to a deleted cell, to several cells, or into another workbook.
        """

    def table(self, name: str) -> Table | None:
        """The ListObject of that name; None where there is none. Header match is case-insensitive."""

    def tables(self) -> dict[str, tuple[str, ...]]:
        """Headers of every ListObject of the workbook, by its name."""

    def range(self, address: str) -> tuple[tuple[Cell, ...], ...]:
        """Rows of cells at an address like ``Sheet1!C2:C391``; InputError where sheet or range don't exist."""

    def write_cell(self, name: str, value: CellValue, *, keep_formula: bool = False) -> bool:
        """Put a value into a named cell; False where the workbook has no such name.

        With `keep_formula` a formula found there stays, and only its cached value is replaced; without it a
        formula is refused. Formula cells elsewhere that do nothing but repeat the name (``=ta_status``)
        get the new cached value too.

        Raises
        ------
        WorkbookError
            The cell holds a formula, or is part of a merged area (not its first cell), spill or array formula.
        """

    def write_table(self, name: str, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False) -> bool:
        """Replace the table's rows; False where there is no such table.

        The table is resized to the length of the given columns (equal, at least one row). Columns that the
        table lacks are skipped; columns of the table that aren't given are left alone. What refers to the
        table's rows (charts and their caches, formats, validations, print areas, names) follows.

        With `reshape` the table gets exactly the given columns, in their order: it grows and shrinks to the
        right too, and its header cells are written. New columns look like the table's last one.

        Raises
        ------
        WorkbookError
            Growing would overwrite cells of the user's, a merged area, a spill or another table.
        """

    def write_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> str:
        """Write a block at an address; returns the address written.

        Raises
        ------
        WorkbookError
            A cell there holds a formula or text, or is part of a merged area, a spill or a table header.
        """
