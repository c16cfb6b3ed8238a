"""What every file of book events shares: order, session hours, quality."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.book import BookChunk
from tradealloc.market.quality import KEPT_PLACES, Kind, QualityMeter, QualityReport
from tradealloc.market.session import Session

from .ordering import Block, in_order

Floats = NDArray[np.float64]


class BookFile(ABC):
    """A `BookSource` on files. A subclass yields blocks of events in the order of the file."""

    def __init__(self, path: Path, symbol: str, session: Session, tick: float, levels: int, gap: dt.timedelta) -> None:
        if not tick > 0:
            raise InputError(f"is {tick}: give the smallest price step, above 0", argument="tick", value=tick)
        self.path = path
        self.symbol = symbol
        self.session = session
        self.tick = tick
        self.levels = levels
        self._gap = gap
        self._report: QualityReport | None = None

    @abstractmethod
    def _blocks(self, meter: QualityMeter) -> Iterator[Block]:
        """The events as they lie in the file; duplicates noted."""

    def chunks(self) -> Iterator[BookChunk]:
        """The events within the session, in order of time; reads the file again at every call.

        Raises
        ------
        InputError
            With file and row, as soon as something can't be used.
        WorkbookError
            The file is missing, truncated or damaged.
        """
        meter = QualityMeter(self.path.name, self.session, self._gap)
        events = 0
        for block in in_order(self._within_session(self._blocks(meter), meter), meter, self.path):
            meter.observe(block.events, block.row)
            events += len(block.row)
            yield block.events
        if not events:
            session = self.session
            raise InputError(
                f"has no event on {session.date} from {session.open:%H:%M} to {session.close:%H:%M} "
                f"{session.timezone}: check date, hours and time zone",
                where=self.path.name,
            )
        self._report = meter.report()

    def quality(self) -> QualityReport:
        """What is wrong with the data; reads the file where no pass has been completed yet."""
        if self._report is None:
            for _ in self.chunks():
                pass
        assert self._report is not None
        return self._report

    def _within_session(self, blocks: Iterator[Block], meter: QualityMeter) -> Iterator[Block]:
        for block in blocks:
            time = block.events.time
            outside = (time < self.session.start) | (time >= self.session.end)
            if not outside.any():
                yield block
                continue
            found = np.flatnonzero(outside)
            places = found[:KEPT_PLACES]
            meter.note(Kind.OUTSIDE, len(found), time[places], block.row[places])
            yield block.take(~outside)


def cleaned_side(prices: Floats, sizes: Floats) -> None:
    """A level without a price or without shares is absent: price NaN and size 0, in place."""
    absent = np.isnan(prices) | ~(sizes > 0)
    if absent.any():
        prices[absent] = np.nan
        sizes[absent] = 0.0


class Repeats:
    """Finds rows that equal the row before them, across blocks."""

    def __init__(self) -> None:
        self._last: list[NDArray[np.generic]] | None = None

    def flags(self, columns: list[NDArray[np.generic]]) -> NDArray[np.bool_]:
        """(E,) whether each row equals the one before it in all columns (of shape (E,) or (E, L))."""
        size = len(columns[0])
        same = np.ones(size, dtype=bool)
        same[0] = self._last is not None and all(
            np.array_equal(column[0], last) for column, last in zip(columns, self._last, strict=True)
        )
        for column in columns:
            candidates = np.flatnonzero(same[1:]) + 1
            if not len(candidates):
                break
            equal = column[candidates] == column[candidates - 1]
            same[candidates] = equal if equal.ndim == 1 else equal.all(axis=1)
        self._last = [column[-1].copy() for column in columns]
        return same
