"""One order under several models, limits and sizes, and how its cost moves with one of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from tradealloc.errors import InfeasibleError, TradeallocError, TradeallocWarning
from tradealloc.model import PowerImpact, Problem, Schedule
from tradealloc.model.arrays import scalar
from tradealloc.model.binding import DEARER
from tradealloc.solve import solve

from .cap_values import participation_value
from .comparison import METHOD_WORDS
from .sensitivity import OK, _infeasible
from .strategies import equal, improvement
from .table import ResultTable


@dataclass(frozen=True, eq=False)
class Scenario:
    """A problem with a name.

    Attributes
    ----------
    name
        No two alike.
    problem
        Order, model and limits.
    model
        What the model is called: "linear", "power 0.6, ...".
    """

    name: str
    problem: Problem
    model: str


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """What became of one scenario; results are None where it can't be traded.

    Attributes
    ----------
    scenario, shares, model
        Its name, its size and the model that prices the row: impacts of different models can't be compared.
    total_impact, total_impact_bps, total_cost
        Of the optimum, in the impact unit, in bps and in currency.
    equal_impact, improvement
        Equal shares under the same model, and ``1 - total_impact / equal_impact``.
    shadow_price
        Cost of one more share; None where the limits leave no room for one.
    allocation_std
        Population standard deviation of the shares per interval.
    at_limit
        Intervals held by a limit.
    kkt_residual, duality_gap
        Of the certificate.
    method
        How the schedule was computed.
    status
        "OK", or the sentence that says why there is no schedule.
    """

    scenario: str
    shares: float | None
    model: str | None
    status: str
    total_impact: float | None = None
    total_impact_bps: float | None = None
    equal_impact: float | None = None
    improvement: float | None = None
    total_cost: float | None = None
    shadow_price: float | None = None
    allocation_std: float | None = None
    at_limit: int | None = None
    kkt_residual: float | None = None
    duality_gap: float | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """A scenario's row, and its schedule where it has one."""

    row: ScenarioRow
    schedule: Schedule | None = None


@dataclass(frozen=True, slots=True)
class ParticipationRow:
    """The order under one participation cap.

    Attributes
    ----------
    participation
        The cap.
    optimal_impact, improvement
        Of the optimum under it; None where it can't be traded.
    marginal_value
        What one more percentage point saves, in `cap_values.money_unit`; None where the order fills its caps.
    status
        "OK", or why the order can't be traded.
    """

    participation: float
    optimal_impact: float | None
    improvement: float | None
    marginal_value: float | None
    status: str


class ByParticipation(ResultTable[ParticipationRow]):
    """Rows by participation cap."""


@dataclass(frozen=True, slots=True)
class ExponentRow:
    """The order under the power model with one exponent.

    Attributes
    ----------
    exponent
        p of ``I_t(x) = h_t + b_t x**p``.
    optimal_impact, improvement
        Of the optimum; None where it can't be traded.
    equal_impact
        Equal shares under the same model, impact unit.
    status
        "OK", or why the order can't be traded.
    """

    exponent: float
    optimal_impact: float | None
    equal_impact: float | None
    improvement: float | None
    status: str


@dataclass(frozen=True, slots=True)
class ByExponent(ResultTable[ExponentRow]):
    """Rows by exponent; `reference_shares` is the size per interval at which all models agree."""

    reference_shares: float = field(default=float("nan"))


def price_scenario(scenario: Scenario) -> Priced:
    """Solve one scenario by the cheapest exact method; one that can't be traded has a status, not an exception."""
    problem = scenario.problem
    baseline = equal(problem).total_impact
    row = ScenarioRow(scenario.name, problem.shares, scenario.model, OK, equal_impact=baseline)
    try:
        with _quiet():
            best = solve(problem)
    except TradeallocError as error:
        return Priced(replace(row, status=str(error)))
    certificate = best.certificate
    row = replace(
        row,
        total_impact=best.total_impact,
        total_impact_bps=best.total_impact_bps,
        improvement=improvement(best.total_impact, baseline),
        total_cost=best.total_cost,
        shadow_price=certificate.shadow_price,
        allocation_std=float(best.shares.std()),
        at_limit=sum(text not in ("", DEARER) for text in certificate.binding),
        kkt_residual=certificate.kkt_residual,
        duality_gap=certificate.duality_gap,
        method=METHOD_WORDS[best.method],
    )
    return Priced(row, best)


def by_participation(problem: Problem, caps: Sequence[float]) -> ByParticipation:
    """Solve the same order under other participation caps.

    Parameters
    ----------
    problem
        Order, model and limits; its own participation cap doesn't matter. Needs volumes.
    caps
        Caps in (0, 1]. One that the order can't be traded under, or that isn't a cap, gets a status, not an exception.
    """
    return ByParticipation(tuple(_under_cap(problem, cap) for cap in caps))


def by_exponent(problem: Problem, exponents: Sequence[float], reference_shares: float | None = None) -> ByExponent:
    """Solve the same order under power models that agree with its own model at one size.

    ``I_t(x) = h_t + (I_t(r) - h_t) (x/r)**p`` with the reference size r: every curve passes through the order's own
    slippage at r shares an interval.

    Parameters
    ----------
    problem
        Order, model and limits.
    exponents
        p >= 0. One that can't be used gets a status, not an exception.
    reference_shares
        r, shares per interval, > 0; None: the order spread evenly over its tradable intervals.
    """
    if reference_shares is None:
        reference = problem.shares / max(int(problem.bounds.tradable.sum()), 1)
    else:
        reference = scalar(reference_shares, "reference_shares", above=0)
    rows = tuple(_under_exponent(problem, exponent, reference) for exponent in exponents)
    return ByExponent(rows, reference_shares=reference)


def _under_cap(problem: Problem, cap: float) -> ParticipationRow:
    try:
        capped = replace(problem, limits=replace(problem.limits, participation=cap))
        best = solve(capped)
        value = participation_value(capped)
    except InfeasibleError as error:
        return ParticipationRow(cap, None, None, None, _infeasible(error))
    except TradeallocError as error:
        return ParticipationRow(cap, None, None, None, str(error))
    baseline = equal(capped).total_impact
    return ParticipationRow(cap, best.total_impact, improvement(best.total_impact, baseline), value, OK)


def _under_exponent(problem: Problem, exponent: float, reference: float) -> ExponentRow:
    impact = problem.impact
    baseline = None
    try:
        PowerImpact(1.0, exponent)  # an exponent out of range is refused as such, before it makes the betas overflow
        extra = impact.slippage(np.full(problem.intervals, reference)) - impact.spread
        power = PowerImpact.from_linear(extra / reference, exponent, reference, impact.spread)
        bent = problem.with_impact(power)
        baseline = equal(bent).total_impact
        with _quiet():
            best = solve(bent).total_impact
    except InfeasibleError as error:
        return ExponentRow(exponent, None, baseline, None, _infeasible(error))
    except TradeallocError as error:
        return ExponentRow(exponent, None, baseline, None, str(error))
    return ExponentRow(exponent, best, baseline, improvement(best, baseline), OK)


@contextmanager
def _quiet() -> Iterator[None]:
    """Warnings of a scenario's model: the schedule carries them, and the order's own run issues its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TradeallocWarning)
        yield
