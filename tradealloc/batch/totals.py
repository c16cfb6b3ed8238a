"""What the schedules of many orders come to: by symbol, by time, and in all.

Conventions. Costs are in currency and positive for both sides. Basis points are cost over notional, of the orders that
have both. An order without arrival price counts in shares, and in cost where the impact unit is a price, but not in
notional. Orders of one symbol share its volume; where their forecasts differ, the smallest counts.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..analysis.strategies import improvement
from ..model.arrays import Floats
from ..units import BPS_PER_ONE
from .orders import SolvedOrder
from .timeline import Timeline

ROUNDING = 1e-9
"""Participation above a cap by no more than this, relative, is rounding."""


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """The orders of one symbol; the attributes are explained in the registry's `BY_SYMBOL_COLUMNS`."""

    symbol: str
    orders: int
    buy_shares: float
    sell_shares: float
    notional: float | None
    total_cost: float | None
    impact_bps: float | None
    saving: float | None
    peak_participation: float | None


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One interval of the day, all orders; the attributes are explained in the registry's `BY_TIME_COLUMNS`."""

    interval: int
    start: dt.timedelta | None
    buy_shares: float
    sell_shares: float
    notional: float | None
    total_cost: float | None
    cumulative_share: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """All orders together.

    Attributes
    ----------
    orders
        Orders solved.
    shares
        Shares of both sides.
    priced_orders
        Those of the orders that have an arrival price.
    notional, priced_cost
        Of these, currency; None where there are none.
    total_cost, equal_cost, saving
        Currency, of all orders whose impact unit is a price or that have an arrival price; None where no order says.
    impact_bps
        ``priced_cost`` over notional.
    improvement
        ``1 - cost / cost of equal shares``, both in currency.
    kkt_residual, duality_gap
        The largest of all orders.
    """

    orders: int
    shares: float
    priced_orders: int
    notional: float | None
    priced_cost: float | None
    total_cost: float | None
    equal_cost: float | None
    saving: float | None
    impact_bps: float | None
    improvement: float | None
    kkt_residual: float
    duality_gap: float


@dataclass(frozen=True, slots=True)
class Crowding:
    """Orders of a symbol that together exceed the participation cap that each keeps alone.

    Attributes
    ----------
    symbol
        The symbol.
    interval
        The interval of the day in which they exceed it most, counted from 1.
    start
        When it starts; None where unknown.
    participation
        Share of its volume that the orders with a cap trade together.
    cap
        The largest of their caps.
    """

    symbol: str
    interval: int
    start: dt.timedelta | None
    participation: float
    cap: float


