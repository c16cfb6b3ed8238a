"""From the times in a file to a session: hours and zone are said by the file or by the user, never guessed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.session import DAY, SECOND, Session, zone

from .stream import Column, floats, refuse_rows, times

if TYPE_CHECKING:
    import pyarrow as pa

NEW_YORK = "America/New_York"
OPEN, CLOSE = dt.time(9, 30), dt.time(16, 0)


@dataclass(frozen=True, slots=True)
class SessionHours:
    """What is known of a session before its file is read.

    Attributes
    ----------
    open, close
        Local hours; None takes those of a LOBSTER file name, else 09:30 and 16:00.
    timezone
        IANA name; None where the user named none: then New York is the venue, but times without a zone are refused.
    date
        Local date; None takes that of the first time in the file.
    interval
        Length of the intervals.
    """

    open: dt.time | None = None
    close: dt.time | None = None
    timezone: str | None = None
    date: dt.date | None = None
    interval: dt.timedelta = dt.timedelta(minutes=1)

    def of(self, first: str, where: str) -> Session:
        """The session that the first time of a file belongs to: the first one that closes after it."""
        if self.date is not None:
            return self.on(self.date)
        try:
            moment = dt.datetime.fromisoformat(first)
        except ValueError:
            raise InputError(f"is {first[:40]!r}: give an ISO time such as 2025-06-02T13:30:00Z", where=where) from None
        local = moment if moment.tzinfo is None else moment.astimezone(zone(self.timezone or NEW_YORK))
        is_over = local.time() >= (self.close or CLOSE)
        return self.on(local.date() + dt.timedelta(days=1) if is_over else local.date())

    def on(self, date: dt.date, opening: dt.time = OPEN, closing: dt.time = CLOSE) -> Session:
        """The session of that date; `opening` and `closing` stand in for hours that the user didn't say."""
        zone_name = self.timezone or NEW_YORK
        return Session(date, self.open or opening, self.close or closing, zone_name, self.interval)


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """How a file of prints or bars writes its times, found from the first of them.

    Attributes
    ----------
    column
        The column as the reader has to take it.
    session
        Whose clock the times end up on.
    """

    column: Column
    session: Session

    @classmethod
    def found(
        cls, path: Path, name: str, first: str, session: Session | None, hours: SessionHours | None
    ) -> TimeColumn:
        """Seconds after midnight, HH:MM:SS, or ISO with or without zone.

        Raises
        ------
        InputError
            No such time; no zone in the file and none given; no date in the file and none given.
        """
        where = f"{path.name} row 2, column {name}"
        holds = _holds(first, where)
        wish = hours or SessionHours()
        if session is None:
            if holds != "utc" and wish.timezone is None:
                raise InputError(
                    f"is {first!r}, a time without a zone: say which it is (timezone, --timezone America/New_York)",
                    where=where,
                )
            if holds in ("float", "clock") and wish.date is None:
                raise InputError(
                    f"is {first!r}, a time without a date: say which day it is (date, --date)", where=where
                )
            session = wish.of(first, where)
        return cls(Column(name, holds), session)

    def local(self, path: Path, row: int, batch: pa.RecordBatch) -> NDArray[np.int64]:
        """(E,) nanoseconds after midnight of the session's date."""
        name = self.column.name
        if self.column.holds == "float":
            seconds = floats(batch, name)
            bad = ~((seconds >= 0) & (seconds < 86_400))
            refuse_rows(path, row, bad, lambda i: f"has the time {seconds[i]:g}: give seconds after midnight")
            return np.rint(seconds * SECOND).astype(np.int64)
        time = times(batch, name)
        if self.column.holds == "utc":
            return self.session.from_utc(time)
        if self.column.holds == "local":
            return time - (self.session.date - dt.date(1970, 1, 1)).days * DAY
        return time


def _holds(first: str, where: str) -> str:
    try:
        float(first)
    except ValueError:
        pass
    else:
        return "float"
    try:
        dt.time.fromisoformat(first)
    except ValueError:
        pass
    else:
        return "clock"
    try:
        return "local" if dt.datetime.fromisoformat(first).tzinfo is None else "utc"
    except ValueError:
        raise InputError(
            f"is {first[:40]!r}: give seconds after midnight, 09:30:00 or an ISO time such as 2025-06-02T13:30:00Z",
            where=where,
        ) from None
