"""Which workbooks are for the analysis after the day, and which verbs they don't take."""

from __future__ import annotations

from ..errors import InputError
from ..workbook.book import Book
from ..workbook.fields import TBL_INTERVALS
from ..workbook.fields.blotter import TBL_ORDERS
from ..workbook.fields.intraday import TBL_FILLS
from ..workbook.fields.tca import TBL_TCA_ORDERS, TBL_TCA_RESULTS
from .overrides import Overrides


def is_post_trade(book: Book) -> bool:
    """Whether the workbook is made for fills to be analysed, and holds no order to be scheduled.

    One that has lost its fills, or the table for the results, still is: the analysis says which is missing.
    """
    is_meant = any(book.table(name) is not None for name in (TBL_TCA_RESULTS, TBL_TCA_ORDERS))
    return is_meant and book.table(TBL_INTERVALS) is None and book.table(TBL_ORDERS) is None


def refuse_post_trade(book: Book, verb: str) -> None:
    """Raise where a verb for orders yet to be traded meets a workbook of what was traded."""
    if is_post_trade(book):
        raise InputError(
            f"holds fills to be analysed ({TBL_FILLS}): {verb} takes a workbook with orders to schedule",
            where=book.label,
        )


def refuse_overrides(overrides: Overrides) -> None:
    """Raise where settings of an order are given for a workbook of what was traded."""
    for _, where in overrides.settings.values():
        raise InputError("goes with an order to schedule, not with fills: leave it out", where=where)
    if overrides.betas is not None:
        raise InputError("goes with an order to schedule, not with fills: leave it out", where="--beta")
