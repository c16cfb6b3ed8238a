"""From tables of orders and fills to typed columns; what can't be right is refused with its row.

Columns go by several names, among them those of the tcapy data set, whose fills are events of which only those of type
"trade" are fills, and whose sizes are notionals. The notional of a pair such as EURUSD is in EUR, its price and its
cost in USD; a notional in USD is turned into EUR at the fill's price, and what is left of the order at the arrival
price.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.errors import InputError

from .fills import DAY, UNKNOWN_TIME, Fills, Floats, Ints, Orders, days_of
from .table import RawTable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ORDER_ID = ("orderid", "ancestorpointerid", "parentorderid", "order")
ORDERS_OWN_ID = (*ORDER_ID, "id")
FILL_ID = ("fillid", "executionid", "execid", "tradeid", "id")
SYMBOL = ("symbol", "ticker")
SIDE = ("side",)
FILLED = ("shares", "executednotional", "quantity", "qty", "size")
ORDERED = ("shares", "notional", "quantity", "qty", "size")
PRICE = ("price", "executedprice", "fillprice")
TIME = ("time", "date", "timestamp", "datetime")
START, END = ("start", "time", "decisiontime", "arrivaltime", "date"), ("end", "benchmarkdateend")
BROKER = ("broker", "brokerid")
CURRENCY = ("currency", "notionalcurrency")
BID, ASK, MID = ("bid", "marketbid"), ("ask", "marketask"), ("mid", "marketmid")
EVENT = ("eventtype",)
TRADE = "trade"

_SIDES = {"buy": 1, "b": 1, "1": 1, "+1": 1, "bot": 1, "sell": -1, "s": -1, "-1": -1, "sld": -1, "short": -1}
FAR = 0.2
"""Part of the arrival price from which on a fill's price is doubted in a note."""
_CODE = 3
"""Letters of a currency's code."""


@dataclass(frozen=True)
class Read:
    """What was read, and what the trader should know of it."""

    orders: Orders
    fills: Fills
    notes: tuple[str, ...] = ()


def read_orders(table: RawTable, zone: ZoneInfo | None = None) -> Orders:
    """Orders from a table with OrderId, Side, Shares, ArrivalPrice and what else there is.

    Raises
    ------
    InputError
        A column is missing or a cell can't be used; with its place.
    """
    ids = _required_texts(table, ORDERS_OWN_ID, "OrderId")
    seen: dict[str, int] = {}
    for row, order_id in enumerate(ids):
        if seen.setdefault(order_id, row) != row:
            problem = f"has the order {order_id} of {table.where(seen[order_id])} again: keep one"
            raise InputError(problem, where=table.where(row))
    symbols = table.texts(SYMBOL)
    currencies, _ = _quote_currency(table, symbols)
    start, end = table.times(START, zone), table.times(END, zone)
    backwards = (start != UNKNOWN_TIME) & (end != UNKNOWN_TIME) & (end < start)
    if backwards.any():
        raise InputError("ends before it starts: check the order's times", where=table.where(int(np.argmax(backwards))))
    arrival = table.numbers(("arrivalprice", "arrival"), above_zero=True)
    decision = table.numbers(("decisionprice",), above_zero=True)
    is_alone = ~np.isfinite(arrival)  # one price can't tell a delay
    arrival, decision = np.where(is_alone, decision, arrival), np.where(is_alone, np.nan, decision)
    if not np.isfinite(arrival).all():
        row = int(np.argmin(np.isfinite(arrival)))
        raise InputError("has no ArrivalPrice: give the mid at the decision", where=table.where(row))
    return Orders(
        tuple(ids),
        tuple(symbols),
        tuple(currencies),
        tuple(table.texts(BROKER)),
        _sides(table),
        table.numbers(ORDERED, required=True, above_zero=True),
        decision,
        arrival,
        table.numbers(("endprice",), above_zero=True),
        start,
        end,
        table.numbers(("vwap", "intervalvwap"), above_zero=True),
        table.numbers(("twap", "intervaltwap"), above_zero=True),
        table.numbers(("close", "closeprice"), above_zero=True),
        table.numbers(("predictedbps", "predicted")),
        table.numbers(("predictedlow",)),
        table.numbers(("predictedhigh",)),
        np.asarray(table.rows, np.int64),
    )


