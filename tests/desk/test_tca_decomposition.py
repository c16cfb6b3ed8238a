"""Implementation shortfall: by hand, as an identity, and with data missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.tca_cases import FILLS, ORDERS
from tradealloc.desk.tca import PARTS, Fills, Orders, decompose, read_fills
from tradealloc.desk.tca.cents import running_cents, split_cents
from tradealloc.desk.tca.fills import UNKNOWN_TIME
from tradealloc.errors import InputError

PRICES = st.floats(0.01, 5000) | st.just(float("nan"))


def test_an_order_by_hand():
    read = read_fills(FILLS, ORDERS)
    split = decompose(read.orders, read.fills)

    def part(name):
        return split.currency(name).tolist()

    assert part("delay") == [16.00, 0.0]  # 800 x (10.02 - 10.00); a decision price equal to arrival is a delay of 0
    assert part("permanent") == [10.00, 0.0]  # the mid went 10.03 -> 10.05 around the first fill: 500 x 0.02
    assert part("timing") == [33.00, 0.0]  # 300 x 0.01 + 500 x (0.08 - 0.02)
    assert part("spread") == [13.00, 10.0]  # 300 x 0.01 + 500 x 0.02; 500 x 0.02
    assert part("temporary") == [3.00, 0.0]  # 300 x (10.05 - 10.04) + 500 x 0
    assert part("fees") == [4.00, 2.0]
    assert part("opportunity") == [60.00, 0.0]  # 200 x (10.30 - 10.00)
    # Perold: 300 x 0.05 + 500 x 0.12 + 200 x 0.30 + 4.00
    assert split.shortfall.tolist() == [13900, 1200]
    assert split.average_price.tolist() == pytest.approx([(300 * 10.05 + 500 * 10.12) / 800, 19.98])


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("mid_after", {"drift", "spread", "temporary"}),
        ("best", {"timing", "permanent", "trading"}),
        ("mid", {"execution"}),
    ],
)
def test_what_data_does_not_tell_stays_with_its_neighbour(column, parts):
    read = read_fills(FILLS, ORDERS)
    fills = replace(read.fills, **{column: np.full(len(read.fills), np.nan)})
    split = decompose(read.orders, fills)
    assert split.shortfall.tolist() == [13900, 1200]
    told = {part for part in PARTS if split.known[part].all()}
    assert told == parts | {"delay", "opportunity", "fees"}
    assert sum(split.cents[part] for part in PARTS).tolist() == [13900, 1200]


def test_what_has_no_price_is_not_invented():
    read = read_fills(FILLS, ORDERS)
    orders = replace(read.orders, end_price=np.full(2, np.nan), decision_price=np.full(2, np.nan))
    split = decompose(orders, replace(read.fills, fees=np.full(3, np.nan)))
    assert np.isnan(split.currency("opportunity")[0])
    assert split.currency("opportunity")[1] == 0  # nothing is unfilled
    assert split.unpriced.tolist() == [200, 0]
    assert not split.known["delay"].any()
    assert not split.known["fees"].any()
    assert split.shortfall.tolist() == [5900, 1000]  # 300 x 0.03 + 500 x 0.10; 500 x 0.02


@st.composite
def executions(draw):
    size = draw(st.integers(1, 4))
    count = draw(st.integers(1, 12))

    def floats(low, high, length):
        return np.array(draw(st.lists(st.floats(low, high), min_size=length, max_size=length)))

    def prices(length):
        return np.array(draw(st.lists(PRICES, min_size=length, max_size=length)))

    order = np.array(draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count)))
    shares = floats(0.1, 1e6, count)
    unknown = np.full(size, np.nan)
    text = ("x",) * size
    orders = Orders(
        tuple(map(str, range(size))),
        *(text, text, text),
        np.array(draw(st.lists(st.sampled_from([1, -1]), min_size=size, max_size=size))),
        np.bincount(order, shares, minlength=size) + floats(0, 1e5, size),
        prices(size),
        floats(0.01, 5000, size),
        prices(size),
        *(np.full(size, UNKNOWN_TIME),) * 2,
        *(unknown,) * 6,
        np.arange(size),
    )
    fills = Fills(
        order,
        np.arange(count),
        shares,
        floats(0.01, 5000, count),
        *(prices(count), prices(count), prices(count)),
        np.array(draw(st.lists(st.floats(-5, 100) | st.just(float("nan")), min_size=count, max_size=count))),
        ("x",) * count,
        np.arange(count),
    )
    return orders, fills


@settings(max_examples=200, deadline=None)
@given(executions())
def test_the_parts_sum_to_the_whole_to_the_cent(execution):
    orders, fills = execution
    split = decompose(orders, fills)
    assert (sum(split.cents[part] for part in PARTS) == split.shortfall).all()
    for number in range(len(orders)):
        rows = fills.order == number
        decision = orders.decision_price[number]
        decision = orders.arrival_price[number] if np.isnan(decision) else decision
        left = orders.shares[number] - fills.shares[rows].sum()
        rest = 0.0 if np.isnan(orders.end_price[number]) else max(left, 0) * (orders.end_price[number] - decision)
        paid = np.sum(fills.shares[rows] * (fills.price[rows] - decision))
        whole = orders.side[number] * (paid + rest) + np.nansum(fills.fees[rows])
        assert split.shortfall[number] / 100 == pytest.approx(whole, rel=1e-9, abs=0.011)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_cents_of_a_group_sum_to_its_rounded_sum(rows):
    group, values = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    cents = running_cents(values, group)
    for name in set(group.tolist()):
        assert cents[group == name].sum() == pytest.approx(100 * values[group == name].sum(), abs=0.501)
    assert np.abs(cents - 100 * values).max() <= 1.001


def test_parts_that_do_not_sum_are_an_error():
    with pytest.raises(InputError, match=r"order 1: the parts of its cost sum to 3\.0 and not to 3\.5"):
        split_cents(np.array([[1.0, 2.0]]), np.ones((1, 2), bool), np.array([3.5]))


def test_more_money_than_doubles_tell_to_the_cent_is_an_error():
    with pytest.raises(InputError, match="larger unit"):
        split_cents(np.array([[1e15]]), np.ones((1, 1), bool), np.array([1e15]))
