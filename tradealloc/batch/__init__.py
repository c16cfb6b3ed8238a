"""Many orders: one schedule each, and what they come to together."""

from __future__ import annotations

from .orders import BatchOrder, SolvedOrder, solve_order
from .timeline import Timeline
from .totals import Batch, Crowding, SymbolRow, TimeRow, Totals

__all__ = [
    "Batch",
    "BatchOrder",
    "Crowding",
    "SolvedOrder",
    "SymbolRow",
    "TimeRow",
    "Timeline",
    "Totals",
    "solve_order",
]
