"""Totals of many orders, recomputed by hand and by property."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tradealloc as ta
from tradealloc.batch import Batch, BatchOrder, SolvedOrder, solve_order
from tradealloc.units import ImpactUnit


def minutes(*numbers: int) -> tuple[dt.timedelta, ...]:
    return tuple(dt.timedelta(minutes=number) for number in numbers)


def order(
    name: str,
    shares: float = 1000.0,
    *,
    beta: tuple[float, ...] = (1e-5, 2e-5, 4e-5),
    volume: tuple[float, ...] | None = None,
    participation: float | None = None,
    price: float | None = 50.0,
    symbol: str = "ACME",
    side: str = "buy",
    starts: tuple[dt.timedelta, ...] | None = None,
    unit: ImpactUnit = ImpactUnit.PRICE,
) -> SolvedOrder:
    limits = ta.Limits(participation=participation, volume=volume)
    problem = ta.Problem(shares, ta.LinearImpact(beta), limits, unit=unit, arrival_price=price)
    return solve_order(BatchOrder(name, problem, symbol, side, starts))


def test_each_order_gets_the_schedule_that_solve_gives() -> None:
    one = order("A")
    np.testing.assert_array_equal(one.schedule.shares, ta.solve(one.order.problem).shares)
    by_hand = 1000 / np.array([1e-5, 2e-5, 4e-5]) / (1 / 1e-5 + 1 / 2e-5 + 1 / 4e-5)
    np.testing.assert_allclose(one.schedule.shares, by_hand, rtol=1e-12)
    cost = float((np.array([1e-5, 2e-5, 4e-5]) * by_hand**2).sum())
    equal = 7e-5 * (1000 / 3) ** 2
    assert one.improvement == pytest.approx(1 - cost / equal, rel=1e-12)
    assert one.saving == pytest.approx(equal - cost, rel=1e-12)
    assert one.intervals == 3
    assert one.intervals_at_limit == 0
    assert one.peak_participation is None


def test_totals_by_symbol_by_hand() -> None:
    batch = Batch((order("A"), order("B", 600, side="sell", symbol="acme "), order("C", 500, symbol="X", price=20.0)))
    acme, other = batch.by_symbol
    assert (acme.symbol, acme.orders, acme.buy_shares, acme.sell_shares) == ("ACME", 2, 1000.0, 600.0)
    costs = [one.schedule.cost for one in batch.solved]
    assert acme.notional == 1600 * 50
    assert acme.total_cost == pytest.approx(costs[0] + costs[1], rel=1e-12)
    assert acme.impact_bps == pytest.approx((costs[0] + costs[1]) / 80_000 * 1e4, rel=1e-12)
    assert (other.symbol, other.orders, other.notional) == ("X", 1, 10_000.0)
    assert batch.totals.total_cost == pytest.approx(sum(costs), rel=1e-12)
    assert batch.totals.impact_bps == pytest.approx(sum(costs) / 90_000 * 1e4, rel=1e-12)
    equal_costs = sum(7e-5 * shares**2 / 9 for shares in (1000, 600, 500))
    assert batch.totals.improvement == pytest.approx(1 - sum(costs) / equal_costs, rel=1e-12)


def test_intervals_meet_by_their_starts() -> None:
    early, late = order("A", starts=minutes(570, 571, 572)), order("B", starts=minutes(571, 572, 573), side="sell")
    batch = Batch((early, late))
    assert batch.timeline.starts == minutes(570, 571, 572, 573)
    assert np.isnan(batch.shares[0, 3])
    assert np.isnan(batch.shares[1, 0])
    np.testing.assert_array_equal(batch.shares[1, 1:], late.schedule.shares)
    rows = batch.by_time
    assert [row.interval for row in rows] == [1, 2, 3, 4]
    assert [row.buy_shares for row in rows] == [*early.schedule.shares, 0.0]
    assert [row.sell_shares for row in rows] == [0.0, *late.schedule.shares]
    assert rows[-1].cumulative_share == pytest.approx(1.0)


def test_intervals_meet_by_number_where_one_order_has_no_starts() -> None:
    batch = Batch((order("A", starts=minutes(570, 571, 572)), order("B", beta=(1e-5,) * 5)))
    assert batch.timeline.starts is None
    assert batch.timeline.intervals == 5
    assert np.isnan(batch.shares[0, 3:]).all()


def test_orders_without_a_price_count_in_shares_and_cost_but_not_in_notional() -> None:
    batch = Batch((order("A"), order("B", price=None), order("C", price=None, unit=ImpactUnit.BPS, symbol="X")))
    totals = batch.totals
    costs = [one.schedule.cost for one in batch.solved]
    assert totals.shares == 3000
    assert totals.notional == 50_000
    assert totals.total_cost == pytest.approx(costs[0] + costs[1], rel=1e-12)
    assert totals.impact_bps == pytest.approx(costs[0] / 50_000 * 1e4, rel=1e-12)
    assert batch.by_symbol[1].total_cost is None
    assert sum(row.notional or 0.0 for row in batch.by_time) == pytest.approx(50_000)


def test_no_price_at_all_leaves_notional_blank() -> None:
    batch = Batch((order("A", price=None),))
    assert batch.totals.notional is batch.totals.impact_bps is None
    assert {row.notional for row in batch.by_time} == {row.cumulative_share for row in batch.by_time} == {None}


def test_orders_of_a_symbol_share_its_volume() -> None:
    volume = (5_000.0, 5_000.0, 5_000.0)
    pair = [order(name, 1200, beta=(1e-5,) * 3, volume=volume, participation=0.1) for name in "AB"]
    alone, together = Batch((pair[0],)), Batch(tuple(pair))
    assert alone.by_symbol[0].peak_participation == pytest.approx(0.08)
    assert together.by_symbol[0].peak_participation == pytest.approx(0.16)
    assert alone.crowded == ()
    (crowding,) = together.crowded
    assert crowding.symbol == "ACME"
    assert crowding.participation == pytest.approx(0.16)
    assert crowding.cap == 0.1


def test_two_orders_within_their_cap_together_do_not_crowd() -> None:
    volume = (5_000.0, 5_000.0, 5_000.0)
    batch = Batch(tuple(order(n, 700, beta=(1e-5,) * 3, volume=volume, participation=0.1) for n in "AB"))
    assert batch.crowded == ()
    uncapped = order("C", 9000, beta=(1e-5,) * 3, volume=volume)
    assert Batch((*batch.solved, uncapped)).crowded == ()


def test_the_smaller_forecast_of_a_symbols_volume_counts() -> None:
    first = order("A", 300, beta=(1e-5,) * 3, volume=(1_000.0,) * 3)
    second = order("B", 300, beta=(1e-5,) * 3, volume=(2_000.0,) * 3)
    assert Batch((first, second)).by_symbol[0].peak_participation == pytest.approx(0.2)


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    solved = []
    for number in range(draw(st.integers(1, 6))):
        first = draw(st.integers(0, 4))
        beta = draw(st.lists(st.floats(1e-7, 1e-3), min_size=1, max_size=6))
        solved.append(
            order(
                f"O{number}",
                draw(st.floats(1.0, 1e6)),
                beta=tuple(beta),
                price=draw(st.none() | st.floats(0.1, 1e4)),
                symbol=draw(st.sampled_from(["A", "B", "日本"])),
                side=draw(st.sampled_from(["buy", "sell"])),
                starts=draw(st.sampled_from([None, minutes(*range(first, first + len(beta)))])),
            )
        )
    return Batch(tuple(solved))


@given(batches())
@settings(max_examples=60, deadline=None)
def test_totals_by_order_by_symbol_and_by_time_agree(batch: Batch) -> None:
    sizes = math.fsum(one.order.problem.shares for one in batch.solved)
    np.testing.assert_allclose(np.nansum(batch.shares, axis=1), [o.order.problem.shares for o in batch.solved])
    for rows in (batch.by_symbol, batch.by_time):
        assert math.fsum(row.buy_shares + row.sell_shares for row in rows) == pytest.approx(sizes)
        for field in ("notional", "total_cost"):
            found = [value for row in rows if (value := getattr(row, field)) is not None]
            wanted = getattr(batch.totals, field)
            assert found == [] if wanted is None else math.fsum(found) == pytest.approx(wanted)
    assert sum(row.orders for row in batch.by_symbol) == len(batch.solved) == batch.totals.orders
    shares = [row.cumulative_share for row in batch.by_time]
    if shares[-1] is not None:
        assert shares[-1] == pytest.approx(1.0)
        assert all(a <= b + 1e-12 for a, b in itertools.pairwise(shares))
