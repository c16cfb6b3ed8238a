"""What each version of the contract changed, and how a workbook of an older one is brought up to the present."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InputError
from .book import Book
from .fields import BY_KEY, TBL_RUN_LOG

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


def _has_run_log(book: Book) -> bool:
    return book.table(TBL_RUN_LOG) is not None


def _add_run_log(book: XlsxBook) -> None:
    from ..templates import template_path

    book.graft(template_path("daily_schedule"), ["Run log"])


STEPS: tuple[Step, ...] = (Step(1, "the run log added", _has_run_log, _add_run_log),)
"""In order; the last one leads to the present version."""
