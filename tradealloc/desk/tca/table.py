"""A table of raw values with the place of each: from a CSV file, a workbook or a function's argument."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.errors import InputError

from .fills import UNKNOWN_TIME, Floats, Ints

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EPOCH = dt.datetime(1970, 1, 1)
_ONE = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class RawTable:
    """Columns of raw values, found by header.

    Attributes
    ----------
    label
        What messages call the table.
    columns
        Values by header as `plain_header` leaves it; all of the same length.
    place
        Where the user finds a value: from the index of the row and the header.
    may_be_local
        Whether times without a zone are local times, as a workbook's always are.
    rows
        Row numbers for messages.
    """

    label: str
    columns: Mapping[str, Sequence[object]]
    place: Callable[[int, str], str]
    rows: Sequence[int]
    may_be_local: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def header(self, names: Sequence[str]) -> str | None:
        """The first of the names that the table has."""
        return next((name for name in names if name in self.columns), None)

    def where(self, row: int) -> str:
        """Where the user finds a row."""
        return self.place(row, "")

    def take(self, keep: Sequence[int]) -> RawTable:
        """The table with the chosen rows only."""
        columns = {name: [values[row] for row in keep] for name, values in self.columns.items()}
        place = self.place
        return RawTable(
            self.label,
            columns,
            lambda row, header: place(keep[row], header),
            [self.rows[row] for row in keep],
            self.may_be_local,
        )

    def texts(self, names: Sequence[str], default: str = "") -> list[str]:
        """A column of texts; `default` throughout where there is none."""
        header = self.header(names)
        if header is None:
            return [default] * len(self)
        return [_text(value) for value in self.columns[header]]

    def numbers(self, names: Sequence[str], *, required: bool = False, above_zero: bool = False) -> Floats:
        """A column of numbers, NaN where blank or where there is none.

        Raises
        ------
        InputError
            The column is missing, or a cell of it is no number, blank where it is required, or isn't above 0.
        """
        header = self.header(names)
        if header is None:
            if required:
                raise InputError(f"has no column {names[0].capitalize()}: add one", where=self.label)
            return np.full(len(self), np.nan)
        values = self.columns[header]
        try:
            if _holds_no_numbers(values):
                raise ValueError("float() would take them")
            found = np.array([np.nan if v is None or v == "" else float(v) for v in values])  # type: ignore[arg-type]
        except (TypeError, ValueError):
            found = np.array([self._number(row, header, value) for row, value in enumerate(values)])
        blank = np.fromiter((value is None or value == "" for value in values), bool, len(self))
        for is_bad, problem in (
            (blank if required else np.zeros(len(self), bool), "is blank: fill it in"),
            (~blank & ~np.isfinite(found), "is no finite number: give a number"),
            ((found <= 0) if above_zero else np.zeros(len(self), bool), "is {:g}: give a number above 0"),
        ):
            if is_bad.any():
                row = int(np.argmax(is_bad))
                raise InputError(problem.format(found[row]), where=self.place(row, header))
        return found

    def times(self, names: Sequence[str], zone: ZoneInfo | None) -> Ints:
        """A column of times as local nanoseconds after 1970; `UNKNOWN_TIME` where blank or where there is none.

        Raises
        ------
        InputError
            A cell is no time, or has no time zone where none is given for it.
        """
        header = self.header(names)
        if header is None:
            return np.full(len(self), UNKNOWN_TIME)
        return np.array(
            [self._time(row, header, value, zone) for row, value in enumerate(self.columns[header])], np.int64
        )

    def _number(self, row: int, header: str, value: object) -> float:
        if value is None or value == "":
            return np.nan
        try:
            if _holds_no_numbers([value]):
                raise ValueError
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise InputError(f"is {str(value)[:40]!r}: give a number", where=self.place(row, header)) from None

    def _time(self, row: int, header: str, value: object, zone: ZoneInfo | None) -> int:
        if isinstance(value, str) and value:
            value = _moment(value, self.place, row, header)
        if value is None or value == "":
            return int(UNKNOWN_TIME)
        if isinstance(value, dt.time):
            value = dt.datetime.combine(EPOCH.date(), value)
        if isinstance(value, int | float) and not isinstance(value, bool) and self.may_be_local:
            value = _of_serial(float(value))
        if not isinstance(value, dt.datetime):
            raise InputError(f"is {str(value)[:40]!r}: give a date with a time", where=self.place(row, header))
        if value.tzinfo is None:
            if zone is None and not self.may_be_local:
                problem = "has no time zone: give times with one (2025-06-02T13:30:00Z), or say --timezone"
                raise InputError(problem, where=self.place(row, header))
        else:
            value = (value.astimezone(zone) if zone is not None else value).replace(tzinfo=None)
        return (value - EPOCH) // _ONE * 1000


def plain_header(header: str) -> str:
    """What makes two headers the same: case, spaces and underscores don't count."""
    return "".join(character for character in header.casefold() if character not in " _-")


