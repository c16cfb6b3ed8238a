"""A problem in units in which its numbers are near one: raw coefficients of 1e-5 wreck the tolerances of solvers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradealloc.errors import SolverError
from tradealloc.model import Problem
from tradealloc.model.arrays import Floats

FARTHEST = 1e-5
"""Largest distance, in units of S/N, by which a solver's point may be moved to meet sum and bounds exactly."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """Shares in units of S/N, cost in units of its value at equal shares.

    Attributes
    ----------
    unit
        S/N in shares.
    lower, upper : ndarray of shape (N,)
        Bounds in units; the upper one is at most N, the whole order.
    """

    problem: Problem
    unit: float
    cost_unit: float
    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, problem: Problem) -> Scaled:
        unit = problem.shares / problem.intervals
        equal = np.full(problem.intervals, unit)
        cost_unit = float(problem.impact.cost(equal).sum()) / problem.intervals
        bounds = problem.bounds
        upper = np.minimum(bounds.upper / unit, float(problem.intervals))
        return cls(problem, unit, cost_unit, np.minimum(bounds.lower / unit, upper), upper)

    def feasible(self, units: Floats, solver: str) -> Floats:
        """Shares that meet sum and bounds exactly, next to a solver's answer that meets them to its tolerance.

        Raises
        ------
        SolverError
            The answer is farther away than `FARTHEST`: the solver didn't solve the problem.
        """
        inside = np.minimum(np.maximum(units, self.lower), self.upper)
        missing = self.problem.intervals - float(inside.sum())
        room = (self.upper - inside) if missing > 0 else (inside - self.lower)
        weight = float((room * inside).sum())
        share = room * inside if weight > abs(missing) else room
        total = float(share.sum())
        moved = inside + share * (missing / total) if total > 0 else inside
        moved = np.minimum(np.maximum(moved, self.lower), self.upper)
        distance = float(np.abs(moved - units).max())
        if not distance <= FARTHEST * max(1.0, float(moved.max())):
            raise SolverError(
                f"{solver} left the order or a limit unmet by {distance * self.unit:.3g} shares in an interval: "
                "use method dual or auto",
                best=moved * self.unit,
            )
        shares: Floats = moved * self.unit
        return shares
