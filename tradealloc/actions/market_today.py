"""Today's market as far as it is known: its book or its profile, and the costs that either shows."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..desk.fills_today import Fill
from ..desk.reoptimise import CostsSeen
from ..errors import InputError
from ..market.book import BookSource, standing_books
from ..market.calibration.observed import observe
from ..market.calibration.walked import fit_books
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
    size = len(starts)
    every = max(BOOKS_EVERY, dt.timedelta(seconds=step / 60))
    try:
        walked = fit_books(observe(source, every))
    except InputError:
        return CostsSeen.nothing(size), None  # no interval with books yet: the plan is held, and that is said
    found = walked.both
    place = {start: index for index, start in enumerate(source.session.starts)}
    rows = [(index, place[start]) for index, start in enumerate(starts[:first]) if start in place]
    seen = CostsSeen.nothing(size)
    columns = [np.full(size, np.nan) for _ in range(4)]
    volume = np.full(size, np.nan)
    for target, origin in rows:
        if walked.fitted[origin]:
            for column, values in zip(
                columns,
                (found.half_spread, found.half_spread_error, found.beta, found.beta_error),
                strict=True,
            ):
                column[target] = values[origin]
            volume[target] = walked.day.volume[origin]
    seen = CostsSeen(*columns)
    return seen, volume


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
