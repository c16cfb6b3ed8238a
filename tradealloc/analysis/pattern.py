"""The shape of an allocation in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tradealloc.model.arrays import numbers


@dataclass(frozen=True, slots=True)
class Pattern:
    """Statistics of an allocation over its N intervals.

    Attributes
    ----------
    mean, std, minimum, maximum
        Shares per interval; std is the population one (ddof = 0).
    cv
        Coefficient of variation, std / mean.
    best_half
        Share of the order in the half of the intervals that trade most (the middle one counts half where N is odd).
    effective_intervals
        ``(sum x)^2 / sum x^2``: the number of equal intervals that would be as concentrated.
    """

    mean: float
    std: float
    cv: float
    minimum: float
    maximum: float
    best_half: float
    effective_intervals: float


def allocation_pattern(allocation: ArrayLike) -> Pattern:
    """Describe an allocation.

    Parameters
    ----------
    allocation : array of shape (N,)
        Shares per interval, >= 0, not all zero.

    Raises
    ------
    InputError
        With the position of the first value that can't be used.
    """
    shares = np.atleast_1d(numbers(allocation, "allocation", minimum=0))
    total = float(shares.sum())
    if total == 0.0:
        numbers(total, "sum of allocation", above=0)
    largest_first = np.sort(shares)[::-1]
    half, odd = divmod(shares.size, 2)
    best = float(largest_first[:half].sum()) + (0.5 * float(largest_first[half]) if odd else 0.0)
    mean, std = float(shares.mean()), float(shares.std())
    scaled = shares / total
    return Pattern(
        mean=mean,
        std=std,
        cv=std / mean,
        minimum=float(shares.min()),
        maximum=float(shares.max()),
        best_half=best / total,
        effective_intervals=1.0 / float((scaled * scaled).sum()),
    )
