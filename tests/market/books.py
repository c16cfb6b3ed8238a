"""Small books for tests, written out level by level."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from tradealloc.market import BookChunk, QualityMeter, QualityReport, Session
from tradealloc.market.session import SECOND

SESSION = Session(dt.date(2025, 6, 2))
OPEN = SESSION.start


def chunk(
    seconds: Sequence[float],
    bid: Sequence[float],
    ask: Sequence[float],
    size: Sequence[float] | None = None,
    halted: Sequence[bool] | None = None,
) -> BookChunk:
    """A one-level book at seconds after the open."""
    rows = len(seconds)
    sizes = np.full(rows, 100.0) if size is None else np.array(size, float)
    prices = [np.array(side, float)[:, None] for side in (ask, bid)]
    both = [np.where(np.isnan(price), 0.0, sizes[:, None]) for price in prices]
    return BookChunk(
        np.array([OPEN + round(second * SECOND) for second in seconds], np.int64),
        prices[0],
        both[0],
        prices[1],
        both[1],
        np.full(rows, np.nan),
        np.zeros(rows),
        np.zeros(rows, np.int8),
        np.zeros(rows, bool) if halted is None else np.array(halted),
    )


class Listed:
    """A `BookSource` made of given chunks."""

    symbol, session, tick, levels = "TEST", SESSION, 0.01, 1

    def __init__(self, *chunks: BookChunk) -> None:
        self._chunks = chunks

    def chunks(self) -> Iterator[BookChunk]:
        return iter(self._chunks)

    def quality(self) -> QualityReport:
        meter = QualityMeter("test", self.session)
        for part in self._chunks:
            meter.observe(part)
        return meter.report()
