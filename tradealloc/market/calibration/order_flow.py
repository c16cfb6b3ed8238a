"""Price impact from the order flow at the best quotes, where only level 1 is known.

Order-flow imbalance (Cont, Kukanov and Stoikov 2014, "The price impact of order book events", eq. 1): event n adds

    e_n = 1{Pb_n >= Pb_{n-1}} qb_n - 1{Pb_n <= Pb_{n-1}} qb_{n-1}
          - 1{Pa_n <= Pa_{n-1}} qa_n + 1{Pa_n >= Pa_{n-1}} qa_{n-1}

with Pb, qb price and size of the best bid, Pa, qa of the best ask. Over buckets k of 10 s, with the mid's change in
them, ``dP_k = alpha + slope OFI_k + noise``, fitted in windows of half an hour.

**To average slippage.** The slope is what the price has moved at the *end* of a trade; its first share pays none of
that, its last share all of it, the average share half:

    I(x) = h + (slope / 2) x
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.book import BookChunk, BookSource
from tradealloc.market.profile import LEVEL, DayProfile
from tradealloc.market.session import Session, nanoseconds
from tradealloc.market.spreads import half_spreads

from .batches import t_quantile
from .observed import observe

Floats = NDArray[np.float64]

BUCKET = dt.timedelta(seconds=10)
WINDOW = dt.timedelta(minutes=30)

FEWEST_BUCKETS = 20
"""With fewer buckets that have a price a window's slope isn't estimated."""


@dataclass(frozen=True, eq=False, slots=True)
class FlowFit:
    """Regressions of the mid's change on order-flow imbalance; arrays of shape (W,), one element a window.

    Attributes
    ----------
    session
        The day's hours.
    starts
        Start of each window, local time.
    slope, error
        Currency per share, and its standard error: White's, which allows for unequal variances and is about twice the
        classical one on real days; NaN where the window has too few buckets or no flow.
    intercept
        Currency in a bucket.
    t
        slope over its classical standard error, as papers report it.
    r_squared
        Share of the variance of the mid's change that order flow explains.
    buckets
        Buckets that the window's fit rests on.
    window
        Length of a window.
    """

    session: Session
    starts: tuple[dt.time, ...]
    slope: Floats
    error: Floats
    intercept: Floats
    t: Floats
    r_squared: Floats
    buckets: NDArray[np.int64]
    window: dt.timedelta

    @property
    def beta(self) -> Floats:
        """ndarray of shape (W,), slope of *average* slippage in the shares traded: half of `slope`."""
        return self.slope / 2


class FlowMeter:
    """Adds up order-flow imbalance and notes the mid, bucket by bucket, as the chunks of a book pass."""

    def __init__(self, session: Session, bucket: dt.timedelta = BUCKET) -> None:
        length = session.end - session.start
        step = nanoseconds(bucket)
        if step <= 0 or length % step:
            raise InputError(f"is {bucket}, which doesn't divide the session: give one that does", argument="bucket")
        self._start, self._step = session.start, step
        self.flow = np.zeros(length // step)
        """(K,) order-flow imbalance of each bucket, shares."""
        self.mid = np.full(length // step, np.nan)
        """(K,) mid at the end of each bucket; NaN where the bucket has no usable book."""
        self.first_mid = np.nan
        self._last: BookChunk | None = None

    def observe(self, chunk: BookChunk) -> None:
        """The next events in order of time."""
        good = chunk.usable & ~np.isnan(chunk.mid)
        if not good.any():
            return
        events = chunk.take(good)
        bucket = (events.time - self._start) // self._step
        if self._last is None:
            self.first_mid = float(events.mid[0])
        before = 0 if self._last is None else 1
        joined = events if self._last is None else _after(self._last, events)
        flow = _imbalance(joined)
        np.add.at(self.flow, bucket[1 - before :], flow)
        # Later events overwrite earlier ones of the same bucket.
        self.mid[bucket] = events.mid
        self._last = events.take(slice(-1, None))

    @property
    def moves(self) -> Floats:
        """ndarray of shape (K,), change of the mid over each bucket, currency; a bucket without events has none."""
        known = ~np.isnan(self.mid)
        last = np.maximum.accumulate(np.where(known, np.arange(len(self.mid)), -1))
        ends = np.where(last >= 0, self.mid[last], self.first_mid)
        return np.diff(ends, prepend=self.first_mid)


def fit_flow(meter: FlowMeter, session: Session, window: dt.timedelta = WINDOW) -> FlowFit:
    """Regress the mid's change on order-flow imbalance in each window.

    Parameters
    ----------
    meter
        After all chunks of the day.
    session
        Of the day.
    window
        Length of a window; the last one may be shorter.
    """
    per_window = nanoseconds(window) // meter._step
    if per_window < FEWEST_BUCKETS:
        problem = f"is {window}: give a window of at least {FEWEST_BUCKETS} buckets"
        raise InputError(problem, argument="window", value=window)
    windows = -(-len(meter.flow) // per_window)
    rows, moves = np.full((windows, 5), np.nan), meter.moves
    buckets = np.zeros(windows, np.int64)
    for index in range(windows):
        part = slice(index * per_window, (index + 1) * per_window)
        flow, move = meter.flow[part], moves[part]
        buckets[index] = int((~np.isnan(meter.mid[part])).sum())
        if buckets[index] >= FEWEST_BUCKETS and np.ptp(flow) > 0:
            rows[index] = _regression(flow, move)
    midnight = dt.datetime.combine(session.date, session.open)
    starts = tuple((midnight + index * window).time() for index in range(windows))
    slope, error, intercept, t, r_squared = rows.T
    return FlowFit(session, starts, slope, error, intercept, t, r_squared, buckets, window)


def order_flow(source: BookSource, bucket: dt.timedelta = BUCKET, window: dt.timedelta = WINDOW) -> FlowFit:
    """Read a day's best quotes and regress; see `fit_flow`."""
    meter = FlowMeter(source.session, bucket)
    for chunk in source.chunks():
        meter.observe(chunk)
    return fit_flow(meter, source.session, window)


