"""Equal shares within bounds: the fairest split that the limits allow."""

from __future__ import annotations

import numpy as np

from tradealloc.model.arrays import Floats


def equal_within(total: float, lower: Floats, upper: Floats) -> Floats:
    """``x_t = clip(c, lo_t, hi_t)`` with the one level c at which the shares sum to `total`.

    The level is found among the sorted bounds, on whose pieces the sum is linear in c.
    """
    corners = np.unique(np.concatenate([lower, upper[np.isfinite(upper)]]))
    first, last = 0, corners.size
    while first < last:
        middle = (first + last) // 2
        if np.clip(corners[middle], lower, upper).sum() < total:
            first = middle + 1
        else:
            last = middle
    left = corners[max(first - 1, 0)]
    shares = np.minimum(np.maximum(left, lower), upper)
    moving = (lower <= left) & (upper > left)
    if moving.any():
        shares[moving] += (total - float(shares.sum())) / float(moving.sum())
    placed: Floats = np.minimum(np.maximum(shares, lower), upper)
    return placed
