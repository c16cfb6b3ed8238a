"""Strategies and solvers side by side: the report's performance comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tradealloc.errors import InputError, SolverError
from tradealloc.model import ImpactModel, Problem, Schedule
from tradealloc.solve import solve

from .strategies import Benchmark, equal, equal_within_limits, improvement, limits_broken, vwap
from .table import ResultTable

Progress = Callable[[str], None]

METHOD_WORDS = {
    "baseline": "Baseline",
    "analytic": "Closed form",
    "dual": "Dual (exact)",
    "cvxpy": "CVXPY",
    "slsqp": "SciPy SLSQP",
}

OPTIMUM_WORDS = {"analytic": "closed form", "dual": "dual", "cvxpy": "CVXPY", "slsqp": "SciPy"}


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One way to split the order.

    Attributes
    ----------
    strategy, method
        How the shares are split, and how that was computed.
    total_impact
        ``sum_t g_t(x_t) / S`` in the impact unit, under the row's own model.
    improvement
        ``1 - total_impact / total_impact(equal)`` under the same model; may be negative.
    allocation_std
        Population standard deviation of the shares per interval.
    limits_broken
        Intervals in which the row breaks a limit.
    """

    strategy: str
    method: str
    total_impact: float
    improvement: float
    allocation_std: float
    limits_broken: int


class Comparison(ResultTable[ComparisonRow]):
    """Rows of strategies; `notes` name the methods that don't apply or didn't converge."""


def compare(problem: Problem, nonlinear: ImpactModel | None = None, *, progress: Progress | None = None) -> Comparison:
    """Price the benchmarks and let independent solvers agree on the optimum.

    Rows: equal shares (the baseline), equal within the limits, VWAP where volumes are given, the optimum by the exact
    method, by CVXPY and by SciPy, and with `nonlinear` the optimum under that model by SciPy.

    Parameters
    ----------
    problem
        Order, model and limits.
    nonlinear
        Another impact model for the last row, which has its own equal-shares baseline: rows of different models can't
        be compared by their impact.
    progress
        Called with the name of each row before it is computed.

    Raises
    ------
    InfeasibleError
        The limits leave no schedule.
    """
    say = progress or (lambda _: None)
    problem.check_feasible()
    notes: list[str] = []
    rows = list(benchmark_rows(problem))
    name = problem.impact.name.capitalize()
    best = solve(problem)
    rows.append(schedule_row(optimum_name(best), best))
    fractional = problem.limits.whole_lots_or_clips
    relaxed = _fractional(problem) if fractional else problem
    suffix = ", fractional" if fractional else ""
    for method, label in (("cvxpy", "CVXPY"), ("slsqp", "SciPy")):
        _try_row(rows, notes, say, f"{name} ({label}){suffix}", relaxed, method)
    if nonlinear is not None:
        other = _fractional(problem).with_impact(nonlinear)
        _try_row(rows, notes, say, f"Nonlinear ({nonlinear.name}, SciPy)", other, "slsqp")
    return Comparison(tuple(rows), tuple(notes))


def benchmark_rows(problem: Problem, *, within_limits: bool = True) -> Iterator[ComparisonRow]:
    """The rows that need no optimiser; equal shares within the limits only where they are asked for."""
    baseline = equal(problem)
    yield _row("Equal", "baseline", baseline, baseline)
    if within_limits:
        yield _row("Equal within limits", "baseline", equal_within_limits(problem), baseline)
    by_volume = vwap(problem)
    if by_volume is not None:
        yield _row("VWAP", "baseline", by_volume, baseline)


def schedule_row(strategy: str, schedule: Schedule) -> ComparisonRow:
    """A solved schedule against the equal shares of its own problem."""
    return _row(strategy, schedule.method, schedule, equal(schedule.problem))


def optimum_name(best: Schedule) -> str:
    """How the row of a solved schedule is called: "Linear (closed form)", "Power (whole lots)", ..."""
    limits = best.problem.limits
    how = OPTIMUM_WORDS[best.method]
    if limits.whole_lots_or_clips:
        how = "whole lots" if limits.lot_size is not None else "minimum clips"
    return f"{best.problem.impact.name.capitalize()} ({how})"


def _row(strategy: str, method: str, what: Benchmark | Schedule, baseline: Benchmark) -> ComparisonRow:
    return ComparisonRow(
        strategy,
        METHOD_WORDS[method],
        what.total_impact,
        improvement(what.total_impact, baseline.total_impact),
        float(what.shares.std()),
        limits_broken(what.problem, what.shares),
    )


def _fractional(problem: Problem) -> Problem:
    return replace(problem, limits=replace(problem.limits, lot_size=None, min_clip=None))


def _try_row(
    rows: list[ComparisonRow], notes: list[str], say: Progress, strategy: str, problem: Problem, method: str
) -> None:
    """Add a solver's row, or the reason why there is none."""
    say(strategy)
    try:
        rows.append(schedule_row(strategy, solve(problem, method)))
    except (InputError, SolverError) as error:
        notes.append(f"no row {strategy}: {error.problem if isinstance(error, InputError) else error}")
