"""From the tables of a blotter to many orders, with every error placed at its cell."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tradealloc.batch import BatchOrder
from tradealloc.batch.orders import NO_SYMBOL
from tradealloc.errors import InputError
from tradealloc.model.arrays import Floats

from .below import notes_below, notes_hidden
from .book import Book, Cell, CellValue, Table, header_key
from .fields import BY_KEY, INPUTS, INTERVAL_COLUMNS, Column, Kind
from .fields.blotter import (
    ORDER_COLUMNS,
    PROFILE_COLUMNS,
    SCHEDULES_COLUMNS,
    TBL_ORDERS,
    TBL_PROFILES,
    TBL_SCHEDULES,
)
from .fingerprint import column_key, fingerprint
from .inputs import OrderSheet
from .parsing import parse_cell, present_value
from .session import Moment

LONGEST_HEADER = 255
"""Characters that Excel takes as the header of a table's column."""

OWN_COLUMNS = ("shares",)
"""What every row of the orders says itself, and the workbook can't say for it."""

_ORDER: dict[str, Column] = {column.key: column for column in ORDER_COLUMNS}


@dataclass(frozen=True)
class Profile(OrderSheet):
    """The rows of one profile; parsed once however many orders use it.

    Attributes
    ----------
    name
        As the workbook spells it.
    doubt
        Why it may lack rows: the name of one that may be its own can't be read.
    """

    name: str = ""
    doubt: InputError | None = None
    _parsed: dict[str, Floats | None] = field(default_factory=dict, repr=False, compare=False)

    def column(self, key: str) -> Floats | None:
        """As `OrderSheet.column`, read-only."""
        if key not in self._parsed:
            values = super().column(key)
            if values is not None:
                values.flags.writeable = False
            self._parsed[key] = values
        return self._parsed[key]

    def times(self) -> list[dt.time | None]:
        """As `OrderSheet.times`."""
        return self._times

    def starts(self) -> list[Moment | None]:
        """As `OrderSheet.starts`."""
        return self._starts

    @cached_property
    def elapsed(self) -> tuple[dt.timedelta, ...] | None:
        """Starts of the intervals since the midnight before the session; None where one is blank."""
        starts = [start.elapsed for start in self._starts if start is not None]
        return tuple(starts) if len(starts) == self.rows else None

    @cached_property
    def _times(self) -> list[dt.time | None]:
        return super().times()

    @cached_property
    def _starts(self) -> list[Moment | None]:
        return super().starts()


@dataclass(frozen=True, kw_only=True)
class OrderRow(OrderSheet):
    """An order of the blotter as a sheet of its own: cells of its row, intervals of its profile.

    Attributes
    ----------
    row
        Cells of the row by column key.
    profile
        The profile that the row names.
    """

    row: Mapping[str, Cell]
    profile: Profile

    @cached_property
    def rows(self) -> int:
        return self.profile.rows

    def column(self, key: str) -> Floats | None:
        """The profile's column; the row's MaxShares caps every interval together with the profile's."""
        values = self.profile.column(key)
        cap = self._largest if key == "max_shares" else None
        if cap is None:
            return values
        return np.full(self.rows, cap) if values is None else np.minimum(values, cap)

    def times(self) -> list[dt.time | None]:
        return self.profile.times()

    def starts(self) -> list[Moment | None]:
        return self.profile.starts()

    def labels(self) -> list[CellValue]:
        return self.profile.labels()

    def where(self, key: str) -> str:
        cell = self.row.get(key)
        if cell is None or (cell.is_blank and key not in OWN_COLUMNS):
            return super().where(key)
        return f"{cell.where} ({_ORDER[key].header})"

    @cached_property
    def _largest(self) -> float | None:
        cell = self.row.get("max_shares")
        value = None if cell is None else parse_cell(_ORDER["max_shares"], cell)
        return value if isinstance(value, float) else None


