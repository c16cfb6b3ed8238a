"""What a schedule is worth beside others: benchmarks, comparison, sizes, pattern."""

from .comparison import Comparison, ComparisonRow, compare
from .pattern import Pattern, allocation_pattern
from .sensitivity import Sensitivity, SensitivityRow, sensitivity
from .strategies import Benchmark, equal, equal_within_limits, vwap

__all__ = [
    "Benchmark",
    "Comparison",
    "ComparisonRow",
    "Pattern",
    "Sensitivity",
    "SensitivityRow",
    "allocation_pattern",
    "compare",
    "equal",
    "equal_within_limits",
    "sensitivity",
    "vwap",
]
