"""Inputs given beside the workbook: they are written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..workbook.book import Book, Cell
from ..workbook.fields import BY_KEY, INTERVAL_COLUMNS, TBL_INTERVALS
from ..workbook.inputs import OrderSheet
from ..workbook.interval_file import read_intervals, replaced_columns
from ..workbook.parsing import find_input, parse_cell, parse_text


@dataclass(frozen=True)
class Overrides:
    """Inputs given beside the workbook; they are written into it, so that its results belong to what it shows.

    Attributes
    ----------
    settings
        Text by field key, with the way it was given: ``{"participation": ("0.1", "--set participation")}``.
    betas
        CSV file of intervals.
    sizes
        Order sizes for the sensitivity table.
    """

    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    betas: Path | None = None
    sizes: Sequence[float] | None = None


def apply_overrides(book: Book, sheet: OrderSheet, overrides: Overrides) -> tuple[OrderSheet, list[str]]:
    notes = []
    given = dict(parsed_settings(overrides.settings))
    for key, cell in given.items():
        present = sheet.cells.get(key)
        if present is None:
            notes.append(f"the workbook has no name {BY_KEY[key].name}: {cell.where} counts for this run only")
        elif present.is_formula:
            raise InputError(
                f"holds a formula, which {cell.where} would overwrite: type a value there or leave the option out",
                where=present.where,
            )
        else:
            book.write_cell(BY_KEY[key].name, cell.value)
    sheet = sheet.with_cells(given)
    if overrides.betas is not None:
        read = read_intervals(overrides.betas)
        columns = replaced_columns(sheet, read, overrides.betas.name)
        notes += _missing_columns(book, columns, overrides.betas.name)
        resized = len(columns["beta"]) != len(sheet.columns["beta"])
        written = columns if resized else read  # what the file lacks isn't touched, so it may hold formulas
        headers = {column.key: column.header for column in INTERVAL_COLUMNS}
        book.write_table(TBL_INTERVALS, {headers[key]: [c.value for c in cells] for key, cells in written.items()})
        sheet = sheet.with_columns(columns)
    if overrides.sizes is not None:
        sheet = sheet.with_sizes([Cell(float(size), "--sizes") for size in overrides.sizes])
    return sheet, notes


def _missing_columns(book: Book, columns: Mapping[str, tuple[Cell, ...]], source: str) -> list[str]:
    table = book.table(TBL_INTERVALS)
    given = [column.header for column in INTERVAL_COLUMNS if column.key in columns]
    absent = [header for header in given if table is None or header not in table.columns]
    return [f"{TBL_INTERVALS} has no column {header}: that of {source} counts for this run only" for header in absent]


def parsed_settings(settings: Mapping[str, tuple[str, str]]) -> list[tuple[str, Cell]]:
    cells = []
    for key, (text, where) in settings.items():
        known = find_input(key)
        value = parse_cell(known, Cell(parse_text(known, text, where), where))
        cells.append((known.key, Cell(value, where)))
    return cells
