"""What each limit costs: shadow prices of the caps, and the saving when a limit is relaxed.

Let ``C`` be the least cost of the order, ``mu`` the multiplier of ``sum x_t = S`` and ``hi_t`` the cap of interval t.
By the envelope theorem (Boyd and Vandenberghe, "Convex Optimization", 5.6.3)::

    dC/dhi_t = -nu_t,  nu_t = mu - m_t(hi_t) >= 0 where the cap holds the interval, 0 elsewhere
    dC/dlo_t = m_t(lo_t) - mu >= 0 where the minimum holds it

and a limit that moves several caps is worth the sum of them, by the chain rule::

    participation  hi_t = rho V_t         one more percentage point saves  0.01 sum nu_t V_t
    impact cap     hi_t = I_t^-1(cap)     one more unit of impact saves    sum nu_t / I_t'(hi_t)
    max_shares     hi_t                   one more share everywhere saves  sum nu_t
    min_shares     lo_t                   one share less everywhere saves  sum (m_t(lo_t) - mu)

over the intervals that the limit holds. Where no interval is free a range of multipliers fits, and the derivative has
two sides: relaxing a cap moves shares out of the dearest interval that may trade less (``mu = max m_t, x_t > lo_t``),
relaxing a minimum moves them into the cheapest that may trade more (``mu = min m_t, x_t < hi_t``).

Where two caps of an interval coincide, relaxing one alone saves nothing there: it counts for neither, and the row's
note says so. An interval that the impact cap closes (half-spread at or above it) has no shares to price; its opening
shows in the saving of the relaxed limit only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from tradealloc.errors import InputError
from tradealloc.model import Limits, Problem
from tradealloc.model.arrays import Bools, Floats
from tradealloc.model.binding import CLOSE
from tradealloc.model.limits import plain
from tradealloc.solve import solve
from tradealloc.units import BPS_PER_ONE, ImpactUnit, to_currency

from .comparison import _fractional
from .table import ResultTable

RELAXED_BY = 0.1
"""Part by which a limit is relaxed for the saving solved anew."""

PERCENTAGE_POINT = 0.01

NO_ROOM = "no marginal value: the order fills its caps"


@dataclass(frozen=True, slots=True)
class CapValue:
    """One limit of an order.

    Attributes
    ----------
    limit
        The limit with its value: "participation 10 %", "max 500", "window".
    intervals_held
        Intervals that the limit holds, those it shares with another cap included.
    shares_held
        Shares traded in them.
    marginal_value
        Cost saved by relaxing the limit by one step, at the margin, in `unit`; None where there is no such value.
    step
        The step: "1 percentage point", "1 share an interval", ...
    relaxed
        The limit as relaxed for `relaxed_saving`.
    relaxed_saving
        Cost saved under the relaxed limit, solved anew, in `unit`, >= 0; None where it can't be relaxed.
    unit
        "currency", or "shares x bps" and the like where no arrival price is given.
    note
        What the reader should know: ties, closed intervals, lots.
    """

    limit: str
    intervals_held: int
    shares_held: float
    marginal_value: float | None
    step: str
    relaxed: str
    relaxed_saving: float | None
    unit: str
    note: str


class CapValues(ResultTable[CapValue]):
    """Rows by limit, in the order in which limits are named."""


@dataclass(frozen=True)
class _Optimum:
    """The continuous optimum and the prices at which shares move in and out of it."""

    problem: Problem
    shares: Floats
    marginal: Floats
    cost: float
    may_grow: bool

    @classmethod
    def of(cls, problem: Problem) -> _Optimum:
        best = solve(_fractional(problem), "dual")
        marginal = np.broadcast_to(problem.impact.marginal(best.shares), best.shares.shape)
        return cls(best.problem, best.shares, marginal, best.cost, best.certificate.shadow_price is not None)

    @property
    def slack(self) -> float:
        return CLOSE * self.problem.shares / self.problem.intervals

    def at_cap(self, name: str) -> Bools:
        """Intervals that the cap holds, whether or not another one does too; those outside the window aside."""
        bounds = self.problem.bounds
        at_bound = (self.shares >= bounds.upper - self.slack) & bounds.tradable
        held: Bools = at_bound & (bounds.caps[name] <= bounds.upper + self.slack)
        return held

    def tied(self, name: str) -> Bools:
        """Those of `at_cap` that another cap holds as well."""
        held = self.at_cap(name)
        others = [cap for other, cap in self.problem.bounds.caps.items() if other != name]
        ties = [held & (cap <= self.problem.bounds.upper + self.slack) for cap in others]
        return np.logical_or.reduce(ties) if ties else np.zeros(held.shape, dtype=np.bool_)

    def at_minimum(self) -> Bools:
        lower = self.problem.bounds.lower
        held: Bools = (self.shares <= lower + self.slack) & (lower > 0)
        return held

    def cap_prices(self, name: str) -> Floats:
        """``nu_t``: what one more share of the cap saves, zero where it doesn't hold alone, shape (N,)."""
        may_shrink = self.shares > self.problem.bounds.lower + self.slack
        price = float(self.marginal[may_shrink].max()) if may_shrink.any() else 0.0
        alone = self.at_cap(name) & ~self.tied(name)
        return np.where(alone, np.maximum(price - self.marginal, 0.0), 0.0)

    def minimum_prices(self) -> Floats:
        """What one share less of the minimum saves, shape (N,)."""
        may_grow = self.shares < self.problem.bounds.upper - self.slack
        price = float(self.marginal[may_grow].min()) if may_grow.any() else np.inf
        return np.where(self.at_minimum(), np.maximum(self.marginal - price, 0.0), 0.0)


