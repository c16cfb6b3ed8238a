"""Order-flow imbalance: by hand, on the synthetic market, and on a real day against published ranges."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import BookSource, MarketParameters, SyntheticMarket
from tradealloc.market.calibration import FlowMeter, fit_flow, flow_profile, order_flow
from tradealloc.market.readers import open_market_data

from .books import SESSION, Listed, chunk

AMZN = "lobster/AMZN_2012-06-21_34200000_57600000_message_1.csv.gz"


@pytest.fixture(scope="module")
def amzn(shared_data: Path) -> BookSource:
    (source,) = open_market_data(shared_data / AMZN)
    assert isinstance(source, BookSource)
    return source


def test_each_event_by_hand() -> None:
    """Bid size up 50; bid price up (new queue counts whole); ask price down, then up (the old queue counts)."""
    book = chunk(
        [0, 1, 2, 3, 4],
        bid=[10.0, 10.0, 10.01, 10.01, 10.01],
        ask=[10.03, 10.03, 10.03, 10.02, 10.04],
        size=[100, 150, 80, 60, 90],
    )
    meter = FlowMeter(SESSION)
    meter.observe(book)
    by_hand = (
        (150 - 100 - 150 + 100)  # both queues change by 50 at the same prices
        + (80 - 80 + 150)  # bid price up: 80; ask the same: -80 + 150
        + (60 - 80 - 60)  # bid the same: 60 - 80; ask price down: -60
        + (90 - 60 + 60)  # bid the same: 90 - 60; ask price up: +60
    )
    assert meter.flow[0] == by_hand
    assert not meter.flow[1:].any()
    assert meter.mid[0] == pytest.approx(10.025)
    assert meter.moves[0] == pytest.approx(10.025 - 10.015)


def test_chunks_dont_matter_and_unusable_books_are_passed_over() -> None:
    seconds = np.arange(0.0, 120, 3)
    rng = np.random.default_rng(1)
    bid = 10 + 0.01 * rng.integers(0, 5, len(seconds))
    whole = chunk(list(seconds), list(bid), list(bid + 0.02), list(rng.integers(1, 500, len(seconds)).astype(float)))
    one, many = FlowMeter(SESSION), FlowMeter(SESSION)
    one.observe(whole)
    for start in range(0, len(seconds), 7):
        many.observe(whole.take(slice(start, start + 7)))
    assert many.flow == pytest.approx(one.flow)
    assert many.moves == pytest.approx(one.moves)
    halted = replace(whole, halted=np.arange(len(seconds)) == 5)
    kept = whole.take(np.arange(len(seconds)) != 5)
    with_halt, without = FlowMeter(SESSION), FlowMeter(SESSION)
    with_halt.observe(halted)
    without.observe(kept)
    assert with_halt.flow == pytest.approx(without.flow)


def test_the_regression_is_ordinary_least_squares() -> None:
    """Against numpy's lstsq and the textbook's t and R^2, window by window."""
    day = SyntheticMarket().day(3)
    meter = FlowMeter(day.session)
    for part in day.chunks():
        meter.observe(part)
    fit = fit_flow(meter, day.session)
    assert len(fit.starts) == 13
    assert fit.starts[1] == dt.time(10, 0)
    for window in (0, 12):
        flow, move = (values[window * 180 : (window + 1) * 180] for values in (meter.flow, meter.moves))
        design = np.column_stack([np.ones(180), flow])
        (intercept, slope), squares, *_ = np.linalg.lstsq(design, move)
        error = np.sqrt(squares[0] / 178 * np.linalg.inv(design.T @ design)[1, 1])
        assert fit.slope[window] == pytest.approx(slope)
        assert fit.intercept[window] == pytest.approx(intercept)
        assert fit.t[window] == pytest.approx(slope / error)
        assert fit.r_squared[window] == pytest.approx(1 - squares[0] / ((move - move.mean()) ** 2).sum())
        left = move - design @ [intercept, slope]
        bread = np.linalg.inv(design.T @ design)
        white = bread @ (design.T * left**2) @ design @ bread * 180 / 178
        assert fit.error[window] == pytest.approx(np.sqrt(white[1, 1]))


def test_the_synthetic_market_gives_its_flow_slope() -> None:
    """Its documentation states about 0.9 of the truth with noisy queues, and 1.1 without noise."""
    for noise, low, high in ((True, 0.75, 1.05), (False, 0.95, 1.25)):
        day = SyntheticMarket(MarketParameters(noise=noise)).day(1)
        fit = order_flow(day)
        ratio = fit.slope / day.truth.flow_slope.reshape(13, 30).mean(axis=1)
        assert low < ratio.mean() < high
        assert fit.beta == pytest.approx(fit.slope / 2)


def test_the_real_day_is_in_the_published_ranges(amzn: BookSource) -> None:
    fit = order_flow(amzn)
    ticks = fit.slope / amzn.tick
    assert len(ticks) == 13
    assert 0.00255 < ticks.min() < 0.00265
    assert 0.00935 < ticks.max() < 0.00945
    assert 0.365 < fit.r_squared.min() < 0.375
    assert 0.655 < fit.r_squared.max() < 0.665
    assert fit.r_squared.mean() == pytest.approx(0.574, abs=0.0005)
    assert (fit.t > 10).all()


def test_the_real_days_profile_is_reproduced(amzn: BookSource, shared_data: Path) -> None:
    """To the digits that the reference file was written with."""
    with (shared_data / "amzn_2012-06-21_profile.csv").open() as file:
        rows = list(csv.DictReader(file))
    profile = flow_profile(amzn)
    assert profile.beta == pytest.approx(np.array([float(row["Beta"]) for row in rows]), rel=1e-6)
    assert profile.half_spread == pytest.approx(np.array([float(row["HalfSpread"]) for row in rows]), abs=1e-6)
    assert profile.volume.tolist() == [float(row["Volume"]) for row in rows]
    assert (profile.beta_low > 0).all()
    assert (profile.beta_low < profile.beta).all()
    assert (profile.beta < profile.beta_high).all()
    assert profile.warnings == ()


def test_a_window_without_events_is_filled_and_named() -> None:
    seconds = np.arange(0, 23_400, 2.0)
    seconds = seconds[(seconds < 5400) | (seconds >= 7200)]
    rng = np.random.default_rng(4)
    bid = 10 + 0.01 * rng.integers(0, 3, len(seconds))
    size = rng.integers(100, 500, len(seconds)).astype(float)
    profile = flow_profile(Listed(chunk(list(seconds), list(bid), list(bid + 0.02), list(size))))
    assert (profile.samples[90:120] == 0).all()
    assert (profile.samples[:90] > 0).all()
    assert any("11:00" in warning and "median" in warning for warning in profile.warnings)
    assert np.isfinite(profile.half_spread).all()


def test_what_cant_be_estimated_is_refused() -> None:
    still = chunk(list(range(0, 23_400, 5)), [10.0] * 4680, [10.02] * 4680)
    with pytest.raises(InputError, match="order flow moves"):
        flow_profile(Listed(still))
    with pytest.raises(InputError, match="divide"):
        FlowMeter(SESSION, dt.timedelta(seconds=7))
    with pytest.raises(InputError, match="at least 20 buckets"):
        order_flow(Listed(still), window=dt.timedelta(minutes=2))
