"""What an order is: immutable, without solver and without I/O."""

from .impact import ImpactModel, LinearImpact, PowerImpact, QuadraticImpact
from .limits import Bounds, Limits
from .piecewise import PiecewiseImpact
from .problem import Problem
from .schedule import Certificate, Schedule

__all__ = [
    "Bounds",
    "Certificate",
    "ImpactModel",
    "Limits",
    "LinearImpact",
    "PiecewiseImpact",
    "PowerImpact",
    "Problem",
    "QuadraticImpact",
    "Schedule",
]
