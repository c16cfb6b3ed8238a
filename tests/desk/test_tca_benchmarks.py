"""What market data adds to fills: mids and benchmark prices of a book, bars and prints."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tests.desk.tca_cases import table
from tradealloc.desk.tca import analyse, read_fills
from tradealloc.desk.tca.benchmarks import with_market
from tradealloc.errors import InputError
from tradealloc.market.book import standing_books, trades
from tradealloc.market.readers import open_market_data
from tradealloc.market.session import zone
from tradealloc.market.synthetic import SyntheticMarket

NEW_YORK = zone("America/New_York")
SECOND = 1_000_000_000


def execution(date, *fills):
    orders = table("o.csv", "OrderId Side Shares ArrivalPrice", ("a", "buy", "1000", "100"))
    rows = [(f"{date}T{time}", "a", "buy", shares, price) for time, shares, price in fills]
    return read_fills(table("f.csv", "Time OrderId Side Shares Price", *rows), orders, NEW_YORK)


def test_a_book_tells_mids_best_prices_and_benchmarks():
    day = SyntheticMarket().day(seed=3)
    read = execution(
        day.session.date, ("10:00:00", "100", "100"), ("10:00:20", "200", "100"), ("11:00:00", "50", "101")
    )
    orders, fills, notes = with_market(read.orders, read.fills, [day])
    at = np.array([36_000, 36_020, 39_600]) * SECOND
    before = standing_books(day, at - 1)[0]
    assert fills.mid.tolist() == before.mid.tolist()
    assert fills.best.tolist() == before.ask_price[:, 0].tolist()
    # a minute later, but not later than the order's next fill
    after = standing_books(day, np.array([36_020, 36_080, 39_660]) * SECOND - 1)[0]
    assert fills.mid_after.tolist() == after.mid.tolist()
    prints = trades(day)
    inside = (prints.time >= at[0]) & (prints.time <= at[-1])
    vwap = np.average(prints.price[inside], weights=prints.size[inside])
    assert orders.vwap.tolist() == pytest.approx([vwap])
    last = standing_books(day, np.array([day.session.end - 1]))[0].mid[0]
    assert (orders.close[0], orders.end_price[0]) == (last, last)
    assert notes == ()
    split = analyse(orders, fills).decomposition
    told = {part for part, known in split.known.items() if known.all()}
    assert told == {"timing", "permanent", "spread", "temporary", "opportunity"}
    assert sum(cents[0] for cents in split.cents.values()) == split.shortfall[0]


def test_bars_stand_for_trades_at_their_typical_price(tmp_path):
    rows = ["start,open,high,low,close,volume", "2025-06-02T10:00,10,11,9,10,100", "2025-06-02T10:01,10,13,10,13,300"]
    rows += ["2025-06-02T15:00,14,14,14,14,50"]
    (tmp_path / "bars.csv").write_text("\n".join(rows) + "\n")
    from tradealloc.market.readers.timing import SessionHours

    sources = open_market_data(tmp_path / "bars.csv", hours=SessionHours(timezone="America/New_York"))
    read = execution(dt.date(2025, 6, 2), ("10:00:30", "100", "10"), ("10:01:30", "100", "12"))
    orders, _, _ = with_market(read.orders, read.fills, sources)
    assert orders.vwap.tolist() == pytest.approx([(100 * 10 + 300 * 12) / 400])
    assert orders.twap.tolist() == pytest.approx([(10 + 13) / 2])
    assert orders.close.tolist() == [14]


def test_bars_without_volume_are_said_to_have_none(tmp_path):
    from tradealloc.market.readers.timing import SessionHours

    path = tmp_path / "bars.csv"
    path.write_text("start,open,high,low,close,volume\n2025-06-02T10:00,10,11,9,10,0\n2025-06-02T10:01,10,13,10,13,0\n")
    sources = open_market_data(path, hours=SessionHours(timezone="America/New_York"))
    read = execution(dt.date(2025, 6, 2), ("10:00:30", "100", "10"))
    with pytest.raises(InputError, match="has volume 0 in every bar: there is nothing to compare with"):
        with_market(read.orders, read.fills, sources)


def test_a_market_of_another_day_is_refused():
    day = SyntheticMarket().day(seed=3)
    read = execution(day.session.date + dt.timedelta(days=1), ("10:00:00", "100", "100"))
    with pytest.raises(InputError, match="has neither symbol nor day of a fill"):
        with_market(read.orders, read.fills, [day])


def prints_of(folder, day, *trades):
    from tradealloc.market.readers.timing import SessionHours

    path = folder / f"prints_{day}.csv"
    lines = [f"2025-06-{day:02d}T{time},{price},{size}" for time, price, size in trades]
    path.write_text("time,price,size\n" + "\n".join(lines) + "\n")
    return open_market_data(path, hours=SessionHours(timezone="America/New_York"))


def test_an_order_of_two_days_has_the_last_close_and_no_days_vwap(tmp_path):
    orders = table("o", "OrderId Side Shares ArrivalPrice", ("long", "buy", "1000", "10"), ("day", "buy", "100", "10"))
    fills = table("f", "Time OrderId Shares Price", *[
        ("2025-06-02T10:00:00", "long", "100", "10"), ("2025-06-02T10:30:00", "day", "100", "10"),
        ("2025-06-03T10:00:00", "long", "100", "11"),
    ])  # fmt: skip
    read = read_fills(fills, orders, NEW_YORK)
    first = prints_of(tmp_path, 2, ("09:31:00", 9, 10), ("10:30:00", 10, 10), ("15:59:00", 12, 10))
    second = prints_of(tmp_path, 3, ("09:31:00", 11, 10), ("15:59:00", 13, 10))
    for sources in ([*first, *second], [*second, *first]):
        found, _, notes = with_market(read.orders, read.fills, sources)
        assert found.close.tolist() == [13, 12]
        assert found.end_price.tolist() == [13, 12]
        assert np.isnan(found.vwap[0])
        assert found.vwap[1] == 10
        assert notes == ("1 order fills on several days: no interval VWAP and TWAP, which are of one day",)
    found, _, notes = with_market(read.orders, read.fills, first)
    assert np.isnan(found.close[0])  # its last day isn't there
    assert (
        "1 fill is outside the market data's days and symbols (fills row 4: 2025-06-03 10:00:00): it counts, without "
        "prices of the market"
    ) in notes


def test_an_order_that_never_filled_is_valued_when_it_was_given_up(tmp_path):
    orders = table(
        "o",
        "OrderId Symbol Side Shares ArrivalPrice Start End",
        ("filled", "XYZ", "buy", "100", "10", "2025-06-02T09:40:00", "2025-06-02T15:00:00"),
        ("never", "XYZ", "buy", "100", "10", "2025-06-02T09:40:00", "2025-06-02T12:00:00"),
        ("other day", "XYZ", "buy", "100", "10", "2025-06-03T09:40:00", ""),
    )
    fills = table("f", "Time OrderId Shares Price", ("2025-06-02T10:00:00", "filled", "50", "10"))
    read = read_fills(fills, orders, NEW_YORK)
    sources = prints_of(
        tmp_path, 2, ("09:31:00", 10, 10), ("11:00:00", 10.5, 10), ("13:00:00", 12, 10), ("15:30:00", 14, 10)
    )
    found, filled, _ = with_market(read.orders, read.fills, sources)
    assert found.end_price[:2].tolist() == [12, 10.5]
    assert found.close[:2].tolist() == [14, 14]
    assert np.isnan(found.end_price[2])
    assert np.isnan(found.vwap[1])  # it has no execution to compare with
    split = analyse(found, filled).decomposition
    assert split.currency("opportunity").tolist()[:2] == pytest.approx([50 * 2.0, 100 * 0.5])
    assert split.unpriced.tolist() == [0, 0, 100]


def test_fills_close_together_are_said_to_hold_the_markets_moves():
    day = SyntheticMarket().day(seed=3)
    minutes = [(f"10:{minute:02d}:00", "10", "100") for minute in range(5)]
    read = execution(day.session.date, *minutes)
    assert any(
        "permanent impact holds what the market did" in n for n in with_market(read.orders, read.fills, [day])[2]
    )


def test_fills_outside_the_session_are_named_by_the_first_of_their_rows():
    day = SyntheticMarket().day(seed=3)
    date = day.session.date

    def noted(*times):
        fills = [(time, f"{10 + number}", "100") for number, time in enumerate(times)]
        read = execution(date, *fills)
        notes = with_market(read.orders, read.fills, [day], label="f.csv")[2]
        return [note for note in notes if "outside" in note]

    assert noted("09:30:00", "10:00:00", "16:00:00") == []  # the closing auction is at the close
    assert noted("10:00:00", "08:00:00") == [
        f"1 fill is outside the market's 09:30-16:00 (f.csv row 3: {date} 08:00:00): it counts, though the data may "
        "have no prices then; check times and --timezone"
    ]
    (note,) = noted("10:00:00", "16:00:01", "08:00:00")  # sorted by time, 08:00 comes first
    assert note.startswith(f"2 fills are outside the market's 09:30-16:00 (first f.csv row 3: {date} 16:00:01): they")


def test_fills_of_another_symbol_are_named():
    day = SyntheticMarket().day(seed=3)
    orders = table(
        "o", "OrderId Symbol Side Shares ArrivalPrice",
        ("a", day.symbol, "buy", "10", "100"), ("b", "QRS", "buy", "10", "100"),
    )  # fmt: skip
    date = day.session.date
    rows = [(f"{date}T10:00:00", "a", "10", "100"), (f"{date}T10:30:00", "b", "10", "100")]
    read = read_fills(table("f", "Time OrderId Shares Price", *rows), orders, NEW_YORK)
    notes = with_market(read.orders, read.fills, [day], label="f.csv")[2]
    assert any(f"days and symbols (f.csv row 3: QRS {date} 10:30:00): it counts" in note for note in notes)
