"""Whole lots, solved exactly by marginal allocation.

A separable convex cost over lots is minimised by giving each next lot to the interval where it costs least (Gross 1956;
Fox, "Discrete optimization via marginal analysis", Management Science 13, 1966). The cost of the next lot lies between
the lot times the marginal costs at its two ends, so the lots an interval takes below a price ``lambda`` follow from the
continuous model within one lot; the price at which they sum to the order is found by bisection, vectorised over the
intervals and started at the continuous optimum.

A remainder (the odd lot) goes into the one interval where it costs least, the others re-optimised: a remainder only
raises the cost of its interval's further lots to at most that of the lot after, so the optimum gives that interval as
many lots as before, or one less with the lot handed to the cheapest other interval. All N choices are priced at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.model import ImpactModel, Problem
from tradealloc.model.arrays import Floats
from tradealloc.model.limits import plain

from .dual import _between

CLOSE = 1e-9
"""A bound within this share of a lot of a whole lot is that lot: 0.57 x 100 isn't quite 57 in floating point."""

MOST_LOTS = 2.0**52


@dataclass(frozen=True, slots=True)
class LotSchedule:
    """The best schedule in whole lots.

    Attributes
    ----------
    shares : ndarray of shape (N,)
    max_saving
        Most that taking a lot away saves (-inf where none can be taken).
    min_cost
        Least that adding a lot costs (inf where none can be added).
    """

    shares: Floats
    max_saving: float
    min_cost: float


@dataclass(frozen=True, slots=True)
class _Lots:
    """A problem in numbers of lots: ``cost(k) = g(lot k + odd)``, ``fewest <= k <= most``."""

    impact: ImpactModel
    lot: float
    fewest: Floats
    most: Floats

    def cost(self, lots: Floats, odd: float | Floats = 0.0) -> Floats:
        return self.impact.cost(self.lot * lots + odd)

    def next_cost(self, lots: Floats) -> Floats:
        """Cost of one more lot; inf where there is no room."""
        return np.where(lots < self.most, self.cost(lots + 1.0) - self.cost(lots), np.inf)

    def below(self, price: float) -> Floats:
        """Lots that cost at most `price` each, per interval."""
        continuous = self.impact.inverse_marginal(price / self.lot) / self.lot
        lots = np.floor(np.minimum(np.maximum(continuous, self.fewest), self.most))
        return lots + (self.next_cost(lots) <= price)


def solve_lots(problem: Problem, lower: Floats, upper: Floats, price: float) -> LotSchedule:
    """Minimise the cost over schedules in whole lots.

    Parameters
    ----------
    problem
        With a lot size.
    lower, upper : ndarray of shape (N,)
        Bounds in shares (the problem's own, or those of the active intervals under a minimum clip).
    price
        Multiplier of the continuous optimum: where the search starts.

    Raises
    ------
    InfeasibleError
        The bounds leave no schedule in whole lots.
    """
    lot = float(problem.limits.lot_size or 1.0)
    total, odd = split_order(problem.shares, lot)
    if total > MOST_LOTS:
        raise InputError(
            f"is {lot:g}, too small for an order of {plain(problem.shares)} shares: leave it blank",
            argument="lot_size",
            value=lot,
        )
    fewest = np.ceil(lower / lot - CLOSE)
    most = np.floor(np.minimum(upper / lot + CLOSE, total + (odd > 0)))
    lots = _Lots(problem.impact, lot, fewest, most)
    _check_room(problem, lots, total, odd)
    if odd:
        return _with_odd_lot(problem, lots, lower, upper, total, odd, price)
    return _judged(lots, _marginal_allocation(lots, total, price * lot), np.zeros(lower.shape))


def split_order(shares: float, lot: float) -> tuple[float, float]:
    """Whole lots and the odd rest of an order."""
    whole = math.floor(shares / lot + CLOSE)
    rest = shares - whole * lot
    return float(whole), rest if rest > CLOSE * lot else 0.0


def _check_room(problem: Problem, lots: _Lots, total: float, odd: float) -> None:
    clash = lots.fewest > lots.most
    if clash.sum() > (odd > 0):
        position = int(np.argmax(clash))
        raise InfeasibleError(
            f"interval {position + 1}: no whole number of lots of {plain(lots.lot)} shares lies between its minimum "
            "and its maximum: widen them or choose a smaller lot_size",
            limits=("lot_size", "min_shares", "max_shares"),
            short=float((lots.fewest - lots.most)[position]) * lots.lot,
        )
    room = float(lots.most.sum())
    if room < total:
        names = ("lot_size", *problem.bounds.binding_caps)
        raise InfeasibleError(
            f"in whole lots of {plain(lots.lot)} the caps sum to {plain(room * lots.lot)} shares, "
            f"{plain(problem.shares - room * lots.lot)} short of {plain(problem.shares)}: choose a smaller lot_size or "
            f"{problem.bounds.remedy}",
            limits=names,
            short=problem.shares - room * lots.lot,
        )
    needed = float(lots.fewest.sum())
    if needed > total + (odd > 0) + clash.sum():
        raise InfeasibleError(
            f"in whole lots of {plain(lots.lot)} the minimums sum to {plain(needed * lots.lot)} shares, "
            f"{plain(needed * lots.lot - problem.shares)} more than the order of {plain(problem.shares)}: "
            "choose a smaller lot_size or lower min_shares",
            limits=("lot_size", "min_shares"),
            short=needed * lots.lot - problem.shares,
        )


