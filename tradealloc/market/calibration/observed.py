"""One pass over a day of book events: the standing books at regular times, and the volume of each interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.market.book import MOST_SNAPSHOTS, BookChunk, BookSource, SourceView, snapshots
from tradealloc.market.quality import QualityReport
from tradealloc.market.session import SECOND, Session, nanoseconds

Floats = NDArray[np.float64]

Seen = Callable[[BookChunk], None]
"""What is told of each chunk as it passes."""


class WatchedSource(SourceView):
    """A `BookSource` that tells watchers of each chunk as it passes, so that a file is read once."""

    def __init__(self, source: BookSource, *watchers: Seen) -> None:
        super().__init__(source)
        self._watchers = watchers

    def chunks(self) -> Iterator[BookChunk]:
        """The source's events."""
        for chunk in self._source.chunks():
            for watcher in self._watchers:
                watcher(chunk)
            yield chunk

    def quality(self) -> QualityReport:
        """What is wrong with the data."""
        return self._source.quality()


@dataclass(frozen=True, eq=False, slots=True)
class ObservedDay:
    """A day condensed.

    Attributes
    ----------
    symbol, session, tick
        As the source says.
    books
        Standing books at regular times, `every` apart; M rows.
    every
        Time between them.
    interval
        ndarray of shape (M,), interval of each book.
    volume
        ndarray of shape (N,), shares traded; NaN in all intervals where the source shows no trade at all.
    volatility
        ndarray of shape (N,), standard deviation of the mid's change over the interval, currency; NaN where unknown.
    """

    symbol: str
    session: Session
    tick: float
    books: BookChunk
    every: dt.timedelta
    interval: NDArray[np.int64]
    volume: Floats
    volatility: Floats

    @property
    def label(self) -> str:
        """What messages call the day."""
        return f"{self.symbol or 'the book'} of {self.session.date}"


def observe(source: BookSource, every: dt.timedelta | None = None, *watchers: Seen) -> ObservedDay:
    """Read a day once.

    Volatility is realised: ``sigma_t^2 = n/k mean_i (m_{i+k} - m_i)^2`` over the mids m of the interval's n books and
    the first after it, with k books a sixth of the interval: steps of 10 s in a minute, overlapping, so that the
    bouncing of the quotes counts little (Zhang, Mykland and Ait-Sahalia 2005).

    Parameters
    ----------
    source
        Where the events come from.
    every
        Time between standing books; default one second, or what makes 23,400 of them in a longer session.
    watchers
        Told of each chunk as it passes.
    """
    session = source.session
    if every is None:
        seconds = -((session.start - session.end) // (SECOND * MOST_SNAPSHOTS))
        every = dt.timedelta(seconds=seconds)
    volume = np.zeros(session.intervals)

    def add_volume(chunk: BookChunk) -> None:
        index = session.interval_of(chunk.time)
        volume[:] += np.bincount(index, chunk.trade_size, minlength=session.intervals)

    books = snapshots(WatchedSource(source, add_volume, *watchers), every)
    interval = session.interval_of(books.time)
    return ObservedDay(
        symbol=source.symbol,
        session=session,
        tick=source.tick,
        books=books,
        every=every,
        interval=interval,
        volume=volume if volume.any() else np.full(session.intervals, np.nan),
        volatility=_volatility(books.mid, interval, session, every),
    )


def _volatility(mid: Floats, interval: NDArray[np.int64], session: Session, every: dt.timedelta) -> Floats:
    per_interval = nanoseconds(session.interval) / nanoseconds(every)
    lag = max(1, round(per_interval / 6))
    if len(mid) <= lag:
        return np.full(session.intervals, np.nan)
    squared = (mid[lag:] - mid[:-lag]) ** 2
    good = ~np.isnan(squared)
    index = interval[: len(squared)][good]
    total = np.bincount(index, squared[good], minlength=session.intervals)
    count = np.bincount(index, minlength=session.intervals)
    out = np.full(session.intervals, np.nan)
    seen = count > 0
    out[seen] = np.sqrt(total[seen] / count[seen] * per_interval / lag)
    return out
