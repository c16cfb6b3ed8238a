"""The certificate of optimality, computed from the shares and the multiplier alone."""

from __future__ import annotations

import numpy as np

from tradealloc.model import Certificate, Problem
from tradealloc.model.arrays import Floats

SUSPICIOUS = 1e-10
"""KKT residual above which the multiplier's own rounding is allowed for."""

PRICE_ROUNDING = 4 * np.finfo(np.float64).eps
"""A multiplier is known to this relative accuracy: it is a double."""

INSIDE = 1e-6
"""Distance from a bound, in units of S/N, at which an interval counts as free when a multiplier is estimated."""


def certify(problem: Problem, shares: Floats, price: float) -> Certificate:
    """Judge a schedule by the optimality conditions at one multiplier.

    The dual bound is ``sum_t min_y [g_t(y) - mu y] + mu sum_t x_t`` with the minimum over ``lo_t <= y <= hi_t``,
    reached at ``y = z_t = clip(m_t^-1(mu), lo_t, hi_t)``. The gap is summed as
    ``g_t(x) - g_t(z) - mu (x - z)``, term by term: the difference of two large sums would drown in rounding.

    Where the answer ``z_t`` jumps with the last digits of mu (a linear programme, tiny exponents, impact far below
    the spread) it is a range: all that multipliers within `PRICE_ROUNDING` of mu give.
    """
    lower, upper = problem.bounds.lower, problem.bounds.upper
    scale = problem.intervals / problem.shares
    nearest = _answer(problem, price)
    off = shares - nearest
    residual = float(np.abs(off).max()) * scale
    if not residual <= SUSPICIOUS:
        low, high = (_answer(problem, price * (1.0 + sign * PRICE_ROUNDING)) for sign in (-1.0, 1.0))
        nearest = np.minimum(np.maximum(shares, low), high)
        off = shares - nearest
        residual = float(np.abs(off).max()) * scale
    cost = problem.impact.cost(shares)
    gap = float(np.add.reduce(cost - problem.impact.cost(nearest) - price * off)) / float(np.add.reduce(cost))
    inside = (shares > lower) & (shares < upper)
    shadow = price if inside.any() else _next_share(problem, shares, price)
    return Certificate(residual, max(gap, 0.0), shadow, problem, shares, price)


def estimated_price(problem: Problem, shares: Floats) -> float:
    """The multiplier that fits given shares best.

    The marginal costs of the intervals at no bound, averaged with weight 1/m_t' (one Newton step from them); where
    none is free, the middle of the range that the bounds leave.
    """
    bounds, impact = problem.bounds, problem.impact
    unit = INSIDE * problem.shares / problem.intervals
    marginal = np.broadcast_to(impact.marginal(shares), shares.shape)
    free = (shares > bounds.lower + unit) & (shares < bounds.upper - unit)
    if free.any():
        steep = np.maximum(np.broadcast_to(impact.curvature(shares), shares.shape)[free], np.finfo(np.float64).tiny)
        weight = 1.0 / (steep / steep.min())
        return float((marginal[free] * weight).sum() / weight.sum())
    filled, empty = marginal[shares > bounds.lower + unit], marginal[shares < bounds.upper - unit]
    if filled.size and empty.size:
        return float(filled.max() + empty.min()) / 2.0
    return float(filled.max() if filled.size else empty.min())


def _answer(problem: Problem, price: float) -> Floats:
    free = problem.impact.inverse_marginal(price)
    return np.minimum(np.maximum(free, problem.bounds.lower), np.minimum(problem.bounds.upper, 2.0 * problem.shares))


def _next_share(problem: Problem, shares: Floats, price: float) -> float | None:
    """Cost of one more share where every interval is at a bound; None where there is no room for one."""
    room = shares < problem.bounds.upper
    if problem.shares >= problem.bounds.room * (1.0 - PRICE_ROUNDING) or not room.any():
        return None
    return float(np.broadcast_to(problem.impact.marginal(shares), shares.shape)[room].min())
