"""The day's level: how much dearer or cheaper than the prior a day is, interval by interval, and what is to come.

The prior says what half-spread and slope to expect at each time of day. The day multiplies it by a level whose
logarithm is::

    l_t = d + s_t + f_t,      s_t = a s_{t-1} + noise,      f_t = b f_{t-1} + noise

d, normal with deviation ``day_sd``, stays all day; s and f are stationary AR(1) around it, a slow one (an hour's mood)
and a fast one (a minute's). An interval's measured cost is ``log(measured/prior) = l_t + e_t`` with e_t normal of the
measurement's relative error. The posterior is the Kalman filter's, exact for this model, so that one dear minute moves
the next ones by what AR(1) leaves of it, and the rest of the day hardly: never the last minute alone. A minute farther
off than the model allows isn't believed until the next one says the same; then it's a shock, most of which stays.

What is to come reverts to the prior's shape: ``E[l_{t+k}] = d + a^k s_t + b^k f_t``. The expected level is that of a
lognormal, ``exp(mean + var/2)``; before anything is measured it is 1, since the prior is an expectation already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradealloc.errors import InputError

Floats = NDArray[np.float64]

_LEAST_ERROR = 1e-3
_OPENED = np.array([0.7, 0.3, 0.0])
"""Part of a shock's square that is added to the variance of day, slow and fast part.

