"""What remains of an order, planned again with what the day has shown so far; what is done stays done.

The remaining shares are spread over the open intervals at the costs expected now: the prior's half-spread and slope
times the posterior level of each (`forecast_level`). The new plan takes the place of the old one only where its
expected saving

    E = sum_t [g_t(held_t) - g_t(new_t)]      at expected costs

exceeds both ``certainty`` times its standard deviation under the posterior and ``least_saving`` of the remaining cost:
costs are linear in the levels, so the deviation is exact for lognormal levels.

What can be gained. A level that is the same for all remaining intervals scales all costs alike, and the split of the
remaining shares stays the best one: a day twice as dear as expected, or a permanent shift at noon, gives nothing to
save. There is something to save where the level is expected to *change* (a shock that decays, a dear minute in a market
that reverts), where half-spread and slope move differently (the dearer the slope beside the spread, the flatter the
plan), and where fills ran ahead of the plan or behind it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.market.level import LevelForecast, LevelModel, forecast_level
from tradealloc.model import ImpactModel, Problem, Schedule
from tradealloc.model.arrays import Floats, numbers
from tradealloc.model.limits import plain
from tradealloc.solve import solve

from .holding import held_plan, misfit
from .monitor import MOST_AGE
from .reasons import what_changed, what_was_seen
from .remaining import remaining_problem

LEAST_VISIBLE = 1e-3
"""A cost below this part of what was expected wasn't seen: a book of one level shows no slope, only rounding."""


@dataclass(frozen=True, eq=False, slots=True)
class CostsSeen:
    """Half-spread and slope as the market showed them, in the order's impact unit; arrays of shape (N,).

    NaN where an interval wasn't seen, or not whole yet.
    """

    half_spread: Floats
    half_spread_error: Floats
    slope: Floats
    slope_error: Floats

    @classmethod
    def nothing(cls, intervals: int) -> CostsSeen:
        """No interval seen."""
        blank = np.full(intervals, np.nan)
        return cls(blank, blank, blank, blank)

    @property
    def shown(self) -> NDArray[np.bool_]:
        """ndarray of shape (N,), True where the interval was seen."""
        return np.isfinite(self.half_spread) | np.isfinite(self.slope)

    @property
    def last(self) -> int:
        """The last interval seen, from 0; -1 where there is none."""
        seen = np.flatnonzero(self.shown)
        return int(seen[-1]) if len(seen) else -1


@dataclass(frozen=True)
class ReplanRules:
    """When a new plan takes the old one's place.

    Attributes
    ----------
    certainty
        The expected saving must exceed this many of its standard deviations.
    least_saving
        ... and this part of the remaining cost.
    most_age
        Intervals after which what was last seen of the market is stale: then the plan is held.
    minutes
        Length of an interval.
    level
        How levels move.
    """

    certainty: float = 0.5
    least_saving: float = 0.0005
    most_age: int = MOST_AGE
    minutes: float = 1.0
    level: LevelModel = LevelModel()


@dataclass(frozen=True, eq=False)
class Replan:
    """The plan for what remains; arrays of shape (N,).

    Attributes
    ----------
    first
        First interval that is still open, from 0.
    filled
        Shares done in each interval.
    plan
        Filled in the past, to trade from `first` on.
    held
        The old plan for the open intervals, made to fit what remains; 0 in the past.
    remaining
        Shares left.
    is_changed
        Whether `plan` is new; otherwise it is the held one.
    saving, saving_error
        Expected saving of the new plan over the held one, and its standard deviation; shares x impact unit.
    remaining_cost
        Expected cost of `plan` from `first` on.
    half_spread, slope
        Posterior of the levels.
    schedule
        The optimum for what remains, with its certificate; nothing in the past. None where nothing remains.
    reasons
        What changed and why, or why nothing did.
    """

    first: int
    filled: Floats
    plan: Floats
    held: Floats
    remaining: float
    is_changed: bool
    saving: float
    saving_error: float
    remaining_cost: float
    half_spread: LevelForecast
    slope: LevelForecast
    schedule: Schedule | None
    reasons: tuple[str, ...]


