"""Schedules sent through recorded books: one day's replay, and a backtest over many days."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, WorkbookError
from ..files import refuse_inputs, write_files
from ..market.backtest import Backtest, BacktestRules
from ..market.backtest import backtest as backtest_days
from ..market.book import BookSource
from ..market.readers import open_market_data
from ..market.readers.timing import SessionHours
from ..market.replay import Replay, ReplayRules
from ..market.replay import replay as replay_schedule
from ..market.session import Session
from ..workbook.book import Cell
from ..workbook.fields import BY_KEY, SCHEDULE_COLUMNS, TBL_SCHEDULE
from ..workbook.parsing import parse_cell, parse_text
from ..workbook.xlsx_book import XlsxBook
from .progress import Progress, silent

SIDES = {"buy": 1, "sell": -1}
WORKBOOKS = (".xlsx", ".xlsm")
PAGES = (".html", ".pdf")
_COLUMN = {column.key: column for column in SCHEDULE_COLUMNS}


@dataclass(frozen=True)
class DataOptions:
    """How to read market data: hours where the files don't say them, and the smallest price step."""

    hours: SessionHours = field(default_factory=SessionHours)
    tick: float = 0.01


@dataclass(frozen=True)
class PlannedDay:
    """A schedule as it stands in a file: start and shares of each interval, and the side where it is said."""

    starts: tuple[dt.time, ...]
    shares: tuple[float, ...]
    wheres: tuple[str, ...]
    side: str | None


@dataclass(frozen=True)
class ReplayedDay:
    """A replay and what should be known of it; `order_shares` are those of the whole schedule."""

    symbol: str
    result: Replay
    notes: tuple[str, ...]
    order_shares: float


def replay(
    schedule: Path,
    data: Sequence[Path],
    *,
    side: str | None = None,
    rules: ReplayRules | None = None,
    options: DataOptions | None = None,
    start: dt.time | None = None,
    end: dt.time | None = None,
    progress: Progress | None = None,
) -> ReplayedDay:
    """Send the schedule of a workbook or CSV through a recorded day, or the part from `start` to before `end`.

    Raises
    ------
    InputError
        With file and row: a schedule or data that can't be used, intervals that aren't those of the session.
    WorkbookError
        A file can't be read.
    """
    say = progress or silent
    say("reading the schedule")
    planned = read_schedule(schedule)
    chosen = side or planned.side or "buy"
    if chosen not in SIDES:
        raise InputError(f"is {chosen!r}: give buy or sell", where="--side")
    if side is not None and planned.side is not None and side != planned.side:
        raise InputError(f"is {side}, and {schedule.name} says {planned.side}: leave it out", where="--side")
    say("opening the data")
    sources = book_sources(data, options)
    if len(sources) > 1:
        raise InputError(f"are of {len(sources)} days or symbols: give one day", where=", ".join(p.name for p in data))
    source = sources[0]
    shares = on_session(planned, source.session, schedule.name)
    total = float(shares.sum())
    shares = part_of_day(shares, source.session, start, end)
    say("replaying")
    result = replay_schedule(source, shares, side=SIDES[chosen], rules=rules)
    report = source.quality()
    notes = (*result.notes(), *(f"{report.name}: {finding.text}" for finding in report.findings))
    return ReplayedDay(source.symbol, result, notes, total)


def backtest(
    data: Sequence[Path],
    rules: BacktestRules | None = None,
    *,
    options: DataOptions | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Trade each day of the data with what the days before it tell; see `tradealloc.market.backtest`."""
    sources = sorted(book_sources(data, options), key=lambda source: source.session.date)
    for before, source in pairwise(sources):
        if before.session.date == source.session.date:
            raise InputError(f"is there twice: give {source.session.date} once", where=str(source.session.date))
    return backtest_days(sources, rules, progress)


def check_page(page: Path, inputs: Sequence[Path]) -> None:
    """Refuse a page that can't be written, before any work is done."""
    if page.suffix.lower() not in PAGES:
        raise InputError(f"must end in {' or '.join(PAGES)}", where=str(page))
    refuse_inputs([page], inputs, "is read here")


def write_backtest(found: Backtest, page: Path, data: Sequence[Path], *, now: dt.datetime | None = None) -> None:
    """Write the page on a backtest, .html or .pdf.

    Raises
    ------
    InputError
        The name ends in something else, or is that of a file that was read.
    WorkbookError
        The file can't be written.
    """
    from ..report.backtest import backtest_report
    from ..report.renderings import Rendering, render

    check_page(page, data)
    moment = (now or dt.datetime.now()).replace(microsecond=0)
    names = sorted(path.name for path in data)
    source = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}, {len(names)} files"
    symbol = found.days[0].label.partition(" ")[0]
    report = backtest_report(found, "" if symbol == "day" else symbol, source, moment)
    [content] = render(report, page.stem, [Rendering(page.suffix.lower().lstrip("."))]).values()
    write_files({page: content})


