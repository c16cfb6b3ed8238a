"""What remains of an order after some of its intervals are done, and the schedule that finishes it.

Unlike `reoptimise` nothing is inferred from the market and no old plan is weighed against the new one: the caller says
what was filled and how dear the day is, and gets the optimum of the rest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.model import Problem
from tradealloc.model.arrays import Floats, numbers, scalar
from tradealloc.model.limits import plain
from tradealloc.solve import solve

from .reoptimise import scaled_impact


def remaining_problem(
    problem: Problem, filled: Floats, *, level_beta: float = 1.0, level_spread: float = 1.0
) -> Problem | None:
    """The order that is left::

        S' = S - sum_{t<k} f_t,     x_t = 0 for t < k,     the limits of the intervals from k on as they stand

    Parameters
    ----------
    problem
        The whole order.
    filled
        ndarray of shape (k,), 0 <= k <= N: shares filled in the first k intervals, which are done.
    level_beta, level_spread
        What the betas (and gammas) and the half-spreads of the other intervals are multiplied with, > 0.

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
    done = _checked(problem, filled)
    remaining = problem.shares - float(done.sum())
    if remaining < -problem.tolerance:
        raise InputError(
            f"sums to {plain(float(done.sum()))} shares, {plain(-remaining)} more than the order of "
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
    is_open = np.arange(size) >= first
    factors = [
        np.where(is_open, scalar(level, name, above=0), 1.0)
        for name, level in (("level_spread", level_spread), ("level_beta", level_beta))
    ]
    impact = problem.impact if level_beta == level_spread == 1.0 else scaled_impact(problem.impact, size, 0, *factors)
    if first == 0:
        return replace(problem, impact=impact)
    limits, given = problem.limits, np.asarray(problem.limits.min_shares)
    # A scalar minimum doesn't count in intervals that may not trade; an array's elements would.
    least = np.where(is_open, given, 0.0) if given.ndim else given
    tradable = is_open if limits.tradable is None else is_open & np.asarray(limits.tradable)
    left = replace(limits, min_shares=least, tradable=tradable)
    return replace(problem, shares=remaining, impact=impact, limits=left)


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
