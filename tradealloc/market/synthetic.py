"""A seeded day of an order book whose true costs are known.

**Truth.** In minute t the average slippage of walking x shares through the book is, in expectation,

    I_t(x) = h_t + beta_t x,   h_t = h_noon s_t L_t,   beta_t = beta_noon s_t L_t

s_t is the smooth U ``u_shape`` with s = 3 in the first minute, 1 at noon, 1.2 in the last; L_t = exp(z_t - var/2) with
z_t = 0.8 z_{t-1} + noise is the level, of mean 1.

**The book.** Let m be the latent mid, y = m + h the price that the first share should pay and D = 1/(2 beta) the shares
per unit of price. A book in which the q-th share pays ``y + 2 beta q`` makes the average share of x pay
``y + beta x``: the line asked for. Prices lie on rungs G ticks apart, so the q-th share pays one of the two rungs
P_i <= Y < P_{i+1} around Y = y + 2 beta q: the upper one where Y has passed a threshold T_{i+1}, uniform between P_i
and P_{i+1} and drawn apart for every rung. The upper rung is paid with probability (Y - P_i)/G, hence

    E[price of the q-th share] = P_i + G (Y - P_i)/G = Y,

exactly, for every Y, whatever the other thresholds are. Thresholds of neighbouring rungs are in order, so that the
shares of a level are ``D (T_{i+1} - T_i)``: random, one rung's worth on average, about half of it at the best level.
Bids are the mirror image with thresholds of their own; the mean of both best prices is m on average, so the sentence
also holds for the slippage against the mid that is seen. It holds further with h and beta jittered about their values,
which the book does. With ten levels it holds for every x up to ``truth.depth`` (eight rungs at the steepest jitter),
the depth that is always there. Shares are whole: the k-th one pays what the line asks at k - 1/2, whose average over
k = 1..x is again y + beta x.

**Time.** A jitter or a threshold stays until it is refreshed: at each event with probability 1 - exp(-dt/tau), so that
the books of different seconds are nearly independent: the correlation of two books lasts about tau plus the mean time
between events, 0.75 s with the defaults.

**Order flow.** Event n brings signed order flow f_n, of which the trades are a part, and the mid moves by beta_t f_n.
Moving the mid by d removes d/(2 beta) shares from one side of the best levels and adds as many to the other, so the
order-flow imbalance of Cont, Kukanov and Stoikov (2014), which counts both, is f_n plus the noise of the book: the
slope of the price on order flow is ``truth.flow_slope`` = beta_t. A regression on the level-1 book finds about 0.9 of
it with the defaults (10-second buckets, R^2 about 0.57: the noise of the queues attenuates) and 1.1 of it without noise
(levels jumped over within one event aren't counted). The average cost that an order-flow slope stands for,
I(x) = h + flow_slope/2 x, is half of what walking costs: here the other side of the book follows the trade at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError

from .book import BookChunk
from .quality import QualityMeter, QualityReport
from .session import Session

Floats = NDArray[np.float64]

A_DAY = dt.date(2025, 6, 2)
"""The date of a synthetic day where none is given: a Monday."""

_CHUNK = 32_768
_SLOTS = 16
"""Thresholds kept for each side: a rung keeps its own, modulo 16, while the book moves; 12 are in use at a time."""
_WIDEST_LEVEL = 4.0
"""Standard deviations at which the level is cut off, so that the spread never falls below the tick."""


@dataclass(frozen=True)
class MarketParameters:
    """The true market; money in currency per share, times in seconds.

    Attributes
    ----------
    symbol, price, tick
        Ticker, mid at the open, and smallest price step.
    half_spread, slope
        h and beta at noon, of I(x) = h + beta x.
    cost_open, cost_close
        Half-spread and slope in the first and last minute, as multiples of noon.
    level_correlation, level_sd
        Of the log-AR(1) level of half-spread, slope and volatility, minute to minute; 0 is no level.
    depth, depth_open, depth_close
        Shares a level at noon, and their U. Together with the slope they fix how many ticks the levels are apart.
    volume, volume_open, volume_close, volume_sd
        Shares traded in a minute at noon, their U, and the standard deviation of log volume about it.
    volatility, volatility_open, volatility_close
        Standard deviation of the mid's change in a minute at noon, currency, and its U.
    flat
        No shape: all U are 1.
    noon_shift
        From 12:00 on half-spread and slope are multiplied by this.
    regimes
        Whether calm (an hour on average) and volatile minutes (20 on average) alternate; volatile ones multiply
        volatility by `regime_volatility`, half-spread and slope by `regime_cost`.
    events_per_minute
        Book events in each minute: 120 are 46,800 a day, 1,026 are 400,140.
    trade_share
        Part of the events that are trades.
    memory
        tau, seconds for which a threshold or jitter of the book lasts on average, once there are events.
    jitter
        Half-spread and slope of the book lie uniformly within this part of their values; 0 to 0.5.
    noise
        False gives the regular book (thresholds halfway, no jitter) that moves with the order flow alone: it isn't
        unbiased share by share, and serves to test order-flow regressions.
    levels
        Price levels on each side.
    """

    symbol: str = "SYNTH"
    price: float = 100.0
    tick: float = 0.01
    half_spread: float = 0.03
    slope: float = 5e-5
    cost_open: float = 3.0
    cost_close: float = 1.2
    level_correlation: float = 0.8
    level_sd: float = 0.2
    depth: float = 200.0
    depth_open: float = 1.3
    depth_close: float = 1.3
    volume: float = 2000.0
    volume_open: float = 2.5
    volume_close: float = 2.0
    volume_sd: float = 0.3
    volatility: float = 0.05
    volatility_open: float = 3.0
    volatility_close: float = 1.5
    flat: bool = False
    noon_shift: float = 1.0
    regimes: bool = False
    regime_volatility: float = 2.5
    regime_cost: float = 1.5
    events_per_minute: int = 120
    trade_share: float = 0.4
    memory: float = 0.25
    jitter: float = 0.2
    noise: bool = True
    levels: int = 10

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float | int) and not isinstance(value, bool) and not np.isfinite(value):
                raise InputError(f"is {value}: give a finite number", argument=field.name, value=value)
        zero_allowed = {"level_correlation", "level_sd", "volume_sd", "trade_share", "jitter", "memory"}
        for name in (field.name for field in fields(self) if field.type in ("float", "int")):
            value = getattr(self, name)
            if value < 0 or (value == 0 and name not in zero_allowed):
                raise InputError(f"is {value}: give a number above 0", argument=name, value=value)
        for name, most in {"level_correlation": 0.999, "level_sd": 1.0, "trade_share": 0.9, "jitter": 0.5}.items():
            if getattr(self, name) > most:
                raise InputError(f"is {getattr(self, name)}: give at most {most}", argument=name)
        if self.events_per_minute < 2 or not 1 <= self.levels <= _SLOTS - 4:
            raise InputError(
                f"has {self.events_per_minute} events a minute and {self.levels} levels: "
                f"give at least 2 events and 1 to {_SLOTS - 4} levels",
                argument="parameters",
            )
        lowest = np.exp(-_WIDEST_LEVEL * self.level_sd - self.level_sd**2 / 2)
        costs = [1.0] if self.flat else [1.0, self.cost_open, self.cost_close]
        thinnest = self.half_spread * (1 - self.jitter) * lowest * min(costs) * min(1.0, self.noon_shift)
        if thinnest < self.tick:
            raise InputError(
                f"is {self.half_spread:g}: its lowest level would be {thinnest:.3g}, below the tick {self.tick:g}: "
                "give a wider one, or less level_sd or jitter",
                argument="half_spread",
                value=self.half_spread,
            )


@dataclass(frozen=True, eq=False, slots=True)
class DayTruth:
    """What is true of one synthetic day; every array has shape (N,), one element a minute.

    Attributes
    ----------
    half_spread, slope
        h_t and beta_t of I_t(x) = h_t + beta_t x, the level included.
    half_spread_shape, slope_shape
        Their expectation over the level: what a perfect prior knows before the open (regimes and the shift at noon
        not included).
    shape
        The U of the costs, 1 at noon.
    level
        What half_spread and slope have beyond their shape: AR(1) level, shift and regime.
    volume
        Shares traded.
    volatility
        Standard deviation of the mid's change in the minute, currency.
    flow_slope
        What the mid moves per share of order-flow imbalance; beta_t.
    depth
        Shares that the ten levels of a side always hold: up to here I_t(x) is exact.
    regime
        0 calm, 1 volatile.
    """

    half_spread: Floats
    slope: Floats
    half_spread_shape: Floats
    slope_shape: Floats
    shape: Floats
    level: Floats
    volume: Floats
    volatility: Floats
    flow_slope: Floats
    depth: Floats
    regime: NDArray[np.int8]


def u_shape(session: Session, at_open: float, at_close: float) -> Floats:
    """The smooth U: `at_open` in the first minute, 1 at noon, `at_close` in the last.

    ``s = 1 + (open - 1) ((n - i)/n)^2`` for interval i before the one n that noon falls in, and
    ``1 + (close - 1) ((i - n)/(N - 1 - n))^2`` after it: no kink at noon.

    Returns
    -------
    ndarray of shape (N,)
    """
    index = np.arange(session.intervals, dtype=float)
    noon = float(session.interval_of(12 * 3600 * 10**9))
    before = ((noon - index) / noon) ** 2
    after = ((index - noon) / (session.intervals - 1 - noon)) ** 2
    return np.where(index < noon, 1 + (at_open - 1) * before, 1 + (at_close - 1) * after)


class SyntheticMarket:
    """Makes days of a market whose truth is known.

    Parameters
    ----------
    parameters
        The market; the defaults are those that the package's accuracy is measured on.
    """

    def __init__(self, parameters: MarketParameters | None = None) -> None:
        self.parameters = parameters or MarketParameters()

    def day(self, seed: int, date: dt.date = A_DAY) -> SyntheticDay:
        """One day; the same seed and parameters give the same day.

        Level, regimes and volumes don't depend on the number of events or the noise of the book.
        """
        return SyntheticDay(self.parameters, seed, Session(date))


class SyntheticDay:
    """One day of the synthetic market: a `BookSource` with its `truth`."""

    def __init__(self, parameters: MarketParameters, seed: int, session: Session) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
            raise InputError(f"is {seed!r}: give a whole number of at least 0", argument="seed", value=seed)
        self.parameters = parameters
        self.seed = int(seed)
        self._session = session
        day, events, self._value_seed, self._refresh_seed = np.random.SeedSequence(self.seed).spawn(4)
        base = _Base.draw(parameters, session, np.random.default_rng(day))
        self._flow = _OrderFlow.draw(parameters, session, base, np.random.default_rng(events))
        self._spacing = _spacing(parameters, base)
        rung = self._spacing * parameters.tick / (2 * base.slope * (1 + parameters.jitter))
        self.truth = DayTruth(
            half_spread=base.half_spread,
            slope=base.slope,
            half_spread_shape=parameters.half_spread * base.shape,
            slope_shape=parameters.slope * base.shape,
            shape=base.shape,
            level=base.level,
            volume=self._flow.volume,
            volatility=self._flow.volatility,
            flow_slope=base.slope.copy(),
            depth=np.floor((parameters.levels - 2) * rung) - 1,
            regime=base.regime,
        )

    @property
    def symbol(self) -> str:
        """Ticker."""
        return self.parameters.symbol

    @property
    def session(self) -> Session:
        """09:30 to 16:00 New York, in minutes."""
        return self._session

    @property
    def tick(self) -> float:
        """Smallest price step, currency."""
        return self.parameters.tick

    @property
    def levels(self) -> int:
        """Price levels on each side."""
        return self.parameters.levels

    def chunks(self) -> Iterator[BookChunk]:
        """The events, in order of time; the same at every call."""
        state = _BookState(self.parameters, self._value_seed, self._refresh_seed)
        for start in range(0, len(self._flow.time), _CHUNK):
            yield self._chunk(slice(start, start + _CHUNK), state)

    def quality(self) -> QualityReport:
        """What a reader of these data would report: nothing amiss."""
        meter = QualityMeter(f"synthetic day {self.seed}", self.session)
        for chunk in self.chunks():
            meter.observe(chunk)
        return meter.report()

    def _chunk(self, rows: slice, state: _BookState) -> BookChunk:
        flow, tick = self._flow, self.parameters.tick
        minute = flow.minute[rows]
        noise = state.advance(flow.since_last[rows])
        half_spread = self.truth.half_spread[minute] * noise.half_spread
        spacing = self._spacing[minute]
        sides = []
        for side, sign in enumerate((1, -1)):
            first_share = (sign * flow.mid[rows] + half_spread) / tick
            rung_shares = spacing * tick / (2 * self.truth.slope[minute] * noise.slope[side])
            rung, sizes = _levels(first_share / spacing, rung_shares, noise.thresholds[side], self.levels)
            prices = np.round((sign * tick) * rung * spacing[:, None], 10)
            sides.append((prices, sizes))
        (ask, ask_size), (bid, bid_size) = sides
        trade_side = flow.trade_side[rows]
        # A trade meets the book that stood before it.
        quote = np.vstack([state.last_quote, np.column_stack([bid[:, 0], ask[:, 0]])])
        state.last_quote = quote[-1]
        trade_price = np.where(trade_side == 0, np.nan, np.where(trade_side > 0, quote[:-1, 1], quote[:-1, 0]))
        return BookChunk(
            flow.time[rows],
            ask,
            ask_size,
            bid,
            bid_size,
            trade_price,
            flow.trade_size[rows],
            trade_side,
            np.zeros(len(minute), bool),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Base:
    """What holds for a minute, whatever happens in it; arrays of shape (N,)."""

    shape: Floats
    level: Floats
    half_spread: Floats
    slope: Floats
    depth: Floats
    volume: Floats
    volatility: Floats
    regime: NDArray[np.int8]

    @classmethod
    def draw(cls, given: MarketParameters, session: Session, rng: np.random.Generator) -> _Base:
        def shape(at_open: float, at_close: float) -> Floats:
            return np.ones(session.intervals) if given.flat else u_shape(session, at_open, at_close)

        size = session.intervals
        ar_level = _ar_level(rng.standard_normal(size), given.level_correlation, given.level_sd)
        regime = _regimes(rng.random(size)) if given.regimes else np.zeros(size, np.int8)
        volume_noise = np.exp(given.volume_sd * rng.standard_normal(size) - given.volume_sd**2 / 2)
        afternoon = session.edges[:-1] >= 12 * 3600 * 10**9
        level = ar_level * np.where(afternoon, given.noon_shift, 1.0) * np.where(regime, given.regime_cost, 1.0)
        costs = shape(given.cost_open, given.cost_close)
        volatility = given.volatility * shape(given.volatility_open, given.volatility_close)
        return cls(
            shape=costs,
            level=level,
            half_spread=given.half_spread * costs * level,
            slope=given.slope * costs * level,
            depth=given.depth * shape(given.depth_open, given.depth_close),
            volume=given.volume * shape(given.volume_open, given.volume_close) * volume_noise,
            volatility=volatility * ar_level * np.where(regime, given.regime_volatility, 1.0),
            regime=regime,
        )


@dataclass(frozen=True, eq=False, slots=True)
class _OrderFlow:
    """Events without their books; arrays of shape (E,), except volume and volatility (N,)."""

    time: NDArray[np.int64]
    since_last: Floats
    minute: NDArray[np.int64]
    trade_size: Floats
    trade_side: NDArray[np.int8]
    mid: Floats
    volume: Floats
    volatility: Floats

    @classmethod
    def draw(cls, given: MarketParameters, session: Session, base: _Base, rng: np.random.Generator) -> _OrderFlow:
        minutes, each = session.intervals, given.events_per_minute
        # The first event of a minute opens it, so that no book of the minute before stands in it.
        within = np.zeros((minutes, each), np.int64)
        length = int(session.edges[1] - session.edges[0])
        within[:, 1:] = np.sort(rng.integers(1, length, (minutes, each - 1)), axis=1)
        time = (session.edges[:-1, None] + within).ravel()
        is_trade = rng.random((minutes, each)) < given.trade_share
        is_trade[:, 0] = False
        weight = np.where(is_trade, rng.lognormal(0.0, 0.6, (minutes, each)), 0.0)
        total = weight.sum(axis=1, keepdims=True)
        share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        size = np.where(is_trade, np.maximum(np.rint(base.volume[:, None] * share), 1.0), 0.0)
        side = np.where(is_trade, np.where(rng.random((minutes, each)) < 0.5, -1, 1), 0).astype(np.int8)
        # Limit orders bring what the trades lack of the volatility.
        traded = (size**2).sum(axis=1)
        missing = np.maximum((base.volatility / base.slope) ** 2 - traded, 0.0)
        quotes = np.maximum((~is_trade).sum(axis=1), 1)
        quoted = rng.standard_normal((minutes, each)) * np.sqrt(missing / quotes)[:, None]
        flow = np.where(is_trade, size * side, quoted)
        mid = given.price + np.cumsum((base.slope[:, None] * flow).ravel())
        if mid.min() < given.price / 2:
            raise InputError("drives the price to half of the open: give less", argument="volatility")
        return cls(
            time=time,
            since_last=np.diff(time, prepend=time[0]) / 1e9,
            minute=np.repeat(np.arange(minutes), each),
            trade_size=size.ravel(),
            trade_side=side.ravel(),
            mid=mid,
            volume=size.sum(axis=1),
            volatility=base.slope * np.sqrt(traded + missing),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Noise:
    """State of the book's noise after each of E events."""

    half_spread: Floats
    """(E,) multiple of h."""
    slope: tuple[Floats, Floats]
    """(E,) multiple of beta, asks and bids."""
    thresholds: tuple[Floats, Floats]
    """(E, 16) how far below its rung the threshold lies, in rungs, asks and bids."""


