"""The functions in LibreOffice Calc: the add-in as built, in real cells."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from addin.cases import CASES, FOUR, LONG, SPREADS, VOLUMES, Case, S, assert_same, column, day
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from tradealloc_addin.values import ERROR_BASE, MISSING, NOT_AVAILABLE, NUM, ExcelError

import tradealloc as ta
from tradealloc.workbook.book import Cell
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook

from . import addin_office
from .addin_office import Sheet, read
from .calc import Book
from .conftest import TEMPLATE
from .office import Office

NA_CELL = ERROR_BASE + 2042


@pytest.fixture(scope="module")
def office_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calc")


@pytest.fixture(scope="module")
def calc(office_home: Path) -> Iterator[Office]:
    """LibreOffice with the add-in; missing is a skip, or a failure under TRADEALLOC_REQUIRE_ALL."""
    running = addin_office.start_or_skip(office_home)
    yield running
    running.stop()


@pytest.fixture
def sheet(calc: Office) -> Iterator[Sheet]:
    book = Book(calc)
    yield Sheet(book)
    book.close()


def cell(sheet: Sheet, function: str, *arguments: Any) -> Any:
    """A call in a single cell, not as an array formula."""
    area = sheet.cells(1, 1)
    area.getCellByPosition(0, 0).Formula = sheet.formula(function, arguments)
    return read(area)[0][0]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_parity(sheet: Sheet, case: Case) -> None:
    expected = case.expected
    found = sheet.evaluate(case.function, case.arguments, len(expected), len(expected[0]))
    if case.calc_error:
        assert found == [[ExcelError(case.calc_error)]]
    else:
        assert_same(found, case)


@pytest.mark.parametrize("intervals", [1, 390, 10_000])
def test_a_day_of_any_length_set_recalculated_and_read(sheet: Sheet, intervals: int) -> None:
    betas = sheet.put(column(day(intervals)))
    target = sheet.cells(intervals, 1)
    target.setArrayFormula(f"=OPTALLOC({S};A1:A{intervals};;0.01)")
    for seed in (7, 8):
        fresh = day(intervals, seed)
        betas.setDataArray(column(fresh))
        sheet.book.recalculate()
        best = ta.solve(ta.Problem(S, ta.LinearImpact(fresh, 0.01))).shares
        assert [row[0] for row in read(target)] == pytest.approx(best.tolist(), rel=1e-12)


def test_in_an_xlsx_written_by_openpyxl(calc: Office, tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page["B1"] = S
    for number, beta in enumerate(LONG, start=2):
        page.cell(number, 1, beta)
    page["C2"] = ArrayFormula("C2:C391", "=OPTALLOC(B1,A2:A391)")
    page["D1"] = "=OPTALLOC_CHECK(B1,A2:A391)"
    page["E1"] = "=SUM(OPTALLOC(B1,A2:A391))"
    page["F1"] = "=OPTALLOC_IMPACT(C2:C391,A2:A391,,,,)"
    book.save(tmp_path / "day.xlsx")
    opened = Book(calc, tmp_path / "day.xlsx")
    cells = opened.sheets[0].getCellRangeByName("A1:F391")
    best = ta.solve(ta.Problem(S, ta.LinearImpact(LONG)))
    values = read(cells)
    opened.close()
    assert [row[2] for row in values[1:]] == pytest.approx(best.shares.tolist(), rel=1e-12)
    assert values[0][3].startswith("OK method analytic, 390 intervals")
    assert values[0][4] == pytest.approx(S, rel=1e-12)
    assert values[0][5] == pytest.approx(best.total_impact, rel=1e-12)


def test_beside_the_template(calc: Office, tmp_path: Path) -> None:
    """The names and the table of the daily schedule as arguments, on a sheet of the trader's own."""
    opened = Book(calc, Path(shutil.copy(TEMPLATE, tmp_path)))
    opened.document.Sheets.insertNewByName("Mine", 0)
    page = opened.sheets[0]
    page.getCellRangeByName("A1").getCellByPosition(0, 0).Formula = "=OPTALLOC_CHECK(ta_shares;tblIntervals[#All])"
    area = page.getCellRangeByName("B1:B390")
    area.setArrayFormula('=OPTALLOC(ta_shares;tblIntervals[#All];"window_start=10:00; lot=100")')
    found, check = [row[0] for row in read(area)], read(page.getCellRangeByName("A1"))[0][0]
    opened.close()
    order = OrderSheet.read(XlsxBook.open(TEMPLATE))
    order = order.with_cells({"window_start": Cell("10:00", ""), "lot_size": Cell(100.0, "")})
    assert check.startswith("OK method")
    assert found == ta.solve(order.problem).shares.tolist()
    assert found[:30] == [0.0] * 30


def test_errors_are_errors_to_other_formulas(sheet: Sheet) -> None:
    infeasible = sheet.formula("OPTALLOC", (S, column(FOUR), MISSING, MISSING, MISSING, 1.0))[1:]
    for formula, expected in (
        (f"=ISERROR({infeasible})", 1.0),
        (f"=IFERROR({infeasible};7)", 7.0),
        (f"=IFNA({infeasible};7)", ExcelError(NUM)),
        (f"=SUM({infeasible})", ExcelError(NUM)),
    ):
        area = sheet.cells(1, 1)
        area.getCellByPosition(0, 0).Formula = formula
        assert read(area) == [[expected]], formula


