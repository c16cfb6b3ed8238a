"""Whole lots against brute force, and what their certificate says."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradealloc as ta
from tradealloc.model import ImpactModel

from .brute_force import best_in_lots, cost_by_hand
from .cases import attempt
from .strategies import THOROUGH, arrays_of, cases

pytestmark = pytest.mark.filterwarnings("ignore::tradealloc.TradeallocWarning")

ROUNDING = 1e-12
"""Relative: the same cost summed in another order."""


@st.composite
def small_orders(draw: st.DrawFn, with_lots: bool = True, with_clips: bool = False) -> ta.Problem:
    """Orders of few lots in few intervals, with ties, odd lots, tight and impossible limits."""
    n = draw(st.integers(1, 5))
    lot = draw(st.sampled_from([1.0, 7.5, 10.0, 100.0]))
    shares = lot * (draw(st.integers(0, 8)) + draw(st.sampled_from([0, 0, 0.3, 0.5, 0.99]))) or 0.4 * lot
    tied = st.sampled_from([1e-4, 2e-4])
    beta = draw(arrays_of(draw(st.sampled_from([tied, st.floats(5e-5, 2e-4)])), n))
    spread = draw(st.one_of(st.just(0.0), arrays_of(st.sampled_from([0.0, 0.01, 0.02]), n), st.floats(0, 0.1)))
    kind = draw(st.sampled_from(["linear", "power", "quadratic"]))
    impact: ImpactModel = ta.LinearImpact(beta, spread)
    if kind == "power":
        impact = ta.PowerImpact(beta, draw(st.sampled_from([0.0, 0.25, 0.6, 1.2, 2.0])), spread)
    if kind == "quadratic":
        impact = ta.QuadraticImpact(beta, beta / shares * draw(st.floats(0, 2)), spread)
    limits: dict[str, Any] = {}
    if draw(st.booleans()):
        tenths = arrays_of(st.integers(0, 50).map(lambda tenth: lot * tenth / 10), n)
        limits["max_shares"] = draw(st.one_of(tenths, arrays_of(st.integers(0, 5).map(lambda k: lot * k), n)))
    if draw(st.booleans()):
        limits["min_shares"] = draw(
            st.one_of(st.sampled_from([0.0, lot]), arrays_of(st.sampled_from([0.0, 0.0, 0.4 * lot, lot, 1.5 * lot]), n))
        )
    if draw(st.integers(0, 4)) == 0:
        limits["tradable"] = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    if with_clips:
        limits["min_clip"] = draw(
            st.one_of(
                st.sampled_from([0.5 * lot, lot, 1.7 * lot, 3.2 * lot]),
                arrays_of(st.floats(0.1, 4).map(lambda k: lot * k), n),
            )
        )
    return ta.Problem(shares, impact, ta.Limits(lot_size=lot if with_lots else None, **limits))


def check_lots(problem: ta.Problem, schedule: ta.Schedule) -> None:
    """Exact total, whole lots but for one odd one, and bounds."""
    lot = problem.limits.lot_size
    assert lot is not None
    x = schedule.shares
    assert x.sum() == pytest.approx(problem.shares, rel=1e-12)
    assert (np.abs(x / lot - np.round(x / lot)) > 1e-9).sum() <= 1
    assert (x >= problem.bounds.lower - 1e-7 * lot).all()
    assert (x <= problem.bounds.upper + 1e-7 * lot).all()


@THOROUGH
@given(problem=small_orders())
def test_against_brute_force(problem: ta.Problem) -> None:
    best = best_in_lots(problem)
    if not np.isfinite(best):
        with pytest.raises(ta.InfeasibleError) as caught:
            ta.solve(problem)
        assert caught.value.limits
        assert caught.value.short > 0
        return
    schedule = ta.solve(problem)
    check_lots(problem, schedule)
    assert schedule.cost == pytest.approx(best, rel=ROUNDING)
    certificate = schedule.certificate
    assert certificate.max_lot_saving is not None
    assert certificate.min_lot_cost is not None
    assert certificate.max_lot_saving <= certificate.min_lot_cost * (1 + ROUNDING)
    assert certificate.mip_gap == 0.0
    assert certificate.integer_gap is not None
    continuous = ta.solve(ta.Problem(problem.shares, problem.impact, _without_lots(problem.limits)), "dual")
    assert certificate.integer_gap == pytest.approx(max(best / continuous.cost - 1, 0), abs=1e-9)


def _without_lots(limits: ta.Limits) -> ta.Limits:
    return ta.Limits(min_shares=limits.min_shares, max_shares=limits.max_shares, tradable=limits.tradable)


@settings(THOROUGH, max_examples=max(THOROUGH.max_examples // 2, 1))
@given(case=cases(), lot=st.sampled_from([0.1, 1.0, 100.0, 1234.5]))
def test_any_numbers(case: Any, lot: float) -> None:
    """Sizes far beyond brute force: exact total, bounds, no gain from moving a lot."""
    problem = ta.Problem(case.shares, case.impact, ta.Limits(lot_size=lot, **case.limits))
    schedule = attempt(problem)
    if isinstance(schedule, ta.InfeasibleError):
        assert schedule.limits
        return
    assert isinstance(schedule, ta.Schedule), schedule
    x = schedule.shares
    # The odd lot of an order of 1e12 shares is known to 1e-16 of the order, not of the lot.
    off = np.abs(x / lot - np.round(x / lot)) > np.maximum(1e-6, 1e-14 * case.shares / lot)
    assert off.sum() <= 1
    assert x.sum() == pytest.approx(case.shares, rel=1e-9)
    assert (x >= problem.bounds.lower - 1e-8 * lot - 1e-9 * case.shares).all()
    assert (x <= problem.bounds.upper + 1e-8 * lot + 1e-9 * case.shares).all()
    certificate = schedule.certificate
    assert certificate.max_lot_saving is not None
    assert certificate.min_lot_cost is not None
    # The cost of a lot is the difference of two costs, whose rounding it keeps.
    rounding = 1e-14 * float(np.max(problem.impact.cost(x + lot)))
    assert certificate.max_lot_saving <= certificate.min_lot_cost * (1 + 1e-9) + rounding
    continuous = ta.solve(ta.Problem(case.shares, case.impact, case.limits_object), "dual")
    assert schedule.cost >= continuous.cost * (1 - 1e-9)


@pytest.mark.parametrize(
    ("shares", "limits", "expected"),
    [
        (50.0, {}, [0, 50, 0]),  # smaller than a lot: one interval takes it
        (200.0, {}, [0, 100, 100]),  # fewer lots than intervals
        (250.0, {}, [50, 100, 100]),  # an odd lot, where it costs least
        (350.0, {"min_shares": [0, 150, 0], "max_shares": [1e9, 150, 1e9]}, [100, 150, 100]),  # only the odd lot fits
        (300.0, {"max_shares": [100, 100, 100]}, [100, 100, 100]),
    ],
)
def test_small_orders(shares: float, limits: dict[str, Any], expected: list[float]) -> None:
    problem = ta.Problem(shares, ta.LinearImpact([3e-4, 1e-4, 2e-4]), ta.Limits(lot_size=100, **limits))
    schedule = ta.solve(problem)
    assert schedule.shares.tolist() == expected
    assert schedule.cost == pytest.approx(best_in_lots(problem), rel=ROUNDING)
    assert schedule.method == "dual"


def test_ties_go_to_the_earliest() -> None:
    schedule = ta.solve(ta.Problem(500, ta.LinearImpact(np.full(4, 1e-4)), ta.Limits(lot_size=100)))
    assert schedule.shares.tolist() == [200, 100, 100, 100]


def test_a_whole_day_in_lots(amzn_profile: dict[str, np.ndarray]) -> None:
    """390 intervals: no gain from moving any lot anywhere, checked pair by pair."""
    problem = ta.Problem(
        20_000,
        ta.LinearImpact(amzn_profile["Beta"], amzn_profile["HalfSpread"]),
        ta.Limits(participation=0.1, volume=amzn_profile["Volume"], lot_size=10),
    )
    schedule = ta.solve(problem)
    check_lots(problem, schedule)
    x = schedule.shares
    for giver in np.flatnonzero(x >= 10):
        takers = np.flatnonzero(x + 10 <= problem.bounds.upper)
        moved = np.repeat(x[np.newaxis, :], takers.size, axis=0)
        moved[:, giver] -= 10
        moved[np.arange(takers.size), takers] += 10
        assert (cost_by_hand(problem, moved) >= schedule.cost * (1 - ROUNDING)).all()
    assert schedule.certificate.integer_gap is not None
    assert 0 < schedule.certificate.integer_gap < 1e-2


@pytest.mark.parametrize(
    ("shares", "limits", "message", "names"),
    [
        (300, {"max_shares": [150, 150]}, "the caps sum to 200 shares, 100 short of 300", "lot_size"),
        (200, {"min_shares": [50, 50, 50]}, "the minimums sum to 300 shares, 100 more", "min_shares"),
        (400, {"min_shares": [110, 0], "max_shares": [190, 900]}, "interval 1: no whole number of lots", "lot_size"),
        (250, {"max_shares": [120, 140]}, "no interval can take the odd lot of 50 shares", "lot_size"),
    ],
)
def test_infeasible_in_lots(shares: float, limits: dict[str, Any], message: str, names: str) -> None:
    n = len(next(iter(limits.values())))
    problem = ta.Problem(shares, ta.LinearImpact(np.full(n, 1e-4)), ta.Limits(lot_size=100, **limits))
    with pytest.raises(ta.InfeasibleError, match=message) as caught:
        ta.solve(problem)
    assert names in caught.value.limits
    assert caught.value.short > 0


@pytest.mark.parametrize("method", ["analytic", "cvxpy", "slsqp"])
def test_other_methods_refuse_lots(method: str) -> None:
    with pytest.raises(ta.InputError, match=f"{method} can't do whole lots or minimum clips: use dual or auto"):
        ta.solve(ta.Problem(300, ta.LinearImpact([1e-4, 2e-4]), ta.Limits(lot_size=100)), method)


def test_lots_too_small_for_the_order() -> None:
    with pytest.raises(ta.InputError, match="too small for an order of") as caught:
        ta.solve(ta.Problem(1e12, ta.LinearImpact([1e-4, 2e-4]), ta.Limits(lot_size=1e-6)))
    assert caught.value.argument == "lot_size"


def test_lots_of_a_linear_programme() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        impact = ta.PowerImpact([2e-2, 1e-2, 3e-2], 0.0)
        schedule = ta.solve(ta.Problem(450, impact, ta.Limits(lot_size=100, max_shares=250)))
    assert schedule.shares.sum() == 450
    assert schedule.cost == pytest.approx(best_in_lots(schedule.problem), rel=ROUNDING)
