"""When a child order starts and ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tradealloc.workbook.session import Moment


@dataclass(frozen=True, slots=True)
class Span:
    """A child order's time; what isn't known is None."""

    date: dt.date | None
    start: dt.time | None
    end: dt.time | None
    end_day: int | None


def spans(starts: Sequence[Moment | None], window_end: dt.time | None, day: dt.date | None) -> list[Span]:
    """The time of each interval.

    It ends at the next one's start, or at the window's end where that comes first. The last interval lasts as long as
    the one before. A single one ends with the window; without a window, and where start times are blank, the end isn't
    known.

    Parameters
    ----------
    starts
        As `session_starts` gives them, length N.
    window_end
        End of the trading window.
    day
        Date of the first interval.
    """
    ends: list[Moment | None] = [*starts[1:], None]
    if len(starts) > 1 and (last := starts[-1]) is not None and (before := starts[-2]) is not None:
        ends[-1] = Moment.after(2 * last.elapsed - before.elapsed)
    return [_span(start, end, window_end, day) for start, end in zip(starts, ends, strict=True)]


def _span(start: Moment | None, end: Moment | None, window_end: dt.time | None, day: dt.date | None) -> Span:
    if start is None:
        return Span(None, None, None, None)
    if window_end is not None and window_end > start.time:
        close = Moment(start.day, window_end)
        end = close if end is None or close.elapsed < end.elapsed else end
    date = None if day is None else day + dt.timedelta(days=start.day)
    return Span(date, start.time, None if end is None else end.time, None if end is None else end.day - start.day)
