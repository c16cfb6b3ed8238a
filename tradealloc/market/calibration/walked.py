"""Half-spread and slope of each interval *together*, from walking standing books: I_t(x) = h_t + beta_t x.

Never through the origin: a line without the half-spread takes the spread for impact (on a real ten-level book its
median R^2 is below 0, where half-spread and line explain 0.97).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.book import BookSource
from tradealloc.market.profile import LEVEL, DayProfile
from tradealloc.market.session import nanoseconds
from tradealloc.market.walking import walk_asks, walk_bids

from .batches import FEWEST_BATCHES, batch_means, t_quantile, without_idle
from .observed import ObservedDay, Seen, observe
from .shape import smooth_shape

Floats = NDArray[np.float64]

SIZES = 10
"""Sizes walked, evenly from a tenth of the reach to the reach."""

THIN = 0.5
"""Books with less than this part of the interval's median depth, momentarily emptied ones, are left out.

Leaving out more would choose the books that are cheap: 5 % of them bias the slope by a quarter of its error."""

THIN_WARNING = 0.05
"""Part of an interval's books left out as too thin from which on the trader is told."""

BATCH = dt.timedelta(seconds=5)
"""Books farther apart than this count as nearly independent."""

MOST_BATCHES = 30

FEWEST_FITTED = 3
"""Intervals with a fit, at least, that others are filled from."""

FEWEST_BOOKS = 10
"""Fewer books in an interval aren't an estimate."""


@dataclass(frozen=True, eq=False, slots=True)
class LineFit:
    """Lines ``h_t + beta_t x`` of N intervals; every array has shape (N,), NaN where there is no fit.

    Attributes
    ----------
    half_spread, beta
        Estimates, currency per share and currency per share per share.
    half_spread_error, beta_error
        Standard errors that allow for serial correlation.
    half_spread_low, half_spread_high, beta_low, beta_high
        90 % intervals.
    r_squared
        ``1 - sum w (I - h - beta x)^2 / sum w (I - mean)^2`` over all books and sizes of the interval.
    """

    half_spread: Floats
    beta: Floats
    half_spread_error: Floats
    beta_error: Floats
    half_spread_low: Floats
    half_spread_high: Floats
    beta_low: Floats
    beta_high: Floats
    r_squared: Floats


@dataclass(frozen=True, eq=False, slots=True)
class WalkedDay:
    """What walking a day's books found; arrays of shape (N,) unless said otherwise.

    Attributes
    ----------
    day
        The day condensed: books, volume, volatility.
    both, buy, sell
        Lines from both sides together, from the asks (what a buy pays) and from the bids.
    reach
        Size up to which the lines were fitted, shares; NaN where there is no fit.
    samples
        Books that the interval's line rests on; 0 where there is none.
    batches
        Batches that its errors rest on.
    left_out
        Books of both sides that were too thin.
    sizes, slippage, slippage_error
        ndarrays of shape (N, K): sizes walked, their mean slippage on both sides, and its standard error.
    """

    day: ObservedDay
    both: LineFit
    buy: LineFit
    sell: LineFit
    reach: Floats
    samples: NDArray[np.int64]
    batches: NDArray[np.int64]
    left_out: NDArray[np.int64]
    sizes: Floats
    slippage: Floats
    slippage_error: Floats

    @property
    def fitted(self) -> NDArray[np.bool_]:
        """Whether the interval has a line with errors and positive costs; the others are filled from the shape."""
        fit = self.both
        return np.isfinite(fit.beta_error) & (fit.beta > 0) & (fit.half_spread >= 0)


def walk_day(source: BookSource, every: dt.timedelta | None = None, *watchers: Seen) -> WalkedDay:
    """Fit a line in each interval of a day; see `fit_books`."""
    if source.levels < 2:
        raise InputError(
            "has one price level: the slope can't be seen from walking it, use the method ofi (--method ofi)",
            where=source.symbol or "book",
        )
    return fit_books(observe(source, every, *watchers))


