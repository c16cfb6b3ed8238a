"""Many days into one: what a day like these is expected to cost, interval by interval.

With q_dt the half-spread or slope of interval t on day d and m_t its mean over D days:

1. A smooth curve c_t goes through the logarithms of m_t. Chance bends it, too, and a schedule would trade on ups and
   downs that don't come back. With c its mean, ``V = mean_t (c_t - c)^2`` and u the part of V that chance alone would
   bring, ``k = max(0, 1 - u/V)`` of them are kept: the shape is ``log s_t = c + k (c_t - c)``, flat where the days show
   no more than chance (James and Stein 1961; Efron and Morris 1973). It is scaled so that ``mean_t m_t / s_t = 1``
   (Duan 1983: a mean of logarithms alone would be too low).
2. What m_t has beyond the curve, ``r_t = m_t/exp(c_t) - 1``, is a lasting habit of that minute of variance tau^2, and
   noise of variance nu = mean_t var_d(q_dt/exp(c_t)) / D. Empirical Bayes keeps the part ``w = tau^2 / (tau^2 + nu)``
   with ``tau^2 = max(0, mean r_t^2 - nu)`` (Morris 1983): the expected cost is ``s_t (1 + w r_t)``.
3. Its variance, relative to s_t^2, is that of the curve plus w nu; that the curve was drawn towards flat doesn't narrow
   it. u and the curve's variance come from how differently the curve would have come out day by day; from one day
   alone, from the serial correlation about the curve, and all of r_t counts as that day's level, w = 0.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.profile import LEVEL, DayProfile

from .batches import t_quantile
from .shape import PERIOD, smooth_shape

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class PooledValues:
    """A positive quantity pooled over days; arrays of shape (N,).

    Attributes
    ----------
    expected, error, low, high
        Expectation over days, its standard error and 90 % interval.
    shape
        The smooth diurnal shape s_t alone.
    shape_kept
        k: the part of the smooth curve's ups and downs that isn't put down to chance.
    kept
        w: the part of a minute's deviation from the shape that is kept.
    level_sd
        Standard deviation over intervals and days of the quantity about its shape, relative: how much a day's level
        moves about the prior.
    level_correlation
        Of that level, interval to interval.
    days
        Days with a value, by interval.
    """

    expected: Floats
    error: Floats
    low: Floats
    high: Floats
    shape: Floats
    shape_kept: float
    kept: float
    level_sd: float
    level_correlation: float
    days: NDArray[np.int64]


def pool_values(values: Floats, interval: dt.timedelta, period: dt.timedelta = PERIOD) -> PooledValues:
    """Pool a positive quantity over days; the formulas are the module's.

    Parameters
    ----------
    values
        ndarray of shape (D, N); NaN where unknown.
    interval
        Length of an interval.
    period
        Shortest wave of the shape; see `smooth_shape`.

    Raises
    ------
    InputError
        Fewer than three intervals have a value above 0.
    """
    good = np.isfinite(values) & (values > 0)
    known = np.where(good, values, np.nan)
    days = good.sum(axis=0)
    mean = np.divide(np.nansum(known, axis=0), days, out=np.full(known.shape[1], np.nan), where=days > 0)
    curve, leverage = smooth_shape(mean, days.astype(float), interval, period)
    seen = days > 0
    curve = _scaled(curve, mean, days)
    deviation = np.where(good, known / curve - 1, 0.0)
    residual = np.where(seen, mean / curve - 1, 0.0)
    correlation = _lag_correlation(deviation, good)
    level_sd = float(np.sqrt((deviation**2).sum() / good.sum()))
    several = days > 1
    freedom = float(len(values) - 1)
    if not several.any():
        kept, minute_noise = 0.0, level_sd**2
        covariance, correlation = _one_day_covariance(residual, seen, leverage)
        variance = _diagonal(leverage, covariance)
        chance = float(_diagonal(leverage - leverage.mean(axis=0), covariance).mean())
        quantile = t_quantile(np.asarray(round(len(curve) * (interval / period)) + 1), LEVEL)
    else:
        about = np.where(good, deviation - residual, 0.0)
        between = (about**2).sum(axis=0)[several] / (days[several] - 1)
        minute_noise = float(between.mean()) / float(days[several].mean())
        lost = float(np.trace(leverage))
        beyond = float((residual[seen] ** 2).sum()) / max(float(seen.sum()) - lost, 1.0)
        lasting = max(0.0, beyond - minute_noise)
        kept = lasting / (lasting + minute_noise) if lasting > 0 else 0.0
        curves = about @ leverage.T
        # Edges lean on fewer intervals than the middle: their variance is in proportion to the sum of squared weights.
        lean = (leverage**2).sum(axis=1)
        spread = (curves**2).sum(axis=0) / freedom / len(values)
        variance = lean * float((spread / lean).mean())
        chance = float(curves.var(axis=1).sum()) / freedom / len(values)
        # The day's curve has about one free wave in each period, and each is a sample of the spread.
        waves = max(1.0, len(curve) * (interval / period) / 2)
        quantile = t_quantile(np.asarray(round(freedom * waves) + 1), LEVEL)
    shape, shape_kept = _drawn_to_flat(curve, chance)
    shape = _scaled(shape, mean, days)
    expected = shape * (1 + kept * residual)
    noise = np.where(seen, kept, 0.0) * minute_noise
    error = shape * np.sqrt(variance + noise)
    relative = quantile * error / expected
    return PooledValues(
        expected,
        error,
        expected * np.exp(-relative),
        expected * np.exp(relative),
        shape,
        shape_kept,
        kept,
        level_sd,
        correlation,
        days,
    )


def pool(days: Sequence[DayProfile], interval: dt.timedelta | None = None, period: dt.timedelta = PERIOD) -> DayProfile:
    """The expected day behind the profiles of several days, or of one.

    Rows that were filled in from a shape (0 samples) don't count. Volume is the mean over days, volatility the root
    mean square, max_shares what all days' books but one in ten held (the least of up to ten days, so that one thin day
    of many doesn't cap every order), samples the number of days, R^2 the mean.

    Parameters
    ----------
    days
        Profiles with the same starts.
    interval
        Length of an interval; default the time between the first two starts.
    period
        Shortest wave of the shape.

    Raises
    ------
    InputError
        No day, or days with other intervals or symbols.
    """
    if not days:
        raise InputError("are missing: give at least one day", argument="days")
    first = days[0]
    for day in days[1:]:
        name = ", ".join(day.sources) or "a day"
        if day.starts != first.starts:
            raise InputError("has other intervals than the days before it: calibrate it apart", where=name)
        if day.symbol and first.symbol and day.symbol != first.symbol:
            raise InputError(f"is of {day.symbol}, the days before it of {first.symbol}: give one symbol", where=name)
    length = interval or _length(first)
    counts = np.stack([(day.samples != 0) for day in days])
    columns: dict[str, Floats] = {}
    doubts: list[str] = []
    for name in ("beta", "half_spread"):
        pooled = pool_values(np.where(counts, np.stack([getattr(day, name) for day in days]), np.nan), length, period)
        columns |= {
            name: pooled.expected,
            f"{name}_error": pooled.error,
            f"{name}_low": pooled.low,
            f"{name}_high": pooled.high,
        }
        columns["samples"] = pooled.days.astype(float)
        if pooled.shape_kept < 0.5:
            quantity = "slope" if name == "beta" else "half-spread"
            doubts.append(
                f"of the {quantity}'s ups and downs over the day {1 - pooled.shape_kept:.0%} may be chance and aren't "
                "expected to return: more days would show more"
            )
    columns["volume"] = _mean([day.volume for day in days])
    columns["volatility"] = np.sqrt(_mean([day.volatility**2 for day in days]))
    columns["r_squared"] = _mean([day.r_squared for day in days])
    columns["max_shares"] = _held_by_most(np.stack([day.max_shares for day in days]), counts)
    warnings = tuple(f"{', '.join(day.sources)}: {text}" for day in days for text in day.warnings)
    if len(days) == 1:
        warnings += ("one day: its level counts as chance, only its smooth shape is expected to return",)
    warnings += tuple(doubts)
    sources = tuple(source for day in days for source in day.sources)
    return DayProfile.of(first.starts, columns, symbol=first.symbol, sources=sources, warnings=warnings)


def _length(day: DayProfile) -> dt.timedelta:
    if day.intervals < 2:
        raise InputError("has one interval: say how long it is", argument="interval")
    midnight = dt.date(2000, 1, 1)
    return dt.datetime.combine(midnight, day.starts[1]) - dt.datetime.combine(midnight, day.starts[0])


def _mean(rows: list[Floats]) -> Floats:
    stacked = np.stack(rows)
    known = np.isfinite(stacked)
    count = known.sum(axis=0)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    mean: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return mean


def _held_by_most(sizes: Floats, own: NDArray[np.bool_]) -> Floats:
    """The size that all days but one in ten held, of sizes (D, N); filled-in rows count only where no day has its own.

    A schedule that meets a thinner day than these finds the book at its end and carries the rest on.
    """
    known = np.isfinite(sizes)
    counted = np.where((known & own).any(axis=0), known & own, known)
    days = counted.sum(axis=0)
    upwards = np.sort(np.where(counted, sizes, np.inf), axis=0)
    held = np.take_along_axis(upwards, (np.maximum(days - 1, 0) // 10)[None, :], axis=0)[0]
    return np.where(days > 0, held, np.nan)


def _lag_correlation(deviation: Floats, good: NDArray[np.bool_]) -> float:
    """AR(1) coefficient, from lags 1 and 2 so that errors of measurement don't count: 0 to 0.99."""
    lags = []
    for lag in (1, 2):
        both = good[:, lag:] & good[:, :-lag]
        lags.append(float((deviation[:, lag:] * deviation[:, :-lag] * both).sum()) / max(int(both.sum()), 1))
    if lags[0] <= 0 or lags[1] <= 0:
        return 0.0
    return float(np.clip(lags[1] / lags[0], 0.0, 0.99))


