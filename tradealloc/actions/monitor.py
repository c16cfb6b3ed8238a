"""The day so far: fills against the plan in force, slippage against the model, alerts; written into the workbook."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..desk.feed import BookFeed, RecordedFeed, Until
from ..desk.fills_today import DayFills, Fill, sort_fills
from ..desk.monitor import Monitored
from ..desk.monitor import monitor as watch
from ..desk.reoptimise import CostsSeen
from ..errors import InputError
from ..market.book import BookSource, standing_books
from ..market.calibration.observed import observe
from ..market.calibration.walked import fit_books
from ..market.profile import REQUIRED, DayProfile, read_profile
from ..market.readers.timing import SessionHours
from ..market.session import SECOND, clock, nanoseconds
from ..model import Problem
from ..model.limits import plain
from ..units import to_currency
from ..workbook.book import Book
from ..workbook.fields import BY_KEY, TBL_SCHEDULE
from ..workbook.fields.intraday import TBL_ALERTS, TBL_FILLS, TBL_PROGRESS
from ..workbook.fills_sheet import fills_of_book, fills_of_file
from ..workbook.fingerprint import TOLERANCE
from ..workbook.inputs import OrderSheet
from ..workbook.renamed import refuse_renamed
from .blotter import refuse_blotter
from .post_trade import refuse_post_trade
from .progress import Progress, silent
from .replay import DataOptions, book_sources, read_schedule

Floats = NDArray[np.float64]

SAME_ORDER, SAME_ORDER_IN_FILE = 1e-6, 1e-3
"""Part of the order by which the sum of its plan may differ from it: in files, plans may be rounded."""
BOOKS_EVERY = dt.timedelta(seconds=5)


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


@dataclass(frozen=True, eq=False)
class DaySoFar:
    """The order, what was planned, what was done, what was seen; arrays of shape (N,)."""

    sheet: OrderSheet
    problem: Problem
    starts: tuple[dt.time, ...]
    minutes: float
    planned: Floats
    fills: DayFills
    first: int
    seen: CostsSeen
    volume: Floats | None
    currency: float
    notes: tuple[str, ...]
    now: dt.time
    has_market: bool = False
    """Whether data of today's market are given, whatever they show."""


@dataclass(frozen=True, eq=False)
class MonitorResult:
    """What `monitor` found."""

    day: DaySoFar
    found: Monitored
    notes: tuple[str, ...]
    is_written: bool = False
    """Whether the workbook has tables for it."""


def monitor(book: Book, inputs: DayInputs | None = None, *, progress: Progress | None = None) -> MonitorResult:
    """Compare the day so far with the plan in force, and write tblProgress and tblAlerts where the workbook has them.

    Raises
    ------
    InputError, WorkbookError
        With file and row, or cell; the book is left with writes that must not be saved.
    """
    day = read_day(book, inputs or DayInputs(), progress or silent)
    found = watched(day)
    scheduled, reasons = _standing(book, day)
    is_written, notes = write_progress(book, day, day.planned, found, reasons, scheduled)
    return MonitorResult(day, found, (*day.notes, *notes), is_written)


def recorded_feed(inputs: DayInputs, speed: float) -> RecordedFeed:
    """The recorded book of the inputs, played from their time on as if it were live."""
    sources = book_sources(inputs.market, DataOptions(inputs.hours, inputs.tick))
    if len(sources) != 1 or inputs.now is None:
        raise InputError("needs one day's book and the time at which it starts", where="--speed")
    return RecordedFeed(sources[0], nanoseconds(inputs.now), speed)


def watched(day: DaySoFar) -> Monitored:
    """The day so far against its plan."""
    return watch(
        day.problem,
        day.planned,
        day.fills,
        day.first,
        currency=day.currency,
        minutes=day.minutes,
        volume=day.volume,
        names=tuple(f"{start:%H:%M}" for start in day.starts),
        seen=day.seen.shown if day.has_market else None,
    )


