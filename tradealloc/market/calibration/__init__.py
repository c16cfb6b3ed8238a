"""From books and fills to what trading costs: per interval, per day, over many days."""

from .learned import LearnedForecast, NextCosts, Verdict, learn
from .order_flow import FlowFit, FlowMeter, fit_flow, flow_profile, order_flow
from .pooling import PooledValues, pool, pool_values
from .regimes import Regimes, find_regimes
from .shape import smooth_shape
from .walked import LineFit, WalkedDay, day_profile, fit_books, walk_day

__all__ = [
    "FlowFit",
    "FlowMeter",
    "LearnedForecast",
    "LineFit",
    "NextCosts",
    "PooledValues",
    "Regimes",
    "Verdict",
    "WalkedDay",
    "day_profile",
    "find_regimes",
    "fit_books",
    "fit_flow",
    "flow_profile",
    "learn",
    "order_flow",
    "pool",
    "pool_values",
    "smooth_shape",
    "walk_day",
]
