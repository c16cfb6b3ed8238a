"""The statistical measures on seeds that no parameter was tuned on; an hour on one core.

Run with ``TRADEALLOC_BENCH=1 python -m pytest tests/benchmarks/test_out_of_sample.py -s``; ``TRADEALLOC_SEEDS=200:300``
takes fewer seeds; the small savings need 100 of them. Each prints its mean with the standard error.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

import tradealloc as ta
from tradealloc.desk.reoptimise import CostsSeen, reoptimise
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.backtest import CAUSAL, BacktestRules, backtest
from tradealloc.market.calibration.observed import observe
from tradealloc.market.calibration.walked import fit_books, walk_day
from tradealloc.market.synthetic import SyntheticDay

pytestmark = pytest.mark.skipif("TRADEALLOC_BENCH" not in os.environ, reason="long: run with TRADEALLOC_BENCH=1")

SEEDS = range(*map(int, os.environ.get("TRADEALLOC_SEEDS", "200:400").split(":")))
NOON = 150
DECAYING = np.append(np.ones(NOON), 1 + 1.5 * np.exp(-np.arange(390 - NOON) / 40))


def told(what: str, values: Iterable[float]) -> tuple[float, float]:
    """Mean and standard error, printed in per cent."""
    array = np.array(list(values))
    mean, error = float(array.mean()), float(array.std(ddof=1)) / np.sqrt(len(array))
    print(f"\n{what}: {mean:.2%} +- {error:.2%} ({len(array)} days, {np.mean(array > 0):.1%} above 0)")
    return mean, error


@pytest.mark.parametrize("history", [1, 5])
@pytest.mark.parametrize("look", [5, 15, 30])
@pytest.mark.parametrize("flat", [False, True])
def test_savings_out_of_sample(history: int, look: int, flat: bool) -> None:
    market = SyntheticMarket(MarketParameters(flat=flat))
    rules = BacktestRules(history=history, most_history=history, look=dt.timedelta(minutes=look))
    days = [market.day(seed, dt.date(2025, 6, 2) + dt.timedelta(days=number)) for number, seed in enumerate(SEEDS)]
    traded = backtest(days, rules).days
    mean, _ = told(
        f"{'flat' if flat else 'shaped'}, {history} days, look {look} minutes", (day.saving(CAUSAL) for day in traded)
    )
    if flat:
        assert mean > -0.01
    else:
        assert np.mean([day.saving(CAUSAL) > 0 for day in traded]) >= 0.9


def _replanned(day: SyntheticDay, factor: NDArray[np.float64], start: int) -> float:
    """Cost of re-planning every 15 minutes from `start` on over that of holding the plan, less 1, by true costs."""
    truth, fit = day.truth, fit_books(observe(day, dt.timedelta(seconds=5))).both
    costs = ta.LinearImpact(truth.slope_shape, truth.half_spread_shape)
    problem = ta.Problem(100_000.0, costs, ta.Limits(max_shares=1000.0))
    seen = CostsSeen(*(getattr(fit, f) * factor for f in ("half_spread", "half_spread_error", "beta", "beta_error")))
    held = ta.solve(problem).shares
    plan = held
    for first in range(start, 385, 15):
        plan = reoptimise(problem, plan, np.where(np.arange(390) < first, plan, 0.0), first, seen).plan

    def paid(shares: NDArray[np.float64]) -> float:
        return float((factor * shares * (truth.half_spread + truth.slope * shares))[start:].sum())

    return paid(plan) / paid(held) - 1


@pytest.mark.parametrize(
    ("what", "shift", "factor", "start"),
    [
        ("ordinary days, from 10:30 on", 1.0, np.ones(390), 60),
        ("a lasting shift at noon, from 10:30 on", 2.0, np.ones(390), 60),
        ("a lasting shift at noon, from noon on", 2.0, np.ones(390), NOON),
        ("a decaying shock at noon, from noon on", 1.0, DECAYING, NOON),
    ],
)
def test_replanning_saves(what: str, shift: float, factor: NDArray[np.float64], start: int) -> None:
    market = SyntheticMarket(MarketParameters(noon_shift=shift))
    mean, error = told(what, (_replanned(market.day(seed), factor, start) for seed in SEEDS))
    assert mean < -2 * error


def test_intervals_hold_the_truth() -> None:
    """Of each minute's half-spread and slope, as `calibrate` finds them."""
    market = SyntheticMarket()
    held: dict[str, list[float]] = {"half_spread": [], "slope": []}
    for seed in SEEDS:
        day = market.day(seed)
        fit = walk_day(day).both
        for name, low, high in (
            ("half_spread", fit.half_spread_low, fit.half_spread_high),
            ("slope", fit.beta_low, fit.beta_high),
        ):
            true = getattr(day.truth, name)
            held[name].append(float(((low <= true) & (true <= high)).mean()))
    for name, parts in held.items():
        mean, _ = told(f"intervals of {name} that hold the truth", parts)
        assert 0.85 <= mean <= 0.95