def book_sources(data: Sequence[Path], options: DataOptions | None = None) -> list[BookSource]:
    """The order books behind files.

    Raises
    ------
    InputError
        A file holds no order book.
    """
    given = options or DataOptions()
    sources: list[BookSource] = []
    for found in open_market_data(list(data), hours=given.hours, tick=given.tick):
        if not isinstance(found, BookSource):
            raise InputError(
                "holds no order book: give LOBSTER message and orderbook files or MBP-10",
                where=getattr(found, "label", None) or ", ".join(path.name for path in data),
            )
        sources.append(found)
    return sources


def read_schedule(path: Path) -> PlannedDay:
    """The schedule of a workbook (tblSchedule) or of a CSV with the columns Start and Allocation (or Shares).

    Raises
    ------
    InputError
        With cell or row: no schedule, or something that isn't a time or a number of shares.
    WorkbookError
        The file can't be read.
    """
    if path.suffix.lower() in WORKBOOKS:
        return _from_workbook(XlsxBook.open(path))
    return _from_csv(path)


def on_session(planned: PlannedDay, session: Session, name: str) -> NDArray[np.float64]:
    """The shares of each interval of a session; rows that start between its intervals are refused."""
    shares = np.zeros(session.intervals)
    place = {start: index for index, start in enumerate(session.starts)}
    for start, size, where in zip(planned.starts, planned.shares, planned.wheres, strict=True):
        if start not in place:
            if not size:
                continue
            raise InputError(
                f"starts at {start:%H:%M:%S}, where the data's session has no interval: give the hours with --session "
                "and the length with --interval",
                where=where,
            )
        shares[place[start]] += size
    if not shares.any():
        raise InputError("trades nothing in the session of the data: check its start times", where=name)
    return shares


def part_of_day(
    shares: NDArray[np.float64], session: Session, start: dt.time | None, end: dt.time | None
) -> NDArray[np.float64]:
    """The shares of the intervals that begin from `start` to before `end`, zeros elsewhere."""
    inside = [(start is None or time >= start) and (end is None or time < end) for time in session.starts]
    part = np.where(inside, shares, 0.0)
    if not part.any():
        raise InputError("leaves no shares to trade: widen it", where="--from, --until")
    return part


def _from_workbook(book: XlsxBook) -> PlannedDay:
    table = book.table(TBL_SCHEDULE)
    if table is None or not {"start", "allocation"} <= {header.casefold() for header in table.columns}:
        raise InputError(f"has no table {TBL_SCHEDULE} with Start and Allocation", where=book.label)
    rows = [
        (start, shares)
        for start, shares in zip(table.columns["Start"], table.columns["Allocation"], strict=True)
        if not shares.is_blank
    ]
    if not rows:
        raise InputError(f"has no schedule yet: tradealloc run {book.label}", where=book.label)
    side = book.cell(BY_KEY["side"].name)
    named = None if side is None else parse_cell(BY_KEY["side"], side)
    return _planned(rows, named if isinstance(named, str) else None)


def _from_csv(path: Path) -> PlannedDay:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        raise WorkbookError(f"{path} doesn't exist: check the name of the schedule") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read as CSV ({error}): save it as CSV UTF-8") from None
    headers = [text.strip().casefold() for text in rows[0]] if rows else []
    size = next((name for name in ("allocation", "shares") if name in headers), None)
    if "start" not in headers or size is None:
        raise InputError("needs the columns Start and Allocation (or Shares) in its first row", where=path.name)
    at = headers.index("start"), headers.index(size)
    cells = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(text.strip() for text in row):
            continue
        found = []
        for position, key in zip(at, ("start", "allocation"), strict=True):
            where = f"{path.name} row {number}, column {rows[0][position].strip()}"
            text = row[position] if position < len(row) else ""
            found.append(Cell(parse_text(_COLUMN[key], text, where), where))
        cells.append((found[0], found[1]))
    if not cells:
        raise InputError("holds no intervals: give one row for each", where=path.name)
    return _planned(cells, None)


def _planned(rows: Sequence[tuple[Cell, Cell]], side: str | None) -> PlannedDay:
    starts, shares, wheres = [], [], []
    for start_cell, size_cell in rows:
        start, size = parse_cell(_COLUMN["start"], start_cell), parse_cell(_COLUMN["allocation"], size_cell)
        if not isinstance(start, dt.time):
            raise InputError("is blank: a replay needs each interval's start time", where=start_cell.where)
        if start in starts:
            raise InputError(
                f"is {start:%H:%M:%S} again: give every interval a start of its own", where=start_cell.where
            )
        if not isinstance(size, float):
            raise InputError("is blank: give the interval's shares, 0 for none", where=size_cell.where)
        if size < 0 or not math.isfinite(size):
            raise InputError(f"is {size:g}: give 0 or more", where=size_cell.where)
        starts.append(start)
        shares.append(size)
        wheres.append(start_cell.where)
    return PlannedDay(tuple(starts), tuple(shares), tuple(wheres), side)
