"""The fingerprint's formulas, computed by a real spreadsheet, against Python's number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.fields import TBL_INTERVALS

from .calc import Book, Plain
from .conftest import OpenBook

KEYS = [fp.column_key(table, column.header) for table, column in fp.COLUMNS]
TABLES = {table: [column for known, column in fp.COLUMNS if known == table] for table, _ in fp.COLUMNS}
OTHER_ROWS = 5
"""Rows of all tables but the intervals'."""
FIRST_ROW = 5
TEXTS = ("09:30", "linear", "Dual", "ACME AG", "Ünïcode – 価格", "x" * 60, "1e-4", "1,5", "TRUE", " ")


def rows_of(table: str, intervals: int) -> int:
    return intervals if table == TBL_INTERVALS else OTHER_ROWS


def build(path: Path, rows: int) -> Path:
    """A workbook with nothing but blank inputs and the fingerprint's formulas; one sheet a table."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    for row, field in enumerate(fp.SCALARS):
        book.define_name(field.name, f"=S!$A${row + 1}")
        sheet.write_array_formula(row, 1, row, 1, fp.scalar_formula(field))
    for table, columns in TABLES.items():
        headers = [{"header": column.header} for column in columns]
        bottom = FIRST_ROW + rows_of(table, rows)
        book.add_worksheet(table).add_table(FIRST_ROW, 1, bottom, len(headers), {"name": table, "columns": headers})
    for row, (table, column) in enumerate(fp.COLUMNS, start=len(fp.SCALARS)):
        sheet.write_array_formula(row, 1, row, 1, fp.column_formula(table, column))
    book.define_name("live", "=S!$D$1")
    book.define_name("matches", "=S!$D$2")
    book.define_name("ta_fingerprint", "=S!$D$3")
    sheet.write_formula("D1", fp.total_formula(f"B1:B{len(fp.SCALARS) + len(fp.COLUMNS)}"))
    sheet.write_formula("D2", fp.matches_formula("live", "ta_fingerprint"))
    book.close()
    return path


def random_value(rng: np.random.Generator) -> Plain:
    """Numbers of all sizes and signs, zeros, blanks, times and texts."""
    kind = rng.integers(8)
    if kind == 0:
        return None
    if kind == 1:
        return 0.0
    if kind == 2:
        return str(rng.choice(TEXTS))
    if kind == 3:
        return float(rng.integers(0, 1440)) / 1440
    return float(np.exp(rng.uniform(np.log(1e-12), np.log(1e3))) * rng.choice([1, 1, 1, -1, 1e6]))


def random_column(rng: np.random.Generator, rows: int) -> list[Plain]:
    return [None] * rows if rng.random() < 0.2 else [random_value(rng) for _ in range(rows)]


def fill(book: Book, scalars: dict[str, Plain], columns: dict[str, list[Plain]]) -> None:
    for name, value in scalars.items():
        book.set(name, value)
    for (table, column), values in zip(fp.COLUMNS, columns.values(), strict=True):
        book.set_column(table, column.header, values)
    book.recalculate()


@pytest.mark.parametrize("rows", [1, 78, 390])
def test_live_formulas_give_pythons_number(open_book: OpenBook, tmp_path: Path, rows: int) -> None:
    rng = np.random.default_rng(rows)
    book = open_book(build(tmp_path / "f.xlsx", rows))
    for _ in range(12 if rows == 1 else 4):
        scalars = {field.name: random_value(rng) for field in fp.SCALARS}
        columns = {
            fp.column_key(table, column.header): random_column(rng, rows_of(table, rows))
            for table, column in fp.COLUMNS
        }
        fill(book, scalars, columns)
        expected = fp.fingerprint(scalars, columns)
        live = book.get("live")
        assert isinstance(live, float)
        assert live == pytest.approx(expected, rel=2e-14, abs=0)
        book.set("ta_fingerprint", expected)
        assert book.get("matches") == 1
        book.set("ta_fingerprint", expected * (1 + 3e-12))
        assert book.get("matches") == 0


@pytest.mark.parametrize("stored", [None, "n/a"])
def test_no_stored_number_never_matches(open_book: OpenBook, tmp_path: Path, stored: Plain) -> None:
    book = open_book(build(tmp_path / "f.xlsx", 3))
    book.set("ta_fingerprint", stored)
    book.recalculate()
    assert book.get("matches") == 0
    assert book.error_cells() == []


def test_a_tiny_change_of_one_cell_shows_in_a_full_day(open_book: OpenBook, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    book = open_book(build(tmp_path / "f.xlsx", 390))
    columns: dict[str, list[Plain]] = {
        fp.column_key(table, column.header): list(rng.uniform(1, 2, rows_of(table, 390)))
        for table, column in fp.COLUMNS
    }
    fill(book, {}, columns)
    book.set("ta_fingerprint", fp.fingerprint({}, columns))
    assert book.get("matches") == 1
    for key in KEYS:
        table, header = key.rstrip("]").split("[")
        value = columns[key][0]
        assert isinstance(value, float)
        book.set_item(table, header, 0, value * (1 + 1e-8))
        book.recalculate()
        assert book.get("matches") == 0, key
        book.set_item(table, header, 0, value)
        book.recalculate()
        assert book.get("matches") == 1, key


def test_error_values_and_formulas_count(open_book: OpenBook, tmp_path: Path) -> None:
    book = open_book(build(tmp_path / "f.xlsx", 2))
    book.cell("ta_shares").Formula = "=50000*2"
    book.cell("ta_arrival_price").Formula = "=1/0"
    book.cell("ta_symbol").Formula = '=""'
    book.recalculate()
    error = fp.CellError("#DIV/0!")
    expected = fp.fingerprint({"ta_shares": 100_000, "ta_arrival_price": error}, {})
    assert book.get("live") == pytest.approx(expected, rel=1e-14)
    assert expected != fp.fingerprint({"ta_shares": 100_000}, {})
