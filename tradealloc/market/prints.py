"""Market data without a book: trade prints, and bars of volume and price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .session import Session

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Prints:
    """Trades in order of time.

    Attributes
    ----------
    time
        ndarray of shape (M,), int64 nanoseconds after local midnight.
    price
        ndarray of shape (M,), currency per share.
    size
        ndarray of shape (M,), shares, above 0.
    side
        ndarray of shape (M,), int8: +1 buyer initiated, -1 seller initiated, 0 unknown.
    """

    time: NDArray[np.int64]
    price: Floats
    size: Floats
    side: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Prints:
        """The chosen trades."""
        return Prints(self.time[rows], self.price[rows], self.size[rows], self.side[rows])

    def volume(self, session: Session) -> Floats:
        """ndarray of shape (N,), shares traded in each interval of the session."""
        return self._sum(session, self.size)

    def signed_volume(self, session: Session) -> Floats:
        """ndarray of shape (N,), shares bought less shares sold by those who came to the book."""
        return self._sum(session, self.size * self.side)

    def vwap(self, session: Session) -> Floats:
        """ndarray of shape (N,), volume-weighted average price of each interval; NaN where nothing traded."""
        money = self._sum(session, self.size * self.price)
        volume = self.volume(session)
        vwap = np.full(session.intervals, np.nan)
        traded = volume > 0
        vwap[traded] = money[traded] / volume[traded]
        return vwap

    def _sum(self, session: Session, values: Floats) -> Floats:
        interval = session.interval_of(self.time)
        inside = interval >= 0
        total = np.zeros(session.intervals)
        np.add.at(total, interval[inside], values[inside])
        return total


@dataclass(frozen=True, eq=False, slots=True)
class Bars:
    """Price and volume by interval of a session.

    Attributes
    ----------
    open, high, low, close
        ndarrays of shape (N,), currency per share; NaN where the table has no such column or nothing traded.
    volume
        ndarray of shape (N,), shares; 0 where nothing traded, NaN where the table has no row for the interval.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.volume)
