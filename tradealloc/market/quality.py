"""What is wrong with a day of market data: counted, timed and placed, never hidden.

Nothing here changes the data. `QualityMeter` looks at the chunks of a book as they pass; `QualityReport` is what it
saw.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .session import SECOND, Session, clock, nanoseconds

if TYPE_CHECKING:
    from .book import BookChunk

KEPT_PLACES = 5
"""Places named for each kind of finding; the count covers all."""

GAP = dt.timedelta(minutes=1)
"""A silence longer than this is a gap."""


class Kind(StrEnum):
    """The kinds of trouble."""

    CROSSED = "crossed book"
    LOCKED = "locked book"
    ONE_SIDED = "one-sided or empty book"
    HALTED = "trading halt"
    OUT_OF_ORDER = "out of order"
    DUPLICATE = "duplicate row"
    OUTSIDE = "outside the session"
    GAP = "gap"
    MISSING = "interval without events"


_UNITS = {Kind.HALTED: "halt", Kind.GAP: "gap", Kind.MISSING: "interval", Kind.OUTSIDE: "row", Kind.DUPLICATE: "row"}

_TREATMENT = {
    Kind.CROSSED: "left out of snapshots",
    Kind.LOCKED: "kept",
    Kind.ONE_SIDED: "the missing side can't be walked",
    Kind.HALTED: "left out of snapshots",
    Kind.OUT_OF_ORDER: "sorted by time",
    Kind.DUPLICATE: "kept, and counted in the volume",
    Kind.OUTSIDE: "left out",
    Kind.GAP: "the last book stands",
    Kind.MISSING: "the last book stands",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found.

    Attributes
    ----------
    time
        Nanoseconds after local midnight.
    row
        Row of the file, from 1, header included; None where there is no file.
    seconds
        How long it lasted; 0 where it has no duration.
    """

    time: int
    row: int | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        row = "" if self.row is None else f" (row {self.row:,})"
        lasting = f" for {self.seconds:,.1f} s" if self.seconds else ""
        return f"{clock(self.time)}{lasting}{row}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of trouble: how often, how long in all (seconds), and its first places."""

    kind: Kind
    count: int
    seconds: float
    places: tuple[Place, ...]

    @property
    def text(self) -> str:
        """One line for a trader."""
        unit = _UNITS.get(self.kind, "event")
        lasting = f", {self.seconds:,.1f} s in all" if self.seconds else ""
        more = ", ..." if self.count > len(self.places) else ""
        places = ", ".join(str(place) for place in self.places)
        plural = "" if self.count == 1 else "s"
        return f"{self.kind}: {self.count:,} {unit}{plural}{lasting}, {_TREATMENT[self.kind]}: {places}{more}"


