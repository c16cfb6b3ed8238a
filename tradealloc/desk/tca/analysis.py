"""The whole of a post-trade analysis: parts, groups, forecasts, and what stays unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradealloc.market.profile import DayProfile

from .cents import Cents, running_cents
from .decomposition import PARTS, Decomposition, decompose
from .fills import UNKNOWN_TIME, Fills, Floats, Orders
from .grouping import BENCHMARKS, GROUPINGS, Group, group
from .prediction import PredictionCheck, check_predictions
from .refine import Refined, refine


@dataclass(frozen=True, slots=True)
class Total:
    """The cost of all orders in a currency.

    Attributes
    ----------
    currency
        Of the amounts; blank where it isn't said.
    orders, fills
        How many.
    notional
        Filled shares times arrival price.
    shortfall
        Cents.
    parts
        Part -> cents, of the parts that any order knows; they sum to the shortfall.
    slippage
        Benchmark (`grouping.BENCHMARKS`) -> mean slippage in bps, weighted with filled shares times arrival price over
        the orders that have the benchmark; NaN where none has.
    """

    currency: str
    orders: int
    fills: int
    notional: float
    shortfall: int
    parts: dict[str, int]
    slippage: dict[str, float]

    @property
    def shortfall_bps(self) -> float:
        """Shortfall over notional; NaN where nothing filled."""
        return self.shortfall / 100 / self.notional * 1e4 if self.notional > 0 else float("nan")


@dataclass(frozen=True, eq=False)
class Analysis:
    """Post-trade costs of orders.

    Attributes
    ----------
    orders, fills
        What was traded.
    decomposition
        The parts of each order's shortfall.
    slippage
        ndarray of shape (F,), int64, cents of each fill against the arrival price.
    groups
        Slippage by what was asked for.
    check
        Forecast slippage of the orders against what came of it, bps; None without forecasts.
    refined
        A profile against the fills; None where none was given.
    notes
        What the trader should know.
    """

    orders: Orders
    fills: Fills
    decomposition: Decomposition
    slippage: Cents
    groups: tuple[Group, ...]
    check: PredictionCheck | None
    refined: Refined | None
    notes: tuple[str, ...]

    @property
    def totals(self) -> tuple[Total, ...]:
        """One a currency, in their alphabetical order."""
        currencies = np.array(self.orders.currency)
        notional = self.decomposition.filled * self.orders.arrival_price
        found = []
        for currency in sorted(set(self.orders.currency)):
            rows = currencies == currency
            parts = {
                part: int(self.decomposition.cents[part][rows].sum())
                for part in PARTS
                if self.decomposition.known[part][rows].any()
            }
            found.append(
                Total(
                    currency,
                    int(rows.sum()),
                    int(rows[self.fills.order].sum()),
                    float(notional[rows].sum()),
                    int(self.decomposition.shortfall[rows].sum()),
                    parts,
                    {
                        name: weighted_mean(notional[rows], relative[rows])
                        for name, relative in self.order_slippage().items()
                    },
                )
            )
        return tuple(found)

    def order_slippage(self) -> dict[str, Floats]:
        """Benchmark (`grouping.BENCHMARKS`) -> ndarray of shape (M,), slippage of each order in bps; NaN: not known."""
        average = self.decomposition.average_price
        return {
            name: self.orders.side * (average / price - 1) * 1e4
            for name, price in zip(BENCHMARKS, self.orders.benchmarks, strict=True)
        }

    def of(self, by: str) -> tuple[Group, ...]:
        """The groups of one grouping."""
        return tuple(one for one in self.groups if one.by == by)


def analyse(
    orders: Orders,
    fills: Fills,
    *,
    by: Sequence[str] | None = None,
    profile: DayProfile | None = None,
    notes: Sequence[str] = (),
) -> Analysis:
    """Analyse what was traded.

    Parameters
    ----------
    orders, fills
        From `read_fills`, with what `with_market` adds.
    by
        Names from `GROUPINGS`; None takes all that the fills allow.
    profile
        What the day was planned with, to be compared and refined.
    notes
        What is known already.

    Raises
    ------
    InputError
        Something asked for needs data that isn't there.
    """
    split = decompose(orders, fills)
    per_fill = orders.side[fills.order] * fills.shares * (fills.price - orders.arrival_price[fills.order])
    slippage = running_cents(per_fill, fills.order)
    if by is not None:
        by = list(dict.fromkeys(name.casefold() for name in by))
    else:
        is_timed = len(fills) > 0 and fills.time[0] != UNKNOWN_TIME
        by = [kind for kind in GROUPINGS if kind != "time" or is_timed]
    realised = orders.side * (split.average_price / orders.arrival_price - 1) * 1e4
    check = check_predictions(
        orders.predicted_bps,
        realised,
        split.filled * orders.arrival_price,
        orders.predicted_low,
        orders.predicted_high,
    )
    refined = None if profile is None else refine(profile, orders, fills)
    groups = group(orders, fills, slippage, by)
    return Analysis(orders, fills, split, slippage, groups, check, refined, (*notes, *_unknown(orders, split)))


def weighted_mean(weights: Floats, values: Floats) -> float:
    """Mean of the values that are known; NaN where none is."""
    use = np.isfinite(values) & (weights > 0)
    return float(weights[use] @ values[use] / weights[use].sum()) if use.any() else float("nan")


def _unknown(orders: Orders, split: Decomposition) -> list[str]:
    """Sentences on the parts that the data doesn't tell."""
    size = len(orders)
    notes = []
    for part, sentence in (
        (
            "delay",
            "without both DecisionPrice and ArrivalPrice: delay isn't told, shortfall counts from the one given",
        ),
        ("fees", "without fees: the shortfall is before fees"),
    ):
        missing = int((~split.known[part]).sum())
        if missing:
            notes.append(f"{_counted(missing, size)} {sentence}")
    for part, sentence in (
        ("drift", "without MidAfter: timing and permanent impact are one part"),
        ("trading", "without Bid and Ask: spread and temporary impact are one part"),
        ("execution", "without Mid at each fill: execution isn't split"),
    ):
        merged = int(split.known[part].sum())
        if merged:
            notes.append(f"{_counted(merged, size)} {sentence}")
    unpriced = int((split.unpriced > 0).sum())
    if unpriced:
        notes.append(
            f"{_counted(unpriced, size)} unfilled in part without EndPrice: opportunity isn't in the shortfall"
        )
    return notes


def _counted(number: int, size: int) -> str:
    return f"all {size:,} orders" if number == size and size > 1 else f"{number:,} order{'s' * (number != 1)}"
