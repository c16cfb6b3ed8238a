"""The verbs of post-trade analysis: fills in, what they cost and why out."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..desk.tca import Analysis, analyse, read_fills
from ..desk.tca.table import read_csv
from ..errors import InputError
from ..export.text import neutral
from ..files import Written, write_together
from ..market.profile import read_profile
from ..report.post_trade import NEXT_PROFILE, post_trade_report
from ..report.renderings import USUAL, Rendering, render
from ..workbook.book import Book, CellValue
from ..workbook.fields import TBL_RUN_LOG
from ..workbook.fields.intraday import TBL_FILLS
from ..workbook.fields.tca import (
    FILL_COLUMNS,
    TBL_TCA_GROUPS,
    TBL_TCA_ORDERS,
    TBL_TCA_PARTS,
    TBL_TCA_RESULTS,
    TCA_ORDER_COLUMNS,
)
from ..workbook.renamed import notes_on_columns, refuse_renamed
from ..workbook.tca_outputs import group_columns, part_columns, result_columns
from ..workbook.tca_sheet import raw_table, tca_fingerprint
from .post_trade import is_post_trade
from .progress import Progress, silent
from .run_log import RunEntry, append_run

STEM = "post_trade"

OPTIONAL_RESULTS = (TBL_TCA_PARTS, TBL_TCA_GROUPS, TBL_RUN_LOG)
"""The tables that an analysis writes besides that of its orders, where they are there."""


def analyse_files(
    fills: Path,
    orders: Path | None = None,
    market: Sequence[Path] = (),
    *,
    by: Sequence[str] | None = None,
    profile: Path | None = None,
    timezone: str | None = None,
    drop_repeats: bool = False,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse fills in a CSV file.

    Parameters
    ----------
    fills, orders
        Headed CSV files.
    market
        Books, prints or bars of the days, for what the fills and orders don't say themselves.
    by
        What to group by; None: all that the fills allow.
    profile
        Day profile that the orders were planned with, to be compared and refined.
    timezone
        Zone to show times in, and that of times without one; with market data it is the market's.
    drop_repeats
        Leave out fills that repeat others.

    Raises
    ------
    InputError, WorkbookError
        A file can't be read, or something in it can't be right; with file and row.
    """
    from ..desk.tca.benchmarks import with_market
    from ..market.readers import open_market_data
    from ..market.readers.timing import SessionHours
    from ..market.session import zone

    say = progress or silent
    say("reading")
    sources = open_market_data(list(market), hours=SessionHours(timezone=timezone)) if market else []
    name = timezone or (sources[0].session.timezone if sources else None)
    read = read_fills(
        read_csv(fills),
        None if orders is None else read_csv(orders),
        None if name is None else zone(name),
        drop_repeats=drop_repeats,
    )
    prior = None if profile is None else read_profile(profile)
    found, filled, notes = read.orders, read.fills, read.notes
    if sources:
        say("comparing with the market")
        found, filled, more = with_market(found, filled, sources, label=fills.name)
        notes += more
    say("analysing")
    return analyse(found, filled, by=by, profile=prior, notes=notes)


