"""What tradealloc writes into the template's file, judged by the template's own formulas in a real spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tradealloc import actions
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book
from .conftest import OpenBook
from .office import Office

NOW = dt.datetime(2025, 3, 3, 9, 15)
Columns = dict[str, Sequence[CellValue]]


def fill(path: Path, scalars: dict[str, CellValue], columns: Columns) -> XlsxBook:
    """The template with other inputs."""
    book = XlsxBook.open(path)
    for name, value in scalars.items():
        assert book.write_cell("ta_" + name, value)
    if columns:
        book.write_table("tblIntervals", columns)
    return book


def intervals(rows: int, **columns: Sequence[CellValue]) -> Columns:
    rng = np.random.default_rng(rows)
    start = [dt.time(9 + (30 + t) // 60, (30 + t) % 60) for t in range(rows)]  # a minute each, from 09:30
    beta = list(np.exp(rng.normal(np.log(8e-5), 0.4, rows)))
    return {"Interval": list(range(1, rows + 1)), "Start": start, "Beta": beta, **columns}


def volumes(rows: int) -> list[float]:
    return [float(v) for v in np.random.default_rng(5).integers(2_000, 9_000, rows)]


CASES: dict[str, tuple[dict[str, CellValue], Columns]] = {
    "as it comes": ({}, {}),
    "one interval": ({}, intervals(1)),
    "500 intervals": ({"window_start": dt.time(9, 0)}, intervals(500)),
    "power": ({"model": "power", "exponent": 0.5, "reference_shares": 256.0}, {}),
    "linear programme": ({"model": "power", "exponent": 0.0}, intervals(60, MaxShares=[3_000.0] * 60)),
    "quadratic": (
        {"model": "quadratic", "reference_shares": 100.0},
        intervals(90, Gamma=[1e-8] * 90, HalfSpread=[0.005] * 90),
    ),
    "participation": ({"participation": 0.1}, intervals(300, Volume=[0.0, *volumes(299)])),
    "window and caps": (
        {"window_start": dt.time(9, 45), "window_end": dt.time(12, 0), "impact_cap": 0.09, "impact_unit": "price"},
        intervals(200, MaxShares=[None, 1_500.0] * 100, HalfSpread=[0.01] * 200),
    ),
    "bps": ({"impact_unit": "bps", "arrival_price": 40.0, "side": "sell"}, {}),
    "no arrival price": ({"impact_unit": "fraction", "arrival_price": None}, {}),
    "no room": ({"shares": 6_000.0}, intervals(60, MaxShares=[100.0] * 60)),
    "lots": ({"lot_size": 100.0, "shares": 100_050.0}, {}),
    "minimum clip": ({"min_clip": 2_000.0, "shares": 20_000.0}, intervals(20)),
    "slsqp": ({"method": "slsqp"}, intervals(40)),
    "cvxpy": ({"method": "cvxpy"}, intervals(78, MaxShares=[1_500.0] * 78)),
}


@pytest.mark.parametrize("name", CASES)
def test_sheet_formulas_confirm_the_run(open_book: OpenBook, template: Path, name: str) -> None:
    book = fill(template, *CASES[name])
    result = actions.optimise(book, now=NOW)
    book.save()
    opened = open_book(template)
    assert opened.error_cells() == []
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("OK", "OK"), failures(opened)
    assert opened.get("ta_total_impact") == pytest.approx(result.schedule.total_impact, rel=1e-15)
    assert len(opened.get_column("tblSchedule", "Allocation")) == result.schedule.problem.intervals


def test_rows_left_blank_at_the_end_dont_count(open_book: OpenBook, template: Path) -> None:
    short = intervals(78)
    padded = {header: [*values, *([None] * 312)] for header, values in short.items()}
    book = fill(template, {"participation": 0.5}, padded | {"Volume": [*volumes(78), *([None] * 312)]})
    actions.optimise(book, now=NOW)
    book.save()
    opened = open_book(template)
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("OK", "OK"), failures(opened)


def test_another_order_size_in_the_file_is_stale(open_book: OpenBook, template: Path) -> None:
    book = fill(template, {}, {})
    actions.optimise(book, now=NOW)
    assert book.write_cell("ta_shares", 99_999.0)
    book.save()
    opened = open_book(template)
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("STALE", "CHECK")


def test_a_default_profile_shows_the_run_and_not_old_values(template: Path, tmp_path: Path, office: Office) -> None:
    """LibreOffice as installed trusts stored values; the template's formulas must be right all the same."""
    book = fill(template, *CASES["participation"])
    actions.optimise(book, now=NOW)
    book.save()
    as_installed = Office(tmp_path / "default", settings=())
    try:
        opened = Book(as_installed, template)
        shown = {sheet.Name: opened.texts(sheet.Name) for sheet in opened.sheets}
        opened.close()
    finally:
        as_installed.stop()
    recalculated = Book(office, template)
    try:
        for name, rows in shown.items():
            assert rows == recalculated.texts(name), name
    finally:
        recalculated.close()


def failures(book: Book) -> list[list[str]]:
    return [row[2:] for row in book.texts("Checks") if row[-1] == "FAIL"]


def test_blank_order_sizes_do_not_make_a_run_stale(open_book: OpenBook, template: Path) -> None:
    book = XlsxBook.open(template)
    book.write_table("tblSensitivity", {"TotalShares": [50_000.0, None, 100_000.0]})
    actions.optimise(book, now=NOW)
    book.save()
    opened = open_book(template)
    assert opened.get("ta_status") == "OK"
    assert opened.get_column("tblSensitivity", "TotalShares") == [50_000.0, 100_000.0]
