"""Benchmark schedules, which heed no costs."""

from __future__ import annotations

import numpy as np

from tradealloc.model import Limits, LinearImpact, Problem
from tradealloc.model.arrays import Bools, Floats
from tradealloc.model.problem import FEASIBILITY
from tradealloc.model.schedule import PricedShares
from tradealloc.solve import solve
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
    """As equal as the limits allow: ``clip(c, lo_t, hi_t)`` with the level c that trades the order.

    In whole lots the schedule of least ``sum x_t**2``: that of an order whose every interval costs the same. Minimum
    clips are ignored.
    """
    lower, upper, lot = problem.bounds.lower, problem.bounds.upper, problem.limits.lot_size
    if lot is None:
        return Benchmark(problem, equal_within(problem.shares, lower, upper))
    alike = LinearImpact(np.ones(problem.intervals))
    limits = Limits(min_shares=lower, max_shares=upper, lot_size=lot)
    return Benchmark(problem, solve(Problem(problem.shares, alike, limits)).shares)


def vwap(problem: Problem) -> Benchmark | None:
    """Shares in proportion to forecast volume over the tradable intervals; None without volumes."""
    if problem.limits.volume is None:
        return None
    volume = np.broadcast_to(np.asarray(problem.limits.volume), (problem.intervals,)) * problem.bounds.tradable
    total = float(volume.sum())
    return Benchmark(problem, volume * (problem.shares / total)) if total > 0 else None


def limits_broken(problem: Problem, shares: Floats) -> int:
    """Number of intervals in which a schedule breaks a limit, beyond rounding."""
    bounds, limits, slack = problem.bounds, problem.limits, FEASIBILITY * problem.shares / problem.intervals
    broken = (shares < bounds.lower - slack) | (shares > bounds.upper + slack)
    if limits.min_clip is not None:
        broken |= (shares > slack) & (shares < np.asarray(limits.min_clip) - slack)
    if limits.lot_size is not None:
        broken |= _off_lots(shares, limits.lot_size, problem.shares, slack)
    return int(broken.sum())


def _off_lots(shares: Floats, lot: float, order: float, slack: float) -> Bools:
    """Intervals that don't trade whole lots, but for the one that may hold the order's odd lot."""
    off = _from_whole_lots(shares, lot) > slack
    odd = off & (_from_whole_lots(shares - order % lot, lot) <= slack)
    if odd.any():
        off[np.argmax(odd)] = False
    return off


def _from_whole_lots(shares: Floats, lot: float) -> Floats:
    distance: Floats = np.abs(shares - np.round(shares / lot) * lot)
    return distance


def improvement(total_impact: float, equal_impact: float) -> float:
    """``1 - total impact / total impact of equal shares``."""
    return 1.0 - total_impact / equal_impact
