"""Re-optimising the day of the workbook that is open: fills from tblFills, the time from this computer's clock.

Today's market data are in files; without them the plan is held, and fitted to what remains.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tradealloc.errors import WorkbookError

from .live_cells import com_get
from .snapshot import UndoStore, carry_out
from .xlwings_book import Rehearsal, XlwingsBook

if TYPE_CHECKING:
    import xlwings as xw

    from tradealloc.actions import Progress

TITLE = "Re-optimise"


def ask_market(app: xw.App) -> list[Path]:
    """Files that the user picks; none where the dialog is cancelled, or Excel has none."""
    ask = com_get(app.api, "GetOpenFilename")
    if ask is None:
        return []
    picked = ask(
        FileFilter="Market data (*.csv;*.gz), *.csv;*.gz",
        Title="Today's order book, or a profile made from it. Cancel: go on without market data",
        MultiSelect=True,
    )
    return [] if isinstance(picked, bool) else [Path(name) for name in picked]


def reoptimise_live(book: xw.Book, market: Sequence[Path], undo: UndoStore, progress: Progress) -> list[str]:
    """Plan what remains and write tblProgress and tblAlerts, all or nothing; returns what changed and why.

    Parameters
    ----------
    book
        The workbook.
    market
        Files of today's order book, or one profile made from it.
    undo
        Where what is written over is kept.
    progress
        Told what is being done.

    Raises
    ------
    InputError, InfeasibleError, SolverError
        Fills or order can't be used.
    WorkbookError
        The workbook has no place for the plan, or can't be written.
    """
    from tradealloc.actions.day_inputs import DayInputs
    from tradealloc.actions.reoptimise import reoptimise

    now = clock()
    live = XlwingsBook(book)
    rehearsal = Rehearsal(live)
    result = reoptimise(rehearsal, DayInputs(market=tuple(market), now=now), progress=progress)
    if not result.is_written:
        raise WorkbookError(
            f"{book.name} has no tables tblProgress and tblAlerts for the plan: save it, close it and run  "
            f"tradealloc upgrade {book.name}"
        )
    progress("writing the plan")
    notes = carry_out(live, TITLE, rehearsal.plans, undo)
    alerts = [f"{alert.kind}: {alert.text}" for alert in result.found.alerts]
    at = f"{now:%H:%M:%S} by this computer's clock: {result.found.done:,.0f} shares are filled"
    return [at, *result.plan.reasons, *alerts, *result.notes, *notes]


def clock() -> dt.time:
    """The present local time, to the second."""
    return dt.datetime.now().time().replace(microsecond=0)
