"""The smooth shape of a day: what of a positive quantity belongs to the time of day."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError

Floats = NDArray[np.float64]

PERIOD = dt.timedelta(minutes=90)
"""Ups and downs that take longer than this belong to the time of day; quicker ones are the day's own level."""


def smooth_shape(
    values: Floats, weights: Floats, interval: dt.timedelta, period: dt.timedelta = PERIOD
) -> tuple[Floats, Floats]:
    """Smooth curve through positive values, in logarithms.

    ``min_s sum_t w_t (log v_t - s_t)^2 + lambda sum_t (s_{t-1} - 2 s_t + s_{t+1})^2`` (Whittaker 1923; Hodrick and
    Prescott 1997) with ``lambda = (P / 2 pi)^4`` for a period of P intervals, whose waves are halved where w = 1.

    Parameters
    ----------
    values
        ndarray of shape (N,), > 0; NaN where unknown.
    weights
        ndarray of shape (N,), >= 0; scaled to mean 1 over the known values.
    interval
        Length of an interval.
    period
        Waves shorter than this are smoothed away.

    Returns
    -------
    shape : ndarray of shape (N,)
        exp(s), defined in all intervals.
    leverage : ndarray of shape (N, N)
        How s depends on the logarithms: ``s = leverage @ log v``; 0 for unknown values.

    Raises
    ------
    InputError
        Fewer than three values are known.
    """
    known = np.isfinite(values) & (values > 0) & (weights > 0)
    if known.sum() < 3:
        problem = f"are known in {int(known.sum())} intervals: a shape of the day needs at least 3"
        raise InputError(problem, argument="values")
    size = len(values)
    weight = np.where(known, weights, 0.0)
    weight = weight / weight[known].mean()
    bend = np.diff(np.eye(size), 2, axis=0)
    stiffness = (period / interval / (2 * np.pi)) ** 4
    leverage = np.linalg.solve(np.diag(weight) + stiffness * (bend.T @ bend), np.diag(weight)).astype(np.float64)
    log = np.where(known, np.log(np.where(known, values, 1.0)), 0.0)
    shape: Floats = np.exp(leverage @ log)
    return shape, leverage