@dataclass(frozen=True, slots=True)
class QualityRow:
    """A finding as a row of a table."""

    kind: str
    count: int
    seconds: float
    treatment: str
    places: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What one pass over a source found.

    Attributes
    ----------
    name
        The file or market that was read.
    session
        Its hours.
    events, trades
        Events within the session, and those of them that are trades.
    findings
        One per kind of trouble that occurred, in the order of `Kind`.
    """

    name: str
    session: Session
    events: int
    trades: int
    findings: tuple[Finding, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def count(self, kind: Kind) -> int:
        """How often `kind` occurred."""
        return sum(finding.count for finding in self.findings if finding.kind is kind)

    def seconds(self, kind: Kind) -> float:
        """How long `kind` lasted in all."""
        return sum(finding.seconds for finding in self.findings if finding.kind is kind)

    @property
    def rows(self) -> tuple[QualityRow, ...]:
        """The findings as rows of a table."""
        return tuple(
            QualityRow(
                str(finding.kind),
                finding.count,
                finding.seconds,
                _TREATMENT[finding.kind],
                "; ".join(str(place) for place in finding.places),
            )
            for finding in self.findings
        )

    @property
    def text(self) -> str:
        """A summary of a few lines."""
        head = f"{self.name}: {self.events:,} events, {self.trades:,} trades on {self.session.date}"
        if self.is_clean:
            return f"{head}; nothing amiss"
        return "\n".join([head, *(f"  {finding.text}" for finding in self.findings)])


@dataclass(slots=True)
class _Tally:
    count: int = 0
    nanoseconds: int = 0
    places: list[Place] = field(default_factory=list)

    def add(self, count: int, places: Iterable[Place]) -> None:
        self.count += count
        if len(self.places) < KEPT_PLACES:
            self.places.extend(list(places)[: KEPT_PLACES - len(self.places)])


class QualityMeter:
    """Watches the chunks of one pass, in order.

    Parameters
    ----------
    name
        The file or market.
    session
        Its hours.
    gap
        Silences longer than this are reported.
    """

    _STATES = (Kind.CROSSED, Kind.LOCKED, Kind.ONE_SIDED)

    def __init__(self, name: str, session: Session, gap: dt.timedelta = GAP) -> None:
        self._name, self._session, self._gap = name, session, nanoseconds(gap)
        self._tallies: dict[Kind, _Tally] = {}
        self._events = self._trades = 0
        self._seen = np.zeros(session.intervals, dtype=bool)
        self._last_time = session.start
        self._last_row: int | None = None
        self._standing = dict.fromkeys(self._STATES, False)
        self._halted_since: tuple[int, int | None] | None = None

    def note(self, kind: Kind, count: int, times: NDArray[np.int64], rows: NDArray[np.int64] | None = None) -> None:
        """Record `count` findings that the reader made itself, with the times and rows of the first few."""
        if count:
            self._tally(kind).add(count, _places(times, rows))

    def observe(self, chunk: BookChunk, rows: NDArray[np.int64] | None = None) -> None:
        """Look at the next chunk; `rows` (E,) are its rows in the file."""
        if not len(chunk.time):
            return
        before = self._last_time
        self.observe_times(chunk.time, rows, trades=int(np.count_nonzero(chunk.trade_size)))
        ask, bid = chunk.ask_price[:, 0], chunk.bid_price[:, 0]
        states = {
            Kind.CROSSED: bid > ask,
            Kind.LOCKED: bid == ask,
            Kind.ONE_SIDED: np.isnan(ask) | np.isnan(bid),
        }
        lasts = np.diff(chunk.time, prepend=before)
        for kind, flags in states.items():
            self._observe_state(kind, flags, lasts, chunk.time, rows)
        self._observe_halts(chunk, rows)

    def observe_times(self, times: NDArray[np.int64], rows: NDArray[np.int64] | None, *, trades: int = 0) -> None:
        """Look at when the next events came, where there is no book; `trades` of them are trades."""
        self._events += len(times)
        self._trades += trades
        intervals = self._session.interval_of(times)
        self._seen[intervals[intervals >= 0]] = True
        self._observe_gaps(times, rows)
        self._last_time = int(times[-1])
        self._last_row = None if rows is None else int(rows[-1])

    def report(self) -> QualityReport:
        """What was seen, the pass being over."""
        end, session = self._session.end, self._session
        rest = end - self._last_time
        for kind, standing in self._standing.items():
            if standing and rest > 0:
                self._tally(kind).nanoseconds += rest
        if rest > self._gap:
            self._add_gap(self._last_time, rest, self._last_row)
        if self._halted_since is not None:
            self._end_halt(end)
        missing = np.flatnonzero(~self._seen)
        self.note(Kind.MISSING, len(missing), session.edges[missing])
        findings = tuple(
            Finding(kind, tally.count, tally.nanoseconds / SECOND, tuple(tally.places))
            for kind in Kind
            if (tally := self._tallies.get(kind)) is not None and tally.count
        )
        return QualityReport(self._name, session, self._events, self._trades, findings)

    def _tally(self, kind: Kind) -> _Tally:
        return self._tallies.setdefault(kind, _Tally())

    def _observe_state(
        self,
        kind: Kind,
        flags: NDArray[np.bool_],
        lasts: NDArray[np.int64],
        times: NDArray[np.int64],
        rows: NDArray[np.int64] | None,
    ) -> None:
        # The state after event i lasts until event i + 1.
        if self._standing[kind]:
            self._tally(kind).nanoseconds += int(lasts[0])
        self._standing[kind] = bool(flags[-1])
        found = np.flatnonzero(flags)
        if not len(found):
            return
        tally = self._tally(kind)
        tally.nanoseconds += int(lasts[1:][flags[:-1]].sum())
        first = found[:KEPT_PLACES]
        tally.add(len(found), _places(times[first], None if rows is None else rows[first]))

    def _observe_gaps(self, times: NDArray[np.int64], rows: NDArray[np.int64] | None) -> None:
        before = np.concatenate([[self._last_time], times[:-1]])
        for index in np.flatnonzero(times - before > self._gap):
            row = None if rows is None else int(rows[index])
            self._add_gap(int(before[index]), int(times[index] - before[index]), row)

    def _add_gap(self, start: int, length: int, row: int | None) -> None:
        tally = self._tally(Kind.GAP)
        tally.nanoseconds += length
        tally.add(1, [Place(start, row, length / SECOND)])

    def _observe_halts(self, chunk: BookChunk, rows: NDArray[np.int64] | None) -> None:
        was = self._halted_since is not None
        for index in np.flatnonzero(np.diff(chunk.halted, prepend=was)):
            if chunk.halted[index]:
                self._halted_since = (int(chunk.time[index]), None if rows is None else int(rows[index]))
            else:
                self._end_halt(int(chunk.time[index]))

    def _end_halt(self, end: int) -> None:
        if self._halted_since is None:
            return
        start, row = self._halted_since
        self._halted_since = None
        tally = self._tally(Kind.HALTED)
        tally.nanoseconds += end - start
        tally.add(1, [Place(start, row, (end - start) / SECOND)])


def _places(times: NDArray[np.int64], rows: NDArray[np.int64] | None) -> list[Place]:
    return [
        Place(int(time), None if rows is None else int(rows[index]))
        for index, time in enumerate(times[:KEPT_PLACES].tolist())
    ]
