"""The orders that everyone solves: a day of 390 minutes like AMZN's on 2012-06-21.

Beta is constant within each half hour (1e-5 to 5e-5 $/share), half-spreads are 0.03 to 0.15 $ a share, volumes
lognormal around 1,100 shares a minute with a few empty minutes, participation at most 10 %. Of the 390 minutes about a
third trades, half of these at their cap: what binds is what makes the problem a problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

import tradealloc as ta

Floats = NDArray[np.float64]

INTERVALS = 390
PARTICIPATION = 0.1
REFERENCE = 256.0
"""Size at which the power law agrees with the line, shares."""


@dataclass(frozen=True)
class Order:
    """Raw inputs of one order."""

    shares: float
    beta: Floats
    half_spread: Floats
    volume: Floats

    @property
    def caps(self) -> Floats:
        return PARTICIPATION * self.volume

    @cached_property
    def problem(self) -> ta.Problem:
        return self.fresh_problem()

    @cached_property
    def power_problem(self) -> ta.Problem:
        """Spread and power law, exponent 0.6 (Almgren et al. 2005)."""
        impact = ta.PowerImpact.from_linear(self.beta, 0.6, REFERENCE, self.half_spread)
        return ta.Problem(self.shares, impact, self.limits)

    @property
    def limits(self) -> ta.Limits:
        return ta.Limits(participation=PARTICIPATION, volume=self.volume)

    def fresh_problem(self) -> ta.Problem:
        return ta.Problem(self.shares, ta.LinearImpact(self.beta, self.half_spread), self.limits)


def make_orders(count: int, intervals: int = INTERVALS) -> list[Order]:
    """Different days and sizes, so that nobody solves the same order twice in a row."""
    random = np.random.default_rng(2012)
    orders = []
    for _ in range(count):
        half_hours = np.exp(random.normal(np.log(2.8e-5), 0.35, -(-intervals // 30)))
        beta = np.repeat(half_hours, 30)[:intervals]
        half_spread = np.clip(np.exp(random.normal(np.log(0.062), 0.3, intervals)), 0.024, 0.21)
        volume = np.round(np.exp(random.normal(np.log(1_100), 1.0, intervals)))
        volume[random.integers(0, intervals, max(intervals // 130, 1))] = 0.0
        shares = round(20_000 * random.uniform(0.8, 1.2) * intervals / INTERVALS)
        orders.append(Order(float(shares), beta, half_spread, volume))
    return orders
