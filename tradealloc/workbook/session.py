"""The intervals' start times as a session: each after the one before, at most once past midnight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tradealloc.errors import InputError

from .book import Cell, CellValue
from .parsing import Parsed

DAY = dt.timedelta(days=1)
LONGEST_NIGHT = DAY / 2
"""Longest step over midnight that counts as an overnight session rather than as rows out of order."""

LEAP_BUG = 60
"""Up to this day spreadsheets are a day behind the calendar: they believe in 29 February 1900."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the session; `day` counts from the first interval's."""

    day: int
    time: dt.time

    @property
    def elapsed(self) -> dt.timedelta:
        """Time since the midnight at which day 0 begins."""
        clock = dt.datetime.combine(dt.date.min, self.time) - dt.datetime.min
        return self.day * DAY + clock

    @classmethod
    def after(cls, elapsed: dt.timedelta) -> Moment:
        """The inverse of `elapsed`."""
        day, clock = divmod(elapsed, DAY)
        return cls(day, (dt.datetime.min + clock).time())


def session_starts(cells: Sequence[Cell], times: Sequence[Parsed]) -> list[Moment | None]:
    """When each interval starts; None where its cell is blank.

    Plain times may go past midnight once, as those of an overnight session do: 22:00, 23:00, 00:00, 01:00. Cells
    with dates may span days.

    Parameters
    ----------
    cells
        The column Start, length N.
    times
        The same, parsed.

    Raises
    ------
    InputError
        A start isn't after the one before; placed at its cell.
    """
    starts: list[Moment | None] = [None] * len(cells)
    filled = [(row, time) for row, time in enumerate(times) if isinstance(time, dt.time)]
    base = _day(cells[filled[0][0]].value) if filled else 0
    night = 0
    last: tuple[int, Moment] | None = None
    for row, time in filled:
        moment = Moment(_day(cells[row].value) - base + night, time)
        if last is not None and not night and _is_past_midnight(last[1], moment):
            night = 1
            moment = Moment(moment.day + 1, time)
        if last is not None and moment.elapsed <= last[1].elapsed:
            raise _not_after(cells[row], time, cells[last[0]], last[1].time)
        starts[row] = moment
        last = row, moment
    if last is not None and night:
        first = filled[0]
        if last[1].elapsed >= Moment(1, first[1]).elapsed:
            raise InputError(
                f"is {last[1].time:%H:%M}, a whole day after the first interval ({cells[first[0]].where}): "
                "give the intervals of one session, or dates with the times",
                where=cells[last[0]].where,
            )
    return starts


def _is_past_midnight(before: Moment, now: Moment) -> bool:
    step = now.elapsed - before.elapsed
    return step < dt.timedelta(0) and step + DAY <= LONGEST_NIGHT


def _not_after(cell: Cell, time: dt.time, before: Cell, earlier: dt.time) -> InputError:
    if time == earlier:
        return InputError(
            f"is {_shown(time)}, as {before.where} is: give every interval a start of its own", where=cell.where
        )
    return InputError(
        f"is {_shown(time)}, before {_shown(earlier)} in {before.where}: sort the intervals by their start times",
        where=cell.where,
    )


def _shown(time: dt.time) -> str:
    return time.isoformat("minutes" if not time.second and not time.microsecond else "auto")


def _day(value: CellValue) -> int:
    """The day that a start time carries with it, as a spreadsheet numbers days; 0 for a plain time."""
    if isinstance(value, dt.datetime):
        days = (value.date() - dt.date(1899, 12, 30)).days
        return days - 1 if 0 < days <= LEAP_BUG else days
    if isinstance(value, dt.timedelta):
        return value.days
    return int(value) if isinstance(value, int | float) else 0