def fit_books(day: ObservedDay) -> WalkedDay:
    """Fit ``I_t(x) = h_t + beta_t x`` in each interval of an observed day.

    Each standing book is walked by buys and sells of `SIZES` sizes up to the interval's reach: the depth that all its
    books hold on both sides, momentarily emptied ones left out. Weighted least squares (weights x, since the price
    steps average out in larger sizes) gives one line per book and side; the interval's line is their mean, and its
    errors are those of batch means (5 s or a thirtieth of the interval), because neighbouring books are nearly the
    same book. A book that stands unchanged counts once; an interval with fewer than four batches that bring a change
    has no errors, hence no fit of its own.

    Returns
    -------
    WalkedDay

    Raises
    ------
    InputError
        No interval has enough books.
    """
    session, intervals = day.session, day.session.intervals
    within = (day.books.time - session.edges[day.interval]) // _batch_length(day)
    first = np.searchsorted(day.interval, np.arange(intervals + 1))
    estimates = np.full((3, intervals, 2), np.nan)
    errors, r_squared = estimates.copy(), np.full((3, intervals), np.nan)
    sizes = np.full((intervals, SIZES), np.nan)
    slippage, slippage_error = sizes.copy(), sizes.copy()
    reach = np.full(intervals, np.nan)
    samples, batches, left_out = (np.zeros(intervals, np.int64) for _ in range(3))
    for index in range(intervals):
        rows = slice(int(first[index]), int(first[index + 1]))
        found = _reach(day, rows)
        if found is None:
            continue
        size, usable, left_out[index] = found
        books = day.books.take(np.flatnonzero(usable) + rows.start)
        walked = walk_asks(books, size).slippage, walk_bids(books, size).slippage
        design, weight = _operator(size)
        mean = (walked[0] + walked[1]) / 2
        lines = np.einsum("pk,smk->smp", design, np.stack([mean, *walked]))
        columns = np.concatenate([*lines, mean], axis=1)
        means = batch_means(columns, without_idle(columns, within[rows][usable]))
        reach[index], samples[index], batches[index] = size[-1], means.samples, means.batches
        estimates[:, index] = means.mean[:6].reshape(3, 2)
        errors[:, index] = means.error[:6].reshape(3, 2)
        sizes[index], slippage[index], slippage_error[index] = size, means.mean[6:], means.error[6:]
        r_squared[0, index] = _r_squared(np.concatenate(walked), size, estimates[0, index], weight)
        for side in (1, 2):
            r_squared[side, index] = _r_squared(walked[side - 1], size, estimates[side, index], weight)
    if not (batches >= FEWEST_BATCHES).any():
        raise InputError(
            f"has no interval with {FEWEST_BOOKS} books of both sides: check date, hours and time zone",
            where=day.label,
        )
    both, buy, sell = (_line(estimates[side], errors[side], r_squared[side], batches) for side in range(3))
    return WalkedDay(day, both, buy, sell, reach, samples, batches, left_out, sizes, slippage, slippage_error)


def touch_half_spread(day: ObservedDay) -> tuple[Floats, Floats]:
    """Half-spread of each interval from the touch alone: the mean of ``(ask - bid)/2`` over its two-sided books.

    It needs neither depth nor a second level, so it is seen where no line can be fitted.

    Returns
    -------
    tuple
        ndarrays of shape (N,), currency per share: the mean, NaN where no book has both sides, and its standard error
        from batch means as in `fit_books`, NaN with fewer than four batches that bring a change.
    """
    session = day.session
    half = day.books.half_spread
    within = (day.books.time - session.edges[day.interval]) // _batch_length(day)
    mean, error = np.full(session.intervals, np.nan), np.full(session.intervals, np.nan)
    for index in range(session.intervals):
        rows = (day.interval == index) & np.isfinite(half)
        values = half[rows, None]
        means = batch_means(values, without_idle(values, within[rows]))
        mean[index], error[index] = means.mean[0], means.error[0]
    return mean, error


