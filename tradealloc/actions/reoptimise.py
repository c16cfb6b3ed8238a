"""Re-optimise: what remains of the order, planned again; what is done stays done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..desk.monitor import Monitored
from ..desk.reoptimise import Replan, ReplanRules
from ..desk.reoptimise import reoptimise as replan
from ..errors import InputError
from ..export.files import write_files
from ..workbook.book import Book
from .monitor import DayInputs, DaySoFar, read_day, watched, write_progress
from .progress import Progress, silent


@dataclass(frozen=True, eq=False)
class ReoptimiseResult:
    """The new plan, or the held one, with what was seen."""

    day: DaySoFar
    found: Monitored
    plan: Replan
    notes: tuple[str, ...]


def reoptimise(book: Book, inputs: DayInputs | None = None, *, progress: Progress | None = None) -> ReoptimiseResult:
    """Plan what remains of the order in a workbook, and write tblProgress and tblAlerts where it has them.

    tblSchedule stays the morning's: its fingerprint and checks belong to it.

    Raises
    ------
    InputError
        With file and row, or cell; also where the fills can't be right (over-fill, wrong side, two symbols).
    InfeasibleError
        The remaining limits leave no room for what remains.
    WorkbookError
        A file can't be read.
    """
    say = progress or silent
    day = read_day(book, inputs or DayInputs(), say)
    for alert in day.fills.alerts:
        if alert.is_error:
            raise InputError(f"{alert.text}: correct the fills, then re-optimise")
    say("planning what remains")
    found = watched(day)
    plan = replan(day.problem, day.planned, day.fills.shares, day.first, day.seen, ReplanRules(minutes=day.minutes))
    notes = (*day.notes, *write_progress(book, day, plan.plan, found))
    return ReoptimiseResult(day, found, plan, notes)


def save_plan(path: Path, result: ReoptimiseResult) -> None:
    """Write the plan as CSV (Start, Allocation): what `replay` and ``--plan`` take."""
    rows = [
        f"{start:%H:%M:%S},{shares!r}"
        for start, shares in zip(result.day.starts, result.plan.plan.tolist(), strict=True)
    ]
    write_files({path: ("\n".join(["Start,Allocation", *rows]) + "\n").encode()})
