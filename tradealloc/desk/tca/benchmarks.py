"""What a day's market data adds: mids around the fills, and the market's own prices over each order's window.

The window of an order runs from its start (its first fill, where none is given) to its last fill: what was traded
after the execution is no benchmark for it. VWAP is the volume-weighted price of all trades in the window, the own
ones among them; TWAP the mean of the prices at even times. Bars stand for trades at the mean of high, low and close,
and for the price at their end by the close. What is unfilled is valued at the mid, last trade or bar's close by the
order's end, or by the session's where it has none. What the orders give already stays.

An order that fills on several days has no window of one day: its VWAP and TWAP stay unknown; its close, and the price
of its rest, are those of its last day. One that never filled has the day of its start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.book import standing_books, trades
from tradealloc.market.prints import Bars, Prints
from tradealloc.market.readers import BarsFile, MarketData, PrintsFile
from tradealloc.market.session import Session, nanoseconds

from .fills import DAY, UNKNOWN_TIME, Fills, Floats, Ints, Orders, days_of
from .table import EPOCH

if TYPE_CHECKING:
    from tradealloc.market.book import BookSource

AFTER = dt.timedelta(minutes=1)
"""When after a fill the mid is taken that tells permanent impact; the order's next fill cuts it short."""

_TWAP_POINTS = 100