def flow_profile(
    source: BookSource,
    bucket: dt.timedelta = BUCKET,
    window: dt.timedelta = WINDOW,
    sources: tuple[str, ...] = (),
) -> DayProfile:
    """A day profile from level 1: beta is half the slope of the interval's window, the half-spread the quoted one.

    The reach of such a fit is what the window's buckets saw: max_shares is the 95 % quantile of |OFI| in them. Windows
    without a slope take the median of the others, with 0 samples and a warning.

    Raises
    ------
    InputError
        No window has a slope above 0.
    """
    session, meter = source.session, FlowMeter(source.session, bucket)
    day = observe(source, None, meter.observe)
    fit = fit_flow(meter, session, window)
    spreads = half_spreads(source)
    at = (session.edges[:-1] - session.start) // nanoseconds(window)
    good = np.isfinite(fit.slope) & (fit.slope > 0)
    if not good.any():
        raise InputError(
            "has no half hour in which order flow moves the price: too few events, or no quotes",
            where=source.symbol or "book",
        )
    warnings = []
    if not good.all():
        named = ", ".join(f"{start:%H:%M}" for start, is_good in zip(fit.starts, good, strict=True) if not is_good)
        warnings.append(f"no slope can be estimated from {named}: the median of the other windows stands there")
    quote_known = np.isfinite(spreads)
    if not quote_known.all():
        warnings.append(f"{int((~quote_known).sum())} intervals have no quote: the half-spread is interpolated there")
        index = np.arange(len(spreads))
        spreads = np.interp(index, index[quote_known], spreads[quote_known])
    low, high = (fit.slope + sign * t_quantile(fit.buckets - 1, LEVEL) * fit.error for sign in (-1, 1))
    slope = np.where(good, fit.slope, np.median(fit.slope[good]))
    low, high = np.where(good, low, np.min(low[good])), np.where(good, high, np.max(high[good]))
    per_window = nanoseconds(window) // nanoseconds(bucket)
    reach = [
        np.quantile(np.abs(meter.flow[index * per_window : (index + 1) * per_window]), 0.95)
        for index in range(len(slope))
    ]
    reached = np.where(good, reach, np.min(np.array(reach)[good]))
    columns = {
        "beta": slope[at] / 2,
        "half_spread": spreads,
        "volume": day.volume,
        "volatility": day.volatility,
        "max_shares": np.floor(reached)[at],
        "beta_error": np.where(good, fit.error, np.nan)[at] / 2,
        "beta_low": low[at] / 2,
        "beta_high": high[at] / 2,
        "r_squared": np.where(good, fit.r_squared, np.nan)[at],
        "samples": np.where(good, fit.buckets, 0).astype(float)[at],
    }
    return DayProfile.of(session.starts, columns, symbol=source.symbol, sources=sources, warnings=tuple(warnings))


def _imbalance(books: BookChunk) -> Floats:
    """(E - 1,) what each event after the first adds."""
    bid, ask = books.bid_price[:, 0], books.ask_price[:, 0]
    bid_size, ask_size = books.bid_size[:, 0], books.ask_size[:, 0]
    return (
        (bid[1:] >= bid[:-1]) * bid_size[1:]
        - (bid[1:] <= bid[:-1]) * bid_size[:-1]
        - (ask[1:] <= ask[:-1]) * ask_size[1:]
        + (ask[1:] >= ask[:-1]) * ask_size[:-1]
    )


def _after(last: BookChunk, events: BookChunk) -> BookChunk:
    """The events with the one before them in front; only the best quotes matter."""
    names = ("time", "ask_price", "ask_size", "bid_price", "bid_size", "trade_price", "trade_size", "trade_side")
    joined = [np.concatenate([getattr(last, name), getattr(events, name)]) for name in (*names, "halted")]
    return BookChunk(*joined)


def _regression(flow: Floats, move: Floats) -> tuple[float, float, float, float, float]:
    """Slope, its White error (HC1), intercept, classical t and R^2 of ordinary least squares."""
    size = len(flow)
    centred, change = flow - flow.mean(), move - move.mean()
    square = float(centred @ centred)
    slope = float(centred @ change) / square
    left = change - slope * centred
    error = float(np.sqrt(size / (size - 2) * ((centred * left) ** 2).sum())) / square
    total = float(change @ change)
    r_squared = 1 - float(left @ left) / total if total > 0 else np.nan
    classical = float(np.sqrt(left @ left / (size - 2) / square))
    t = slope / classical if classical > 0 else np.nan
    return slope, error, float(move.mean() - slope * flow.mean()), t, r_squared
