"""Backtest: schedules made with what was known then, sent through the days that came.

For each day after the first `history` ones:

- the profile comes from earlier days alone (`pool`), and with it the caps: the depth that all of them but
  one in ten held;
- the level comes from the day's first intervals (`look`), by `forecast_level`;
- the **causal** schedule is the optimum under the profile in those intervals, and for what remains after them the
  optimum under profile times level: waiting for the level would cost what every unused interval costs;
- **TWAP** is equal shares over the whole day, **TWAP late** over the intervals after the look, **VWAP** in proportion
  to the earlier days' volumes, **POV** a constant part of the volume of the interval before, set so that the earlier
  days' volume would finish the order, the rest at the end;
- **hindsight** is the optimum under the costs that the day itself had: nobody could have traded it.

All are replayed alike (`replay_many`), and cost what they pay against the mid at each decision. A saving is
1 - cost / cost of TWAP. Three are told apart: *model*, what the profile and level promised before trading; *out of
sample*, what the replay paid; *hindsight*. Means over days have Student t intervals of the paired savings, day by day.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.model import Limits, LinearImpact, Problem
from tradealloc.solve import solve

from .book import BookSource
from .calibration.batches import t_quantile
from .calibration.observed import observe
from .calibration.pooling import pool
from .calibration.walked import WalkedDay, day_profile, fit_books
from .level import LevelForecast, LevelModel, forecast_level
from .profile import LEVEL, DayProfile
from .replay import Replay, ReplayRules, replay_many
from .session import Session, nanoseconds

Floats = NDArray[np.float64]
Say = Callable[[str], None]

CAUSAL, TWAP, TWAP_LATE, VWAP, POV, HINDSIGHT = "Causal", "TWAP", "TWAP late", "VWAP", "POV", "Hindsight"
STRATEGIES = (CAUSAL, TWAP_LATE, VWAP, POV, HINDSIGHT, TWAP)


@dataclass(frozen=True)
class BacktestRules:
    """What is traded, and what may be known.

    Attributes
    ----------
    shares
        Size of the order on each day.
    side
        +1 buy, -1 sell.
    history
        Days before the first one that is traded, at least 1.
    most_history
        The latest days that a profile is made from.
    look
        Time from the open that shows the day's level: then what remains is planned again.
    every
        Time between the books that costs are fitted to.
    replay
        How schedules are sent.
    level
        How levels move.
    """

    shares: float = 100_000.0
    side: int = 1
    history: int = 1
    most_history: int = 20
    look: dt.timedelta = dt.timedelta(minutes=5)
    every: dt.timedelta = dt.timedelta(seconds=5)
    replay: ReplayRules = ReplayRules()
    level: LevelModel = LevelModel()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.shares) and self.shares > 0):
            raise InputError(f"is {self.shares:g}: give a number above 0", argument="shares", value=self.shares)
        if self.side not in (1, -1):
            raise InputError(f"is {self.side!r}: give +1 or -1", argument="side", value=self.side)
        if self.history < 1 or self.most_history < self.history:
            problem = f"is {self.history} of at most {self.most_history}: give at least 1 day, and no more than those"
            raise InputError(problem, argument="history", value=self.history)
        if self.look <= dt.timedelta():
            raise InputError(f"is {self.look}: give more than 0", argument="look", value=self.look)


@dataclass(frozen=True, eq=False, slots=True)
class DayResult:
    """One day.

    Attributes
    ----------
    label
        Date and symbol.
    costs
        Cost against the mid at each decision by strategy, currency per share filled.
    shortfalls
        Against the arrival mid, which the day's drift is part of.
    unfilled
        Shares by strategy.
    model_saving
        What profile and level promised of the causal schedule against TWAP.
    level
        Expected level when the schedule was made, half-spread.
    notes
        What went otherwise than planned.
    """

    label: str
    costs: dict[str, float]
    shortfalls: dict[str, float]
    unfilled: dict[str, float]
    model_saving: float
    level: float
    notes: tuple[str, ...]

    def saving(self, strategy: str) -> float:
        """1 - cost / cost of TWAP."""
        return 1 - self.costs[strategy] / self.costs[TWAP]


@dataclass(frozen=True, slots=True)
class Saving:
    """A saving against TWAP over days.

    Attributes
    ----------
    strategy
        What saves.
    kind
        "model", "out of sample" or "hindsight".
    mean, low, high
        Mean over days and its 90 % interval; the ends are NaN with one day.
    won
        Part of the days on which it was above 0.
    cost
        Mean cost, currency per share; NaN for the model's promise.
    """

    strategy: str
    kind: str
    mean: float
    low: float
    high: float
    won: float
    cost: float


@dataclass(frozen=True, eq=False)
class Backtest:
    """All days, and what they come to."""

    rules: BacktestRules
    days: tuple[DayResult, ...]

    @property
    def savings(self) -> tuple[Saving, ...]:
        """Model, out of sample and hindsight side by side, then the benchmarks."""
        rows = [_saving(CAUSAL, "model", [day.model_saving for day in self.days], math.nan)]
        for strategy in STRATEGIES[:-1]:
            kind = "hindsight" if strategy == HINDSIGHT else "out of sample"
            cost = float(np.mean([day.costs[strategy] for day in self.days]))
            rows.append(_saving(strategy, kind, [day.saving(strategy) for day in self.days], cost))
        return tuple(rows)

    def assumptions(self) -> tuple[str, ...]:
        """How schedules were made and sent, as sentences."""
        rules = self.rules
        return (
            f"profile from at most {rules.most_history} earlier days; the plan made from it trades the first "
            f"{rules.look / dt.timedelta(minutes=1):g} minutes; with the level that they show, the rest is planned "
            "again; no schedule exceeds the depth that the earlier days but one in ten held",
            "model: what the profile promised; out of sample: what the replay paid; hindsight: the optimum under the "
            "day's own costs, which nobody can trade",
            f"savings against TWAP over the whole day, cost against the mid at each decision; {LEVEL:.0%} intervals "
            "from Student's t over days",
            *rules.replay.assumptions(),
        )


def backtest(days: Sequence[BookSource], rules: BacktestRules | None = None, say: Say | None = None) -> Backtest:
    """Trade each day with what the days before it and its own first minutes tell.

    Parameters
    ----------
    days
        Days of one symbol, in order of date.
    rules
        What is traded, and what may be known.
    say
        Told what is being done.

    Raises
    ------
    InputError
        Too few days, days out of order, or of other hours or symbols.
    InfeasibleError
        The order exceeds the depth that was calibrated.
    """
    given, tell = rules or BacktestRules(), say or (lambda _: None)
    _check_days(days, given)
    history: list[DayProfile] = []
    results = []
    for number, source in enumerate(days):
        label = _label(source, number)
        tell(f"reading {label}")
        walked = fit_books(observe(source, given.every))
        if number >= given.history:
            tell(f"trading {label}")
            known = pool(history[-given.most_history :], source.session.interval)
            results.append(trade_day(source, walked, known, given, label))
        history.append(day_profile(walked, (label,)))
    return Backtest(given, tuple(results))


def trade_day(
    source: BookSource, walked: WalkedDay, profile: DayProfile, rules: BacktestRules, label: str = ""
) -> DayResult:
    """One day: schedules from the profile and the first intervals, replayed."""
    first = -(-nanoseconds(rules.look) // nanoseconds(source.session.interval))
    if first >= source.session.intervals:
        raise InputError(f"is {rules.look}, the whole session: give less", argument="look", value=rules.look)
    spread, slope = _forecasts(walked, profile, first, source.session, rules)
    schedules = _schedules(walked, profile, first, spread, slope, rules)
    done = replay_many(source, schedules, side=rules.side, rules=rules.replay)
    forecast = LinearImpact(
        np.concatenate([profile.beta[:first] * slope.day, profile.beta[first:] * slope.factor]),
        np.concatenate([profile.half_spread[:first] * spread.day, profile.half_spread[first:] * spread.factor]),
    )
    promised = {name: float(forecast.cost(schedules[name]).sum()) for name in (CAUSAL, TWAP)}
    return DayResult(
        label,
        {name: _per_share(part, part.decision_cost) for name, part in done.items()},
        {name: _per_share(part, part.shortfall) for name, part in done.items()},
        {name: part.unfilled for name, part in done.items()},
        1 - promised[CAUSAL] / promised[TWAP],
        float(spread.factor[0]),
        tuple(f"{name}: {note}" for name, part in done.items() for note in part.notes()),
    )


def _forecasts(
    walked: WalkedDay, profile: DayProfile, first: int, session: Session, rules: BacktestRules
) -> tuple[LevelForecast, LevelForecast]:
    """Levels of half-spread and slope after the first intervals."""
    forecasts = []
    for name in ("half_spread", "beta"):
        value, error = getattr(walked.both, name)[:first], getattr(walked.both, f"{name}_error")[:first]
        usable = walked.fitted[:first] & (value > 0)
        ratio, relative = np.full(first, np.nan), np.full(first, np.nan)
        ratio[usable] = np.log(value[usable] / getattr(profile, name)[:first][usable])
        # A profile that rests on few days is uncertain itself.
        prior = getattr(profile, f"{name}_error")[:first] / getattr(profile, name)[:first]
        relative[usable] = np.hypot(error[usable] / value[usable], np.nan_to_num(prior[usable]))
        minutes = session.interval / dt.timedelta(minutes=1)
        forecasts.append(forecast_level(ratio, relative, session.intervals, minutes=minutes, model=rules.level))
    return forecasts[0], forecasts[1]


def _schedules(
    walked: WalkedDay,
    profile: DayProfile,
    first: int,
    spread: LevelForecast,
    slope: LevelForecast,
    rules: BacktestRules,
) -> dict[str, Floats]:
    size, total = profile.intervals, rules.shares
    caps = np.nan_to_num(profile.max_shares, nan=0.0)
    causal = _solved(Problem(total, LinearImpact(profile.beta, profile.half_spread), Limits(max_shares=caps))).copy()
    remaining = float(causal[first:].sum())
    if remaining > 0:
        costs = LinearImpact(profile.beta[first:] * slope.factor, profile.half_spread[first:] * spread.factor)
        causal[first:] = _solved(Problem(remaining, costs, Limits(max_shares=caps[first:])))
    late = np.append(np.zeros(first), np.ones(size - first))
    schedules = {CAUSAL: causal, TWAP_LATE: total * late / late.sum()}
    volume = np.nan_to_num(profile.volume)
    if volume.any():
        schedules[VWAP] = total * volume / volume.sum()
        schedules[POV] = _participate(walked.day.volume, volume, total)
    else:
        schedules[VWAP] = schedules[POV] = np.full(size, total / size)
    own = day_profile(walked)
    schedules[HINDSIGHT] = _solved(Problem(total, LinearImpact(own.beta, own.half_spread), Limits(max_shares=caps)))
    schedules[TWAP] = np.full(size, total / size)
    return schedules


def _solved(problem: Problem) -> Floats:
    try:
        return solve(problem).shares
    except InfeasibleError as error:
        raise InfeasibleError(
            f"the calibrated depth holds {problem.bounds.room:,.0f} shares, {error.short:,.0f} short of the order: "
            "trade less; beyond that depth no price is known",
            limits=error.limits,
            short=error.short,
        ) from None


def _participate(volume: Floats, expected: Floats, total: float) -> Floats:
    """Shares in proportion to the volume of the interval before; what is left trades in the last interval."""
    rate = total / float(expected[:-1].sum())
    wanted = np.append(0.0, rate * np.nan_to_num(volume[:-1]))
    done = np.minimum(np.cumsum(wanted), total)
    done[-1] = total
    return np.diff(done, prepend=0.0)


def _per_share(done: Replay, cost: float) -> float:
    filled = float(done.filled.sum())
    if filled <= 0:
        raise InputError("has no usable book in any interval that trades: check the data", where="replay")
    return cost / filled


def _saving(strategy: str, kind: str, savings: list[float], cost: float) -> Saving:
    values = np.array(savings)
    mean = float(values.mean())
    half = math.nan
    if len(values) > 1:
        half = float(t_quantile(len(values), LEVEL)) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Saving(strategy, kind, mean, mean - half, mean + half, float((values > 0).mean()), cost)


def _label(source: BookSource, number: int) -> str:
    return f"{source.symbol or 'day'} {source.session.date} (day {number + 1})"


def _check_days(days: Sequence[BookSource], rules: BacktestRules) -> None:
    if len(days) <= rules.history:
        raise InputError(
            f"are {len(days)}: give at least {rules.history + 1}, of which the first {rules.history} only make "
            "the profile",
            argument="days",
        )
    first = days[0]
    for before, day in itertools.pairwise(days):
        where = str(day.session.date)
        if day.symbol != first.symbol:
            raise InputError(f"is of {day.symbol}, the days before of {first.symbol}: give one symbol", where=where)
        if day.session.starts != first.session.starts:
            raise InputError("has other hours than the days before it: give days of the same hours", where=where)
        if day.session.date < before.session.date:
            raise InputError(f"comes after {before.session.date}: give the days in order of date", where=where)
