"""The fills of one order on one day, checked against the order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill.

    Attributes
    ----------
    time
        Local time of day.
    shares, price
        Size above 0, and price.
    where
        File and row, or cell, for messages.
    side
        "buy" or "sell"; empty where it isn't said.
    symbol
        Empty where it isn't said.
    mid
        Mid just before the fill; None where it isn't said.
    identity
        The execution's id; empty where it isn't said.
    currency, order
        Of the price, and the id of the order; empty where they aren't said.
    day
        Date; None where only a time is said.
    """

    time: dt.time
    shares: float
    price: float
    where: str
    side: str = ""
    symbol: str = ""
    mid: float | None = None
    identity: str = ""
    currency: str = ""
    order: str = ""
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that the trader should look at.

    Attributes
    ----------
    kind
        Short name: "over-fill", "wrong side", ...
    text
        The sentence, with place and numbers.
    is_error
        Whether the fills can't be used for planning until it is corrected.
    """

    kind: str
    text: str
    is_error: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class DayFills:
    """Fills by interval; arrays of shape (N,).

    Attributes
    ----------
    fills
        In order of time, duplicates by id left out.
    interval
        ndarray of shape (F,), interval of each.
    shares
        Filled in each interval.
    slippage
        Average of ``side (price - mid)``, currency per share; NaN where no fill of the interval has a mid.
    alerts
        What is wrong with them.
    """

    fills: tuple[Fill, ...]
    interval: NDArray[np.int64]
    shares: Floats
    slippage: Floats
    alerts: tuple[Alert, ...]


def sort_fills(
    fills: Sequence[Fill],
    starts: Sequence[dt.time],
    end: dt.time,
    order: float,
    *,
    side: str = "buy",
    symbol: str = "",
    tradable: NDArray[np.bool_] | None = None,
    day: dt.date | None = None,
) -> DayFills:
    """Put fills into their intervals, and say what is wrong with them.

    Parameters
    ----------
    fills
        As they come.
    starts
        Starts of the N intervals.
    end
        End of the last interval; a fill at that very time, the closing auction, belongs to it.
    order
        Shares of the order.
    side, symbol
        Of the order; an empty symbol isn't compared.
    tradable
        ndarray of shape (N,), False where the order's window is closed.
    day
        Today, where market data say it; fills of another day are refused.
    """
    alerts: list[Alert] = []
    kept = _without_duplicates(fills, alerts)
    if any(after.time < before.time for before, after in pairwise(kept)):
        alerts.append(Alert("shuffled", "the fills aren't in order of time: they were sorted"))
        kept = sorted(kept, key=lambda fill: fill.time)
    alerts += _mixed(kept)
    symbols = {fill.symbol.casefold() for fill in kept if fill.symbol}
    edges = [*starts, end]
    interval = []
    for fill in kept:
        index = int(np.searchsorted(_seconds(edges), _second(fill.time), side="right")) - 1
        if fill.side and fill.side != side:
            alerts.append(Alert("wrong side", f"{fill.where} is a {fill.side} and the order is a {side}", True))
        if symbol and len(symbols) == 1 and fill.symbol and fill.symbol.casefold() != symbol.casefold():
            alerts.append(Alert("wrong symbol", f"{fill.where} is of {fill.symbol} and the order of {symbol}", True))
        if day is not None and fill.day not in (None, day):
            alerts.append(Alert("wrong day", f"{fill.where} is of {fill.day} and the market data of {day}", True))
        if fill.time == end:
            index = len(starts) - 1
        if not 0 <= index < len(starts):
            alerts.append(
                Alert("outside the window", f"{fill.where} at {fill.time:%H:%M:%S} is outside the intervals", True)
            )
            index = min(max(index, 0), len(starts) - 1)
        elif tradable is not None and not tradable[index]:
            alerts.append(
                Alert("outside the window", f"{fill.where} at {fill.time:%H:%M:%S} is outside the order's window")
            )
        interval.append(index)
    place = np.array(interval, dtype=np.int64)
    sizes = np.array([fill.shares for fill in kept])
    shares = np.bincount(place, sizes, minlength=len(starts)).astype(float)
    total = float(shares.sum())
    if total > order * (1 + 1e-9):
        over = next(fill for fill, done in zip(kept, np.cumsum(sizes), strict=True) if done > order * (1 + 1e-9))
        alerts.append(
            Alert("over-fill", f"{total:,.0f} shares are filled, {total - order:,.0f} more than ordered; "
                               f"the order was full before {over.where}", True)
        )  # fmt: skip
    return DayFills(tuple(kept), place, shares, _slippage(kept, place, len(starts), side), tuple(alerts))


def _mixed(fills: Sequence[Fill]) -> list[Alert]:
    """What fills of one order on one day can't differ in."""
    found = []
    for kind, one, texts in (
        ("symbols", "symbol", [fill.symbol for fill in fills]),
        ("currencies", "currency", [fill.currency for fill in fills]),
        ("orders", "order", [fill.order for fill in fills]),
        ("days", "day", [str(fill.day or "") for fill in fills]),
    ):
        said = [(text, fill.where) for text, fill in zip(texts, fills, strict=True) if text]
        others = [(text, where) for text, where in said if text.casefold() != said[0][0].casefold()]
        if others:
            (text, where), (first, at) = others[0], said[0]
            found.append(Alert(f"mixed {kind}", f"{where} is of {text} and {at} of {first}: give one {one}", True))
    return found


def _without_duplicates(fills: Sequence[Fill], alerts: list[Alert]) -> list[Fill]:
    seen: dict[object, Fill] = {}
    kept = []
    for fill in fills:
        content = _content(fill)
        key: object = fill.identity or content
        first = seen.setdefault(key, fill)
        if first is fill:
            kept.append(fill)
        elif not fill.identity:
            kept.append(fill)
            text = f"{fill.where} has time, shares and price of {first.where}: both count; give ids if one is a copy"
            alerts.append(Alert("duplicate", text))
        else:
            same = content == _content(first)
            text = f"{fill.where} has the id {fill.identity} of {first.where}"
            text += ": counted once" if same else " with another content: correct one of them"
            alerts.append(Alert("duplicate", text, not same))
    return kept


def _content(fill: Fill) -> tuple[object, ...]:
    return fill.time, fill.shares, fill.price, fill.side, fill.symbol, fill.order, fill.day


def _slippage(fills: Sequence[Fill], interval: NDArray[np.int64], size: int, side: str) -> Floats:
    sign = 1.0 if side == "buy" else -1.0
    known = np.array([fill.mid is not None for fill in fills], dtype=np.bool_)
    costs = np.array([0.0 if fill.mid is None else sign * (fill.price - fill.mid) * fill.shares for fill in fills])
    weight = np.array([fill.shares for fill in fills]) * known
    money = np.bincount(interval, costs, minlength=size)
    shares = np.bincount(interval, weight, minlength=size)
    return np.array([cost / done if done > 0 else np.nan for cost, done in zip(money, shares, strict=True)])


def _second(time: dt.time) -> float:
    return time.hour * 3600 + time.minute * 60 + time.second + time.microsecond / 1e6


def _seconds(times: Sequence[dt.time]) -> Floats:
    return np.array([_second(time) for time in times])
