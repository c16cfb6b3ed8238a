"""The one day on which the intervals of all orders lie."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .orders import BatchOrder


@dataclass(frozen=True, eq=False)
class Timeline:
    """The intervals of the day.

    Attributes
    ----------
    starts
        Start of each interval since midnight, increasing, length T; None where an order doesn't say when its
        intervals start: then the first interval of each order is the day's first, and so on.
    intervals
        ``T``.
    """

    starts: tuple[dt.timedelta, ...] | None
    intervals: int

    @classmethod
    def of(cls, orders: Sequence[BatchOrder]) -> Timeline:
        """The union of the orders' intervals."""
        known = {order.starts for order in orders}
        if None in known or not known:
            return cls(None, max((order.problem.intervals for order in orders), default=0))
        union = sorted({start for starts in known if starts is not None for start in starts})
        return cls(tuple(union), len(union))

    def positions(self, order: BatchOrder) -> NDArray[np.intp]:
        """The order's intervals among the day's, shape (N,)."""
        if self.starts is None or order.starts is None:
            return np.arange(order.problem.intervals)
        if order.starts not in self._positions:
            self._positions[order.starts] = np.array([self._index[start] for start in order.starts], dtype=np.intp)
        return self._positions[order.starts]

    @cached_property
    def _index(self) -> dict[dt.timedelta, int]:
        return {start: position for position, start in enumerate(self.starts or ())}

    @cached_property
    def _positions(self) -> dict[tuple[dt.timedelta, ...], NDArray[np.intp]]:
        """By starts: many orders share a profile."""
        return {}
