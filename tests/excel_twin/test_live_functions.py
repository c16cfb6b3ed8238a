"""live_functions.xlsx: with the add-in its formulas give what is stored, and follow the inputs; without, no error."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from tradealloc_addin.build.package import zipped
from tradealloc_addin.spec import FUNCTIONS

from tradealloc import actions
from tradealloc.templates import template_path
from tradealloc.workbook.xlsx_book import XlsxBook

from . import addin_office
from .addin_office import read
from .calc import Book
from .conftest import OpenBook
from .office import Office

SHIPPED = template_path("live_functions")
BLOCKS = {
    "live_shares": 1e-9,
    "live_free": 1e-9,
    "live_impact": 1e-9,
    "live_equal_impact": 1e-9,
    "live_stats": 1e-9,
    "live_sensitivity": 1e-9,
    "live_compare": 2e-4,
    "live_reopt": 1e-9,
    "live_tca": 1e-9,
}
"""The live blocks, and how closely their stored numbers follow the formulas' (solvers that iterate: less)."""


@pytest.fixture(scope="module")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """LibreOffice with the add-in."""
    running = addin_office.start_or_skip(tmp_path_factory.mktemp("calc"))
    yield running
    running.stop()


def for_libreoffice(source: Path, target: Path) -> Path:
    """A copy whose formulas call the functions by their bare names, as LibreOffice knows them."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = parts[name].replace(b"[1]!OPTALLOC", b"OPTALLOC")
    target.write_bytes(zipped(parts))
    return target


@pytest.fixture
def live(calc: Office, tmp_path: Path) -> Iterator[Book]:
    """The template as the add-in's user sees it."""
    book = Book(calc, for_libreoffice(SHIPPED, tmp_path / "live.xlsx"))
    book.recalculate()
    yield book
    book.close()


def block(book: Book, name: str) -> list[list[Any]]:
    """The cells of the array formula that begins at a name."""
    area = book.document.NamedRanges.getByName(name).getReferredCells()
    if area is None:  # a name that reaches as far as there are intervals
        area = book.document.Sheets.getByName("Live schedule").getCellRangeByName(
            {"live_free": "E11:E23", "live_shares": "F11:F23", "live_equal": "D11:D23"}[name]
        )
        return read(area)
    sheet = area.Spreadsheet
    cursor = sheet.createCursorByRange(area)
    cursor.collapseToCurrentArray()
    return read(cursor)


def stored(name: str) -> list[list[Any]]:
    """What the file stores in the same cells."""
    values = openpyxl.load_workbook(SHIPPED, data_only=True)
    formulas = openpyxl.load_workbook(SHIPPED)
    if name in ("live_free", "live_shares"):
        sheet, first = "Live schedule", {"live_free": "E11", "live_shares": "F11"}[name]
    else:
        ((sheet, address),) = formulas.defined_names[name].destinations
        first = address.replace("$", "")
    reach = formulas[sheet][first].value.ref
    cells = values[sheet][reach]
    if not isinstance(cells, tuple):
        return [[cells.value]]
    return [[cell.value for cell in row] for row in cells]


