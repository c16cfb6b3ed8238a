"""LOBSTER: a message file and an order book file, row i of the book being the book after message i.

message: seconds after midnight, type, order id, size, price x 10,000, direction of the *resting* order (1 buy, -1
sell).
Types: 1 new, 2 partial cancel, 3 delete, 4 visible execution, 5 hidden execution, 6 cross, 7 halt (price -1 halted,
0 quotes resumed, 1 trading resumed).
orderbook: ask price, ask size, bid price, bid size for each level, prices x 10,000; +-9999999999 marks a level that
isn't there. Neither file has a header.

Trades are types 4 and 5; crosses (auctions) don't meet the book and aren't counted. The direction is turned: who hits a
resting sell order is a buyer. The side of hidden executions is unknown to the market and taken as such.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError, WorkbookError
from tradealloc.market.book import BookChunk
from tradealloc.market.quality import GAP, KEPT_PLACES, Kind, QualityMeter
from tradealloc.market.session import SECOND, Session

from .book_file import BookFile, Repeats, cleaned_side
from .ordering import Block
from .stream import Column, blocks, first_rows, floats, refuse_rows

if TYPE_CHECKING:
    import pyarrow as pa

SCALE = 10_000
"""Prices in the files are multiples of 1/10,000 of the currency."""

ABSENT = 9_999_999_999
"""Dummy price of a level that isn't there, negative for bids."""

