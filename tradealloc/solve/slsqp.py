"""SciPy's SLSQP: an independent check, for every convex model.

In the variable ``z_t = sqrt(m_t'(S/N)) x_t`` (which is sqrt(beta) x for linear impact) the cost's second derivatives
are near one, which is what SLSQP's BFGS starts from. It starts from equal shares within the limits, never from
another method's answer.

Its dense algebra takes O(N^3) and suffers from variables that can't move. So it gets the intervals that can trade more
than their minimum and are cheap enough to, judged by the marginal costs of equal shares, and solves again with those
added that its own answer shows to be cheap enough too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradealloc.errors import InputError, SolverError
from tradealloc.model import Limits, Problem
from tradealloc.model.arrays import Bools, Floats

from .certificate import estimated_price
from .level import equal_within
from .point import Point
from .scaling import Scaled

MOST_INTERVALS = 2_000
"""Dense algebra, O(N^3) a step: beyond this it would take minutes and gigabytes."""


def solve_slsqp(problem: Problem) -> Point:
    """Solve a continuous problem with SciPy's SLSQP.

    Raises
    ------
    InputError
        A linear programme (no curvature to follow) or too many intervals.
    SolverError
        SLSQP stopped without success.
    """
    if problem.impact.is_linear_programme:
        raise InputError(
            "slsqp needs curvature, and exponent 0 is a linear programme: use analytic, dual or auto",
            argument="method",
            value="slsqp",
        )
    if problem.intervals > MOST_INTERVALS:
        raise InputError(
            f"slsqp is dense and takes {MOST_INTERVALS:,} intervals at most, not {problem.intervals:,}: "
            "use dual or auto",
            argument="method",
            value="slsqp",
        )
    bounds = problem.bounds
    if problem.shares <= bounds.needed or problem.shares >= bounds.room:
        return Point(bounds.lower if problem.shares <= bounds.needed else bounds.upper, None)
    first_share = np.broadcast_to(problem.impact.marginal(bounds.lower), bounds.lower.shape)
    trading = _likely(problem, first_share)
    while True:
        part = _restricted(problem, trading)
        shares = bounds.lower.copy()
        shares[trading] = _minimised(part)
        price = estimated_price(part, shares[trading])
        cheaper = (first_share < price) & ~trading & (bounds.lower < bounds.upper)
        if not cheaper.any():
            return Point(shares, None)
        trading |= cheaper


def _likely(problem: Problem, first_share: Floats) -> Bools:
    """Intervals whose first share costs less than the average marginal cost of equal shares, or that are needed."""
    bounds = problem.bounds
    equal = equal_within(problem.shares, bounds.lower, bounds.upper)
    average = float((problem.impact.marginal(equal) * equal).sum()) / problem.shares
    cheapest = np.argsort(first_share, kind="stable")
    room = np.cumsum(np.minimum(bounds.upper - bounds.lower, problem.shares)[cheapest])
    enough = int(np.searchsorted(room, problem.shares - bounds.needed)) + 1
    likely = first_share < average
    likely[cheapest[:enough]] = True
    return likely & (bounds.lower < bounds.upper)


def _restricted(problem: Problem, trading: Bools) -> Problem:
    """The problem of some intervals, the others at their minimum."""
    bounds = problem.bounds
    vectors = {name: value[trading] if value.ndim else value for name, value in problem.impact.vectors.items()}
    limits = Limits(min_shares=bounds.lower[trading], max_shares=bounds.upper[trading])
    shares = problem.shares - float(bounds.lower[~trading].sum())
    return Problem(shares, replace(problem.impact, **vectors), limits)


def _minimised(problem: Problem) -> Floats:
    from scipy.optimize import minimize

    scaled = Scaled.of(problem)
    impact, unit, cost_unit = problem.impact, scaled.unit, scaled.cost_unit
    equal = np.full(problem.intervals, unit)
    curvature = np.broadcast_to(impact.curvature(equal), equal.shape) * (unit * unit / cost_unit)
    steepness = np.sqrt(np.maximum(curvature, curvature.max() * 1e-12))

    def shares_of(z: Floats) -> Floats:
        shares: Floats = np.maximum(z / steepness, 0.0) * unit
        return shares

    def cost(z: Floats) -> float:
        return float(impact.cost(shares_of(z)).sum()) / cost_unit

    def gradient(z: Floats) -> Floats:
        slope: Floats = impact.marginal(shares_of(z)) * (unit / cost_unit) / steepness
        return slope

    start = equal_within(problem.shares, problem.bounds.lower, problem.bounds.upper) / unit
    result = minimize(  # type: ignore[call-overload]
        cost,
        start * steepness,
        jac=gradient,
        method="SLSQP",
        bounds=list(zip(scaled.lower * steepness, scaled.upper * steepness, strict=True)),
        constraints={
            "type": "eq",
            "fun": lambda z: np.array([(z / steepness).sum() - problem.intervals]),
            "jac": lambda z: (1.0 / steepness)[np.newaxis, :],
        },
        options={"maxiter": 500, "ftol": 1e-12 * problem.intervals},
    )
    if not result.success and result.status != 8:
        raise SolverError(
            f"SLSQP (SciPy) stopped after {result.nit} iterations: {result.message}: use method dual or auto",
            best=shares_of(result.x),
        )
    return scaled.feasible(np.asarray(result.x) / steepness, "SLSQP (SciPy)")
