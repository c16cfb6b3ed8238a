"""Exact solver for every separable convex model with bounds.

With increasing marginal cost ``m_t`` the optimum is ``x_t = clip(m_t^-1(mu), lo_t, hi_t)`` for the one multiplier mu
at which the shares sum to S (Boyd and Vandenberghe, "Convex Optimization", 5.5.3; the water-filling of example 5.2).
The sum is increasing in mu: Newton's method finds it in a few vectorised passes, a bracket keeps it safe.
"""

from __future__ import annotations

import math

import numpy as np

from tradealloc.model import ImpactModel, Problem
from tradealloc.model.arrays import Floats

from .linear_programme import cheapest_first
from .point import Point

ROUNDING = 16 * np.finfo(np.float64).eps
"""Relative error of the sum that is rounding, not error."""

NEWTON_STEPS = 30
"""Passes after which every other step bisects; Newton alone needs 4 to 10."""

ALL_STEPS = 300


def solve_dual(problem: Problem) -> Point:
    """Solve a continuous problem exactly."""
    bounds = problem.bounds
    if problem.impact.is_linear_programme:
        return cheapest_first(problem)
    if problem.shares >= bounds.room:
        return Point(bounds.upper, float(np.max(problem.impact.marginal(bounds.upper))))
    shares, price = equilibrium(problem.impact, problem.shares, bounds.lower, bounds.upper)
    return Point(shares, price)


def equilibrium(impact: ImpactModel, total: float, lower: Floats, upper: Floats) -> tuple[Floats, float]:
    """The multiplier at which the intervals' shares sum to `total`, and those shares.

    Parameters
    ----------
    impact
        Model with strictly increasing marginal cost (not a linear programme).
    total
        Shares to place, between the sums of the bounds.
    lower, upper : ndarray of shape (N,)

    Returns
    -------
    shares : ndarray of shape (N,)
    price : float
        Where a whole range of multipliers fits, one of it.
    """
    degree = impact.homogeneous_degree
    price = impact.starting_price(total, lower.size)
    low, high = impact.lowest_spread, math.inf
    with np.errstate(over="ignore", invalid="ignore"):  # far from the answer shares overflow; the bracket sees to it
        for step in range(ALL_STEPS):
            shares, reached, slope, free = impact.response(price, lower, upper)
            missing = total - reached
            if abs(missing) <= ROUNDING * total:
                break
            if missing > 0:
                low = price
            else:
                high = price
            following = _newton(price, missing, slope, free, degree)
            if not low < following < high and slope > 0.0:
                following = price + missing / slope
            if not low < following < high or (step > NEWTON_STEPS and step % 2):
                following = _between(low, high)
            if not low < following < high:
                return _interpolated(impact, total, lower, upper, low, high)
            price = following
    return shares, price


def _newton(price: float, missing: float, slope: float, free: float, degree: float) -> float:
    """Newton's step on the sum raised to the model's degree, in which a power law without spread is a straight line."""
    if slope <= 0.0 or not math.isfinite(slope):
        return math.nan
    if degree == 1.0 or free <= 0.0:
        return price + missing / slope
    growth = 1.0 + missing / free
    if growth <= 0.0:
        return math.nan
    return price + free * math.expm1(degree * math.log(growth)) / (degree * slope)


def _between(low: float, high: float) -> float:
    """Middle of two non-negative floats by their bit patterns: at most 64 halvings from any bracket to neighbours."""
    first, last = np.array([low, high]).view(np.int64).tolist()
    return float(np.array([(first + last) // 2]).view(np.float64)[0])


def _interpolated(
    impact: ImpactModel, total: float, lower: Floats, upper: Floats, low: float, high: float
) -> tuple[Floats, float]:
    """Between two neighbouring multipliers, both of which round to the true one."""
    below, reached_below, *_ = impact.response(low, lower, upper)
    above, reached_above, *_ = impact.response(high, lower, upper)
    above = np.minimum(above, 2.0 * total)
    reached_above = float(above.sum())
    share = (total - reached_below) / (reached_above - reached_below) if reached_above > reached_below else 0.0
    return below + min(max(share, 0.0), 1.0) * (above - below), low
