"""Parts of a workbook that lost their name: a run doesn't find them, and they keep an earlier run's figures."""

from __future__ import annotations

from collections.abc import Iterable

from tradealloc.errors import InputError

from .book import Book, header_key
from .fields import TABLES

FEW = 3
"""Fewer headers than this say little of a table: then its name must begin as ours does, too."""

LIVE_FINGERPRINT = "ta_fingerprint_live"
"""The templates' name of the fingerprint that sheet formulas recompute."""

KEEPS_FIGURES = "the run would leave an earlier run's figures in it"
"""Why an output table must have its name."""


def refuse_renamed(book: Book, names: Iterable[str], because: str = KEEPS_FIGURES) -> None:
    """Raise where the workbook lacks one of our tables but has its columns under another name.

    Parameters
    ----------
    book
        The workbook.
    names
        Tables that the run reads or writes where they are there.
    because
        What would go wrong.

    Raises
    ------
    InputError
        Placed at the table that was renamed.
    """
    there = book.tables()
    taken = {name.casefold() for name in there}
    known = {name.casefold() for name in TABLES}
    strangers = {name: set(map(header_key, headers)) for name, headers in there.items() if name.casefold() not in known}
    for name in names:
        if name.casefold() in taken:
            continue
        for stranger, headers in strangers.items():
            if _is_meant(name, stranger, headers):
                table = book.table(stranger)
                assert table is not None
                raise InputError(
                    f"is called {stranger} and has the columns of {name}, so {because}: "
                    f"name it {name} (Table Design, Table Name), or delete it",
                    where=table.where,
                )


def notes_on_columns(book: Book, names: Iterable[str]) -> tuple[str, ...]:
    """A note for each output table that lacks a column of ours and holds figures in one that isn't ours.

    Parameters
    ----------
    book
        The workbook.
    names
        Tables that the run writes where they are there.
    """
    there = {name.casefold(): (name, headers) for name, headers in book.tables().items()}
    notes = []
    for name in names:
        spelt, headers = there.get(name.casefold(), (name, ()))
        ours = {header_key(column.header): column.header for column in TABLES[name]}
        present = {header_key(header) for header in headers}
        lost = [header for key, header in ours.items() if key not in present]
        if not headers or not lost or present <= ours.keys():
            continue
        table = book.table(spelt)
        assert table is not None
        strangers = [
            header
            for header, cells in table.columns.items()
            if header_key(header) not in ours and any(not cell.is_blank and not cell.is_formula for cell in cells)
        ]
        if strangers:
            notes.append(
                f"{name} has no column {' or '.join(lost)}, which isn't shown; what stands in its column "
                f"{' and '.join(strangers)} isn't of this run"
            )
    return tuple(notes)


def notes_on_checks(book: Book) -> tuple[str, ...]:
    """A note where the cells that watch for changed inputs were deleted: the status can't say STALE without them."""
    try:
        book.cell(LIVE_FINGERPRINT)
    except InputError:
        return (
            f"the sheet with {LIVE_FINGERPRINT} (Checks) is gone: the workbook can't show stale results or check "
            "figures any more; a new workbook of the template can",
        )
    return ()


def _is_meant(name: str, stranger: str, headers: set[str]) -> bool:
    ours = {header_key(column.header) for column in TABLES[name]}
    return ours <= headers and (len(ours) >= FEW or stranger.casefold().startswith(name.casefold()))
