"""Calm, volatile, event: in which regime each interval was, apart from the time of day.

The level of an interval is the logarithm of the geometric mean of its half-spread and slope, each over its own smooth
shape of the day::

    y_t = (log h_t/s^h_t + log beta_t/s^beta_t) / 2

A hidden Markov model with Gaussian emissions (Rabiner 1989) whose level wanders about the regime's (Hamilton 1989; see
`markov`) tells regimes; their number, 1 to 3, is the one with the lowest BIC, so that a day without regimes gets one.
The shape is smoother than a day profile's, which would take regimes of half an hour for time of day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.profile import DayProfile

from .markov import MarkovFit, fit_markov
from .pooling import pool_values

Floats = NDArray[np.float64]

PERIOD = dt.timedelta(hours=4)
"""Only what takes longer than this counts as time of day here."""

NAMES = {1: ("normal",), 2: ("calm", "volatile"), 3: ("calm", "volatile", "event")}


@dataclass(frozen=True, eq=False, slots=True)
class Regimes:
    """The regimes of D days of N intervals; K regimes, the cheapest first.

    Attributes
    ----------
    names
        K names.
    starts
        Start of each interval, local time.
    interval
        Length of an interval.
    label
        ndarray of shape (D, N), the likeliest regime of each interval, 0 to K - 1.
    probability
        ndarray of shape (D, N, K), of each regime given all values.
    level
        ndarray of shape (K,), expected cost as a multiple of the shape.
    share
        ndarray of shape (K,), part of the intervals, by probability.
    duration
        ndarray of shape (K,), expected length of a stay in intervals, ``1 / (1 - A_kk)`` (Rabiner 1989, formula 5b);
        infinite where it isn't left.
    half_spread_shape, beta_shape
        ndarrays of shape (N,), smooth shapes of the day.
    bic
        BIC of 1, 2 and 3 regimes.
    fit
        The chosen model.
    """

    names: tuple[str, ...]
    starts: tuple[dt.time, ...]
    interval: dt.timedelta
    label: NDArray[np.int64]
    probability: Floats
    level: Floats
    share: Floats
    duration: Floats
    half_spread_shape: Floats
    beta_shape: Floats
    bic: tuple[float, float, float]
    fit: MarkovFit

    @property
    def minutes(self) -> Floats:
        """ndarray of shape (K,), `duration` in minutes."""
        return self.duration * (self.interval / dt.timedelta(minutes=1))

    @property
    def likeliest(self) -> tuple[str, ...]:
        """N names: the regime that is likeliest at that time of day, over the days."""
        return tuple(self.names[index] for index in self.probability.mean(axis=0).argmax(axis=1))

    def profile(self, regime: int) -> DayProfile:
        """A day that stays in one regime: shape times level.

        Raises
        ------
        InputError
            There is no such regime.
        """
        if not 0 <= regime < len(self.names):
            raise InputError(f"is {regime}: give 0 to {len(self.names) - 1}", argument="regime", value=regime)
        level = self.level[regime]
        columns = {"half_spread": self.half_spread_shape * level, "beta": self.beta_shape * level}
        return DayProfile.of(self.starts, columns, sources=(f"regime {self.names[regime]}",))


def find_regimes(days: Sequence[DayProfile], interval: dt.timedelta) -> Regimes:
    """Find the regimes of one day or several together.

    Rows that were filled in (0 samples) or have a cost of 0 count as unknown; their regime follows from their
    neighbours'.

    Parameters
    ----------
    days
        Profiles of single days with the same starts.
    interval
        Length of an interval.

    Raises
    ------
    InputError
        No day, days with other intervals, or too few known intervals.
    """
    if not days:
        raise InputError("are missing: give at least one day", argument="days")
    starts = days[0].starts
    if any(day.starts != starts for day in days):
        raise InputError("have other intervals than each other: calibrate them apart", argument="days")
    half_spread, beta = np.stack([day.half_spread for day in days]), np.stack([day.beta for day in days])
    known = np.stack([day.samples != 0 for day in days]) & (half_spread > 0) & (beta > 0)
    half_spread, beta = np.where(known, half_spread, np.nan), np.where(known, beta, np.nan)
    shapes = [pool_values(values, interval, PERIOD).shape for values in (half_spread, beta)]
    level = (np.log(half_spread / shapes[0]) + np.log(beta / shapes[1])) / 2
    fits = [fit_markov(level, states) for states in (1, 2, 3)]
    best = min(fits, key=lambda fit: fit.bic)
    # The mean of a lognormal level about its regime's.
    spread = best.deviation**2 / (1 - best.phi**2)
    leaving = 1 - np.diag(best.transition)
    return Regimes(
        names=NAMES[best.states],
        starts=starts,
        interval=interval,
        label=best.probability.argmax(axis=2).astype(np.int64),
        probability=best.probability,
        level=np.exp(best.mean + spread / 2),
        share=best.probability.mean(axis=(0, 1)),
        duration=np.divide(1.0, leaving, out=np.full(best.states, np.inf), where=leaving > 1e-12),
        half_spread_shape=shapes[0],
        beta_shape=shapes[1],
        bic=(fits[0].bic, fits[1].bic, fits[2].bic),
        fit=best,
    )