def with_market(
    orders: Orders, fills: Fills, sources: Sequence[MarketData], *, label: str = "fills"
) -> tuple[Orders, Fills, tuple[str, ...]]:
    """Orders and fills with what market data knows of them, and notes on what it doesn't.

    Parameters
    ----------
    orders, fills
        What was traded, with times in the sources' time zone.
    sources
        One a symbol and day; one without a symbol is for orders of a single symbol.
    label
        What notes call the source of the fills.

    Raises
    ------
    InputError
        The fills have no times, or none of them falls on a symbol and day of the data.
    """
    if (fills.time == UNKNOWN_TIME).any():
        raise InputError("needs fills with times: add the column Time", where="--market")
    days = _days(orders, fills)
    found = np.zeros(len(fills), bool)
    several = np.zeros(len(orders), bool)
    early_or_late = np.zeros(len(fills), bool)
    hours: dict[int, Session] = {}
    notes: list[str] = []
    for source in sources:
        midnight = (source.session.date - EPOCH.date()).days * DAY
        of_symbol = np.array([not source.symbol or not symbol or symbol == source.symbol for symbol in orders.symbol])
        if not source.symbol and len(set(orders.symbol)) > 1:
            raise InputError("has no symbol, and the orders are of several: name it", where="--market")
        rows = np.flatnonzero(of_symbol[fills.order] & (fills.time // DAY * DAY == midnight))
        executions = _executions(orders, fills, rows, of_symbol, days, source.session, midnight)
        found[rows] = True
        time = fills.time[rows] - midnight
        outside = rows[(time < source.session.start) | (time > source.session.end)]  # a closing auction is at the end
        early_or_late[outside] = True
        hours |= dict.fromkeys(outside.tolist(), source.session)
        if not len(executions.order):
            continue
        several[executions.order[executions.has_fills & ~executions.is_whole]] = True
        if isinstance(source, PrintsFile):
            orders = _against_prints(orders, executions, source.prints())
        elif isinstance(source, BarsFile):
            orders = _against_bars(orders, executions, source.bars(), source.session)
        else:
            orders, fills, more = _against_book(orders, fills, rows, executions, source, midnight)
            notes += [note for note in more if note not in notes]
    if not found.any():
        raise InputError("has neither symbol nor day of a fill: check dates and --timezone", where="--market")
    if not found.all():
        first, which, they = _first_of(~found, orders, fills, label)
        place = f"outside the market data's days and symbols ({first[1]})"
        notes.append(f"{which} {place}: {they}, without prices of the market")
    if early_or_late.any():
        first, which, they = _first_of(early_or_late, orders, fills, label)
        session = hours[first[0]]
        place = f"outside the market's {session.open:%H:%M}-{session.close:%H:%M} ({first[1]})"
        notes.append(f"{which} {place}: {they}, though the data may have no prices then; check times and --timezone")
    if blank := int((several & ~np.isfinite(orders.vwap)).sum()):
        which = f"{blank:,} order{'s fill' if blank > 1 else ' fills'}"
        notes.append(f"{which} on several days: no interval VWAP and TWAP, which are of one day")
    return orders, fills, tuple(notes)


def _first_of(
    affected: NDArray[np.bool_], orders: Orders, fills: Fills, label: str
) -> tuple[tuple[int, str], str, str]:
    """The first of some fills by row, and where it stands; how many they are; and that they count."""
    chosen = np.flatnonzero(affected)
    first = int(chosen[np.argmin(fills.row[chosen])])
    moment = EPOCH + dt.timedelta(microseconds=int(fills.time[first]) // 1000)
    symbol = orders.symbol[int(fills.order[first])]
    where = f"{label} row {fills.row[first]:,}: {symbol + ' ' if symbol else ''}{moment:%Y-%m-%d %H:%M:%S}"
    if len(chosen) == 1:
        return (first, where), "1 fill is", "it counts"
    return (first, f"first {where}"), f"{len(chosen):,} fills are", "they count"


@dataclass(frozen=True, eq=False, slots=True)
class _Executions:
    """What a day saw of the orders: those that filled on it, and those that never filled and began on it.

    Attributes
    ----------
    order
        ndarray of shape (K,), indices of the orders.
    start, end
        Their windows, ns after the day's midnight.
    given_up
        When the rest was given up: the order's end, or the session's.
    has_fills
        Whether the order filled on the day.
    is_whole
        Whether all its fills are of this day, so that the day's window is its own.
    is_last
        Whether its last fill is of this day, so that the day's close is its own.
    """

    order: Ints
    start: Ints
    end: Ints
    given_up: Ints
    has_fills: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]
    is_last: NDArray[np.bool_]


def _days(orders: Orders, fills: Fills) -> tuple[Ints, Ints]:
    """Midnights before each order's first and last fill; of one that never filled, that before its start."""
    first, last = days_of(fills.order, fills.time, len(orders))
    idle = (last == UNKNOWN_TIME) & (orders.start != UNKNOWN_TIME)
    begun = orders.start // DAY * DAY
    return np.where(idle, begun, first), np.where(idle, begun, last)


def _executions(
    orders: Orders,
    fills: Fills,
    rows: Ints,
    of_symbol: NDArray[np.bool_],
    days: tuple[Ints, Ints],
    session: Session,
    midnight: int,
) -> _Executions:
    filled = np.unique(fills.order[rows])
    never = np.bincount(fills.order, minlength=len(orders)) == 0
    idle = np.flatnonzero(never & of_symbol & (days[1] == midnight))
    order = np.r_[filled, idle]
    first, last = np.full(len(orders), DAY), np.zeros(len(orders), np.int64)
    np.minimum.at(first, fills.order[rows], fills.time[rows] - midnight)
    np.maximum.at(last, fills.order[rows], fills.time[rows] - midnight)
    start = np.where(orders.start[order] == UNKNOWN_TIME, -1, orders.start[order] - midnight)
    start = np.where(start >= 0, start, first[order])
    ended = np.where(orders.end[order] == UNKNOWN_TIME, session.end, orders.end[order] - midnight)
    has_fills = ~never[order]
    return _Executions(
        order,
        start,
        np.maximum(last[order], start),
        np.minimum(ended, session.end),
        has_fills,
        has_fills & (days[0][order] == midnight) & (days[1][order] == midnight),
        days[1][order] == midnight,
    )


def _filled_in(
    orders: Orders, executions: _Executions, *, vwap: Floats, twap: Floats, close: float, end_price: Floats
) -> Orders:
    """The orders with benchmarks put where there were none and where the day is theirs."""
    changed = {}
    for name, value, applies in (
        ("vwap", vwap, executions.is_whole),
        ("twap", twap, executions.is_whole),
        ("close", np.full(len(executions.order), close), executions.is_last),
        ("end_price", end_price, executions.is_last),
    ):
        column = getattr(orders, name).copy()
        blank = applies & ~np.isfinite(column[executions.order])
        column[executions.order[blank]] = value[blank]
        changed[name] = column
    return replace(orders, **changed)


def _against_prints(orders: Orders, executions: _Executions, prints: Prints) -> Orders:
    start, end = executions.start, executions.end
    twap = np.full(len(start), np.nan)
    for number, (begin, stop) in enumerate(zip(start, end, strict=True)):
        at = np.searchsorted(prints.time, np.linspace(begin, stop, _TWAP_POINTS), side="right") - 1
        if at[0] >= 0:
            twap[number] = prints.price[at].mean()
    return _filled_in(
        orders,
        executions,
        vwap=_vwap(prints, start, end),
        twap=twap,
        close=prints.price[-1] if len(prints) else np.nan,
        end_price=_last_by(prints.time, prints.price, executions.given_up),
    )


def _last_by(time: Ints, price: Floats, when: Ints) -> Floats:
    """The last price by each moment; NaN before the first."""
    at = np.searchsorted(time, when, side="right") - 1
    return np.where(at >= 0, price[np.maximum(at, 0)], np.nan) if len(price) else np.full(len(when), np.nan)


def _vwap(prints: Prints, start: Ints, end: Ints) -> Floats:
    money = np.r_[0.0, np.cumsum(prints.price * prints.size)]
    volume = np.r_[0.0, np.cumsum(prints.size)]
    first = np.searchsorted(prints.time, start, side="left")
    last = np.searchsorted(prints.time, end, side="right")
    traded = volume[last] - volume[first]
    vwap = np.full(len(start), np.nan)
    np.divide(money[last] - money[first], traded, out=vwap, where=traded > 0)
    return vwap


def _against_bars(orders: Orders, executions: _Executions, bars: Bars, session: Session) -> Orders:
    start, end = executions.start, executions.end
    typical = np.where(np.isfinite(bars.high + bars.low), (bars.high + bars.low + bars.close) / 3, bars.close)
    usable = np.isfinite(typical) & (bars.volume > 0)
    known = np.flatnonzero(usable)
    if not len(known):
        has_prices = bool(np.isfinite(typical).any())
        lack = "volume 0 in every bar: there is nothing" if has_prices else "bars without a close: prices are needed"
        raise InputError(f"has {lack} to compare with", where="--market")
    stand_in = Prints(session.edges[known], typical[known], bars.volume[known], np.zeros(len(known), np.int8))
    whole = nanoseconds(session.interval)
    begin = start // whole * whole + session.start % whole  # the bar that the window begins in counts
    begin = np.minimum(begin, start)
    first, last = np.searchsorted(stand_in.time, begin), np.searchsorted(stand_in.time, end, side="right")
    sums = np.r_[0.0, np.cumsum(bars.close[known])]
    twap = np.divide(sums[last] - sums[first], last - first, out=np.full(len(start), np.nan), where=last > first)
    return _filled_in(
        orders,
        executions,
        vwap=_vwap(stand_in, begin, end),
        twap=twap,
        close=bars.close[known[-1]],
        end_price=_last_by(stand_in.time + whole, bars.close[known], executions.given_up),
    )


def _against_book(
    orders: Orders, fills: Fills, rows: Ints, executions: _Executions, source: BookSource, midnight: int
) -> tuple[Orders, Fills, list[str]]:
    start, end = executions.start, executions.end
    time = fills.time[rows] - midnight
    following = _next_fill(fills.order[rows], time)
    later = np.minimum(time + nanoseconds(AFTER), following)
    grid = np.linspace(start, end, _TWAP_POINTS, axis=1).astype(np.int64)
    closing = np.array([source.session.end - 1])
    asked = [time - 1, later - 1, grid.ravel(), np.minimum(executions.given_up, closing[0]), closing]
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
        executions,
        vwap=_vwap(trades(source), start, end),
        twap=even.reshape(grid.shape).mean(axis=1),
        close=last[0],
        end_price=rest,
    )
    is_dense = len(rows) > 1 and 2 * np.sum(following <= time + nanoseconds(AFTER)) > len(rows)
    notes = ["most fills follow within a minute: permanent impact holds what the market did meanwhile"] * bool(is_dense)
    return orders, replace(fills, **changed), notes


def _next_fill(order: Ints, time: Ints) -> Ints:
    """When the same order fills next; the end of time for its last fill."""
    following = np.full(len(time), np.iinfo(np.int64).max)
    rows = np.lexsort((time, order))
    same = order[rows[1:]] == order[rows[:-1]]
    following[rows[:-1][same]] = time[rows[1:]][same]
    return following
