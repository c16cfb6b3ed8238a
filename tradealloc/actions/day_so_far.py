"""The day so far, read from workbook and files: order, plan in force, fills, and what the market showed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from ..desk.feed import Until
from ..desk.fills_today import DayFills, Fill, sort_fills
from ..desk.reoptimise import CostsSeen
from ..errors import InputError
from ..market.session import SECOND, clock, nanoseconds, zone
from ..model import Problem
from ..model.arrays import Floats
from ..model.limits import plain
from ..units import to_currency
from ..workbook.book import Book
from ..workbook.fields import BY_KEY, TBL_SCHEDULE
from ..workbook.fields.intraday import TBL_FILLS, TBL_PROGRESS
from ..workbook.fills_sheet import fills_of_book, fills_of_file
from ..workbook.fingerprint import TOLERANCE
from ..workbook.inputs import OrderSheet
from .blotter import refuse_blotter
from .day_inputs import DayInputs
from .market_today import market_of, seen_in_book, seen_in_profile, with_mids
from .post_trade import refuse_post_trade
from .progress import Progress
from .replay import read_schedule

SAME_ORDER, SAME_ORDER_IN_FILE = 1e-6, 1e-3
"""Part of the order by which the sum of its plan may differ from it: in files, plans may be rounded."""


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
    say("reading the market")
    source, profile = market_of(inputs, step)
    say("reading fills")
    zone_name = inputs.hours.timezone if source is None else source.session.timezone
    fills, fill_notes = _fills(book, inputs, now, zone(zone_name) if zone_name else None)
    say("comparing fills with the market")
    seen, volume = CostsSeen.nothing(len(starts)), None
    until = round(moment * SECOND)
    if source is not None:
        known = source if inputs.feed is not None else Until(source, until)
        fills = with_mids(fills, known)
        seen, volume = seen_in_book(known, starts, first, step)
    elif profile is not None:
        seen, volume = seen_in_profile(profile, starts)
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
    schedule = column_numbers(book, TBL_SCHEDULE, "Allocation")
    in_force, morning = column_numbers(book, TBL_PROGRESS, "Plan"), column_numbers(book, TBL_PROGRESS, "Morning")
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


def column_numbers(book: Book, table: str, header: str) -> list[float]:
    """The numbers of a column that is filled throughout; none where it isn't, or isn't there."""
    found = book.table(table)
    cells = () if found is None else found.columns.get(header, ())
    numbers = [float(cell.value) for cell in cells if isinstance(cell.value, int | float)]
    return numbers if len(numbers) == len(cells) else []


def _fills(book: Book, inputs: DayInputs, now: dt.time, zone: ZoneInfo | None) -> tuple[list[Fill], list[str]]:
    found = fills_of_file(inputs.fills, zone) if inputs.fills is not None else fills_of_book(book, zone)
    if found is None:
        raise InputError(f"has no table {TBL_FILLS}: add it, or give the fills with --fills FILE.csv", where=book.label)
    later = [fill for fill in found if fill.time > now]
    if later:
        raise InputError(
            f"is at {later[0].time:%H:%M:%S}, after the present {now:%H:%M:%S}: check --now or the fill",
            where=later[0].where,
        )
    return found, [] if found else ["no fills yet"]


def _seconds(time: dt.time) -> float:
    return nanoseconds(time) / SECOND


def _time(seconds: float) -> dt.time:
    return dt.time.fromisoformat(clock(round(seconds * SECOND)))