def write_analysis(
    analysis: Analysis,
    folder: Path,
    source: str,
    renderings: Sequence[Rendering] = USUAL,
    *,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> tuple[Written, ...]:
    """Write parts, orders and groups as CSV, the page, and with a profile the next day's; all files or none.

    Raises
    ------
    WorkbookError
        A file can't be written.
    """
    (progress or silent)("drawing")
    moment = (now or dt.datetime.now()).replace(microsecond=0)
    contents = {
        f"{STEM}_parts.csv": _csv(part_columns(analysis)),
        f"{STEM}_orders.csv": _csv(result_columns(analysis)),
        f"{STEM}_groups.csv": _csv(group_columns(analysis.groups)),
    }
    if analysis.refined is not None:
        contents[NEXT_PROFILE] = analysis.refined.profile.to_csv().encode()
    contents |= render(post_trade_report(analysis, source, moment), STEM, renderings)
    return write_together(folder, contents)


def analyse_book(
    book: Book,
    *,
    by: Sequence[str] | None = None,
    drop_repeats: bool = False,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse the fills and orders in a workbook (tblFills, tblTcaOrders) and write the results into it.

    Raises
    ------
    InputError, WorkbookError
        With the cell; the book is left with writes that must not be saved.
    """
    fills, orders = raw_table(book, TBL_FILLS), raw_table(book, TBL_TCA_ORDERS)
    if fills is None:
        raise InputError(f"has no table {TBL_FILLS}: add one with the fills", where=book.label)
    if orders is None:
        refuse_renamed(book, (TBL_TCA_ORDERS,), "its orders would go unread")
    (progress or silent)("analysing")
    read = read_fills(fills, orders if orders is not None and len(orders) else None, drop_repeats=drop_repeats)
    lost = notes_on_columns(book, (TBL_TCA_RESULTS, *OPTIONAL_RESULTS))
    analysis = analyse(read.orders, read.fills, by=by, notes=(*read.notes, *lost))
    _write_results(book, analysis, now or dt.datetime.now())
    return analysis


def analyse_into(book: Book, analysis: Analysis, *, now: dt.datetime | None = None) -> None:
    """Put an analysis and the fills and orders that it is of into a workbook.

    Raises
    ------
    InputError, WorkbookError
        The workbook lacks a table; it is left with writes that must not be saved.
    """
    _write_inputs(book, analysis)
    _write_results(book, analysis, now or dt.datetime.now())


def total_cost(analysis: Analysis) -> float | None:
    """Shortfall of all orders in currency; None where there are several currencies."""
    totals = analysis.totals
    return totals[0].shortfall / 100 if len(totals) == 1 else None


def _write_inputs(book: Book, analysis: Analysis) -> None:
    from ..workbook.tca_inputs import fill_inputs, order_inputs

    for name, columns, registry in (
        (TBL_FILLS, fill_inputs(analysis), FILL_COLUMNS),
        (TBL_TCA_ORDERS, order_inputs(analysis), TCA_ORDER_COLUMNS),
    ):
        given = {column.header: columns[column.header] for column in registry}
        if not book.write_table(name, given):
            raise InputError(f"has no table {name}: start from tradealloc new post_trade", where=book.label)


def _write_results(book: Book, analysis: Analysis, now: dt.datetime) -> None:
    refuse_renamed(book, OPTIONAL_RESULTS)
    if not book.write_table(TBL_TCA_RESULTS, result_columns(analysis)):
        raise InputError(f"has no table {TBL_TCA_RESULTS} to hold the results: add one", where=book.label)
    book.write_table(TBL_TCA_PARTS, part_columns(analysis))
    book.write_table(TBL_TCA_GROUPS, group_columns(analysis.groups))
    if is_post_trade(book):  # elsewhere these names are the schedule's
        book.write_cell("ta_total_cost", total_cost(analysis), keep_formula=True)
        book.write_cell("ta_fingerprint", tca_fingerprint(book))
        book.write_cell("ta_run_at", now.isoformat(sep=" ", timespec="seconds"), keep_formula=True)
    append_run(book, _entry(analysis, now))


def _entry(analysis: Analysis, now: dt.datetime) -> RunEntry:
    totals = analysis.totals
    alone = totals[0] if len(totals) == 1 else None
    return RunEntry(
        run_at=now,
        command="tca",
        method="shortfall",
        orders=len(analysis.orders),
        shares=float(analysis.decomposition.filled.sum()),
        total_impact=None,
        total_impact_bps=None if alone is None else alone.shortfall_bps,
        total_cost=total_cost(analysis),
        improvement=None,
        kkt_residual=None,
        duality_gap=None,
        result="OK",
    )


def _csv(columns: Mapping[str, Sequence[CellValue]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [neutral(value) if isinstance(value, str) else value for value in row]
        for row in zip(*columns.values(), strict=True)
    )
    return text.getvalue().encode()
