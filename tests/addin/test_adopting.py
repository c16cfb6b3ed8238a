"""The ribbon's Adopt workbook on a pretend Excel: asked for cells, saved, closed, adopted as a file, opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw
from tradealloc_addin import commands

from addin.stub_excel import Stub, from_xlsx
from tradealloc.actions import adopt
from tradealloc.errors import WorkbookError
from tradealloc.workbook.xlsx_book import XlsxBook

BETAS = [2e-5, 1e-5, 4e-5, 5e-5]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's real home is written to."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of Excel, in order."""
    asked: list[str] = []

    def save(_: Stub, path: str | None, password: str | None = None) -> None:
        assert path is None
        asked.append("save")

    def close(book: Stub) -> None:
        asked.append("close")
        book.app.books.remove(book)

    def opened(books: Any, fullname: str, *_: Any, **__: Any) -> Stub:
        asked.append("open")
        stub: Stub = from_xlsx(Path(fullname), books.app).impl
        return stub

    monkeypatch.setattr(Stub, "save", save, raising=False)
    monkeypatch.setattr(Stub, "close", close, raising=False)
    monkeypatch.setattr("addin.stub_excel.Books.open", opened)
    monkeypatch.setattr("addin.stub_excel.App.display_alerts", True, raising=False)
    return asked


@pytest.fixture
def desk(tmp_path: Path) -> tuple[xw.Book, Stub, Path]:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "My day"
    page["A1"] = 1_000.0
    for row, beta in enumerate(BETAS, start=1):
        page.cell(row, 3, beta)
        page.cell(row, 4, 10_000.0 * row)
        page.cell(row, 5, "text")
    path = tmp_path / "desk.xlsx"
    book.save(path)
    opened = from_xlsx(path)
    return opened, opened.impl, path


def allocation(stub: Stub) -> list[Any]:
    """The allocation, as it stands in the pretend Excel."""
    table = stub.table("tblSchedule")
    sheet = next(sheet for sheet in stub.sheets if table in sheet.tables)
    area = table.area
    (column,) = [c for c in range(area.left, area.right + 1) if sheet.at(area.top, c).value == "Allocation"]
    return [sheet.at(row, column).value for row in range(area.top + 1, area.bottom + 1)]


def pick(stub: Stub, *cells: str | None) -> None:
    stub.app.answers = [False if address is None else stub.range(f"My day!{address}") for address in cells]


def test_the_file_is_what_the_command_line_makes(
    desk: tuple[xw.Book, Stub, Path], steps: list[str], home: Path, tmp_path: Path
) -> None:
    book, stub, path = desk
    expected = XlsxBook.open(path)
    adopt(expected, {"beta": "'My day'!C1:C4", "shares": "'My day'!A1", "volume": "'My day'!D1:D4"})
    expected.save(tmp_path / "expected.xlsx")
    pick(stub, "C1:C4", "A1", "D1:D4")
    commands.run("adopt", book, home)
    assert steps == ["save", "close", "open"]
    assert commands.outcome == "done"
    assert path.read_bytes() == (tmp_path / "expected.xlsx").read_bytes()
    assert path.with_name("desk.xlsx.bak").is_file()
    (message,) = stub.app.alerts
    assert message.startswith("New sheets for 4 intervals: Order, Intervals")
    (again,) = stub.app.books
    assert {"My day", "Order", "Checks"} <= {sheet.name for sheet in again.sheets}
    assert (stub.app.calculation, stub.app.screen_updating) == ("automatic", True)


def test_the_workbook_that_is_open_again_runs(desk: tuple[xw.Book, Stub, Path], steps: list[str], home: Path) -> None:
    book, stub, _ = desk
    pick(stub, "C1:C4", "A1", None)
    commands.run("adopt", book, home)
    stub.app.alerts.clear()
    again = xw.Book(impl=stub.app.books[0])
    commands.run("optimise", again, home)
    assert stub.app.alerts == []
    weights = [1 / beta for beta in BETAS]
    expected = [1_000 * weight / sum(weights) for weight in weights]
    assert allocation(again.impl) == pytest.approx(expected, rel=1e-12)


