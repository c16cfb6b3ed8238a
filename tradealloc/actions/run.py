"""Optimise: what a workbook is, it says itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ..workbook.book import Book
from .blotter import BlotterResult, is_blotter, optimise_blotter
from .order import RunResult
from .order import optimise as optimise_order
from .overrides import Overrides
from .post_trade import is_post_trade, refuse_overrides
from .progress import Progress

if TYPE_CHECKING:
    from ..desk.tca import Analysis


def optimise(
    book: Book, overrides: Overrides | None = None, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> RunResult | BlotterResult | Analysis:
    """Solve what is in the workbook, one order (`optimise_order`) or a blotter (`optimise_blotter`), and write it.

    A workbook of fills is analysed instead (`analyse_book`).

    Raises
    ------
    InputError, InfeasibleError, SolverError, WorkbookError
        The book is left with writes that must not be saved.
    """
    if is_post_trade(book):
        from .tca import analyse_book

        refuse_overrides(overrides or Overrides())
        return analyse_book(book, now=now, progress=progress)
    verb = optimise_blotter if is_blotter(book) else optimise_order
    return verb(book, overrides, now=now, progress=progress)