PARTIAL_CANCEL, VISIBLE, HIDDEN, CROSS, HALT = 2, 4, 5, 6, 7
_MESSAGE = (
    Column("f0", "float"),
    Column("f1", "int"),
    Column("f2", "int"),
    Column("f3", "int"),
    Column("f4", "int"),
    Column("f5", "int"),
)
_NAME = re.compile(
    r"(?P<symbol>.+)_(?P<date>\d{4}-\d\d-\d\d)_(?P<open>\d+)_(?P<close>\d+)_(?P<kind>message|orderbook)_(?P<levels>\d+)"
    r"\.csv(\.gz|\.zst)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FileName:
    """What a LOBSTER file name says: ``AMZN_2012-06-21_34200000_57600000_message_1.csv.gz``."""

    symbol: str
    date: dt.date
    open: dt.time
    close: dt.time
    kind: str

    @classmethod
    def of(cls, path: Path) -> FileName | None:
        """None where the name isn't one of LOBSTER's."""
        match = _NAME.fullmatch(path.name)
        if match is None:
            return None
        midnight = dt.datetime(2000, 1, 1)
        try:
            date = dt.date.fromisoformat(match["date"])
            hours = [(midnight + dt.timedelta(milliseconds=int(match[key]))).time() for key in ("open", "close")]
        except (ValueError, OverflowError):
            return None
        return cls(match["symbol"], date, hours[0], hours[1], match["kind"].lower())


class LobsterFiles(BookFile):
    """A day of one symbol from a pair of LOBSTER files, .csv, .csv.gz or .csv.zst.

    Parameters
    ----------
    message, orderbook
        The pair. Either may be left out where the name of the other says it.
    session
        The hours; by default those in the file name.
    symbol
        By default that of the file name.
    timezone
        Of the clock in the files; NASDAQ's by default. Not with a session.
    interval
        Length of the session's intervals. Not with a session.
    tick
        Smallest price step, currency.
    gap
        Silences longer than this are reported.
    """

    def __init__(
        self,
        message: Path | None = None,
        orderbook: Path | None = None,
        *,
        session: Session | None = None,
        symbol: str | None = None,
        timezone: str = "America/New_York",
        interval: dt.timedelta = dt.timedelta(minutes=1),
        tick: float = 0.01,
        gap: dt.timedelta = GAP,
    ) -> None:
        self.message, self.orderbook = _pair(message, orderbook)
        name = FileName.of(self.message) or FileName.of(self.orderbook)
        if session is None:
            if name is None:
                raise InputError(
                    "doesn't say its date and hours in its name: give the session",
                    where=self.message.name,
                )
            session = Session(name.date, name.open, name.close, timezone, interval)
        elif name is not None and name.date != session.date:
            raise InputError(
                f"is of {name.date}, the session of {session.date}: give the right one", where=self.message.name
            )
        rows = first_rows(self.orderbook, 1)
        self._width = len(rows[0]) if rows else 0
        if self._width == 0 or self._width % 4:
            raise InputError(
                f"has {self._width} columns: an order book file has four for each level", where=self.orderbook.name
            )
        messages = first_rows(self.message, 1)
        self._message_width = len(messages[0]) if messages else 0
        if self._message_width < len(_MESSAGE):
            raise InputError(
                f"has {self._message_width} columns: a message file has {len(_MESSAGE)}", where=self.message.name
            )
        name_symbol = "" if name is None else name.symbol
        super().__init__(self.message, symbol or name_symbol, session, tick, self._width // 4, gap)

    def _blocks(self, meter: QualityMeter) -> Iterator[Block]:
        messages = _Messages(self.message, self._message_width)
        columns = [Column(f"f{index}", "int") for index in range(self._width)]
        halted, repeats = False, Repeats()
        for row, batch in blocks(self.orderbook, columns, header=False, width=self._width):
            message = messages.take(batch.num_rows)
            if len(message.time) < batch.num_rows:
                raise InputError(
                    f"has {messages.count:,} rows where {self.orderbook.name} has more: "
                    "the files aren't a pair, or one is cut short",
                    where=self.message.name,
                )
            halted, events = self._chunk(row, batch, message, halted)
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            same = repeats.flags(
                [
                    message.time,
                    message.kind,
                    message.order,
                    message.size,
                    message.price,
                    events.ask_size,
                    events.bid_size,
                ]
            )
            # Hidden executions carry no order id: equal ones may be two.
            found = np.flatnonzero(same & (message.kind != HIDDEN) & (message.kind != CROSS))
            places = found[:KEPT_PLACES]
            meter.note(Kind.DUPLICATE, len(found), message.time[places], rows[places])
            yield Block(events, rows)
        if more := messages.rest():
            raise InputError(
                f"has {messages.count:,} rows where {self.orderbook.name} has {messages.count - more:,}: "
                "the files aren't a pair, or one is cut short",
                where=self.message.name,
            )

    def _chunk(self, row: int, batch: pa.RecordBatch, message: _MessageRows, halted: bool) -> tuple[bool, BookChunk]:
        levels = self.levels
        sides = []
        for price_column, size_column in ((0, 1), (2, 3)):
            prices, sizes = np.empty((batch.num_rows, levels)), np.empty((batch.num_rows, levels))
            for level in range(levels):
                prices[:, level] = floats(batch, f"f{4 * level + price_column}")
                sizes[:, level] = floats(batch, f"f{4 * level + size_column}")
            prices[np.abs(prices) >= ABSENT] = np.nan
            _refuse(self.orderbook, row, prices <= 0, prices, "price")
            _refuse(self.orderbook, row, sizes < 0, sizes, "size")
            prices /= SCALE
            cleaned_side(prices, sizes)
            sides.append((prices, sizes))
        is_visible = message.kind == VISIBLE
        is_trade = is_visible | (message.kind == HIDDEN)
        # Each halt message says the state from there on.
        is_halt = message.kind == HALT
        turns = np.where(is_halt, np.where(message.price == -1, 1, np.where(message.price == 1, 0, -1)), -1)
        last_turn = np.maximum.accumulate(np.where(turns >= 0, np.arange(len(turns)), -1))
        states = np.where(last_turn >= 0, turns[last_turn], int(halted)).astype(bool)
        return bool(states[-1]), BookChunk(
            message.time,
            *sides[0],
            *sides[1],
            np.where(is_trade, message.price / SCALE, np.nan),
            np.where(is_trade, message.size, 0).astype(np.float64),
            np.where(is_visible, -message.direction, 0).astype(np.int8),
            states,
        )


def _refuse(path: Path, row: int, bad: NDArray[np.bool_], values: NDArray[np.float64], what: str) -> None:
    if bad.any():
        index, level = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise InputError(
            f"has the {what} {values[index, level]:g}: give a number above 0",
            where=f"{path.name} row {row + int(index):,}, level {int(level) + 1}",
        )


@dataclass(frozen=True, eq=False, slots=True)
class _MessageRows:
    time: NDArray[np.int64]
    kind: NDArray[np.int64]
    order: NDArray[np.int64]
    size: NDArray[np.int64]
    price: NDArray[np.int64]
    direction: NDArray[np.int64]


class _Messages:
    """The message file, in pieces of any length."""

    def __init__(self, path: Path, width: int) -> None:
        self._path = path
        self._stream = blocks(path, _MESSAGE, header=False, width=width)
        self._left: list[NDArray[np.int64]] = [np.empty(0, np.int64) for _ in _MESSAGE]
        self.count = 0

    def take(self, rows: int) -> _MessageRows:
        """The next rows; fewer where the file ends."""
        parts: list[list[NDArray[np.int64]]] = [self._left]
        length = len(self._left[0])
        while length < rows:
            following = next(self._stream, None)
            if following is None:
                break
            parts.append(self._columns(*following))
            length += len(parts[-1][0])
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if len(parts) > 1 else parts[0]
        self._left = [column[rows:] for column in columns]
        return _MessageRows(*(column[:rows] for column in columns))

    def rest(self) -> int:
        """Reads to the end and says how many rows were left."""
        left = len(self._left[0])
        for _, batch in self._stream:
            left += batch.num_rows
            self.count += batch.num_rows
        return left

    def _columns(self, row: int, batch: pa.RecordBatch) -> list[NDArray[np.int64]]:
        self.count += batch.num_rows
        seconds = floats(batch, "f0")
        bad_time = ~((seconds >= 0) & (seconds < 86_400))
        refuse_rows(
            self._path,
            row,
            bad_time,
            lambda i: f"has the time {seconds[i]:g}: give seconds after midnight, 0 to 86,400",
        )
        kind, order, size, price, direction = (
            batch.column(f"f{index}").to_numpy(zero_copy_only=False) for index in range(1, 6)
        )
        refuse_rows(
            self._path, row, (kind < 1) | (kind > HALT), lambda i: f"has the type {kind[i]}: LOBSTER's are 1 to 7"
        )
        is_trade = (kind == VISIBLE) | (kind == HIDDEN)
        refuse_rows(self._path, row, size < 0, lambda i: f"has the size {size[i]}: give a number of shares")
        refuse_rows(
            self._path,
            row,
            is_trade & (size == 0),
            lambda i: "is an execution of size 0: give a number of shares above 0",
        )
        refuse_rows(
            self._path,
            row,
            is_trade & (price <= 0),
            lambda i: f"is an execution at the price {price[i]}: give one above 0",
        )
        refuse_rows(
            self._path,
            row,
            is_trade & (np.abs(direction) != 1),
            lambda i: f"has the direction {direction[i]}: give 1 or -1",
        )
        # Floats hold the time of day to 1e-11 s, so nanoseconds come back whole.
        return [np.rint(seconds * SECOND).astype(np.int64), kind, order, size, price, direction]


def _pair(message: Path | None, orderbook: Path | None) -> tuple[Path, Path]:
    if message is not None and orderbook is not None:
        return message, orderbook
    given = message or orderbook
    if given is None:
        raise InputError("is missing: give a LOBSTER message or orderbook file", argument="message")
    here, there = ("message", "orderbook") if message is not None else ("orderbook", "message")
    partner = given.with_name(f"_{there}_".join(given.name.rsplit(f"_{here}_", 1)))
    if partner == given:
        raise InputError(f"has no _{here}_ in its name: give both files of the pair", where=given.name)
    if not partner.exists():
        raise WorkbookError(f"{partner} doesn't exist: {given.name} needs it beside it, or give both files")
    return (given, partner) if message is not None else (partner, given)


def sorted_pairs(paths: Sequence[Path]) -> list[tuple[Path | None, Path | None]]:
    """The message and orderbook files that belong together, by what precedes the kind in their names."""
    pairs: dict[str, dict[str, Path]] = {}
    for path in paths:
        kind = "message" if "message" in path.name.lower() else "orderbook"
        day = re.sub(r"(message|orderbook).*", "", path.name, flags=re.IGNORECASE)
        found = pairs.setdefault(f"{path.parent}/{day}", {})
        if kind in found:
            raise InputError(f"and {found[kind].name} are both {kind} files of the same day: give one", where=path.name)
        found[kind] = path
    return [(found.get("message"), found.get("orderbook")) for found in pairs.values()]
