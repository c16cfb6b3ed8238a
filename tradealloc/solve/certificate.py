"""The certificate of optimality, computed from the shares and the multiplier alone."""

from __future__ import annotations

import numpy as np

from tradealloc.model import Certificate, Problem
from tradealloc.model.arrays import Floats

SUSPICIOUS = 1e-10
"""KKT residual above which the multiplier's own rounding is allowed for."""

PRICE_ROUNDING = 4 * np.finfo(np.float64).eps
"""A multiplier is known to this relative accuracy: it is a double."""

INVERSE_ROUNDING = 1e-11
"""Relative rounding allowed for in the marginal cost of the answer to mu."""

LEAP = 1e-12
"""Shares, in units of S/N, too few to matter."""

INSIDE = 1e-6
"""Distance from a bound, in units of S/N, beyond which an interval counts as free to trade more or less."""


def certify(problem: Problem, shares: Floats, price: float) -> Certificate:
    """Judge a schedule by the optimality conditions at one multiplier.

    The dual bound is ``sum_t min_y [g_t(y) - mu y] + mu sum_t x_t`` with the minimum over ``lo_t <= y <= hi_t``,
    reached at ``y = z_t = clip(m_t^-1(mu), lo_t, hi_t)``. The gap is summed as
    ``g_t(x) - g_t(z) - mu (x - z)``, term by term: the difference of two large sums would drown in rounding.
    The inverse ``m_t^-1`` isn't trusted: ``m_t(z_t)`` has to meet mu, or what z_t may miss of the minimum is added.

    Where the answer ``z_t`` jumps with the last digits of mu (a linear programme, tiny exponents, impact far below
    the spread) it is a range: all that multipliers within `PRICE_ROUNDING` of mu give.
    """
    bounds, impact = problem.bounds, problem.impact
    nearest = _answer(problem, price)
    off = shares - nearest
    largest = float(np.maximum.reduce(np.abs(off)))
    per_unit = problem.intervals / problem.shares
    above, below = nearest > bounds.lower, nearest < bounds.upper
    excess = impact.marginal(nearest) - price
    missed = 0.0
    if max(np.maximum.reduce(excess * above), -np.minimum.reduce(excess * below)) > INVERSE_ROUNDING * abs(price):
        missed = _missed(problem, nearest, price, excess)
    gap = 0.0
    if largest > 0.0:
        if not largest * per_unit <= SUSPICIOUS:
            low, high = (_answer(problem, price * (1.0 + sign * PRICE_ROUNDING)) for sign in (-1.0, 1.0))
            nearest = np.minimum(np.maximum(shares, low), high)
            off = shares - nearest
            largest = float(np.maximum.reduce(np.abs(off)))
        gap = float(np.add.reduce(impact.cost(shares) - impact.cost(nearest) - price * off))
    if gap != 0.0 or missed != 0.0:
        gap = max(gap + missed, 0.0) / float(np.add.reduce(impact.cost(shares)))
    return Certificate(largest * per_unit, gap, _shadow_price(problem, shares, price), problem, shares, price)


def _missed(problem: Problem, answer: Floats, price: float, excess: Floats) -> float:
    """Most by which ``g_t - mu y`` can be lower than at the answer, where its slope there is `excess` (convexity).

    Tiny exponents let the marginal cost leap across mu within a share too small to be told from the answer: where it
    does so within `LEAP`, the minimum isn't farther away than that.
    """
    bounds, impact = problem.bounds, problem.impact
    leap = LEAP * problem.shares / problem.intervals
    up = np.where(impact.marginal(answer + leap) >= price, leap, problem.shares)
    down = np.where(impact.marginal(np.maximum(answer - leap, 0.0)) <= price, leap, answer)
    up = np.minimum(up, np.maximum(bounds.upper - answer, 0.0))
    down = np.minimum(down, np.maximum(answer - bounds.lower, 0.0))
    return float(np.maximum(excess * down, -excess * up).sum())


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
    if filled.size:
        return float(filled.max())
    return float(empty.min() if empty.size else marginal.max())


def _answer(problem: Problem, price: float) -> Floats:
    free = problem.impact.inverse_marginal(price)
    return np.minimum(np.maximum(free, problem.bounds.lower), np.minimum(problem.bounds.upper, 2.0 * problem.shares))


def _shadow_price(problem: Problem, shares: Floats, price: float) -> float | None:
    """Cost of one more share: mu, or, where every interval is at a bound, the least that one costs anywhere.

    None where there is no room for one.
    """
    slack = INSIDE * problem.shares / problem.intervals
    room = shares < problem.bounds.upper - slack
    if np.logical_or.reduce(room & (shares > problem.bounds.lower + slack)):
        return price
    if problem.shares >= problem.bounds.room * (1.0 - PRICE_ROUNDING) or not room.any():
        return None
    return float(np.broadcast_to(problem.impact.marginal(shares), shares.shape)[room].min())
