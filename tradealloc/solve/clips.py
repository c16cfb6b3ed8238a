"""Minimum clips: every interval trades nothing or at least its clip. A mixed-integer problem with a stated gap.

The search starts from the best of some choices that open the intervals in the order in which the optimum without clips
fills theirs: a search that runs out of time is never far off. HiGHS solves the mixed-integer linear programme of
`programme`, which bounds the convex cost from below. For the intervals that it opens the exact solver gives the best
shares and so an upper bound; new cuts are taken there, and this choice of intervals, now settled, is excluded, until
the bounds meet or the time is up. The gap between them is stated.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from tradealloc.errors import InfeasibleError, SolverError
from tradealloc.model import Problem
from tradealloc.model.arrays import Bools, Floats
from tradealloc.model.limits import plain

from .dual import equilibrium
from .linear_programme import fill_cheapest
from .lots import LotSchedule, solve_lots
from .programme import clip_programme

TARGET_GAP = 1e-6
TIME_LIMIT = 5.0
"""Seconds for the whole search; what is proven by then is stated as the gap."""

STARTS = 24
"""Numbers of open intervals that are tried first."""


@dataclass(frozen=True, slots=True)
class ClipSchedule:
    """Best schedule found, and how far from the best possible it can be at most."""

    lots: LotSchedule
    gap: float


@dataclass(frozen=True, slots=True)
class _Found:
    """Intervals to open (None: no choice left, or none found in time), and a bound on the cost of any choice left."""

    active: Bools | None
    bound: float


@dataclass(frozen=True, slots=True)
class _Clipped:
    """The problem in shares: bounds of an interval that trades, and which intervals must or can't."""

    problem: Problem
    least: Floats
    most: Floats
    must: Bools
    can: Bools
    price: float

    def shares_for(self, active: Bools) -> LotSchedule:
        """Exact optimum for given active intervals."""
        lower, upper = np.where(active, self.least, 0.0), np.where(active, self.most, 0.0)
        if self.problem.limits.lot_size is not None:
            return solve_lots(self.problem, lower, upper, self.price)
        shares = _continuous(self.problem, lower, upper)
        return LotSchedule(shares, -np.inf, np.inf)

    def cost(self, shares: Floats) -> float:
        return float(self.problem.impact.cost(shares).sum())

    def cut_at(self, active: Bools, found: LotSchedule) -> Floats:
        """Where the cost of an interval that trades is bounded from below, after a choice was settled."""
        return np.clip(np.where(active, found.shares, self.least), self.least, self.most)


def solve_clips(problem: Problem, continuous: Floats, price: float) -> ClipSchedule:
    """Minimise the cost over schedules whose intervals trade nothing or at least their clip.

    Parameters
    ----------
    problem
        With a minimum clip, and possibly a lot size.
    continuous : ndarray of shape (N,)
        The optimum without clips and lots.
    price
        Its multiplier.

    Raises
    ------
    InfeasibleError
        No choice of intervals trades exactly the order.
    SolverError
        The search found no schedule in its time.
    """
    clipped = _clipped(problem, price)
    points = [clipped.least, np.clip(continuous, clipped.least, clipped.most)]
    settled: list[Bools] = []
    best: LotSchedule | None = None
    best_cost, bound = np.inf, -np.inf
    deadline = time.perf_counter() + TIME_LIMIT
    start = _start(clipped, continuous)
    if start is not None:
        active, best = start
        best_cost = clipped.cost(best.shares)
        settled.append(active)
        points.append(clipped.cut_at(active, best))
    while best is None or (best_cost - bound > TARGET_GAP * best_cost and time.perf_counter() < deadline):
        search = _search(clipped, points, settled, deadline)
        if search.active is not None:
            found = clipped.shares_for(search.active)
            cost = clipped.cost(found.shares)
            if cost < best_cost:
                best, best_cost = found, cost
            settled.append(search.active)
            points.append(clipped.cut_at(search.active, found))
        bound = max(bound, min(search.bound, best_cost))
        if search.active is None:
            break
    if best is None:
        raise SolverError(
            f"no schedule with clips of at least {_clip_text(problem)} was found in {TIME_LIMIT:g} s: "
            "lower min_clip or leave it blank"
        )
    return ClipSchedule(best, max((best_cost - bound) / best_cost, 0.0))


