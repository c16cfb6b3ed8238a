"""Fills and orders from tables: what is read, and what is refused with its row."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from tests.desk.tca_cases import FILLS, ORDERS, table
from tradealloc.desk.tca import analyse, read_fills
from tradealloc.desk.tca.table import read_csv
from tradealloc.errors import InputError, TradeallocError, WorkbookError
from tradealloc.market.session import zone


def changed(original, row, **cells):
    columns = {name: list(values) for name, values in original.columns.items()}
    for name, value in cells.items():
        columns[name][row] = value
    return type(original)(original.label, columns, original.place, original.rows)


@pytest.mark.parametrize(
    ("row", "cells", "sentence"),
    [
        (0, {"shares": "-300"}, r"fills.csv row 2, column shares is -300: give a number above 0"),
        (0, {"shares": ""}, r"fills.csv row 2, column shares is blank"),
        (1, {"price": "abc"}, r"fills.csv row 3, column price is 'abc': give a number"),
        (1, {"price": "nan"}, r"fills.csv row 3, column price is no finite number"),
        (0, {"side": "sell"}, r"fills.csv row 2 is on the other side than its order \(orders.csv row 2\)"),
        (0, {"side": "left"}, r"fills.csv row 2, column side is 'left': give buy or sell"),
        (2, {"time": "2025-06-02T20:00:01Z"}, r"fills.csv row 4 is after its order's window ends"),
        (0, {"time": "2025-06-02T13:29:59Z"}, r"fills.csv row 2 is before its order's window begins"),
        (0, {"time": "2025-06-02T13:35:00"}, r"fills.csv row 2, column time has no time zone"),
        (0, {"time": "noon"}, r"fills.csv row 2, column time is 'noon'"),
        (0, {"time": ""}, r"fills.csv row 2 has no time where others have"),
        (0, {"orderid": "C"}, r"fills.csv row 2 is of the order 'C', which orders.csv doesn't have"),
        (2, {"shares": "701"}, r"fills.csv row 4 fills more than its order A: 1,001 of 1,000"),
        (0, {"bid": "10.05"}, r"fills.csv row 2 has a bid of 10.05 above the ask of 10.04"),
        (2, {"fillid": "f1"}, r"fills.csv row 4 repeats the fill of fills.csv row 2"),
    ],
)
def test_a_fill_that_cannot_be_right_is_refused_with_its_row(row, cells, sentence):
    with pytest.raises(InputError, match=sentence):
        read_fills(changed(FILLS, row, **cells), ORDERS)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"orderid": "A"}, r"orders.csv row 3 has the order A of orders.csv row 2 again"),
        ({"arrivalprice": "", "decisionprice": ""}, r"orders.csv row 3 has no ArrivalPrice"),
        ({"end": "2025-06-02T13:00:00Z"}, r"orders.csv row 3 ends before it starts"),
        ({"shares": "0"}, r"orders.csv row 3, column shares is 0: give a number above 0"),
        ({"orderid": ""}, r"orders.csv row 3, column orderid is blank"),
    ],
)
def test_an_order_that_cannot_be_right_is_refused_with_its_row(cells, sentence):
    with pytest.raises(InputError, match=sentence):
        read_fills(FILLS, changed(ORDERS, 1, **cells))


@pytest.mark.parametrize(("column", "other"), [("Symbol", "ABC"), ("Currency", "EUR")])
def test_an_order_of_mixed_symbols_or_currencies_is_refused(column, other):
    own = "XYZ" if column == "Symbol" else "USD"
    fills = table(
        "fills.csv",
        f"OrderId Side Shares Price Mid {column}",
        ("A", "buy", "10", "10", "10", own),
        ("A", "buy", "11", "10", "10", other),
    )
    with pytest.raises(InputError, match=rf"fills.csv row 3 has the {column.lower()} {other} where its order"):
        read_fills(fills, ORDERS)
    with pytest.raises(InputError, match=rf"fills.csv row 3 has another {column.lower()} than fills.csv row 2"):
        read_fills(fills)


def test_repeats_are_left_out_on_demand_and_counted():
    columns = {name: [*values, values[0]] for name, values in FILLS.columns.items()}
    repeated = type(FILLS)("fills.csv", columns, FILLS.place, [2, 3, 4, 5])
    read = read_fills(repeated, ORDERS, drop_repeats=True)
    assert len(read.fills) == 3
    assert any("1 fill of fills.csv left out" in note for note in read.notes)


def test_shuffled_fills_cost_the_same_and_are_said():
    straight = read_fills(FILLS, ORDERS)
    shuffled = read_fills(FILLS.take([2, 0, 1]), ORDERS)
    assert any("aren't in order of time (first at fills.csv row 2)" in note for note in shuffled.notes)
    first, second = (analyse(read.orders, read.fills) for read in (straight, shuffled))
    assert first.decomposition.shortfall.tolist() == second.decomposition.shortfall.tolist()
    assert {part: cents.tolist() for part, cents in first.decomposition.cents.items()} == {
        part: cents.tolist() for part, cents in second.decomposition.cents.items()
    }


def test_times_are_shown_in_the_zone_asked_for():
    read = read_fills(FILLS, ORDERS, zone("America/New_York"))
    analysis = analyse(read.orders, read.fills, by=["time"])
    assert [one.name for one in analysis.groups] == ["09:30", "10:00"]
    naive = changed(changed(changed(FILLS, 0, time="09:35"), 1, time="09:50"), 2, time="10:05")
    times = read_fills(naive, None, zone("America/New_York")).fills.time
    assert (np.diff(times) == 900_000_000_000).all()


def test_without_orders_the_first_mid_is_the_arrival_and_it_is_said():
    read = read_fills(FILLS)
    assert read.orders.order_id == ("A", "B")
    assert read.orders.arrival_price.tolist() == pytest.approx([10.03, 20.0])
    assert any("the mid of each order's first fill stands in" in note for note in read.notes)
    with pytest.raises(InputError, match="give the orders with their arrival prices"):
        read_fills(table("f.csv", "Side Shares Price", ("buy", "10", "10")))


def test_a_notional_in_the_price_currency_becomes_shares():
    orders = table(
        "o.csv",
        "id ticker side notional notional_currency arrival_price",
        ("p", "EURUSD", "1", "220", "USD", "1.1"),
    )
    fills = table(
        "f.csv",
        "ancestor_pointer_id ticker side executed_notional notional_currency executed_price",
        ("p", "EURUSD", "1", "120", "USD", "1.2"),
    )
    read = read_fills(fills, orders)
    assert read.fills.shares.tolist() == pytest.approx([100])
    assert read.orders.shares.tolist() == pytest.approx([100 + 100 / 1.1])
    assert read.orders.currency == ("USD",)


def test_files_that_are_torn_damaged_or_empty_are_refused(tmp_path):
    good = "OrderId,Side,Shares,Price,Mid\nA,buy,10,10,10\nA,buy,20,10,10\n"
    torn = tmp_path / "torn.csv"
    torn.write_text(good[:-12])
    with pytest.raises(InputError, match=r"torn.csv row 3 has \d cells where 5 are expected"):
        read_csv(torn)
    packed = tmp_path / "fills.csv.gz"
    packed.write_bytes(gzip.compress(good.encode())[:-9])
    with pytest.raises(WorkbookError, match="truncated"):
        read_csv(packed)
    for name, text in (("empty.csv", ""), ("heads.csv", "Side,Shares\n"), ("twice.csv", "Side,side\nbuy,buy\n")):
        (tmp_path / name).write_text(text)
        with pytest.raises(TradeallocError, match=name):
            read_csv(tmp_path / name)
