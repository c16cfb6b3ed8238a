"""Whatever the numbers: a certified schedule when the problem is feasible, the right typed error when it isn't."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tradealloc as ta
from tradealloc.model import ImpactModel

from .cases import attempt, bounds_by_hand, exchange_profit
from .strategies import THOROUGH, Case, cases, magnitudes

pytestmark = pytest.mark.filterwarnings("ignore::tradealloc.TradeallocWarning")

CERTIFIED = 1e-9
"""KKT residual, duality gap and relative error of the sum: the contract."""

CLEARLY = 1e-6
"""Within this relative distance of feasibility, rounding decides and the tests don't."""


def _solve(problem: ta.Problem) -> ta.Schedule | None:
    """The exact schedule; None where the problem is infeasible."""
    outcome = attempt(problem, "dual")
    if isinstance(outcome, ta.InfeasibleError):
        return None
    assert isinstance(outcome, ta.Schedule), outcome
    return outcome


def _hand_bounds(problem: ta.Problem) -> tuple[np.ndarray, np.ndarray]:
    """By hand but for the impact cap, whose bisection by hand is too coarse for numbers of such different size."""
    if problem.limits.impact_cap is not None:
        return problem.bounds.lower, problem.bounds.upper
    return bounds_by_hand(problem)


@pytest.mark.parametrize("method", ["auto", "dual", "analytic"])
@THOROUGH
@given(case=cases())
def test_certified_or_infeasible(method: str, case: Case) -> None:
    problem = ta.Problem(case.shares, case.impact, case.limits_object)
    lower, upper = _hand_bounds(problem)
    total = case.shares
    short = max(total - upper.sum(), lower.sum() - total)
    clash = (lower - upper).max()
    schedule = attempt(problem, method)
    if isinstance(schedule, ta.InfeasibleError):
        assert schedule.limits
        assert short > 0 or clash > 0
        if clash <= 0:
            assert schedule.short == pytest.approx(short, rel=1e-6, abs=1e-9 * total)
        return
    if isinstance(schedule, ta.InputError):
        assert method == "analytic"
        assert "no closed form" in str(schedule)
        return
    assert isinstance(schedule, ta.Schedule), schedule
    assert short <= CLEARLY * total
    assert clash <= CLEARLY * total
    x, certificate = schedule.shares, schedule.certificate
    assert abs(x.sum() - total) <= CERTIFIED * total
    assert (x >= lower - CERTIFIED * total).all()
    assert (x <= upper + CERTIFIED * total).all()
    assert (x >= 0).all()
    assert certificate.kkt_residual <= CERTIFIED
    assert 0 <= certificate.duality_gap <= CERTIFIED
    # 1e-9 is the rounding of costs whose parts differ by many orders of magnitude.
    assert exchange_profit(problem, x, 1e-3 * total / x.size, (lower, upper)) <= 1e-9
    assert len(certificate.binding) == x.size
    assert certificate.shadow_price is None or certificate.shadow_price >= 0


@THOROUGH
@given(case=cases(12), factor=magnitudes(-6, 6))
def test_beta_and_spread_scale_the_impact(case: Case, factor: float) -> None:
    """Another currency: the same shares at c times the impact."""
    scaled = _scaled(case.impact, factor)
    limits = {name: value for name, value in case.limits.items() if name != "impact_cap"}
    here = _solve(ta.Problem(case.shares, case.impact, ta.Limits(**limits)))
    there = _solve(ta.Problem(case.shares, scaled, ta.Limits(**limits)))
    if here is None or there is None:
        assert here is there
        return
    assert there.total_impact == pytest.approx(factor * here.total_impact, rel=1e-9)


def _scaled(impact: ImpactModel, factor: float) -> ImpactModel:
    values = {name: factor * np.asarray(value) for name, value in impact.vectors.items()}
    if isinstance(impact, ta.PowerImpact):
        return ta.PowerImpact(exponent=impact.exponent, **values)
    return type(impact)(**values)


@THOROUGH
@given(case=cases(12), data=st.data())
def test_order_of_intervals_doesnt_matter(case: Case, data: st.DataObject) -> None:
    """Permuting the intervals permutes the shares: equal cost, and equal shares but for ties."""
    n = np.asarray(case.impact.vectors["beta"]).size
    order = np.array(data.draw(st.permutations(range(n))))

    def permuted(value: object) -> object:
        array = np.asarray(value)
        return array[order] if array.ndim else value

    values = {name: permuted(value) for name, value in case.impact.vectors.items()}
    if isinstance(case.impact, ta.PowerImpact):
        impact: ImpactModel = ta.PowerImpact(exponent=case.impact.exponent, **values)
    else:
        impact = type(case.impact)(**values)
    limits = ta.Limits(**{name: permuted(value) for name, value in case.limits.items()})
    here = _solve(ta.Problem(case.shares, case.impact, case.limits_object))
    there = _solve(ta.Problem(case.shares, impact, limits))
    if here is None or there is None:
        # Summed in another order, caps that just reach the order may just miss it.
        room, total = ta.Problem(case.shares, impact, limits).bounds.room, case.shares
        assert here is there or room == pytest.approx(total, rel=1e-8)
        return
    assert there.cost == pytest.approx(here.cost, rel=1e-9)


@THOROUGH
@given(case=cases(12), wider=st.floats(1.0, 10.0))
def test_more_room_never_costs_more(case: Case, wider: float) -> None:
    limits = {name: value for name, value in case.limits.items() if name != "impact_cap"}
    assume("max_shares" in limits)
    roomier = {**limits, "max_shares": wider * np.asarray(limits["max_shares"])}
    tight = _solve(ta.Problem(case.shares, case.impact, ta.Limits(**limits)))
    wide = _solve(ta.Problem(case.shares, case.impact, ta.Limits(**roomier)))
    if tight is None:
        return
    assert wide is not None
    assert wide.cost <= tight.cost * (1 + 1e-9)


@THOROUGH
@given(case=cases(12), larger=st.floats(1.0, 2.0))
def test_a_larger_order_never_costs_less(case: Case, larger: float) -> None:
    problem = ta.Problem(case.shares, case.impact, case.limits_object)
    small, large = _solve(problem), _solve(problem.with_shares(case.shares * larger))
    if small is None or large is None:
        return
    assert small.cost <= large.cost * (1 + 1e-9)
    assert small.certificate.price <= large.certificate.price * (1 + 1e-9)