def _clipped(problem: Problem, price: float) -> _Clipped:
    bounds = problem.bounds
    least = np.maximum(bounds.lower, np.broadcast_to(np.asarray(problem.limits.min_clip), bounds.lower.shape))
    most = np.minimum(bounds.upper, problem.shares)
    must = bounds.lower > 0
    can = (least <= most + problem.tolerance / problem.intervals) & (most > 0)
    clash = must & ~can
    if clash.any():
        position = int(np.argmax(clash))
        raise InfeasibleError(
            f"interval {position + 1}: must trade, but min_clip {plain(least[position])} is above its cap of "
            f"{plain(most[position])} shares: lower min_clip there",
            limits=("min_clip", "min_shares", bounds.cap_name(position)),
            short=float(least[position] - most[position]),
        )
    possible = (least <= bounds.upper + problem.tolerance / problem.intervals) & (bounds.upper > 0)
    smallest = float(least[possible].min()) if possible.any() else 0.0
    if problem.shares < smallest - problem.tolerance:
        raise InfeasibleError(
            f"the order of {plain(problem.shares)} shares is smaller than the smallest clip of {plain(smallest)}: "
            "lower min_clip",
            limits=("min_clip",),
            short=smallest - problem.shares,
        )
    room = float(most[can].sum())
    if room < problem.shares - problem.tolerance:
        raise InfeasibleError(
            f"the intervals that can take a clip of {_clip_text(problem)} have room for {plain(room)} shares, "
            f"{plain(problem.shares - room)} short of {plain(problem.shares)}: lower min_clip or raise the caps",
            limits=("min_clip", *bounds.binding_caps),
            short=problem.shares - room,
        )
    return _Clipped(problem, np.minimum(least, most), most, must, can, price)


def _start(clipped: _Clipped, continuous: Floats) -> tuple[Bools, LotSchedule] | None:
    """The best of some choices of intervals, those first whose clip the optimum without clips fills best."""
    filled = np.where(clipped.can, continuous / np.maximum(clipped.least, 1e-300), -np.inf)
    order = np.argsort(-np.where(clipped.must, np.inf, filled), kind="stable")
    order = order[clipped.can[order]]
    shares = clipped.problem.shares
    can_open = (np.cumsum(clipped.least[order]) <= shares) & (np.cumsum(clipped.most[order]) >= shares)
    counts = np.flatnonzero(can_open) + 1
    counts = counts[counts >= clipped.must.sum()]
    best: tuple[Bools, LotSchedule] | None = None
    best_cost = np.inf
    for count in np.unique(counts[np.linspace(0, len(counts) - 1, STARTS).astype(int)]) if len(counts) else ():
        active = np.zeros(len(filled), dtype=bool)
        active[order[:count]] = True
        try:
            found = clipped.shares_for(active)
        except InfeasibleError:  # in whole lots
            continue
        if (cost := clipped.cost(found.shares)) < best_cost:
            best, best_cost = (active, found), cost
    return best


def _continuous(problem: Problem, lower: Floats, upper: Floats) -> Floats:
    if problem.impact.is_linear_programme:
        return fill_cheapest(problem.impact, problem.shares, lower, upper)
    if problem.shares >= upper.sum():
        return upper
    if problem.shares <= lower.sum():
        return lower
    return equilibrium(problem.impact, problem.shares, lower, upper)[0]


def _search(clipped: _Clipped, points: list[Floats], settled: list[Bools], deadline: float) -> _Found:
    """One mixed-integer programme over the choices of intervals that aren't settled yet."""
    from scipy.optimize import Bounds, milp

    limit = max(deadline - time.perf_counter(), 0.1)
    problem = clipped.problem
    programme = clip_programme(problem, clipped.least, clipped.most, clipped.must, clipped.can, points, settled)
    result = milp(
        programme.objective,
        constraints=programme.constraints,
        integrality=programme.integrality,
        bounds=Bounds(programme.lower, programme.upper),
        options={"mip_rel_gap": TARGET_GAP / 10, "time_limit": limit},
    )
    if result.status == 2 and settled:
        return _Found(None, np.inf)
    if result.status == 2:
        raise InfeasibleError(
            f"no choice of intervals trades exactly {plain(problem.shares)} shares in clips of at least "
            f"{_clip_text(problem)} within the limits: lower min_clip",
            limits=("min_clip",),
        )
    bound = result.mip_dual_bound if result.mip_dual_bound is not None else result.fun
    proven = -np.inf if bound is None else float(bound) * programme.cost_unit
    if result.x is None:
        return _Found(None, proven)
    n = problem.intervals
    return _Found(result.x[n : 2 * n] > 0.5, proven)


def _clip_text(problem: Problem) -> str:
    clips = np.asarray(problem.limits.min_clip)
    least, most = plain(float(clips.min())), plain(float(clips.max()))
    return f"{least} shares" if least == most else f"{least} to {most} shares"
