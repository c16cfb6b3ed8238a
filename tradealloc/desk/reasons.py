"""What a plan for the rest of the day says of itself: what the day showed, what changed, or why nothing did."""

from __future__ import annotations

import numpy as np

from tradealloc.market.level import LevelForecast
from tradealloc.model import Problem
from tradealloc.model.arrays import Floats
from tradealloc.model.limits import plain


def what_was_seen(
    spread_level: LevelForecast,
    slope_level: LevelForecast,
    remaining: float,
    saving: float,
    error: float,
    problem: Problem,
) -> tuple[str, ...]:
    """What is left, the levels that the day showed, and the saving that a new plan promises."""
    texts = [f"remaining {plain(round(remaining, 1))} shares"]
    for name, level in (("half-spread", spread_level), ("slope", slope_level)):
        if level.observed:
            texts.append(
                f"{name} level of the day {_percent(level.day - 1)} +- {level.day_error:.0%}, "
                f"next interval {_percent(float(level.factor[0]) - 1)}"
            )
    if problem.shares > 0:
        texts.append(
            f"expected saving {saving / remaining:.6f} +- {error / remaining:.6f} {problem.unit.label} "
            "a remaining share"
        )
    return tuple(texts)


def what_changed(held: Floats, new: Floats, minutes: float) -> str:
    """How many of the remaining shares trade at another time, and which way they go on balance."""
    change = new - held
    moved = float(np.maximum(change, 0.0).sum())
    if moved <= 0:
        return "new plan for what remains"
    shift = float(np.arange(len(change)) @ change) / moved * minutes
    way = "later" if shift > 0 else "earlier"
    return (
        f"new plan for what remains: {plain(round(moved, 1))} shares move, {abs(shift):,.0f} minutes {way} on balance"
    )


def _percent(change: float) -> str:
    return f"{change:+.0%}"
