"""What remains of an order: recomputed by hand, agreement with the whole, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradealloc as ta
from tradealloc.desk.remaining import finish, remaining_problem
from tradealloc.desk.reoptimise import reoptimise

BETA = [2e-5, 1e-5, 4e-5, 5e-5, 3e-5]
SPREAD = [0.01, 0.012, 0.008, 0.01, 0.011]


def order(shares: float = 10_000.0, **limits: object) -> ta.Problem:
    return ta.Problem(shares, ta.LinearImpact(BETA, SPREAD), ta.Limits(**limits))  # type: ignore[arg-type]


def test_by_hand() -> None:
    """Two intervals left with betas 1 and 3 and no spread: three quarters and one quarter of what remains."""
    whole = ta.Problem(1_000.0, ta.LinearImpact([2e-5, 1e-5, 3e-5]))
    assert finish(whole, np.array([200.0])).tolist() == pytest.approx([200.0, 600.0, 200.0], rel=1e-12)


def test_with_nothing_filled_it_is_the_schedule_of_the_whole() -> None:
    whole = order(max_shares=3_000.0, lot_size=100.0)
    assert finish(whole, np.zeros(0)).tolist() == ta.solve(whole).shares.tolist()


def test_what_is_filled_as_planned_changes_nothing() -> None:
    plan = ta.solve(order(max_shares=3_000.0)).shares
    for done in range(5):
        assert finish(order(max_shares=3_000.0), plan[:done]) == pytest.approx(plan, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    filled=st.lists(st.floats(0, 2_400), min_size=0, max_size=4),
    spread_level=st.floats(0.2, 5),
    beta_level=st.floats(0.2, 5),
)
def test_levels_are_those_of_a_problem_written_out(filled: list[float], spread_level: float, beta_level: float) -> None:
    """The rest, as an order of its own with scaled betas and half-spreads."""
    first, whole = len(filled), order(participation=0.5, volume=[8e3, 9e3, 30e3, 30e3, 30e3])
    rest = ta.Problem(
        10_000.0 - sum(filled),
        ta.LinearImpact(np.array(BETA[first:]) * beta_level, np.array(SPREAD[first:]) * spread_level),
        ta.Limits(participation=0.5, volume=[8e3, 9e3, 30e3, 30e3, 30e3][first:]),
    )
    found = finish(whole, np.array(filled), level_beta=beta_level, level_spread=spread_level)
    assert found[:first].tolist() == filled
    assert found[first:] == pytest.approx(ta.solve(rest).shares, rel=1e-9, abs=1e-6)
    assert found.sum() == pytest.approx(10_000.0, rel=1e-12)


def test_it_agrees_with_reoptimise_before_the_market_is_seen() -> None:
    filled = np.array([1_500.0, 2_500.0, 0.0, 0.0, 0.0])
    whole = order(max_shares=4_000.0, min_shares=[0.0, 0.0, 100.0, 700.0, 0.0])
    replan = reoptimise(whole, ta.solve(whole).shares, filled, 2)
    assert replan.schedule is not None
    assert finish(whole, filled[:2])[2:] == pytest.approx(replan.schedule.shares[2:], rel=1e-9)


def test_limits_of_done_intervals_bind_no_more() -> None:
    """Above its cap or below its minimum, what is done stays; the others keep theirs."""
    whole = order(min_shares=500.0, max_shares=3_000.0)
    found = finish(whole, np.array([5_000.0, 0.0]))
    assert found[:2].tolist() == [5_000.0, 0.0]
    assert found.sum() == pytest.approx(10_000.0)
    assert (found[2:] >= 500.0).all()
    assert (found[2:] <= 3_000.0).all()
    each = finish(order(min_shares=[500.0] * 5, max_shares=3_000.0), np.array([5_000.0, 0.0]))
    assert each == pytest.approx(found)


def test_a_closed_interval_stays_closed() -> None:
    found = finish(order(tradable=[True, True, True, False, True]), np.array([100.0]))
    assert (found[0], found[3]) == (100.0, 0.0)


@pytest.mark.parametrize("method", ["analytic", "dual", "cvxpy", "slsqp"])
def test_every_method_finishes_it(method: str) -> None:
    assert finish(order(), np.array([3_000.0, 1_000.0]), method) == pytest.approx(
        finish(order(), np.array([3_000.0, 1_000.0])), rel=1e-3, abs=1.0
    )


def test_nothing_remains() -> None:
    assert remaining_problem(order(), np.array([4_000.0, 6_000.0])) is None
    assert finish(order(), np.array([4_000.0, 6_000.0])).tolist() == [4_000.0, 6_000.0, 0.0, 0.0, 0.0]
    assert finish(order(), np.full(5, 2_000.0)).tolist() == [2_000.0] * 5


def test_refusals() -> None:
    with pytest.raises(ta.InputError, match=r"filled sums to 12,000 shares, 2,000 more than the order of 10,000"):
        finish(order(), np.array([12_000.0]))
    with pytest.raises(ta.InputError, match="filled has 6 values where the order has 5"):
        finish(order(), np.ones(6))
    with pytest.raises(ta.InputError, match=r"filled\[1\]"):
        finish(order(), np.array([1.0, -1.0]))
    with pytest.raises(ta.InfeasibleError, match=r"9,995 shares are left .* leave blank what is to come"):
        finish(order(), np.ones(5))
    with pytest.raises(ta.InfeasibleError, match="caps sum to 6,000 shares, 3,000 short of 9,000"):
        finish(order(max_shares=2_000.0), np.array([500.0, 500.0]))
    with pytest.raises(ta.InputError, match="level_beta"):
        finish(order(), np.array([1.0]), level_beta=0.0)


def test_messages_name_the_orders_own_interval() -> None:
    whole = order(min_shares=[0.0, 0.0, 0.0, 900.0, 0.0], max_shares=[1e4, 1e4, 1e4, 800.0, 1e4])
    with pytest.raises(ta.InfeasibleError, match="interval 4: min_shares 900 is above the maximum of 800"):
        finish(whole, np.array([500.0]))


def test_the_interval_under_way_by_hand() -> None:
    """Caps and minimum of the interval under way are what its fills leave; its fills count."""
    whole = ta.Problem(1_000.0, ta.LinearImpact([1e-5, 1e-5, 1e-5]), ta.Limits(max_shares=400.0, min_shares=250.0))
    rest = remaining_problem(whole, np.array([100.0]), under_way=150.0)
    assert rest is not None
    assert rest.shares == 750.0
    assert rest.bounds.lower.tolist() == [0.0, 100.0, 250.0]
    assert rest.bounds.upper.tolist() == [0.0, 250.0, 400.0]
    over = remaining_problem(whole, np.array([100.0]), under_way=500.0)
    assert over is not None
    assert (over.bounds.lower[1], over.bounds.upper[1]) == (0.0, 0.0)


def test_an_impact_cap_under_way_is_that_of_the_scaled_costs() -> None:
    """I = 2 beta x <= 0.01 allows 500 shares where the morning's model allowed 1,000; 200 of them are done."""
    whole = ta.Problem(2_000.0, ta.LinearImpact([1e-5] * 4), ta.Limits(impact_cap=0.01))
    rest = remaining_problem(whole, np.array([800.0]), under_way=200.0, level_beta=np.array([2.0, 2.0, 1.0]))
    assert rest is not None
    assert rest.bounds.upper == pytest.approx([0.0, 300.0, 500.0, 1_000.0])


def test_curves_of_their_own_for_every_interval_are_planned_again() -> None:
    knots = np.array([[100.0, 300.0], [200.0, 500.0], [150.0, 400.0], [100.0, 900.0]])
    curves = ta.PiecewiseImpact(1.0, knots, knots * 1e-4, [0.01, 0.02, 0.01, 0.03])
    whole = ta.Problem(2_000.0, curves)
    plan = ta.solve(whole).shares
    found = reoptimise(whole, plan, np.array([plan[0], 100.0, 0.0, 0.0]), 1)
    assert found.schedule is not None
    assert found.schedule.certificate.kkt_residual <= 1e-9
    assert found.plan.sum() == pytest.approx(2_000.0)
    rest = ta.Problem(2_000.0 - plan[0], ta.PiecewiseImpact(1.0, knots[1:], knots[1:] * 1e-4, [0.02, 0.01, 0.03]))
    assert finish(whole, plan[:1])[1:] == pytest.approx(ta.solve(rest).shares, rel=1e-9)
