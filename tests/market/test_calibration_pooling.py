"""The smooth shape, and many days pooled into one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import SyntheticMarket
from tradealloc.market.calibration import pool, pool_values, smooth_shape
from tradealloc.market.profile import DayProfile

MINUTE = dt.timedelta(minutes=1)
MARKET = SyntheticMarket()
ONES = np.ones(390)


def measured(seeds: range) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float64]], ...]:
    """Slopes of days as a calibration would find them (1.5 % error), and their expectation."""
    rng = np.random.default_rng(seeds.start)
    truths = [MARKET.day(seed).truth for seed in seeds]
    values = np.stack([truth.slope * (1 + 0.015 * rng.standard_normal(390)) for truth in truths])
    return values, truths[0].slope_shape


def profile(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], **changes: object) -> DayProfile:
    count = len(values)
    starts = tuple((dt.datetime(2025, 6, 2, 9, 30) + index * MINUTE).time() for index in range(count))
    columns = {"beta": values, "half_spread": 600 * values, "volume": np.full(count, 100.0)} | {
        "volatility": np.full(count, 3.0), "max_shares": np.full(count, 900.0), "samples": np.full(count, 60.0),
        "r_squared": np.full(count, 0.8),
    }  # fmt: skip
    named = {key: value for key, value in changes.items() if key in ("symbol", "sources", "warnings")}
    return DayProfile.of(starts, columns | {k: v for k, v in changes.items() if k not in named}, **named)  # type: ignore[arg-type]


def test_the_shape_minimises_its_criterion() -> None:
    """No small change of the curve lowers fit plus bending, recomputed in plain numpy."""
    rng = np.random.default_rng(0)
    values = np.exp(rng.standard_normal(60))
    shape, leverage = smooth_shape(values, np.ones(60), MINUTE, dt.timedelta(minutes=30))
    stiffness = (30 / (2 * np.pi)) ** 4

    def criterion(curve: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(((np.log(values) - curve) ** 2).sum() + stiffness * (np.diff(curve, 2) ** 2).sum())

    best = criterion(np.log(shape))
    for _ in range(50):
        assert criterion(np.log(shape) + 0.01 * rng.standard_normal(60)) > best
    assert np.exp(leverage @ np.log(values)) == pytest.approx(shape)


def test_the_shape_keeps_what_is_smooth_and_bridges_what_is_unknown() -> None:
    smooth = np.exp(1 - np.linspace(0, 1, 390))
    values = smooth.copy()
    values[100:130] = np.nan
    shape, _ = smooth_shape(values, ONES, MINUTE)
    assert shape == pytest.approx(smooth, rel=1e-6)
    wave = 1 + 0.1 * np.sin(np.arange(390) * 2 * np.pi / 10)
    shape, _ = smooth_shape(wave, ONES, MINUTE)
    assert np.ptp(shape[30:-30]) < 0.02 * np.ptp(wave)
    with pytest.raises(InputError, match="at least 3"):
        smooth_shape(np.where(np.arange(390) < 2, 1.0, np.nan), ONES, MINUTE)


@pytest.mark.parametrize(("days", "low", "high"), [(1, 0.85, 1.0), (2, 0.85, 1.0), (6, 0.85, 0.97)])
def test_intervals_hold_the_expected_day(days: int, low: float, high: float) -> None:
    """25 groups of days: the errors of a day go along together, so the bounds are wide; two days are on the safe side.

    Seeds 0 to 199 in groups: 95 % (one day), 99 % (two), 92 % (six).
    """
    held = []
    for group in range(25):
        values, truth = measured(range(group * days, (group + 1) * days))
        pooled = pool_values(values, MINUTE)
        held.append(((pooled.low <= truth) & (truth <= pooled.high)).mean())
    assert low <= np.mean(held) <= high


def test_pooling_is_better_than_the_plain_mean() -> None:
    values, truth = measured(range(6))
    pooled = pool_values(values, MINUTE)
    plain = values.mean(axis=0)
    assert np.std(pooled.expected / truth) < 0.6 * np.std(plain / truth)
    assert pooled.expected.mean() == pytest.approx(plain.mean(), rel=0.01)
    assert pooled.level_sd == pytest.approx(0.2, rel=0.25)
    assert pooled.level_correlation == pytest.approx(0.8, abs=0.1)


def test_a_minutes_lasting_habit_is_kept() -> None:
    """Every tenth minute is half again as dear on all days: no smooth curve, but no chance either."""
    values, _ = measured(range(12))
    dear = np.arange(390) % 10 == 5
    values[:, dear] *= 1.5
    pooled = pool_values(values, MINUTE)
    ratio = (pooled.expected / pooled.shape)[dear].mean() / (pooled.expected / pooled.shape)[~dear].mean()
    assert pooled.kept > 0.7
    assert 1.3 < ratio < 1.5
    one = pool_values(values[:1], MINUTE)
    assert one.kept == 0.0
    assert one.expected == pytest.approx(one.shape)


def test_more_days_are_more_certain() -> None:
    widths = []
    for days in (2, 6, 20):
        pooled = pool_values(measured(range(days))[0], MINUTE)
        widths.append(float((pooled.high / pooled.low).mean()))
    assert widths[0] > widths[1] > widths[2]


def test_a_profile_of_days() -> None:
    values, _ = measured(range(3))
    days = [profile(row, symbol="A", sources=(f"day {n}",)) for n, row in enumerate(values)]
    days[1] = profile(
        values[1], symbol="A", sources=("day 1",), warnings=("thin",), volume=np.full(390, 400.0),
        max_shares=np.full(390, 500.0), volatility=np.full(390, 6.0),
        samples=np.where(np.arange(390) < 10, 0.0, 60.0),
    )  # fmt: skip
    pooled = pool(days)
    assert pooled.volume == pytest.approx(200 * ONES)
    assert pooled.volatility == pytest.approx(np.sqrt((9 + 36 + 9) / 3) * ONES)
    assert pooled.max_shares == pytest.approx(500 * ONES)
    assert pooled.samples.tolist() == [2.0] * 10 + [3.0] * 380
    assert pooled.sources == ("day 0", "day 1", "day 2")
    assert pooled.warnings == ("day 1: thin",)
    assert pooled.half_spread == pytest.approx(600 * pooled.beta)
    counted = pool_values(np.stack([values[0], np.where(days[1].samples > 0, values[1], np.nan), values[2]]), MINUTE)
    assert pooled.beta == pytest.approx(counted.expected)


def test_one_day_says_so() -> None:
    values, _ = measured(range(1))
    pooled = pool([profile(values[0])])
    assert any("one day" in text for text in pooled.warnings)
    assert (pooled.beta_high > pooled.beta).all()


def test_days_that_dont_go_together_are_refused() -> None:
    values, _ = measured(range(2))
    first = profile(values[0], symbol="A")
    with pytest.raises(InputError, match="at least one day"):
        pool([])
    with pytest.raises(InputError, match="other intervals"):
        pool([first, profile(values[1][:100], symbol="A")])
    with pytest.raises(InputError, match="one symbol"):
        pool([first, profile(values[1], symbol="B")])
    with pytest.raises(InputError, match="how long"):
        pool([profile(values[0][:1])])
