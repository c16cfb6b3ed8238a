"""Intervals from a CSV file: one column of betas, or a table with the headers of tblIntervals."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from tradealloc.errors import InputError, WorkbookError

from .book import Cell
from .fields import INTERVAL_COLUMNS, TBL_INTERVALS, Column, Kind
from .inputs import OrderSheet
from .parsing import parse_text

Columns = dict[str, tuple[Cell, ...]]

_BY_HEADER: dict[str, Column] = {column.header.casefold(): column for column in INTERVAL_COLUMNS}
LABELS = ("interval", "start")
"""Columns that only name the intervals: renumbered or left blank where a file of another length lacks them."""


def read_intervals(path: Path) -> Columns:
    """Read a file of intervals.

    Returns
    -------
    dict
        Cells by column key, placed as ``betas.csv row 5, column Beta``.

    Raises
    ------
    WorkbookError
        The file can't be read.
    InputError
        It holds no betas, or something that isn't a number.
    """
    rows = _without_blank_ends(_rows(path))
    if not rows:
        raise InputError("is empty: give one beta per interval", where=path.name)
    headers = [_BY_HEADER.get(text.strip().casefold()) for text in rows[0][1]]
    if any(headers):
        rows = rows[1:]
    elif len(headers) == 1 and _is_number(rows[0][1][0]):
        headers = [_BY_HEADER["beta"]]
    else:
        raise InputError(
            f"has no header Beta in its first row ({', '.join(rows[0][1])[:40]}): name the columns as in tblIntervals, "
            "or give one column of betas",
            where=path.name,
        )
    found = [column.key for column in headers if column is not None]
    if "beta" not in found:
        raise InputError("has no column Beta: add it", where=path.name)
    for key in found:
        if found.count(key) > 1:
            raise InputError(f"has the column {key} twice: keep one", where=path.name)
    if not rows:
        raise InputError("has headers but no rows: give one beta per interval", where=path.name)
    return {
        column.key: tuple(
            _cell(
                column,
                row[position] if position < len(row) else "",
                f"{path.name} row {number}, column {column.header}",
            )
            for number, row in rows
        )
        for position, column in enumerate(headers)
        if column is not None
    }


def replaced_columns(sheet: OrderSheet, given: Mapping[str, tuple[Cell, ...]], source: str) -> Columns:
    """The sheet's interval columns with those of a file in their place.

    Columns that the file lacks stay where the number of intervals is the same. Where it differs, Interval is
    renumbered, Start is cleared, and any other column must be blank: its rows would belong to other intervals.
    """
    length = len(given["beta"])
    if length == len(sheet.columns["beta"]):
        return {**{key: tuple(cells) for key, cells in sheet.columns.items()}, **given}
    columns: Columns = {}
    for key, cells in sheet.columns.items():
        if key in given:
            columns[key] = given[key]
        elif key == "interval":
            columns[key] = tuple(Cell(float(number + 1), source) for number in range(length))
        elif key in LABELS or all(cell.is_blank for cell in cells):
            columns[key] = tuple(Cell(None, source) for _ in range(length))
        else:
            filled = next(cell for cell in cells if not cell.is_blank)
            raise InputError(
                f"has {length:,} rows where {TBL_INTERVALS} has {len(cells):,}, and {filled.where} fills a column that "
                "the file lacks: add that column to the file, or clear it in the workbook",
                where=source,
            )
    return {**columns, **given}


def _without_blank_ends(rows: list[list[str]]) -> list[tuple[int, list[str]]]:
    """The rows with their numbers; a blank one in between stays, since the betas after it would move up."""
    filled = [number for number, row in enumerate(rows) if any(text.strip() for text in row)]
    return [(number + 1, rows[number]) for number in range(filled[0], filled[-1] + 1)] if filled else []


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip()), "")
            file.seek(0)
            delimiter = next((mark for mark in ("\t", ";") if mark in first and "," not in first), ",")
            return list(csv.reader(file, delimiter=delimiter))
    except FileNotFoundError:
        raise WorkbookError(f"{path} doesn't exist: check the name of the file of betas") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read as CSV ({error}): save it as CSV UTF-8") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cell(column: Column, text: str, where: str) -> Cell:
    if column.kind is Kind.TEXT and _is_number(text):
        return Cell(float(text), where)
    return Cell(parse_text(column, text, where), where)
