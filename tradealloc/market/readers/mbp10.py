"""Databento MBP-10 CSV: one event a row, with the ten levels of the book after it.

ts_event (ISO, UTC, nanoseconds; or without a zone in any row, where the user names it), action (A add, C cancel,
M modify, R clear, T trade, F fill), side (A, B, N), price, size, then for k = 00..09 bid_px_k, ask_px_k, bid_sz_k,
ask_sz_k (bid_ct_k and ask_ct_k aren't read), and symbol. The side of a trade is who came to the book: B a buyer, A a
seller, N unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.book import BookChunk
from tradealloc.market.quality import GAP, KEPT_PLACES, Kind, QualityMeter
from tradealloc.market.session import Session

from .book_file import BookFile, Repeats, cleaned_side
from .ordering import Block
from .stream import Column, blocks, first_rows, floats, refuse_below, refuse_rows, texts
from .timing import SessionHours, TimeColumn

if TYPE_CHECKING:
    import pyarrow as pa

LEVELS = 10
ACTIONS = "ACMRTFN"
SIDES = "ABN"
FIXED_POINT = 10**8
"""A whole number from here on is a price in billionths, 0.10 and above; no share costs as much."""


def book_columns() -> list[str]:
    """The forty columns of the book that are read."""
    return [f"{what}_{level:02d}" for level in range(LEVELS) for what in ("bid_px", "ask_px", "bid_sz", "ask_sz")]


class Mbp10File(BookFile):
    """A day of one symbol from a Databento MBP-10 CSV file, .csv, .csv.gz or .csv.zst.

    Parameters
    ----------
    path
        The file.
    session
        The hours; by default 09:30 to 16:00 New York of the day that the first event belongs to.
    hours
        What to make the session of, where none is given; times without a zone need its timezone.
    tick
        Smallest price step, currency.
    gap
        Silences longer than this are reported.
    """

    def __init__(
        self,
        path: Path,
        *,
        session: Session | None = None,
        hours: SessionHours | None = None,
        tick: float = 0.01,
        gap: dt.timedelta = GAP,
    ) -> None:
        rows = first_rows(path)
        names = rows[0] if rows else []
        wanted = ["ts_event", "action", "side", "price", "size", *book_columns(), "symbol"]
        if missing := [name for name in wanted if name not in names]:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise InputError(
                f"lacks the columns {', '.join(missing[:3])}{more}: export MBP-10 with all its columns", where=path.name
            )
        if len(rows) < 2:
            raise InputError("has headers but no events: give a day of data", where=path.name)
        first = dict(zip(names, rows[1], strict=False))
        where = f"{path.name} row 2, column ts_event"
        if first["ts_event"].isdigit():
            raise InputError("is a bare number: export with pretty timestamps and prices (ISO, decimal)", where=where)
        _refuse_fixed_point(path, first)
        self._time = TimeColumn.found(path, "ts_event", first["ts_event"], session, hours)
        if self._time.column.holds not in ("utc", "local"):
            raise InputError(
                f"is {first['ts_event'][:40]!r}: give an ISO time such as 2025-06-02T13:30:00Z", where=where
            )
        self._columns = [
            self._time.column,
            Column("action", "text"),
            Column("side", "text"),
            Column("price", "float", blank=True),
            Column("size", "float"),
            *(Column(name, "float", blank=True) for name in book_columns()),
            Column("symbol", "text"),
        ]
        self._has_sequence = "sequence" in names
        if self._has_sequence:
            self._columns.append(Column("sequence", "int"))
        self._width = len(names)
        super().__init__(path, first["symbol"], self._time.session, tick, LEVELS, gap)

    def _blocks(self, meter: QualityMeter) -> Iterator[Block]:
        repeats = Repeats()
        for row, batch in blocks(self.path, self._columns, header=True, width=self._width):
            events = self._chunk(row, batch)
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            identity: list[NDArray[np.generic]] = [events.time, floats(batch, "price"), floats(batch, "size")]
            identity.extend(_codes(batch, name, letters) for name, letters in (("action", ACTIONS), ("side", SIDES)))
            if self._has_sequence:
                identity.append(floats(batch, "sequence"))
            found = np.flatnonzero(repeats.flags([*identity, events.ask_size, events.bid_size]))
            places = found[:KEPT_PLACES]
            meter.note(Kind.DUPLICATE, len(found), events.time[places], rows[places])
            yield Block(events, rows)

    def _chunk(self, row: int, batch: pa.RecordBatch) -> BookChunk:
        path = self.path
        codes, symbols = texts(batch, "symbol")
        other = np.array([symbol != self.symbol for symbol in symbols], dtype=bool)[codes]
        refuse_rows(
            path,
            row,
            other,
            lambda i: f"is of {symbols[codes[i]]}, the rows before it of {self.symbol}: give one file for each symbol",
        )
        sides = {}
        for side in ("ask", "bid"):
            prices, sizes = np.empty((batch.num_rows, LEVELS)), np.empty((batch.num_rows, LEVELS))
            for level in range(LEVELS):
                prices[:, level] = price = floats(batch, f"{side}_px_{level:02d}")
                sizes[:, level] = size = floats(batch, f"{side}_sz_{level:02d}")
                refuse_below(path, row, price, f"{side}_px_{level:02d}", zero_too=True)
                refuse_below(path, row, size, f"{side}_sz_{level:02d}", zero_too=False)
            cleaned_side(prices, sizes)
            sides[side] = (prices, sizes)
        action, side_code = (
            _checked_codes(path, row, batch, "action", ACTIONS),
            _checked_codes(path, row, batch, "side", SIDES),
        )
        price, size = floats(batch, "price"), floats(batch, "size")
        refuse_below(path, row, size, "size", zero_too=False)
        is_trade = action == ACTIONS.index("T")
        refuse_rows(path, row, is_trade & ~(price > 0), lambda i: f"is a trade at {price[i]:g}: give a price above 0")
        is_trade &= size > 0
        buyer = np.where(side_code == SIDES.index("B"), 1, np.where(side_code == SIDES.index("A"), -1, 0))
        return BookChunk(
            self._time.local(path, row, batch),
            *sides["ask"],
            *sides["bid"],
            np.where(is_trade, price, np.nan),
            np.where(is_trade, size, 0.0),
            np.where(is_trade, buyer, 0).astype(np.int8),
            np.zeros(batch.num_rows, dtype=bool),
        )


def _refuse_fixed_point(path: Path, first: Mapping[str, str]) -> None:
    """InputError where the first row's prices are whole billionths, as in exports without decimal prices."""
    for name in ("price", "bid_px_00", "ask_px_00"):
        if first[name].isdigit() and int(first[name]) >= FIXED_POINT:
            raise InputError(
                f"is {first[name]}, a price in billionths: export with pretty prices (decimal)",
                where=f"{path.name} row 2, column {name}",
            )


def _codes(batch: pa.RecordBatch, name: str, letters: str) -> NDArray[np.int64]:
    codes, values = texts(batch, name)
    table = np.array([letters.index(value) if value in letters and len(value) == 1 else -1 for value in values])
    return table[codes].astype(np.int64) if len(values) else codes


def _checked_codes(path: Path, row: int, batch: pa.RecordBatch, name: str, letters: str) -> NDArray[np.int64]:
    codes = _codes(batch, name, letters)
    raw, values = texts(batch, name)
    refuse_rows(
        path, row, codes < 0, lambda i: f"has {values[raw[i]]!r} in column {name}: it is one of {', '.join(letters)}"
    )
    return codes
