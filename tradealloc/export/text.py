"""Text that a spreadsheet would take for a formula, made harmless in CSV and read back as it was."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*(?:[\t\r\n]|[\s\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")


def neutral(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would read a formula.

    These are texts that begin with = + - @ (full-width ones too, behind spaces and invisible marks too), a tab or a
    line break. Plain numbers such as -30 stay. Apostrophes in front of such a text are counted, so that `original`
    undoes it for every text.
    """
    return f"'{text}" if _is_risky(text) else text


def original(text: str) -> str:
    """The inverse of `neutral`."""
    return text[1:] if text.startswith("'") and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
