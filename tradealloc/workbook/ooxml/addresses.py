"""Cell addresses in A1 notation, and the references inside formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_PLAIN_SHEET = re.compile(r"[^\W\d][\w.]*")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*(?:[Cc][0-9]*)?|[Cc][0-9]*")
_ADDRESS = re.compile(r"=?(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!(?P<area>[^!]+)")

# Texts, table references and names are matched first, so that nothing inside them is taken for an address.
_FORMULA_PIECE = re.compile(
    r"""
      "(?:[^"]|"")*"
    | (?P<sheet>'(?:[^']|'')+'! | (?:\[[^\]]*\])?[^\W\d][\w.]*(?::[\w.]+)?!)?
      (?<![\w.$:?\\])
      (?P<first>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6})
      (?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}))?
      (?![\w.(!\[?\\:])
    | '(?:[^']|'')*'!
    | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]
    | [\w.\\?$]+
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells; rows and columns count from 1, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first = cell_name(self.top, self.left)
        return first if self.is_cell else f"{first}:{cell_name(self.bottom, self.right)}"

    @property
    def is_cell(self) -> bool:
        return self.top == self.bottom and self.left == self.right

    @property
    def spelled_out(self) -> str:
        """As a range even where it is one cell, so that it stays a range."""
        return f"{cell_name(self.top, self.left)}:{cell_name(self.bottom, self.right)}"

    @property
    def cells(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def overlaps(self, other: Area) -> bool:
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


@cache
def column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"


def parse_cell(text: str) -> tuple[int, int]:
    """Row and column of ``C5`` or ``$C$5``; ValueError for anything else."""
    match = _CELL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no cell address")
    row, column = int(match[2]), column_number(match[1])
    if row > MAX_ROW or column > MAX_COLUMN:
        raise ValueError(f"{text!r} lies outside a worksheet")
    return row, column


def parse_area(text: str) -> Area:
    """The rectangle of ``C5`` or ``$C$5:$D$9``; ValueError for anything else."""
    first, colon, last = text.partition(":")
    top, left = parse_cell(first)
    bottom, right = parse_cell(last) if colon else (top, left)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def runs(columns: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring columns, as (first, last)."""
    found: list[tuple[int, int]] = []
    for column in sorted(columns):
        if found and found[-1][1] == column - 1:
            found[-1] = (found[-1][0], column)
        else:
            found.append((column, column))
    return found


def split_address(text: str) -> tuple[str, str] | None:
    """Sheet and area of ``'My sheet'!C5:C9``; None where there is no sheet."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        return None
    return (match["quoted"] or match["plain"]).replace("''", "'"), match["area"].strip()


def quote_sheet(name: str) -> str:
    """A sheet's name as Excel writes it in front of ``!``."""
    if _PLAIN_SHEET.fullmatch(name) and not _LIKE_A_CELL.fullmatch(name):
        return name
    escaped = name.replace("'", "''")
    return f"'{escaped}'"


def place(sheet: str, area: Area | str) -> str:
    """Where the user finds it: ``Inputs!C5``."""
    return f"{quote_sheet(sheet)}!{area}"


@dataclass(frozen=True, slots=True)
class Reference:
    """An address inside a formula; `sheet` is empty where the formula names none."""

    sheet: str
    area: Area
    is_range: bool


def _reference(match: re.Match[str]) -> Reference | None:
    if match["first"] is None:
        return None
    sheet = (match["sheet"] or "")[:-1]
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    # Other workbooks ("[1]Sheet") and blocks of sheets ("Jan:Mar") are never ours to change.
    if "[" in sheet or ":" in sheet:
        return None
    last = match["last"]
    try:
        area = parse_area(match["first"] + (f":{last}" if last else ""))
    except ValueError:
        return None
    return Reference(sheet, area, last is not None)


def references(formula: str) -> Iterator[Reference]:
    """The addresses in a formula, from left to right."""
    for match in _FORMULA_PIECE.finditer(formula):
        reference = _reference(match)
        if reference is not None:
            yield reference


def _with_dollars_of(text: str, row: int, column: int) -> str:
    column_mark = "$" if text.startswith("$") else ""
    row_mark = "$" if "$" in text[1:] else ""
    return f"{column_mark}{column_letters(column)}{row_mark}{row}"


def rewrite(formula: str, change: Callable[[Reference], Area | None]) -> str:
    """The formula with each address that `change` gives a new area for; all else stays as written."""

    def replace(match: re.Match[str]) -> str:
        reference = _reference(match)
        area = None if reference is None else change(reference)
        if reference is None or area is None:
            return match[0]
        first = _with_dollars_of(match["first"], area.top, area.left)
        if not reference.is_range and area.is_cell:
            return (match["sheet"] or "") + first
        last = _with_dollars_of(match["last"] or match["first"], area.bottom, area.right)
        return f"{match['sheet'] or ''}{first}:{last}"

    return _FORMULA_PIECE.sub(replace, formula)
