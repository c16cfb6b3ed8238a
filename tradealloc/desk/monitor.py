"""The day so far against the plan: progress, limits, and whether slippage is what the model said.

**Control chart.** For each interval with fills and mids, ``z_t`` is the standardised surprise of
``log(actual/predicted slippage)`` under the level model (`forecast_level`): independent standard normal while the model
holds, because what the day's level explains is taken out. Two one-sided sums

    U_t = max(0, U_{t-1} + z_t - 1/2),   L_t = max(0, L_{t-1} - z_t - 1/2)

signal above 5 (Page 1954; Montgomery, Introduction to Statistical Quality Control, section 9.1). Both together give a
false alarm once in 465 intervals on average, and find a lasting shift of one standard deviation after about 10.

**Control limits.** Before the day is seen ``log(actual/predicted)`` is normal with mean ``-v/2`` and variance
``v + e^2``, v the variance of the level and e `SLIPPAGE_ERROR`; an interval's slippage lies within
``predicted exp(-v/2 +- 3 sd)`` in 99.7 % of intervals (Shewhart's limits). They show single intervals; the sums find
what lasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InfeasibleError
from tradealloc.market.level import LevelModel, forecast_level
from tradealloc.model import Problem

from .fills_today import Alert, DayFills
from .remaining import remaining_problem

Floats = NDArray[np.float64]

ALLOWANCE, DECISION = 0.5, 5.0
LIMIT = 3.0
"""Standard deviations between the expected slippage of an interval and its control limits."""
FALSE_ALARM = 465
"""Intervals between false alarms on average."""

MOST_AGE = 5
"""Intervals after which what was last seen of the market is stale."""

SLIPPAGE_ERROR = 0.3
"""Standard error of one interval's log slippage beyond what the level explains."""

BEHIND = 0.02
"""Part of the order by which fills may lag the plan, or lead it, without an alert."""


@dataclass(frozen=True, eq=False, slots=True)
class ControlChart:
    """CUSUM of slippage; arrays of shape (T,) over the intervals so far.

    Attributes
    ----------
    surprise
        z_t; NaN where nothing was filled or no mid is known.
    high, low
        U_t and L_t.
    predicted
        Slippage that the morning's model gives for what was filled, currency per share; NaN where nothing was.
    lowest, highest
        Control limits of the interval's slippage, currency per share; NaN where nothing was filled.
    signal
        First interval above the limit, from 0; -1 where there is none.
    """

    surprise: Floats
    high: Floats
    low: Floats
    predicted: Floats
    lowest: Floats
    highest: Floats
    signal: int


@dataclass(frozen=True, eq=False, slots=True)
class Monitored:
    """Progress of an order.

    Attributes
    ----------
    first
        Interval under way, from 0; N after the day.
    done, due
        Shares filled, and shares that the plan wanted by the start of that interval.
    chart
        Slippage against the model.
    alerts
        Errors first.
    """

    first: int
    done: float
    due: float
    chart: ControlChart
    alerts: tuple[Alert, ...]


def control_chart(
    slippage: Floats, predicted: Floats, *, minutes: float = 1.0, model: LevelModel | None = None
) -> ControlChart:
    """CUSUM of ``log(slippage/predicted)``; both of shape (T,), the same unit."""
    usable = np.isfinite(slippage) & np.isfinite(predicted) & (predicted > 0) & (slippage > 0)
    ratio, error = np.full(len(slippage), np.nan), np.full(len(slippage), np.nan)
    ratio[usable] = np.log(slippage[usable] / predicted[usable])
    error[usable] = SLIPPAGE_ERROR
    surprise = forecast_level(ratio, error, max(len(slippage), 1), minutes=minutes, model=model).innovations
    high, low = np.zeros(len(slippage)), np.zeros(len(slippage))
    up = down = 0.0
    for step, value in enumerate(surprise):
        if np.isfinite(value):
            up, down = max(0.0, up + value - ALLOWANCE), max(0.0, down - value - ALLOWANCE)
        high[step], low[step] = up, down
    above = np.flatnonzero((high > DECISION) | (low > DECISION))
    level = float((model or LevelModel()).variance.sum())
    reach = LIMIT * math.sqrt(level + SLIPPAGE_ERROR**2)
    lowest, highest = (predicted * math.exp(-level / 2 + way * reach) for way in (-1, 1))
    return ControlChart(surprise, high, low, predicted, lowest, highest, int(above[0]) if len(above) else -1)


