"""Minimum clips against brute force over all choices of intervals, and the honesty of the stated gap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import tradealloc as ta
from tradealloc.solve import clips

from .brute_force import best_in_clips, best_in_lots
from .strategies import THOROUGH
from .test_lots import check_lots, small_orders

pytestmark = pytest.mark.filterwarnings("ignore::tradealloc.TradeallocWarning")

FEWER = settings(THOROUGH, max_examples=max(THOROUGH.max_examples // 4, 1))
"""A mixed-integer programme each."""

TARGET = 1e-6
"""Gap at which the search stops."""


def _check(problem: ta.Problem, best: float) -> ta.Schedule | None:
    if not np.isfinite(best):
        with pytest.raises(ta.InfeasibleError) as caught:
            ta.solve(problem)
        assert caught.value.limits
        return None
    schedule = ta.solve(problem)
    x, clip = schedule.shares, np.asarray(problem.limits.min_clip)
    assert x.sum() == pytest.approx(problem.shares, rel=1e-9)
    assert ((x <= 1e-9 * problem.shares) | (x >= clip * (1 - 1e-7))).all()
    gap = schedule.certificate.mip_gap
    assert gap is not None
    assert 0 <= gap <= TARGET
    assert schedule.cost * (1 - gap) <= best * (1 + 1e-9)  # the bound is one
    assert best <= schedule.cost * (1 + 1e-9)
    assert schedule.cost <= best * (1 + TARGET)
    return schedule


@FEWER
@given(problem=small_orders(with_lots=False, with_clips=True))
def test_against_brute_force(problem: ta.Problem) -> None:
    schedule = _check(problem, best_in_clips(problem))
    if schedule is not None:
        assert (schedule.shares >= problem.bounds.lower * (1 - 1e-9)).all()
        assert (schedule.shares <= problem.bounds.upper * (1 + 1e-9)).all()
        assert schedule.certificate.max_lot_saving is None


@FEWER
@given(problem=small_orders(with_lots=True, with_clips=True))
def test_lots_and_clips_against_brute_force(problem: ta.Problem) -> None:
    schedule = _check(problem, best_in_lots(problem))
    if schedule is not None:
        check_lots(problem, schedule)


def test_a_choice_that_cuts_alone_dont_settle() -> None:
    """HiGHS' own tolerance left a gap of 3e-5 here until settled choices were excluded."""
    impact = ta.PowerImpact([1.3e-5, 1.4e-5, 1.6e-5], 1.2, 1e-6)
    schedule = _check(problem := ta.Problem(1.0, impact, ta.Limits(min_clip=0.5)), best_in_clips(problem))
    assert schedule is not None
    assert (schedule.shares > 0).sum() <= 2


def test_a_whole_day_in_clips(amzn_profile: dict[str, np.ndarray]) -> None:
    """390 intervals; the gap is proven in far less than the time limit."""
    problem = ta.Problem(
        20_000,
        ta.LinearImpact(amzn_profile["Beta"], amzn_profile["HalfSpread"]),
        ta.Limits(participation=0.1, volume=amzn_profile["Volume"], min_clip=100),
    )
    schedule = ta.solve(problem)
    x = schedule.shares
    assert ((x == 0) | (x >= 100 * (1 - 1e-9))).all()
    assert schedule.certificate.mip_gap is not None
    assert schedule.certificate.mip_gap <= TARGET
    assert schedule.certificate.integer_gap is not None
    assert schedule.certificate.integer_gap > 0


def test_out_of_time_is_never_far_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS alone was left with its first find here: the whole order in one interval, 187 times as dear."""
    monkeypatch.setattr(clips, "TIME_LIMIT", 0.1)
    beta = np.random.default_rng(3).uniform(1e-5, 9e-5, 390)
    problem = ta.Problem(75_000, ta.LinearImpact(beta), ta.Limits(lot_size=100, min_clip=300))
    schedule = ta.solve(problem)
    assert schedule.shares.sum() == 75_000
    cheapest = np.sort(beta)[:250]
    by_hand = float((cheapest * 300.0**2).sum())  # 300 shares in each
    assert schedule.cost <= by_hand * (1 + 1e-9)
    assert schedule.certificate.mip_gap is not None
    assert schedule.cost * (1 - schedule.certificate.mip_gap) <= by_hand


@pytest.mark.parametrize(
    ("shares", "limits", "message"),
    [
        (50, {"min_clip": 100}, "the order of 50 shares is smaller than the smallest clip of 100"),
        (300, {"min_clip": 100, "max_shares": [90, 90, 200]}, "have room for 200 shares, 100 short of 300"),
        (300, {"min_clip": 200, "min_shares": [50, 0, 0], "max_shares": [100, 900, 900]}, "interval 1: must trade"),
        (300, {"min_clip": 200, "max_shares": 250}, "no choice of intervals trades exactly 300 shares in clips"),
    ],
)
def test_infeasible_in_clips(shares: float, limits: dict[str, Any], message: str) -> None:
    problem = ta.Problem(shares, ta.LinearImpact([1e-4, 2e-4, 3e-4]), ta.Limits(**limits))
    with pytest.raises(ta.InfeasibleError, match=message) as caught:
        ta.solve(problem)
    assert "min_clip" in caught.value.limits


def test_a_clip_of_zero_is_no_clip() -> None:
    impact = ta.LinearImpact([1e-4, 2e-4])
    plain = ta.solve(ta.Problem(300, impact))
    clipped = ta.solve(ta.Problem(300, impact, ta.Limits(min_clip=0)))
    assert clipped.shares.tolist() == plain.shares.tolist()
    assert clipped.certificate.mip_gap is None
