"""The run log: each run that wrote results adds a row to tblRunLog, where the workbook has one.

The log is neither an input nor part of the fingerprint.
"""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import dataclass

from ..analysis import equal
from ..analysis.strategies import improvement
from ..model import Schedule
from ..workbook.book import Book, Cell, CellError, CellValue, Missing, Table
from ..workbook.fields import RUN_LOG_COLUMNS, TBL_RUN_LOG
from ..workbook.outputs import is_sound

MOST_ROWS = 500
"""Rows that the log keeps."""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A row of the log; the attributes are the keys of the registry's `RUN_LOG_COLUMNS`.

    Attributes
    ----------
    run_at
        When the results were computed.
    command, method
        What was run, and how the schedule was computed.
    orders, shares
        Orders optimised and their shares.
    total_impact, total_impact_bps, total_cost, improvement
        As in the workbook's results; None where there is none.
    kkt_residual, duality_gap
        The largest of the run.
    result
        OK, or what is wrong.
    """

    run_at: dt.datetime
    command: str
    method: str
    orders: int
    shares: float
    total_impact: float | None
    total_impact_bps: float | None
    total_cost: float | None
    improvement: float | None
    kkt_residual: float | None
    duality_gap: float | None
    result: str

    @classmethod
    def of_order(cls, command: str, schedule: Schedule, now: dt.datetime) -> RunEntry:
        """The row of a run of one order."""
        return cls(
            run_at=now,
            command=command,
            method=schedule.method,
            orders=1,
            shares=schedule.problem.shares,
            total_impact=schedule.total_impact,
            total_impact_bps=schedule.total_impact_bps,
            total_cost=schedule.total_cost,
            improvement=improvement(schedule.total_impact, equal(schedule.problem).total_impact),
            kkt_residual=schedule.certificate.kkt_residual,
            duality_gap=schedule.certificate.duality_gap,
            result="OK" if is_sound(schedule) else "CHECK",
        )


def append_run(book: Book, entry: RunEntry) -> bool:
    """Add a row at the bottom of the log; False where the workbook has no table tblRunLog.

    Blank rows at the end are filled first. Beyond `MOST_ROWS` rows the oldest go. Columns of the user's are left
    alone, and columns that the table lacks are skipped.

    Raises
    ------
    WorkbookError
        The table can't grow: cells of the user's stand below it.
    """
    table = book.table(TBL_RUN_LOG)
    if table is None:
        return False
    kept = _filled_rows(table)
    skipped = max(0, kept + 1 - MOST_ROWS)
    added = _cells(entry)
    columns = {
        column.header: [
            *(_value(cell) for cell in table.columns.get(column.header, ())[skipped:kept]),
            added[column.key],
        ]
        for column in RUN_LOG_COLUMNS
        if column.header in table.columns
    }
    if columns:
        book.write_table(TBL_RUN_LOG, columns)
    return True


def user_name() -> str:
    """The name of the user's account; blank where the system doesn't say."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def _filled_rows(table: Table) -> int:
    """Rows up to the last one that a run, or the user, has filled."""
    filled = [row for cells in table.columns.values() for row, cell in enumerate(cells, start=1) if not cell.is_blank]
    return max(filled, default=0)


def _cells(entry: RunEntry) -> dict[str, CellValue]:
    """The new row by column key."""
    values = {column.key: getattr(entry, column.key) for column in RUN_LOG_COLUMNS if column.key != "user"}
    return {**values, "run_at": entry.run_at.isoformat(sep=" ", timespec="seconds"), "user": user_name() or None}


def _value(cell: Cell) -> CellValue:
    return None if isinstance(cell.value, CellError | Missing) else cell.value
