"""A learned forecast of the next interval's costs, used only where it beats the prior out of sample.

The prior's forecast of q_{t+k}, half-spread or slope, is ``p_{t+k} exp(l_{t+k|t})``: the pooled profile of earlier days
times the causal level (`tradealloc.market.level`). What it leaves is learned from what is known at the end of interval
t: ``log q_{t+k} - log p_{t+k} - l_{t+k|t} = b0 + b'x_t``, by ridge regression (Hoerl and Kennard 1970) on standardised
features x_t.

Every day is met as it would have been: its prior is made of the days before it, and the regression that is judged on
it was fitted to the days before it. Mean absolute log errors of the two forecasts are compared day by day with a paired
t test (Diebold and Mariano 1995, days as blocks).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.level import levels_ahead
from tradealloc.market.profile import DayProfile

from .pooling import pool

Floats = NDArray[np.float64]

QUANTITIES = {"half_spread": "half-spread", "beta": "slope"}
FEWEST_PRIOR = 2
"""Days that a prior is made of, at least."""
FEWEST_TRAINING = 2
"""Days that a regression is fitted to, at least."""
FEWEST_TESTS = 3
"""Days held out, at least."""
FEWEST_DAYS = FEWEST_PRIOR + FEWEST_TRAINING + FEWEST_TESTS
SIGNIFICANCE = 0.05
LEAST_GAIN = 0.02
"""A gain below this part of the prior's error isn't worth a second model."""
LEAST_SAVING = 0.005
"""Nor is one below this in log error, half a percent of the cost: where the prior is as good as the measurements."""
LAGS = 5
"""Intervals that recent volatility and volume are averaged over."""
_ALPHAS = np.logspace(-1, 4, 11)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How learned forecast and prior compare on days held out.

    Attributes
    ----------
    quantity
        "half-spread" or "slope".
    tests
        Days held out.
    prior_error, learned_error
        Mean absolute log errors; NaN where there are too few days.
    p_value
        One-sided, of a difference like this by chance; NaN where there are too few days.
    used
        Whether the learned forecast is used.
    sentence
        All that for the trader.
    """

    quantity: str
    tests: int
    prior_error: float
    learned_error: float
    p_value: float
    used: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class NextCosts:
    """Forecast of one interval.

    Attributes
    ----------
    half_spread, beta
        Medians, currency per share and currency per share per share.
    sentences
        What they rest on.
    """

    half_spread: float
    beta: float
    sentences: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class LearnedForecast:
    """Forecaster of the interval `ahead` of the last one measured.

    Attributes
    ----------
    prior
        Pooled profile of all the days.
    interval, ahead
        Length of an interval, and how many of them ahead.
    verdicts
        Of half-spread and slope.
    """

    prior: DayProfile
    interval: dt.timedelta
    ahead: int
    verdicts: tuple[Verdict, ...]
    _models: dict[str, Any]

    def forecast(self, day: DayProfile, measured: int) -> NextCosts:
        """Costs `ahead` intervals after the first `measured` ones of a day; its later rows aren't looked at.

        Raises
        ------
        InputError
            The day has other intervals, or there is no such interval.
        """
        if day.starts != self.prior.starts:
            raise InputError("has other intervals than the prior: calibrate it with the same length", argument="day")
        target = measured + self.ahead - 1
        if measured < 1 or target >= day.intervals:
            problem = f"is {measured}: give 1 to {day.intervals - self.ahead} intervals measured"
            raise InputError(problem, argument="measured", value=measured)
        found = {}
        for name, verdict in zip(QUANTITIES, self.verdicts, strict=True):
            rows = _rows(day, self.prior, name, self.interval, self.ahead, measured)
            log = rows.prior[measured - 1]
            if verdict.used and rows.complete[measured - 1]:
                log += float(self._models[name].predict(rows.features[measured - 1 : measured])[0])
            found[name] = float(np.exp(log))
        return NextCosts(found["half_spread"], found["beta"], tuple(verdict.sentence for verdict in self.verdicts))


def learn(days: Sequence[DayProfile], interval: dt.timedelta, *, ahead: int = 1) -> LearnedForecast:
    """Learn from days in order of date, and judge on the later ones of them.

    Parameters
    ----------
    days
        Profiles of single days with the same starts, in order of date.
    interval
        Length of an interval.
    ahead
        How many intervals ahead to forecast.

    Raises
    ------
    InputError
        scikit-learn isn't installed; no day, or days that don't belong together; `ahead` outside the day.
    """
    try:
        from sklearn.linear_model import RidgeCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        raise InputError("needs scikit-learn: pip install tradealloc[learn]", where="learned forecast") from None
    prior = pool(days, interval)
    if not 1 <= ahead < prior.intervals:
        raise InputError(f"is {ahead}: give 1 to {prior.intervals - 1} intervals", argument="ahead", value=ahead)
    if len(days) < FEWEST_DAYS:
        return LearnedForecast(prior, interval, ahead, tuple(_too_few(name, len(days)) for name in QUANTITIES), {})

    def fitted(rows: Sequence[_Rows]) -> Any:
        model = make_pipeline(StandardScaler(), RidgeCV(alphas=_ALPHAS))
        features = np.concatenate([row.features[row.usable] for row in rows])
        return model.fit(features, np.concatenate([row.left[row.usable] for row in rows]))

    priors = [pool(days[:number], interval) for number in range(FEWEST_PRIOR, len(days))]
    verdicts, models = [], {}
    for name, label in QUANTITIES.items():
        rows = [
            _rows(day, known, name, interval, ahead, day.intervals)
            for day, known in zip(days[FEWEST_PRIOR:], priors, strict=True)
        ]
        rows = [row for row in rows if row.usable.any()]
        errors = []
        for number in range(FEWEST_TRAINING, len(rows)):
            test = rows[number]
            left = test.left[test.usable]
            learned = left - fitted(rows[:number]).predict(test.features[test.usable])
            errors.append((float(np.abs(left).mean()), float(np.abs(learned).mean())))
        if len(errors) < FEWEST_TESTS:
            verdicts.append(_too_few(name, len(rows) + FEWEST_PRIOR))
            continue
        verdicts.append(_judge(label, np.array(errors)))
        models[name] = fitted(rows)
    return LearnedForecast(prior, interval, ahead, tuple(verdicts), models)


