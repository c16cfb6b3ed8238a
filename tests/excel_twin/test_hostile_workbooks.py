"""Damaged templates that run: the sheet's own formulas, recomputed by LibreOffice, confirm the result.

Damages of structure are done in LibreOffice too, which moves names, tables and formulas as a user's program does.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile import DAMAGES, Damage, Desk, N, small_day

from tradealloc import actions
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book
from .conftest import OpenBook
from .office import Office

XLSX = "Calc MS Excel 2007 XML"
pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_day(tmp_path_factory.mktemp("base") / "day.xlsx")


@pytest.fixture
def day(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(base, tmp_path / "day.xlsx"))


def run(path: Path) -> None:
    book = XlsxBook.open(path)
    actions.optimise(book)
    book.save()


def confirmed(opened: Book) -> None:
    failing = [row[2:] for row in opened.texts("Checks") if row[-1] == "FAIL"]
    assert opened.error_cells() == []
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("OK", "OK"), failing
    allocation = [value for value in opened.get_column("tblSchedule", "Allocation") if value is not None]
    assert sum(float(value) for value in allocation) == pytest.approx(opened.get("ta_shares"), rel=1e-9)


@pytest.mark.parametrize(
    "damage", [damage for damage in DAMAGES if not damage.status and damage.confirmed], ids=lambda damage: damage.name
)
def test_what_runs_is_confirmed(open_book: OpenBook, day: Path, damage: Damage) -> None:
    desk = Desk(day)
    damage.do(desk)
    desk.save()
    run(day)
    confirmed(open_book(day))


def _sheet(book: Book, name: str) -> Any:
    """A sheet, its protection (which has no password) off."""
    sheet = book.document.Sheets.getByName(name)
    sheet.unprotect("")
    return sheet


def _column_left_of_the_table(book: Book) -> None:
    _sheet(book, "Intervals").Columns.insertByIndex(0, 2)


def _column_left_of_the_names(book: Book) -> None:
    _sheet(book, "Order").Columns.insertByIndex(0, 1)


def _rows_above(book: Book) -> None:
    for name in ("Intervals", "Schedule", "Order"):
        _sheet(book, name).Rows.insertByIndex(0, 3)


def _rows_inside(book: Book) -> None:
    """Two rows more in the middle, filled."""
    area = book.document.DatabaseRanges.getByName("tblIntervals").DataArea
    sheet = _sheet(book, "Intervals")
    sheet.Rows.insertByIndex(area.StartRow + 4, 2)
    for row in (area.StartRow + 4, area.StartRow + 5):
        for column, value in ((0, row), (2, 8e-5)):
            sheet.getCellByPosition(area.StartColumn + column, row).Value = value


def _sheets_reordered(book: Book) -> None:
    book.document.Sheets.moveByName("Checks", 0)
    book.document.Sheets.copyByName("Order", "Order (2)", 3)


def _formulas_for_inputs(book: Book) -> None:
    """Formulas, with the values that LibreOffice computes for them."""
    book.cell("ta_shares").Formula = "=2*50000"
    column = book.column("tblIntervals", "Beta")
    for row in range(N):
        cell = column.getCellByPosition(0, row)
        cell.Formula = f"={cell.Value!r}*1"


def _rows_hidden(book: Book) -> None:
    for row in (8, 9):
        _sheet(book, "Intervals").Rows.getByIndex(row).IsVisible = False


def _only_saved(_: Book) -> None:
    """Saved by LibreOffice."""


DONE_IN_LIBREOFFICE = [
    _only_saved, _column_left_of_the_table, _column_left_of_the_names, _rows_above, _rows_inside, _sheets_reordered,
    _formulas_for_inputs, _rows_hidden,
]  # fmt: skip


@pytest.mark.parametrize("damage", DONE_IN_LIBREOFFICE, ids=lambda damage: damage.__name__)
def test_done_in_libreoffice(
    office: Office, open_book: OpenBook, day: Path, tmp_path: Path, damage: Callable[[Book], None]
) -> None:
    opened = open_book(day)
    damage(opened)
    opened.recalculate()
    saved = tmp_path / "saved.xlsx"
    office.store(opened.document, saved, XLSX)
    run(saved)
    confirmed(open_book(saved))


def test_converted_on_the_command_line(open_book: OpenBook, day: Path, tmp_path: Path) -> None:
    tool = shutil.which("soffice")
    assert tool
    folder = tmp_path / "converted"
    subprocess.run(
        [tool, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
         "--outdir", str(folder), str(day)],
        check=True, capture_output=True,
    )  # fmt: skip
    run(folder / "day.xlsx")
    confirmed(open_book(folder / "day.xlsx"))


def test_text_that_looks_like_a_formula_stays_text(open_book: OpenBook, day: Path) -> None:
    """What we write into the schedule from the user's labels is text for the spreadsheet, and no formula."""
    labels = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|'/c calc'!A1", "\t=1", " =1", "＝1"]
    desk = Desk(day)
    desk.fill("Interval", labels)
    for row in range(len(labels)):
        desk.place("tblIntervals", "Interval", row).data_type = "s"
    desk.save()
    run(day)
    opened = open_book(day)
    column = opened.column("tblSchedule", "Interval")
    cells = [column.getCellByPosition(0, row) for row in range(len(labels))]
    assert [cell.String for cell in cells] == labels
    assert {cell.Type.value for cell in cells} == {"TEXT"}
    confirmed(opened)
