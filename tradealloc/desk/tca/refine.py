"""What a day's fills say of the profile that it was planned with, and the next day's prior that follows.

Interval t of the profile forecasts ``p_t = h_t + beta_t x_t`` for the x_t shares that filled in it; realised is
``r_t = s sum s_j (P_j - m_j) / x_t`` against the mid just before each fill, so that what the price did meanwhile
stays out. The profile is taken to be right in shape and wrong by a level::

    r_t = level p_t + e_t,      level ~ N(1, prior_sd^2)

The least-squares level, weighted with shares and with its error robust to unequal variances, and the prior make the
posterior (both normal): the next day's level. Half-spread and slope move together, since a day's own sizes rarely
tell them apart; errors grow by what isn't known of the level.

A forecast's 90 % interval is one of prediction: it holds what isn't known of the profile, and what a single interval's
execution scatters around it (the minute's own level, the depth that happened to stand there)::

    p_t +- z sqrt( err_t^2 + (noise_t p_t)^2 ),     err_t^2 = err(h_t)^2 + (x_t err(beta_t))^2

noise_t is the standard deviation of ``r/p`` over the fills of the *other* half hours of the day, so that no fill widens
the interval that it is judged by. The centre is the forecast as it was made: where the level was wrong, the intervals
miss. Without fills in other half hours, or without errors in the profile, there is no interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradealloc.errors import InputError
from tradealloc.market.profile import COLUMNS, DayProfile
from tradealloc.market.session import nanoseconds

from .fills import DAY, UNKNOWN_TIME, Fills, Floats, Ints, Orders
from .grouping import HALF_HOUR
from .prediction import LEAST, PredictionCheck, check_predictions

PRIOR_SD = 0.15
"""Standard deviation of a day's level around its profile: `LevelModel.day_sd`."""

Z90 = 1.6448536269514722
"""Half width of a normal 90 % interval in standard deviations."""


@dataclass(frozen=True, eq=False)
class Refined:
    """A profile after a day of fills; arrays of shape (T,) over the intervals that filled.

    Attributes
    ----------
    interval
        Index into the profile; twice where both sides filled in it.
    shares, predicted, realised
        Shares filled; slippage per share against the mid, currency.
    low, high
        Ends of the forecast's 90 % interval for a single execution; NaN where it can't be told.
    noise
        Standard deviation of realised over predicted, over the whole day; NaN where too little filled.
    check
        Forecast against outcome.
    level, level_error
        Posterior mean and standard deviation of the level.
    profile
        The next day's prior.
    """

    interval: Ints
    shares: Floats
    predicted: Floats
    realised: Floats
    low: Floats
    high: Floats
    noise: float
    check: PredictionCheck
    level: float
    level_error: float
    profile: DayProfile


def refine(profile: DayProfile, orders: Orders, fills: Fills) -> Refined:
    """Compare a profile with a day's fills of its symbol, and carry what they say into the next.

    Raises
    ------
    InputError
        The fills have no mids or times, are of several symbols or days, or of none of the profile's intervals.
    """
    if len(set(orders.symbol)) > 1:
        raise InputError("is of one symbol, the fills are of several: give one symbol's fills", where="profile")
    if not np.isfinite(fills.mid).all() or (fills.time == UNKNOWN_TIME).any():
        raise InputError("needs fills with Time and with Mid, or Bid and Ask, to be compared", where="profile")
    if len(np.unique(fills.time // DAY)) > 1:
        raise InputError("is of one day, the fills are of several: give one day's fills", where="profile")
    starts = np.array([nanoseconds(start) for start in profile.starts])
    clock = fills.time % DAY
    place = np.searchsorted(starts, clock, side="right") - 1
    length = int(np.median(np.diff(starts))) if len(starts) > 1 else DAY
    inside = (place >= 0) & (clock < starts[np.maximum(place, 0)] + length)
    if not inside.any():
        raise InputError("has no interval in which a fill falls: check the time zone (--timezone)", where="profile")
    place, side = place[inside], orders.side[fills.order][inside]
    cell, group = np.unique(2 * place + (side < 0), return_inverse=True)  # buys and sells walk different sides
    x = np.bincount(group, fills.shares[inside]).astype(np.float64)
    realised = np.bincount(group, (side * (fills.price - fills.mid)[inside]) * fills.shares[inside]) / x
    at = cell // 2
    predicted = profile.half_spread[at] + profile.beta[at] * x
    half_hour = np.array([starts[number] // HALF_HOUR for number in at])
    noise = _noise_elsewhere(predicted, realised, half_hour)
    error = np.sqrt(profile.half_spread_error[at] ** 2 + (profile.beta_error[at] * x) ** 2 + (noise * predicted) ** 2)
    low, high = predicted - Z90 * error, predicted + Z90 * error
    check = check_predictions(predicted, realised, x, low, high)
    assert check is not None
    level, level_error = _posterior(predicted, realised, x)
    refined = _scaled(profile, level, level_error)
    whole = _spread_of(realised[predicted > 0] / predicted[predicted > 0])
    return Refined(at, x, predicted, realised, low, high, whole, check, level, level_error, refined)


def _noise_elsewhere(predicted: Floats, realised: Floats, block: Ints) -> Floats:
    """ndarray of shape (n,), standard deviation of realised over predicted in all blocks but the element's own."""
    noise = np.full(len(predicted), np.nan)
    for one in np.unique(block):
        others = (block != one) & (predicted > 0)
        noise[block == one] = _spread_of(realised[others] / predicted[others])
    return noise


def _spread_of(ratio: Floats) -> float:
    return float(np.std(ratio, ddof=1)) if len(ratio) >= LEAST else float("nan")


def _posterior(predicted: Floats, realised: Floats, weights: Floats) -> tuple[float, float]:
    count = len(predicted)
    square = float(weights @ predicted**2)
    if count < LEAST or square <= 0:
        return 1.0, PRIOR_SD
    estimate = float(weights @ (predicted * realised)) / square
    residual = realised - estimate * predicted
    variance = count / (count - 1) * float(np.sum((weights * predicted * residual) ** 2)) / square**2
    variance = max(variance, 1e-12)
    precision = 1 / PRIOR_SD**2 + 1 / variance
    mean = (1 / PRIOR_SD**2 + estimate / variance) / precision
    return max(mean, 1e-3), precision**-0.5


def _scaled(profile: DayProfile, level: float, level_error: float) -> DayProfile:
    columns = {name: getattr(profile, name) for name in COLUMNS.values()}
    for name in ("beta", "half_spread"):
        value = level * columns[name]
        error = np.hypot(level * columns[f"{name}_error"], level_error * columns[name])
        columns[name] = value
        columns[f"{name}_error"] = error
        columns[f"{name}_low"] = np.where(np.isfinite(error), np.maximum(value - Z90 * error, 0.0), np.nan)
        columns[f"{name}_high"] = np.where(np.isfinite(error), value + Z90 * error, np.nan)
    return DayProfile.of(
        profile.starts, columns, symbol=profile.symbol, sources=(*profile.sources, "fills"), warnings=profile.warnings
    )
