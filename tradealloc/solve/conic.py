"""CVXPY: an independent reference, and the way to other solvers.

OSQP for linear impact (a quadratic programme), Clarabel for power and quadratic impact (power cones, exactly) and for
piecewise impact, HiGHS for a linear programme; any other installed CVXPY solver by name.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tradealloc.errors import InputError, SolverError
from tradealloc.model import LinearImpact, PiecewiseImpact, PowerImpact, Problem, QuadraticImpact
from tradealloc.model.arrays import Bools, Floats

from .point import Point
from .scaling import Scaled

OPTIONS: dict[str, dict[str, Any]] = {
    "OSQP": {"eps_abs": 1e-9, "eps_rel": 1e-9, "max_iter": 200_000, "polishing": True, "adaptive_rho_interval": 25},
    "CLARABEL": {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10},
}


def solve_cvxpy(problem: Problem, solver: str | None = None) -> Point:
    """Solve a continuous problem with CVXPY.

    Raises
    ------
    InputError
        The model can't be written as a convex programme, or the solver isn't installed.
    SolverError
        The solver stopped without an optimum.
    """
    import cvxpy as cp

    chosen = _chosen(problem, solver, cp.installed_solvers())
    scaled = Scaled.of(problem)
    free = scaled.lower < scaled.upper
    if not free.any():
        return Point(scaled.feasible(scaled.lower, f"{chosen} (CVXPY)"), None)
    units = cp.Variable(int(free.sum()))
    cost, constraints = _cost(problem, scaled, units, free)
    fixed = float(scaled.lower[~free].sum())
    constraints += [cp.sum(units) == problem.intervals - fixed, units >= scaled.lower[free]]
    capped = np.isfinite(problem.bounds.upper[free])
    if capped.any():
        constraints.append(units[capped] <= scaled.upper[free][capped])
    programme = cp.Problem(cp.Minimize(cost), constraints)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            programme.solve(solver=chosen, **OPTIONS.get(chosen, {}))
    except (cp.error.SolverError, ValueError, ArithmeticError) as error:
        raise SolverError(f"{chosen} (CVXPY) failed ({error}): use method dual or auto") from None
    if programme.status not in ("optimal", "optimal_inaccurate") or units.value is None:
        raise SolverError(f"{chosen} (CVXPY) stopped with status {programme.status}: use method dual or auto")
    answer = scaled.lower.copy()
    answer[free] = units.value
    return Point(scaled.feasible(answer, f"{chosen} (CVXPY)"), None)


def _chosen(problem: Problem, solver: str | None, installed: list[str]) -> str:
    if solver is None:
        if problem.impact.is_linear_programme:
            return "HIGHS" if "HIGHS" in installed else "CLARABEL"
        return "OSQP" if isinstance(problem.impact, LinearImpact) else "CLARABEL"
    if solver.upper() not in installed:
        raise InputError(
            f"is {solver!r}, which isn't installed: give one of {', '.join(sorted(installed))}",
            argument="solver",
            value=solver,
        )
    return solver.upper()


def _cost(problem: Problem, scaled: Scaled, units: Any, free: Bools) -> tuple[Any, list[Any]]:
    """The scaled cost of the free intervals as a CVXPY expression, and the cones that define it."""
    import cvxpy as cp

    impact, shape = problem.impact, (problem.intervals,)

    def per_cost_unit(coefficient: Floats, power: float) -> Floats:
        with np.errstate(over="ignore"):
            return np.broadcast_to(coefficient * (scaled.unit**power / scaled.cost_unit), shape)[free]

    cost = per_cost_unit(impact.spread, 1.0) @ units
    slopes = impact.vectors["beta"]
    if isinstance(impact, PiecewiseImpact):
        return _pieces(impact, units, scaled, free)
    if isinstance(impact, PowerImpact):
        weights = per_cost_unit(slopes, 1.0 + impact.exponent)
        if impact.is_linear_programme:
            return cost + weights @ units, []
        powers, cone = _powers(weights, units, 1.0 + impact.exponent)
        return cost + cp.sum(powers), [cone]
    squares = cp.sum_squares(cp.multiply(np.sqrt(per_cost_unit(slopes, 2.0)), units))
    if not isinstance(impact, QuadraticImpact):
        return cost + squares, []
    bend = per_cost_unit(impact.vectors["gamma"], 3.0)
    if bend.min() < 0:
        raise InputError(
            "cvxpy has no convex form for a negative gamma: use dual, slsqp or auto", argument="method", value="cvxpy"
        )
    cubes, cone = _powers(bend, units, 3.0)
    return cost + squares + cp.sum(cubes), [cone]


def _pieces(impact: PiecewiseImpact, units: Any, scaled: Scaled, free: Bools) -> tuple[Any, list[Any]]:
    """Each interval's shares as a sum over its segments, which fill in order because the marginal cost rises."""
    import cvxpy as cp

    start, slope, width = (part[free] for part in impact.segments(len(free)))
    parts = cp.Variable(start.shape, nonneg=True)
    inner = width[:, :-1] / scaled.unit
    linear = cp.sum(cp.multiply(start * (scaled.unit / scaled.cost_unit), parts))
    bend = cp.sum_squares(cp.multiply(np.sqrt(slope * (0.5 * scaled.unit**2 / scaled.cost_unit)), parts))
    return linear + bend, [cp.sum(parts, axis=1) == units, parts[:, :-1] <= inner]


def _powers(weights: Floats, units: Any, exponent: float) -> tuple[Any, Any]:
    """Variables at least ``weights units**exponent``, by the cone ``t^a 1^(1-a) >= |x|``: no rational approximation."""
    import cvxpy as cp

    powers = cp.Variable(weights.size)
    steep = cp.multiply(weights ** (1.0 / exponent), units)
    return powers, cp.PowCone3D(powers, np.ones(weights.size), steep, np.full(weights.size, 1.0 / exponent))
