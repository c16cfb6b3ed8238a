"""From books and fills to what trading costs: per interval, per day, over many days."""

from .fills import FillCosts, FillFit, fit_istar, fit_power
from .forms import Form, FormComparison, compare_forms
from .isotonic import IsotonicCurve, IsotonicDay, isotonic_curve, isotonic_day
from .learned import LearnedForecast, NextCosts, Verdict, learn
from .order_flow import FlowFit, FlowMeter, fit_flow, flow_profile, order_flow
from .pooling import PooledValues, pool, pool_values
from .regimes import Regimes, find_regimes
from .shape import smooth_shape
from .walked import LineFit, WalkedDay, day_profile, fit_books, walk_day

__all__ = [
    "FillCosts",
    "FillFit",
    "FlowFit",
    "FlowMeter",
    "Form",
    "FormComparison",
    "IsotonicCurve",
    "IsotonicDay",
    "LearnedForecast",
    "LineFit",
    "NextCosts",
    "PooledValues",
    "Regimes",
    "Verdict",
    "WalkedDay",
    "compare_forms",
    "day_profile",
    "find_regimes",
    "fit_books",
    "fit_flow",
    "fit_istar",
    "fit_power",
    "flow_profile",
    "isotonic_curve",
    "isotonic_day",
    "learn",
    "order_flow",
    "pool",
    "pool_values",
    "smooth_shape",
    "walk_day",
]
