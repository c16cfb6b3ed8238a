"""Predicted against realised: is the forecast of cost right on average, in scale, and in its stated uncertainty?

With predictions p_i, outcomes r_i and weights w_i::

    bias = mean_w(r - p)                        0 where the forecast is right on average
    r = a + b p + e                             calibration: weighted least squares; b = 1, a = 0 where it is right
    R^2 = 1 - sum w (r - a - b p)^2 / sum w (r - mean)^2

Errors of bias and slope are robust to unequal variances (HC1). Coverage is the part of outcomes within their forecast's
interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .fills import Floats

LEAST = 3
"""Outcomes from which on a line is fitted."""


@dataclass(frozen=True, slots=True)
class PredictionCheck:
    """How forecasts did; NaN where too little is known.

    Attributes
    ----------
    count
        Pairs of forecast and outcome.
    bias, bias_error
        Weighted mean of outcome less forecast, in their unit, and its standard error.
    slope, slope_error, intercept
        Calibration line.
    r_squared
        Part of the outcomes' variance that the line explains.
    coverage, covered
        Part of the outcomes within their intervals, and how many outcomes have one.
    """

    count: int
    bias: float
    bias_error: float
    slope: float
    slope_error: float
    intercept: float
    r_squared: float
    coverage: float
    covered: int


def check_predictions(
    predicted: ArrayLike,
    realised: ArrayLike,
    weights: ArrayLike | None = None,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
) -> PredictionCheck | None:
    """Compare forecasts with outcomes, all of shape (n,); pairs with a NaN don't count. None where none is left."""
    p, r = np.asarray(predicted, float), np.asarray(realised, float)
    w = np.ones_like(p) if weights is None else np.asarray(weights, float)
    use = np.isfinite(p) & np.isfinite(r) & (w > 0)
    count = int(use.sum())
    if not count:
        return None
    nothing = np.full(len(p), np.nan)
    ends = [nothing if end is None else np.asarray(end, float) for end in (low, high)]
    bounds = use & np.isfinite(ends[0]) & np.isfinite(ends[1])
    inside = (r >= ends[0]) & (r <= ends[1])
    covered = int(bounds.sum())
    p, r, w = p[use], r[use], w[use] / w[use].sum()
    bias = float(w @ (r - p))
    bias_error = float(np.sqrt(count / (count - 1) * np.sum((w * (r - p - bias)) ** 2))) if count > 1 else np.nan
    intercept, slope, slope_error, r_squared = _line(p, r, w)
    return PredictionCheck(
        count,
        bias,
        bias_error,
        slope,
        slope_error,
        intercept,
        r_squared,
        float(inside[bounds].mean()) if covered else np.nan,
        covered,
    )


def _line(p: Floats, r: Floats, w: Floats) -> tuple[float, float, float, float]:
    """Intercept, slope, error of the slope, R^2."""
    count = len(p)
    centred = p - w @ p
    spread = float(w @ centred**2)
    if count < LEAST or spread <= 1e-20 * float(w @ p**2):
        return np.nan, np.nan, np.nan, np.nan
    slope = float(w @ (centred * r)) / spread
    intercept = float(w @ r - slope * (w @ p))
    residual = r - intercept - slope * p
    error = np.sqrt(count / (count - 2) * np.sum((w * centred * residual) ** 2)) / spread
    variance = float(w @ (r - w @ r) ** 2)
    r_squared = 1 - float(w @ residual**2) / variance if variance > 0 else np.nan
    return intercept, slope, float(error), r_squared
