"""The ribbon's commands on a pretend Excel: same numbers as the command line, undone exactly, one sentence on error."""

from __future__ import annotations

import datetime as dt
import gc
import json
import re
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import desk_books
import openpyxl
import pytest
import xlwings as xw
from tradealloc_addin import commands, freeze, messages, snapshot
from tradealloc_addin.build.xlam import VBA
from tradealloc_addin.install.paths import Machine, places
from tradealloc_addin.install.settings import interpreter_settings, read_settings
from tradealloc_addin.log import log_path
from tradealloc_addin.xlwings_book import XlwingsBook

from addin.stub_excel import App, Area, ComError, Range, Stub, from_xlsx
from tradealloc.actions import Overrides, compare_solvers, optimise, optimise_ranges, price_sizes
from tradealloc.errors import InputError
from tradealloc.workbook.book import Book, CellError
from tradealloc.workbook.fields import ORDER_TABLES, OUTPUTS
from tradealloc.workbook.ooxml.addresses import cell_name, parse_area
from tradealloc.workbook.xlsx_book import XlsxBook

NEW = {f"new_{template}" for template in commands.TEMPLATES}
TAGS = NEW | {
    "adopt", "optimise", "optimise_selection", "compare", "sensitivity", "reoptimise", "report", "undo", "freeze",
    "settings", "doctor", "open_log", "about",
}  # fmt: skip
CALM = (False, "automatic", True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's real home is written to."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return tmp_path / "day.xlsx"


FULL = {
    "settings": {"symbol": "ACME", "arrival_price": 100.0, "participation": 0.4, "shares": 1234.0},
    "columns": {
        "Beta": (2e-5, 1e-5, 4e-5, 5e-5, 3e-5, 1.5e-5),
        "Volume": (1000.0, 900.0, 800.0, 1500.0, 900.0, 700.0),
        "HalfSpread": (0.01, 0.02, 0.01, 0.01, 0.015, 0.01),
        "Start": tuple(dt.time(9, 30 + minute) for minute in range(6)),
        "Interval": ("09:30", "09:31", "1,5", "4", 5, 6),
    },
}


def open_in_stub(path: Path, **arguments: Any) -> tuple[xw.Book, Stub]:
    desk_books.desk_book(path, **arguments)
    book = from_xlsx(path)
    return book, book.impl


def calm(app: App) -> bool:
    return (app.status_bar, app.calculation, app.screen_updating) == CALM


def alert(stub: Stub) -> str:
    """The only message shown."""
    (text,) = stub.app.alerts
    return str(text)


def outputs(book: Book) -> dict[str, list[object]]:
    """Every output of a run, by name and by table column."""
    found: dict[str, list[object]] = {}
    for output in OUTPUTS:
        cell = book.cell(output.name)
        assert cell is not None
        found[output.name] = [cell.value]
    for name in ("tblSchedule", "tblComparison", "tblSensitivity"):
        table = book.table(name)
        assert table is not None
        found |= {f"{name}[{header}]": [cell.value for cell in column] for header, column in table.columns.items()}
    return found


def same(left: Sequence[object], right: Sequence[object]) -> bool:
    assert len(left) == len(right)
    return all(
        a == pytest.approx(b, rel=1e-12, abs=1e-15)
        if isinstance(a, int | float) and isinstance(b, int | float)
        else a == b
        for a, b in zip(left, right, strict=True)
    )


VERBS: dict[str, Callable[..., Any]] = {
    "optimise": optimise,
    "compare": compare_solvers,
    "sensitivity": price_sizes,
}


class TestVerbs:
    @pytest.mark.parametrize("tag", VERBS)
    @pytest.mark.parametrize("rows", [None, 3, 9])
    def test_same_numbers_as_on_the_file(self, day: Path, home: Path, tag: str, rows: int | None) -> None:
        book, stub = open_in_stub(day, **(FULL if rows else {}))
        if rows:
            self._give_rows(stub, day, rows)
        commands.run(tag, book, home)
        assert [text for text in stub.app.alerts if "agree" not in text and "nonlinear" not in text] == []
        file = XlsxBook.open(day)
        in_excel = outputs(XlwingsBook(book))
        VERBS[tag](file)
        on_file = outputs(file)
        assert in_excel.keys() == on_file.keys()
        # The moment of the run, and the seconds that the solvers took in their names, aren't results.
        apart = {key for key in on_file if not same(in_excel[key], on_file[key])} - {"ta_run_at"}
        assert apart == set()
        assert sum(isinstance(value, float) for values in on_file.values() for value in values) > 20
        assert calm(stub.app)

    def test_the_ribbon_can_ask_how_a_command_ended(self, day: Path, home: Path) -> None:
        book, _ = open_in_stub(day)
        asked = re.search(r'XLPy\.Eval\("(.+?)"\)', (VBA / "RibbonTradeAlloc.bas").read_text("ascii"))
        assert asked
        for tag, ended in (("optimise", "undoable"), ("undo", "done"), ("undo", "failed"), ("optimise", "undoable")):
            commands.run(tag, book, home)
            assert eval(asked[1]) == ended

    @staticmethod
    def _give_rows(stub: Stub, day: Path, rows: int) -> None:
        """An output table that has to grow or shrink, in Excel and in the file."""
        table = stub.table("tblSchedule")
        table.area = Area(1, 1, 1 + rows, 11)
        book = openpyxl.load_workbook(day)
        book["Schedule"].tables["tblSchedule"].ref = f"A1:K{1 + rows}"
        book["Schedule"].tables["tblSchedule"].autoFilter.ref = f"A1:K{1 + rows}"
        book.save(day)

    def test_progress_is_shown_and_taken_back(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        stub.app.calculation = "semiautomatic"
        commands.run("optimise", book, home)
        assert "TradeAlloc Optimise: solving ..." in stub.app.said
        assert stub.app.status_bar is False
        assert stub.app.modes == ["semiautomatic", "manual", "semiautomatic"]
        assert stub.app.alerts == []

    def test_settings_come_back_after_an_error_too(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day, settings={"shares": -1})
        stub.app.status_bar = "Desk macro is busy"
        commands.run("optimise", book, home)
        assert (stub.app.status_bar, stub.app.calculation, stub.app.screen_updating) == (
            "Desk macro is busy", "automatic", True,
        )  # fmt: skip

    def test_each_table_is_one_write(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day, **FULL)
        stub.calls.clear()
        commands.run("optimise", book, home)
        # Three tables, and twelve named cells.
        assert stub.calls["write"] == 3 + len(OUTPUTS)

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ({"settings": {"shares": -1}}, "Order!B1 is -1: give a number above 0"),
            ({"settings": {"shares": "1,5"}}, "Order!B1 holds the text '1,5': give a number"),
            ({"settings": {"max_x": 0, "participation": 0.1}, "columns": {"Volume": (10.0,) * 4}}, "short of 1,000"),
            ({"leave_out": ["tblIntervals"]}, "day.xlsx has no table tblIntervals: .* or press Optimise selection"),
            ({"leave_out": ["tblSchedule"]}, "day.xlsx has no table tblSchedule .* or press Optimise selection"),
            ({"columns": {"Beta": (1e-5, "#N/A")}}, r"Intervals!A3 holds the error #N/A"),
        ],
    )
    def test_error_is_one_sentence_and_nothing_changes(
        self, day: Path, home: Path, arguments: dict[str, Any], sentence: str
    ) -> None:
        book, stub = open_in_stub(day, **arguments)
        before = stub.dump()
        commands.run("optimise", book, home)
        assert stub.dump() == before
        text = alert(stub)
        assert not any(mark in text for mark in ("\n", "Traceback", "--"))
        assert re.search(sentence, text), text
        assert calm(stub.app)
        assert text in log_path().read_text()

    def test_failed_run_keeps_the_results_of_the_last(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        results = stub.dump()
        stub.cell("Order!B1").value = "many"
        commands.run("optimise", book, home)
        stub.cell("Order!B1").value = 1000.0
        assert stub.dump() == results
        commands.run("undo", book, home)
        assert stub.cell("Schedule!E2").value is None

    @pytest.mark.parametrize(
        ("trouble", "sentence"),
        [
            (lambda stub: stub.sheet("Schedule").protect("secret"), "sheet Schedule is protected"),
            (lambda stub: setattr(stub.table("tblComparison"), "filtered", True), "table tblComparison is filtered"),
            (lambda stub: setattr(stub.cell("Schedule!F12"), "value", "notes"), None),
            (lambda stub: setattr(stub.cell("Comparison!B5"), "value", "notes"), None),
        ],
    )
    def test_trouble_with_one_table_leaves_all_alone(
        self, day: Path, home: Path, trouble: Callable[[Stub], None], sentence: str | None
    ) -> None:
        book, stub = open_in_stub(day)
        trouble(stub)
        before = stub.dump()
        commands.run("optimise", book, home)
        assert (stub.dump() == before) is (sentence is not None)
        assert sentence is None or sentence in alert(stub)

    def test_excel_that_fails_halfway_gets_its_cells_back(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day, **FULL)
        before = stub.dump()
        stub.broken_after = 5
        commands.run("optimise", book, home)
        assert stub.dump() == before
        assert "Application-defined" in alert(stub)
        assert str(log_path()) in alert(stub)
        assert "Traceback" in log_path().read_text()
        stub.app.alerts.clear()
        commands.run("undo", book, home)
        assert "has no run to undo" in alert(stub)

    def test_notes_are_shown(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day, leave_out=["tblSensitivity"], sizes=())
        commands.run("sensitivity", book, home)
        text = alert(stub)
        assert "The workbook has no table tblSensitivity" in text
        assert "1,500 shares: impact 0." in text
        assert "% below equal" in text

    def test_two_workbooks_the_caller_is_used(self, day: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        book, stub = open_in_stub(day)
        other = from_xlsx(desk_books.desk_book(day.with_name("other.xlsx")), stub.app)
        before = other.impl.dump()
        assert stub.app.books.active is other.impl
        monkeypatch.setattr(xw.Book, "caller", classmethod(lambda _: book))
        commands.run("optimise", home=home)
        assert other.impl.dump() == before
        assert stub.cell("Schedule!E2").value == pytest.approx(
            1000 / 2e-5 / (1 / 2e-5 + 1 / 1e-5 + 1 / 4e-5 + 1 / 5e-5)
        )


class TestWithoutAWorkbook:
    @pytest.fixture
    def app(self, monkeypatch: pytest.MonkeyPatch) -> App:
        app = App()

        class Apps:
            active = xw.App(impl=app)

        monkeypatch.setattr(xw, "apps", Apps())
        return app

    @pytest.mark.parametrize("tag", sorted(TAGS - NEW - {"settings", "doctor", "open_log", "about"}))
    def test_commands_that_need_one_say_so(self, app: App, home: Path, tag: str) -> None:
        commands.run(tag, home=home)
        assert app.alerts == ["no workbook is open: open one and press the button again"]

    @pytest.mark.parametrize("tag", ["settings", "doctor", "open_log", "about"])
    def test_others_work(self, app: App, home: Path, tag: str) -> None:
        commands.run(tag, home=home)
        assert len(app.alerts) == 1
        assert "no workbook" not in app.alerts[0]

    def test_without_excel_the_log_has_the_sentence(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        monkeypatch.setattr(xw, "apps", [])
        commands.run("optimise", home=home)
        assert "no Excel is running" in log_path().read_text()


class TestUndo:
    @pytest.mark.parametrize("tag", VERBS)
    def test_cells_and_tables_are_exactly_as_before(self, day: Path, home: Path, tag: str) -> None:
        book, stub = open_in_stub(day, **FULL)
        for row in range(2, 8):
            stub.cell(f"Schedule!E{row}").value = 1 / row
        stub.cell("Order!B9").value = "as it was, 1"
        before = stub.dump()
        commands.run(tag, book, home)
        assert stub.dump() != before
        stub.app.alerts.clear()
        commands.run("undo", book, home)
        assert stub.dump() == before
        assert "restored to what stood there before" in alert(stub)
        assert calm(stub.app)

    @pytest.mark.parametrize("rows", [2, 9])
    def test_table_goes_back_to_its_size(self, day: Path, home: Path, rows: int) -> None:
        book, stub = open_in_stub(day)
        table = stub.table("tblSchedule")
        table.area = Area(1, 1, 1 + rows, 12)
        stub.cell("Schedule!L1").value = "Mine"
        for row in range(2, 2 + rows):
            stub.cell(f"Schedule!E{row}").value = float(row)
            stub.cell(f"Schedule!L{row}").formula = f"=E{row}*2"
            stub.cell(f"Schedule!L{row}").value = 2.0 * row
            stub.results[f"=E{row}*2"] = [[2.0 * row]]
        before = stub.dump()
        commands.run("optimise", book, home)
        assert str(table.area) == "A1:L5"
        assert stub.cell("Schedule!L5").formula == "=E5*2"
        commands.run("undo", book, home)
        assert stub.dump() == before

    def test_totals_row_survives(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        table = stub.table("tblSchedule")
        table.area, table._totals = Area(1, 1, 4, 11), True
        stub.cell("Schedule!E4").formula, stub.cell("Schedule!E4").value = "=SUBTOTAL(109,[Allocation])", 7.0
        before = stub.dump()
        commands.run("optimise", book, home)
        assert stub.cell("Schedule!E6").formula == "=SUBTOTAL(109,[Allocation])"
        commands.run("undo", book, home)
        assert stub.dump() == before

    def test_snapshot_outlives_python(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        before = stub.dump()
        commands.run("optimise", book, home)
        (file,) = (home / ".tradealloc" / "undo").iterdir()
        assert file.name.startswith("day.xlsx-")
        kept = snapshot.Snapshot.from_json(file.read_text())
        assert (kept.run, kept.workbook) == ("Optimise", str(day))
        assert snapshot.Snapshot.from_json(kept.to_json()) == kept
        again = xw.Book(impl=stub)
        commands.run("undo", again, home)
        assert stub.dump() == before
        assert not file.exists()

    def test_only_the_last_run_is_kept(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        first = stub.dump()
        stub.cell("Order!B1").value = 2000.0
        commands.run("optimise", book, home)
        stub.cell("Order!B1").value = 1000.0
        commands.run("undo", book, home)
        assert stub.dump() == first
        stub.app.alerts.clear()
        commands.run("undo", book, home)
        assert alert(stub) == "day.xlsx has no run to undo: only the last one is kept, until it is undone"

    def test_workbooks_are_told_apart(self, day: Path, home: Path) -> None:
        book, _ = open_in_stub(day)
        other, other_stub = open_in_stub(day.parent / "home" / "day.xlsx")
        commands.run("optimise", book, home)
        commands.run("undo", other, home)
        assert "no run to undo" in alert(other_stub)

    def test_never_saved_workbooks_are_told_apart_by_their_excel(self, day: Path) -> None:
        keys = set()
        for path in (day, day):
            book, stub = open_in_stub(path)
            stub.name = stub.fullname = "Book1"
            keys.add(snapshot.workbook_key(book))
        assert len(keys) == 2
        assert all("Book1" in key for key in keys)

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (lambda s: s.sheet("Schedule").tables.clear(), "table tblSchedule has been moved or removed"),
            (lambda s: setattr(s.table("tblSchedule"), "area", Area(1, 1, 9, 11)), "it was A1:K5, it is A1:K9"),
            (lambda s: setattr(s.table("tblSchedule"), "area", Area(3, 1, 7, 11)), "it was A1:K5, it is A3:K7"),
            (lambda s: setattr(s.names.known[1], "refers_to", "=Order!$B$30"), "has been moved or removed"),
            (lambda s: s.names.known.clear(), "the name ta_total_impact has been moved or removed"),
            (lambda s: setattr(s.cell("Schedule!E3"), "formula", "=1+1"), "Schedule!E3 has been given a formula"),
            (lambda s: s.sheet("Sizes").protect("secret"), "sheet Sizes is protected"),
            (lambda s: setattr(s.table("tblSchedule"), "filtered", True), "is filtered"),
        ],
    )
    def test_changed_workbook_is_refused_and_left_alone(
        self, day: Path, home: Path, change: Callable[[Stub], None], sentence: str
    ) -> None:
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        change(stub)
        changed = stub.dump()
        commands.run("undo", book, home)
        assert sentence in alert(stub)
        assert stub.dump() == changed

    def test_rows_that_come_back_overwrite_nothing(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        stub.table("tblSchedule").area = Area(1, 1, 9, 11)
        commands.run("optimise", book, home)
        stub.cell("Schedule!C8").value = "Desk notes"
        commands.run("undo", book, home)
        assert alert(stub) == "Schedule!C8 has been filled since the run: clear it and undo again"
        stub.cell("Schedule!C8").value = None
        commands.run("undo", book, home)
        assert str(stub.table("tblSchedule").area) == "A1:K9"

    def test_damaged_file(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        (file,) = (home / ".tradealloc" / "undo").iterdir()
        for content in ("{", "[]", '{"format": 2}', json.dumps({"format": 1, "entries": [{"kind": "cell"}]})):
            file.write_text(content)
            stub.app.alerts.clear()
            commands.run("undo", book, home)
            assert alert(stub) == f"{file} can't be read, so the last run can't be undone: remove the file"

    def test_run_without_a_place_for_the_snapshot(self, day: Path, home: Path) -> None:
        (home / ".tradealloc").mkdir()
        (home / ".tradealloc" / "undo").write_text("a file in the way")
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        assert stub.cell("Schedule!E2").value is not None
        assert "This run can't be undone" in alert(stub)


class TestOptimiseSelection:
    @pytest.fixture
    def plain(self, day: Path) -> tuple[xw.Book, Stub]:
        """A sheet without any of our names."""
        book = openpyxl.Workbook()
        page = book.active
        page.title = "My sheet"
        page["A1"] = 1000
        for row, beta in enumerate(desk_books.BETAS, start=1):
            page.cell(row, 3, beta)
            page.cell(row, 5, "keep")
            page.cell(9, 6 + row, beta)
        book.save(day)
        opened = from_xlsx(day)
        return opened, opened.impl

    @pytest.mark.parametrize(
        ("betas", "whole", "target", "written"),
        [
            ("C1:C4", "C1:C4", "D1", "D1:D4"),
            ("C1:C4", "C:C", "D1:D2", "D1:D4"),
            ("C1:C4", "C1:C99", "D1", "D1:D4"),
            ("G9:J9", "G9:J9", "G11", "G11:J11"),
            ("G9:J9", "G9:XFD9", "G11", "G11:J11"),
        ],
    )
    def test_numbers_of_the_command_line(
        self, plain: tuple[xw.Book, Stub], day: Path, home: Path, betas: str, whole: str, target: str, written: str
    ) -> None:
        book, stub = plain
        stub.app.answers = [stub.range(f"My sheet!{address}") for address in (whole, "A1", target)]
        before = stub.dump()
        commands.run("optimise_selection", book, home)
        assert stub.app.alerts == []
        file = XlsxBook.open(day)
        _, where = optimise_ranges(file, f"'My sheet'!{betas}", "'My sheet'!A1", f"'My sheet'!{target.split(':')[0]}")
        assert where == f"'My sheet'!{written}"
        expected = [cell.value for row in file.range(where) for cell in row]
        assert same([stub.cell(f"'My sheet'!{cell}").value for cell in self._cells(written)], expected)
        assert calm(stub.app)
        commands.run("undo", book, home)
        assert stub.dump() == before

    @staticmethod
    def _cells(address: str) -> list[str]:
        area = parse_area(address)
        return [
            cell_name(row, column)
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        ]

    def test_cancelling_changes_nothing(self, plain: tuple[xw.Book, Stub], home: Path) -> None:
        book, stub = plain
        before = stub.dump()
        commands.outcome = "undoable"
        for answers in ([False], [stub.range("My sheet!C1:C4"), False]):
            stub.app.answers = list(answers)
            commands.run("optimise_selection", book, home)
            assert commands.outcome == "done"
        assert (stub.dump(), stub.app.alerts) == (before, [])
        assert len(stub.app.prompts) == 3

    @pytest.mark.parametrize(
        ("picked", "sentence"),
        [
            (("C1:C4", "A1", "E2"), "'My sheet'!E2 holds 'keep', which the run would overwrite"),
            (("C1:C4,D1", "A1", "F2"), "isn't one block of cells"),
            (("Z1:Z9", "A1", "F2"), "'My sheet'!Z1 is blank: select the betas"),
            (("D1:D4", "A1", "F2"), "'My sheet'!D1 is blank: select the betas"),
            (("C1:E4", "A1", "L2"), "spans 4 rows and 3 columns"),
            (("C1:C4", "A1:A2", "F1"), "is more than one cell"),
            (("C1:C4", "Z9", "F1"), "'My sheet'!Z9"),
            (("F9:J9", "A1", "G11"), "'My sheet'!F9 is blank: give the interval's Beta"),
        ],
    )
    def test_selection_that_cannot_be_used(
        self, plain: tuple[xw.Book, Stub], home: Path, picked: tuple[str, ...], sentence: str
    ) -> None:
        book, stub = plain
        before = stub.dump()
        stub.app.answers = [stub.range(f"My sheet!{address.split(',')[0]}") for address in picked]
        if "," in picked[0]:
            stub.app.answers[0] = type("Areas", (), {"Address": "$C$1:$C$4,$D$1", "Worksheet": stub.sheets[0].api})()
        commands.run("optimise_selection", book, home)
        assert sentence in alert(stub)
        assert stub.dump() == before

    def test_cells_of_another_workbook(self, plain: tuple[xw.Book, Stub], day: Path, home: Path) -> None:
        book, stub = plain
        _, other = open_in_stub(day.with_name("other.xlsx"))
        stub.app.answers = [other.range("Intervals!A2:A5")]
        commands.run("optimise_selection", book, home)
        assert "other.xlsx isn't this workbook" in alert(stub)

    def test_undo_after_a_change_by_hand_is_refused(self, plain: tuple[xw.Book, Stub], home: Path) -> None:
        book, stub = plain
        stub.app.answers = [stub.range(f"My sheet!{address}") for address in ("C1:C4", "A1", "D2")]
        commands.run("optimise_selection", book, home)
        stub.cell("'My sheet'!D3").value = 7.0
        commands.run("undo", book, home)
        assert "'My sheet'!D2:D5 no longer holds what the run wrote there" in alert(stub)
        assert stub.cell("'My sheet'!D3").value == 7.0


class TestFreeze:
    @pytest.mark.parametrize(
        ("formula", "ours"),
        [
            ("=OPTALLOC(A1,B1:B9)", True),
            ("=[1]!OPTALLOC(A1,B1:B9)", True),
            ("='C:\\Users\\x y\\XLSTART\\tradealloc.xlam'!OPTALLOC(A1,B1:B9)", True),
            ("=tradealloc.xlam!optalloc_stats(A1)", True),
            ("=_xll.OPTALLOC_CHECK(A1,B1)", True),
            ("=SUM(OPTALLOC (A1,B1:B9))", True),
            ('="OPTALLOC("&A1', False),
            ("='OPTALLOC('!A1", False),
            ("=MYOPTALLOC(A1)", False),
            ("=OPTALLOC_OTHER(A1)", False),
            ("=OPTALLOC", False),
            ("=SUM(A1:A9)", False),
        ],
    )
    def test_our_formulas_are_known(self, formula: str, ours: bool) -> None:
        assert freeze.calls_our_function(formula) is ours

    @pytest.fixture
    def live(self, day: Path) -> tuple[xw.Book, Stub]:
        """One formula of each kind: plain, spilling, array, another's, failing."""
        book, stub = open_in_stub(day)
        stub.results = {
            "=OPTALLOC(ta_shares,Intervals!A2:A5)": [[1.5], [2.5], [3.25], [4.0]],
            "=[1]!OPTALLOC_STATS(H2#)": [["mean", 2.5], ["std", 1.25]],
            "=OPTALLOC_VERSION()": [["tradealloc 0.1"]],
            "=SUM(1,2)": [[3.0]],
            "=OPTALLOC_CHECK(1)": [["#NAME?"]],
        }
        sheet = stub.sheet("Order")
        Range(sheet, Area(2, 8, 2, 8)).write("=OPTALLOC(ta_shares,Intervals!A2:A5)")
        Range(sheet, Area(2, 10, 3, 11)).api.FormulaArray = "=[1]!OPTALLOC_STATS(H2#)"
        Range(sheet, Area(2, 13, 2, 13)).write("=OPTALLOC_VERSION()")
        Range(sheet, Area(3, 13, 3, 13)).write("=SUM(1,2)")
        Range(sheet, Area(4, 13, 4, 13)).write("=OPTALLOC_CHECK(1)")
        return book, stub

    def test_whole_workbook_and_back(self, live: tuple[xw.Book, Stub], home: Path) -> None:
        book, stub = live
        before, spills = stub.dump(), dict(stub.sheet("Order").spills)
        arrays = dict(stub.sheet("Order").arrays)
        assert spills
        assert arrays
        commands.run("freeze", book, home)
        text = alert(stub)
        assert text.startswith("3 formulas replaced by values: Order!H2:H5, Order!J2:K3, Order!M2")
        assert "Order!M4 shows an error and keeps its formula" in text
        after = stub.dump()
        assert after["Order!H2"] == (1.5, None, False)
        assert after["Order!H5"] == (4.0, None, False)
        assert after["Order!K3"] == (1.25, None, False)
        assert after["Order!M2"] == ("tradealloc 0.1", None, False)
        assert after["Order!M3"] == before["Order!M3"]
        assert (stub.sheet("Order").spills, stub.sheet("Order").arrays) == ({}, {})
        assert {key: value[0] for key, value in after.items()} == {key: value[0] for key, value in before.items()}
        commands.run("undo", book, home)
        assert stub.dump() == before
        assert (stub.sheet("Order").spills, stub.sheet("Order").arrays) == (spills, arrays)

    def test_selection_of_several_cells_only(self, live: tuple[xw.Book, Stub], home: Path) -> None:
        book, stub = live
        stub.app.selection = Range(stub.sheet("Order"), Area(2, 13, 3, 16384))
        commands.run("freeze", book, home)
        assert alert(stub) == "1 formula replaced by values: Order!M2"
        assert stub.cell("Order!H2").formula is not None

    def test_one_selected_cell_means_the_workbook(self, live: tuple[xw.Book, Stub], home: Path) -> None:
        book, stub = live
        stub.app.selection = Range(stub.sheet("Order"), Area(40, 1, 40, 1))
        commands.run("freeze", book, home)
        assert alert(stub).startswith("3 formulas")

    def test_selection_in_another_workbook_is_not_ours(self, live: tuple[xw.Book, Stub], home: Path, day: Path) -> None:
        book, stub = live
        _, other = open_in_stub(day.with_name("other.xlsx"))
        stub.app.selection = Range(other.sheet("Order"), Area(2, 13, 3, 13))
        commands.run("freeze", book, home)
        assert alert(stub).startswith("3 formulas")

    def test_nothing_to_freeze_keeps_the_last_run(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        commands.run("freeze", book, home)
        assert alert(stub) == "No formula of TradeAlloc was found to freeze"
        commands.run("undo", book, home)
        assert stub.cell("Schedule!E2").value is None

    def test_protected_sheet(self, live: tuple[xw.Book, Stub], home: Path) -> None:
        book, stub = live
        stub.sheet("Order").protect("secret")
        before = stub.dump()
        commands.run("freeze", book, home)
        assert "sheet Order is protected" in alert(stub)
        assert stub.dump() == before


class TestOtherCommands:
    def test_every_tag_has_a_command(self) -> None:
        assert set(commands.COMMANDS) == TAGS

    def test_unknown_tag(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        commands.run("optimize", book, home)
        assert alert(stub).startswith("optimize is no command: ")

    def test_new_schedule_is_copied_and_opened(self, day: Path, home: Path, tmp_path: Path) -> None:
        book, stub = open_in_stub(day)
        target = tmp_path / "monday.xlsx"
        stub.app.answers = [str(target)]
        commands.run("new_daily_schedule", book, home)
        assert stub.app.alerts == []
        assert stub.app.prompts == [str(tmp_path / "daily_schedule.xlsx")]
        assert stub.app.books.opened == [str(target)]
        assert stub.app.books.active.table("tblSchedule") is not None

    def test_new_schedule_cancelled_or_there_already(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        stub.app.answers = [False, str(day)]
        commands.run("new_daily_schedule", book, home)
        assert (stub.app.alerts, stub.app.books.opened) == ([], [])
        content = day.read_bytes()
        commands.run("new_daily_schedule", book, home)
        assert "exists already: choose another name" in alert(stub)
        assert day.read_bytes() == content

    def test_new_schedule_named_like_an_open_workbook(self, day: Path, home: Path, tmp_path: Path) -> None:
        book, stub = open_in_stub(day)
        stub.app.answers = [str(tmp_path / "home" / "day.xlsx")]
        commands.run("new_daily_schedule", book, home)
        assert "no two workbooks of one name: close the other day.xlsx" in alert(stub)

    def test_new_schedule_then_optimise_and_undo(self, day: Path, home: Path, tmp_path: Path) -> None:
        """The shipped template, as Excel would hold it."""
        book, stub = open_in_stub(day)
        stub.app.answers = [str(tmp_path / "monday.xlsx")]
        commands.run("new_daily_schedule", book, home)
        monday: Stub = stub.app.books.active
        opened = xw.Book(impl=monday)
        before = monday.dump()
        commands.run("optimise", opened, home)
        assert stub.app.alerts == []
        changed = {key for key, value in monday.dump().items() if before.get(key) != value}
        assert len(changed) > 390
        assert not any(before[key][1] for key in changed & before.keys() if "!" in key), "no formula is touched"
        commands.run("undo", opened, home)
        assert monday.dump() == before

    @pytest.mark.parametrize("platform", ["win32", "darwin"])
    def test_settings_are_made_once_and_shown(
        self, day: Path, home: Path, monkeypatch: pytest.MonkeyPatch, platform: str
    ) -> None:
        machine = Machine(platform, home, {}, Path(sys.executable), Path(sys.prefix), encoding="utf-8")
        monkeypatch.setattr(Machine, "here", lambda: machine)
        book, stub = open_in_stub(day)
        commands.run("settings", book, home)
        path = places(machine).settings
        assert read_settings(path, "utf-8").values == interpreter_settings(machine)
        path.write_text('"USE UDF SERVER","True"')
        stub.app.alerts.clear()
        commands.run("settings", book, home)
        assert str(path) in alert(stub)
        assert '"USE UDF SERVER","True"' in alert(stub)

    def test_settings_say_where_there_is_no_excel(self, day: Path, home: Path) -> None:
        book, stub = open_in_stub(day)
        commands.run("settings", book, home)
        assert "no Excel for this computer" in alert(stub)

    def test_doctor_shows_the_findings(self, day: Path, home: Path) -> None:
        from tradealloc_addin.install import doctor, render

        book, stub = open_in_stub(day)
        commands.run("doctor", book, home)
        assert alert(stub) == render(doctor())

    def test_log_is_opened_once_there_is_one(self, day: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[Path] = []
        monkeypatch.setattr(commands, "_open_file", opened.append)
        book, stub = open_in_stub(day)
        commands.run("open_log", book, home)
        assert str(log_path()) in alert(stub)
        messages.explain(InputError("is wrong"), "Test")
        commands.run("open_log", book, home)
        assert opened == [log_path()]

    def test_about(self, day: Path, home: Path) -> None:
        from tradealloc import __version__

        book, stub = open_in_stub(day)
        commands.run("about", book, home)
        for part in (f"tradealloc {__version__}", "BSD-3-Clause", "=OPTALLOC_SENSITIVITY ", "Undo last run"):
            assert part in alert(stub)


class TestMessages:
    @pytest.mark.parametrize("error", [ComError(-2147418111), ComError(scode=-2146777998)])
    def test_cell_in_edit_mode(self, day: Path, home: Path, monkeypatch: pytest.MonkeyPatch, error: ComError) -> None:
        def busy(_: object) -> None:
            raise error

        monkeypatch.setitem(commands.COMMANDS, "optimise", busy)
        book, stub = open_in_stub(day)
        commands.run("optimise", book, home)
        assert alert(stub) == messages.BUSY

    def test_unexpected_error_is_a_sentence_and_a_traceback_in_the_log(
        self, day: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_: object) -> None:
            raise ZeroDivisionError("division\nby zero")

        monkeypatch.setitem(commands.COMMANDS, "compare", broken)
        book, stub = open_in_stub(day)
        commands.run("compare", book, home)
        reason = "(ZeroDivisionError: division by zero)"
        assert alert(stub) == f"Compare stopped at something unexpected {reason}. Details are in {log_path()}."
        assert "in broken" in log_path().read_text()

    def test_message_that_excel_will_not_show(self, day: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuses(*_: object) -> None:
            raise ComError(-2147418111)

        book, _ = open_in_stub(day)
        monkeypatch.setattr(App, "alert", refuses)
        commands.run("about", book, home)
        assert "(not shown: " in log_path().read_text()

    def test_one_setting_that_stays_does_not_keep_the_others(self, day: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        book, stub = open_in_stub(day)

        def set_mode(_: object, mode: str) -> None:
            if mode == "automatic":
                raise ComError

        monkeypatch.setattr(App, "calculation", property(lambda _: "automatic", set_mode))
        with messages.quiet(book.app, "Test"):
            assert not stub.app.screen_updating
        assert stub.app.screen_updating

    def test_ribbon_advice_replaces_what_the_verbs_say_for_the_command_line(self, day: Path) -> None:
        for missing in ("tblIntervals", "tblSchedule"):
            book = XlsxBook.open(desk_books.desk_book(day, leave_out=[missing]))
            with pytest.raises(InputError) as caught:
                optimise(book, Overrides())
            assert "--" in str(caught.value)
            assert "--" not in messages.explain(caught.value, "Optimise")


@pytest.mark.parametrize("shares", [1000.0, -1.0])
def test_no_workbook_is_held_after_a_command(day: Path, home: Path, shares: float) -> None:
    """Else Excel lives on as a zombie process."""
    book, _ = open_in_stub(day, settings={"shares": shares})
    held = weakref.ref(book)
    commands.run("optimise", book, home)
    del book
    gc.collect()
    assert held() is None


def test_commands_load_without_xlwings() -> None:
    code = "import sys, tradealloc_addin.commands; print(sorted({'xlwings', 'cvxpy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_output_tables_are_all_known() -> None:
    """The comparison above covers every table that a run writes."""
    assert set(ORDER_TABLES) == {"tblIntervals", "tblSchedule", "tblComparison", "tblSensitivity"}
    assert CellError("#N/A") != "#N/A"
