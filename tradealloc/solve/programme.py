"""The mixed-integer linear programme behind minimum clips.

With ``y_t`` in {0, 1} telling whether interval t trades, ``clip_t y_t <= x_t <= hi_t y_t``, and the convex cost is
bounded from below by its perspective cuts ``c_t >= g'(p) x_t + (g(p) - p g'(p)) y_t`` at points p (Frangioni and
Gentile, "Perspective cuts for a class of convex 0-1 mixed integer programs", Math. Programming 106, 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradealloc.model import Problem
from tradealloc.model.arrays import Bools, Floats

from .lots import split_order


@dataclass(frozen=True, eq=False)
class Programme:
    """Minimise ``objective @ v`` under `constraints`, in shares by S/N and cost by its mean.

    The variables v are x (N), y (N), c (N) and, with lots, their number (N) and the holder of the odd lot (N).
    """

    objective: Floats
    constraints: list[Any]
    integrality: NDArray[np.int64]
    lower: Floats
    upper: Floats
    share_unit: float
    cost_unit: float


def clip_programme(
    problem: Problem,
    least: Floats,
    most: Floats,
    must: Bools,
    can: Bools,
    points: list[Floats],
    settled: list[Bools],
) -> Programme:
    """Build the programme from bounds of trading intervals, points of the cuts, and choices of intervals to exclude.

    All arrays are of shape (N,).
    """
    from scipy import sparse
    from scipy.optimize import LinearConstraint

    n = problem.intervals
    unit = problem.shares / n
    cost_unit = float(problem.impact.cost(np.full(n, unit)).sum()) / n
    lot = problem.limits.lot_size
    total_lots, odd = split_order(problem.shares, lot) if lot is not None else (0.0, 0.0)
    blocks = 3 + (lot is not None) + (odd > 0)
    eye, ones = sparse.eye_array(n), np.ones((1, n))

    def constraint(low: float, high: float, rows: int, **block: Any) -> Any:
        parts = [sparse.csr_array(block.get(name, (rows, n))) for name in ("x", "y", "c", "lots", "odd")[:blocks]]
        return LinearConstraint(sparse.hstack(parts, format="csr"), low, high)

    constraints = [
        constraint(n, n, 1, x=ones),
        constraint(0, np.inf, n, x=eye, y=sparse.diags_array(-least / unit)),
        constraint(-np.inf, 0, n, x=eye, y=sparse.diags_array(-most / unit)),
    ]
    for point in points:
        marginal = problem.impact.marginal(point)
        slope = marginal * (unit / cost_unit)
        rest = (problem.impact.cost(point) - point * marginal) / cost_unit
        constraints.append(constraint(0, np.inf, n, x=sparse.diags_array(-slope), y=sparse.diags_array(-rest), c=eye))
    for active in settled:
        flips = np.where(active, -1.0, 1.0)[np.newaxis, :]
        constraints.append(constraint(1.0 - float(active.sum()), np.inf, 1, y=flips))
    lower, upper = np.zeros(n * blocks), np.full(n * blocks, np.inf)
    upper[:n] = most / unit
    lower[n : 2 * n], upper[n : 2 * n] = must, can
    if lot is not None:
        constraints.append(constraint(0, 0, n, x=eye, lots=-(lot / unit) * eye, odd=-(odd / unit) * eye))
        upper[3 * n : 4 * n] = total_lots
    if odd:
        constraints.append(constraint(1, 1, 1, odd=ones))
        upper[4 * n :] = 1.0
    none, all_of = np.zeros(n), np.ones(n)
    integrality = np.concatenate([none, all_of, none, *[all_of] * (blocks - 3)]).astype(np.int64)
    objective = np.concatenate([none, none, all_of, *[none] * (blocks - 3)])
    return Programme(objective, constraints, integrality, lower, upper, unit, cost_unit)
