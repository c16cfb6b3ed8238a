"""What every solver hands over: the shares, and the multiplier it found them with."""

from __future__ import annotations

from dataclasses import dataclass

from tradealloc.model.arrays import Floats


@dataclass(frozen=True, slots=True)
class Point:
    """A candidate schedule.

    Attributes
    ----------
    shares : ndarray of shape (N,)
    price
        Multiplier of ``sum x_t = S``; None where the solver gives none and the certificate has to find it.
    """

    shares: Floats
    price: float | None
