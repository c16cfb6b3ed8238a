"""The hours of one trading day, cut into intervals, and the clock that market data is kept in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradealloc.errors import InputError

SECOND = 1_000_000_000
"""Nanoseconds in a second: times are int64 nanoseconds after local midnight."""

DAY = 86_400 * SECOND
_EPOCH = dt.date(1970, 1, 1)
_MAX_INTERVALS = 86_400


def nanoseconds(span: dt.timedelta | dt.time) -> int:
    """A duration, or a time of day after midnight, in nanoseconds."""
    if isinstance(span, dt.time):
        whole = span.hour * 3600 + span.minute * 60 + span.second
        return whole * SECOND + span.microsecond * 1000
    return (span.days * 86_400 + span.seconds) * SECOND + span.microseconds * 1000


def clock(time: int) -> str:
    """Nanoseconds after midnight as ``09:30:00.017``; on another day with ``+1 d`` or ``-1 d`` in front."""
    days, time = divmod(int(time), DAY)
    milliseconds = time // 1_000_000
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    other = f"{days:+d} d " if days else ""
    return f"{other}{hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


@dataclass(frozen=True)
class Session:
    """One day's continuous trading at one venue.

    Times of events are int64 nanoseconds after local midnight, by the clock on the wall: 09:30 is the same number in
    summer and in winter.

    Parameters
    ----------
    date
        The local date.
    open, close
        First moment of the session, and first moment after it, in local time.
    timezone
        IANA name of the venue's time zone ("America/New_York").
    interval
        Length of the intervals that the session is cut into; divides the session.

    Raises
    ------
    InputError
        The close isn't after the open, the interval doesn't divide the session, the time zone is unknown, or the
        clocks change during the session.
    """

    date: dt.date
    open: dt.time = dt.time(9, 30)
    close: dt.time = dt.time(16, 0)
    timezone: str = "America/New_York"
    interval: dt.timedelta = dt.timedelta(minutes=1)

    def __post_init__(self) -> None:
        if isinstance(self.date, dt.datetime) or not isinstance(self.date, dt.date):
            raise InputError(f"is {self.date!r}: give a date", argument="date", value=self.date)
        for name in ("open", "close"):
            time = getattr(self, name)
            if not isinstance(time, dt.time) or time.tzinfo is not None:
                raise InputError(f"is {time!r}: give a local time of day without a zone", argument=name, value=time)
        if self.close <= self.open:
            raise InputError(f"is {self.close}, not after the open {self.open}: give a later one", argument="close")
        length, step = self.end - self.start, nanoseconds(self.interval)
        if step <= 0 or length % step or length // step > _MAX_INTERVALS:
            raise InputError(
                f"is {self.interval}, which doesn't divide {self.open} to {self.close}: give one that does",
                argument="interval",
                value=self.interval,
            )
        if self._offset(self.open) != self._offset(self.close):
            raise InputError(
                f"has {self.date}, when the clocks of {self.timezone} change during the session: split it there",
                argument="session",
            )

    @property
    def start(self) -> int:
        """The open in nanoseconds after local midnight."""
        return nanoseconds(self.open)

    @property
    def end(self) -> int:
        """The close in nanoseconds after local midnight."""
        return nanoseconds(self.close)

    @property
    def intervals(self) -> int:
        """Number of intervals N."""
        return (self.end - self.start) // nanoseconds(self.interval)

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """ndarray of shape (N + 1,), where the intervals begin and the last one ends, ns after local midnight."""
        edges = self.start + nanoseconds(self.interval) * np.arange(self.intervals + 1, dtype=np.int64)
        edges.flags.writeable = False
        return edges

    @cached_property
    def starts(self) -> tuple[dt.time, ...]:
        """The times of day at which the N intervals begin."""
        midnight = dt.datetime.combine(self.date, dt.time())
        return tuple((midnight + dt.timedelta(microseconds=int(edge) // 1000)).time() for edge in self.edges[:-1])

    def interval_of(self, times: ArrayLike) -> NDArray[np.int64]:
        """Interval of each time, from 0; -1 outside the session.

        Parameters
        ----------
        times
            Nanoseconds after local midnight, any shape.
        """
        time = np.asarray(times, dtype=np.int64)
        index = (time - self.start) // nanoseconds(self.interval)
        return np.where((time >= self.start) & (time < self.end), index, -1)

    def to_utc(self, times: ArrayLike) -> NDArray[np.int64]:
        """From nanoseconds after local midnight to nanoseconds after 1970-01-01 UTC."""
        return np.asarray(times, dtype=np.int64) + self._midnight

    def from_utc(self, times: ArrayLike) -> NDArray[np.int64]:
        """From nanoseconds after 1970-01-01 UTC to nanoseconds after local midnight (negative: an earlier day)."""
        return np.asarray(times, dtype=np.int64) - self._midnight

    @cached_property
    def _midnight(self) -> int:
        # The offset in force during the session, even where the clocks changed earlier in the night.
        return (self.date - _EPOCH).days * DAY - nanoseconds(self._offset(self.open))

    def _offset(self, time: dt.time) -> dt.timedelta:
        moment = dt.datetime.combine(self.date, time, tzinfo=zone(self.timezone))
        return moment.utcoffset() or dt.timedelta()


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; InputError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        problem = f"is {name!r}, no known time zone: give an IANA name such as America/New_York"
        raise InputError(problem, argument="timezone", value=name) from None
