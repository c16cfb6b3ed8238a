"""Every schedule in whole lots, every choice of intervals: slow, obvious, and independent of the solvers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tradealloc import Problem

from .cases import bounds_by_hand, marginal_by_hand, slippage_by_hand

Floats = NDArray[np.float64]

CLOSE = 1e-7
"""A bound within this share of a lot of a whole lot is that lot."""


def cost_by_hand(problem: Problem, shares: Floats) -> Floats:
    """Cost of schedules of shape (..., N), shape (...)."""
    return (shares * slippage_by_hand(problem.impact)(shares)).sum(axis=-1)


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def best_in_lots(problem: Problem) -> float:
    """Least cost in whole lots, an odd rest in one interval; inf where no schedule keeps the limits and clips."""
    lot, n = float(problem.limits.lot_size or 1.0), problem.intervals
    whole = math.floor(problem.shares / lot + 1e-9)
    odd = problem.shares - whole * lot
    lower, upper = bounds_by_hand(problem)
    clip = 0.0 if problem.limits.min_clip is None else np.asarray(problem.limits.min_clip)
    schedules = lot * np.array(list(_compositions(whole, n)), dtype=float)
    best = math.inf
    for holder in range(n if odd > 1e-9 * lot else 1):
        shares = schedules.copy()
        shares[:, holder] += odd if odd > 1e-9 * lot else 0.0
        slack = CLOSE * lot
        kept = (shares >= lower - slack) & (shares <= upper + slack) & ((shares <= slack) | (shares >= clip - slack))
        allowed = shares[kept.all(axis=1)]
        if allowed.size:
            best = min(best, float(cost_by_hand(problem, allowed).min()))
    return best


def best_in_clips(problem: Problem) -> float:
    """Least cost over all choices of trading intervals, each priced by bisection; inf where none keeps the limits."""
    n, total = problem.intervals, problem.shares
    lower, upper = bounds_by_hand(problem)
    upper = np.minimum(upper, total)
    least = np.maximum(lower, np.broadcast_to(np.asarray(problem.limits.min_clip), (n,)))
    active = np.array(list(itertools.product((False, True), repeat=n)))
    low, high = np.where(active, least, 0.0), np.where(active, upper, 0.0)
    kept = ~((~active & (lower > 0)) | (low > high * (1 + 1e-9))).any(axis=1)
    kept &= (low.sum(axis=1) <= total * (1 + 1e-9)) & (high.sum(axis=1) >= total * (1 - 1e-9))
    if not kept.any():
        return math.inf
    return float(cost_by_hand(problem, _cheapest(problem, low[kept], np.maximum(low, high)[kept])).min())


def _cheapest(problem: Problem, low: Floats, high: Floats) -> Floats:
    """Optima within bounds of shape (K, N), by bisection on the multipliers and, within it, on the shares."""
    marginal = marginal_by_hand(problem.impact)

    def shares_at(price: Floats) -> Floats:
        left, right = low.copy(), high.copy()
        for _ in range(50):
            middle = (left + right) / 2
            cheaper = marginal(middle) < price
            left, right = np.where(cheaper, middle, left), np.where(cheaper, right, middle)
        return left

    cheap = np.zeros((low.shape[0], 1))
    dear = cheap + float(marginal(high).max()) * 1.01 + 1e-9
    for _ in range(50):
        price = (cheap + dear) / 2
        short = shares_at(price).sum(axis=1, keepdims=True) < problem.shares
        cheap, dear = np.where(short, price, cheap), np.where(short, dear, price)
    below, above = shares_at(cheap), shares_at(dear)
    growth = (above - below).sum(axis=1, keepdims=True)
    missing = problem.shares - below.sum(axis=1, keepdims=True)
    return below + np.where(growth > 0, missing / np.where(growth > 0, growth, 1.0), 0.0) * (above - below)