def test_the_check_says_the_sentence_and_the_log_keeps_it(sheet: Sheet, office_home: Path) -> None:
    sentence = "caps sum to 44 shares, 99,956 short of 100,000"
    caps = (S, column(FOUR), MISSING, MISSING, MISSING, 11.0)
    assert sentence in cell(sheet, "OPTALLOC_CHECK", *caps)
    assert cell(sheet, "OPTALLOC", *caps) == ExcelError(NUM)
    assert sentence in (office_home / ".tradealloc" / "log" / "tradealloc.log").read_text(encoding="utf-8")


def test_a_single_blank_cell_reaches_us_as_zero(sheet: Sheet) -> None:
    """So zero counts as blank where it can't be meant; a cap of zero stays a cap."""
    blank = ((None,),)
    assert cell(sheet, "OPTALLOC", blank, column(FOUR)) == ExcelError(NOT_AVAILABLE)
    assert cell(sheet, "OPTALLOC", S, blank) == ExcelError(NOT_AVAILABLE)
    assert cell(sheet, "OPTALLOC", S, 1e-5, blank, blank, blank) == S
    assert "needs volumes" in cell(sheet, "OPTALLOC_CHECK", S, 1e-5, "participation=0.1", MISSING, blank)
    assert cell(sheet, "OPTALLOC", S, 1e-5, MISSING, MISSING, MISSING, blank) == ExcelError(NUM)


def test_arguments_left_out_anywhere(sheet: Sheet) -> None:
    assert cell(sheet, "OPTALLOC_VERSION") == ta.__version__
    assert cell(sheet, "OPTALLOC") == ExcelError(NOT_AVAILABLE)
    assert cell(sheet, "OPTALLOC", S) == ExcelError(NOT_AVAILABLE)
    assert cell(sheet, "OPTALLOC", S, 1e-5, "", "", 1e6, MISSING, 1.0) == S


def test_computed_and_typed_arrays(sheet: Sheet) -> None:
    expected = [[x] for x in ta.solve(ta.Problem(S, ta.LinearImpact([1e-5, 2e-5, 4e-5]))).shares.tolist()]
    sheet.put(column([1.0, 2.0, 4.0]))
    computed, typed = sheet.cells(3, 1), sheet.cells(3, 1)
    computed.setArrayFormula(f"=OPTALLOC({S};A1:A3*1E-5)")
    typed.setArrayFormula(f"=OPTALLOC({S};{{1E-5|2E-5|4E-5}})")
    assert read(computed) == read(typed) == [[pytest.approx(x[0], rel=1e-12)] for x in expected]


def test_errors_among_the_arguments_are_calcs_own(sheet: Sheet) -> None:
    """Calc passes them on, or says Err:504 for a range that holds one, before any add-in is asked."""
    sheet.put(column([1.0, 0.0]))
    sheet.put(column([1e-5, NA_CELL]))
    for formula, expected in (
        (f"=OPTALLOC({S};1/A1:A2)", 532),
        (f"=OPTALLOC({S};IF(A1:A2=0;NA();1))", NOT_AVAILABLE),
        (f"=OPTALLOC({S};B2)", NOT_AVAILABLE),
        ("=OPTALLOC(B2;A1)", NOT_AVAILABLE),
        (f"=OPTALLOC({S};B1:B2)", 504),
        (f"=OPTALLOC_CHECK({S};B1:B2)", 504),
    ):
        area = sheet.cells(1, 1)
        area.setArrayFormula(formula)
        assert read(area) == [[ExcelError(expected)]], formula


def test_solver_libraries_work_inside(sheet: Sheet) -> None:
    """CVXPY looks for many absent packages, and LibreOffice's import statement isn't Python's."""
    for method in ("cvxpy", "slsqp"):
        assert cell(sheet, "OPTALLOC_CHECK", S, column(FOUR), f"method={method}").startswith(f"OK method {method}")


def test_whole_columns(sheet: Sheet) -> None:
    sheet.put(column(FOUR))
    area = sheet.cells(4, 1)
    area.setArrayFormula(f"=OPTALLOC({S};A1:A1048576)")
    assert_same(read(area), CASES[0])


def test_formulas_keep_their_names_in_a_saved_xlsx(calc: Office, sheet: Sheet, tmp_path: Path) -> None:
    sheet.cells(1, 1).getCellByPosition(0, 0).Formula = f"=SUM(OPTALLOC({S};{{1|2}}))"
    calc.store(sheet.book.document, tmp_path / "saved.xlsx", "Calc MS Excel 2007 XML")
    from openpyxl import load_workbook

    saved = load_workbook(tmp_path / "saved.xlsx")
    assert "OPTALLOC(" in str(saved.active["A1"].value).upper()


def test_everything_at_once(sheet: Sheet) -> None:
    limits = ta.Limits(participation=0.1, volume=VOLUMES, lot_size=100.0, max_shares=45_000.0, min_shares=200.0)
    best = ta.solve(ta.Problem(S, ta.LinearImpact(FOUR, SPREADS), limits)).shares.tolist()
    arguments = (S, column(FOUR), "participation=0.1; lot=100", column(SPREADS), column(VOLUMES), 45_000.0, 200.0)
    assert sheet.evaluate("OPTALLOC", arguments, 4, 1) == [[x] for x in best]
