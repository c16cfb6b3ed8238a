"""The smooth shape, and many days pooled into one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import SyntheticMarket
from tradealloc.market.calibration import pool, pool_values, smooth_shape
from tradealloc.market.calibration.diagnostics import coverage
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


def levels(seeds: range) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Slopes of days that have a level but no shape."""
    rng = np.random.default_rng(seeds.start)
    return np.stack([MARKET.day(seed).truth.level for seed in seeds]) * (1 + 0.015 * rng.standard_normal((1, 390)))


@pytest.mark.parametrize("days", [1, 3])
def test_ups_and_downs_by_chance_arent_expected_to_return(days: int) -> None:
    """Seeds 200 on: without drawing the curve to flat, a schedule made from it lost 1.2 % of TWAP's cost."""
    kept, curves = [], []
    for group in range(20):
        values = levels(range(200 + group * days, 200 + (group + 1) * days))
        curves.append(np.log(smooth_shape(values.mean(axis=0), ONES, MINUTE)[0]).var())
        pooled = pool_values(values, MINUTE)
        kept.append(np.log(pooled.shape).var())
        assert pooled.expected.mean() == pytest.approx(values.mean(), rel=0.02)
    assert np.mean(kept) < 0.3 * np.mean(curves)


@pytest.mark.parametrize(("days", "least"), [(1, 0.85), (3, 0.93)])
def test_a_shape_is_kept(days: int, least: float) -> None:
    for first in range(200, 210):
        assert least < pool_values(measured(range(first, first + days))[0], MINUTE).shape_kept < 1


def test_the_part_kept_is_that_beyond_chance() -> None:
    """Recomputed day by day: variance of the day's own waves over days, against that of the common curve."""
    values, _ = measured(range(4))
    values[1, 20] = np.nan
    pooled = pool_values(values, MINUTE)
    days = np.isfinite(values).sum(axis=0)
    mean = np.nanmean(values, axis=0)
    curve, leverage = smooth_shape(mean, days.astype(float), MINUTE)
    curve = curve * np.average(mean / curve, weights=days)
    chance = 0.0
    for row in values:
        own = leverage @ np.where(np.isfinite(row), (row - mean) / curve, 0.0)
        chance += float(((own - own.mean()) ** 2).mean()) / 3 / 4
    kept = 1 - chance / np.log(curve).var()
    assert pooled.shape_kept == pytest.approx(kept)
    ratio = np.log(pooled.shape / pooled.shape[0])
    assert ratio == pytest.approx(kept * np.log(curve / curve[0]), abs=1e-12)
    assert np.average(mean / pooled.shape, weights=days) == pytest.approx(1)


def test_more_days_are_more_certain() -> None:
    widths = []
    for days in (2, 6, 20):
        pooled = pool_values(measured(range(days))[0], MINUTE)
        widths.append(float((pooled.high / pooled.low).mean()))
    assert widths[0] > widths[1] > widths[2]


@pytest.mark.parametrize(("thin", "count", "held"), [(1, 10, 1), (1, 11, 900), (2, 20, 1), (2, 21, 900)])
def test_one_thin_day_of_many_caps_no_order(thin: int, count: int, held: float) -> None:
    """Up to ten days the least depth counts; of more, one day in ten is passed over."""
    values, _ = measured(range(count))
    days = [
        profile(row, symbol="A", max_shares=np.full(390, 1.0 if number < thin else 900.0))
        for number, row in enumerate(values)
    ]
    assert pool(days).max_shares.tolist() == [held] * 390


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
    # Where a day was filled in, its size is no evidence.
    assert pooled.max_shares.tolist() == [900.0] * 10 + [500.0] * 380
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
    assert not any("chance and" in text for text in pooled.warnings)
    assert (pooled.beta_high > pooled.beta).all()


def test_a_shape_that_may_be_chance_is_named() -> None:
    pooled = pool([profile(levels(range(200, 201))[0])])
    assert [text.split(":")[0] for text in pooled.warnings if "may be chance" in text] == [
        "of the slope's ups and downs over the day 100% may be chance and aren't expected to return",
        "of the half-spread's ups and downs over the day 100% may be chance and aren't expected to return",
    ]


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


def test_each_day_is_foretold_by_the_others() -> None:
    """Nine in ten estimates of days held out are in the range; a day of another market isn't."""
    days = [profile(row) for row in measured(range(12))[0]]
    found = coverage(days, MINUTE)
    assert found is not None
    assert found.days == 12
    assert 0.8 <= found.beta <= 0.97
    assert found.half_spread == pytest.approx(found.beta, abs=0.02)
    odd = coverage([*days[:5], profile(5 * days[5].beta)], MINUTE)
    assert odd is not None
    assert odd.beta <= 5 / 6
    assert coverage(days[:2], MINUTE) is None
