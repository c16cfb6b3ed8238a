"""Formulas on their way into another workbook: sheets that change their name, and the names that are used."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tradealloc.workbook.ooxml.addresses import quote_sheet

_SHEET = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | '(?P<quoted>(?:[^']|'')+)'!
    | (?<![\w.\]:])(?P<plain>[^\W\d][\w.]*)!
    """,
    re.VERBOSE,
)
_WORD = re.compile(
    r"""
      "(?:[^"]|"")*"
    | '(?:[^']|'')+'!
    | \[[^\[\]]*\]
    | (?<![\w.])(?P<word>[^\W\d][\w.\\?]*)(?![\w.(!])
    """,
    re.VERBOSE,
)

SheetNames = Mapping[str, str]
"""New names of sheets by their casefolded old ones."""


def rename_sheets(formula: str, names: SheetNames) -> str:
    """The formula with sheets called by their new names; texts in it stay."""

    def replace(match: re.Match[str]) -> str:
        sheet = match["plain"] if match["quoted"] is None else match["quoted"].replace("''", "'")
        if match["text"] is not None or sheet.casefold() not in names:
            return match[0]
        return f"{quote_sheet(names[sheet.casefold()])}!"

    return _SHEET.sub(replace, formula)


def sheets_of(formula: str) -> set[str]:
    """Casefolded names of the sheets that the formula refers to."""
    return {
        (match["plain"] or match["quoted"].replace("''", "'")).casefold()
        for match in _SHEET.finditer(formula)
        if match["text"] is None
    }


def words_of(formula: str) -> set[str]:
    """Casefolded words in the formula that may be defined names or tables: no functions, texts, sheets, headers."""
    return {match["word"].casefold() for match in _WORD.finditer(formula) if match["word"] is not None}