@dataclass(frozen=True, eq=False)
class Batch:
    """Many solved orders on one timeline."""

    solved: tuple[SolvedOrder, ...]

    @cached_property
    def timeline(self) -> Timeline:
        """The union of the orders' intervals."""
        return Timeline.of([one.order for one in self.solved])

    @cached_property
    def shares(self) -> Floats:
        """Shares by order and interval of the day, shape (M, T); NaN where the order has no such interval."""
        return self._on_timeline(np.nan, (one.schedule.shares for one in self.solved))

    @cached_property
    def by_symbol(self) -> tuple[SymbolRow, ...]:
        """One row a symbol, in the order in which they first appear."""
        return tuple(self._symbol_row(rows) for rows in self._symbols)

    @cached_property
    def by_time(self) -> tuple[TimeRow, ...]:
        """One row an interval of the day."""
        traded = np.nan_to_num(self.shares)
        is_buy = np.array([one.order.side == "buy" for one in self.solved], dtype=np.bool_)
        prices = np.array([one.order.problem.arrival_price or 0.0 for one in self.solved])
        notional = prices @ traded
        total = notional.sum()
        costs = self._costs.sum(axis=0)
        priced, costed = total > 0, any(one.interval_costs is not None for one in self.solved)
        cumulative = np.cumsum(notional) / total if priced else notional
        buys, sells = traded[is_buy].sum(axis=0), traded[~is_buy].sum(axis=0)
        starts = self.timeline.starts
        return tuple(
            TimeRow(
                interval=row + 1,
                start=None if starts is None else starts[row],
                buy_shares=float(buys[row]),
                sell_shares=float(sells[row]),
                notional=float(notional[row]) if priced else None,
                total_cost=float(costs[row]) if costed else None,
                cumulative_share=float(cumulative[row]) if priced else None,
            )
            for row in range(self.timeline.intervals)
        )

    @cached_property
    def totals(self) -> Totals:
        """All orders together."""
        cost, equal_cost = (
            _sum(one.schedule.total_cost for one in self.solved),
            _sum(one.equal_cost_in_currency for one in self.solved),
        )
        priced = [one for one in self.solved if one.order.notional is not None]
        return Totals(
            orders=len(self.solved),
            shares=math.fsum(one.order.problem.shares for one in self.solved),
            priced_orders=len(priced),
            notional=_sum(one.order.notional for one in priced),
            priced_cost=_sum(one.schedule.total_cost for one in priced),
            total_cost=cost,
            equal_cost=equal_cost,
            saving=_sum(one.saving for one in self.solved),
            impact_bps=_bps(self.solved),
            improvement=None if cost is None or not equal_cost else improvement(cost, equal_cost),
            kkt_residual=max((one.schedule.certificate.kkt_residual for one in self.solved), default=0.0),
            duality_gap=max((one.schedule.certificate.duality_gap for one in self.solved), default=0.0),
        )

    @cached_property
    def crowded(self) -> tuple[Crowding, ...]:
        """Symbols whose orders together exceed the participation cap that each keeps alone."""
        found = (self._crowding(rows) for rows in self._symbols if len(rows) > 1)
        return tuple(crowding for crowding in found if crowding is not None)

    @cached_property
    def _symbols(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the orders by symbol."""
        rows: dict[str, list[int]] = {}
        for position, one in enumerate(self.solved):
            rows.setdefault(one.order.symbol.strip().casefold(), []).append(position)
        return tuple(tuple(positions) for positions in rows.values())

    @cached_property
    def _costs(self) -> Floats:
        """Currency by order and interval, shape (M, T); 0 where unknown."""
        zeros = np.zeros(1)
        return self._on_timeline(
            0.0, (zeros if one.interval_costs is None else one.interval_costs for one in self.solved)
        )

    def _symbol_row(self, rows: Sequence[int]) -> SymbolRow:
        solved = [self.solved[row] for row in rows]
        together = self._participation(rows)
        return SymbolRow(
            symbol=solved[0].order.symbol,
            orders=len(solved),
            buy_shares=math.fsum(one.order.problem.shares for one in solved if one.order.side == "buy"),
            sell_shares=math.fsum(one.order.problem.shares for one in solved if one.order.side != "buy"),
            notional=_sum(one.order.notional for one in solved),
            total_cost=_sum(one.schedule.total_cost for one in solved),
            impact_bps=_bps(solved),
            saving=_sum(one.saving for one in solved),
            peak_participation=None if together is None else float(np.nanmax(together)),
        )

    def _participation(self, rows: Sequence[int]) -> Floats | None:
        """Share of the symbol's volume, all its orders together, shape (T,); NaN where no volume is known."""
        volume = np.full(self.timeline.intervals, np.inf)
        for row in rows:
            forecast = self.solved[row].volume
            if forecast is not None:
                at = self.timeline.positions(self.solved[row].order)
                volume[at] = np.minimum(volume[at], forecast)
        known = np.isfinite(volume) & (volume > 0)
        if not known.any():
            return None
        traded = np.nan_to_num(self.shares[list(rows)]).sum(axis=0)
        share: Floats = np.divide(traded, volume, out=np.full(volume.shape, np.nan), where=known)
        return share

    def _crowding(self, symbol: Sequence[int]) -> Crowding | None:
        rows = [row for row in symbol if self.solved[row].participation_cap is not None]
        together = self._participation(rows) if len(rows) > 1 else None
        if together is None:
            return None
        caps = np.zeros(self.timeline.intervals)
        for row in rows:
            one = self.solved[row]
            at, cap = self.timeline.positions(one.order), one.participation_cap
            assert cap is not None
            caps[at] = np.maximum(caps[at], np.where(one.schedule.shares > 0, cap, 0.0))
        excess = np.nan_to_num(together - caps * (1.0 + ROUNDING))
        worst = int(np.argmax(excess))
        if excess[worst] <= 0:
            return None
        starts = self.timeline.starts
        return Crowding(
            symbol=self.solved[rows[0]].order.symbol,
            interval=worst + 1,
            start=None if starts is None else starts[worst],
            participation=float(together[worst]),
            cap=float(caps[worst]),
        )

    def _on_timeline(self, blank: float, values: Iterable[Floats]) -> Floats:
        matrix = np.full((len(self.solved), self.timeline.intervals), blank)
        for row, (one, numbers) in enumerate(zip(self.solved, values, strict=True)):
            matrix[row, self.timeline.positions(one.order)] = numbers
        return matrix


def _sum(values: Iterable[float | None]) -> float | None:
    """Sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def _bps(solved: Sequence[SolvedOrder]) -> float | None:
    """Cost over notional of the orders that have both, basis points."""
    priced = [one for one in solved if one.order.notional is not None]
    notional = _sum(one.order.notional for one in priced)
    cost = _sum(one.schedule.total_cost for one in priced)
    return None if cost is None or not notional else cost / notional * BPS_PER_ONE
