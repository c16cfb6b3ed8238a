"""Split a large order over the day so that it moves the market least, and prove it."""

from .analysis import Comparison, Pattern, Sensitivity, allocation_pattern, compare, sensitivity
from .errors import InfeasibleError, InputError, SolverError, TradeallocError, TradeallocWarning, WorkbookError
from .model import (
    Certificate,
    Limits,
    LinearImpact,
    PiecewiseImpact,
    PowerImpact,
    Problem,
    QuadraticImpact,
    Schedule,
)
from .solve import solve, solve_many

__all__ = [
    "Certificate",
    "Comparison",
    "InfeasibleError",
    "InputError",
    "Limits",
    "LinearImpact",
    "Pattern",
    "PiecewiseImpact",
    "PowerImpact",
    "Problem",
    "QuadraticImpact",
    "Schedule",
    "Sensitivity",
    "SolverError",
    "TradeallocError",
    "TradeallocWarning",
    "WorkbookError",
    "allocation_pattern",
    "compare",
    "sensitivity",
    "solve",
    "solve_many",
]
__version__ = "0.1.0"
