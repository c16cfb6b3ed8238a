"""The plan in force, fitted to what remains: what trading on without a new plan would do."""

from __future__ import annotations

import numpy as np

from tradealloc.model import Problem
from tradealloc.model.arrays import Floats


def held_plan(plan: Floats, first: int, under_way: float, rest: Problem) -> Floats:
    """The old plan, shape (N,), made to trade exactly what remains within the remaining limits.

    What is missing is spread in proportion to the plan, then to the room; what is too much is taken off in proportion.
    """
    lower, upper = rest.bounds.lower, rest.bounds.upper
    held = plan.copy()
    held[:first] = 0.0
    held[first] = max(0.0, held[first] - under_way)
    held = np.clip(held, lower, upper)
    for _ in range(200):
        gap = rest.shares - float(held.sum())
        if abs(gap) <= rest.tolerance * 1e-3:
            break
        room = upper - held if gap > 0 else held - lower
        weight = np.where(room > 0, held, 0.0)
        if weight.sum() <= 0:
            weight = np.where(room > 0, np.where(np.isfinite(room), room, rest.shares), 0.0)
        if weight.sum() <= 0:
            break
        held = np.clip(held + gap * weight / weight.sum(), lower, upper)
    if rest.limits.lot_size is not None:
        held = _whole_lots(held, rest)
    return held


def _whole_lots(held: Floats, rest: Problem) -> Floats:
    """Cumulative shares rounded to lots: the sum stays, each interval moves by less than a lot."""
    lot = float(rest.limits.lot_size or 1.0)
    total = np.minimum(np.floor(np.cumsum(held) / lot + 1e-9) * lot, rest.shares)
    total[-1] = rest.shares
    rounded = np.diff(total, prepend=0.0)
    fits = (rounded <= rest.bounds.upper + rest.tolerance).all() and (
        rounded >= rest.bounds.lower - rest.tolerance
    ).all()
    return rounded if fits else held


def misfit(held: Floats, rest: Problem) -> str:
    """Why the old plan can't be held; empty where it can."""
    slack = max(rest.tolerance, 1e-9)
    if (held > rest.bounds.upper + slack).any() or abs(float(held.sum()) - rest.shares) > slack:
        return "the old one doesn't fit the remaining limits"
    return "the old one doesn't fit lots and clips" if _breaks_lots(held, rest) else ""


def _breaks_lots(held: Floats, rest: Problem) -> bool:
    clip = rest.limits.min_clip
    if clip is not None and bool(np.any((held > rest.tolerance) & (held < np.asarray(clip) - rest.tolerance))):
        return True
    lot = rest.limits.lot_size
    if lot is None:
        return False
    odd = np.abs(held / lot - np.rint(held / lot)) > 1e-6
    return int(odd.sum()) > 1
