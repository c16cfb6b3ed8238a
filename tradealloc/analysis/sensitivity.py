"""How impact and improvement change with the size of the order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.model import Problem
from tradealloc.model.limits import plain
from tradealloc.solve import solve

from .strategies import equal, improvement
from .table import ResultTable

OK = "OK"


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One order size.

    Attributes
    ----------
    total_shares
        The size in shares.
    optimal_impact, improvement
        Of the optimum at that size; None where it can't be traded.
    equal_impact
        Of equal shares at that size, impact unit; None where the size itself can't be used.
    status
        "OK", or why the size can't be traded.
    """

    total_shares: float
    optimal_impact: float | None
    equal_impact: float | None
    improvement: float | None
    status: str


class Sensitivity(ResultTable[SensitivityRow]):
    """Rows by order size."""


def sensitivity(
    problem: Problem, shares: Sequence[float], *, progress: Callable[[str], None] | None = None
) -> Sensitivity:
    """Solve the same order at other sizes.

    Under linear impact without spread and limits the improvement is ``1 - HM(beta) / AM(beta)`` at every size: an
    identity, not evidence of robustness.

    Parameters
    ----------
    problem
        Order, model and limits; its own size doesn't matter.
    shares
        Sizes in shares. A size that the limits can't trade, or that isn't a size, gets a status, not an exception.
    progress
        Called with each size before it is solved.
    """
    rows = []
    for size in shares:
        if progress:
            progress(f"{size:,.6g} shares" if isinstance(size, (int, float)) else str(size))
        rows.append(_priced(problem, size))
    return Sensitivity(tuple(rows))


def _priced(problem: Problem, size: float) -> SensitivityRow:
    try:
        sized = problem.with_shares(size)
    except InputError as error:
        return SensitivityRow(size, None, None, None, str(error))
    baseline = equal(sized).total_impact
    try:
        best = solve(sized).total_impact
    except InfeasibleError as error:
        return SensitivityRow(sized.shares, None, baseline, None, _infeasible(error))
    return SensitivityRow(sized.shares, best, baseline, improvement(best, baseline), OK)


def _infeasible(error: InfeasibleError) -> str:
    """Short enough for a cell: "18,924.5 shares short (participation)"."""
    limits = " or ".join(error.limits)
    if not error.short:
        return f"infeasible ({limits})"
    return f"{plain(error.short)} shares {'too few' if error.limits == ('min_shares',) else 'short'} ({limits})"