def assert_close(found: list[list[Any]], expected: list[list[Any]], tolerance: float) -> None:
    assert [len(row) for row in found] == [len(row) for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        for value, want in zip(row, wanted, strict=True):
            if want is None:
                assert value == ""
            elif isinstance(want, str):
                assert value == want
            else:
                assert value == pytest.approx(want, rel=tolerance, abs=1e-9)


def test_live_values_are_the_stored_ones(live: Book) -> None:
    assert live.error_cells() == []
    assert live.get("live_on") == 1
    for name, tolerance in BLOCKS.items():
        assert_close(block(live, name), stored(name), tolerance)
    assert live.get("live_check") == stored("live_check")[0][0]
    assert live.get("live_version") == stored("live_version")[0][0]


def test_formulas_follow_the_inputs(live: Book) -> None:
    before = np.array(block(live, "live_shares"), dtype=float)
    live.set("ta_shares", 50_000.0)
    live.set("ta_participation", 0.2)
    live.set("ta_lot_size", 100.0)
    live.recalculate()
    after = np.array(block(live, "live_shares"), dtype=float)
    assert before.sum() == pytest.approx(100_000)
    assert after.sum() == pytest.approx(50_000)
    assert np.all(after % 100 == 0)
    assert live.error_cells() == []


def test_the_day_follows_its_inputs(live: Book) -> None:
    """Another fill in the fifth interval, and another price of the first fill."""
    filled = live.document.NamedRanges.getByName("live_filled").getReferredCells()
    fills = live.document.NamedRanges.getByName("live_fills").getReferredCells()
    before = np.array(block(live, "live_reopt"), dtype=float)[:, 0]
    filled.getCellByPosition(0, 4).Value = 1_000.0
    fills.getCellByPosition(3, 1).Value = 100.04
    live.recalculate()
    after = np.array(block(live, "live_reopt"), dtype=float)[:, 0]
    assert after[:5].tolist() == [14_000.0, 9_500.0, 8_200.0, 0.0, 1_000.0]
    assert after.sum() == pytest.approx(before.sum())
    assert np.all(after[5:] > before[5:])
    costs = {row[0]: row[1:] for row in block(live, "live_tca")}
    assert costs["Shortfall"] == [pytest.approx(2_765.4 + 140), pytest.approx(210.0), pytest.approx(3_115.4)]
    assert live.get("live_day") == 0


def test_infeasible_inputs_give_an_error_and_the_check_says_why(live: Book) -> None:
    live.set("ta_participation", 0.01)
    live.recalculate()
    assert any("Live schedule" in place for place in live.error_cells())
    assert "short of 100,000" in str(live.get("live_check"))


def test_a_run_agrees_with_the_live_formulas(calc: Office, tmp_path: Path) -> None:
    path = for_libreoffice(SHIPPED, tmp_path / "run.xlsx")
    book = XlsxBook.open(path)
    assert book.write_cell("ta_lot_size", 100.0)
    assert book.write_cell("ta_shares", 90_000.0)
    actions.optimise(book)
    book.save()
    opened = Book(calc, path)
    opened.recalculate()
    verdicts = {row[2]: row[9] for row in opened.texts("Checks") if len(row) > 9}
    assert verdicts["Live formulas agree: schedule"] == "OK"
    assert verdicts["Live formulas agree: total impact"] == "OK"
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("OK", "OK")
    column = opened.column("tblSchedule", "Allocation")
    first, second = (column.getCellByPosition(0, row) for row in (0, 1))
    first.Value, second.Value = first.Value + 100, second.Value - 100
    opened.recalculate()
    verdicts = {row[2]: row[9] for row in opened.texts("Checks") if len(row) > 9}
    opened.close()
    assert verdicts["Live formulas agree: schedule"] == "FAIL"


@pytest.mark.parametrize("recalculated", [False, True])
def test_without_the_addin_the_stored_values_show(open_book: OpenBook, tmp_path: Path, recalculated: bool) -> None:
    book = open_book(SHIPPED)
    if recalculated:
        book.recalculate()
    assert book.error_cells() == []
    assert book.get("live_on") == 0
    assert "STORED" in {cell for row in book.texts("Functions") for cell in row}
    for name in BLOCKS:
        assert_close(block(book, name), stored(name), 1e-9)


def test_without_the_addin_changed_inputs_show_no_old_values(open_book: OpenBook) -> None:
    book = open_book(SHIPPED)
    book.set("ta_shares", 70_000.0)
    book.recalculate()
    assert book.error_cells() == []
    assert "OFF" in {cell for row in book.texts("Functions") for cell in row}
    for name in BLOCKS:
        assert {value for row in block(book, name) for value in row} == {"no add-in"}


def test_without_the_addin_a_changed_day_shows_no_old_values(open_book: OpenBook) -> None:
    book = open_book(SHIPPED)
    filled = book.document.NamedRanges.getByName("live_filled").getReferredCells()
    filled.getCellByPosition(0, 6).Value = 5.0
    book.recalculate()
    assert book.error_cells() == []
    for name in ("live_reopt", "live_tca"):
        assert {value for row in block(book, name) for value in row} == {"no add-in"}
    assert_close(block(book, "live_shares"), stored("live_shares"), 1e-9)


def test_a_run_works_where_the_addin_is_missing(open_book: OpenBook, tmp_path: Path) -> None:
    path = tmp_path / "day.xlsx"
    path.write_bytes(SHIPPED.read_bytes())
    book = XlsxBook.open(path)
    actions.optimise(book)
    book.save()
    opened = open_book(path)
    assert opened.error_cells() == []
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("OK", "OK")


def test_the_file_is_stored_as_excel_stores_it() -> None:
    with zipfile.ZipFile(SHIPPED) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    formulas = [
        formula
        for name, text in parts.items()
        if name.startswith("xl/worksheets/sheet")
        for formula in re.findall(r"<f[^>]*>([^<]*)</f>", text)
    ]
    calls = [formula for formula in formulas if "OPTALLOC" in formula]
    assert all(re.search(r"\[1\]!OPTALLOC", formula) for formula in calls)
    assert not any(re.search(r"(?<!!)\bOPTALLOC", formula) for formula in calls)
    for function in FUNCTIONS:
        assert any(f"[1]!{function.name}(" in formula for formula in calls), function.name
    assert "fullCalcOnLoad" not in parts["xl/workbook.xml"]
    link = parts["xl/externalLinks/_rels/externalLink1.xml.rels"]
    assert "xlExternalLinkPath/xlStartup" in link
    assert 'Target="tradealloc.xlam"' in link
    assert "xl/metadata.xml" in parts
