"""Bar tables: volume, and open, high, low and close where there are any, one row an interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tradealloc.errors import InputError
from tradealloc.market.prints import Bars
from tradealloc.market.quality import KEPT_PLACES, Kind, QualityMeter, QualityReport
from tradealloc.market.session import Session, clock

from .stream import Column, blocks, first_rows, floats, refuse_below, refuse_rows
from .table import BAR_COLUMNS, found_columns, require
from .timing import SessionHours, TimeColumn

_PRICES = ("open", "high", "low", "close")


class BarsFile:
    """A day of one symbol's bars from a headed CSV file; the time of a bar is where it begins.

    Parameters
    ----------
    path
        The file.
    session
        The hours; its interval is the length of a bar.
    hours
        What to make the session of, where none is given; times without a zone need its timezone.
    """

    def __init__(self, path: Path, *, session: Session | None = None, hours: SessionHours | None = None) -> None:
        rows = first_rows(path)
        self._names = found_columns(rows[0] if rows else [], BAR_COLUMNS)
        require(path, self._names, BAR_COLUMNS, "time", "volume")
        if len(rows) < 2:
            raise InputError("has headers but no bars: give a day of data", where=path.name)
        first = dict(zip(rows[0], rows[1], strict=False))
        self._time = TimeColumn.found(path, self._names["time"], first[self._names["time"]], session, hours)
        self._width = len(rows[0])
        self.path = path
        self.session = self._time.session
        self.symbol = first.get(self._names.get("symbol", ""), "")
        self._report: QualityReport | None = None

    def bars(self) -> Bars:
        """The bars, one an interval of the session; NaN volume where the table has no row.

        Raises
        ------
        InputError
            With file and row: not a number, a negative volume, a high below the low, a bar that begins within an
            interval or comes twice.
        WorkbookError
            The file is missing, truncated or damaged.
        """
        session, path, names = self.session, self.path, self._names
        prices = [key for key in _PRICES if key in names]
        columns = [self._time.column, Column(names["volume"], "float")]
        columns += [Column(names[key], "float", blank=True) for key in prices]
        table = {key: np.full(session.intervals, np.nan) for key in (*_PRICES, "volume")}
        meter = QualityMeter(path.name, session)
        last = -1
        for row, batch in blocks(path, columns, header=True, width=self._width):
            time = self._time.local(path, row, batch)
            interval = session.interval_of(time)
            inside = interval >= 0
            astray = inside & (time != session.edges[np.maximum(interval, 0)])
            refuse_rows(
                path,
                row,
                astray,
                lambda i, time=time: (  # type: ignore[misc]
                    f"begins at {clock(time[i])}, within an interval of {session.interval}: give bars of that length"
                ),
            )
            volume = floats(batch, names["volume"])
            refuse_below(path, row, volume, names["volume"], zero_too=False)
            refuse_rows(path, row, np.isnan(volume), lambda _: "has no number as its volume: give at least 0")
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            for kind, found in (
                (Kind.OUTSIDE, np.flatnonzero(~inside)),
                (Kind.OUT_OF_ORDER, np.flatnonzero(np.diff(interval, prepend=last) < 0)),
            ):
                meter.note(kind, len(found), time[found[:KEPT_PLACES]], rows[found[:KEPT_PLACES]])
            last = int(interval[-1])
            within = interval[inside]
            twice = np.ones(batch.num_rows, dtype=bool)
            twice[np.flatnonzero(inside)[np.unique(within, return_index=True)[1]]] = False
            twice &= inside
            twice[inside] |= ~np.isnan(table["volume"][within])
            refuse_rows(path, row, twice, lambda i, time=time: f"has the bar of {clock(time[i])} again: keep one")  # type: ignore[misc]
            table["volume"][within] = volume[inside]
            for key in prices:
                price = floats(batch, names[key])
                refuse_below(path, row, price, names[key], zero_too=True)
                table[key][within] = price[inside]
            if "high" in names and "low" in names:
                high, low = floats(batch, names["high"]), floats(batch, names["low"])
                refuse_rows(
                    path,
                    row,
                    high < low,
                    lambda i, high=high, low=low: f"has the high {high[i]:g} below the low {low[i]:g}: mend the bar",  # type: ignore[misc]
                )
        filled = np.flatnonzero(~np.isnan(table["volume"]))
        if not len(filled):
            raise InputError(
                f"has no bar on {session.date} from {session.open:%H:%M} to {session.close:%H:%M} {session.timezone}: "
                "check date, hours and time zone",
                where=path.name,
            )
        meter.observe_times(session.edges[filled], None)
        self._report = meter.report()
        return Bars(**table)

    def quality(self) -> QualityReport:
        """What is wrong with the data; reads the file where it hasn't been read yet."""
        if self._report is None:
            self.bars()
        assert self._report is not None
        return self._report
