"""Hypothesis strategies: problems whose numbers differ in size by many orders of magnitude."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tradealloc import Limits, LinearImpact, PowerImpact, QuadraticImpact
from tradealloc.model import ImpactModel

EXAMPLES = os.environ.get("TRADEALLOC_EXAMPLES")

THOROUGH = settings(max_examples=int(EXAMPLES or 250), deadline=None, derandomize=EXAMPLES is None)
"""The same examples in every run; TRADEALLOC_EXAMPLES=5000 searches for new ones."""

EXPONENTS = (0.0, 1e-6, 1e-3, 0.25, 0.5, 0.6, 1.0, 1.2, 2.0, 4.0)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """An order as its caller states it."""

    shares: float
    impact: ImpactModel
    limits: dict[str, Any]

    @property
    def limits_object(self) -> Limits:
        return Limits(**self.limits)


def magnitudes(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers from 10**low to 10**high, even in their logarithm."""
    return st.floats(low, high).map(lambda exponent: float(10.0**exponent))


def arrays_of(element: st.SearchStrategy[float], n: int) -> st.SearchStrategy[Floats]:
    return st.lists(element, min_size=n, max_size=n).map(np.array)


@st.composite
def _spreads(draw: st.DrawFn, n: int) -> float | Floats:
    kind = draw(st.sampled_from(["none", "one", "many", "some", "almost equal"]))
    if kind == "none":
        return 0.0
    if kind == "one":
        return draw(magnitudes(-6, 3))
    if kind == "many":
        return draw(arrays_of(magnitudes(-6, 3), n))
    if kind == "some":
        return draw(arrays_of(st.one_of(st.just(0.0), magnitudes(-3, 3)), n))
    return draw(magnitudes(-6, 3)) * (1 + 1e-12 * draw(arrays_of(st.floats(0, 1), n)))


@st.composite
def models(draw: st.DrawFn, n: int, shares: float) -> ImpactModel:
    if draw(st.booleans()):
        beta = draw(arrays_of(magnitudes(-12, 3), n))
    else:
        beta = draw(magnitudes(-11, 2)) * draw(arrays_of(magnitudes(-1, 1), n))
    spread = draw(_spreads(n))
    kind = draw(st.sampled_from(["linear", "power", "power", "quadratic"]))
    if kind == "linear":
        return LinearImpact(beta, spread)
    if kind == "power":
        exponent = draw(st.one_of(st.sampled_from(EXPONENTS), st.floats(0, 4)))
        return PowerImpact(beta, exponent, spread)
    return QuadraticImpact(beta, beta / shares * draw(arrays_of(magnitudes(-6, 6), n)), spread)


@st.composite
def limits_of(draw: st.DrawFn, n: int, unit: float, reach: float) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    chosen = draw(st.sets(st.sampled_from(["max", "min", "participation", "impact cap", "no trade"]), max_size=3))
    if "max" in chosen:
        limits["max_shares"] = unit * draw(st.one_of(magnitudes(0, 1), arrays_of(magnitudes(-1, 2), n)))
    if "min" in chosen:
        limits["min_shares"] = unit * draw(
            st.one_of(st.floats(0, 1), arrays_of(st.one_of(st.just(0.0), magnitudes(-6, -0.1)), n))
        )
    if "participation" in chosen:
        limits["participation"] = draw(st.floats(0.01, 1))
        limits["volume"] = unit * draw(arrays_of(st.one_of(st.just(0.0), magnitudes(-1, 3)), n))
    if "impact cap" in chosen:
        limits["impact_cap"] = reach * draw(magnitudes(-1, 1))
    if "no trade" in chosen:
        limits["tradable"] = np.array(
            draw(st.lists(st.sampled_from([True, True, True, False]), min_size=n, max_size=n))
        )
    return limits


@st.composite
def cases(draw: st.DrawFn, most_intervals: int = 40) -> Case:
    n = draw(st.integers(1, most_intervals))
    shares = draw(st.one_of(magnitudes(0, 12), st.integers(1, 10**12).map(float)))
    impact = draw(models(n, shares))
    unit = shares / n
    reach = float(np.max(impact.slippage(np.full(n, unit))))
    limits = draw(limits_of(n, unit, reach))
    if draw(st.integers(0, 19)) == 0:  # an order that fills every cap
        caps = unit * draw(arrays_of(magnitudes(-1, 1), n))
        return Case(float(caps.sum()), impact, {"max_shares": caps})
    return Case(shares, impact, limits)
