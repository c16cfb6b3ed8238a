"""Split a large order over the day so that it moves the market least, and prove it."""

from .errors import InfeasibleError, InputError, SolverError, TradeallocError, TradeallocWarning, WorkbookError
from .model import (
    Certificate,
    Limits,
    LinearImpact,
    PowerImpact,
    Problem,
    QuadraticImpact,
    Schedule,
)
from .solve import solve, solve_many

__all__ = [
    "Certificate",
    "InfeasibleError",
    "InputError",
    "Limits",
    "LinearImpact",
    "PowerImpact",
    "Problem",
    "QuadraticImpact",
    "Schedule",
    "SolverError",
    "TradeallocError",
    "TradeallocWarning",
    "WorkbookError",
    "solve",
    "solve_many",
]
__version__ = "0.1.0"
