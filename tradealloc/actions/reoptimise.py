"""Re-optimise: what remains of the order, planned again; what is done stays done."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..desk.monitor import Monitored
from ..desk.reoptimise import Replan, ReplanRules
from ..desk.reoptimise import reoptimise as replan
from ..errors import InfeasibleError, InputError, WorkbookError
from ..files import write_files
from ..workbook.book import Book
from .day_inputs import DayInputs
from .day_so_far import DaySoFar, read_day
from .monitor import watched, write_progress
from .progress import Progress, silent

if TYPE_CHECKING:
    from ..workbook.xlsx_book import XlsxBook


@dataclass(frozen=True, eq=False)
class ReoptimiseResult:
    """The new plan, or the held one, with what was seen."""

    day: DaySoFar
    found: Monitored
    plan: Replan
    notes: tuple[str, ...]
    is_written: bool = False
    """Whether the workbook has tables for it."""


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
    rules = ReplanRules(minutes=day.minutes)
    try:
        plan = replan(day.problem, day.planned, day.fills.shares, day.first, day.seen, rules)
    except InfeasibleError as error:
        raise InfeasibleError(
            f"no plan for what remains: {error}; the plan in force stays", limits=error.limits, short=error.short
        ) from None
    is_written, notes = write_progress(book, day, plan.plan, found, plan.reasons)
    return ReoptimiseResult(day, found, plan, (*day.notes, *notes), is_written)


def save(book: XlsxBook, result: ReoptimiseResult, output: Path | None = None, plan: Path | None = None) -> Path | None:
    """Save the workbook, in place or to `output`, and the plan as CSV to `plan`: both or neither.

    A workbook without the day's tables has nothing to save, unless `output` is given. Returns the backup, as
    `XlsxBook.save` does.

    Raises
    ------
    WorkbookError
        One of them can't be written; nothing on disk is changed.
    """
    before = _before(plan)
    if plan is not None:
        save_plan(plan, result)
    try:
        return book.save(output) if result.is_written or output is not None else None
    except BaseException:
        if plan is not None:
            _put_back(plan, before)
        raise


def save_plan(path: Path, result: ReoptimiseResult) -> None:
    """Write the plan as CSV (Start, Allocation): what `replay` and ``--plan`` take."""
    rows = [
        f"{start:%H:%M:%S},{shares!r}"
        for start, shares in zip(result.day.starts, result.plan.plan.tolist(), strict=True)
    ]
    write_files({path: ("\n".join(["Start,Allocation", *rows]) + "\n").encode()})


def _before(plan: Path | None) -> bytes | None:
    """What the file of the plan holds; None where there is none."""
    if plan is None or not plan.is_file():
        return None
    try:
        return plan.read_bytes()
    except OSError as error:
        raise WorkbookError(f"{plan} can't be read ({error.strerror}): choose another name with --save-plan") from None


def _put_back(plan: Path, before: bytes | None) -> None:
    if before is None:
        with contextlib.suppress(OSError):
            plan.unlink()
        return
    write_files({plan: before})