def cap_values(problem: Problem) -> CapValues:
    """The value of relaxing each limit that is set.

    Values are those of the continuous optimum: with whole lots or minimum clips they are those of fractional shares,
    and the note says so.

    Raises
    ------
    InfeasibleError
        The limits leave no schedule.
    """
    optimum = _Optimum.of(problem)
    rows = [row(optimum) for name, row in _ROWS.items() if _is_set(problem, name)]
    if problem.limits.whole_lots_or_clips:
        rows = [replace(row, note=_joined("in fractional shares", row.note)) for row in rows]
    return CapValues(tuple(rows))


def participation_value(problem: Problem) -> float | None:
    """What one more percentage point of participation saves, in `money_unit`; None where the order fills its caps.

    The participation row of `cap_values`, without solving any relaxed problem.
    """
    optimum = _Optimum.of(problem)
    return money(problem, _participation_slope(optimum) * PERCENTAGE_POINT) if optimum.may_grow else None


def money(problem: Problem, cost: float) -> float:
    """A cost (shares x impact unit) in currency, or as it is where no arrival price is given: see `money_unit`."""
    currency = to_currency(cost, problem.unit, problem.arrival_price)
    return cost if currency is None else currency


def money_unit(problem: Problem) -> str:
    """Unit of `money`: "currency", "shares x bps" or "shares x fraction"."""
    known = to_currency(1.0, problem.unit, problem.arrival_price) is not None
    return "currency" if known else f"shares x {problem.unit.value}"


def _is_set(problem: Problem, name: str) -> bool:
    if name == "min_shares":
        return bool((problem.bounds.lower > 0).any())
    if name == "tradable":
        return not problem.bounds.tradable.all()
    return name in problem.bounds.caps and bool(np.isfinite(problem.bounds.caps[name]).any())


def _participation_slope(optimum: _Optimum) -> float:
    return float((optimum.cap_prices("participation") * np.asarray(optimum.problem.limits.volume)).sum())


def _participation(optimum: _Optimum) -> CapValue:
    rho = np.asarray(optimum.problem.limits.participation, dtype=np.float64)
    higher = np.minimum(rho * (1.0 + RELAXED_BY), 1.0)
    can_rise = bool((higher > rho).any())
    return _row(
        optimum,
        "participation",
        f"participation {_span(rho * 100)} %",
        optimum.at_cap("participation"),
        _participation_slope(optimum) * PERCENTAGE_POINT,
        "1 percentage point",
        f"{_span(higher * 100)} %" if can_rise else "",
        (lambda limits: replace(limits, participation=higher)) if can_rise else None,
        "" if can_rise else "can't be above 100 %",
    )


def _max_shares(optimum: _Optimum) -> CapValue:
    cap = np.asarray(optimum.problem.limits.max_shares, dtype=np.float64)
    higher = cap * (1.0 + RELAXED_BY)
    return _row(
        optimum,
        "max_shares",
        f"max {_span(cap)}",
        optimum.at_cap("max_shares"),
        float(optimum.cap_prices("max_shares").sum()),
        "1 share an interval",
        _span(higher),
        lambda limits: replace(limits, max_shares=higher),
    )


