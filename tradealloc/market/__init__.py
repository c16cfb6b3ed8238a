"""Market data in: sessions, order books, prints, their quality; and a synthetic market whose truth is known."""

from .book import BookChunk, BookSource, snapshots, trades
from .prints import Bars, Prints
from .quality import Finding, Kind, QualityMeter, QualityReport
from .session import Session
from .spreads import half_spreads
from .synthetic import DayTruth, MarketParameters, SyntheticDay, SyntheticMarket
from .walking import Walk, walk, walk_asks, walk_bids, walk_many

__all__ = [
    "Bars",
    "BookChunk",
    "BookSource",
    "DayTruth",
    "Finding",
    "Kind",
    "MarketParameters",
    "Prints",
    "QualityMeter",
    "QualityReport",
    "Session",
    "SyntheticDay",
    "SyntheticMarket",
    "Walk",
    "half_spreads",
    "snapshots",
    "trades",
    "walk",
    "walk_asks",
    "walk_bids",
    "walk_many",
]
