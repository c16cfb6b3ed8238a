"""Convex cost curves without a formula: by hand, exact on a line, never concave, solved with a certificate."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tradealloc import InputError, Limits, LinearImpact, Problem, solve
from tradealloc.market import SyntheticMarket
from tradealloc.market.calibration import day_profile, walk_day
from tradealloc.market.calibration.isotonic import isotonic_curve, isotonic_day
from tradealloc.market.calibration.walked import WalkedDay

SIZES = np.arange(1, 11) * 100.0


@pytest.fixture(scope="module")
def walked() -> WalkedDay:
    return walk_day(SyntheticMarket().day(0))


def test_half_spread_and_line_are_exact() -> None:
    curve = isotonic_curve(SIZES, 0.02 + 1e-5 * SIZES)
    assert curve.half_spread == pytest.approx(0.02)
    assert curve.rises == pytest.approx(2e-5 * curve.knots)
    assert curve.pooled == 0
    assert curve.r_squared == pytest.approx(1)
    shares = np.array([0.0, 50.0, 333.0, 1000.0])
    assert curve.impact().cost(shares) == pytest.approx(0.02 * shares + 1e-5 * shares**2)


def test_by_hand() -> None:
    """Marginal costs 2, 4, 3, 7 over 1, 1, 1, 1 shares: the middle two are pooled to 3.5."""
    size = np.arange(1.0, 5.0)
    curve = isotonic_curve(size, np.array([2.0, 6.0, 9.0, 16.0]) / size)
    assert curve.steps == pytest.approx([2, 3.5, 3.5, 7])
    assert curve.pooled == 1
    # Middles 0.5, 2, 3.5; the first line (slope 1) meets 0 shares at 1.5, the last (slope 7/3) ends at 4 shares.
    assert curve.half_spread == pytest.approx(1.5)
    assert curve.knots == pytest.approx([0.5, 2, 3.5, 4])
    assert curve.rises + curve.half_spread == pytest.approx([2, 3.5, 7, 7 + 7 / 6])


def test_uneven_steps_are_weighted_by_their_shares() -> None:
    """5 over 1 share and 2 over 3 shares pool to 11/4."""
    size = np.array([1.0, 4.0, 6.0])
    curve = isotonic_curve(size, np.array([5.0, 11.0, 21.0]) / size)
    assert curve.steps == pytest.approx([2.75, 2.75, 5])


def test_a_first_step_that_falls_below_zero_starts_at_zero() -> None:
    size = np.arange(1.0, 5.0)
    curve = isotonic_curve(size, np.cumsum([0.1, 1.0, 3.0, 9.0]) / size)
    assert curve.half_spread == 0
    assert (np.diff(curve.rises) > 0).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.floats(0.001, 10.0), min_size=2, max_size=12), st.data())
def test_always_convex(paid: list[float], data: st.DataObject) -> None:
    widths = data.draw(st.lists(st.floats(0.1, 100), min_size=len(paid), max_size=len(paid)))
    sizes = np.cumsum(widths)
    # The lowest step is the least average slippage; where that is the whole curve's there is no second step.
    rise = paid[-1] / min(paid[:-1]) - 1
    assume(abs(rise) > 1e-6)
    if rise < 0:
        with pytest.raises(InputError, match="doesn't rise with size"):
            isotonic_curve(sizes, paid)
        return
    curve = isotonic_curve(sizes, paid)
    assert curve.half_spread >= 0
    assert (np.diff(curve.steps) >= 0).all()
    assert (np.diff(curve.knots) > 0).all()
    assert curve.rises[0] > 0
    assert (np.diff(curve.rises) > 0).all()


def test_a_flat_curve_is_refused() -> None:
    with pytest.raises(InputError, match="doesn't rise with size at the margin"):
        isotonic_curve(SIZES, np.full(10, 0.02))
    with pytest.raises(InputError, match="two or more, increasing"):
        isotonic_curve([100.0, 50.0], [1.0, 2.0])
    with pytest.raises(InputError, match=r"slippage\[1\]"):
        isotonic_curve([50.0, 100.0], [1.0, np.nan])


def test_a_concave_truth_is_pooled_not_followed() -> None:
    """Total cost of a falling marginal cost has no convex fit but a flat one; a bend in the middle has."""
    marginal = np.array([1, 2, 3, 2, 1, 4, 5, 6, 7, 8.0])
    curve = isotonic_curve(SIZES, np.cumsum(marginal) / np.arange(1, 11))
    assert curve.steps == pytest.approx([1, 2, 2, 2, 2, 4, 5, 6, 7, 8])


def test_the_synthetic_day(walked: WalkedDay) -> None:
    """The curves reproduce the walked slippage, and the truth of the market, at all sizes."""
    day = isotonic_day(walked)
    assert day.own.mean() > 0.99
    assert np.nanmedian(day.r_squared) > 0.999
    truth = SyntheticMarket().day(0).truth
    half = walked.reach / 2
    expected = truth.half_spread + truth.slope * half
    assert np.median(np.abs(day.impact.slippage(half) / expected - 1)) < 0.02
    assert day.max_shares == pytest.approx(walked.reach)


def test_the_schedule_is_certified_and_near_the_line_model(walked: WalkedDay) -> None:
    day, profile = isotonic_day(walked), day_profile(walked)
    limits = Limits(max_shares=day.max_shares)
    problem = Problem(0.3 * float(day.max_shares.sum()), day.impact, limits)
    schedule = solve(problem)
    assert schedule.certificate.kkt_residual < 1e-9
    assert schedule.certificate.duality_gap < 1e-9
    line = solve(Problem(problem.shares, LinearImpact(profile.beta, profile.half_spread), limits))
    # Their own optimum can't cost more than the other's schedule, and both see the same market.
    own, other = (float(day.impact.cost(found.shares).sum()) for found in (schedule, line))
    assert own <= other * (1 + 1e-12)
    assert other / own - 1 < 0.01


def test_intervals_without_books_take_the_shape_of_the_day(walked: WalkedDay) -> None:
    gone = np.zeros(len(walked.reach), dtype=bool)
    gone[[5, 200]] = True
    fields = {name: getattr(walked, name).copy() for name in ("sizes", "slippage", "reach")}
    for values in fields.values():
        values[gone] = np.nan
    both = dataclasses.replace(walked.both, beta_error=np.where(gone, np.nan, walked.both.beta_error))
    day = isotonic_day(dataclasses.replace(walked, both=both, **fields))
    assert not day.own[gone].any()
    assert np.isnan(day.r_squared[gone]).all()
    whole = isotonic_day(walked)
    known = np.full(len(gone), float(day.max_shares[gone].min()))
    assert day.impact.slippage(known)[gone] == pytest.approx(whole.impact.slippage(known)[gone], rel=0.5)
    assert day.max_shares[gone] == pytest.approx(np.nanmin(fields["reach"]))