def day_profile(walked: WalkedDay, sources: tuple[str, ...] = ()) -> DayProfile:
    """The costs of one day as they were, interval by interval.

    Intervals without a fit of their own are filled from the day's shape, have 0 samples, intervals from the scatter of
    the others about the shape, and are named in a warning.

    Raises
    ------
    InputError
        Fewer than three intervals have a fit.
    """
    fit, good, interval = walked.both, walked.fitted, walked.day.session.interval
    columns = {name: np.where(good, getattr(fit, name), np.nan) for name in LineFit.__slots__}
    columns |= {"volume": walked.day.volume, "volatility": walked.day.volatility}
    columns |= {"samples": np.where(good, walked.samples, 0).astype(float), "max_shares": walked.reach.copy()}
    thinned = good & (walked.left_out > THIN_WARNING * (walked.samples + walked.left_out))
    warnings: tuple[str, ...] = ()
    if thinned.any():
        warnings = (
            f"in {int(thinned.sum())} of {len(good)} intervals more than {THIN_WARNING:.0%} of the books are nearly "
            f"empty and left out, so that costs may be higher: {_named(walked, thinned)}",
        )
    missing = ~good
    if missing.any():
        if good.sum() < FEWEST_FITTED:
            raise InputError(
                f"has usable books in {int(good.sum())} of {len(good)} intervals: filling the others from them takes "
                f"{FEWEST_FITTED}, so give more of the day, or the hours that are there (--session)",
                where=walked.day.label,
            )
        for name in ("half_spread", "beta"):
            values = columns[name]
            weight = (good & (values > 0)).astype(float)
            shape, leverage = smooth_shape(values, weight, interval)
            used = weight > 0
            scatter = float(np.std(np.log(values[used] / shape[used])))
            spread = t_quantile(int(used.sum()), LEVEL) * scatter * np.sqrt(1 + (leverage**2).sum(axis=1))
            values[missing] = shape[missing]
            columns[f"{name}_error"][missing] = (shape * scatter)[missing]
            columns[f"{name}_low"][missing] = (shape * np.exp(-spread))[missing]
            columns[f"{name}_high"][missing] = (shape * np.exp(spread))[missing]
        # What the fitted intervals could take at the least is safe where nothing is known.
        columns["max_shares"][missing] = float(np.nanmin(walked.reach[good]))
        warnings += (
            f"{int(missing.sum())} of {len(missing)} intervals have too few usable books and are filled from the "
            f"shape of the day: {_named(walked, missing)}",
        )
    return DayProfile.of(
        walked.day.session.starts, columns, symbol=walked.day.symbol, sources=sources, warnings=warnings
    )


def _batch_length(day: ObservedDay) -> int:
    return max(nanoseconds(BATCH), nanoseconds(day.session.interval) // MOST_BATCHES, nanoseconds(day.every))


def _named(walked: WalkedDay, chosen: NDArray[np.bool_]) -> str:
    """The first starts of the chosen intervals."""
    starts = [f"{walked.day.session.starts[index]:%H:%M}" for index in np.flatnonzero(chosen)]
    return ", ".join(starts[:5]) + (", ..." if len(starts) > 5 else "")


def _reach(day: ObservedDay, rows: slice) -> tuple[Floats, NDArray[np.bool_], int] | None:
    """Sizes to walk in an interval, the books that hold them, how many don't; None where too few do."""
    depth = np.minimum(day.books.ask_size[rows].sum(axis=1), day.books.bid_size[rows].sum(axis=1))
    depth = np.where(np.isnan(day.books.mid[rows]), 0.0, depth)
    standing = depth > 0
    if standing.sum() < FEWEST_BOOKS:
        return None
    usable = standing & (depth >= THIN * np.median(depth[standing]))
    reach = np.floor(depth[usable].min())
    if usable.sum() < FEWEST_BOOKS or reach < SIZES:
        return None
    size = np.floor(reach * np.arange(1, SIZES + 1) / SIZES)
    return size, usable, int(standing.sum() - usable.sum())


def _operator(size: Floats) -> tuple[Floats, Floats]:
    """(2, K) matrix from slippage at K sizes to half-spread and slope; and the weights of the sizes."""
    weight = size / size.sum()
    centre = float(weight @ size)
    slope = weight * (size - centre) / float(weight @ (size - centre) ** 2)
    return np.stack([weight - centre * slope, slope]), weight


def _r_squared(slippage: Floats, size: Floats, line: Floats, weight: Floats) -> float:
    total = float(((slippage - (slippage @ weight).mean()) ** 2 @ weight).sum())
    left = float(((slippage - line[0] - line[1] * size) ** 2 @ weight).sum())
    return 1 - left / total if total > 0 else np.nan


def _line(estimate: Floats, error: Floats, r_squared: Floats, batches: NDArray[np.int64]) -> LineFit:
    half = t_quantile(batches, LEVEL)[:, None] * error
    low, high = estimate - half, estimate + half
    return LineFit(
        half_spread=estimate[:, 0],
        beta=estimate[:, 1],
        half_spread_error=error[:, 0],
        beta_error=error[:, 1],
        half_spread_low=low[:, 0],
        half_spread_high=high[:, 0],
        beta_low=low[:, 1],
        beta_high=high[:, 1],
        r_squared=r_squared,
    )
