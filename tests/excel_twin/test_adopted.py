"""An adopted and an upgraded workbook in a real spreadsheet: no error, every check OK, STALE when the desk changes."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tradealloc import actions
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book, page_texts
from .conftest import OpenBook
from .office import Office

VERSION_1 = Path(__file__).parents[1] / "command_line" / "files" / "daily_schedule_version_1.xlsx"
NOW = dt.datetime(2025, 3, 3, 9, 15)
ROWS = 30
PLACES = {
    "beta": f"Day!C2:C{1 + ROWS}", "volume": f"Day!D2:D{1 + ROWS}", "half_spread": f"Day!E2:E{1 + ROWS}",
    "start": f"Day!F2:F{1 + ROWS}", "max_shares": f"Day!G2:G{1 + ROWS}", "shares": "Day!B1",
    "participation": "Day!B2", "arrival_price": "Day!B3", "symbol": "Day!B4", "side": "Day!B5", "impact_cap": "Day!B6",
}  # fmt: skip


@pytest.fixture
def adopted(tmp_path: Path) -> Path:
    """A desk's book, adopted and run; some maxima and the impact cap are blank."""
    rng = np.random.default_rng(7)
    book = openpyxl.Workbook()
    day = book.active
    day.title = "Day"
    for row, value in enumerate((24_000.0, 0.2, 50.0, "ACME", "sell"), start=1):
        day.cell(row, 2, value)
    for row in range(2, 2 + ROWS):
        day.cell(row, 3, float(rng.lognormal(np.log(2e-5), 0.4)))
        day.cell(row, 4, float(rng.integers(4_000, 9_000)))
        day.cell(row, 5, 0.005)
        day.cell(row, 6, dt.time(9, 28 + row))
        day.cell(row, 7, 700.0 if row % 3 == 0 else None)
    book.create_sheet("Schedule")["A1"] = "=SUM(Day!C2:C31)"
    path = tmp_path / "desk.xlsx"
    book.save(path)
    ours = XlsxBook.open(path)
    actions.adopt(ours, PLACES)
    ours.save()
    ours = XlsxBook.open(path)
    actions.optimise(ours, now=NOW)
    ours.save()
    return path


def verdicts(book: Book) -> tuple[object, object]:
    return book.get("ta_status"), book.get("ta_checks")


def failures(book: Book) -> list[list[str]]:
    return [row[2:] for row in book.texts("Checks") if row[-1] == "FAIL"]


def test_plain_formulas_confirm_the_run(open_book: OpenBook, adopted: Path) -> None:
    opened = open_book(adopted)
    assert opened.error_cells() == []
    assert verdicts(opened) == ("OK", "OK"), failures(opened)
    assert [opened.get(f"ta_{key}") for key in ("shares", "symbol", "side")] == [24_000.0, "ACME", "sell"]
    assert sum(opened.get_column("tblSchedule", "Allocation")) == pytest.approx(24_000)
    assert {sheet.Name: sheet.Charts.Count for sheet in opened.sheets if sheet.Charts.Count} == {
        "Order": 2, "Intervals": 1, "Schedule (tradealloc)": 2, "Comparison": 2, "Intraday": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("column", "row", "value"), [(3, 11, 3e-5), (4, 20, 5_000.5), (7, 4, 650.0), (2, 1, 24_001.0)])
def test_a_change_on_the_desks_sheet_makes_the_results_stale(
    open_book: OpenBook, adopted: Path, column: int, row: int, value: float
) -> None:
    opened = open_book(adopted)
    cell = opened.document.Sheets.getByName("Day").getCellByPosition(column - 1, row - 1)
    before = cell.Value
    cell.Value = value
    opened.recalculate()
    assert verdicts(opened) == ("STALE", "CHECK")
    assert opened.error_cells() == []
    if before:
        cell.Value = before
        opened.recalculate()
        assert verdicts(opened) == ("OK", "OK")


def test_a_cleared_cell_of_the_desk_is_a_blank_and_not_a_zero(open_book: OpenBook, adopted: Path) -> None:
    opened = open_book(adopted)
    opened.document.Sheets.getByName("Day").getCellByPosition(1, 1).String = ""
    opened.recalculate()
    assert opened.get("ta_participation") in (None, "")
    assert opened.get("ta_impact_cap") in (None, "")
    assert opened.error_cells() == []


def test_every_page_prints(open_book: OpenBook, adopted: Path, tmp_path: Path) -> None:
    opened = open_book(adopted)
    texts = page_texts(opened.pdf(tmp_path / "desk.pdf"))
    assert all(text.strip() for text in texts)
    assert not any("###" in text for text in texts)
    for title in ("Order", "Intervals", "Schedule", "Comparison", "Intraday", "Run log", "Checks"):
        assert any(f"Daily schedule: {title}" in text for text in texts), title


def test_an_upgraded_workbook_is_fresh_and_logs_its_runs(open_book: OpenBook, tmp_path: Path, office: Office) -> None:
    path = Path(shutil.copy(VERSION_1, tmp_path / "day.xlsx"))
    book = XlsxBook.open(path)
    actions.optimise(book, now=NOW)
    book.save()
    book = XlsxBook.open(path)
    actions.upgrade(book)
    book.save()
    opened = Book(office, path)
    try:
        assert opened.error_cells() == []
        assert verdicts(opened) == ("OK", "OK"), failures(opened)
    finally:
        opened.close()
    book = XlsxBook.open(path)
    actions.optimise(book, now=NOW)
    book.save()
    opened = open_book(path)
    assert opened.error_cells() == []
    assert verdicts(opened) == ("OK", "OK"), failures(opened)
    assert "optimise" in {text for row in opened.texts("Run log") for text in row}
