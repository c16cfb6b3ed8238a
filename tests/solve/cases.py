"""Models and limits that the tests go through, and formulas written out by hand to judge answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradealloc import Limits, LinearImpact, PowerImpact, Problem, QuadraticImpact, Schedule, TradeallocError, solve
from tradealloc.model import ImpactModel

Floats = NDArray[np.float64]

INTERVALS = 24
SHARES = 6_000.0
UNIT = SHARES / INTERVALS

_random = np.random.default_rng(7)
BETA = np.exp(_random.normal(np.log(8.4e-5), 0.5, INTERVALS))
SPREAD = _random.uniform(0.005, 0.06, INTERVALS)
VOLUME = np.round(_random.uniform(500, 9_000, INTERVALS))
VOLUME[[3, 11]] = 0.0
CAPS = np.round(UNIT * _random.uniform(0.6, 3.0, INTERVALS))
MINIMUMS = np.round(UNIT * _random.uniform(0.0, 0.5, INTERVALS))
TRADABLE = np.ones(INTERVALS, dtype=bool)
TRADABLE[[0, 1, 2, 17]] = False

MODELS: dict[str, ImpactModel] = {
    "linear": LinearImpact(BETA),
    "linear+spread": LinearImpact(BETA, SPREAD),
    "power 0.25": PowerImpact.from_linear(BETA, 0.25, UNIT),
    "power 0.6+spread": PowerImpact.from_linear(BETA, 0.6, UNIT, SPREAD),
    "power 1.2+spread": PowerImpact.from_linear(BETA, 1.2, UNIT, SPREAD),
    "power 2": PowerImpact.from_linear(BETA, 2.0, UNIT),
    "quadratic +": QuadraticImpact(BETA, BETA / (4 * UNIT), SPREAD),
    "quadratic -": QuadraticImpact(BETA, -BETA / (20 * UNIT), SPREAD),
}

LIMITS: dict[str, Limits] = {
    "none": Limits(),
    "max": Limits(max_shares=CAPS),
    "min+max": Limits(min_shares=MINIMUMS, max_shares=2 * UNIT),
    "participation": Limits(participation=0.1, volume=VOLUME),
    "impact cap": Limits(impact_cap=0.075),
    "no trade": Limits(tradable=TRADABLE),
    "min everywhere": Limits(min_shares=np.full(INTERVALS, UNIT)),
    "room exactly": Limits(max_shares=CAPS * (SHARES / CAPS.sum())),
    "everything": Limits(
        min_shares=20.0, max_shares=1.8 * UNIT, participation=0.12, volume=VOLUME, impact_cap=0.09, tradable=TRADABLE
    ),
}


def problem_of(model: str, limits: str) -> Problem | None:
    """The case, or None where a falling marginal cost within the limits rules it out."""
    chosen = LIMITS[limits]
    if model == "quadratic -" and limits in ("none", "impact cap", "no trade", "min everywhere"):
        return None
    return Problem(SHARES, MODELS[model], chosen)


def attempt(problem: Problem, method: str = "auto", solver: str | None = None) -> Schedule | TradeallocError:
    """The schedule, or the error instead."""
    try:
        return solve(problem, method, solver=solver)
    except TradeallocError as error:
        return error


def slippage_by_hand(impact: ImpactModel) -> Callable[[Floats], Floats]:
    """``I_t(x)`` from the parameters alone."""
    values: dict[str, Any] = {name: np.asarray(value) for name, value in impact.vectors.items()}
    h, beta = values["half_spread"], values["beta"]
    if isinstance(impact, PowerImpact):
        return lambda x: h + beta * x**impact.exponent
    if isinstance(impact, QuadraticImpact):
        return lambda x: h + beta * x + values["gamma"] * x**2
    return lambda x: h + beta * x


def marginal_by_hand(impact: ImpactModel) -> Callable[[Floats], Floats]:
    """``g_t'(x)`` from the parameters alone."""
    values: dict[str, Any] = {name: np.asarray(value) for name, value in impact.vectors.items()}
    h, beta = values["half_spread"], values["beta"]
    if isinstance(impact, PowerImpact):
        return lambda x: h + (1 + impact.exponent) * beta * x**impact.exponent
    if isinstance(impact, QuadraticImpact):
        return lambda x: h + 2 * beta * x + 3 * values["gamma"] * x**2
    return lambda x: h + 2 * beta * x


def bounds_by_hand(problem: Problem) -> tuple[Floats, Floats]:
    """Lower and upper shares per interval, by bisection of the slippage where there is an impact cap."""
    n, limits = problem.intervals, problem.limits
    lower, upper = np.zeros(n), np.broadcast_to(np.asarray(limits.max_shares, dtype=float), (n,)).copy()
    is_open = np.ones(n, dtype=bool)
    if limits.tradable is not None:
        is_open &= np.asarray(limits.tradable)
    if limits.participation is not None:
        volume = np.broadcast_to(np.asarray(limits.volume, dtype=float), (n,))
        upper = np.minimum(upper, np.asarray(limits.participation) * volume)
        is_open &= volume > 0
    if limits.impact_cap is not None:
        slippage = slippage_by_hand(problem.impact)
        low, high = np.zeros(n), np.full(n, 10 * problem.shares)
        for _ in range(200):
            middle = (low + high) / 2
            kept = slippage(middle) <= np.asarray(limits.impact_cap)
            low, high = np.where(kept, middle, low), np.where(kept, high, middle)
        upper = np.minimum(upper, low)
        is_open &= np.broadcast_to(problem.impact.vectors["half_spread"], (n,)) < np.asarray(limits.impact_cap)
    upper = np.where(is_open, upper, 0.0)
    minimum = np.asarray(limits.min_shares, dtype=float)
    lower = minimum + lower if minimum.ndim else np.where(upper > 0, minimum, 0.0)
    return lower, upper


def exchange_profit(problem: Problem, shares: Floats, step: float, bounds: tuple[Floats, Floats]) -> float:
    """Most that moving `step` shares from one interval to another saves, relative to their cost.

    The optimality conditions in their plainest form: nothing to gain by any exchange. Zero or negative at an optimum.
    """
    lower, upper = bounds
    cost = slippage_by_hand(problem.impact)
    less, more = np.maximum(shares - step, 0.0), shares + step
    saved = np.where(shares - step >= lower, shares * cost(shares) - less * cost(less), -np.inf)
    paid = np.where(shares + step <= upper, more * cost(more) - shares * cost(shares), np.inf)
    best = saved.max() - paid.min()
    return float(best / (shares * cost(shares)).sum())
