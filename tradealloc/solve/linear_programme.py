"""Exponent 0: the cost is linear, and the cheapest intervals are filled first."""

from __future__ import annotations

import numpy as np

from tradealloc.model import ImpactModel, Problem
from tradealloc.model.arrays import Floats

from .point import Point


def cheapest_first(problem: Problem) -> Point:
    """Fill the intervals in the order of their cost per share, each up to its cap.

    The optimum of ``min sum_t c_t x_t`` with ``sum_t x_t = S`` and bounds (a continuous knapsack; Dantzig 1957).
    Intervals of equal cost are filled in the order of time.
    """
    bounds = problem.bounds
    shares = fill_cheapest(problem.impact, problem.shares, bounds.lower, bounds.upper)
    cost = np.broadcast_to(problem.impact.marginal(np.zeros(shares.shape)), shares.shape)
    open_cost = cost[shares < bounds.upper]
    return Point(shares, float(open_cost.min() if open_cost.size else cost.max()))


def fill_cheapest(impact: ImpactModel, total: float, lower: Floats, upper: Floats) -> Floats:
    """Shares of shape (N,) that sum to `total`, cheapest intervals filled first."""
    cost = np.broadcast_to(impact.marginal(np.zeros(lower.shape)), lower.shape)
    order = np.argsort(cost, kind="stable")
    room = (upper - lower)[order]
    within = np.minimum(room, total)
    left = max(total - float(lower.sum()), 0.0)
    taken = np.minimum(np.maximum(left - (np.cumsum(within) - within), 0.0), within)
    # What the running sum rounds off may not go into the next, far dearer interval.
    rounding = np.finfo(np.float64).eps * lower.size * total
    taken[(taken < room) & (taken <= rounding)] = 0.0
    shares = np.empty(lower.shape)
    # A full interval takes its cap itself: the lower bound plus the room can round to less, and look open.
    shares[order] = np.where(taken >= room, upper[order], lower[order] + taken)
    return np.minimum(shares, upper)
