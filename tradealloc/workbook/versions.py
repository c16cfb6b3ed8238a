"""What each version of the contract changed, and how a workbook of an older one is brought up to the present."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InputError
from .book import Book
from .fields import BY_KEY, TBL_RUN_LOG, TBL_SCHEDULE
from .fields.intraday import TBL_PROGRESS

if TYPE_CHECKING:
    from .xlsx_book import XlsxBook


@dataclass(frozen=True)
class Step:
    """From one version to the next.

    Attributes
    ----------
    version
        The older version.
    what
        What the step does, as the trader reads it ("the run log added").
    is_done
        Whether the workbook has already what the step adds.
    carry_out
        Does it; the version number isn't its concern.
    is_readable
        Whether a workbook of the older version runs as it is.
    """

    version: int
    what: str
    is_done: Callable[[Book], bool]
    carry_out: Callable[[XlsxBook], None]
    is_readable: bool = True


def refuse_unreadable(version: float, where: str, label: str) -> None:
    """InputError with the command that upgrades the workbook, where a version is too old to be run as it is."""
    for step in STEPS:
        if version <= step.version and not step.is_readable:
            raise InputError(
                f"says contract version {version:g}, which is too old to run: tradealloc upgrade {label} "
                "brings the workbook up to date",
                where=where,
            )


def notes_on_version(book: Book) -> tuple[str, ...]:
    """What the trader should know of a workbook that states an older version and lacks what came since."""
    stated = book.cell(BY_KEY["contract_version"].name)
    if stated is None or not isinstance(stated.value, float | int):
        return ()
    missing = [step.what for step in STEPS if stated.value <= step.version and not step.is_done(book)]
    if not missing:
        return ()
    return (
        f"contract version {stated.value:g}; tradealloc upgrade {book.label} makes it current: {', '.join(missing)}",
    )


def _missing_sheets(book: Book) -> list[str]:
    """The sheets of the template that came with version 2; Intraday only beside a schedule."""
    due = {"Run log": TBL_RUN_LOG, **({} if book.table(TBL_SCHEDULE) is None else {"Intraday": TBL_PROGRESS})}
    return [sheet for sheet, table in due.items() if book.table(table) is None]


def _has_sheets(book: Book) -> bool:
    return not _missing_sheets(book)


def _add_sheets(book: XlsxBook) -> None:
    from ..templates import template_path

    book.graft(template_path("daily_schedule"), _missing_sheets(book))


STEPS: tuple[Step, ...] = (Step(1, "the run log and the Intraday sheet added", _has_sheets, _add_sheets),)
"""In order; the last one leads to the present version."""
