"""Fills as they stand in tblFills or in a CSV file with the same headers."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tradealloc.desk.fills_today import Fill
from tradealloc.errors import InputError, WorkbookError

from .book import Book, Cell, header_key
from .fields.intraday import FILL_CHECKS, TBL_FILLS
from .fields.intraday import FILL_COLUMNS as OWN_COLUMNS
from .parsing import parse_cell, parse_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

READ_COLUMNS = (*OWN_COLUMNS, *FILL_CHECKS)
EPOCH, LAST_DAY = dt.date(1899, 12, 30), 100_000
"""Excel's day 0, and the number of a day that no fill is of."""
EARLIEST_YEAR = 1904
_SIDES = {"buy": "buy", "b": "buy", "sell": "sell", "s": "sell"}


def fills_of_book(book: Book, zone: ZoneInfo | None = None) -> list[Fill] | None:
    """The rows of tblFills; None where the workbook has no such table. Blank rows don't count.

    Times with a zone are turned into those of `zone`; others are local already.
    """
    table = book.table(TBL_FILLS)
    if table is None:
        return None
    columns = {column.key: table.columns[column.header] for column in READ_COLUMNS if column.header in table.columns}
    _refuse_missing(columns, TBL_FILLS)
    rows = ({key: cells[row] for key, cells in columns.items()} for row in range(table.rows))
    given = (row for row in rows if not all(cell.is_blank for cell in row.values()))
    return [_fill({**row, "time": _local(row["time"], zone)}) for row in given]


def fills_of_file(path: Path, zone: ZoneInfo | None = None) -> list[Fill]:
    """The rows of a CSV file of fills.

    Parameters
    ----------
    path
        The file.
    zone
        Of the session: times with a zone are turned into its own; others are local already.

    Raises
    ------
    WorkbookError
        The file can't be read.
    InputError
        With file, row and column.
    """
    from tradealloc.desk.tca.table import refuse_other_formats, refuse_other_separators

    try:
        data = path.read_bytes()
        refuse_other_formats(data[:4], path.name)
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except FileNotFoundError:
        raise WorkbookError(f"{path} doesn't exist: check the name of the file of fills") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read as CSV ({error}): save it as CSV UTF-8") from None
    if not rows:
        raise InputError("is empty: give a header and one row a fill", where=path.name)
    if rows[0]:
        refuse_other_separators(rows[0], f"{path.name} row 1")
    known = {header_key(column.header): column for column in READ_COLUMNS}
    places = {known[header_key(text)].key: index for index, text in enumerate(rows[0]) if header_key(text) in known}
    _refuse_missing(places, path.name)
    fills = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(text.strip() for text in row):
            continue
        if len(row) != len(rows[0]):
            problem = f"has {len(row)} cells where the header has {len(rows[0])}: the line may be cut; write it again"
            raise InputError(problem, where=f"{path.name} row {number}")
        cells = {}
        for column in READ_COLUMNS:
            if column.key in places:
                where = f"{path.name} row {number}, column {column.header}"
                cells[column.key] = Cell(row[places[column.key]], where)
        cells["time"] = _local(cells["time"], zone)
        day = _day(cells["time"].value)
        for column in READ_COLUMNS:
            cell = cells.get(column.key)
            if cell is not None and isinstance(cell.value, str):
                cells[column.key] = Cell(parse_text(column, cell.value, cell.where), cell.where)
        fills.append(_fill(cells, f"{path.name} row {number}", day))
    return fills


def _local(cell: Cell, zone: ZoneInfo | None) -> Cell:
    """The cell with a moment in the zone's local time where its text is one with a time zone; else as it is."""
    if not isinstance(cell.value, str):
        return cell
    try:
        moment = dt.datetime.fromisoformat(cell.value.strip())
        if moment.tzinfo is None:
            return cell
        if zone is not None:
            return Cell(moment.astimezone(zone).replace(tzinfo=None), cell.where)
    except (ValueError, OverflowError):
        return cell
    problem = f"is {cell.value.strip()!r}, and which zone the session's times are in isn't known: say it with"
    raise InputError(f"{problem} --timezone America/New_York", where=cell.where)


def _refuse_missing(columns: Mapping[str, object], where: str) -> None:
    if missing := [column.header for column in READ_COLUMNS if column.required and column.key not in columns]:
        raise InputError(f"lacks the column {', '.join(missing)}: add it", where=where)


def _day(value: object) -> dt.date | None:
    """The date beside a time of day: in a text, a date's cell or Excel's number of days; None where there is none."""
    day = None
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            day = dt.datetime.fromisoformat(value.strip()).date()
    elif isinstance(value, dt.datetime):
        day = value.date()
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < LAST_DAY:
        day = EPOCH + dt.timedelta(days=int(value))
    # A time alone stands on the first day of the workbook's calendar, of 1900 or 1904.
    return day if day is not None and day.year > EARLIEST_YEAR else None


def _fill(cells: Mapping[str, Cell], where: str = "", day: dt.date | None = None) -> Fill:
    values = {column.key: parse_cell(column, cells[column.key]) for column in READ_COLUMNS if column.key in cells}
    for column in READ_COLUMNS:
        if column.required and values[column.key] is None:
            raise InputError(f"is blank: give the fill's {column.header}", where=cells[column.key].where)
    time, shares, price, mid = (values.get(key) for key in ("time", "shares", "price", "mid"))
    assert isinstance(time, dt.time)
    assert isinstance(shares, float)
    assert isinstance(price, float)
    side = str(values.get("side") or "").strip().lower()
    if side and side not in _SIDES:
        raise InputError(f"is {side!r}: give buy or sell", where=cells["side"].where)
    return Fill(
        time,
        shares,
        price,
        where or cells["time"].where,
        _SIDES.get(side, ""),
        str(values.get("symbol") or ""),
        mid if isinstance(mid, float) else None,
        str(values.get("identity") or ""),
        str(values.get("currency") or ""),
        str(values.get("order_id") or ""),
        day or _day(cells["time"].value),
    )