def read_csv(path: Path) -> RawTable:
    """A headed CSV file, plain or compressed (.gz, .zst).

    Raises
    ------
    WorkbookError
        The file is missing, truncated or damaged.
    InputError
        It holds no rows, isn't separated by commas, or a row has too few or too many cells; with its row.
    """
    from tradealloc.market.readers.stream import opened

    with opened(path) as stream:
        refuse_other_formats(stream.read(4), path.name)
    with opened(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        found: list[list[str]] = []
        rows: list[int] = []
        headers: list[str] = []
        try:
            for cells in reader:
                if not "".join(cells).strip():
                    continue
                if not headers:
                    headers = [cell.strip() for cell in cells]
                    refuse_other_separators(headers, f"{path.name} row {reader.line_num:,}")
                    continue
                if len(cells) != len(headers):
                    problem = f"has {len(cells)} cells where {len(headers)} are expected: the file is truncated or torn"
                    raise InputError(problem, where=f"{path.name} row {reader.line_num:,}")
                found.append(cells)
                rows.append(reader.line_num)
        except UnicodeDecodeError as error:
            raise InputError("isn't in UTF-8: save it as CSV UTF-8", where=_undecodable_row(path)) from error
        except csv.Error as error:
            problem = f"isn't CSV ({error}): export it again"
            raise InputError(problem, where=f"{path.name} row {reader.line_num:,}") from error
    if not found:
        raise InputError("holds no rows: give a headed CSV file", where=path.name)
    keys = [plain_header(header) for header in headers]
    for position, key in enumerate(keys):
        if key and key in keys[:position]:
            raise InputError(f"has two columns {headers[position]}: keep one", where=path.name)
    columns = dict(zip(keys, ([cell.strip() for cell in column] for column in zip(*found, strict=True)), strict=True))
    labels = dict(zip(keys, headers, strict=True))

    def place(row: int, header: str) -> str:
        return f"{path.name} row {rows[row]:,}" + (f", column {labels[header]}" if header else "")

    return RawTable(path.name, columns, place, rows)


_OTHER_FORMATS = {
    b"PK\x03\x04": "is a workbook or zip archive",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook (.xls)",
    b"PAR1": "is a Parquet file",
    b"\x1f\x8b": "is compressed: give its name the ending .gz, or unpack it",
    b"\xff\xfe": "is in UTF-16",
    b"\xfe\xff": "is in UTF-16",
}
"""First bytes of files that are taken for CSV, and what to say of them."""


def refuse_other_formats(first: bytes, where: str) -> None:
    """Refuse what isn't CSV in UTF-8 by its first four bytes; InputError with what it is."""
    for magic, problem in _OTHER_FORMATS.items():
        if first.startswith(magic):
            raise InputError(problem if ":" in problem else f"{problem}: save it as CSV UTF-8", where=where)


def _undecodable_row(path: Path) -> str:
    """Where the first bytes stand that aren't UTF-8."""
    from tradealloc.market.readers.stream import opened

    with opened(path) as stream:
        for number, line in enumerate(io.BytesIO(stream.read()), start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return f"{path.name} row {number:,}"
    return path.name


def refuse_other_separators(headers: Sequence[str], where: str) -> None:
    """Refuse a header of one cell, or a line of Excel's that names the separator: it isn't separated by commas."""
    first = headers[0]
    if first.casefold().startswith("sep="):
        raise InputError("says what separates its cells: remove that line, and separate by commas", where=where)
    for sign, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(headers) == 1 and sign in first:
            raise InputError(f"separates cells by {name}: save as CSV with commas and decimal points", where=where)


def _holds_no_numbers(values: Sequence[object]) -> bool:
    """Whether there is what Python takes for a number and a table doesn't: TRUE, or 1_000."""
    return bool in set(map(type, values)) or "_" in "".join(value for value in values if isinstance(value, str))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _of_serial(days: float) -> dt.datetime | float:
    """The moment that a spreadsheet's number stands for; a part of a day is a time without a date."""
    base = EPOCH if 0 <= days < 1 else dt.datetime(1899, 12, 30)
    try:
        return base + dt.timedelta(seconds=round(days * 86400, 6)) if days >= 0 else days
    except (OverflowError, ValueError):
        return days


def _moment(text: str, place: Callable[[int, str], str], row: int, header: str) -> dt.datetime | dt.time:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        problem = f"is {text[:40]!r}: give an ISO time such as 2025-06-02T13:30:00Z"
        raise InputError(problem, where=place(row, header)) from None
