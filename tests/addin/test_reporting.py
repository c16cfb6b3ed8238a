"""The ribbon's Report on a pretend Excel: files beside the workbook, the PDF opened, cells as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import desk_books
import pytest
import xlwings as xw
from report_cases import FULL
from tradealloc_addin import commands

from addin.stub_excel import Stub, from_xlsx
from tradealloc.cli import run_command


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """What would be shown in a viewer; nobody's real home is written to."""
    shown: list[Path] = []
    monkeypatch.setattr(commands, "_open_file", shown.append)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return shown


def open_in_stub(path: Path, **arguments: Any) -> tuple[xw.Book, Stub]:
    desk_books.desk_book(path, **arguments)
    book = from_xlsx(path)
    return book, book.impl


def test_written_beside_the_workbook_and_shown(tmp_path: Path, opened: list[Path]) -> None:
    book, stub = open_in_stub(tmp_path / "day.xlsx", **FULL)
    before = stub.dump()
    commands.run("report", book, tmp_path / "home")
    assert opened == [tmp_path / "day_report.pdf"]
    assert (tmp_path / "day_report.html").is_file()
    assert opened[0].read_bytes().startswith(b"%PDF")
    (text,) = stub.app.alerts
    assert text.startswith(f"Written to {tmp_path}: day_report.pdf and day_report.html\n")
    assert "holds no results of a run yet" in text
    assert stub.dump() == before
    assert commands.outcome == "done"
    assert (stub.app.status_bar, stub.app.calculation, stub.app.screen_updating) == (False, "automatic", True)


def test_same_page_as_on_the_command_line(tmp_path: Path) -> None:
    book, _ = open_in_stub(tmp_path / "day.xlsx", **FULL)
    commands.run("report", book, tmp_path / "home")
    in_excel = (tmp_path / "day_report.html").read_text("utf-8")
    assert run_command(["report", str(tmp_path / "day.xlsx"), "--html", "-o", str(tmp_path / "other")]) == 0
    on_file = (tmp_path / "other" / "day_report.html").read_text("utf-8")
    changing = ("<time ", "<dt>Computed", "<dt>Method")
    pages = [
        [line for line in page.splitlines() if not any(c in line for c in changing)] for page in (in_excel, on_file)
    ]
    assert pages[0] == pages[1]


def test_never_saved_or_on_the_web(tmp_path: Path, opened: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from tradealloc_addin import reporting

    book, stub = open_in_stub(tmp_path / "day.xlsx")
    monkeypatch.setattr(reporting, "com_get", lambda *_: "Book1")
    commands.run("report", book, tmp_path / "home")
    assert "was never saved: save it" in stub.app.alerts.pop()
    assert opened == []
    monkeypatch.setattr(reporting, "com_get", lambda *_: "https://desk.example/day.xlsx")
    commands.run("report", book, tmp_path / "home")
    assert opened == [tmp_path / "home" / "day_report.pdf"]


def test_an_error_is_one_sentence(tmp_path: Path, opened: list[Path]) -> None:
    book, stub = open_in_stub(tmp_path / "day.xlsx", columns={"Beta": [1e-5, "x"]})
    commands.run("report", book, tmp_path / "home")
    assert stub.app.alerts == ["Intervals!A3 holds the text 'x': give a number"]
    assert (opened, commands.outcome) == ([], "failed")