@dataclass(frozen=True)
class Blotter:
    """The inputs of a workbook with many orders.

    Attributes
    ----------
    label
        Name of the workbook, for messages.
    cells
        Input cells by field key: what counts where a row is blank.
    lines
        Cells by column key of each row of tblOrders that isn't blank.
    profiles
        Profiles by name, as `header_key` spells it.
    nameless
        What is wrong with rows of tblProfiles that name none.
    columns
        All cells of the two tables by the fingerprint's column key.
    notes
        What the trader should know of the inputs.
    """

    label: str
    cells: Mapping[str, Cell]
    lines: tuple[Mapping[str, Cell], ...]
    profiles: Mapping[str, Profile]
    nameless: tuple[InputError, ...]
    columns: Mapping[str, Sequence[Cell]]
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, book: Book) -> Blotter:
        """Read orders, profiles and the workbook-wide settings.

        Raises
        ------
        InputError
            A table or a column is missing, or there are no orders.
        """
        cells = {field.key: cell for field in INPUTS if (cell := book.cell(field.name)) is not None}
        orders, orders_notes = _columns(book, TBL_ORDERS, ORDER_COLUMNS, "Shares")
        profiles, profiles_notes = _columns(book, TBL_PROFILES, PROFILE_COLUMNS, "Beta")
        keyed = {
            column_key(table, column.header): found[column.key]
            for table, columns, found in (
                (TBL_ORDERS, ORDER_COLUMNS, orders),
                (TBL_PROFILES, PROFILE_COLUMNS, profiles),
            )
            for column in columns
            if column.key in found
        }
        lines = _filled_rows(orders)
        if not lines:
            raise InputError("has no orders: fill in OrderId, Shares and Profile of at least one", where=TBL_ORDERS)
        named, nameless = _profiles(book.label, profiles)
        notes = (*orders_notes, *profiles_notes)
        return cls(book.label, cells, lines, named, nameless, keyed, notes)

    def with_cells(self, cells: Mapping[str, Cell]) -> Blotter:
        return replace(self, cells=cells)

    @cached_property
    def fingerprint(self) -> float:
        """The number by which the workbook tells whether its results are still current."""
        scalars = {BY_KEY[key].name: cell.value for key, cell in self.cells.items()}
        return fingerprint(scalars, {key: [cell.value for cell in cells] for key, cells in self.columns.items()})

    def order(self, line: Mapping[str, Cell]) -> BatchOrder:
        """The order in a row.

        Raises
        ------
        InputError
            Placed at the cell that is wrong: of the row, of its profile, or of a workbook-wide setting.
        """
        name = self._order_id(line)
        sheet = self._sheet(line)
        return BatchOrder(
            order_id=name,
            problem=sheet.problem,
            symbol=self.symbol(line),
            side=sheet.text("side"),
            starts=sheet.profile.elapsed,
            method=sheet.text("method"),
        )

    def symbol(self, line: Mapping[str, Cell]) -> str:
        """The symbol of a row; InputError where it can't be read."""
        cell = line.get("symbol")
        if cell is None or cell.is_blank:
            cell = self.cells.get("symbol")
        return (_text("symbol", cell) if cell is not None else "") or NO_SYMBOL

    def side(self, line: Mapping[str, Cell]) -> str:
        """The side of a row; InputError where it is neither buy nor sell."""
        return OrderSheet(self.label, self._settings(line), {}).text("side")

    def shares(self, line: Mapping[str, Cell]) -> float | None:
        """The order size of a row; InputError where it isn't a number in range."""
        return OrderSheet(self.label, self._settings(line), {}).number("shares")

    def _settings(self, line: Mapping[str, Cell]) -> dict[str, Cell]:
        """Cells by field key: the row's own, the workbook's where the row is blank."""
        given = {key: cell for key, cell in line.items() if key in BY_KEY and (key in OWN_COLUMNS or not cell.is_blank)}
        return {**self.cells, **given}

    def _sheet(self, line: Mapping[str, Cell]) -> OrderRow:
        profile = self._profile(line["profile"])
        return OrderRow(
            self.label, self._settings(line), profile.columns, table=TBL_PROFILES, row=line, profile=profile
        )

    def _profile(self, cell: Cell) -> Profile:
        name = _text("profile", cell)
        if not name:
            raise InputError("is blank: name the order's profile", where=f"{cell.where} (Profile)")
        found = self.profiles.get(header_key(name))
        if found is not None and found.doubt is not None:
            raise found.doubt
        if found is not None:
            return found
        known = [profile.name for profile in self.profiles.values()]
        near = difflib.get_close_matches(header_key(name), self.profiles, n=1)
        hint = f"did you mean {self.profiles[near[0]].name}?" if near else f"the profiles are {_listed(known)}"
        hint = f"{self.nameless[0]}" if self.nameless else hint
        raise InputError(f"is {name!r}, which {TBL_PROFILES} doesn't have: {hint}", where=f"{cell.where} (Profile)")

    def _order_id(self, line: Mapping[str, Cell]) -> str:
        cell = line["order_id"]
        name, where = _text("order_id", cell), f"{cell.where} (OrderId)"
        if not name:
            raise InputError("is blank: give the order an id", where=where)
        others = [other for other in self._ids[header_key(name)] if other is not cell]
        if others:
            raise InputError(
                f"is {name!r}, as {_listed([other.where for other in others])} is: give every order an id of its own",
                where=where,
            )
        if len(name) > LONGEST_HEADER or any(character < " " for character in name):
            raise InputError(f"must be one line of at most {LONGEST_HEADER} characters: shorten the id", where=where)
        if header_key(name) in {header_key(column.header) for column in SCHEDULES_COLUMNS}:
            raise InputError(f"is {name!r}, a column that {TBL_SCHEDULES} has anyway: choose another id", where=where)
        return name

    @cached_property
    def _ids(self) -> dict[str, list[Cell]]:
        """The cells that hold each id."""
        cells: dict[str, list[Cell]] = {}
        for line in self.lines:
            try:
                name = _text("order_id", line["order_id"])
            except InputError:
                continue
            cells.setdefault(header_key(name), []).append(line["order_id"])
        return cells