def _scaled(shape: Floats, mean: Floats, days: NDArray[np.int64]) -> Floats:
    """The shape times what makes ``mean_t m_t / s_t = 1``, intervals weighted by their days."""
    seen = days > 0
    return shape * float(np.average(mean[seen] / shape[seen], weights=days[seen]))


def _drawn_to_flat(curve: Floats, chance: float) -> tuple[Floats, float]:
    """The curve with the part k of its ups and downs, in logarithms, that exceeds what chance brings; and k."""
    logarithm = np.log(curve)
    variance = float(logarithm.var())
    kept = max(0.0, 1 - chance / variance) if variance > 0 else 0.0
    middle = logarithm.mean()
    return np.exp(middle + kept * (logarithm - middle)), kept


def _diagonal(matrix: Floats, covariance: Floats) -> Floats:
    """Variances (N,) of ``matrix @ x`` for x of that covariance."""
    return np.asarray(((matrix @ covariance) * matrix).sum(axis=1), dtype=np.float64)


def _one_day_covariance(residual: Floats, seen: NDArray[np.bool_], leverage: Floats) -> tuple[Floats, float]:
    """Relative covariance (N, N) of what deviates from one day's curve, and its correlation interval to interval.

    Deviations are AR(1) with white noise on top. The curve takes their slow part along, so that what is left is less
    correlated than they are: the coefficient is the one whose residuals would have the ratio of lags that is seen.
    """
    index = np.arange(len(seen))
    apart = np.abs(index[:, None] - index[None, :])
    rest = np.where(seen[:, None], np.eye(len(seen)) - leverage, 0.0)

    def lags(unit: Floats) -> list[float]:
        """Expected sums of products of the residuals, 0 to 2 intervals apart."""
        moved = rest @ unit
        return [float((moved[: len(seen) - lag] * rest[lag:]).sum()) for lag in range(3)]

    left = np.where(seen, residual, 0.0)
    found = [float((left[: len(seen) - lag] * left[lag:]).sum()) for lag in range(3)]
    coefficient, unit = 0.0, np.eye(len(seen))
    if found[1] > 0 and found[2] > 0:
        tried = np.array([0.05, 0.3, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97])
        expected = np.array([lags(value**apart) for value in tried])
        ratios = np.maximum.accumulate(expected[:, 2] / expected[:, 1])
        coefficient = float(np.interp(found[2] / found[1], ratios, tried))
        unit = coefficient**apart
    sums = lags(unit)
    lag = 1 if coefficient else 0
    variance = found[lag] / sums[lag]
    white = max(0.0, found[0] - variance * sums[0]) / float(seen.sum())
    return variance * unit + white * np.eye(len(seen)), coefficient
