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


def test_a_market_of_another_day_is_refused():
    day = SyntheticMarket().day(seed=3)
    read = execution(day.session.date + dt.timedelta(days=1), ("10:00:00", "100", "100"))
    with pytest.raises(InputError, match="has neither symbol nor day of a fill"):
        with_market(read.orders, read.fills, [day])
