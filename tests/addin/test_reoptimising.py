"""The ribbon's Re-optimise on a pretend Excel: as on the command line, undone exactly, one sentence on error."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw
from intraday_desk import STARTS
from tradealloc_addin import commands, reoptimising
from tradealloc_addin.xlwings_book import XlwingsBook

from addin.stub_excel import Stub, from_xlsx
from tradealloc.actions import optimise
from tradealloc.actions.day_inputs import DayInputs
from tradealloc.actions.reoptimise import reoptimise
from tradealloc.templates import template_path
from tradealloc.workbook.book import Book
from tradealloc.workbook.xlsx_book import XlsxBook

NOW = dt.time(10, 30)
Ask = Callable[[object], None]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's real home is written to, and it is half past ten."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setattr(reoptimising, "clock", lambda: NOW)
    return folder


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The daily schedule after its run, with an hour of fills pasted."""
    path = Path(shutil.copy(template_path("daily_schedule"), tmp_path_factory.mktemp("traded") / "day.xlsx"))
    book = XlsxBook.open(path)
    planned = optimise(book).schedule.shares  # type: ignore[union-attr]
    columns = {
        "Time": [start.replace(second=30) for start in STARTS[:60]],
        "Shares": [round(0.8 * shares) for shares in planned[:60].tolist()],
        "Price": [100.02] * 60,
        "Mid": [100.0] * 60,
    }
    assert book.write_table("tblFills", columns)
    book.save()
    return path


@pytest.fixture
def day(traded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(traded, tmp_path / "day.xlsx"))


