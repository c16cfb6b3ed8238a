"""A replay as an execution to be analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .fills import DAY, UNKNOWN_TIME, Fills, Orders
from .table import EPOCH

if TYPE_CHECKING:
    from tradealloc.market.replay import Replay


def of_replay(replay: Replay, symbol: str = "") -> tuple[Orders, Fills]:
    """The order and the fills of a replay.

    A replayed market doesn't react to the fills, so there is no permanent impact to be told: timing stays one part with
    it. What is unfilled has no price, since the replay doesn't give one.
    """
    done = replay.fills
    count = len(done.time)
    unknown, none = np.full(1, np.nan), np.full(count, np.nan)
    midnight = (replay.session.date - EPOCH.date()).days * DAY
    orders = Orders(
        ("replay",),
        (symbol,),
        ("",),
        ("",),
        np.array([replay.side]),
        np.array([max(float(replay.planned.sum()), float(done.shares.sum()))]),
        unknown,
        np.array([replay.arrival]),
        unknown,
        np.array([UNKNOWN_TIME]),
        np.array([UNKNOWN_TIME]),
        *(unknown,) * 6,
        np.array([1]),
    )
    fills = Fills(
        np.zeros(count, np.int64),
        done.time + midnight,
        done.shares,
        done.price,
        done.mid,
        done.best,
        none,
        none,
        ("",) * count,
        np.arange(1, count + 1),
    )
    return orders, fills