def monitor(
    problem: Problem,
    planned: Floats,
    fills: DayFills,
    first: int,
    *,
    currency: float = 1.0,
    minutes: float = 1.0,
    volume: Floats | None = None,
    model: LevelModel | None = None,
    names: tuple[str, ...] | None = None,
    seen: NDArray[np.bool_] | None = None,
) -> Monitored:
    """Compare the day so far with the plan.

    Parameters
    ----------
    problem
        The order with its limits and the morning's model.
    planned
        ndarray of shape (N,), the plan in force in the morning.
    fills
        What was done.
    first
        Interval under way, 0 to N.
    currency
        Currency per share that one impact unit is.
    minutes
        Length of an interval.
    volume
        ndarray of shape (N,), volume that traded; NaN where unknown. Else the forecast stands in.
    model
        How levels move.
    names
        What the intervals are called in messages; default their numbers.
    seen
        ndarray of shape (N,), where today's market showed costs; None where no market data are given.
    """
    size = problem.intervals
    label = names or tuple(f"interval {number}" for number in range(1, size + 1))
    done, due = float(fills.shares.sum()), float(planned[:first].sum())
    before = float(fills.shares[:first].sum())
    alerts = list(fills.alerts)
    slack = BEHIND * problem.shares
    if before < due - slack:
        alerts.append(Alert("behind schedule", f"{before:,.0f} shares are done where the plan has {due:,.0f}"))
    if done > due + float(planned[first : first + 1].sum()) + slack:
        alerts.append(Alert("ahead of schedule", f"{done:,.0f} shares are done where the plan has {due:,.0f}"))
    if first >= size and done < problem.shares - problem.tolerance:
        alerts.append(Alert("unfinished", f"the day is over and {problem.shares - done:,.0f} shares are left"))
    alerts += _room_alerts(problem, fills, first)
    if seen is not None:
        alerts += _data_alerts(seen[:first], first < size, label)
    alerts += _limit_alerts(problem, fills, volume, label)
    price = np.where(fills.shares > 0, problem.impact.slippage(fills.shares) * currency, np.nan)
    stop = min(first + 1, size)
    chart = control_chart(fills.slippage[:stop], price[:stop], minutes=minutes, model=model)
    cap = problem.limits.impact_cap
    if cap is not None:
        most = np.broadcast_to(np.asarray(cap), (size,)) * currency
        over = np.flatnonzero(fills.slippage > most * (1 + 1e-9))
        if len(over):
            worst = int(over[np.argmax(fills.slippage[over])])
            text = f"in {_count(over)} slippage is beyond the cap; worst {label[worst]}: "
            text += f"{fills.slippage[worst]:.5f} a share, the cap is {most[worst]:.5f}"
            alerts.append(Alert("slippage beyond the cap", text))
    if chart.signal >= 0:
        which = "above" if chart.high[chart.signal] > DECISION else "below"
        alerts.append(
            Alert(
                "slippage out of control",
                f"since {label[chart.signal]} slippage is {which} what model and level explain (CUSUM above "
                f"{DECISION:g}; by chance once in {FALSE_ALARM} intervals)",
            )
        )
    if done > 0 and not np.isfinite(fills.slippage).any():
        alerts.append(
            Alert("no mids", "the fills have no mids, so slippage isn't watched: add the column Mid, or --market")
        )
    alerts.sort(key=lambda alert: not alert.is_error)
    return Monitored(first, done, due, chart, tuple(alerts))


def _count(intervals: NDArray[np.int64]) -> str:
    return f"{len(intervals):,} interval{'s' * (len(intervals) != 1)}"


def _data_alerts(seen: NDArray[np.bool_], is_open: bool, label: tuple[str, ...]) -> list[Alert]:
    """What the market data of the intervals so far lack."""
    shown, found = np.flatnonzero(seen), []
    age = len(seen) - 1 - int(shown[-1]) if len(shown) else len(seen)
    if is_open and age > MOST_AGE:
        ago = f"costs were last seen {age} intervals ago" if len(shown) else "no costs were seen so far"
        found.append(Alert("stale market data", f"{ago}: check the market data; re-optimising holds the plan"))
    missing = np.flatnonzero(~seen[: len(seen) - age])
    if len(missing):
        text = f"in {_count(missing)}, first {label[int(missing[0])]}, the market data show no costs: missing, halted "
        found.append(Alert("missing market data", text + "or crossed; the level is judged by the others"))
    return found


def _room_alerts(problem: Problem, fills: DayFills, first: int) -> list[Alert]:
    """Whether what remains can still be traded within the limits of the open intervals."""
    done = float(fills.shares.sum())
    if first >= problem.intervals or done >= problem.shares - problem.tolerance:
        return []
    try:
        rest = remaining_problem(problem, fills.shares[:first], under_way=float(fills.shares[first:].sum()))
        if rest is not None:
            rest.check_feasible()
    except InfeasibleError as error:
        return [Alert("no room", f"what remains doesn't fit: {error}")]
    return []


def _limit_alerts(problem: Problem, fills: DayFills, volume: Floats | None, label: tuple[str, ...]) -> list[Alert]:
    size, limits, found = problem.intervals, problem.limits, []
    slack = problem.tolerance
    if limits.participation is not None and limits.volume is not None:
        known = np.broadcast_to(np.asarray(limits.volume, dtype=float), (size,)).copy()
        seen = np.zeros(size, bool) if volume is None else np.isfinite(volume)
        if volume is not None:
            known[seen] = volume[seen]
        caps = np.broadcast_to(np.asarray(limits.participation), (size,)) * known
        over = np.flatnonzero(fills.shares > caps + slack)
        if len(over):
            worst = int(over[np.argmax(fills.shares[over] - caps[over])])
            text = f"in {_count(over)} fills exceed the participation cap; worst {label[worst]}: "
            text += f"{fills.shares[worst]:,.0f} shares of {known[worst]:,.0f}"
            found.append(Alert("over participation", text + (" (actual volume)" if seen[worst] else " (forecast)")))
    most = np.broadcast_to(np.asarray(limits.max_shares, dtype=float), (size,))
    over = np.flatnonzero(fills.shares > most + slack)
    if len(over):
        worst = int(over[0])
        text = f"in {_count(over)} fills exceed the most shares; first {label[worst]}: "
        found.append(Alert("over maximum", text + f"{fills.shares[worst]:,.0f} of {most[worst]:,.0f}"))
    return found