class _BookState:
    """Draws the noise event by event, whatever the size of the chunks."""

    def __init__(
        self, given: MarketParameters, values: np.random.SeedSequence, refreshes: np.random.SeedSequence
    ) -> None:
        self._given = given
        self._values, self._refreshes = np.random.default_rng(values), np.random.default_rng(refreshes)
        self._last = self._values.random(2 * _SLOTS + 3)
        self.last_quote = np.full(2, np.nan)

    def advance(self, since_last: Floats) -> _Noise:
        """The noise after events that came `since_last` seconds after the one before."""
        given, events, variables = self._given, len(since_last), len(self._last)
        if given.noise:
            drawn = np.vstack([self._last, self._values.random((events, variables))])
            chance = -np.expm1(-since_last / given.memory) if given.memory > 0 else np.ones(events)
            is_new = self._refreshes.random((events, variables)) < chance[:, None]
            index = np.where(is_new, np.arange(1, events + 1, dtype=np.intp)[:, None], 0)
            state = np.take_along_axis(drawn, np.maximum.accumulate(index, axis=0), axis=0)
            self._last = state[-1]
        else:
            state = np.full((events, variables), 0.5)
        scale = 1 + given.jitter * (2 * state[:, :3] - 1)
        return _Noise(
            half_spread=scale[:, 0],
            slope=(scale[:, 1], scale[:, 2]),
            thresholds=(state[:, 3 : 3 + _SLOTS], state[:, 3 + _SLOTS :]),
        )


