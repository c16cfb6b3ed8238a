"""The horizontal axis of a day: where each interval begins and ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from .figures import Layout, name_text
from .model import Axis

FEW = 12
"""Up to so many intervals are called by their names on the axis."""

PAUSE = 1.5
"""An interval that lasts longer than so many usual ones is followed by a pause."""

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Begin and end of each interval on the axis.

    Attributes
    ----------
    begins, ends
        In minutes after midnight where all start times are known and rise, else counted in intervals.
    axis
        What they measure.
    """

    begins: tuple[float, ...]
    ends: tuple[float, ...]
    axis: Axis

    @classmethod
    def of(cls, starts: Sequence[dt.timedelta | None], labels: Sequence[object]) -> Timeline:
        """The timeline of intervals with those names, that start so long after the midnight before the session."""
        begins = [start / MINUTE for start in starts if start is not None]
        if len(begins) == len(starts) > 1 and all(a < b for a, b in pairwise(begins)):
            return cls._of_clock(begins)
        if len(starts) <= FEW:
            names = tuple(map(name_text, labels))
            positions = range(len(names))
            axis = Axis("Interval", Layout.COUNT, names, from_zero=False)
        else:
            positions = range(1, len(starts) + 1)
            axis = Axis("Interval", Layout.COUNT, from_zero=False)
        return cls(tuple(p - 0.5 for p in positions), tuple(p + 0.5 for p in positions), axis)

    @classmethod
    def _of_clock(cls, begins: list[float]) -> Timeline:
        steps = [b - a for a, b in pairwise(begins)]
        usual = median(steps)
        lengths = [step if step <= PAUSE * usual else usual for step in steps] + [usual]
        ends = tuple(begin + length for begin, length in zip(begins, lengths, strict=True))
        return cls(tuple(begins), ends, Axis("Start of interval", Layout.CLOCK, from_zero=False))

    def steps(self, values: Sequence[float | None]) -> tuple[tuple[float, ...], tuple[float | None, ...]]:
        """Edges and heights of a stepped line; a pause has no height."""
        edges, heights = [self.begins[0]], list[float | None]()
        for begin, end, value in zip(self.begins, self.ends, values, strict=True):
            if begin > edges[-1]:
                edges.append(begin)
                heights.append(None)
            edges.append(end)
            heights.append(value)
        return tuple(edges), tuple(heights)

    def running(self, totals: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Points of a line that has reached each total at the end of its interval, from 0 at the start."""
        x, y = [self.begins[0]], [0.0]
        for begin, end, total in zip(self.begins, self.ends, totals, strict=True):
            if begin > x[-1]:
                x.append(begin)
                y.append(y[-1])
            x.append(end)
            y.append(total)
        return tuple(x), tuple(y)
