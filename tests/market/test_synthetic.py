"""The synthetic market: its books cost what its truth says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import MarketParameters, Session, SyntheticMarket, snapshots, trades, walk_asks, walk_bids
from tradealloc.market.synthetic import A_DAY, u_shape

SIZES = np.array([1.0, 100.0, 300.0, 600.0])


def all_of(day: object, name: str) -> np.ndarray:
    return np.concatenate([getattr(chunk, name) for chunk in day.chunks()])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "parameters",
    [
        MarketParameters(),
        MarketParameters(flat=True, noon_shift=1.8),
        MarketParameters(regimes=True, memory=2.0),
        MarketParameters(depth=60, jitter=0.4, half_spread=0.05, tick=0.01),
    ],
    ids=["default", "flat with shift", "regimes", "thin"],
)
def test_walking_costs_the_true_line(parameters: MarketParameters) -> None:
    """Slippage over the truth, averaged over days: 1 within four standard errors, these from independent days."""
    sizes = SIZES if parameters.depth > 100 else SIZES / 4
    daily = []
    for seed in range(8):
        day = SyntheticMarket(parameters).day(seed)
        standing, truth = snapshots(day), day.truth
        minute = day.session.interval_of(standing.time)
        line = truth.half_spread[minute, None] + truth.slope[minute, None] * sizes
        within = sizes <= truth.depth[minute, None]
        for walked in (walk_asks(standing, sizes), walk_bids(standing, sizes)):
            assert not np.isnan(walked.slippage[within]).any()
            ratio = np.where(within, walked.slippage / line, np.nan)
            daily.append(np.nanmean(ratio, axis=0))
    errors = np.std(daily, axis=0, ddof=1) / np.sqrt(len(daily))
    assert (errors < 0.005).all()
    assert (np.abs(np.mean(daily, axis=0) - 1) < 4 * errors).all()


def test_the_u_is_three_one_and_a_fifth_more() -> None:
    shape = u_shape(Session(A_DAY), 3.0, 1.2)
    assert shape[[0, 150, 389]].tolist() == [3, 1, pytest.approx(1.2)]
    assert (np.diff(shape[:151]) < 0).all()
    assert (np.diff(shape[150:]) > 0).all()
    truth = SyntheticMarket().day(5).truth
    np.testing.assert_allclose(truth.half_spread, 0.03 * shape * truth.level)
    np.testing.assert_allclose(truth.slope, 5e-5 * shape * truth.level)
    np.testing.assert_allclose(truth.half_spread_shape, 0.03 * shape)


def test_level_is_an_ar1_of_mean_one() -> None:
    levels = np.array(
        [SyntheticMarket(MarketParameters(events_per_minute=2)).day(seed).truth.level for seed in range(60)]
    )
    logs = np.log(levels) + 0.2**2 / 2
    assert np.mean(logs[:, 1:] * logs[:, :-1]) / np.mean(logs**2) == pytest.approx(0.8, abs=0.02)
    assert logs.std() == pytest.approx(0.2, abs=0.01)
    assert levels.mean() == pytest.approx(1, abs=0.02)


def test_books_are_books() -> None:
    day = SyntheticMarket().day(2)
    for book in day.chunks():
        assert book.levels == 10
        assert (np.diff(book.ask_price, axis=1) > 0.0099).all()
        assert (np.diff(book.bid_price, axis=1) < -0.0099).all()
        assert (book.ask_price[:, 0] > book.bid_price[:, 0]).all()
        for prices in (book.ask_price, book.bid_price):
            np.testing.assert_array_equal(prices, np.rint(prices * 100) / 100)
        for sizes in (book.ask_size, book.bid_size):
            assert (sizes >= 1).all()
            np.testing.assert_array_equal(sizes, np.rint(sizes))
    time = all_of(day, "time")
    assert (np.diff(time) >= 0).all()
    assert day.session.interval_of(time).min() == 0


def test_trades_meet_the_quote_before_them() -> None:
    day = SyntheticMarket().day(2)
    price, side = all_of(day, "trade_price"), all_of(day, "trade_side")
    ask, bid = all_of(day, "ask_price")[:, 0], all_of(day, "bid_price")[:, 0]
    buys, sells = np.flatnonzero(side > 0), np.flatnonzero(side < 0)
    np.testing.assert_array_equal(price[buys], ask[buys - 1])
    np.testing.assert_array_equal(price[sells], bid[sells - 1])
    assert np.isnan(price[side == 0]).all()


def test_volume_depth_and_volatility_are_u_shaped() -> None:
    truths = [SyntheticMarket(MarketParameters(events_per_minute=30)).day(seed).truth for seed in range(20)]
    volume = np.mean([truth.volume for truth in truths], axis=0)
    volatility = np.mean([truth.volatility for truth in truths], axis=0)
    for curve in (volume, volatility):
        assert curve[:10].mean() > 1.5 * curve[145:155].mean()
        assert curve[-10:].mean() > 1.2 * curve[145:155].mean()


def test_the_mid_moves_as_much_as_the_truth_says() -> None:
    """The mid's change in a minute has the standard deviation ``volatility``, the noise of the quotes aside."""
    parameters = MarketParameters(noise=False)
    ratios = []
    for seed in range(20):
        day = SyntheticMarket(parameters).day(seed)
        mid = np.concatenate([book.mid for book in day.chunks()])
        last = mid.reshape(day.session.intervals, -1)[:, -1]
        ratios.append(np.diff(last) / day.truth.volatility[1:])
    assert np.std(ratios) == pytest.approx(1, abs=0.05)


