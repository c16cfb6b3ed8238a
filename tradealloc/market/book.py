"""A day of order book events as it passes through the package, and its two condensed views: snapshots and trades."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError

from .prints import Prints
from .quality import QualityReport
from .session import Session, nanoseconds

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

MOST_SNAPSHOTS = 23_400
"""A snapshot a second of a day of 6.5 hours: enough for every fit, small enough for memory."""


@dataclass(frozen=True, eq=False, slots=True)
class BookChunk:
    """Successive events of one book, in order of time; row i is the book *after* event i.

    Attributes
    ----------
    time
        ndarray of shape (E,), int64 nanoseconds after local midnight.
    ask_price, ask_size, bid_price, bid_size
        ndarrays of shape (E, L), best level first; price NaN and size 0 where a level is absent.
    trade_price, trade_size
        ndarrays of shape (E,); NaN and 0 where the event is no trade.
    trade_side
        ndarray of shape (E,), int8: +1 the buyer came to the book, -1 the seller did, 0 unknown or no trade.
    halted
        ndarray of shape (E,), whether trading is halted after the event.
    """

    time: Times
    ask_price: Floats
    ask_size: Floats
    bid_price: Floats
    bid_size: Floats
    trade_price: Floats
    trade_size: Floats
    trade_side: NDArray[np.int8]
    halted: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)

    @property
    def levels(self) -> int:
        """Number of price levels L on each side."""
        return int(self.ask_price.shape[1])

    @property
    def mid(self) -> Floats:
        """ndarray of shape (E,), halfway between best bid and best ask; NaN where a side is empty."""
        return (self.ask_price[:, 0] + self.bid_price[:, 0]) / 2

    @property
    def half_spread(self) -> Floats:
        """ndarray of shape (E,), half of best ask less best bid; NaN where a side is empty."""
        return (self.ask_price[:, 0] - self.bid_price[:, 0]) / 2

    @property
    def usable(self) -> NDArray[np.bool_]:
        """ndarray of shape (E,), whether trading could go on against this book: not halted, not crossed."""
        return ~self.halted & ~(self.bid_price[:, 0] > self.ask_price[:, 0])

    def take(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> BookChunk:
        """The chosen rows."""
        return BookChunk(
            self.time[rows],
            self.ask_price[rows],
            self.ask_size[rows],
            self.bid_price[rows],
            self.bid_size[rows],
            self.trade_price[rows],
            self.trade_size[rows],
            self.trade_side[rows],
            self.halted[rows],
        )


@runtime_checkable
class BookSource(Protocol):
    """A day of one symbol's book, wherever it comes from."""

    @property
    def symbol(self) -> str:
        """Ticker; empty where the source doesn't know it."""
        ...

    @property
    def session(self) -> Session:
        """The hours; all events lie within them."""
        ...

    @property
    def tick(self) -> float:
        """Smallest price step, currency."""
        ...

    @property
    def levels(self) -> int:
        """Number of price levels L on each side."""
        ...

    def chunks(self) -> Iterator[BookChunk]:
        """The events in order of time; every call starts again."""
        ...

    def quality(self) -> QualityReport:
        """What is wrong with the data, complete; reads the source where no pass has been completed yet."""
        ...


class SourceView:
    """A source seen through a filter: name, hours, tick and levels are those of the source within."""

    def __init__(self, source: BookSource) -> None:
        self._source = source

    @property
    def symbol(self) -> str:
        """Ticker."""
        return self._source.symbol

    @property
    def session(self) -> Session:
        """The hours of the whole day."""
        return self._source.session

    @property
    def tick(self) -> float:
        """Smallest price step, currency."""
        return self._source.tick

    @property
    def levels(self) -> int:
        """Price levels on each side."""
        return self._source.levels


def snapshots(source: BookSource, every: dt.timedelta = dt.timedelta(seconds=1)) -> BookChunk:
    """The standing book at regular times of the session: open, open + every, ..., before the close.

    Each row is the book after the last event at or before its time. All prices are NaN (and sizes 0) before the first
    event and while the standing book is halted or crossed; a one-sided book keeps the side it has.

    Parameters
    ----------
    source
        Where the events come from.
    every
        Time between snapshots.

    Returns
    -------
    BookChunk
        At most 23,400 rows, without trades; ``halted`` as it stood.

    Raises
    ------
    InputError
        `every` isn't positive or would make more than 23,400 rows.
    """
    session, step = source.session, nanoseconds(every)
    rows = 0 if step <= 0 else -((session.start - session.end) // step)
    if not 0 < rows <= MOST_SNAPSHOTS:
        problem = f"is {every}: give a time that makes 1 to {MOST_SNAPSHOTS:,} snapshots of the session"
        raise InputError(problem, argument="every", value=every)
    times = session.start + step * np.arange(rows, dtype=np.int64)
    return standing_books(source, times)[0]


def standing_books(source: BookSource, times: Times) -> tuple[BookChunk, Times]:
    """The standing book at given times, in one pass; as in `snapshots`.

    Parameters
    ----------
    source
        Where the events come from.
    times
        ndarray of shape (M,), int64 nanoseconds after local midnight, in order.

    Returns
    -------
    books : BookChunk
        M rows; their time is that of the question.
    events : ndarray of shape (M,)
        Time of the event that each book stands since; -1 where there was none yet.
    """
    standing = _no_book(times, source.levels)
    events = np.full(len(times), -1, dtype=np.int64)
    filled = 0
    last: BookChunk | None = None
    for chunk in source.chunks():
        if not len(chunk):
            continue
        first = int(np.searchsorted(times, chunk.time[0], side="left"))
        _carry(standing, events, filled, first, last)
        stop = int(np.searchsorted(times, chunk.time[-1], side="left"))
        at = np.searchsorted(chunk.time, times[first:stop], side="right") - 1
        _place(standing, events, first, stop, chunk.take(at))
        filled, last = stop, chunk.take(slice(-1, None))
    _carry(standing, events, filled, len(times), last)
    unusable = ~standing.usable
    for prices in (standing.ask_price, standing.bid_price):
        prices[unusable] = np.nan
    for sizes in (standing.ask_size, standing.bid_size):
        sizes[unusable] = 0
    return standing, events


def trades(source: BookSource) -> Prints:
    """All trades of the day, as columns; the side is 0 where it is unknown (hidden executions)."""
    parts = []
    for chunk in source.chunks():
        traded = chunk.trade_size > 0
        parts.append(
            (chunk.time[traded], chunk.trade_price[traded], chunk.trade_size[traded], chunk.trade_side[traded])
        )
    if not parts:
        return Prints(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int8))
    return Prints(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _no_book(times: Times, levels: int) -> BookChunk:
    rows = len(times)
    prices = [np.full((rows, levels), np.nan) for _ in range(2)]
    sizes = [np.zeros((rows, levels)) for _ in range(2)]
    return BookChunk(
        times,
        prices[0],
        sizes[0],
        prices[1],
        sizes[1],
        np.full(rows, np.nan),
        np.zeros(rows),
        np.zeros(rows, np.int8),
        np.zeros(rows, bool),
    )


def _carry(standing: BookChunk, events: Times, start: int, stop: int, last: BookChunk | None) -> None:
    if last is not None and stop > start:
        _place(standing, events, start, stop, last)


def _place(standing: BookChunk, events: Times, start: int, stop: int, books: BookChunk) -> None:
    for name in ("ask_price", "ask_size", "bid_price", "bid_size", "halted"):
        getattr(standing, name)[start:stop] = getattr(books, name)
    events[start:stop] = books.time