def _columns(
    book: Book, name: str, known: Sequence[Column], numbers: str
) -> tuple[dict[str, tuple[Cell, ...]], tuple[str, ...]]:
    """The columns of a table by key; notes where it goes on below, or hides rows."""
    table = book.table(name)
    if table is None:
        required = ", ".join(column.header for column in known if column.required)
        raise InputError(f"has no table {name}: a blotter needs one with the columns {required}", where=book.label)
    columns = {column.key: table.columns[column.header] for column in known if column.header in table.columns}
    for column in known:
        if column.required and column.key not in columns:
            raise InputError(f"has no column {column.header}: add it", where=_place(table))
    words = [column.header for column in known if column.kind in (Kind.TEXT, Kind.CHOICE)]
    return columns, (*notes_below(book, table, [numbers], words), *notes_hidden(table))


def _place(table: Table) -> str:
    return f"{table.name} ({table.where})"


def _filled_rows(columns: Mapping[str, Sequence[Cell]]) -> tuple[dict[str, Cell], ...]:
    """The rows of a table that aren't blank throughout."""
    keys = list(columns)
    rows = (dict(zip(keys, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
    return tuple(row for row in rows if not all(cell.is_blank for cell in row.values()))


def _profiles(label: str, columns: Mapping[str, Sequence[Cell]]) -> tuple[dict[str, Profile], tuple[InputError, ...]]:
    """The rows of each profile, under its name; they may stand anywhere in the table. And what is wrong with names.

    A row whose name can't be read may be of any profile that has no interval at its time: these are in doubt.
    """
    keys = [column.key for column in INTERVAL_COLUMNS if column.key in columns]
    rows: dict[str, list[int]] = {}
    spelling: dict[str, str] = {}
    nameless: dict[int, InputError] = {}
    raw, last = None, ""
    for row, cell in enumerate(columns["profile"]):
        if cell.is_blank:
            if not all(columns[key][row].is_blank for key in keys):
                problem = "is blank: name the profile that the row belongs to"
                nameless[row] = InputError(problem, where=f"{cell.where} (Profile)")
            continue
        if cell.value != raw or cell.is_formula:
            try:
                name = _text("profile", cell)
            except InputError as error:
                nameless[row] = error
                continue
            raw, last = cell.value, header_key(name)
            spelling.setdefault(last, name)
        rows.setdefault(last, []).append(row)
    profiles = {}
    for key, found in rows.items():
        own = {name: tuple(columns[name][row] for row in found) for name in keys}
        doubt = _doubt(columns, own, nameless)
        profiles[key] = Profile(label, {}, own, table=TBL_PROFILES, name=spelling[key], doubt=doubt)
    return profiles, tuple(nameless.values())


def _doubt(
    columns: Mapping[str, Sequence[Cell]], own: Mapping[str, Sequence[Cell]], nameless: Mapping[int, InputError]
) -> InputError | None:
    """What is wrong with the first nameless row that may be one more of a profile's own: its start is none of theirs.

    Where the row has no start, its label counts.
    """
    taken = {key: {cell.value for cell in own[key]} for key in ("start", "interval") if key in own} if nameless else {}
    for row, error in nameless.items():
        marks = ((columns[key][row], values) for key, values in taken.items())
        cell, values = next(((cell, values) for cell, values in marks if not cell.is_blank), (None, set()))
        if cell is None or cell.value not in values:
            return error
    return None


def _text(key: str, cell: Cell) -> str:
    """Text in a cell, without spaces around."""
    value = present_value(cell)
    text = str(value).upper() if isinstance(value, bool) else parse_cell(_ORDER[key], cell)
    return "" if text is None else str(text).strip()


def _listed(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
