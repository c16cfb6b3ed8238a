"""The other ways to solve the bounded linear model, each as fast as it is meant to be used.

All of them get the scaled problem (shares in units of S/N, cost in units of the mean impact cost) and tolerances of
1e-6: loose for them, in their favour.
"""

from __future__ import annotations

import warnings
from typing import Any

import clarabel
import cvxpy as cp
import numpy as np
import osqp
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from .orders import Order

Floats = NDArray[np.float64]

TOLERANCE = {"eps_abs": 1e-6, "eps_rel": 1e-6, "max_iter": 100_000}


class Scaled:
    """``min x'Px/2 + q'x`` with ``sum x = N`` and ``0 <= x <= upper``."""

    def __init__(self, order: Order) -> None:
        n = order.beta.size
        self.unit = order.shares / n
        cost_unit = float((order.beta * self.unit**2).mean())
        self.squares = order.beta * self.unit**2 / cost_unit
        self.spreads = order.half_spread * self.unit / cost_unit
        self.upper = order.caps / self.unit

    def shares(self, units: Any) -> Floats:
        return np.asarray(units, dtype=float) * self.unit


class CvxpyParametrised:
    """Built once; each order sets the parameters and solves again with OSQP, started where the last one ended."""

    def __init__(self, n: int) -> None:
        self.units = cp.Variable(n)
        self.roots, self.spreads, self.upper = (cp.Parameter(n, nonneg=True) for _ in range(3))
        cost = cp.sum_squares(cp.multiply(self.roots, self.units)) + self.spreads @ self.units
        self.problem = cp.Problem(
            cp.Minimize(cost), [cp.sum(self.units) == n, self.units >= 0, self.units <= self.upper]
        )

    def solve(self, order: Order) -> Floats:
        scaled = Scaled(order)
        self.roots.value, self.spreads.value = np.sqrt(scaled.squares), scaled.spreads
        self.upper.value = scaled.upper
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.problem.solve(solver="OSQP", **TOLERANCE)
        return scaled.shares(self.units.value)


def cvxpy_fresh(order: Order) -> Floats:
    return CvxpyParametrised(order.beta.size).solve(order)


def cvxpy_power(order: Order) -> Floats:
    """Spread and power law with Clarabel, built fresh by CVXPY as the power cone forces it to."""
    import tradealloc as ta

    return ta.solve(order.power_problem, "cvxpy").shares


def _quadratic_programme(scaled: Scaled) -> tuple[Any, Floats, Any, Floats, Floats]:
    n = scaled.squares.size
    quadratic = sparse.diags_array(2 * scaled.squares, format="csc")
    rows = sparse.vstack([sparse.csc_array(np.ones((1, n))), sparse.eye_array(n)], format="csc")
    return quadratic, scaled.spreads, rows, np.r_[n, np.zeros(n)], np.r_[n, scaled.upper]


def osqp_direct(order: Order) -> Floats:
    """Set up and solve."""
    scaled = Scaled(order)
    quadratic, linear, rows, low, high = _quadratic_programme(scaled)
    solver = osqp.OSQP()
    solver.setup(sparse.csc_matrix(quadratic), linear, sparse.csc_matrix(rows), low, high, verbose=False, **TOLERANCE)
    return scaled.shares(solver.solve(raise_error=False).x)


class OsqpUpdated:
    """Set up once; each order updates the numbers."""

    def __init__(self, order: Order) -> None:
        quadratic, linear, rows, low, high = _quadratic_programme(Scaled(order))
        self.solver = osqp.OSQP()
        self.solver.setup(
            sparse.csc_matrix(quadratic), linear, sparse.csc_matrix(rows), low, high, verbose=False, **TOLERANCE
        )

    def solve(self, order: Order) -> Floats:
        scaled = Scaled(order)
        n = scaled.squares.size
        self.solver.update(q=scaled.spreads, l=np.r_[n, np.zeros(n)], u=np.r_[n, scaled.upper])
        self.solver.update(Px=2 * scaled.squares)
        return scaled.shares(self.solver.solve(raise_error=False).x)


def clarabel_direct(order: Order) -> Floats:
    scaled = Scaled(order)
    n = scaled.squares.size
    quadratic = sparse.csc_matrix(sparse.diags_array(2 * scaled.squares))
    eye = sparse.eye_array(n)
    rows = sparse.csc_matrix(sparse.vstack([sparse.csc_array(np.ones((1, n))), -eye, eye]))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(2 * n)]
    right = np.r_[n, np.zeros(n), scaled.upper]
    return scaled.shares(clarabel.DefaultSolver(quadratic, scaled.spreads, rows, right, cones, settings).solve().x)


def slsqp_warm(order: Order, start: Floats) -> Floats:
    """SciPy's SLSQP in the variable sqrt(beta) x, started at a given schedule, without the minutes that can't trade."""
    scaled = Scaled(order)
    is_open = scaled.upper > 0
    root = np.sqrt(2 * scaled.squares[is_open])
    spreads, upper = scaled.spreads[is_open] / root, scaled.upper[is_open]
    result = minimize(
        lambda z: float(z @ z / 2 + spreads @ z),
        np.clip(start[is_open] / scaled.unit, 0, upper) * root,
        jac=lambda z: z + spreads,
        method="SLSQP",
        bounds=list(zip(np.zeros(root.size), upper * root, strict=True)),
        constraints={"type": "eq", "fun": lambda z: (z / root).sum() - order.beta.size, "jac": lambda z: 1 / root},
        options={"maxiter": 500, "ftol": 1e-10},
    )
    units = np.zeros(order.beta.size)
    units[is_open] = result.x / root
    return scaled.shares(units)
