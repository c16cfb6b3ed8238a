"""One `solve`: the cheapest exact method first, and a certificate with every schedule."""

from __future__ import annotations

import difflib
import time
import warnings
from dataclasses import replace

import numpy as np

from tradealloc.errors import InputError, SolverError, TradeallocWarning
from tradealloc.model import Problem, Schedule

from .batch import solve_many
from .certificate import certify, estimated_price
from .closed_form import proportional, solve_analytic
from .dual import solve_dual
from .point import Point

METHODS = ("auto", "analytic", "dual", "cvxpy", "slsqp")

LARGEST_GAP = 1e-6
"""Duality gap beyond which the answer of an iterative solver is refused."""

__all__ = ["METHODS", "solve", "solve_many"]


def solve(problem: Problem, method: str = "auto", *, solver: str | None = None) -> Schedule:
    """Find the schedule of least total impact.

    ``min sum_t g_t(x_t)`` subject to ``sum_t x_t = S`` and the problem's limits.

    Parameters
    ----------
    problem
        Order, impact model and limits.
    method
        "auto" (closed form where there is one, else dual), "analytic" (closed form), "dual" (exact, any model),
        "cvxpy" (OSQP, Clarabel or `solver`), "slsqp" (SciPy). Whole lots and minimum clips are solved by "auto" and
        "dual" only.
    solver
        Name of another installed CVXPY solver, with method "cvxpy".

    Returns
    -------
    Schedule
        With its certificate: KKT residual and duality gap at most 1e-9 for "analytic" and "dual", gap at most 1e-6
        for "cvxpy" and "slsqp".

    Raises
    ------
    InputError
        Unknown method, or one that doesn't apply to the model.
    InfeasibleError
        The limits leave no schedule; the message names them and the shares short.
    SolverError
        A CVXPY or SciPy run didn't reach its tolerance.
    """
    begun = time.perf_counter()
    _check_method(method, solver)
    problem.check_feasible()
    if problem.limits.whole_lots_or_clips:
        if method not in ("auto", "dual"):
            raise InputError(
                f"{method} can't do whole lots or minimum clips: use dual or auto", argument="method", value=method
            )
        return _solve_discrete(problem, begun)
    used, point = _solve_continuous(problem, method, solver)
    price = estimated_price(problem, point.shares) if point.price is None else point.price
    certificate = certify(problem, point.shares, price)
    if point.price is None and not certificate.duality_gap <= LARGEST_GAP:
        raise SolverError(
            f"{used} stopped at a duality gap of {certificate.duality_gap:.1e}, above {LARGEST_GAP:.0e}: "
            "use method dual or auto",
            best=point.shares,
        )
    return Schedule(problem, point.shares, used, time.perf_counter() - begun, certificate, _warned(problem))


def _check_method(method: str, solver: str | None) -> None:
    if method not in METHODS:
        near = difflib.get_close_matches(str(method), METHODS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"give one of {', '.join(METHODS)}"
        raise InputError(f"is {method!r}: {hint}", argument="method", value=method)
    if solver is not None and method != "cvxpy":
        raise InputError("goes with method cvxpy only", argument="solver", value=solver)


def _solve_continuous(problem: Problem, method: str, solver: str | None) -> tuple[str, Point]:
    if method == "auto":
        point = proportional(problem)
        return ("analytic", point) if point is not None else ("dual", solve_dual(problem))
    if method == "analytic":
        return method, solve_analytic(problem)
    if method == "dual":
        return method, solve_dual(problem)
    if method == "cvxpy":
        from .conic import solve_cvxpy

        return method, solve_cvxpy(problem, solver)
    from .slsqp import solve_slsqp

    return method, solve_slsqp(problem)


def _solve_discrete(problem: Problem, begun: float) -> Schedule:
    """Whole lots and clips, judged against the continuous optimum."""
    relaxed = solve_dual(problem)
    assert relaxed.price is not None
    bound = certify(problem, relaxed.shares, relaxed.price)
    if problem.limits.has_clips:
        from .clips import solve_clips

        clipped = solve_clips(problem, relaxed.shares, relaxed.price)
        lots, mip_gap = clipped.lots, clipped.gap
    else:
        from .lots import solve_lots

        lots, mip_gap = solve_lots(problem, problem.bounds.lower, problem.bounds.upper, relaxed.price), 0.0
    best = float(problem.impact.cost(relaxed.shares).sum())
    in_lots = problem.limits.lot_size is not None
    certificate = replace(
        bound,
        shares=lots.shares,
        integer_gap=max(float(problem.impact.cost(lots.shares).sum()) / best - 1.0, 0.0),
        mip_gap=mip_gap,
        max_lot_saving=lots.max_saving if in_lots else None,
        min_lot_cost=lots.min_cost if in_lots else None,
    )
    return Schedule(problem, lots.shares, "dual", time.perf_counter() - begun, certificate, _warned(problem))


def _warned(problem: Problem) -> tuple[str, ...]:
    """What the trader should know although the schedule is right; also issued as `TradeallocWarning`."""
    if not (problem.impact.is_linear_programme and np.isinf(problem.bounds.upper).any()):
        return ()
    text = (
        "exponent 0 makes slippage independent of size, and not every interval has a cap: "
        "the cheapest interval may take the whole order; set max_shares or participation"
    )
    warnings.warn(text, TradeallocWarning, stacklevel=3)
    return (text,)
