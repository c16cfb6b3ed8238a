"""What the intraday verbs are given beside the workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..desk.feed import BookFeed
from ..market.readers.timing import SessionHours


@dataclass(frozen=True)
class DayInputs:
    """What is given beside the workbook.

    Attributes
    ----------
    fills
        CSV file of fills; None takes tblFills.
    market
        Files of today's order book, or one profile CSV calibrated from today.
    now
        Local time; None takes this computer's clock.
    plan
        CSV with the plan in force (Start, Allocation); None takes tblProgress, or the morning's schedule.
    feed
        A live or recorded feed in the place of `market`.
    tick
        Smallest price step of the market data.
    hours
        Session where the market data don't say it.
    """

    fills: Path | None = None
    market: Sequence[Path] = ()
    now: dt.time | None = None
    plan: Path | None = None
    feed: BookFeed | None = None
    tick: float = 0.01
    hours: SessionHours = field(default_factory=SessionHours)
