"""The stored schedule for an order-management system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..errors import InputError
from ..export import ChildOrder, csv_bytes, fix_bytes, json_bytes, parquet_bytes
from ..export.blotter import stored_orders
from ..export.fix_csv import find_zone
from ..export.order import stored_order
from ..files import refuse_inputs, write_files
from ..workbook.book import Book
from .blotter import is_blotter
from .post_trade import refuse_post_trade


class Format(StrEnum):
    """What an export is written as; the value is the command line's option."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"
    FIX_CSV = "fix-csv"

    @property
    def suffix(self) -> str:
        """How its files end by default."""
        return ".fix.csv" if self is Format.FIX_CSV else f".{self.value}"


@dataclass(frozen=True)
class ExportOptions:
    """How to export.

    Attributes
    ----------
    date
        Date of the first interval.
    timezone
        Name of the zone of the start times.
    order_id
        Id of the order of a workbook with one.
    keep_zero
        Whether intervals that don't trade are rows too; never of FIX orders.
    bom
        Whether CSV begins with a byte-order mark, for Excel.
    """

    date: dt.date | None = None
    timezone: str | None = None
    order_id: str | None = None
    keep_zero: bool = False
    bom: bool = False


@dataclass(frozen=True)
class ExportResult:
    """What was exported.

    Attributes
    ----------
    children
        The rows written.
    files
        The files, by format.
    notes
        What the trader should know.
    """

    children: Sequence[ChildOrder]
    files: Mapping[Format, Path]
    notes: tuple[str, ...] = ()

    @property
    def orders(self) -> int:
        """How many orders have rows."""
        return len({child.order_id for child in self.children})


def export(
    book: Book,
    targets: Mapping[Format, Path],
    options: ExportOptions | None = None,
    *,
    inputs: Sequence[Path] = (),
) -> ExportResult:
    """Write the schedule of a workbook's last run into files; the workbook stays as it is.

    Parameters
    ----------
    book
        A workbook with one order, or a blotter.
    targets
        File by format.
    options
        How.
    inputs
        Files that no target may replace: the workbook's.

    Raises
    ------
    InputError
        The workbook has no run, its inputs changed since, its checks fail, or the format can't carry the schedule.
    WorkbookError
        A file can't be written; then none is.
    """
    given = options or ExportOptions()
    if not targets:
        raise InputError(f"are missing: give --{', --'.join(Format)}, one or several", where="formats")
    refuse_inputs(list(targets.values()), inputs)
    if Format.FIX_CSV in targets:
        _check_fix(given)
    children, notes = _children(book, given)
    rows = children if given.keep_zero else [child for child in children if child.shares]
    write_files({path: _content(form, rows, given) for form, path in targets.items()})
    return ExportResult(rows, dict(targets), (*notes, *_weekend(given.date)))


def _children(book: Book, options: ExportOptions) -> tuple[list[ChildOrder], list[str]]:
    refuse_post_trade(book, "export")
    if not is_blotter(book):
        return stored_order(book, options.order_id, options.date), []
    if options.order_id is not None:
        raise InputError("is for a workbook with one order: a blotter has its own ids", where="--order-id")
    return stored_orders(book, options.date)


def _content(form: Format, rows: Sequence[ChildOrder], options: ExportOptions) -> bytes:
    if form is Format.CSV:
        return csv_bytes(rows, bom=options.bom)
    if form is Format.JSON:
        return json_bytes(rows)
    if form is Format.PARQUET:
        return parquet_bytes(rows)
    return fix_bytes(rows, options.timezone or "")


def _check_fix(options: ExportOptions) -> None:
    if options.date is None:
        raise InputError("is missing: FIX times carry a date, such as --date 2025-03-03", where="--date")
    if options.timezone is None:
        raise InputError("is missing: say where the start times hold, --timezone America/New_York", where="--timezone")
    find_zone(options.timezone)


def _weekend(date: dt.date | None) -> tuple[str, ...]:
    return (f"{date} is a {date:%A}",) if date is not None and date.weekday() >= 5 else ()
