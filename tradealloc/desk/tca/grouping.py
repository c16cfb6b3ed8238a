"""Slippage by order, symbol, side, broker and time of day.

The slippage of a fill against a benchmark B is ``s (P - B)/B``; a group's is the mean of its fills' weighted with
their notional ``s_j P_a``. Fills of one order share its fortune, so the interval of the mean takes orders, not fills,
for what is independent::

    var = n/(n-1) sum_o [ sum_{j in o} w_j (x_j - x) ]^2 / (sum w)^2,     x +- t_{n-1} sqrt(var)

with n the orders in the group; a group of one order has no interval. Currencies aren't added: a group that holds two
of them is two groups.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradealloc.errors import InputError

from .cents import Cents
from .fills import DAY, UNKNOWN_TIME, Fills, Floats, Ints, Orders
from .table import EPOCH

LEVEL = 0.95
"""Probability that an interval of a mean holds the true one."""

HALF_HOUR = 1_800_000_000_000

BENCHMARKS = ("arrival", "vwap", "twap", "close")

GROUPINGS: dict[str, str] = {
    "order": "Order",
    "symbol": "Symbol",
    "side": "Side",
    "broker": "Broker",
    "time": "Time of day",
}
"""What slippage can be grouped by."""


@dataclass(frozen=True, slots=True)
class Group:
    """Slippage of some fills.

    Attributes
    ----------
    by, name, currency
        What they have in common.
    orders, fills
        How many there are.
    shares
        Shares filled; those of several symbols added up.
    notional
        Shares times arrival price.
    slippage
        Against arrival, cents; the groups of a grouping sum to the whole in each currency.
    arrival_bps, low_bps, high_bps
        Notional-weighted mean against arrival, and its 95 % interval; NaN where one order alone is no sample.
    vwap_bps, twap_bps, close_bps
        Against the other benchmarks, over the fills whose orders have them; NaN where none has.
    """

    by: str
    name: str
    currency: str
    orders: int
    fills: int
    shares: float
    notional: float
    slippage: int
    arrival_bps: float
    low_bps: float
    high_bps: float
    vwap_bps: float
    twap_bps: float
    close_bps: float


def group(orders: Orders, fills: Fills, slippage: Cents, by: Sequence[str]) -> tuple[Group, ...]:
    """Group the slippage of the fills.

    Parameters
    ----------
    orders, fills
        What was traded.
    slippage
        ndarray of shape (F,), int64, cents of each fill against its order's arrival price.
    by
        Names from `GROUPINGS`.

    Raises
    ------
    InputError
        A name that is none of them, or a time of day where fills have no times.
    """
    arrival = orders.arrival_price[fills.order]
    weights = fills.shares * arrival
    relative = {
        name: orders.side[fills.order] * (fills.price / benchmark[fills.order] - 1) * 1e4
        for name, benchmark in zip(BENCHMARKS, orders.benchmarks, strict=True)
    }
    currency, currencies = _codes(orders.currency)
    groups: list[Group] = []
    for kind in by:
        keys, names = _keys(orders, fills, kind)
        code = keys * len(currencies) + currency[fills.order]
        found, place = np.unique(code, return_inverse=True)
        size = len(found)
        mean, low, high = _means(weights, relative["arrival"], place, size, fills.order)
        others = [_means(weights, relative[name], place, size, None)[0] for name in BENCHMARKS[1:]]
        shares, notional = (np.bincount(place, values, minlength=size) for values in (fills.shares, weights))
        counts = np.bincount(place, minlength=size)
        distinct = np.bincount(np.unique(place * len(orders) + fills.order) // len(orders), minlength=size)
        money = np.zeros(size, np.int64)
        np.add.at(money, place, slippage)
        groups += [
            Group(
                kind,
                names[int(value) // len(currencies)],
                currencies[int(value) % len(currencies)],
                int(distinct[row]),
                int(counts[row]),
                float(shares[row]),
                float(notional[row]),
                int(money[row]),
                *(float(values[row]) for values in (mean, low, high, *others)),
            )
            for row, value in enumerate(found)
        ]
    return tuple(groups)


def _codes(texts: Sequence[str]) -> tuple[Ints, list[str]]:
    names = sorted(set(texts))
    index = {name: number for number, name in enumerate(names)}
    return np.array([index[text] for text in texts], np.int64), names


def _keys(orders: Orders, fills: Fills, kind: str) -> tuple[Ints, list[str]]:
    if kind == "order":
        return fills.order, list(orders.order_id)
    if kind == "symbol":
        codes, names = _codes(orders.symbol)
        return codes[fills.order], names
    if kind == "side":
        return (1 - orders.side[fills.order]) // 2, ["buy", "sell"]
    if kind == "broker":
        return _codes(fills.broker)
    if kind == "time":
        if len(fills) and fills.time[0] == UNKNOWN_TIME:
            raise InputError("needs fills with times: add the column Time, or group by something else", where="--by")
        return (fills.time % DAY) // HALF_HOUR, [
            f"{(EPOCH + dt.timedelta(minutes=30 * number)):%H:%M}" for number in range(48)
        ]
    raise InputError(f"is {kind!r}: group by {', '.join(GROUPINGS)}", where="--by", value=kind)


def _means(
    weights: Floats, values: Floats, place: Ints, size: int, cluster: Ints | None
) -> tuple[Floats, Floats, Floats]:
    """Weighted means of the known values by group; with clusters, the ends of their intervals."""
    known = np.isfinite(values)
    weights, values = np.where(known, weights, 0.0), np.where(known, values, 0.0)
    total = np.bincount(place, weights, minlength=size)
    unknown = np.full(size, np.nan)
    mean = np.divide(np.bincount(place, weights * values, minlength=size), total, out=unknown.copy(), where=total > 0)
    if cluster is None:
        return mean, unknown, unknown
    from scipy.special import stdtrit

    clusters = int(cluster.max(initial=0)) + 1
    pairs, pair = np.unique(place * clusters + cluster, return_inverse=True)
    scores = np.bincount(pair, weights * (values - np.nan_to_num(mean)[place]), minlength=len(pairs))
    squares = np.bincount(pairs // clusters, scores**2, minlength=size)
    count = np.bincount(pairs // clusters, minlength=size)
    sample = count > 1
    half = unknown.copy()
    degrees = count[sample] - 1
    error = np.sqrt(squares[sample] * count[sample] / degrees) / total[sample]
    half[sample] = stdtrit(degrees, 0.5 + LEVEL / 2) * error
    return mean, mean - half, mean + half
