"""What remains of an order after some of its intervals are done, and the schedule that finishes it.

`remaining_problem` serves `reoptimise` too. Unlike there, `finish` infers nothing from the market and weighs no old
plan against the new one: the caller says what was filled and how dear the day is, and gets the optimum of the rest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.model import ImpactModel, Problem
from tradealloc.model.arrays import Floats, numbers, scalar
from tradealloc.model.limits import plain
from tradealloc.solve import solve


def remaining_problem(
    problem: Problem,
    filled: Floats,
    *,
    under_way: float = 0.0,
    level_beta: float | Floats = 1.0,
    level_spread: float | Floats = 1.0,
) -> Problem | None:
    """The order that is left::

        S' = S - sum_{t<k} f_t - f_k,     x_t = 0 for t < k,     the limits of the intervals from k on as they stand

    Of the interval under way, k, caps and minimum are what its fills f_k leave of them.

    Parameters
    ----------
    problem
        The whole order.
    filled
        ndarray of shape (k,), 0 <= k <= N: shares filled in the first k intervals, which are done.
    under_way
        ``f_k``: shares already filled in the interval after them, >= 0.
    level_beta, level_spread
        What the betas (and gammas) and the half-spreads of the other intervals are multiplied with, > 0: a number, or
        ndarray of shape (N - k,).

    Returns
    -------
    Problem or None
        Of N intervals, so that a message's interval is the order's; those that are done are closed. None where nothing
        remains.

    Raises
    ------
    InputError
        More intervals are filled than there are, or more shares than were ordered.
    InfeasibleError
        Shares are left and no interval is.
    """
    done, now = _checked(problem, filled), scalar(under_way, "under_way", minimum=0)
    total = float(done.sum()) + now
    remaining = problem.shares - total
    if remaining < -problem.tolerance:
        raise InputError(
            f"sums to {plain(total)} shares, {plain(-remaining)} more than the order of "
            f"{plain(problem.shares)}: check the fills and the order size",
            argument="filled",
        )
    if remaining <= problem.tolerance:
        return None
    size, first = problem.intervals, done.size
    if first == size:
        raise InfeasibleError(
            f"{plain(remaining)} shares are left and filled has a number for each of the {size} intervals, so none is "
            "open: leave blank what is to come (0 means done without a fill), or trade less",
            short=remaining,
        )
    impact = _scaled(problem.impact, size, first, level_spread, level_beta)
    if total == 0 and first == 0:
        return replace(problem, impact=impact)
    is_open = np.arange(size) >= first
    limits, given = problem.limits, np.asarray(problem.limits.min_shares)
    # A scalar minimum doesn't count in intervals that may not trade; an array's elements would.
    least = np.where(is_open, given, 0.0) if given.ndim else given
    tradable = is_open if limits.tradable is None else is_open & np.asarray(limits.tradable)
    left = replace(limits, min_shares=least, tradable=tradable)
    if now > 0:
        bounds = replace(problem, impact=impact, limits=left).bounds
        most, least = np.array(np.broadcast_to(limits.max_shares, (size,))), bounds.lower.copy()
        most[first] = max(0.0, bounds.upper[first] - now)
        least[first] = max(0.0, least[first] - now)
        left = replace(left, max_shares=most, min_shares=least)
    return replace(problem, shares=remaining, impact=impact, limits=left)


def _scaled(
    impact: ImpactModel, size: int, first: int, level_spread: float | Floats, level_beta: float | Floats
) -> ImpactModel:
    """The model with half-spread and slope (and curvature) of the intervals from `first` on times their levels."""
    spread = numbers(level_spread, "level_spread", above=0)
    slope = numbers(level_beta, "level_beta", above=0)
    if np.all(spread == 1) and np.all(slope == 1):
        return impact
    levels = {"half_spread": spread, "beta": slope, "gamma": slope}
    scaled = {
        name: np.array(np.broadcast_to(impact.vectors[name], (size,))) for name in levels if name in impact.vectors
    }
    for name, values in scaled.items():
        values[first:] *= levels[name]
    return replace(impact, **scaled)


def finish(
    problem: Problem, filled: Floats, method: str = "auto", *, level_beta: float = 1.0, level_spread: float = 1.0
) -> Floats:
    """The schedule that finishes an order: what was filled where it is done, then the optimum of what remains.

    Parameters
    ----------
    problem, filled, level_beta, level_spread
        As in `remaining_problem`.
    method
        As in `solve`.

    Returns
    -------
    ndarray of shape (N,)
        Shares; they sum to the order. With nothing filled and levels of 1 they are those of `solve`.

    Raises
    ------
    InputError, InfeasibleError, SolverError
        As `remaining_problem` and `solve`.
    """
    shares = np.zeros(problem.intervals)
    rest = remaining_problem(problem, filled, level_beta=level_beta, level_spread=level_spread)
    if rest is not None:
        shares = solve(rest, method).shares.copy()
    done = _checked(problem, filled)
    shares[: done.size] = done
    return shares


def _checked(problem: Problem, filled: Floats) -> Floats:
    done = np.atleast_1d(numbers(filled, "filled", minimum=0)) if np.size(filled) else np.zeros(0)
    if done.ndim > 1 or done.size > problem.intervals:
        raise InputError(
            f"has {done.size} values where the order has {problem.intervals}: give one per interval that is done",
            argument="filled",
        )
    return done