def read_day(book: Book, inputs: DayInputs, say: Progress) -> DaySoFar:
    """Read order, plan, fills and market; nothing later than now is looked at."""
    refuse_blotter(book, "intraday monitoring")
    refuse_post_trade(book, "intraday monitoring")
    say("reading the order")
    sheet = OrderSheet.read(book)
    problem = sheet.problem
    starts = _starts(sheet)
    step = _seconds(starts[1]) - _seconds(starts[0]) if len(starts) > 1 else 60.0
    now, notes = _now(inputs)
    end = _time(min(_seconds(starts[-1]) + step, 86_399.0))
    moment = _seconds(now)
    first = int(np.searchsorted([_seconds(start) for start in starts], moment, side="right")) - 1
    first = len(starts) if moment >= _seconds(end) else max(first, 0)
    planned, plan_notes = _plan_in_force(book, sheet, starts, inputs.plan)
    currency = to_currency(1.0, problem.unit, problem.arrival_price)
    if currency is None:
        raise InputError(
            "is needed: fills have prices, and the impact unit isn't price", where=BY_KEY["arrival_price"].name
        )
    say("reading fills")
    fills, fill_notes = _fills(book, inputs, now)
    say("reading the market")
    source, profile = _market(inputs, step)
    seen, volume = CostsSeen.nothing(len(starts)), None
    until = round(moment * SECOND)
    if source is not None:
        known = source if inputs.feed is not None else Until(source, until)
        fills = _with_mids(fills, known)
        seen, volume = _seen_in_book(known, starts, first, step)
    elif profile is not None:
        seen, volume = _seen_in_profile(profile, starts)
    tradable = np.broadcast_to(problem.bounds.tradable, (len(starts),))
    sorted_fills = sort_fills(
        fills, starts, end, problem.shares, side=sheet.text("side"), symbol=sheet.text("symbol"), tradable=tradable,
        day=None if source is None else source.session.date,
    )  # fmt: skip
    seen = CostsSeen(
        *(values / currency for values in (seen.half_spread, seen.half_spread_error, seen.slope, seen.slope_error))
    )
    return DaySoFar(
        sheet, problem, starts, step / 60, planned, sorted_fills, first, seen, volume, currency,
        (*notes, *plan_notes, *fill_notes), now, source is not None or profile is not None,
    )  # fmt: skip


def _standing(book: Book, day: DaySoFar) -> tuple[list[float] | None, list[str]]:
    """Where the plan in force is that of tblProgress: the plan before it, and the reasons of it."""
    in_force, scheduled = (_numbers(book, TBL_PROGRESS, header) for header in ("Plan", "Scheduled"))
    size = len(day.starts)
    if not len(in_force) == len(scheduled) == size or not np.allclose(in_force, day.planned, rtol=1e-9, atol=1e-9):
        return None, []
    table = book.table(TBL_ALERTS)
    kinds, texts = (() if table is None else table.columns.get(header, ()) for header in ("Kind", "Alert"))
    reasons = [str(text.value) for kind, text in zip(kinds, texts, strict=False) if kind.value == "plan"]
    return scheduled, reasons


def write_progress(
    book: Book,
    day: DaySoFar,
    plan: Floats,
    found: Monitored,
    reasons: Sequence[str] = (),
    scheduled: list[float] | None = None,
) -> tuple[bool, list[str]]:
    """Fill tblProgress and tblAlerts, with the plan's reasons below the alerts.

    The column Scheduled takes `scheduled`, or the plan in force so far.

    Returns whether the workbook has one of them, and a note where it lacks one.
    """
    refuse_renamed(book, (TBL_PROGRESS, TBL_ALERTS))
    size = len(day.starts)
    left = np.maximum(day.problem.shares - np.cumsum(plan), 0.0)
    predicted, lowest, highest = (
        np.append(values, np.full(size - len(values), np.nan))
        for values in (found.chart.predicted, found.chart.lowest, found.chart.highest)
    )
    written = book.write_table(
        TBL_PROGRESS,
        {
            "Interval": day.sheet.labels(),
            "Start": list(day.starts),
            "Morning": morning if len(morning := _numbers(book, TBL_SCHEDULE, "Allocation")) == size else [None] * size,
            "Scheduled": day.planned.tolist() if scheduled is None else scheduled,
            "Filled": day.fills.shares.tolist(),
            "Plan": plan.tolist(),
            "Remaining": left.tolist(),
            "Slippage": _blanks(day.fills.slippage),
            "Predicted": _blanks(predicted),
            "LowLimit": _blanks(lowest),
            "HighLimit": _blanks(highest),
            "Status": ["done" if i < day.first else "now" if i == day.first else "open" for i in range(size)],
        },
    )
    alerts = [(alert.kind, alert.text) for alert in found.alerts] or [("none", "nothing to report")]
    alerts += [("plan", reason) for reason in reasons]
    has_alerts = book.write_table(
        TBL_ALERTS, {"Kind": [kind for kind, _ in alerts], "Alert": [text for _, text in alerts]}
    )
    missing = [name for name, there in ((TBL_PROGRESS, written), (TBL_ALERTS, has_alerts)) if not there]
    notes = [f"the workbook has no table {' or '.join(missing)}: shown here only"] if missing else []
    return written or has_alerts, notes


