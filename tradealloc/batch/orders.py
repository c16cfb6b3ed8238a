"""One order among many, and its schedule with what a desk asks of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..analysis.strategies import equal, improvement
from ..model import Problem, Schedule
from ..model.arrays import Floats
from ..model.binding import CLOSE
from ..solve import solve
from ..units import to_currency

NO_SYMBOL = "(no symbol)"
"""Under which orders without a symbol are summed up."""


@dataclass(frozen=True, eq=False)
class BatchOrder:
    """One order of many.

    Parameters
    ----------
    order_id
        What the order is called; no two of a batch alike.
    problem
        What to solve. The arrival prices of a batch are all in one currency.
    symbol
        What is traded; orders whose symbols differ in case only are in the same one.
    side
        "buy" or "sell".
    starts
        Start of each interval since the midnight before the session, length N, increasing; None where unknown.
    method
        As in `tradealloc.solve`.
    """

    order_id: str
    problem: Problem = field(repr=False)
    symbol: str = NO_SYMBOL
    side: str = "buy"
    starts: tuple[dt.timedelta, ...] | None = field(default=None, repr=False)
    method: str = "auto"

    @property
    def notional(self) -> float | None:
        """Shares times arrival price, currency; None without a price."""
        price = self.problem.arrival_price
        return None if price is None else self.problem.shares * price


def solve_order(order: BatchOrder) -> SolvedOrder:
    """The order with its schedule of least total impact; errors as of `tradealloc.solve`."""
    return SolvedOrder(order, solve(order.problem, order.method))


@dataclass(frozen=True, eq=False)
class SolvedOrder:
    """An order and its schedule."""

    order: BatchOrder
    schedule: Schedule

    @cached_property
    def equal_cost(self) -> float:
        """Cost of equal shares over the tradable intervals, shares x impact unit."""
        return equal(self.order.problem).cost

    @property
    def improvement(self) -> float:
        """``1 - total impact / total impact of equal shares``."""
        return improvement(self.schedule.cost, self.equal_cost)

    @property
    def equal_cost_in_currency(self) -> float | None:
        """`equal_cost` in currency; None where that needs an arrival price not given."""
        return to_currency(self.equal_cost, self.order.problem.unit, self.order.problem.arrival_price)

    @property
    def saving(self) -> float | None:
        """Cost of equal shares less cost of the schedule, currency; None where an arrival price is missing."""
        problem = self.order.problem
        return to_currency(self.equal_cost - self.schedule.cost, problem.unit, problem.arrival_price)

    @cached_property
    def interval_costs(self) -> Floats | None:
        """``g_t(x_t)`` in currency, shape (N,); None where an arrival price is missing."""
        problem = self.order.problem
        factor = to_currency(1.0, problem.unit, problem.arrival_price)
        return None if factor is None else problem.impact.cost(self.schedule.shares) * factor

    @property
    def intervals(self) -> int:
        """Intervals in which the order trades."""
        return int(np.count_nonzero(self.schedule.shares > self._slack))

    @property
    def intervals_at_limit(self) -> int:
        """Intervals that a cap or a minimum holds."""
        bounds, shares = self.order.problem.bounds, self.schedule.shares
        at_minimum = (bounds.lower > 0) & (shares <= bounds.lower + self._slack)
        return int(np.count_nonzero(at_minimum | (shares >= bounds.upper - self._slack)))

    @cached_property
    def volume(self) -> Floats | None:
        """Forecast volume per interval, shares, shape (N,); None where there is none."""
        volume = self.order.problem.limits.volume
        return None if volume is None else np.broadcast_to(np.asarray(volume, np.float64), self.schedule.shares.shape)

    @property
    def participation_cap(self) -> Floats | None:
        """The order's own cap per interval, shape (N,); None where there is none."""
        cap = self.order.problem.limits.participation
        return None if cap is None else np.broadcast_to(np.asarray(cap, np.float64), self.schedule.shares.shape)

    @property
    def peak_participation(self) -> float | None:
        """Largest share of an interval's volume; None without volumes."""
        if self.volume is None or not (self.volume > 0).any():
            return None
        traded = self.volume > 0
        return float((self.schedule.shares[traded] / self.volume[traded]).max())

    @property
    def _slack(self) -> float:
        return CLOSE * self.order.problem.shares / self.order.problem.intervals
