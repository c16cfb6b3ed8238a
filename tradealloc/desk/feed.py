"""The port for a live order book, and the recorded feed behind it.

A live level-2 feed needs one class with the two members of `BookFeed`: the time by the venue's clock, and the day's
book up to then as a `BookSource` (`BookChunk` says how events look). Everything intraday asks the feed alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from tradealloc.errors import InputError
from tradealloc.market.book import BookChunk, BookSource, SourceView
from tradealloc.market.quality import QualityMeter, QualityReport
from tradealloc.market.session import SECOND


class BookFeed(Protocol):
    """A day's book as it comes in."""

    def now(self) -> int:
        """Time by the venue's clock, nanoseconds after local midnight."""
        ...

    def book(self, until: int) -> BookSource:
        """The events of the day before that time; never one after it."""
        ...


class Until(SourceView):
    """A `BookSource` that ends at a time: nothing later is seen."""

    def __init__(self, source: BookSource, until: int) -> None:
        super().__init__(source)
        self._until = until

    def chunks(self) -> Iterator[BookChunk]:
        """The events before the time."""
        for chunk in self._source.chunks():
            stop = int(np.searchsorted(chunk.time, self._until, side="left"))
            if stop:
                yield chunk.take(slice(0, stop))
            if stop < len(chunk):
                return

    def quality(self) -> QualityReport:
        """What is wrong with the data so far."""
        meter = QualityMeter(self.symbol or "book", self.session)
        for chunk in self.chunks():
            meter.observe(chunk)
        return meter.report()


class RecordedFeed:
    """A recorded day played as if it were live.

    Parameters
    ----------
    source
        The day.
    start
        Time of day at which it begins, nanoseconds after midnight.
    speed
        Seconds of the day in a second; 1 is real time.
    clock
        Seconds that pass, for tests.
    """

    def __init__(
        self, source: BookSource, start: int, speed: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not 0 < speed <= 100_000:
            raise InputError(f"is {speed:g}: give a number above 0, at most 100,000", argument="speed", value=speed)
        self._source, self._start, self._speed, self._clock = source, start, speed, clock
        self._began = clock()

    def now(self) -> int:
        """Time of the recorded day; stops at its close."""
        passed = (self._clock() - self._began) * self._speed
        return min(self._source.session.end, self._start + int(passed * SECOND))

    def book(self, until: int) -> BookSource:
        """The events before that time, and never past `now`."""
        return Until(self._source, min(until, self.now()))
