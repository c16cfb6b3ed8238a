"""Output tables that lost their name: a run wouldn't find them, and they would keep an earlier run's figures."""

from __future__ import annotations

from collections.abc import Iterable

from tradealloc.errors import InputError

from .book import Book, header_key
from .fields import TABLES

FEW = 3
"""Fewer headers than this say little of a table: then its name must begin as ours does, too."""


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


def _is_meant(name: str, stranger: str, headers: set[str]) -> bool:
    ours = {header_key(column.header) for column in TABLES[name]}
    return ours <= headers and (len(ours) >= FEW or stranger.casefold().startswith(name.casefold()))
