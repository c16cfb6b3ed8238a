"""Bringing a workbook of an older contract version up to the present one, with everything in it kept."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, TradeallocError
from ..workbook import versions
from ..workbook.book import Book
from ..workbook.fields import BY_KEY, CONTRACT_VERSION, TABLES, TBL_INTERVALS
from ..workbook.fingerprint import TOLERANCE
from ..workbook.inputs import OrderSheet
from ..workbook.parsing import parse_cell
from ..workbook.versions import Step
from ..workbook.xlsx_book import XlsxBook

_VERSION, _FINGERPRINT = BY_KEY["contract_version"], BY_KEY["fingerprint"]


@dataclass(frozen=True)
class Upgraded:
    """What was done.

    Attributes
    ----------
    version
        The version the workbook had.
    steps
        The steps carried out; none where the workbook is of the present version.
    """

    version: int
    steps: tuple[Step, ...]

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.steps) or self.version < CONTRACT_VERSION


def upgrade(book: XlsxBook) -> Upgraded:
    """Carry out every step from the workbook's version to the present one; the book is not saved here.

    A workbook that states no version counts as present, but gets what it lacks. Fresh results stay fresh: the stored
    fingerprint, in which the version counts, is brought along.

    Raises
    ------
    InputError
        The workbook has none of the contract's names and tables, or is of a newer version than this tradealloc.
    WorkbookError
        A step would collide with something of the user's.
    """
    stated = book.cell(_VERSION.name)
    found = None if stated is None else parse_cell(_VERSION, stated)
    _refuse_foreign(book)
    version = int(found) if isinstance(found, float) else CONTRACT_VERSION
    if version > CONTRACT_VERSION:
        raise InputError(
            f"says contract version {version}, and this tradealloc knows {CONTRACT_VERSION}: update tradealloc",
            where=_VERSION.name if stated is None else f"{stated.where} ({_VERSION.name})",
        )
    due = [step for step in versions.STEPS if version <= step.version or found is None]
    steps = tuple(step for step in due if not step.is_done(book))
    for step in steps:
        step.carry_out(book)
    if version < CONTRACT_VERSION:
        _raise_version(book)
    return Upgraded(version, steps)


def _refuse_foreign(book: Book) -> None:
    if book.cell(BY_KEY["shares"].name) is None and all(book.table(name) is None for name in TABLES):
        raise InputError("has no names of tradealloc: make it run with  tradealloc adopt", where=book.label)


def _raise_version(book: XlsxBook) -> None:
    was_fresh = _is_fresh(book)
    book.write_cell(_VERSION.name, CONTRACT_VERSION)
    if was_fresh:
        book.write_cell(_FINGERPRINT.name, OrderSheet.read(book).fingerprint)


def _is_fresh(book: XlsxBook) -> bool:
    """Whether the workbook holds results of its present inputs."""
    stored = book.cell(_FINGERPRINT.name)
    if stored is None or not isinstance(stored.value, int | float) or book.table(TBL_INTERVALS) is None:
        return False
    try:
        present = OrderSheet.read(book).fingerprint
    except TradeallocError:
        return False
    return abs(stored.value - present) <= TOLERANCE * abs(present)