def read_fills(
    table: RawTable, orders_table: RawTable | None = None, zone: ZoneInfo | None = None, *, drop_repeats: bool = False
) -> Read:
    """Fills with the orders that they belong to.

    Parameters
    ----------
    table
        Shares and Price; OrderId, Time, Side, Symbol, Broker, Fees, Bid, Ask, Mid, MidAfter where they are known.
    orders_table
        The orders; without it each OrderId among the fills is an order of what it filled, and its arrival price is the
        mid of its first fill.
    zone
        Time zone to show times in, and that of times without one.
    drop_repeats
        Leave out fills that repeat another one instead of refusing them.

    Raises
    ------
    InputError
        With the row: a size or price not above 0, a fill that repeats another, of an unknown order, on the wrong side,
        in another symbol or currency than its order, outside its window, or more than it.
    """
    given, events = _only_trades(table)
    if not len(given):
        raise InputError("holds no fills: give at least one", where=table.label)
    notes: list[str] = []
    given, repeats = _without_repeats(given, drop_repeats)
    if repeats:
        notes.append(f"{repeats:,} fill{'s' * (repeats > 1)} of {table.label} left out that repeat others")
    shares = given.numbers(FILLED, required=True, above_zero=True)
    price = given.numbers(PRICE, required=True, above_zero=True)
    bid, ask = given.numbers(BID, above_zero=True), given.numbers(ASK, above_zero=True)
    crossed = ask < bid
    if crossed.any():
        row = int(np.argmax(crossed))
        raise InputError(f"has a bid of {bid[row]:g} above the ask of {ask[row]:g}: mend it", where=given.where(row))
    mid = given.numbers(MID, above_zero=True)
    mid = np.where(np.isfinite(mid), mid, (bid + ask) / 2)
    time = given.times(TIME, zone)
    symbols = given.texts(SYMBOL)
    currencies, in_quote = _quote_currency(given, symbols)
    shares = np.where(in_quote, shares / price, shares)
    if orders_table is None:
        orders, order, more = _orders_of_fills(given, shares, price, mid, time, symbols, currencies)
        notes += more
    else:
        orders = read_orders(orders_table, zone)
        order = _order_of_fill(given, orders, orders_table)
        orders = _dated(orders, order, time)
        _check_against_orders(given, orders, order, time, symbols, currencies, orders_table)
        orders = _in_base(orders, orders_table, order, given, shares)
        orders = _given_up(orders, events)
    side = orders.side[order]
    fills = Fills(
        order,
        time,
        shares,
        price,
        mid,
        np.where(side > 0, ask, bid),
        given.numbers(("midafter",), above_zero=True),
        given.numbers(("fees", "fee", "commission")),
        tuple(
            broker or orders.broker[index] for broker, index in zip(given.texts(BROKER), order.tolist(), strict=True)
        ),
        np.asarray(given.rows, np.int64),
    )
    _refuse_overfills(given, orders, fills)
    notes += _far_from_arrival(given, orders, fills)
    return Read(orders, *_in_time(fills, given, notes))


def _only_trades(table: RawTable) -> tuple[RawTable, RawTable]:
    """The fills of a table of events, and the other events."""
    header = table.header(EVENT)
    if header is None:
        return table, table.take([])
    kinds = [str(kind).casefold() for kind in table.columns[header]]
    return (
        table.take([row for row, kind in enumerate(kinds) if kind == TRADE]),
        table.take([row for row, kind in enumerate(kinds) if kind != TRADE]),
    )