def _marginal_allocation(lots: _Lots, total: float, guess: float) -> Floats:
    """Lots per interval whose costs are the `total` cheapest ones."""
    low, high = 0.0, math.inf
    price = guess if math.isfinite(guess) and guess > 0 else 1.0
    at_low = lots.fewest
    at_high = lots.most
    step = 1e-6
    while True:
        taken = lots.below(price)
        count = float(taken.sum())
        if count == total:
            return taken
        if count < total:
            low, at_low = price, taken
        else:
            high, at_high = price, taken
        if math.isinf(high):
            following = price * (1.0 + step)
        elif low == 0.0 and step < 1.0:
            following = price * (1.0 - step)
        else:
            following = _between(low, high)
        step = min(step * 8.0, 1.0)
        if following in (low, high):
            return _fill(at_low, at_high, total)
        price = following


def _fill(fewer: Floats, more: Floats, total: float) -> Floats:
    """Add lots of one and the same cost, in the order of time, until the total is reached."""
    room = more - fewer
    left = total - float(fewer.sum())
    return fewer + np.minimum(np.maximum(left - (np.cumsum(room) - room), 0.0), room)


def _with_odd_lot(
    problem: Problem, lots: _Lots, lower: Floats, upper: Floats, total: float, odd: float, price: float
) -> LotSchedule:
    fewest = np.maximum(np.ceil((lower - odd) / lots.lot - CLOSE), 0.0)
    most = np.floor(np.minimum((upper - odd) / lots.lot + CLOSE, total))
    only_with_odd = lots.fewest > lots.most
    lots = _Lots(lots.impact, lots.lot, np.minimum(lots.fewest, lots.most), lots.most)
    surplus = float(lots.fewest.sum()) > total
    base = lots.fewest if surplus else _marginal_allocation(lots, total, price * lots.lot)
    fewer = np.maximum(base - 1.0, 0.0)
    elsewhere = 0.0 if surplus else _cheapest_elsewhere(lots.next_cost(base))
    same = np.where(
        ~np.bool_(surplus) & (fewest <= base) & (base <= most), lots.cost(base, odd) - lots.cost(base), np.inf
    )
    may_give = (base >= 1.0) & (base - 1.0 >= fewest) & (base - 1.0 <= most)
    one_less = np.where(may_give, lots.cost(fewer, odd) - lots.cost(base) + elsewhere, np.inf)
    best = np.minimum(same, one_less)
    if only_with_odd.any():
        best = np.where(only_with_odd, best, np.inf)
    holder = int(np.argmin(best))
    if not math.isfinite(best[holder]):
        raise InfeasibleError(
            f"no interval can take the odd lot of {plain(odd)} shares beside whole lots of {plain(lots.lot)}: choose "
            "another lot_size or raise the caps",
            limits=("lot_size", *problem.bounds.binding_caps),
            short=odd,
        )
    taken = base.copy()
    if one_less[holder] < same[holder]:
        taken[holder] -= 1.0
        if float(taken.sum()) < total:
            costs = lots.next_cost(base)
            costs[holder] = np.inf
            taken[int(np.argmin(costs))] += 1.0
    rest = np.zeros(base.shape)
    rest[holder] = odd
    at_holder = np.arange(base.size) == holder
    bounds = _Lots(
        lots.impact, lots.lot, np.where(at_holder, fewest, lots.fewest), np.where(at_holder, most, lots.most)
    )
    return _judged(bounds, taken, rest)


def _cheapest_elsewhere(costs: Floats) -> Floats:
    """For each interval the least cost among the others."""
    if costs.size == 1:
        return np.array([np.inf])
    first, second = np.partition(costs, 1)[:2]
    cheapest = np.full(costs.shape, first)
    cheapest[int(np.argmin(costs))] = second
    return cheapest


def _judged(lots: _Lots, taken: Floats, rest: Floats) -> LotSchedule:
    here = lots.cost(taken, rest)
    adding = np.where(taken < lots.most, lots.cost(taken + 1.0, rest) - here, np.inf)
    saving = np.where(taken > lots.fewest, here - lots.cost(np.maximum(taken - 1.0, 0.0), rest), -np.inf)
    return LotSchedule(lots.lot * taken + rest, float(saving.max()), float(adding.min()))