The more is the day's, the more re-planning saves after a shift that stays, and the less after one that decays.
"""


@dataclass(frozen=True)
class LevelModel:
    """How levels move; the parameters belong to intervals of one minute and are carried over to others.

    Attributes
    ----------
    day_sd
        Standard deviation of the day's constant level, in logarithms.
    slow_sd, slow_correlation
        Of the slow part, and its correlation from minute to minute; 0.985 halves in three quarters of an hour.
    fast_sd, fast_correlation
        Of the fast part.
    shock
        A measurement farther off than this many standard deviations counts as not measured while it is alone. Where
        the next one is off to the same side by more than half as many (both by chance once in 5,500 intervals with
        3), it's a shock: the variances of day and slow part are opened by the square of the surprise, and the minutes
        after it show whether it lasts or decays.
    """

    day_sd: float = 0.15
    slow_sd: float = 0.10
    slow_correlation: float = 0.985
    fast_sd: float = 0.20
    fast_correlation: float = 0.80
    shock: float = 3.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, is_correlation = getattr(self, field.name), field.name.endswith("correlation")
            if field.name == "shock":
                continue
            if not (0 <= value < 1 if is_correlation else 0 <= value <= 2):
                most = "below 1" if is_correlation else "of at most 2"
                raise InputError(f"is {value}: give 0 or more, {most}", argument=field.name, value=value)
        if not self.shock > 0:
            raise InputError(f"is {self.shock}: give more than 0", argument="shock", value=self.shock)

    def decay(self, minutes: float) -> Floats:
        """ndarray of shape (3,), what is left of day, slow and fast part after an interval of that length."""
        return np.array([1.0, self.slow_correlation**minutes, self.fast_correlation**minutes])

    @property
    def variance(self) -> Floats:
        """ndarray of shape (3,), stationary variances of the three parts."""
        return np.array([self.day_sd, self.slow_sd, self.fast_sd]) ** 2


@dataclass(frozen=True, eq=False, slots=True)
class LevelForecast:
    """Posterior of the levels of the intervals to come.

    Attributes
    ----------
    mean
        ndarray of shape (K,), expected logarithm.
    covariance
        ndarray of shape (K, K), of the logarithms.
    day, day_error
        Expected constant part of the day's level as a factor, and its standard deviation in logarithms.
    observed
        Intervals measured.
    innovations
        ndarray of shape (T,), standardised surprises of the measurements up to now: independent standard normal where
        the model is right; NaN where nothing was measured.
    """

    mean: Floats
    covariance: Floats
    day: float
    day_error: float
    observed: int
    innovations: Floats

    @property
    def factor(self) -> Floats:
        """ndarray of shape (K,), expected level."""
        return np.exp(self.mean + np.diag(self.covariance) / 2)

    @property
    def factor_covariance(self) -> Floats:
        """ndarray of shape (K, K), covariance of the levels: that of lognormals."""
        factor = self.factor
        return np.outer(factor, factor) * np.expm1(self.covariance)


def forecast_level(
    log_ratio: ArrayLike, errors: ArrayLike, intervals: int, *, minutes: float = 1.0, model: LevelModel | None = None
) -> LevelForecast:
    """The posterior after T intervals, for those from T + 1 to N.

    Parameters
    ----------
    log_ratio
        ndarray of shape (T,), ``log(measured/prior)`` of each interval so far; NaN where nothing was measured.
    errors
        ndarray of shape (T,), standard error of each; NaN where nothing was measured.
    intervals
        N.
    minutes
        Length of an interval.
    model
        How levels move.

    Raises
    ------
    InputError
        The arrays differ in shape, or an error is negative or missing where there is a measurement.
    """
    given = model or LevelModel()
    measured, error = np.atleast_1d(np.asarray(log_ratio, float)), np.atleast_1d(np.asarray(errors, float))
    if measured.shape != error.shape or measured.ndim != 1 or len(measured) > intervals:
        raise InputError(
            f"has shape {error.shape} where log_ratio has {measured.shape}: give one error for each of at most "
            f"{intervals} intervals",
            argument="errors",
        )
    known = np.isfinite(measured)
    if not (error[known] >= 0).all():
        position = int(np.flatnonzero(known & ~(error >= 0))[0])
        raise InputError("is negative or missing: give the measurement's error", argument="errors", position=position)
    decay, variance = given.decay(minutes), given.variance
    noise = np.diag(variance * (1 - decay**2))
    mean, covariance = np.array([-variance.sum() / 2, 0.0, 0.0]), np.diag(variance)
    steps = list(_filter(measured, error, given, decay))
    if steps:
        mean, covariance, _ = steps[-1]
    innovations = np.array([surprise for _, _, surprise in steps])
    day = mean[0] + (covariance[0, 0] + variance[1:].sum()) / 2
    day_error = math.sqrt(max(covariance[0, 0], 0.0))
    means, covariances = _path(mean, covariance, decay, noise, intervals - len(measured))
    return LevelForecast(means, covariances, math.exp(day), day_error, int(known.sum()), innovations)


def levels_ahead(
    log_ratio: ArrayLike,
    errors: ArrayLike,
    *,
    ahead: int = 1,
    minutes: float = 1.0,
    model: LevelModel | None = None,
) -> Floats:
    """Expected logarithm of the level some intervals after each one, given what was measured up to it.

    Element t is ``forecast_level(log_ratio[:t + 1], ...).mean[ahead - 1]``, in one pass.

    Returns
    -------
    ndarray of shape (T,)
    """
    given = model or LevelModel()
    decay = given.decay(minutes)
    measured, error = np.asarray(log_ratio, float), np.asarray(errors, float)
    means = [mean for mean, _, _ in _filter(measured, error, given, decay)]
    return np.asarray(np.array(means) @ decay ** (ahead - 1), dtype=np.float64)


def _filter(
    measured: Floats, error: Floats, given: LevelModel, decay: Floats
) -> Iterator[tuple[Floats, Floats, float]]:
    """Mean and covariance of the parts in the next interval, and the standardised surprise; one by measurement."""
    variance = given.variance
    mean = np.array([-variance.sum() / 2, 0.0, 0.0])
    covariance = np.diag(variance)
    noise = np.diag(variance * (1 - decay**2))
    doubted = 0.0
    for value, deviation in zip(measured, error, strict=True):
        innovation = np.nan
        if np.isfinite(value):
            squared_error = max(float(deviation), _LEAST_ERROR) ** 2
            surprise = float(value - mean.sum())
            innovation = surprise / math.sqrt(float(covariance.sum()) + squared_error)
            is_confirmed = innovation * doubted > 0 and abs(innovation) > given.shock / 2
            if is_confirmed:
                covariance = covariance + np.diag(_OPENED * surprise**2)
            doubted = innovation if abs(innovation) > given.shock and not is_confirmed else 0.0
            if not doubted:
                gain_row = covariance.sum(axis=0)
                total = float(gain_row.sum()) + squared_error
                mean = mean + gain_row * (surprise / total)
                covariance = covariance - np.outer(gain_row, gain_row) / total
        mean = decay * mean
        covariance = decay[:, None] * covariance * decay + noise
        yield mean, covariance, innovation


def _path(mean: Floats, covariance: Floats, decay: Floats, noise: Floats, steps: int) -> tuple[Floats, Floats]:
    """Mean and covariance of the level in each of the next `steps` intervals."""
    ahead = np.arange(steps)
    powers = decay[:, None] ** ahead
    means = mean @ powers
    sums = np.empty((3, steps))
    for step in ahead:
        sums[:, step] = covariance.sum(axis=1)
        covariance = decay[:, None] * covariance * decay + noise
    gap = ahead[None, :] - ahead[:, None]
    upper = np.zeros((steps, steps))
    for part in range(3):
        upper += np.where(gap >= 0, sums[part][:, None] * decay[part] ** np.maximum(gap, 0), 0.0)
    return means, np.triu(upper) + np.triu(upper, 1).T