def _blanks(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _starts(sheet: OrderSheet) -> tuple[dt.time, ...]:
    starts: list[dt.time] = []
    for row, start in enumerate(sheet.times()):
        if start is None:
            cells = sheet.columns.get("start")
            place = cells[row].where if cells else f"{sheet.table} column Start"
            raise InputError("is blank: the intraday commands need every interval's start time", where=place)
        if starts and start <= starts[-1]:
            raise InputError(
                f"is {start:%H:%M}: the intraday commands need one day's times in order", where=sheet.table
            )
        starts.append(start)
    return tuple(starts)


def _now(inputs: DayInputs) -> tuple[dt.time, list[str]]:
    if inputs.feed is not None and inputs.now is None:
        return _time(inputs.feed.now() / SECOND), []
    if inputs.now is not None:
        return inputs.now, []
    now = dt.datetime.now().time().replace(microsecond=0)
    return now, [f"it is {now:%H:%M:%S} by this computer's clock; --now says another time"]


def _plan_in_force(
    book: Book, sheet: OrderSheet, starts: tuple[dt.time, ...], given: Path | None
) -> tuple[Floats, list[str]]:
    size, order = len(starts), sheet.problem.shares
    if given is not None:
        planned = read_schedule(given)
        place = {start: index for index, start in enumerate(starts)}
        plan = np.zeros(size)
        for start, shares, where in zip(planned.starts, planned.shares, planned.wheres, strict=True):
            if start not in place:
                raise InputError(f"is {start:%H:%M:%S}, which the workbook has no interval for", where=where)
            plan[place[start]] = shares
        if abs(plan.sum() - order) > SAME_ORDER_IN_FILE * order:
            raise InputError(
                f"sums to {plain(plan.sum())} shares and the order is of {plain(order)}: give this order's plan, "
                "all of it, or leave --plan out",
                where=given.name,
            )
        return plan, []
    schedule = _numbers(book, TBL_SCHEDULE, "Allocation")
    in_force, morning = _numbers(book, TBL_PROGRESS, "Plan"), _numbers(book, TBL_PROGRESS, "Morning")
    notes = []
    if len(in_force) == size and abs(sum(in_force) - order) <= SAME_ORDER * order:
        if not morning or (len(schedule) == size and np.allclose(morning, schedule, rtol=1e-9, atol=1e-9)):
            return np.array(in_force, dtype=np.float64), []
        notes = [f"the plan in {TBL_PROGRESS} came from another schedule: the plan in force is {TBL_SCHEDULE}"]
    if len(schedule) != size:
        raise InputError(
            f"holds {len(schedule)} shares for {size} intervals: make the morning's schedule first (Optimise, "
            f"or tradealloc run {book.label})",
            where=f"{TBL_SCHEDULE}[Allocation]",
        )
    stored = book.cell(BY_KEY["fingerprint"].name)
    is_stale = stored is not None and isinstance(stored.value, int | float) and (
        abs(stored.value - sheet.fingerprint) > TOLERANCE * abs(sheet.fingerprint)
    )  # fmt: skip
    if is_stale:
        notes.append("inputs changed since the schedule was made: the plan in force is the one of before")
    return np.array(schedule, dtype=np.float64), notes


def _numbers(book: Book, table: str, header: str) -> list[float]:
    """The numbers of a column that is filled throughout; none where it isn't, or isn't there."""
    found = book.table(table)
    cells = () if found is None else found.columns.get(header, ())
    numbers = [float(cell.value) for cell in cells if isinstance(cell.value, int | float)]
    return numbers if len(numbers) == len(cells) else []


def _fills(book: Book, inputs: DayInputs, now: dt.time) -> tuple[list[Fill], list[str]]:
    found = fills_of_file(inputs.fills) if inputs.fills is not None else fills_of_book(book)
    if found is None:
        raise InputError(f"has no table {TBL_FILLS}: add it, or give the fills with --fills FILE.csv", where=book.label)
    later = [fill for fill in found if fill.time > now]
    if later:
        raise InputError(
            f"is at {later[0].time:%H:%M:%S}, after the present {now:%H:%M:%S}: check --now or the fill",
            where=later[0].where,
        )
    return found, [] if found else ["no fills yet"]


def _market(inputs: DayInputs, step: float) -> tuple[BookSource | None, DayProfile | None]:
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


def _with_mids(fills: list[Fill], source: BookSource) -> list[Fill]:
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


def _seen_in_book(
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


def _seen_in_profile(profile: DayProfile, starts: tuple[dt.time, ...]) -> tuple[CostsSeen, Floats | None]:
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


def _seconds(time: dt.time) -> float:
    return nanoseconds(time) / SECOND


def _time(seconds: float) -> dt.time:
    return dt.time.fromisoformat(clock(round(seconds * SECOND)))
