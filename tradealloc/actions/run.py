"""Optimise: what a workbook is, it says itself."""

from __future__ import annotations

import datetime as dt

from ..workbook.book import Book
from .blotter import BlotterResult, is_blotter, optimise_blotter
from .order import RunResult
from .order import optimise as optimise_order
from .overrides import Overrides
from .progress import Progress


def optimise(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult | BlotterResult:
    """Solve what is in the workbook, one order (`optimise_order`) or a blotter (`optimise_blotter`), and write it.

    Raises
    ------
    InputError, InfeasibleError, SolverError, WorkbookError
        The book is left with writes that must not be saved.
    """
    verb = optimise_blotter if is_blotter(book) else optimise_order
    return verb(book, overrides, now=now, progress=progress)
