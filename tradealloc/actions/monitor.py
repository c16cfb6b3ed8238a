"""The day so far against the plan in force: slippage, alerts; written into the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..desk.feed import RecordedFeed
from ..desk.monitor import Monitored
from ..desk.monitor import monitor as watch
from ..errors import InputError
from ..market.session import nanoseconds
from ..model.arrays import Floats
from ..workbook.book import Book
from ..workbook.fields import TBL_SCHEDULE
from ..workbook.fields.intraday import TBL_ALERTS, TBL_PROGRESS
from ..workbook.renamed import refuse_renamed
from .day_inputs import DayInputs
from .day_so_far import DaySoFar, column_numbers, read_day
from .progress import Progress, silent
from .replay import DataOptions, book_sources


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


def _standing(book: Book, day: DaySoFar) -> tuple[list[float] | None, list[str]]:
    """Where the plan in force is that of tblProgress: the plan before it, and the reasons of it."""
    in_force, scheduled = (column_numbers(book, TBL_PROGRESS, header) for header in ("Plan", "Scheduled"))
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
    morning = column_numbers(book, TBL_SCHEDULE, "Allocation")
    written = book.write_table(
        TBL_PROGRESS,
        {
            "Interval": day.sheet.labels(),
            "Start": list(day.starts),
            "Morning": morning if len(morning) == size else [None] * size,
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