def test_order_flow_slope_is_what_a_regression_finds() -> None:
    """Cont, Kukanov and Stoikov's imbalance from level 1; attenuated by the noise of the queues."""
    flat = MarketParameters(flat=True, level_sd=0.0)
    for parameters, low, high in ((flat, 0.8, 1.05), (replace(flat, noise=False, events_per_minute=600), 0.95, 1.15)):
        day = SyntheticMarket(parameters).day(4)
        time = all_of(day, "time")
        ask, bid = all_of(day, "ask_price")[:, 0], all_of(day, "bid_price")[:, 0]
        asks, bids = all_of(day, "ask_size")[:, 0], all_of(day, "bid_size")[:, 0]
        imbalance = np.where(bid[1:] >= bid[:-1], bids[1:], 0) - np.where(bid[1:] <= bid[:-1], bids[:-1], 0)
        imbalance += np.where(ask[1:] >= ask[:-1], asks[:-1], 0) - np.where(ask[1:] <= ask[:-1], asks[1:], 0)
        bucket = (time - day.session.start) // (10 * 10**9)
        flow = np.bincount(bucket[1:], imbalance, 2340)
        last = np.searchsorted(bucket, np.arange(2340), side="right") - 1
        change = np.diff((ask + bid)[last] / 2, prepend=(ask + bid)[0] / 2)
        slope = np.cov(flow, change)[0, 1] / np.var(flow, ddof=1)
        assert low < slope / day.truth.flow_slope[0] < high


def test_the_book_forgets_within_seconds() -> None:
    standing = snapshots(SyntheticMarket(MarketParameters(flat=True, level_sd=0.0)).day(0))
    noise = walk_asks(standing, [300.0]).slippage[:, 0] + walk_bids(standing, [300.0]).slippage[:, 0]
    noise -= noise.mean()
    correlations = [float(np.mean(noise[lag:] * noise[:-lag]) / np.var(noise)) for lag in (1, 5)]
    assert 0.1 < correlations[0] < 0.5
    assert abs(correlations[1]) < 0.05


def test_seeds_are_reproducible_and_apart() -> None:
    first, again, other = (SyntheticMarket().day(seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(all_of(first, "ask_size"), all_of(again, "ask_size"))
    np.testing.assert_array_equal(all_of(first, "ask_size"), all_of(first, "ask_size"))
    assert not np.array_equal(first.truth.half_spread, other.truth.half_spread)


def test_truth_doesnt_hang_on_the_number_of_events() -> None:
    few, many = (SyntheticMarket(MarketParameters(events_per_minute=count)).day(9).truth for count in (10, 200))
    np.testing.assert_array_equal(few.half_spread, many.half_spread)


def test_options() -> None:
    flat = SyntheticMarket(MarketParameters(flat=True)).day(0).truth
    assert (flat.shape == 1).all()
    shifted = SyntheticMarket(MarketParameters(noon_shift=2.0)).day(0).truth
    plain = SyntheticMarket().day(0).truth
    np.testing.assert_allclose(shifted.slope / plain.slope, np.repeat([1.0, 2.0], [150, 240]))
    regimes = SyntheticMarket(MarketParameters(regimes=True)).day(0).truth
    assert set(regimes.regime.tolist()) == {0, 1}
    np.testing.assert_allclose(regimes.half_spread / plain.half_spread, np.where(regimes.regime, 1.5, 1.0))


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"half_spread": 0.01}, "below the tick"),
        ({"slope": 0.0}, "above 0"),
        ({"slope": float("nan")}, "finite"),
        ({"levels": 20}, "levels"),
        ({"events_per_minute": 1}, "events"),
        ({"level_correlation": 1.0}, "at most"),
    ],
)
def test_impossible_markets_are_refused(given_: dict[str, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        MarketParameters(**given_)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 1.5, True])
def test_seeds_are_whole_numbers(seed: object) -> None:
    with pytest.raises(InputError, match="whole number"):
        SyntheticMarket().day(seed)  # type: ignore[arg-type]


def test_trades_are_about_the_share_asked_for() -> None:
    day = SyntheticMarket().day(0)
    assert len(trades(day)) == pytest.approx(0.4 * 46_800 * 119 / 120, rel=0.03)