def _levels(start: Floats, rung_shares: Floats, below: Floats, levels: int) -> tuple[NDArray[np.int64], Floats]:
    """Rungs and shares of one side, asks seen from below.

    Parameters
    ----------
    start
        (E,) what the first share should pay, in rungs.
    rung_shares
        (E,) shares for each rung that the price moves.
    below
        (E, 16) distance of each rung's threshold below it.

    Returns
    -------
    rung, shares
        Both of shape (E, levels).
    """
    # The middle of the first share decides where the book begins; so whole shares are exact too.
    first = start + 0.5 / rung_shares
    at = np.floor(first).astype(np.int64)
    rung = at[:, None] + np.arange(levels + 2)
    threshold = rung - np.take_along_axis(below, rung % _SLOTS, axis=1)
    passed = first >= threshold[:, 1]
    bound = np.where(passed[:, None], threshold[:, 2:], threshold[:, 1:-1])
    depth = np.rint((bound - start[:, None]) * rung_shares[:, None])
    sizes = np.diff(depth, axis=1, prepend=0.0)
    return (at + passed)[:, None] + np.arange(levels), np.maximum(sizes, 1.0)


def _spacing(given: MarketParameters, base: _Base) -> NDArray[np.int64]:
    """(N,) ticks between rungs: what depth and slope ask for, never so wide that the book could cross."""
    wanted = np.rint(2 * base.slope * base.depth / given.tick)
    widest = np.floor(base.half_spread * (1 - given.jitter) / given.tick + 1e-9)
    return np.clip(wanted, 1, widest).astype(np.int64)


def _ar_level(shocks: Floats, correlation: float, deviation: float) -> Floats:
    """exp of a stationary AR(1), scaled to mean 1."""
    if deviation == 0:
        return np.ones(len(shocks))
    state = np.empty(len(shocks))
    last = shocks[0]
    spread = float(np.sqrt(1 - correlation**2))
    state[0] = last
    for index in range(1, len(shocks)):
        last = correlation * last + spread * shocks[index]
        state[index] = last
    level = np.exp(deviation * np.clip(state, -_WIDEST_LEVEL, _WIDEST_LEVEL) - deviation**2 / 2)
    return np.asarray(level, dtype=np.float64)


def _regimes(draws: Floats) -> NDArray[np.int8]:
    """Calm (0) for an hour and volatile (1) for 20 minutes on average, calm at the open."""
    regime = np.zeros(len(draws), np.int8)
    for index in range(1, len(draws)):
        last = regime[index - 1]
        leaves = draws[index] < (1 / 20 if last else 1 / 60)
        regime[index] = 1 - last if leaves else last
    return regime
