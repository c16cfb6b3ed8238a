"""CSV as in RFC 4180: commas, CRLF, quotes where needed, UTF-8, decimal points, every float to its last bit."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from tradealloc.errors import InputError, WorkbookError

from .child import ChildOrder
from .columns import EXPORT_COLUMNS, ExportColumn, Type, Value, child_of, values
from .text import neutral, original

WHOLE = 2.0**53
"""Above it not every whole number is a float: those keep the float's own digits."""


def csv_bytes(children: Sequence[ChildOrder], *, bom: bool = False) -> bytes:
    """The rows as a CSV file.

    Parameters
    ----------
    children
        The rows.
    bom
        Begin with a byte-order mark. Excel needs it for letters beyond ASCII; many loaders take it for part of the
        first header, hence not by default.
    """
    rows = [[field_text(value) for value in values(child).values()] for child in children]
    return table_bytes([column.name for column in EXPORT_COLUMNS], rows, bom=bom)


def table_bytes(headers: Sequence[str], rows: Sequence[Sequence[str]], *, bom: bool = False) -> bytes:
    """Headers and rows as the bytes of a CSV file."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig" if bom else "utf-8")


def field_text(value: Value) -> str:
    """A value as it stands in CSV; text that looks like a formula is made harmless, numbers never change."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return neutral(value) if isinstance(value, str) else str(value)


def number_text(value: float) -> str:
    """The shortest digits that read back to the same float; whole numbers without a decimal point."""
    return str(int(value)) if value.is_integer() and abs(value) < WHOLE else repr(value)


def read_csv(path: Path) -> list[ChildOrder]:
    """The rows of a file that `csv_bytes` made.

    Raises
    ------
    WorkbookError
        The file can't be read.
    InputError
        It isn't such a file; placed at its row and column.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read as CSV ({error}): export it again") from None
    names = [column.name for column in EXPORT_COLUMNS]
    if not rows or rows[0] != names:
        raise InputError("doesn't have the columns of an export: see tradealloc export --columns", where=path.name)
    children = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise InputError(
                f"has {len(row)} fields, not {len(names)}: export it again", where=f"{path.name} row {number}"
            )
        cells = zip(EXPORT_COLUMNS, row, strict=True)
        children.append(
            child_of({c.name: _value(c, text, f"{path.name} row {number}, column {c.name}") for c, text in cells})
        )
    return children


def _value(column: ExportColumn, text: str, where: str) -> Value:
    if text == "" and column.blank:
        return None
    try:
        return _PARSERS[column.type](text)
    except ValueError:
        raise InputError(f"is {text!r}: {column.type} wanted, export it again", where=where) from None


_PARSERS: dict[Type, Callable[[str], Value]] = {
    Type.TEXT: original,
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.DATE: dt.date.fromisoformat,
    Type.TIME: dt.time.fromisoformat,
}
