"""Names of the limits that hold each interval."""

from __future__ import annotations

import numpy as np

from .arrays import Floats
from .limits import plain
from .problem import Problem

CLOSE = 1e-9
"""A bound counts as reached within this share of S/N."""

DEARER = "dearer than shadow price"
"""Said of an interval that trades nothing although it may."""


def binding_texts(problem: Problem, shares: Floats, price: float) -> tuple[str, ...]:
    """What holds each interval: "max 500", "participation 10 %", "impact cap 0.02", "min 100", "no trade", ...

    An interval at zero that nothing forbids is "dearer than shadow price": its first share costs more than the
    shadow price `price`.
    """
    bounds = problem.bounds
    slack = CLOSE * problem.shares / problem.intervals
    texts = [""] * problem.intervals
    for position in np.flatnonzero(shares <= bounds.lower + slack):
        texts[position] = "min " + plain(bounds.lower[position]) if bounds.lower[position] > 0 else ""
    first_share = np.broadcast_to(problem.impact.marginal(np.zeros(problem.intervals)), shares.shape)
    for position in np.flatnonzero((shares <= slack) & (bounds.lower == 0) & (first_share >= price)):
        texts[position] = DEARER
    for position in np.flatnonzero(shares >= bounds.upper - slack):
        texts[position] = _cap_text(problem, bounds.cap_name(int(position)), int(position))
    return tuple(texts)


def _cap_text(problem: Problem, name: str, position: int) -> str:
    limits = problem.limits
    if name == "tradable":
        return "no trade"
    if name == "participation":
        share = _element(limits.participation, position)
        volume = _element(limits.volume, position)
        return f"participation {share * 100:.6g} %" if volume > 0 else "no volume"
    if name == "impact_cap":
        cap = _element(limits.impact_cap, position)
        return f"impact cap {cap:.6g}" if problem.bounds.upper[position] > 0 else "spread above impact cap"
    return f"max {plain(problem.bounds.upper[position])}"


def _element(values: object, position: int) -> float:
    array = np.asarray(values, dtype=np.float64)
    return float(array[position] if array.ndim else array)
