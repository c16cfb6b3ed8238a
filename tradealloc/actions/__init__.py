"""The verbs: a workbook in, a workbook with results out. Ribbon and command line call nothing else."""

from __future__ import annotations

from .order import RunResult, compare_solvers, optimise, price_sizes
from .overrides import Overrides
from .progress import Progress
from .ranges import optimise_ranges

__all__ = ["Overrides", "Progress", "RunResult", "compare_solvers", "optimise", "optimise_ranges", "price_sizes"]
