"""What a day's market data adds: mids around the fills, and the market's own prices over each order's window.

The window of an order runs from its start (its first fill, where none is given) to its last fill: what was traded
after the execution is no benchmark for it. VWAP is the volume-weighted price of all trades in the window, the own
ones among them; TWAP the mean of the prices at even times. Bars stand for trades at the mean of high, low and close,
and for the price at their end by the close. What the orders give already stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.errors import InputError
from tradealloc.market.book import standing_books, trades
from tradealloc.market.prints import Bars, Prints
from tradealloc.market.readers import BarsFile, MarketData, PrintsFile
from tradealloc.market.session import Session, nanoseconds

from .fills import UNKNOWN_TIME, Fills, Floats, Ints, Orders
from .grouping import DAY
from .table import EPOCH

if TYPE_CHECKING:
    from tradealloc.market.book import BookSource

AFTER = dt.timedelta(minutes=1)
"""When after a fill the mid is taken that tells permanent impact; the order's next fill cuts it short."""

_TWAP_POINTS = 100


def with_market(orders: Orders, fills: Fills, sources: Sequence[MarketData]) -> tuple[Orders, Fills, tuple[str, ...]]:
    """Orders and fills with what market data knows of them, and notes on what it doesn't.

    Parameters
    ----------
    orders, fills
        What was traded, with times in the sources' time zone.
    sources
        One a symbol and day; one without a symbol is for orders of a single symbol.

    Raises
    ------
    InputError
        The fills have no times, or none of them falls on a symbol and day of the data.
    """
    if (fills.time == UNKNOWN_TIME).any():
        raise InputError("needs fills with times: add the column Time", where="--market")
    found = np.zeros(len(fills), bool)
    for source in sources:
        midnight = (source.session.date - EPOCH.date()).days * DAY
        of_symbol = np.array([not source.symbol or not symbol or symbol == source.symbol for symbol in orders.symbol])
        if not source.symbol and len(set(orders.symbol)) > 1:
            raise InputError("has no symbol, and the orders are of several: name it", where="--market")
        rows = np.flatnonzero(of_symbol[fills.order] & (fills.time // DAY * DAY == midnight))
        if not len(rows):
            continue
        found[rows] = True
        if isinstance(source, PrintsFile):
            orders = _against_prints(orders, fills, rows, source.prints(), midnight)
        elif isinstance(source, BarsFile):
            orders = _against_bars(orders, fills, rows, source.bars(), source.session, midnight)
        else:
            orders, fills = _against_book(orders, fills, rows, source, midnight)
    if not found.any():
        raise InputError("has neither symbol nor day of a fill: check dates and --timezone", where="--market")
    missing = int((~found).sum())
    return orders, fills, (f"{missing:,} fills are outside the market data's days",) if missing else ()


def _windows(orders: Orders, fills: Fills, rows: Ints, midnight: int) -> tuple[Ints, Ints, Ints]:
    """Orders that fill on the day, and their windows in ns after its midnight."""
    touched = np.unique(fills.order[rows])
    first, last = np.full(len(orders), DAY), np.zeros(len(orders), np.int64)
    np.minimum.at(first, fills.order[rows], fills.time[rows] - midnight)
    np.maximum.at(last, fills.order[rows], fills.time[rows] - midnight)
    start = orders.start[touched] - midnight
    is_given = (orders.start[touched] != UNKNOWN_TIME) & (start >= 0)
    return touched, np.where(is_given, start, first[touched]), last[touched]


def _filled_in(orders: Orders, touched: Ints, **values: Floats) -> Orders:
    """The orders with benchmarks put where there were none."""
    changed = {}
    for name, value in values.items():
        column = getattr(orders, name).copy()
        blank = ~np.isfinite(column[touched])
        column[touched[blank]] = value[blank]
        changed[name] = column
    return replace(orders, **changed)


def _against_prints(orders: Orders, fills: Fills, rows: Ints, prints: Prints, midnight: int) -> Orders:
    touched, start, end = _windows(orders, fills, rows, midnight)
    close = np.full(len(touched), prints.price[-1] if len(prints) else np.nan)
    twap = np.full(len(touched), np.nan)
    for number, (begin, stop) in enumerate(zip(start, end, strict=True)):
        at = np.searchsorted(prints.time, np.linspace(begin, stop, _TWAP_POINTS), side="right") - 1
        if at[0] >= 0:
            twap[number] = prints.price[at].mean()
    return _filled_in(orders, touched, vwap=_vwap(prints, start, end), twap=twap, close=close)


def _vwap(prints: Prints, start: Ints, end: Ints) -> Floats:
    money = np.r_[0.0, np.cumsum(prints.price * prints.size)]
    volume = np.r_[0.0, np.cumsum(prints.size)]
    first = np.searchsorted(prints.time, start, side="left")
    last = np.searchsorted(prints.time, end, side="right")
    traded = volume[last] - volume[first]
    vwap = np.full(len(start), np.nan)
    np.divide(money[last] - money[first], traded, out=vwap, where=traded > 0)
    return vwap


def _against_bars(orders: Orders, fills: Fills, rows: Ints, bars: Bars, session: Session, midnight: int) -> Orders:
    touched, start, end = _windows(orders, fills, rows, midnight)
    typical = np.where(np.isfinite(bars.high + bars.low), (bars.high + bars.low + bars.close) / 3, bars.close)
    usable = np.isfinite(typical) & (bars.volume > 0)
    known = np.flatnonzero(usable)
    if not len(known):
        raise InputError("has bars without a close: prices are needed to compare with", where="--market")
    stand_in = Prints(session.edges[known], typical[known], bars.volume[known], np.zeros(len(known), np.int8))
    whole = nanoseconds(session.interval)
    begin = start // whole * whole + session.start % whole  # the bar that the window begins in counts
    begin = np.minimum(begin, start)
    first, last = np.searchsorted(stand_in.time, begin), np.searchsorted(stand_in.time, end, side="right")
    sums = np.r_[0.0, np.cumsum(bars.close[known])]
    twap = np.divide(sums[last] - sums[first], last - first, out=np.full(len(start), np.nan), where=last > first)
    close = np.full(len(touched), bars.close[known[-1]])
    return _filled_in(orders, touched, vwap=_vwap(stand_in, begin, end), twap=twap, close=close)


def _against_book(orders: Orders, fills: Fills, rows: Ints, source: BookSource, midnight: int) -> tuple[Orders, Fills]:
    touched, start, end = _windows(orders, fills, rows, midnight)
    time = fills.time[rows] - midnight
    later = np.minimum(time + nanoseconds(AFTER), _next_fill(fills.order[rows], time))
    grid = np.linspace(start, end, _TWAP_POINTS, axis=1).astype(np.int64)
    closing = np.array([source.session.end - 1])
    given_up = np.where(orders.end[touched] == UNKNOWN_TIME, closing[0], orders.end[touched] - midnight)
    asked = [time - 1, later - 1, grid.ravel(), np.minimum(given_up, closing[0]), closing]
    wanted, place = np.unique(np.concatenate(asked), return_inverse=True)
    books, _ = standing_books(source, wanted)
    parts = np.split(place, np.cumsum([len(part) for part in asked])[:-1])
    before, after, even, rest, last = (books.mid[part] for part in parts)
    best = np.where(orders.side[fills.order[rows]] > 0, books.ask_price[parts[0], 0], books.bid_price[parts[0], 0])
    changed = {}
    for name, value in (("mid", before), ("best", best), ("mid_after", after)):
        column = getattr(fills, name).copy()
        blank = ~np.isfinite(column[rows])
        column[rows[blank]] = value[blank]
        changed[name] = column
    orders = _filled_in(
        orders,
        touched,
        vwap=_vwap(trades(source), start, end),
        twap=even.reshape(grid.shape).mean(axis=1),
        close=np.full(len(touched), last[0]),
        end_price=rest,
    )
    return orders, replace(fills, **changed)


def _next_fill(order: Ints, time: Ints) -> Ints:
    """When the same order fills next; the end of time for its last fill."""
    following = np.full(len(time), np.iinfo(np.int64).max)
    rows = np.lexsort((time, order))
    same = order[rows[1:]] == order[rows[:-1]]
    following[rows[:-1][same]] = time[rows[1:]][same]
    return following