def reoptimise(
    problem: Problem,
    planned: Floats,
    filled: Floats,
    first: int,
    seen: CostsSeen | None = None,
    rules: ReplanRules | None = None,
) -> Replan:
    """Plan what remains of an order.

    Parameters
    ----------
    problem
        The order of the morning: its impact model is the prior.
    planned
        ndarray of shape (N,), the plan in force.
    filled
        ndarray of shape (N,), shares done in each interval.
    first
        First interval that is still open, 0 to N. What was filled in it already counts against its caps.
    seen
        What the market showed; intervals from `first` on are ignored.
    rules
        When to change.

    Returns
    -------
    Replan

    Raises
    ------
    InputError
        The arrays don't fit the order, or more is filled than ordered.
    InfeasibleError
        The remaining limits leave no room for what remains.
    """
    given = rules or ReplanRules()
    size = problem.intervals
    plan, done = _checked(planned, "planned", size), _checked(filled, "filled", size)
    if not 0 <= first <= size:
        raise InputError(f"is {first}: give an interval from 0 to {size}", argument="first", value=first)
    late = np.flatnonzero(done[first + 1 :])
    if len(late):
        raise InputError("has fills after the present interval: check the time", argument="filled", position=first + 1)
    market = seen or CostsSeen.nothing(size)
    spread_level, slope_level = _levels(problem, market, first, given)
    remaining = problem.shares - float(done.sum())
    if first == size and remaining > problem.tolerance:
        raise InfeasibleError(
            f"{plain(remaining)} shares are left and no interval is open: the day is over", short=remaining
        )
    under_way = float(done[first:].sum())
    rest = remaining_problem(
        problem,
        done[:first],
        under_way=under_way,
        level_beta=slope_level.factor,
        level_spread=spread_level.factor,
    )
    if rest is None:
        nothing = np.zeros(size)
        return Replan(
            first, done, done, nothing, 0.0, False, 0.0, 0.0, 0.0, spread_level, slope_level, None,
            ("the order is done: nothing is left to plan",),
        )  # fmt: skip
    rest.check_feasible()
    held = held_plan(plan, first, under_way, rest)
    schedule = solve(rest)
    new = schedule.shares
    cost_held, cost_new = float(rest.impact.cost(held).sum()), float(rest.impact.cost(new).sum())
    saving = cost_held - cost_new
    error = _saving_error(rest.impact, held, new, first, spread_level, slope_level)
    must = misfit(held, rest)
    why = must or _why_held(market, first, saving, error, cost_held, given)
    is_changed = bool(must) or not why
    seen_so_far = what_was_seen(spread_level, slope_level, remaining, saving, error, problem)
    if is_changed:
        why = what_changed(held, new, given.minutes) + (f": {must}" if must else "")
    return Replan(
        first=first,
        filled=done,
        plan=done + (new if is_changed else held),
        held=held,
        remaining=remaining,
        is_changed=is_changed,
        saving=saving,
        saving_error=error,
        remaining_cost=cost_new if is_changed else cost_held,
        half_spread=spread_level,
        slope=slope_level,
        schedule=schedule,
        reasons=(*seen_so_far, why),
    )


def _checked(values: Floats, name: str, size: int) -> Floats:
    checked = np.atleast_1d(numbers(values, name, minimum=0))
    if checked.shape != (size,):
        raise InputError(f"has {checked.size} values where the order has {size}: give one per interval", argument=name)
    return checked


def _levels(problem: Problem, seen: CostsSeen, first: int, rules: ReplanRules) -> tuple[LevelForecast, LevelForecast]:
    size = problem.intervals
    forecasts = []
    for measured, error, prior in (
        (seen.half_spread, seen.half_spread_error, problem.impact.vectors["half_spread"]),
        (seen.slope, seen.slope_error, problem.impact.vectors["beta"]),
    ):
        expected = np.broadcast_to(prior, (size,))[:first]
        value, deviation = measured[:first], error[:first]
        usable = np.isfinite(value) & np.isfinite(deviation) & (value > LEAST_VISIBLE * expected) & (expected > 0)
        ratio, relative = np.full(first, np.nan), np.full(first, np.nan)
        ratio[usable] = np.log(value[usable] / expected[usable])
        relative[usable] = deviation[usable] / value[usable]
        forecasts.append(forecast_level(ratio, relative, size, minutes=rules.minutes, model=rules.level))
    return forecasts[0], forecasts[1]


def _saving_error(
    impact: ImpactModel,
    held: Floats,
    new: Floats,
    first: int,
    spread_level: LevelForecast,
    slope_level: LevelForecast,
) -> float:
    """Standard deviation of the saving: it is linear in the levels of half-spread and of slope."""
    by_spread = impact.spread * (held - new)
    by_slope = impact.cost(held) - impact.cost(new) - by_spread
    variance = 0.0
    for weights, level in ((by_spread, spread_level), (by_slope, slope_level)):
        per_level = weights[first:] / level.factor
        variance += float(per_level @ level.factor_covariance @ per_level)
    return math.sqrt(max(variance, 0.0))


def _why_held(seen: CostsSeen, first: int, saving: float, error: float, cost: float, rules: ReplanRules) -> str:
    """Why the old plan stays; empty where the new one takes its place."""
    if seen.last < 0 and first > 0:
        return "no market data: the plan is held, fitted to what remains"
    age = first - 1 - seen.last
    if seen.last >= 0 and age > rules.most_age:
        return f"market data are stale, {age} intervals old: the plan is held, fitted to what remains"
    least = max(rules.certainty * error, rules.least_saving * cost)
    if saving <= least:
        return "the expected saving is within its uncertainty: the plan is held, fitted to what remains"
    return ""
