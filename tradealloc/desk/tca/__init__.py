"""Post-trade cost analysis: what an execution cost against where the price stood when it was decided, and why."""

from .analysis import Analysis, analyse
from .decomposition import PARTS, Decomposition, decompose
from .fills import Fills, Orders
from .grouping import GROUPINGS, Group, group
from .prediction import PredictionCheck, check_predictions
from .reading import read_fills, read_orders
from .refine import Refined, refine
from .replayed import of_replay

__all__ = [
    "GROUPINGS",
    "PARTS",
    "Analysis",
    "Decomposition",
    "Fills",
    "Group",
    "Orders",
    "PredictionCheck",
    "Refined",
    "analyse",
    "check_predictions",
    "decompose",
    "group",
    "of_replay",
    "read_fills",
    "read_orders",
    "refine",
]
