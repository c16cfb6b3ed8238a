"""Problems: sizes, convexity within the limits, bounds, units."""

from __future__ import annotations

import numpy as np
import pytest

import tradealloc as ta

BENT = ta.QuadraticImpact([1e-3, 1e-3], [-1e-6, 1e-6])  # convex up to 1e-3 / 3e-6 = 333.33 shares


def test_lengths_must_agree() -> None:
    with pytest.raises(ta.InputError, match="has 2 values where beta has 3: give one per interval") as caught:
        ta.Problem(100, ta.LinearImpact([1, 2, 3]), ta.Limits(max_shares=[1, 2]))
    assert caught.value.argument == "max_shares"
    with pytest.raises(ta.InputError, match="half_spread"):
        ta.Problem(100, ta.LinearImpact([1, 2, 3], [0, 0]))
    with pytest.raises(ta.InputError, match="tradable"):
        ta.Problem(100, ta.LinearImpact([1, 2, 3]), ta.Limits(tradable=[True]))


def test_number_of_intervals() -> None:
    assert ta.Problem(100, ta.LinearImpact(1e-4)).intervals == 1
    assert ta.Problem(100, ta.LinearImpact([1e-4])).intervals == 1
    assert ta.Problem(100, ta.LinearImpact(1e-4, [0, 0, 0.01])).intervals == 3
    assert ta.Problem(100, ta.LinearImpact(1e-4), ta.Limits(volume=[5, 6])).intervals == 2


@pytest.mark.parametrize(
    "limits",
    [
        ta.Limits(),
        ta.Limits(max_shares=334),
        ta.Limits(max_shares=[400, 1]),
        ta.Limits(participation=0.1, volume=3_400),
        ta.Limits(impact_cap=0.24),
    ],
)
def test_cost_that_isnt_convex_is_refused(limits: ta.Limits) -> None:
    with pytest.raises(ta.InputError, match=r"stops being convex beyond 333\.333 shares in interval 1") as caught:
        ta.Problem(1_000, BENT, limits)
    assert (caught.value.argument, caught.value.position, caught.value.value) == ("gamma", 0, -1e-6)


@pytest.mark.parametrize(
    ("shares", "limits"),
    [
        (333, ta.Limits()),  # the order itself is small enough
        (600, ta.Limits(max_shares=333)),
        (600, ta.Limits(max_shares=[1e-3 / 3e-6, 900])),
        (600, ta.Limits(tradable=[False, True])),
        (600, ta.Limits(impact_cap=[0.2, 5.0])),  # 0.2 is reached at 276.4 shares
    ],
)
def test_cost_that_is_convex_within_the_limits_is_solved(shares: float, limits: ta.Limits) -> None:
    schedule = ta.solve(ta.Problem(shares, BENT, limits))
    assert schedule.shares.sum() == pytest.approx(shares, rel=1e-12)
    assert schedule.certificate.kkt_residual <= 1e-9
    assert schedule.certificate.duality_gap <= 1e-9


def test_falling_slippage_is_refused() -> None:
    with pytest.raises(ta.InputError, match="slippage that falls with size isn't convex; give 0 or more") as caught:
        ta.PowerImpact([1e-4], -0.1)
    assert caught.value.argument == "exponent"


def test_costs_beyond_floating_point_are_refused() -> None:
    with pytest.raises(ta.InputError, match="check exponent, beta and shares"):
        ta.Problem(1e50, ta.PowerImpact([1e-4], 10))
    with pytest.raises(ta.InputError, match="check exponent, beta and shares"):
        ta.Problem(1e-50, ta.PowerImpact([1e-4], 10))


def test_bounds() -> None:
    limits = ta.Limits(
        min_shares=5,
        max_shares=[100, 20, 100, 100, 100],
        participation=[0.1, 0.5, 0.1, 0.1, 1.0],
        volume=[200, 900, 0, 5_000, 7],
        impact_cap=[1, 1, 1, 0.012, 0.01],
        tradable=[True, True, True, True, True],
    )
    bounds = ta.Problem(10, ta.LinearImpact(1e-4, 0.01), limits).bounds
    np.testing.assert_allclose(bounds.upper, [20, 20, 0, 20, 0])
    # A minimum for all intervals is one for those that are open: volume, and a spread below the impact cap.
    np.testing.assert_allclose(bounds.lower, [5, 5, 0, 5, 0])
    names = [bounds.cap_name(position) for position in range(5)]
    assert names == ["participation", "max_shares", "participation", "impact_cap", "impact_cap"]
    assert bounds.room == pytest.approx(60)
    assert bounds.needed == 15
    per_interval = ta.Limits(min_shares=[5.0, 0, 0, 0, 0], tradable=[False, True, True, True, True])
    assert ta.Problem(10, ta.LinearImpact(1e-4), per_interval).bounds.lower.tolist() == [5, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("unit", "price", "bps", "currency"),
    [
        ("price", None, None, 0.11 * 100),
        ("price", 50.0, 0.11 / 50 * 1e4, 0.11 * 100),
        ("fraction", None, 0.11 * 1e4, None),
        ("fraction", 50.0, 0.11 * 1e4, 0.11 * 100 * 50),
        ("bps", None, 0.11, None),
        ("bps", 50.0, 0.11, 0.11e-4 * 100 * 50),
    ],
)
def test_units(unit: str, price: float | None, bps: float | None, currency: float | None) -> None:
    """One interval, 100 shares, slippage 0.01 + 1e-3 x 100 = 0.11 per share."""
    impact = ta.LinearImpact([1e-3], 0.01)
    schedule = ta.solve(ta.Problem(100, impact, unit=unit, arrival_price=price))  # type: ignore[arg-type]
    assert schedule.total_impact == pytest.approx(0.11, rel=1e-14)
    assert schedule.spread_impact == pytest.approx(0.01, rel=1e-14)
    assert schedule.size_impact == pytest.approx(0.10, rel=1e-14)
    assert schedule.impact.tolist() == pytest.approx([0.11])
    assert schedule.total_impact_bps == (None if bps is None else pytest.approx(bps, rel=1e-14))
    assert schedule.total_cost == (None if currency is None else pytest.approx(currency, rel=1e-14))


def test_impact_of_an_interval_that_doesnt_trade_is_zero() -> None:
    schedule = ta.solve(ta.Problem(1, ta.LinearImpact([1e-4, 1e-4], [0.0, 0.5])))
    assert schedule.impact.tolist() == [1e-4, 0.0]


def test_the_same_order_otherwise() -> None:
    problem = ta.Problem(100, ta.LinearImpact([1e-4, 2e-4]), ta.Limits(max_shares=90), arrival_price=10)
    assert problem.with_shares(120).shares == 120
    assert problem.with_shares(120).limits is problem.limits
    assert problem.with_impact(ta.LinearImpact([1.0, 1.0])).arrival_price == 10


def test_repr_of_a_certificate_is_short() -> None:
    """Not every array that it was made from."""
    schedule = ta.solve(ta.Problem(1e5, ta.LinearImpact(np.full(390, 1e-4))))
    assert len(repr(schedule.certificate)) < 300


def test_an_exponent_too_small_to_matter_is_none() -> None:
    """``x**1e-30`` is 1 in floating point for every x."""
    assert ta.PowerImpact([1e-4], 1e-30).is_linear_programme
    assert not ta.PowerImpact([1e-4], 1e-6).is_linear_programme
