"""Intervals of a profile's forecasts: what they hold, and how often the fills lie within them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tests.desk.tca_cases import table
from tradealloc.desk.tca import read_fills, refine
from tradealloc.desk.tca.replayed import of_replay
from tradealloc.market.calibration.observed import observe
from tradealloc.market.calibration.pooling import pool
from tradealloc.market.calibration.walked import day_profile, fit_books
from tradealloc.market.profile import DayProfile
from tradealloc.market.replay import replay
from tradealloc.market.synthetic import MarketParameters, SyntheticMarket

SEEDS = range(4)


def dearer(profile: DayProfile, factor: float) -> DayProfile:
    return replace(profile, beta=profile.beta * factor, half_spread=profile.half_spread * factor)


def test_a_calibrated_profile_holds_nine_fills_in_ten_and_a_wrong_one_does_not() -> None:
    """Profiles of three days against the fourth: 90.8 to 93.1 % of its minutes; made 1.5 times too dear, about half."""
    market = SyntheticMarket(MarketParameters(events_per_minute=60))
    right, wrong = [], []
    for seed in SEEDS:
        *history, today = (market.day(seed=1000 * seed + number) for number in range(4))
        profile = pool([day_profile(fit_books(observe(day, dt.timedelta(seconds=5)))) for day in history])
        done = replay(today, np.full(profile.intervals, 150.0), side=1 if seed % 2 else -1)
        execution = of_replay(done, today.symbol)
        right.append(refine(profile, *execution).check)
        wrong.append(refine(dearer(profile, 1.5), *execution).check)
    assert all(check.covered == check.count for check in right)
    assert 0.87 <= np.mean([check.coverage for check in right]) <= 0.94
    assert all(0.85 <= check.coverage <= 0.96 for check in right)
    assert all(check.coverage < 0.7 for check in wrong)


def execution(costs, sides=None):
    """Fills of 100 shares, one a minute from 10:00, that cost so much against a mid of 50."""
    sides = sides or ["buy"] * len(costs)
    rows = [
        (
            f"2025-06-02T{10 + n // 60}:{n % 60:02d}:00Z",
            side,
            side,
            "100",
            repr(float(50 + (cost if side == "buy" else -cost))),
            "50",
        )
        for n, (cost, side) in enumerate(zip(costs, sides, strict=True))
    ]
    orders = table(
        "o", "OrderId Side Shares ArrivalPrice", *((side, side, "1000000", "50") for side in ("buy", "sell"))
    )
    read = read_fills(table("f", "Time OrderId Side Shares Price Mid", *rows), orders)
    return read.orders, read.fills


def flat(minutes: int, error: float = 1e-4) -> DayProfile:
    starts = tuple(dt.time(10 + number // 60, number % 60) for number in range(minutes))
    columns = {"half_spread": np.full(minutes, 0.01), "beta": np.full(minutes, 1e-4)}
    errors = {"half_spread_error": np.full(minutes, error), "beta_error": np.zeros(minutes)}
    return DayProfile.of(starts, columns | errors)


def test_the_noise_of_a_half_hour_is_that_of_the_others() -> None:
    """Forecast 0.02 throughout; by hand from the ratios of the other two half hours."""
    rng = np.random.default_rng(2)
    costs = 0.02 * rng.normal(1, 0.1, 90)
    costs[30:60] = 0.02 * rng.normal(1, 0.5, 30)
    found = refine(flat(90), *execution(costs))
    ratio = found.realised / 0.02
    assert found.predicted == pytest.approx(0.02)
    for first in (0, 30, 60):
        others = np.delete(ratio, np.s_[first : first + 30])
        half = 1.6448536269514722 * np.hypot(1e-4, 0.02 * np.std(others, ddof=1))
        assert found.high[first : first + 30] - 0.02 == pytest.approx(half)
    assert found.noise == pytest.approx(np.std(ratio, ddof=1))


def test_what_cannot_be_told_has_no_interval() -> None:
    one_half_hour = refine(flat(20), *execution(np.full(20, 0.02)))
    assert one_half_hour.check.covered == 0
    no_errors = refine(flat(90, error=np.nan), *execution(np.full(90, 0.02)))
    assert no_errors.check.covered == 0


def test_buys_and_sells_of_one_minute_walk_different_sides() -> None:
    profile = flat(2)
    orders, fills = execution([0.02, 0.02], ["buy", "sell"])
    found = refine(profile, orders, replace(fills, time=np.full(2, fills.time[0])))
    assert found.interval.tolist() == [0, 0]
    assert found.shares.tolist() == [100, 100]
    assert found.predicted == pytest.approx(0.02)  # together they would be 200 shares and 0.03