@pytest.fixture
def picked(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Decides what the user picks in the dialog."""

    def decide(answer: object) -> None:
        monkeypatch.setattr(reoptimising, "com_get", lambda *_: lambda **__: answer)

    decide(False)
    return decide


def open_in_stub(path: Path) -> tuple[xw.Book, Stub]:
    book = from_xlsx(path)
    return book, book.impl


def tables(book: Book) -> dict[str, list[Any]]:
    found = {}
    for name in ("tblProgress", "tblAlerts"):
        table = book.table(name)
        assert table is not None
        found |= {f"{name}[{header}]": [cell.value for cell in cells] for header, cells in table.columns.items()}
    return found


def test_same_plan_as_on_the_file_and_undone_exactly(day: Path, home: Path, picked: Ask) -> None:
    book, stub = open_in_stub(day)
    before = stub.dump()
    commands.run("reoptimise", book, home)
    assert commands.outcome == "undoable"
    (text,) = stub.app.alerts
    lines = text.splitlines()
    assert lines[0].startswith("10:30:00 by this computer's clock: ")
    assert any("no market data: the plan is held" in line.lower() for line in lines)
    assert any(line.startswith("Behind schedule: ") for line in lines)
    file = XlsxBook.open(day)
    reoptimise(file, DayInputs(now=NOW))
    on_file, in_excel = tables(file), tables(XlwingsBook(book))
    assert in_excel.keys() == on_file.keys()
    for key, values in on_file.items():
        if isinstance(values[0], int | float):
            assert in_excel[key] == pytest.approx(values), key
    assert in_excel["tblAlerts[Alert]"] == on_file["tblAlerts[Alert]"]
    assert sum(in_excel["tblProgress[Plan]"]) == pytest.approx(100_000)
    assert stub.dump() != before
    commands.run("undo", book, home)
    assert stub.dump() == before


def test_market_data_that_the_user_picks_change_the_plan(day: Path, home: Path, picked: Ask, tmp_path: Path) -> None:
    """The last minutes of the hour were ever dearer: trading is put off until costs are expected to be lower."""
    sheet = XlsxBook.open(day).table("tblIntervals")
    assert sheet is not None
    betas = [float(cell.value) for cell in sheet.columns["Beta"]]  # type: ignore[arg-type]
    level = [1.0] * 50 + [1 + 0.1 * minute for minute in range(10)]
    lines = [f"{STARTS[i]:%H:%M:%S},{betas[i] * level[i]},0.01,1e-7,1e-3" for i in range(60)]
    profile = tmp_path / "today.csv"
    profile.write_text("\n".join(["Start,Beta,HalfSpread,BetaError,HalfSpreadError", *lines]))
    picked((str(profile),))
    book, stub = open_in_stub(day)
    commands.run("reoptimise", book, home)
    (text,) = stub.app.alerts
    assert "New plan for what remains" in text
    found = tables(XlwingsBook(book))
    assert found["tblProgress[Plan]"][60] < found["tblProgress[Morning]"][60]


def test_a_fill_after_now_is_refused_in_the_ribbons_words(
    day: Path, home: Path, picked: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reoptimising, "clock", lambda: dt.time(10, 0))
    book, stub = open_in_stub(day)
    before = stub.dump()
    commands.run("reoptimise", book, home)
    (text,) = stub.app.alerts
    assert text.startswith("Intraday!B")
    assert text.endswith("after the present 10:00:00: check this computer's clock or the fill")
    assert commands.outcome == "failed"
    assert stub.dump() == before


def test_before_the_morning_run(tmp_path: Path, home: Path, picked: Ask) -> None:
    book, stub = open_in_stub(Path(shutil.copy(template_path("daily_schedule"), tmp_path / "day.xlsx")))
    commands.run("reoptimise", book, home)
    (text,) = stub.app.alerts
    assert "make the morning's schedule first (Optimise" in text


def test_a_workbook_without_the_sheet_is_told_what_to_do(tmp_path: Path, home: Path, picked: Ask) -> None:
    import desk_books

    path = desk_books.desk_book(tmp_path / "own.xlsx", columns={
        "Beta": (2e-5, 1e-5), "Start": (dt.time(10), dt.time(11)),
    })  # fmt: skip
    book, stub = open_in_stub(path)
    commands.run("optimise", book, home)
    stub.app.alerts.clear()
    commands.run("reoptimise", book, home)
    (text,) = stub.app.alerts
    assert "tradealloc upgrade" in text
    assert commands.outcome == "failed"


def test_optimise_ends_the_plan_in_force_and_undo_brings_it_back(day: Path, home: Path, picked: Ask) -> None:
    book, stub = open_in_stub(day)
    commands.run("reoptimise", book, home)
    before = stub.dump()
    stub.app.alerts.clear()
    commands.run("optimise", book, home)
    (text,) = stub.app.alerts
    assert "The plan in tblProgress was that of the schedule before: it is cleared" in text
    assert "tblFills holds 60 fills" in text
    assert tables(XlwingsBook(book))["tblProgress[Plan]"] == [None]
    commands.run("undo", book, home)
    assert stub.dump() == before


@pytest.mark.parametrize(
    ("header", "value", "words"),
    [
        ("Side", "sell", "is a sell and the order is a buy"),
        ("Shares", -5.0, "is -5: give a number above 0"),
        ("Shares", 200_000.0, "more than ordered"),
        ("Shares", "many", "holds the text 'many'"),
        ("Time", "10:10+02:00", "give a time such as 09:30"),
        ("Symbol", "OTHER", "is of ANOTHER and Intraday!"),
    ],
)
def test_a_bad_fill_writes_nothing_and_names_its_cell(
    day: Path, home: Path, picked: Ask, header: str, value: object, words: str
) -> None:
    file = XlsxBook.open(day)
    table = file.table("tblFills")
    assert table is not None
    cells: list[Any] = [cell.value for cell in table.columns[header]]
    cells[3] = value
    if header == "Symbol":
        cells[4] = "ANOTHER"
    assert file.write_table("tblFills", {header: cells})
    file.save()
    book, stub = open_in_stub(day)
    before = stub.dump()
    commands.run("reoptimise", book, home)
    (text,) = stub.app.alerts
    assert words in text
    assert "Intraday!" in text
    assert commands.outcome == "failed"
    assert stub.dump() == before
