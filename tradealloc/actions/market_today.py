"""Today's market as far as it is known: its book or its profile, and the costs that either shows."""

from __future__ import annotations

import csv
import datetime as dt
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..desk.fills_today import Fill
from ..desk.reoptimise import CostsSeen
from ..errors import InputError
from ..market.book import BookChunk, BookSource, standing_books
from ..market.calibration.observed import observe
from ..market.calibration.walked import fit_books, touch_half_spread
from ..market.profile import REQUIRED, DayProfile, read_profile
from ..market.session import nanoseconds
from ..model.arrays import Floats
from .day_inputs import DayInputs
from .replay import DataOptions, book_sources

BOOKS_EVERY = dt.timedelta(seconds=5)


def market_of(inputs: DayInputs, step: float) -> tuple[BookSource | None, DayProfile | None]:
    if inputs.feed is not None:
        return inputs.feed.book(inputs.feed.now()), None
    if not inputs.market:
        return None, None
    if len(inputs.market) == 1 and _is_profile(inputs.market[0]):
        return None, read_profile(inputs.market[0])
    hours = replace(inputs.hours, interval=dt.timedelta(seconds=step))
    sources = book_sources(inputs.market, DataOptions(hours, inputs.tick))
    if len(sources) != 1:
        raise InputError(f"is of {len(sources)} days or symbols: give today's book of one symbol", where="--market")
    return sources[0], None


def _is_profile(path: Path) -> bool:
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            headers = {text.strip().casefold() for text in next(csv.reader(file), [])}
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return {header.casefold() for header in REQUIRED} <= headers


def with_mids(fills: list[Fill], source: BookSource) -> list[Fill]:
    """Fills without a mid get that of the book that stood when they came."""
    if not fills:
        return fills
    times = np.array([nanoseconds(fill.time) for fill in fills], dtype=np.int64)
    unique, place = np.unique(times, return_inverse=True)
    mids = standing_books(source, unique)[0].mid[place]
    return [
        replace(fill, mid=float(mid)) if fill.mid is None and np.isfinite(mid) else fill
        for fill, mid in zip(fills, mids, strict=True)
    ]


def seen_in_book(
    source: BookSource, starts: tuple[dt.time, ...], first: int, step: float
) -> tuple[CostsSeen, Floats | None]:
    """Costs and volume of the whole intervals so far; shapes (N,), NaN where the interval has no usable book.

    Where no line can be fitted, as in a thin book of one level, the half-spread is that of the touch, the slope isn't
    seen. A book that only stands, without any event in the interval, isn't seen: the data may have stopped.
    """
    size = len(starts)
    session = source.session
    events = np.zeros(session.intervals, dtype=np.int64)

    def count(chunk: BookChunk) -> None:
        events[:] += np.bincount(session.interval_of(chunk.time), minlength=session.intervals)

    every = max(BOOKS_EVERY, dt.timedelta(seconds=step / 60))
    day = observe(source, every, count)
    half_spread, half_spread_error = (np.where(events > 0, values, np.nan) for values in touch_half_spread(day))
    slope, slope_error = np.full(session.intervals, np.nan), np.full(session.intervals, np.nan)
    with suppress(InputError):  # no interval with a line: the touch is what is seen
        walked = fit_books(day)
        line, fitted = walked.both, walked.fitted
        half_spread[fitted], half_spread_error[fitted] = line.half_spread[fitted], line.half_spread_error[fitted]
        slope[fitted], slope_error[fitted] = line.beta[fitted], line.beta_error[fitted]
    place = {start: index for index, start in enumerate(session.starts)}
    rows = [(index, place[start]) for index, start in enumerate(starts[:first]) if start in place]
    columns = [np.full(size, np.nan) for _ in range(5)]
    traded = np.where(events > 0, day.volume, np.nan)
    for column, values in zip(columns, (half_spread, half_spread_error, slope, slope_error, traded), strict=True):
        for target, origin in rows:
            column[target] = values[origin]
    return CostsSeen(*columns[:4]), columns[4]


def seen_in_profile(profile: DayProfile, starts: tuple[dt.time, ...]) -> tuple[CostsSeen, Floats | None]:
    size = len(starts)
    place = {start: index for index, start in enumerate(profile.starts)}
    columns = [np.full(size, np.nan) for _ in range(4)]
    for index, start in enumerate(starts):
        row = place.get(start)
        # Rows that were filled in from the shape of the day weren't seen.
        if row is None or profile.samples[row] == 0:
            continue
        for column, values in zip(
            columns,
            (profile.half_spread, profile.half_spread_error, profile.beta, profile.beta_error),
            strict=True,
        ):
            column[index] = values[row]
    return CostsSeen(*columns), None
