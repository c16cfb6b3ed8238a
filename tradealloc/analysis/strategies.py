"""Benchmark schedules that need no optimiser."""

from __future__ import annotations

import numpy as np

from tradealloc.model import Problem
from tradealloc.model.arrays import Floats
from tradealloc.model.problem import FEASIBILITY
from tradealloc.model.schedule import PricedShares
from tradealloc.solve.level import equal_within


class Benchmark(PricedShares):
    """A schedule to compare with, priced under the problem's own model."""

    @property
    def limits_broken(self) -> int:
        return limits_broken(self.problem, self.shares)


def equal(problem: Problem) -> Benchmark:
    """Equal shares over the tradable intervals, limits ignored: the baseline of every improvement.

    An interval is tradable unless `Limits.tradable` closes it.
    """
    tradable = problem.bounds.tradable if problem.bounds.tradable.any() else np.ones(problem.intervals, dtype=np.bool_)
    return Benchmark(problem, np.where(tradable, problem.shares / float(tradable.sum()), 0.0))


def equal_within_limits(problem: Problem) -> Benchmark:
    """As equal as the limits allow: ``clip(c, lo_t, hi_t)`` with the level c that trades the order."""
    return Benchmark(problem, equal_within(problem.shares, problem.bounds.lower, problem.bounds.upper))


def vwap(problem: Problem) -> Benchmark | None:
    """Shares in proportion to forecast volume over the tradable intervals; None without volumes."""
    if problem.limits.volume is None:
        return None
    volume = np.broadcast_to(np.asarray(problem.limits.volume), (problem.intervals,)) * problem.bounds.tradable
    total = float(volume.sum())
    return Benchmark(problem, volume * (problem.shares / total)) if total > 0 else None


def limits_broken(problem: Problem, shares: Floats) -> int:
    """Number of intervals in which a schedule breaks a limit, beyond rounding."""
    bounds, slack = problem.bounds, FEASIBILITY * problem.shares / problem.intervals
    return int(((shares < bounds.lower - slack) | (shares > bounds.upper + slack)).sum())


def improvement(total_impact: float, equal_impact: float) -> float:
    """``1 - total impact / total impact of equal shares``."""
    return 1.0 - total_impact / equal_impact
