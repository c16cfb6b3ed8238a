"""SciPy's SLSQP: an independent check, for every convex model.

In the variable ``z_t = sqrt(m_t'(S/N)) x_t`` (which is sqrt(beta) x for linear impact) the cost's second derivatives
are near one, which is what SLSQP's BFGS starts from. It starts from equal shares within the limits, never from
another method's answer.
"""

from __future__ import annotations

import numpy as np

from tradealloc.errors import InputError, SolverError
from tradealloc.model import Problem
from tradealloc.model.arrays import Floats

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
    from scipy.optimize import minimize

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
    return Point(scaled.feasible(np.asarray(result.x) / steepness, "SLSQP (SciPy)"), None)