def _without_repeats(table: RawTable, drop: bool) -> tuple[RawTable, int]:
    """Fills are told apart by their ids, or, where they have none, by everything that is said of them."""
    header = table.header(FILL_ID)
    keys = zip(*table.columns.values(), strict=True) if header is None else zip(table.columns[header], strict=True)
    seen: dict[tuple[object, ...], int] = {}
    keep: list[int] = []
    for row, key in enumerate(keys):
        if (header is not None and key[0] in ("", None)) or seen.setdefault(key, row) == row:
            keep.append(row)
        elif not drop:
            apart = "" if header is not None else "; fills that are alike and both right need a column FillId"
            problem = f"repeats the fill of {table.where(seen[key])}: remove one, or say --drop-repeats{apart}"
            raise InputError(problem, where=table.where(row))
    return (table, 0) if len(keep) == len(table) else (table.take(keep), len(table) - len(keep))


def _sides(table: RawTable, where_blank: Ints | None = None) -> Ints:
    """+1 or -1 by row; a blank side is `where_blank`, or an error."""
    header = table.header(SIDE)
    if header is None:
        raise InputError("has no column Side: add one with buy or sell", where=table.label)
    sides = []
    for row, text in enumerate(table.texts(SIDE)):
        if not text and where_blank is not None:
            sides.append(int(where_blank[row]))
            continue
        if text.casefold() not in _SIDES:
            raise InputError(f"is {text[:40]!r}: give buy or sell", where=table.place(row, header), value=text)
        sides.append(_SIDES[text.casefold()])
    return np.array(sides, np.int64)


def _required_texts(table: RawTable, names: tuple[str, ...], label: str) -> list[str]:
    header = table.header(names)
    if header is None:
        raise InputError(f"has no column {label}: add one", where=table.label)
    texts = table.texts(names)
    if "" in texts:
        raise InputError("is blank: fill it in", where=table.place(texts.index(""), header))
    return texts


