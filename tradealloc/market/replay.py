"""Replay: what a schedule would have paid in a recorded book.

Each interval's shares are cut into equal slices, decided at even times: slice k of n at ``(k + 1/2)/n`` of the
interval. A slice takes the book that stands `latency` after its decision, level by level, as a market order does.

For a fill of x shares at the average price P, with side s = +1 for a buy and -1 for a sell::

    s (P - m_arrival) = s (m_decision - m_arrival)   timing: what the price did since the order arrived
                      + s (m_fill - m_decision)      delay: what it did during the latency
                      + s (b_fill - m_fill)          spread: from the mid to the best price
                      + s (P - b_fill)               impact: from the best price down the levels

so that the four parts sum to the shortfall against the arrival mid. Spread and impact are the cost of trading; with
delay they are the slippage against the mid at the decision. A markout is ``s (m_later - P)``: what a share is worth
some time after the fill, beyond what was paid for it.

Costs are positive where they cost, markouts where they gain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradealloc.errors import InputError
from tradealloc.model.arrays import numbers

from .book import BookChunk, BookSource, standing_books
from .session import Session, nanoseconds

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

HORIZONS: tuple[dt.timedelta, ...] = tuple(dt.timedelta(seconds=seconds) for seconds in (1, 10, 60, 300))
"""How long after a fill its markouts are taken."""

_MOST_SLICES = 600


@dataclass(frozen=True)
class ReplayRules:
    """How a schedule is sent to the book.

    Attributes
    ----------
    slices
        Equal parts that an interval's shares are cut into. 1: the whole interval meets one book, as the impact model
        prices it; with more, the book is taken to refill between them.
    latency
        From decision to fill.
    stale
        A book without an event for longer than this is taken for missing data, not for a market.
    """

    slices: int = 1
    latency: dt.timedelta = dt.timedelta()
    stale: dt.timedelta = dt.timedelta(minutes=1)

    def __post_init__(self) -> None:
        if isinstance(self.slices, bool) or not isinstance(self.slices, int) or not 1 <= self.slices <= _MOST_SLICES:
            problem = f"is {self.slices!r}: give a whole number from 1 to {_MOST_SLICES}"
            raise InputError(problem, argument="slices", value=self.slices)
        if self.latency < dt.timedelta():
            raise InputError(f"is {self.latency}: give 0 or more", argument="latency", value=self.latency)
        if self.stale <= dt.timedelta():
            raise InputError(f"is {self.stale}: give more than 0", argument="stale", value=self.stale)

    def assumptions(self) -> tuple[str, ...]:
        """What a replay takes for granted, as sentences for the trader."""
        cut = (
            "each interval's shares are sent at once, in its middle"
            if self.slices == 1
            else f"each interval's shares are cut into {self.slices} equal slices, sent at even times"
        )
        return (
            cut,
            f"a slice takes the book that stands {self.latency / dt.timedelta(milliseconds=1):g} ms after its "
            "decision, level by level; it joins no queue and earns no rebate",
            "own fills use up the displayed depth of that book; by the next event the book has refilled, and others "
            "don't react to the fills: lasting impact isn't replayed",
            "where the depth ends, the rest is carried to the next slice, in an interval that the schedule trades in; "
            "what the last one leaves is unfilled",
            f"a book without an event for {self.stale.total_seconds():g} s, halted, crossed or without the side "
            "counts as missing: its shares are carried too",
        )


@dataclass(frozen=True, eq=False, slots=True)
class Fills:
    """Fills of a replay; arrays of shape (F,), in order of time.

    Attributes
    ----------
    time
        Of the fill, int64 nanoseconds after local midnight.
    interval
        Interval in which it was decided.
    shares, price
        Shares and their average price.
    decision_mid, mid, best
        Mid at the decision; mid and best price of the side that is taken at the fill.
    markouts
        ndarray of shape (F, H), currency per share, one column for each of `HORIZONS`; NaN where the session is over or
        there is no mid.
    """

    time: Times
    interval: NDArray[np.int64]
    shares: Floats
    price: Floats
    decision_mid: Floats
    mid: Floats
    best: Floats
    markouts: Floats


@dataclass(frozen=True, eq=False)
class Replay:
    """What came of it; arrays of shape (N,) unless said otherwise.

    Attributes
    ----------
    session
        The hours.
    rules
        How it was sent.
    side
        +1 buy, -1 sell.
    arrival
        Mid at the start of the first interval that trades, or the first one after it.
    planned, filled
        Shares.
    carried
        Shares that the interval left to the next one.
    fills
        One for each slice that found a book.
    missing
        Intervals with a slice that met no usable book.
    exhausted
        Intervals with a slice that met less depth than it wanted.
    """

    session: Session
    rules: ReplayRules
    side: int
    arrival: float
    planned: Floats
    filled: Floats
    carried: Floats
    fills: Fills
    missing: NDArray[np.int64]
    exhausted: NDArray[np.int64]

    @property
    def unfilled(self) -> float:
        """Shares left over at the end."""
        return max(0.0, float(self.planned.sum() - self.filled.sum()))

    @property
    def timing(self) -> Floats:
        """What the price moved from arrival to decision, currency."""
        return self._by_interval(self.fills.decision_mid - self.arrival)

    @property
    def delay(self) -> Floats:
        """What it moved during the latency, currency."""
        return self._by_interval(self.fills.mid - self.fills.decision_mid)

    @property
    def spread(self) -> Floats:
        """Half-spread paid, currency."""
        return self._by_interval(self.fills.best - self.fills.mid)

    @property
    def impact(self) -> Floats:
        """Paid for the levels behind the best, currency."""
        return self._by_interval(self.fills.price - self.fills.best)

    @property
    def average_price(self) -> Floats:
        """Average price paid; NaN where nothing filled."""
        money = _totals(self.fills.interval, self.fills.shares * self.fills.price, self.session.intervals)
        return _ratio(money, self.filled)

    @property
    def trading_cost(self) -> float:
        """Spread and impact, currency."""
        return float((self.spread + self.impact).sum())

    @property
    def decision_cost(self) -> float:
        """Against the mid at the decision: delay, spread and impact, currency."""
        return self.trading_cost + float(self.delay.sum())

    @property
    def shortfall(self) -> float:
        """Against the arrival mid, currency: the filled shares only."""
        return self.decision_cost + float(self.timing.sum())

    @property
    def markouts(self) -> Floats:
        """ndarray of shape (H,), share-weighted markouts, currency per share; NaN where none is known."""
        known = np.isfinite(self.fills.markouts)
        weight = np.where(known, self.fills.shares[:, None], 0.0)
        total, value = weight.sum(axis=0), (weight * np.where(known, self.fills.markouts, 0.0)).sum(axis=0)
        return _ratio(value, total)

    def notes(self) -> tuple[str, ...]:
        """What went otherwise than planned."""
        notes = []
        if len(self.missing):
            notes.append(f"{len(self.missing)} intervals had no usable book at a slice: {self._named(self.missing)}")
        if len(self.exhausted):
            notes.append(f"{len(self.exhausted)} intervals ran out of depth: {self._named(self.exhausted)}")
        if self.unfilled > 1e-6:
            notes.append(f"{self.unfilled:,.0f} of {self.planned.sum():,.0f} shares are unfilled")
        return tuple(notes)

    def _named(self, intervals: NDArray[np.int64]) -> str:
        starts = [f"{self.session.starts[index]:%H:%M}" for index in intervals[:5]]
        return ", ".join(starts) + (", ..." if len(intervals) > 5 else "")

    def _by_interval(self, per_share: Floats) -> Floats:
        costs = self.side * per_share * self.fills.shares
        return _totals(self.fills.interval, costs, self.session.intervals)


def replay(source: BookSource, shares: ArrayLike, *, side: int = 1, rules: ReplayRules | None = None) -> Replay:
    """Send a schedule through a recorded day.

    Parameters
    ----------
    source
        The day.
    shares
        Shares of each interval of the source's session, N numbers of at least 0.
    side
        +1 buy, -1 sell.
    rules
        How it is sent.

    Raises
    ------
    InputError
        The shares don't fit the session, or the day has no mid at or after arrival.
    """
    return replay_many(source, {"": shares}, side=side, rules=rules)[""]


def replay_many(
    source: BookSource, schedules: Mapping[str, ArrayLike], *, side: int = 1, rules: ReplayRules | None = None
) -> dict[str, Replay]:
    """Send several schedules through a recorded day, each as if it were alone; the day is read once. See `replay`."""
    given, session = rules or ReplayRules(), source.session
    if side not in (1, -1):
        raise InputError(f"is {side!r}: give +1 for a buy or -1 for a sell", argument="side", value=side)
    planned = {name: _planned(shares, session) for name, shares in schedules.items()}
    traded = np.flatnonzero(np.any([shares > 0 for shares in planned.values()], axis=0))
    recorded = _Recorded.of(source, traded, given)
    return {name: _replayed(session, given, side, shares, recorded) for name, shares in planned.items()}


def _replayed(session: Session, rules: ReplayRules, side: int, planned: Floats, day: _Recorded) -> Replay:
    mids = day.arrival_mid[np.flatnonzero(planned)[0] :]
    known = mids[np.isfinite(mids)]
    if not len(known):
        raise InputError("has no mid at or after the first interval: check date and hours", where=day.symbol)
    prices, sizes = (day.books.ask_price, day.books.ask_size) if side > 0 else (day.books.bid_price, day.books.bid_size)
    walked = _walk_slices(planned, rules.slices, prices, sizes, day)
    rows = walked.rows
    fills = Fills(
        time=day.books.time[rows],
        interval=day.interval[rows],
        shares=walked.shares,
        price=walked.price,
        decision_mid=day.decision_mid[rows],
        mid=day.books.mid[rows],
        best=prices[rows, 0],
        markouts=side * (day.later_mid[rows] - walked.price[:, None]),
    )
    filled = _totals(fills.interval, fills.shares, session.intervals)
    left = np.cumsum(planned - filled)
    return Replay(
        session,
        rules,
        side,
        float(known[0]),
        planned,
        filled,
        np.where(left > 1e-9 * planned.sum(), left, 0.0),
        fills,
        np.unique(day.interval[walked.missing]),
        np.unique(day.interval[walked.exhausted]),
    )


def _planned(shares: ArrayLike, session: Session) -> Floats:
    planned = np.atleast_1d(numbers(shares, "shares", minimum=0))
    if planned.shape != (session.intervals,):
        raise InputError(
            f"has {planned.size} intervals where the session has {session.intervals}: give the shares of each interval",
            argument="shares",
        )
    if not planned.any():
        raise InputError("is 0 throughout: give a schedule that trades", argument="shares")
    return planned


def _totals(interval: NDArray[np.int64], values: Floats, intervals: int) -> Floats:
    """ndarray of shape (N,), sums of the values by interval."""
    totals: Floats = np.bincount(interval, values, minlength=intervals).astype(np.float64)
    return totals


def _ratio(value: Floats, weight: Floats) -> Floats:
    """Value by weight; NaN where the weight is 0."""
    ratio: Floats = np.divide(value, weight, out=np.full(len(value), np.nan), where=weight > 0)
    return ratio


@dataclass(frozen=True, eq=False, slots=True)
class _Recorded:
    """What the day shows at the times of K slices.

    Attributes
    ----------
    symbol
        For messages.
    arrival_mid
        ndarray of shape (N,), mid at the start of each interval.
    interval, decision_mid
        ndarrays of shape (K,).
    books, events
        The books at the fills, and the times of the events that they stand since.
    is_open
        Whether there is a fresh book, before the close, with a mid at decision and fill.
    later_mid
        ndarray of shape (K, H).
    """

    symbol: str
    arrival_mid: Floats
    interval: NDArray[np.int64]
    decision_mid: Floats
    books: BookChunk
    events: Times
    is_open: NDArray[np.bool_]
    later_mid: Floats

    @classmethod
    def of(cls, source: BookSource, traded: NDArray[np.int64], rules: ReplayRules) -> _Recorded:
        session = source.session
        interval = np.repeat(traded, rules.slices)
        within = (np.arange(rules.slices) + 0.5) / rules.slices * nanoseconds(session.interval)
        decided = session.edges[interval] + np.tile(within.astype(np.int64), len(traded))
        filled = decided + nanoseconds(rules.latency)
        later = filled[:, None] + np.array([nanoseconds(horizon) for horizon in HORIZONS])
        unique, place = np.unique(
            np.concatenate([session.edges[:-1], decided, filled, later.ravel()]), return_inverse=True
        )
        books, events = standing_books(source, unique)
        starts, decisions, fills, after = np.split(place, np.cumsum([session.intervals, len(decided), len(filled)]))
        mid, since = books.mid, events[fills]
        is_open = (filled < session.end) & (since >= 0) & (filled - since <= nanoseconds(rules.stale))
        return cls(
            symbol=source.symbol,
            arrival_mid=mid[starts],
            interval=interval,
            decision_mid=mid[decisions],
            books=books.take(fills),
            events=since,
            is_open=is_open & np.isfinite(mid[fills]) & np.isfinite(mid[decisions]),
            later_mid=np.where(later < session.end, mid[after].reshape(later.shape), np.nan),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Walked:
    rows: NDArray[np.int64]
    shares: Floats
    price: Floats
    missing: list[int]
    exhausted: list[int]


def _walk_slices(planned: Floats, slices: int, prices: Floats, sizes: Floats, day: _Recorded) -> _Walked:
    """Slice after slice; what one leaves is wanted by the next, and no event between them means no refill."""
    rows, taken, paid = [], [], []
    missing, exhausted = [], []
    carried, order = 0.0, float(planned.sum())
    last_event, left = -1, np.empty(0)
    value = np.nan_to_num(prices)  # a level without a price has no shares either
    for row, interval in enumerate(day.interval):
        if planned[interval] <= 0:
            continue
        wanted = carried + planned[interval] / slices
        if wanted <= 1e-12 * order:
            continue
        carried = wanted
        if not day.is_open[row]:
            missing.append(row)
            continue
        if day.events[row] != last_event:
            last_event, left = int(day.events[row]), sizes[row].copy()
        shares = min(wanted, float(left.sum()))
        if shares < wanted:
            exhausted.append(row)
        if shares <= 0:
            continue
        used = np.diff(np.minimum(np.cumsum(left), shares), prepend=0.0)
        left = left - used
        rows.append(row)
        taken.append(shares)
        paid.append(float(used @ value[row]) / shares)
        carried = wanted - shares
    return _Walked(np.array(rows, np.int64), np.array(taken), np.array(paid), missing, exhausted)
