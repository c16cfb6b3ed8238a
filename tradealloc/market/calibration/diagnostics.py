"""What a trader reads after a calibration: the day by half hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from tradealloc.market.profile import DayProfile, Floats

WINDOW = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class WindowRow:
    """Half an hour of a profile.

    Attributes
    ----------
    start
        Its beginning, local time.
    half_spread, beta
        Means over its intervals, currency per share and per share per share.
    half_spread_width, beta_width
        Half the 90 % interval relative to the estimate, median over the intervals; NaN where unknown.
    r_squared
        Median over the intervals that have a fit.
    volume
        Sum, shares; NaN where unknown.
    max_shares
        Least size that the costs are known up to.
    fitted
        Part of the intervals with an estimate of their own; the others are filled from the shape of the day.
    """

    start: dt.time
    half_spread: float
    beta: float
    half_spread_width: float
    beta_width: float
    r_squared: float
    volume: float
    max_shares: float
    fitted: float


def by_window(profile: DayProfile, window: dt.timedelta = WINDOW) -> tuple[WindowRow, ...]:
    """The profile in windows of half an hour; the last one may be shorter."""
    times = np.array([(t.hour * 60 + t.minute) * 60 + t.second for t in profile.starts])
    index = (times - times[0]) // int(window.total_seconds())
    rows = []
    for number in np.unique(index):
        at = np.flatnonzero(index == number)
        own = at[~(profile.samples[at] == 0)]
        rows.append(
            WindowRow(
                start=profile.starts[at[0]],
                half_spread=float(profile.half_spread[at].mean()),
                beta=float(profile.beta[at].mean()),
                half_spread_width=_width(profile, "half_spread", own),
                beta_width=_width(profile, "beta", own),
                r_squared=_median(profile.r_squared[own]),
                volume=float(profile.volume[at].sum()),
                max_shares=_least(profile.max_shares[at]),
                fitted=len(own) / len(at),
            )
        )
    return tuple(rows)


def _width(profile: DayProfile, name: str, at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    low, high, middle = (getattr(profile, f"{name}{end}")[at] for end in ("_low", "_high", ""))
    return _median((high - low) / 2 / middle)


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _least(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else float("nan")
