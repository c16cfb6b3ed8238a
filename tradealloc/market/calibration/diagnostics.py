"""What a trader reads after a calibration: the day by half hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tradealloc.market.profile import LEVEL, DayProfile, Floats

from .pooling import pool_values

WINDOW = dt.timedelta(minutes=30)
FEWEST_COVERED = 3
MOST_HELD_OUT = 20
NORMAL_QUANTILE = NormalDist().inv_cdf((1 + LEVEL) / 2)


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


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well each day was foretold by the others.

    Attributes
    ----------
    days
        Days that were held out in turn.
    half_spread, beta
        Part of their intervals whose estimate lies in the range that the other days foretell with `LEVEL` probability.
    """

    days: int
    half_spread: float
    beta: float

    @property
    def sentence(self) -> str:
        """That for the trader."""
        return (
            f"held out in turn, {self.half_spread:.0%} of the half-spreads and {self.beta:.0%} of the slopes of "
            f"{self.days} days lie in the range that the other days foretell with {LEVEL:.0%} probability"
        )


def coverage(days: Sequence[DayProfile], interval: dt.timedelta) -> Coverage | None:
    """Hold each day out and look how many of its estimates the others foretell; None of fewer than three days.

    The range of interval t is ``expected_t exp(+-z sqrt(e_t^2 + v^2))`` with e_t the relative error of the profile
    pooled from the other days, v the standard deviation of their levels about its shape, errors of measurement
    included, and z the normal quantile.

    Parameters
    ----------
    days
        Profiles of single days with the same starts, in order of date; the latest `MOST_HELD_OUT` are held out.
    interval
        Length of an interval.
    """
    if len(days) < FEWEST_COVERED:
        return None
    held_out = range(max(0, len(days) - MOST_HELD_OUT), len(days))
    shares = []
    for name in ("half_spread", "beta"):
        values = np.stack([np.where(day.samples != 0, getattr(day, name), np.nan) for day in days])
        values[~(values > 0)] = np.nan
        inside = known = 0
        for number in held_out:
            others = pool_values(np.delete(values, number, axis=0), interval)
            spread = NORMAL_QUANTILE * np.hypot(others.error / others.expected, others.level_sd)
            distance = np.abs(np.log(values[number] / others.expected))
            inside += int((distance <= spread).sum())
            known += int(np.isfinite(distance).sum())
        shares.append(inside / known if known else float("nan"))
    return Coverage(len(held_out), *shares)


def _width(profile: DayProfile, name: str, at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    low, high, middle = (getattr(profile, f"{name}{end}")[at] for end in ("_low", "_high", ""))
    return _median((high - low) / 2 / middle)


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _least(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else float("nan")
