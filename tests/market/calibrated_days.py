"""Profiles of synthetic days as a calibration would find them, without walking their books."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from tradealloc.market.profile import DayProfile
from tradealloc.market.synthetic import DayTruth

MINUTE = dt.timedelta(minutes=1)
ERROR = 0.015


def calibrated(truth: DayTruth, seed: int, burst: NDArray[np.float64] | None = None) -> DayProfile:
    """Costs with errors of 1.5 %, volatility with 20 %.

    `burst` (N,) is added to the log of volatility, and six tenths of it to the log of the *next* minute's costs.
    """
    rng = np.random.default_rng(seed)
    size = len(truth.slope)
    lift = np.zeros(size) if burst is None else burst
    costs = np.exp(0.6 * np.concatenate([[0.0], lift[:-1]]))
    half_spread = truth.half_spread * costs * np.exp(ERROR * rng.standard_normal(size))
    beta = truth.slope * costs * np.exp(ERROR * rng.standard_normal(size))
    columns = {
        "half_spread": half_spread,
        "beta": beta,
        "half_spread_error": ERROR * half_spread,
        "beta_error": ERROR * beta,
        "volume": truth.volume,
        "volatility": truth.volatility * np.exp(lift + 0.2 * rng.standard_normal(size)),
        "max_shares": truth.depth,
        "samples": np.full(size, 60.0),
    }
    starts = tuple((dt.datetime(2025, 6, 2, 9, 30) + index * MINUTE).time() for index in range(size))
    return DayProfile.of(starts, columns, symbol="SYNTH", sources=(f"day {seed}",))
