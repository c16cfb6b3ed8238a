"""The verb that turns a workbook into a page to send; the workbook stays as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..analysis import Comparison, sensitivity
from ..analysis.comparison import benchmark_rows, optimum_name, schedule_row
from ..files import Written, write_together
from ..report.blotter import blotter_report
from ..report.model import Note, Report, Section
from ..report.order import order_report
from ..report.renderings import USUAL, Paper, Rendering, render
from ..report.stored import stored_results
from ..report.what_if import what_if_sections
from ..solve import solve
from ..workbook.book import Book, Cell, CellValue, Table
from ..workbook.inputs import OrderSheet
from .blotter import is_blotter, optimise_blotter
from .order import REPORT_SIZES
from .post_trade import is_post_trade
from .progress import Progress, silent
from .what_if import explore

__all__ = ["USUAL", "Paper", "Rendering", "Report", "Written", "make_report", "write_report"]


def make_report(book: Book, *, now: dt.datetime | None = None, progress: Progress | None = None) -> Report:
    """Compute a report from the inputs in a workbook, without writing to it.

    The results are computed afresh, so the certificate is the report's own; a note says where those in the workbook
    are stale, absent or different.

    Parameters
    ----------
    book
        The workbook.
    now
        The moment of the report; by default the present.
    progress
        Told what is being done.

    Raises
    ------
    InputError, InfeasibleError, SolverError
        As for a run.
    """
    moment = (now or dt.datetime.now()).replace(microsecond=0)
    if is_post_trade(book):
        return _on_post_trade(book, moment, progress or silent)
    return (_on_blotter if is_blotter(book) else _on_order)(book, moment, progress or silent)


def _on_order(book: Book, now: dt.datetime, say: Progress) -> Report:
    say("reading inputs")
    sheet = OrderSheet.read(book)
    say("solving")
    schedule = solve(sheet.problem, sheet.text("method"))
    say("pricing benchmarks and sizes")
    has_limits = bool(any(schedule.certificate.binding))
    benchmarks = benchmark_rows(schedule.problem, within_limits=has_limits)
    comparison = Comparison((*benchmarks, schedule_row(optimum_name(schedule), schedule)))
    sizes = sheet.order_sizes() or [share * schedule.problem.shares for share in REPORT_SIZES]
    priced = sensitivity(schedule.problem, sizes)
    computed = {"total_impact": schedule.total_impact}
    notes = stored_results(book, sheet.fingerprint, computed, schedule.certificate.mip_gap or 0.0)
    notes += tuple(Note(text) for text in sheet.notes)
    more: tuple[Section, ...] = ()
    explored = explore(book, sheet, say)
    if explored is not None:
        notes += tuple(Note(text) for text in explored.notes)
        found = explored.scenarios, explored.cap_values, explored.participations
        more = what_if_sections(*found, schedule.problem.unit.label)
    return order_report(sheet, schedule, comparison, priced, notes, now, more)


def _on_blotter(book: Book, now: dt.datetime, say: Progress) -> Report:
    result = optimise_blotter(_Untouched(book), now=now, progress=say)
    totals = result.batch.totals
    computed = {"total_cost": totals.total_cost, "total_impact_bps": totals.impact_bps}
    notes = stored_results(book, result.blotter.fingerprint, computed)
    notes += tuple(Note(text, is_warning=text.startswith("orders in ")) for text in result.notes)
    return blotter_report(result.blotter, result.batch, result.outcomes, notes, now)


def _on_post_trade(book: Book, now: dt.datetime, say: Progress) -> Report:
    from ..report.post_trade import post_trade_report
    from ..workbook.tca_sheet import tca_fingerprint
    from .tca import analyse_book, total_cost

    analysis = analyse_book(_Untouched(book), now=now, progress=say)
    found = post_trade_report(analysis, book.label, now)
    stored = stored_results(book, tca_fingerprint(book), {"total_cost": total_cost(analysis)})
    return replace(found, notes=(*stored, *found.notes))


class _Untouched:
    """A workbook of which results are computed and not written."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def label(self) -> str:
        return self._book.label

    def cell(self, name: str) -> Cell | None:
        return self._book.cell(name)

    def table(self, name: str) -> Table | None:
        return self._book.table(name)

    def tables(self) -> dict[str, tuple[str, ...]]:
        return {}  # none can be left with an earlier run's figures

    def range(self, address: str) -> tuple[tuple[Cell, ...], ...]:
        return self._book.range(address)

    def write_cell(self, name: str, value: CellValue, *, keep_formula: bool = False) -> bool:
        return True

    def write_table(self, name: str, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False) -> bool:
        return True

    def write_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> str:
        return top_left


def write_report(
    report: Report,
    stem: str,
    folder: Path,
    renderings: Collection[Rendering] = USUAL,
    paper: Paper = Paper.A4,
    *,
    progress: Progress | None = None,
) -> tuple[Written, ...]:
    """Draw a report and write its files, all or none.

    Parameters
    ----------
    report
        What to draw.
    stem
        Begin of the files' names: that of the workbook, without suffix.
    folder
        Where to; made if missing.
    renderings, paper
        What to make; the PDF's paper.
    progress
        Told what is being done.

    Raises
    ------
    WorkbookError
        A file can't be written.
    """
    say = progress or silent
    say("drawing")
    contents = render(report, stem, renderings, paper)
    say("writing")
    return write_together(folder, contents)
