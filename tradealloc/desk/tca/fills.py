"""Orders and their fills as typed columns; NaN and "" say "not known"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNKNOWN_TIME = np.iinfo(np.int64).min
"""Stands for a time that isn't given."""

DAY = 86_400_000_000_000
"""Nanoseconds of a day; a time before that is one without a date."""


@dataclass(frozen=True, eq=False, slots=True)
class Orders:
    """What was to be traded; one element an order, M orders.

    Attributes
    ----------
    order_id, symbol, currency, broker
        Texts; `currency` is that of the prices, and so of the costs.
    side
        ndarray of shape (M,), int64: +1 buy, -1 sell.
    shares
        Size of the order.
    decision_price
        Mid at the decision to trade; NaN where it isn't known apart from the arrival price.
    arrival_price
        Mid when the order reached the desk.
    end_price
        Price at which what is unfilled is valued: mid when the rest was given up, or the close.
    start, end
        The order's window, local nanoseconds after 1970, or `UNKNOWN_TIME`.
    vwap, twap, close
        Prices to compare with: of the market over the execution window, and the close of the day.
    predicted_bps, predicted_low, predicted_high
        Slippage against arrival that was forecast, and the ends of its interval.
    row
        Row of the source in which the order stands, for messages.
    """

    order_id: tuple[str, ...]
    symbol: tuple[str, ...]
    currency: tuple[str, ...]
    broker: tuple[str, ...]
    side: Ints
    shares: Floats
    decision_price: Floats
    arrival_price: Floats
    end_price: Floats
    start: Ints
    end: Ints
    vwap: Floats
    twap: Floats
    close: Floats
    predicted_bps: Floats
    predicted_low: Floats
    predicted_high: Floats
    row: Ints

    def __len__(self) -> int:
        return len(self.order_id)

    @property
    def benchmarks(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Prices to compare with: arrival, interval VWAP, TWAP and close."""
        return self.arrival_price, self.vwap, self.twap, self.close


@dataclass(frozen=True, eq=False, slots=True)
class Fills:
    """What was traded; one element a fill, F fills in order of time.

    Attributes
    ----------
    order
        ndarray of shape (F,), int64, index of the fill's order in `Orders`.
    time
        Local nanoseconds after 1970, or `UNKNOWN_TIME` for all fills.
    shares, price
        Size above 0, and price.
    mid, best
        Mid just before the fill, and the best price of the side that was taken: ask for a buy, bid for a sell.
    mid_after
        Mid some time after the fill (a minute, say), when what the fill did to the book has healed.
    fees
        Currency, positive where they cost.
    broker
        Texts.
    row
        Row of the source, for messages.
    """

    order: Ints
    time: Ints
    shares: Floats
    price: Floats
    mid: Floats
    best: Floats
    mid_after: Floats
    fees: Floats
    broker: tuple[str, ...]
    row: Ints

    def __len__(self) -> int:
        return len(self.order)

    def sums(self, values: Floats, orders: int) -> Floats:
        """ndarray of shape (orders,), values summed by order."""
        return np.bincount(self.order, values, minlength=orders).astype(np.float64)

    def known(self, values: Floats, orders: int) -> NDArray[np.bool_]:
        """ndarray of shape (orders,), whether an order has fills and all of them know the value."""
        counts = np.bincount(self.order, minlength=orders)
        finite = np.bincount(self.order[np.isfinite(values)], minlength=orders)
        return np.asarray((counts > 0) & (finite == counts))


def days_of(order: Ints, time: Ints, orders: int) -> tuple[Ints, Ints]:
    """Midnights before each order's first and last fill, shape (M,); of one without fills, the largest and least int64.

    Parameters
    ----------
    order
        ndarray of shape (F,), the order of each fill.
    time
        ndarray of shape (F,), when it came.
    orders
        M, how many orders there are.
    """
    first, last = np.full(orders, np.iinfo(np.int64).max), np.full(orders, UNKNOWN_TIME)
    day = time // DAY * DAY
    np.minimum.at(first, order, day)
    np.maximum.at(last, order, day)
    return first, last