def test_whole_columns_stand_for_what_is_filled(desk: tuple[xw.Book, Stub, Path], steps: list[str], home: Path) -> None:
    book, stub, path = desk
    pick(stub, "C:C", "A1", None)
    commands.run("adopt", book, home)
    table = XlsxBook.open(path).table("tblIntervals")
    assert table is not None
    assert [cell.value for cell in table.columns["Beta"]] == BETAS


@pytest.mark.parametrize("answers", [(None,), ("C1:C4", None)])
def test_cancelling_changes_nothing(
    desk: tuple[xw.Book, Stub, Path], steps: list[str], home: Path, answers: tuple[str | None, ...]
) -> None:
    book, stub, path = desk
    before = path.read_bytes()
    pick(stub, *answers)
    commands.run("adopt", book, home)
    assert (steps, stub.app.alerts, path.read_bytes()) == ([], [], before)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (("E1:E4", "A1", None), "'My day'!E1 holds the text 'text'"),
        (("C1:C4", "A1:A2", None), "is more than one cell"),
        (("C1:C4", "A1", "D1:D3"), "has 3 cells and the betas"),
    ],
)
def test_cells_that_cannot_be_used_are_said_before_anything_is_saved_or_closed(
    desk: tuple[xw.Book, Stub, Path],
    steps: list[str],
    home: Path,
    answers: tuple[str | None, ...],
    sentence: str,
) -> None:
    book, stub, path = desk
    before = path.read_bytes()
    pick(stub, *answers)
    commands.run("adopt", book, home)
    assert steps == []
    assert commands.outcome == "failed"
    assert sentence in stub.app.alerts[0]
    assert path.read_bytes() == before
    assert list(stub.app.books) == [stub]


def test_trouble_with_the_file_leaves_the_workbook_open_as_it_was(
    desk: tuple[xw.Book, Stub, Path], steps: list[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, stub, path = desk
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise WorkbookError("desk.xlsx can't be written: check the disk")

    monkeypatch.setattr(XlsxBook, "save", full)
    pick(stub, "C1:C4", "A1", None)
    commands.run("adopt", book, home)
    assert steps == ["save", "close", "open"]
    assert commands.outcome == "failed"
    assert stub.app.alerts == ["desk.xlsx can't be written: check the disk"]
    assert path.read_bytes() == before
    (again,) = stub.app.books
    assert [sheet.name for sheet in again.sheets] == ["My day"]


def test_an_adopted_workbook_is_not_asked_about(desk: tuple[xw.Book, Stub, Path], steps: list[str], home: Path) -> None:
    _, _, path = desk
    file = XlsxBook.open(path)
    adopt(file, {"beta": "'My day'!C1:C4", "shares": "'My day'!A1"})
    file.save()
    book = from_xlsx(path)
    commands.run("adopt", book, home)
    (alert,) = book.impl.app.alerts
    assert "has ta_shares already, so it runs as it is: press Optimise" in alert
    assert (steps, book.impl.app.prompts) == ([], [])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda stub: setattr(stub, "fullname", "Book1"), "hasn't been saved yet"),
        (lambda stub: setattr(stub, "fullname", "https://desk.example.com/desk.xlsx"), "lives on the web"),
        (lambda stub: setattr(stub, "fullname", __file__), "is no .xlsx or .xlsm file"),
        (lambda stub: setattr(stub.api, "ReadOnly", True), "is open for reading only"),
    ],
)
def test_what_cannot_be_adopted_is_said_before_the_questions(
    desk: tuple[xw.Book, Stub, Path],
    steps: list[str],
    home: Path,
    change: Callable[[Stub], None],
    sentence: str,
) -> None:
    book, stub, _ = desk
    change(stub)
    commands.run("adopt", book, home)
    assert sentence in stub.app.alerts[0]
    assert (steps, stub.app.prompts) == ([], [])
