"""Slippage by group and forecasts against outcomes, recomputed by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.desk.tca_cases import FILLS, ORDERS, table
from tradealloc.desk.tca import GROUPINGS, analyse, check_predictions, read_fills, refine
from tradealloc.errors import InputError
from tradealloc.market.profile import DayProfile

RNG = np.random.default_rng(7)


def many(orders=40, fills=3):
    """Orders in one symbol, a few fills each, two brokers."""
    rows, lines = [], []
    for number in range(orders):
        arrival = 50 + RNG.normal()
        side = "buy" if number % 2 else "sell"
        lines.append((f"o{number}", "XYZ", side, "300", f"{arrival:.4f}", f"b{number % 3}", "USD", f"{arrival:.4f}"))
        for piece in range(fills):
            price = arrival * (1 + RNG.normal(0, 5e-4))
            rows.append(
                (f"2025-06-02T{14 + piece}:00:00Z", f"o{number}", side, "100", f"{price:.4f}", f"{number}.{piece}")
            )
    orders_table = table("o.csv", "OrderId Symbol Side Shares ArrivalPrice Broker Currency VWAP", *lines)
    return read_fills(table("f.csv", "Time OrderId Side Shares Price FillId", *rows), orders_table)


def test_every_grouping_sums_to_the_same_cents():
    read = many()
    analysis = analyse(read.orders, read.fills)
    whole = int(analysis.slippage.sum())
    assert whole == int(analysis.decomposition.cents["execution"].sum())
    for by in GROUPINGS:
        groups = analysis.of(by)
        assert sum(one.slippage for one in groups) == whole
        assert sum(one.fills for one in groups) == len(read.fills)


def test_mean_and_interval_take_orders_for_the_sample():
    read = many()
    side = read.orders.side[read.fills.order]
    arrival = read.orders.arrival_price[read.fills.order]
    x = side * (read.fills.price / arrival - 1) * 1e4
    w = read.fills.shares * arrival
    mean = np.sum(w * x) / w.sum()
    scores = [np.sum((w * (x - mean))[read.fills.order == number]) for number in range(40)]
    error = np.sqrt(40 / 39 * np.sum(np.square(scores))) / w.sum()
    (found,) = analyse(read.orders, read.fills, by=["symbol"]).groups
    assert found.arrival_bps == pytest.approx(mean)
    assert found.low_bps == pytest.approx(mean - stats.t.ppf(0.975, 39) * error)
    assert found.high_bps == pytest.approx(mean + stats.t.ppf(0.975, 39) * error)
    assert found.vwap_bps == pytest.approx(mean)
    assert np.isnan(found.close_bps)


def test_currencies_are_not_added():
    read = read_fills(FILLS, ORDERS)
    analysis = analyse(replace(read.orders, currency=("USD", "EUR")), read.fills, by=["side", "symbol"])
    assert {(one.name, one.currency) for one in analysis.of("side")} == {("buy", "USD"), ("sell", "EUR")}
    assert [(total.currency, total.shortfall) for total in analysis.totals] == [("EUR", 1200), ("USD", 13900)]
    for total in analysis.totals:
        assert sum(total.parts.values()) == total.shortfall


def test_the_mean_slippage_of_a_currency_is_weighted_with_notional():
    """Orders A (800 shares, arrival 10.02) and B (500 of 500, arrival 20), by hand."""
    read = read_fills(FILLS, ORDERS)
    orders = replace(read.orders, vwap=np.array([10.05, np.nan]))
    (total,) = analyse(orders, read.fills).totals
    a = ((300 * 10.05 + 500 * 10.12) / 800 / 10.02 - 1) * 1e4
    b = -(19.98 / 20 - 1) * 1e4
    assert total.slippage["arrival"] == pytest.approx((800 * 10.02 * a + 500 * 20 * b) / (800 * 10.02 + 500 * 20))
    assert total.slippage["vwap"] == pytest.approx(((300 * 10.05 + 500 * 10.12) / 800 / 10.05 - 1) * 1e4)
    assert np.isnan(total.slippage["close"])
    apart = analyse(replace(orders, currency=("USD", "EUR")), read.fills).totals
    assert [(one.currency, one.slippage["arrival"]) for one in apart] == [
        ("EUR", pytest.approx(b)),
        ("USD", pytest.approx(a)),
    ]


def test_the_total_is_the_group_of_everything():
    read = many()
    analysis = analyse(read.orders, read.fills, by=["Symbol", "symbol"])
    (group,) = analysis.groups
    (total,) = analysis.totals
    assert total.slippage["arrival"] == pytest.approx(group.arrival_bps)
    assert total.slippage["vwap"] == pytest.approx(group.vwap_bps)


def test_an_unknown_grouping_is_refused():
    read = read_fills(FILLS, ORDERS)
    with pytest.raises(InputError, match="--by is 'venue': group by order, symbol, side, broker, time"):
        analyse(read.orders, read.fills, by=["venue"])


def test_a_forecast_is_checked_by_hand():
    p = np.array([1.0, 2.0, 3.0, 4.0])
    r = 0.5 + 2 * p
    found = check_predictions(p, r, low=p, high=np.array([2.6, 4.4, 7.0, np.nan]))
    assert found.bias == pytest.approx(3.0)
    assert found.bias_error == pytest.approx(np.std(r - p, ddof=1) / 2)
    assert (found.intercept, found.slope, found.r_squared) == pytest.approx((0.5, 2.0, 1.0))
    assert (found.coverage, found.covered) == (pytest.approx(2 / 3), 3)
    assert check_predictions([np.nan], [1.0]) is None
    assert np.isnan(check_predictions([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]).slope)


@pytest.mark.parametrize("level", [0.8, 1.0, 1.4])
def test_the_day_level_is_found_and_carried_into_the_next_profile(level):
    starts = tuple(dt.time(14 + number // 60, number % 60) for number in range(120))
    half, beta = np.full(120, 0.01), np.linspace(4e-5, 1e-5, 120)
    unknown = {"half_spread_error": half / 50, "beta_error": beta / 50}
    profile = DayProfile.of(starts, {"half_spread": half, "beta": beta, **unknown})
    rng = np.random.default_rng(3)
    rows = []
    for number, start in enumerate(starts):
        cost = level * (half[number] + beta[number] * 200) * rng.normal(1, 0.05)
        rows.append((f"2025-06-02T{start}Z", "a", "sell", "200", repr(float(50 - cost)), "50"))
    orders = table("o.csv", "OrderId Side Shares ArrivalPrice", ("a", "sell", "24000", "50"))
    read = read_fills(table("f.csv", "Time OrderId Side Shares Price Mid", *rows), orders)
    refined = refine(profile, read.orders, read.fills)
    assert refined.level == pytest.approx(level, abs=3 * refined.level_error)
    assert refined.level_error < 0.01
    assert refined.profile.beta == pytest.approx(refined.level * beta)
    assert (refined.profile.beta_error > refined.level * beta / 50).all()
    assert refined.check.bias == pytest.approx((level - 1) * refined.predicted.mean(), abs=5e-4)


def test_few_fills_leave_the_prior():
    profile = DayProfile.of((dt.time(13, 0),), {"half_spread": np.array([0.01]), "beta": np.array([1e-5])})
    orders = table("o.csv", "OrderId Side Shares ArrivalPrice", ("a", "buy", "10", "50"))
    fills = table("f.csv", "Time OrderId Side Shares Price Mid", ("2025-06-02T13:00:00Z", "a", "buy", "10", "51", "50"))
    read = read_fills(fills, orders)
    assert refine(profile, read.orders, read.fills).level == 1.0
    with pytest.raises(InputError, match="needs fills with Time and with Mid"):
        refine(profile, read.orders, replace(read.fills, mid=np.array([np.nan])))
