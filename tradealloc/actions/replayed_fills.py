"""A replay's fills as files: what a day's execution leaves behind, for `reoptimise`, `monitor` and `tca`."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import InputError, WorkbookError
from ..files import refuse_inputs, write_files
from .replay import DataOptions, ReplayedDay, book_sources

FILL_HEADERS = ("Time", "Shares", "Price", "Side", "Symbol", "Mid", "FillId", "OrderId", "Bid", "Ask")
ORDER_HEADERS = ("OrderId", "Symbol", "Side", "Shares", "ArrivalPrice", "EndPrice")


def check_fill_targets(fills: Path, orders: Path | None, inputs: Sequence[Path]) -> None:
    """Refuse files that can't take fills or the order, before any work is done.

    Raises
    ------
    InputError
        They are the same file, one of those that are read, or hold something else.
    WorkbookError
        A file can't be read.
    """
    refuse_inputs([path for path in (fills, orders) if path is not None], inputs, "is read here")
    _existing(fills, FILL_HEADERS)
    if orders is not None:
        _existing(orders, ORDER_HEADERS)


def refuse_repeated(
    fills: Path,
    data: Sequence[Path],
    *,
    options: DataOptions | None = None,
    start: dt.time | None = None,
    end: dt.time | None = None,
    latency: dt.timedelta = dt.timedelta(),
) -> None:
    """Refuse to replay a part of a day whose fills the file already holds: they would be counted twice.

    A fill belongs to the part in which it was decided on, `latency` before its time.

    Raises
    ------
    InputError
        The file holds fills of the data's day and symbol from `start` to before `end`, or a fill without a time.
    WorkbookError
        A file can't be read.
    """
    rows = _existing(fills, FILL_HEADERS)
    if not rows:
        return
    days = {(source.symbol, source.session.date) for source in book_sources(data, options)}
    last: tuple[dt.datetime, int] | None = None
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        try:
            time = dt.datetime.fromisoformat(row[0])
        except ValueError:
            where = f"{fills} row {number:,}, column Time"
            raise InputError(f"is {row[0][:40]!r}: mend it, or remove the file", where=where) from None
        decided = (time - latency).time()
        inside = (start is None or decided >= start) and (end is None or decided < end)
        symbol = row[FILL_HEADERS.index("Symbol")] if len(row) == len(FILL_HEADERS) else ""
        if inside and (symbol, time.date()) in days and (last is None or time >= last[0]):
            last = time, number
    if last is not None:
        raise InputError(
            f"already holds fills of this part of {last[0].date()}, the last at {last[0]:%H:%M:%S} "
            f"(row {last[1]:,}): remove the file, or replay what comes after it with --from",
            where=str(fills),
        )


def record(day: ReplayedDay, fills: Path, orders: Path | None = None) -> int:
    """Add the fills of a replay to a CSV file, made where it is missing, and write the order beside it.

    Times are local to the venue. The mid after a fill isn't written: a replayed market doesn't react, so that it would
    tell nothing of permanent impact. The order is written with its first
    fills: while the file of fills exists, that of the order is left as it is, so that the arrival price stays that of
    the morning.

    Returns
    -------
    int
        Fills added.

    Raises
    ------
    InputError
        A file holds something else than fills or an order of this program.
    WorkbookError
        A file can't be read or written; nothing is changed then.
    """
    check_fill_targets(fills, orders, ())
    before = _existing(fills, FILL_HEADERS)
    first = len(before)
    rows = _fill_rows(day, first)
    contents = {fills: _text(FILL_HEADERS, [*before, *rows])}
    if orders is not None and not (before and orders.exists()):
        contents[orders] = _text(ORDER_HEADERS, [_order_row(day)])
    write_files(contents)
    return len(rows)


def _fill_rows(day: ReplayedDay, first: int) -> list[Sequence[str]]:
    done, side = day.result.fills, day.result.side
    name = "buy" if side > 0 else "sell"
    other = 2 * done.mid - done.best
    bid, ask = (other, done.best) if side > 0 else (done.best, other)
    midnight = np.datetime64(day.result.session.date, "ns")
    columns = zip(
        (midnight + done.time.astype("timedelta64[ns]")).astype("datetime64[us]").tolist(),
        done.shares.tolist(), done.price.tolist(), done.mid.tolist(), bid.tolist(), ask.tolist(),
        strict=True,
    )  # fmt: skip
    return [
        (time.isoformat(), _number(shares), _number(price), name, day.symbol, _number(mid), str(number), "replay",
         _number(low), _number(high))
        for number, (time, shares, price, mid, low, high) in enumerate(columns, start=first + 1)
    ]  # fmt: skip


def _order_row(day: ReplayedDay) -> Sequence[str]:
    done = day.result
    side = "buy" if done.side > 0 else "sell"
    return ("replay", day.symbol, side, _number(round(day.order_shares, 6)), _number(done.arrival), "")


def _existing(path: Path, headers: Sequence[str]) -> list[Sequence[str]]:
    """The rows below the headers; none where there is no file."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows: list[Sequence[str]] = list(csv.reader(file))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read ({error}): choose another file") from None
    if not rows or tuple(rows[0]) != headers:
        raise InputError("holds something else than a replay's fills or order: choose another file", where=str(path))
    return rows[1:]


def _text(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([headers, *rows])
    return text.getvalue().encode()


def _number(value: float) -> str:
    return "" if math.isnan(value) else repr(value)
