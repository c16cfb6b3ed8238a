"""The verbs: a workbook in, a workbook with results out. Ribbon and command line call nothing else."""

from __future__ import annotations

from .adopt import ADOPTABLE, Adopted, adopt, check_places, refuse_adopted
from .blotter import BlotterResult
from .order import RunResult, compare_solvers, price_sizes
from .overrides import Overrides
from .progress import Progress
from .ranges import optimise_ranges
from .run import optimise
from .upgrade import Upgraded, upgrade
from .what_if import WhatIf

__all__ = [
    "ADOPTABLE",
    "Adopted",
    "BlotterResult",
    "Overrides",
    "Progress",
    "RunResult",
    "Upgraded",
    "WhatIf",
    "adopt",
    "check_places",
    "compare_solvers",
    "optimise",
    "optimise_ranges",
    "price_sizes",
    "refuse_adopted",
    "upgrade",
]