@dataclass(frozen=True, eq=False, slots=True)
class _Rows:
    """What is known after each of T intervals, and what came of it."""

    features: Floats
    """(T, F)"""
    prior: Floats
    """(T,) the prior's forecast, in logarithms."""
    left: Floats
    """(T,) what it left, in logarithms; NaN where the interval ahead is unknown."""
    complete: NDArray[np.bool_]
    """(T,) whether all features are known."""

    @property
    def usable(self) -> NDArray[np.bool_]:
        return self.complete & np.isfinite(self.left)


def _rows(day: DayProfile, prior: DayProfile, name: str, interval: dt.timedelta, ahead: int, measured: int) -> _Rows:
    def over_prior(quantity: str) -> Floats:
        """(T,) log of measured over prior; 0 where the quantity isn't known all over, NaN in filled-in intervals."""
        here, usual = getattr(day, quantity)[:measured], getattr(prior, quantity)[:measured]
        good = (day.samples[:measured] != 0) & (here > 0) & (usual > 0)
        if not good.any():
            return np.zeros(measured)
        return np.log(np.where(good, here, np.nan) / np.where(good, usual, np.nan))

    minutes = interval / dt.timedelta(minutes=1)
    ratio = over_prior(name)
    relative = getattr(day, f"{name}_error")[:measured] / getattr(day, name)[:measured]
    level = levels_ahead(ratio, np.where(np.isfinite(relative), relative, 0.0), ahead=ahead, minutes=minutes)
    volatility, volume = over_prior("volatility"), over_prior("volume")
    position = np.arange(measured) / day.intervals
    features = np.column_stack(
        [
            position,
            position**2,
            level,
            *(over_prior(quantity) for quantity in ("half_spread", "beta", "max_shares")),
            _before(ratio),
            volatility,
            volume,
            _recent(volatility),
            _recent(volume),
        ]
    )
    usual = np.full(measured, np.nan)
    later = np.full(measured, np.nan)
    usual[: day.intervals - ahead] = np.log(getattr(prior, name)[ahead : measured + ahead])
    good = (day.samples != 0) & (getattr(day, name) > 0)
    actual = np.where(good, np.log(np.where(good, getattr(day, name), 1.0)), np.nan)[:measured]
    later[: max(measured - ahead, 0)] = actual[ahead:]
    return _Rows(features, usual + level, later - usual - level, np.asarray(np.isfinite(features).all(axis=1)))


def _before(values: Floats) -> Floats:
    """The value one interval earlier; the first one's own."""
    return np.concatenate([values[:1], values[:-1]])


def _recent(values: Floats) -> Floats:
    """Mean of the last `LAGS` values that are known."""
    known = np.isfinite(values)
    sums = np.cumsum(np.where(known, values, 0.0))
    counts = np.cumsum(known)
    sums[LAGS:], counts[LAGS:] = sums[LAGS:] - sums[:-LAGS], counts[LAGS:] - counts[:-LAGS]
    return np.asarray(np.divide(sums, counts, out=np.full(len(values), np.nan), where=counts > 0))


def _judge(label: str, errors: Floats) -> Verdict:
    """The verdict on (D, 2) errors of prior and learned forecast."""
    from scipy.special import stdtr

    tests = len(errors)
    prior, learned = (float(value) for value in errors.mean(axis=0))
    saved = errors[:, 0] - errors[:, 1]
    error = float(saved.std(ddof=1)) / tests**0.5
    p_value = float(stdtr(tests - 1, -saved.mean() / error)) if error > 0 else float(saved.mean() <= 0)
    gain = 1 - learned / prior if prior > 0 else 0.0
    used = p_value < SIGNIFICANCE and gain >= LEAST_GAIN and prior - learned >= LEAST_SAVING
    what = f"on {tests} days held out it errs by {learned:.1%}, the prior by {prior:.1%} (p = {p_value:.2g})"
    if used:
        sentence = f"{label}: the learned forecast is used: {what}"
    else:
        sentence = f"{label}: the learned forecast doesn't beat the prior by enough, so the prior is used: {what}"
    return Verdict(label, tests, prior, learned, p_value, used, sentence)


def _too_few(name: str, days: int) -> Verdict:
    label = QUANTITIES[name]
    sentence = f"{label}: testing a learned forecast takes {FEWEST_DAYS} days, here are {days}; the prior is used"
    return Verdict(label, 0, np.nan, np.nan, np.nan, False, sentence)
