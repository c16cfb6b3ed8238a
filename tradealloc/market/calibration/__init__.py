"""From books and fills to what trading costs: per interval, per day, over many days."""

from .order_flow import FlowFit, FlowMeter, fit_flow, flow_profile, order_flow
from .pooling import PooledValues, pool, pool_values
from .shape import smooth_shape
from .walked import LineFit, WalkedDay, day_profile, fit_books, walk_day

__all__ = [
    "FlowFit",
    "FlowMeter",
    "LineFit",
    "PooledValues",
    "WalkedDay",
    "day_profile",
    "fit_books",
    "fit_flow",
    "flow_profile",
    "order_flow",
    "pool",
    "pool_values",
    "smooth_shape",
    "walk_day",
]
