"""Benchmarks: equal shares, equal within limits, VWAP, and the count of limits that they break."""

import numpy as np
import pytest

import tradealloc as ta
from tradealloc.analysis import equal, equal_within_limits, vwap
from tradealloc.analysis.strategies import limits_broken

BETA = np.array([1e-5, 2e-5, 4e-5, 8e-5])


def problem(**limits: object) -> ta.Problem:
    return ta.Problem(1000, ta.LinearImpact(BETA), ta.Limits(**limits))


def test_equal_ignores_limits_but_not_closed_intervals() -> None:
    order = problem(tradable=[True, True, False, True], max_shares=[100, 1000, 1000, 1000])
    baseline = equal(order)
    np.testing.assert_allclose(baseline.shares, [1000 / 3, 1000 / 3, 0, 1000 / 3])
    assert baseline.limits_broken == 1
    assert baseline.total_impact == pytest.approx((1e-5 + 2e-5 + 8e-5) * (1000 / 3) ** 2 / 1000)


def test_equal_within_limits_levels_what_is_free() -> None:
    order = problem(max_shares=[100, 1000, 1000, 1000], min_shares=[0, 0, 0, 500])
    np.testing.assert_allclose(equal_within_limits(order).shares, [100, 200, 200, 500])
    assert equal_within_limits(order).limits_broken == 0


def test_equal_within_limits_trades_whole_lots() -> None:
    capped = problem(max_shares=[150, 1000, 1000, 1000], lot_size=100)
    np.testing.assert_allclose(np.sort(equal_within_limits(capped).shares), [100, 300, 300, 300])
    assert equal_within_limits(capped).limits_broken == 0
    odd = ta.Problem(1050.5, ta.LinearImpact(BETA), ta.Limits(lot_size=100, max_shares=400))
    level = equal_within_limits(odd)
    assert level.shares.sum() == pytest.approx(1050.5)
    assert np.ptp(level.shares) <= 100
    assert level.limits_broken == 0


def test_vwap_follows_volume() -> None:
    np.testing.assert_allclose(vwap(problem(volume=[4, 3, 2, 1])).shares, [400, 300, 200, 100])
    np.testing.assert_allclose(
        vwap(problem(volume=[4, 3, 2, 1], tradable=[False, True, True, True])).shares, [0, 500, 1000 / 3, 500 / 3]
    )
    assert vwap(problem()) is None


def test_zero_volume_counts_as_a_broken_limit_of_equal_shares() -> None:
    assert equal(problem(volume=[0, 9000, 9000, 9000], participation=0.1)).limits_broken == 1


def test_lots_and_clips_count_among_the_limits() -> None:
    order = problem(lot_size=100)
    assert equal(order).limits_broken == 4
    assert limits_broken(order, np.array([300.0, 300, 300, 100])) == 0
    assert limits_broken(problem(min_clip=300), np.array([0.0, 200, 300, 500])) == 1


def test_one_interval_may_hold_the_odd_lot() -> None:
    order = ta.Problem(1050.5, ta.LinearImpact(BETA), ta.Limits(lot_size=100))
    assert limits_broken(order, np.array([300.0, 500, 150.5, 100])) == 0
    assert limits_broken(order, np.array([350.0, 500, 100.5, 100])) == 2
    assert limits_broken(order, ta.solve(order).shares) == 0
