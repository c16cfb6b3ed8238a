"""A replay's fills as files: what a day's execution leaves behind, for `reoptimise`, `monitor` and `tca`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import InputError, WorkbookError
from ..export.files import write_files
from .replay import ReplayedDay

FILL_HEADERS = ("Time", "Shares", "Price", "Side", "Symbol", "Mid", "FillId", "OrderId", "Bid", "Ask")
ORDER_HEADERS = ("OrderId", "Symbol", "Side", "Shares", "ArrivalPrice", "EndPrice")


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
        The file holds something else than fills of this program.
    WorkbookError
        A file can't be read or written; nothing is changed then.
    """
    before = _existing(fills)
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


def _existing(path: Path) -> list[Sequence[str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows: list[Sequence[str]] = list(csv.reader(file))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read ({error}): choose another file for the fills") from None
    if not rows or tuple(rows[0]) != FILL_HEADERS:
        raise InputError("holds something else than a replay's fills: choose another file", where=str(path))
    return rows[1:]


def _text(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([headers, *rows])
    return text.getvalue().encode()


def _number(value: float) -> str:
    return "" if math.isnan(value) else repr(value)
