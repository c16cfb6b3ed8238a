"""Closed forms: the problems whose optimum can be written down.

- One half-spread for all intervals and no limit that binds: ``I_t = h + beta_t x**p`` gives
  ``x_t = S beta_t^(-1/p) / sum_i beta_i^(-1/p)`` (the report's "Analytical Solution" for p = 1).
- Linear impact with any half-spreads and bounds: ``x_t = clip((mu - h_t) / (2 beta_t), lo_t, hi_t)`` is piecewise
  linear in mu. The piece is found among its sorted corners; on it mu is the solution of one linear equation.
- Exponent 0: the cheapest interval is filled first.
"""

from __future__ import annotations

import numpy as np

from tradealloc.errors import InputError
from tradealloc.model import LinearImpact, PiecewiseImpact, Problem, QuadraticImpact
from tradealloc.model.arrays import Floats

from .linear_programme import cheapest_first
from .point import Point


def solve_analytic(problem: Problem) -> Point:
    """Write the optimum down.

    Raises
    ------
    InputError
        There is no closed form: quadratic or piecewise impact, or a power law with half-spreads that differ or limits
        that bind.
    """
    impact, bounds = problem.impact, problem.bounds
    if impact.is_linear_programme:
        return cheapest_first(problem)
    if problem.shares >= bounds.room:
        return Point(bounds.upper, float(np.max(impact.marginal(bounds.upper))))
    point = proportional(problem)
    if point is None and isinstance(impact, LinearImpact):
        point = _piecewise(problem)
    if point is None:
        raise InputError(
            f"analytic has no closed form for the {impact.name} model with these half-spreads and limits: "
            "use dual or auto",
            argument="method",
            value="analytic",
        )
    return point


def proportional(problem: Problem) -> Point | None:
    """Shares in proportion to beta^(-1/p); None where that isn't the optimum."""
    impact, bounds = problem.impact, problem.bounds
    spread = impact.spread
    if isinstance(impact, QuadraticImpact | PiecewiseImpact) or impact.is_linear_programme:
        return None
    if spread.ndim and (spread != spread[0]).any():
        return None
    beta = impact.vectors["beta"]
    if not beta.ndim:
        beta = np.broadcast_to(beta, (problem.intervals,))
    largest = int(beta.argmin())
    weights = beta[largest] / beta
    if impact.homogeneous_degree != 1.0:
        with np.errstate(under="ignore"):
            weights = weights ** (1.0 / impact.homogeneous_degree)
    shares = weights * (problem.shares / float(np.add.reduce(weights)))
    if (bounds.caps or bounds.needed) and ((shares < bounds.lower).any() or (shares > bounds.upper).any()):
        return None
    return Point(shares, _marginal_at(problem, shares, largest))


def _piecewise(problem: Problem) -> Point:
    shape = (problem.intervals,)
    lower, upper = problem.bounds.lower, problem.bounds.upper
    spread = np.broadcast_to(problem.impact.spread, shape)
    steepness = np.broadcast_to(2.0 * problem.impact.vectors["beta"], shape)

    def shares_at(price: float) -> Floats:
        return np.minimum(np.maximum((price - spread) / steepness, lower), upper)

    # Corners are rounded outwards: an interval whose two corners are the same float still gets a piece to fill on.
    starts = np.where(lower > 0.0, np.nextafter(spread + steepness * lower, -np.inf), spread)
    ends = np.nextafter(spread + steepness * upper, np.inf)
    corners = np.unique(np.concatenate([starts, ends[np.isfinite(ends)]]))
    first, last = 0, corners.size
    while first < last:
        middle = (first + last) // 2
        if shares_at(corners[middle]).sum() < problem.shares:
            first = middle + 1
        else:
            last = middle
    left = float(corners[max(first - 1, 0)])
    shares = shares_at(left)
    missing = problem.shares - float(shares.sum())
    if first == 0:
        return Point(shares, left)
    if first == corners.size:
        per_price = np.where(np.isinf(upper), 1.0 / steepness, 0.0)
        rise = missing / float(per_price.sum())
        return Point(shares + per_price * rise, left + rise)
    right = float(corners[first])
    growth = shares_at(right) - shares
    part = missing / float(growth.sum())
    return Point(shares + growth * part, left + (right - left) * part)


def _marginal_at(problem: Problem, shares: Floats, position: int) -> float:
    return float(np.broadcast_to(problem.impact.marginal(shares), shares.shape)[position])
