"""The quoted half-spread of each interval, weighted by how long it stood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .book import BookSource


def half_spreads(source: BookSource) -> NDArray[np.float64]:
    """Time-weighted half-spread of every interval.

    ``h_t = sum_i d_i (ask_i - bid_i)/2 / sum_i d_i`` over the events i of interval t, with d_i the time from event i to
    the next one or to the end of the interval. The time before an interval's first event isn't weighted; books that are
    halted, crossed or one-sided are left out.

    Returns
    -------
    ndarray of shape (N,)
        Currency; NaN where the interval has no usable book.
    """
    session = source.session
    weighted, duration = np.zeros(session.intervals), np.zeros(session.intervals)
    # The last event of a chunk lasts until the first of the next.
    time, interval, half_spread = -1, 0, np.nan

    def add(index: NDArray[np.int64], lasts: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        good = ~np.isnan(values)
        np.add.at(weighted, index[good], lasts[good] * values[good])
        np.add.at(duration, index[good], lasts[good])

    for chunk in source.chunks():
        times = np.concatenate([[time], chunk.time]) if time >= 0 else chunk.time
        values = np.where(chunk.usable, chunk.half_spread, np.nan)
        index = session.interval_of(chunk.time)
        if time >= 0:
            values, index = np.concatenate([[half_spread], values]), np.concatenate([[interval], index])
        if not len(times):
            continue
        ends = np.minimum(times[1:], session.edges[index[:-1] + 1])
        add(index[:-1], ends - times[:-1], values[:-1])
        time, interval, half_spread = int(times[-1]), int(index[-1]), float(values[-1])
    if time >= 0:
        last = np.array([interval])
        add(last, session.edges[last + 1] - time, np.array([half_spread]))
    out = np.full(session.intervals, np.nan)
    seen = duration > 0
    out[seen] = weighted[seen] / duration[seen]
    return out