def _quote_currency(
    table: RawTable, symbols: list[str]
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Currency of each row's price, and whether its size is given in that currency (of a pair only)."""
    currencies = [text.upper() for text in table.texts(CURRENCY)]
    in_quote = np.zeros(len(currencies), bool)
    if table.header(("notionalcurrency",)) is None:
        return currencies, in_quote
    found = []
    for row, (symbol, currency) in enumerate(zip(symbols, currencies, strict=True)):
        base, quote = symbol[:_CODE].upper(), symbol[_CODE:].upper()
        if len(symbol) != 2 * _CODE or currency not in (base, quote):
            problem = f"has a notional in {currency or 'no currency'}, which isn't one of {symbol or 'its symbol'}"
            raise InputError(f"{problem}: give Shares and Currency", where=table.where(row))
        found.append(quote)
        in_quote[row] = currency == quote
    return found, in_quote


def _order_of_fill(table: RawTable, orders: Orders, orders_table: RawTable) -> Ints:
    index = {order_id: number for number, order_id in enumerate(orders.order_id)}
    header = table.header(ORDER_ID)
    if header is None:
        if len(orders) == 1:
            return np.zeros(len(table), np.int64)
        raise InputError("has no column OrderId: say which order each fill is of", where=table.label)
    texts = table.texts(ORDER_ID)
    found = [index.get(order_id, -1) for order_id in texts]
    if -1 in found:
        row = found.index(-1)
        if not texts[row]:
            raise InputError("is blank: say which order the fill is of", where=table.place(row, header))
        problem = f"is of the order {texts[row][:60]!r}, which {orders_table.label} doesn't have"
        raise InputError(f"{problem}: add the order or remove the fill", where=table.where(row))
    return np.array(found, np.int64)


def _dated(orders: Orders, order: Ints, time: Ints) -> Orders:
    """Orders whose windows are given by the clock alone on the days of their dated fills."""
    is_dated = (time != UNKNOWN_TIME) & (time >= DAY)
    if not is_dated.any():
        return orders
    first, last = days_of(order[is_dated], time[is_dated], len(orders))
    is_idle = last == UNKNOWN_TIME
    only = last.max() if first.min() == last.max() else 0  # an order without fills is of the only day that there is
    first, last = np.where(is_idle, only, first), np.where(is_idle, only, last)

    def moved(clock: Ints, day: Ints) -> Ints:
        return np.where((clock >= 0) & (clock < DAY), clock + day, clock)

    return replace(orders, start=moved(orders.start, first), end=moved(orders.end, last))


def _check_against_orders(
    table: RawTable,
    orders: Orders,
    order: Ints,
    time: Ints,
    symbols: list[str],
    currencies: list[str],
    orders_table: RawTable,
) -> None:
    indices = order.tolist()
    if table.header(SIDE) is not None:
        wrong = _sides(table, orders.side[order]) != orders.side[order]
        if wrong.any():
            row = int(np.argmax(wrong))
            of = orders_table.where(indices[row])
            raise InputError(f"is on the other side than its order ({of}): mend one", where=table.where(row))
    for label, found, known in (("symbol", symbols, orders.symbol), ("currency", currencies, orders.currency)):
        for row, (text, index) in enumerate(zip(found, indices, strict=True)):
            if text and known[index] and text != known[index]:
                problem = f"has the {label} {text} where its order ({orders_table.where(index)}) has {known[index]}"
                raise InputError(f"{problem}: mend one", where=table.where(row))
    is_timed = time != UNKNOWN_TIME
    start, end = orders.start[order], orders.end[order]
    for is_bad, what in (
        (is_timed & (start != UNKNOWN_TIME) & (time < start), "before its order's window begins"),
        (is_timed & (end != UNKNOWN_TIME) & (time > end), "after its order's window ends"),
    ):
        if is_bad.any():
            row = int(np.argmax(is_bad))
            of = orders_table.where(indices[row])
            raise InputError(f"is {what} ({of}): check times and time zones", where=table.where(row))


def _in_base(orders: Orders, table: RawTable, order: Ints, fills: RawTable, shares: Floats) -> Orders:
    """Orders whose size is money become shares: what is filled, and the rest at the arrival price."""
    _, in_quote = _quote_currency(table, list(orders.symbol))
    if not in_quote.any():
        return orders
    size = len(orders)
    money = np.bincount(order, fills.numbers(FILLED), minlength=size)
    filled = np.bincount(order, shares, minlength=size)
    left = np.maximum(orders.shares - money, 0.0) / orders.arrival_price
    return replace(orders, shares=np.where(in_quote, filled + left, orders.shares))


def _given_up(orders: Orders, events: RawTable) -> Orders:
    """The mid at an order's cancellation is the price at which its rest was given up, unless the order says its own."""
    header = events.header(EVENT)
    if header is None:
        return orders
    index = {order_id: number for number, order_id in enumerate(orders.order_id)}
    end = orders.end_price.copy()
    mids = events.numbers(MID, above_zero=True)
    for row, (order_id, kind) in enumerate(zip(events.texts(ORDER_ID), events.texts(EVENT), strict=True)):
        if kind.casefold() == "cancel" and order_id in index and not np.isfinite(orders.end_price[index[order_id]]):
            end[index[order_id]] = mids[row]
    return replace(orders, end_price=end)


def _orders_of_fills(
    table: RawTable,
    shares: Floats,
    price: Floats,
    mid: Floats,
    time: Ints,
    symbols: list[str],
    currencies: list[str],
) -> tuple[Orders, Ints, list[str]]:
    """One order for each OrderId among the fills (all one without ids)."""
    ids = table.texts(ORDER_ID, "order")
    names = list(dict.fromkeys(ids))
    index = {name: number for number, name in enumerate(names)}
    order = np.array([index[name] for name in ids], np.int64)
    sorted_rows = np.lexsort((time, order))
    first = sorted_rows[np.searchsorted(order[sorted_rows], np.arange(len(names)))]
    sides = _sides(table)
    arrival = table.numbers(("arrivalprice", "arrival"), above_zero=True)
    has_arrival = np.isfinite(arrival[first])
    arrival = np.where(has_arrival, arrival[first], mid[first])
    if not np.isfinite(arrival).all():
        row = int(first[np.argmin(np.isfinite(arrival))])
        problem = "has neither Mid, Bid and Ask nor ArrivalPrice: give the orders with their arrival prices (--orders)"
        raise InputError(problem, where=table.where(row))
    for label, values in (("side", sides.tolist()), ("symbol", symbols), ("currency", currencies)):
        for row, (value, number) in enumerate(zip(values, order.tolist(), strict=True)):
            if value != values[int(first[number])]:
                other = table.where(int(first[number]))
                problem = f"has another {label} than {other}, of the same order: mend one"
                raise InputError(problem, where=table.where(row))
    unknown, no_time = np.full(len(names), np.nan), np.full(len(names), UNKNOWN_TIME)
    orders = Orders(
        tuple(names),
        tuple(symbols[row] for row in first),
        tuple(currencies[row] for row in first),
        ("",) * len(names),
        sides[first],
        np.bincount(order, shares, minlength=len(names)).astype(np.float64),
        *(unknown, arrival, unknown),
        *(no_time, no_time),
        *(unknown,) * 6,
        np.asarray(table.rows, np.int64)[first],
    )
    notes = ["no orders given: each order is taken for filled, so that opportunity is 0"]
    if not has_arrival.all():
        notes.append("no arrival prices given: the mid of each order's first fill stands in")
    return orders, order, notes


def _refuse_overfills(table: RawTable, orders: Orders, fills: Fills) -> None:
    running = fills.sums(fills.shares, len(orders))
    over = running > orders.shares * (1 + 1e-9)
    if over.any():
        number = int(np.argmax(over))
        rows = np.flatnonzero(fills.order == number)
        passing = rows[np.argmax(np.cumsum(fills.shares[rows]) > orders.shares[number] * (1 + 1e-9))]
        problem = (
            f"fills more than its order {orders.order_id[number]}: {running[number]:,.10g} of "
            f"{orders.shares[number]:,.10g}; remove what isn't its own"
        )
        raise InputError(problem, where=table.where(int(passing)))


def _far_from_arrival(table: RawTable, orders: Orders, fills: Fills) -> list[str]:
    """A sentence on prices that look like slips of the decimal point; they may be right after a crash or split."""
    arrival = orders.arrival_price[fills.order]
    far = np.flatnonzero(np.abs(fills.price / arrival - 1) > FAR)
    if not len(far):
        return []
    first = int(far[0])
    which = f"{len(far):,} fill{'s' * (len(far) > 1)} {'is' if len(far) == 1 else 'are'}"
    example = f"{table.where(first)}: {fills.price[first]:g}, arrival {arrival[first]:g}"
    return [f"{which} more than {FAR:.0%} from the arrival price ({example}): check the prices"]


def _in_time(fills: Fills, table: RawTable, notes: list[str]) -> tuple[Fills, tuple[str, ...]]:
    is_blank = fills.time == UNKNOWN_TIME
    if is_blank.any() and not is_blank.all():
        raise InputError("has no time where others have: fill it in", where=table.where(int(np.argmax(is_blank))))
    back = np.flatnonzero(np.diff(fills.time) < 0)
    if not len(back):
        return fills, tuple(notes)
    notes.append(f"fills aren't in order of time (first at {table.where(int(back[0]) + 1)}): sorted")
    rows = np.argsort(fills.time, kind="stable")

    return (
        Fills(
            fills.order[rows],
            fills.time[rows],
            fills.shares[rows],
            fills.price[rows],
            fills.mid[rows],
            fills.best[rows],
            fills.mid_after[rows],
            fills.fees[rows],
            tuple(fills.broker[row] for row in rows),
            fills.row[rows],
        ),
        tuple(notes),
    )
