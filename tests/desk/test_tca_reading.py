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
        (0, {"orderid": ""}, r"fills.csv row 2, column orderid is blank: say which order"),
        (0, {"shares": "3_00"}, r"fills.csv row 2, column shares is '3_00': give a number"),
        (0, {"shares": True}, r"fills.csv row 2, column shares is 'True': give a number"),
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


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Side;Shares;Price\nbuy;10;10,5\n", "f.csv row 1 separates cells by semicolons"),
        (b"Side\tShares\tPrice\nbuy\t10\t10\n", "f.csv row 1 separates cells by tabs"),
        (b"sep=,\nSide,Shares,Price\nbuy,10,10\n", "f.csv row 1 says what separates its cells"),
        (b"PK\x03\x04....", "f.csv is a workbook or zip archive: save it as CSV"),
        (b"\xd0\xcf\x11\xe0....", "f.csv is an old Excel workbook"),
        (gzip.compress(b"Side,Shares\nbuy,10\n", mtime=0), "f.csv is compressed: give its name the ending .gz"),
        ("Side,Shares\nbuy,10\n".encode("utf-16"), "f.csv is in UTF-16"),
        (b"Side,Symbol\nbuy,A\nbuy,\xc4B\n", "f.csv row 3 isn't in UTF-8"),
    ],
)
def test_what_is_no_csv_with_commas_is_said_plainly(tmp_path, content, sentence):
    (tmp_path / "f.csv").write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_csv(tmp_path / "f.csv")


def test_rows_of_blanks_and_marks_before_the_header_do_not_count(tmp_path):
    text = "\ufeff\n  \nSide , Shares\n , \nbuy,10\n\n\t\n sell ,20\n,\n"
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    found = read_csv(tmp_path / "f.csv")
    assert dict(found.columns) == {"side": ["buy", "sell"], "shares": ["10", "20"]}
    assert [found.place(row, "shares") for row in (0, 1)] == [
        "f.csv row 5, column Shares",
        "f.csv row 8, column Shares",
    ]


def serials(*times):
    """A workbook's fills whose time cells have lost their format."""
    rows = [("A", "buy", 10.0, 10.0, 10.0, time) for time in times]
    found = table("tblFills", "OrderId Side Shares Price Mid Time", *rows)
    return type(found)(found.label, found.columns, found.place, found.rows, may_be_local=True)


def test_a_number_is_the_time_that_a_spreadsheet_shows():
    hour = 3_600_000_000_000
    assert read_fills(serials(0.0, 0.5)).fills.time.tolist() == [0, 12 * hour]
    (dated,) = read_fills(serials(45810.25)).fills.time.tolist()
    assert dated == (20_241 * 24 + 6) * hour  # 2025-06-02
    for time in (1e12, -0.5, True):
        with pytest.raises(InputError, match=r"column time is '.*': give a date with a time"):
            read_fills(serials(time))


def test_a_window_by_the_clock_is_that_of_the_fills_day():
    orders = table("o", "OrderId Side Shares ArrivalPrice Start End", *[
        (name, "buy", "1000", "10", "13:30", "20:00") for name in ("A", "B", "idle")
    ])  # fmt: skip
    fills = table("f", "Time OrderId Shares Price", *[
        (f"2025-06-0{day}T14:00:00", name, "10", "10") for day, name in ((2, "A"), (3, "A"), (3, "B"))
    ])  # fmt: skip
    read = read_fills(fills, orders, zone("UTC"))
    days = read.orders.start // 86_400_000_000_000 - 20_241
    assert days.tolist() == [0, 1, -20_241]
    assert (read.orders.end // 86_400_000_000_000 - 20_241).tolist() == [1, 1, -20_241]
    late = table("f", "Time OrderId Shares Price", ("2025-06-02T20:00:01", "A", "10", "10"))
    with pytest.raises(InputError, match="after its order's window ends"):
        read_fills(late, orders, zone("UTC"))
    one_day = read_fills(fills.take([0]), orders, zone("UTC"))
    assert (one_day.orders.start > 0).all()


def test_one_price_tells_no_delay():
    orders = changed(ORDERS, 1, arrivalprice="")
    read = read_fills(FILLS, orders)
    analysis = analyse(read.orders, read.fills)
    assert analysis.decomposition.known["delay"].tolist() == [True, False]
    assert analysis.orders.arrival_price[1] == 20.0
    assert any("1 order without both DecisionPrice and ArrivalPrice" in note for note in analysis.notes)


def test_a_slipped_decimal_point_is_noted_with_its_row():
    read = read_fills(changed(FILLS, 1, price="199.8", bid="", ask=""), ORDERS)
    sentence = "1 fill is more than 20% from the arrival price (fills.csv row 3: 199.8, arrival 20)"
    assert any(sentence in note for note in read.notes)
    assert not any("arrival price" in note for note in read_fills(FILLS, ORDERS).notes)