def _impact_cap(optimum: _Optimum) -> CapValue:
    problem = optimum.problem
    cap = np.asarray(problem.limits.impact_cap, dtype=np.float64)
    held, prices, shares = optimum.at_cap("impact_cap"), optimum.cap_prices("impact_cap"), optimum.shares
    closed = held & (problem.bounds.caps["impact_cap"] <= 0)
    priced = (prices > 0) & ~closed
    average = np.broadcast_to(problem.impact.slippage(shares), shares.shape)
    per_share = (optimum.marginal - average)[priced] / shares[priced]  # I' = (m - I)/x
    size, step = _impact_step(problem)
    count = int(closed.sum())
    return _row(
        optimum,
        "impact_cap",
        f"impact cap {_span(cap, digits=6)}",
        held,
        float((prices[priced] / per_share).sum()) * size,
        step,
        _span(cap * (1.0 + RELAXED_BY), digits=6),
        lambda limits: replace(limits, impact_cap=cap * (1.0 + RELAXED_BY)),
        f"{count} closed by their spread, in the saving only" if count else "",
    )


def _impact_step(problem: Problem) -> tuple[float, str]:
    """One basis point of the arrival price in the impact unit; one impact unit where that price isn't known."""
    if problem.unit is ImpactUnit.BPS:
        return 1.0, "1 bp"
    if problem.unit is ImpactUnit.FRACTION:
        return 1.0 / BPS_PER_ONE, "1 bp"
    if problem.arrival_price is not None:
        return problem.arrival_price / BPS_PER_ONE, "1 bp"
    return 1.0, f"1 {problem.unit.label}"


def _min_shares(optimum: _Optimum) -> CapValue:
    least = np.asarray(optimum.problem.limits.min_shares, dtype=np.float64)
    return _row(
        optimum,
        "",
        f"min {_span(least[least > 0] if least.ndim else least)}",
        optimum.at_minimum(),
        float(optimum.minimum_prices().sum()),
        "1 share less an interval",
        _span((least[least > 0] if least.ndim else least) * (1.0 - RELAXED_BY)),
        lambda limits: replace(limits, min_shares=least * (1.0 - RELAXED_BY)),
    )


def _window(optimum: _Optimum) -> CapValue:
    row = _row(
        optimum,
        "",
        "window",
        ~optimum.problem.bounds.tradable,
        None,
        "",
        "all intervals open",
        lambda limits: replace(limits, tradable=None),
    )
    return replace(row, note=_joined("closed intervals have no margin: solved anew only", row.note))


_ROWS: dict[str, Callable[[_Optimum], CapValue]] = {
    "participation": _participation,
    "impact_cap": _impact_cap,
    "max_shares": _max_shares,
    "min_shares": _min_shares,
    "tradable": _window,
}


def _row(
    optimum: _Optimum,
    cap: str,
    limit: str,
    held: Bools,
    slope: float | None,
    step: str,
    relaxed: str,
    relax: Callable[[Limits], Limits] | None,
    note: str = "",
) -> CapValue:
    problem = optimum.problem
    saving, refusal = _saving(optimum, relax) if relax else (None, "")
    ties = int(optimum.tied(cap).sum()) if cap else 0
    shared = f"{ties} held by another cap too: relaxing this one alone saves nothing there" if ties else ""
    no_room = NO_ROOM if slope is not None and not optimum.may_grow else ""
    return CapValue(
        limit=limit,
        intervals_held=int(held.sum()),
        shares_held=float(optimum.shares[held].sum()),
        marginal_value=None if slope is None or not optimum.may_grow else money(problem, slope),
        step=step,
        relaxed=relaxed,
        relaxed_saving=saving,
        unit=money_unit(problem),
        note=_joined(no_room, shared, note, refusal),
    )


def _saving(optimum: _Optimum, relax: Callable[[Limits], Limits]) -> tuple[float | None, str]:
    """Cost saved under other limits, or None and the reason."""
    problem = optimum.problem
    kept = replace(
        problem.limits, min_shares=problem.bounds.lower
    )  # a scalar minimum doesn't reach newly open intervals
    try:
        relaxed = solve(replace(problem, limits=relax(kept)), "dual")
    except InputError as error:  # a concave stretch of a quadratic model comes within reach
        return None, f"not relaxed: {error}"
    return money(problem, max(optimum.cost - relaxed.cost, 0.0)), ""


def _span(values: ArrayLike, digits: int = 0) -> str:
    """A number, or the range of several: "500" or "200 to 1,000"; infinite ones (no limit) aside."""
    array = np.asarray(values, dtype=np.float64).reshape(-1)
    finite = array[np.isfinite(array)]
    low, high = (f"{v:.{digits}g}" if digits else plain(float(v)) for v in (finite.min(), finite.max()))
    return low if low == high else f"{low} to {high}"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
