"""what_if.xlsx in a real spreadsheet: fresh, after a run, with other scenarios, after a change, on paper."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from tradealloc import actions
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book, page_texts, pages
from .conftest import TEMPLATE, OpenBook
from .test_look import cut_labels

WHAT_IF = TEMPLATE.parent / "what_if.xlsx"
SHEETS = ("Cover", "Order", "Intervals", "Scenarios", "Trade-offs", "Cap values", "All schedules", "Checks")
FIRST_CHECK, CHECK, RESULT = "Result is current", 2, 9
WHAT_IF_CHECKS = (
    "Scenarios and results agree", "Scenario schedules sum to their orders", "Scenario costs", "Scenario improvements",
    "Scenario certificates", "Curve at the order's cap", "Curve at exponent 1", "Value of the participation cap",
)  # fmt: skip


CHANGES: tuple[tuple[str, str, int, float | str | None], ...] = (
    ("tblScenarios", "Participation", 2, 0.08),
    ("tblScenarios", "Scenario", 0, "Base"),
    ("tblScenarios", "Model", 5, None),
    ("tblByParticipation", "Participation", 0, 0.075),
    ("tblByExponent", "Exponent", 5, 1.6),
)
WRONG = {
    "Scenario costs": ("tblScenarioResults", "TotalCost", 3),
    "Scenario improvements": ("tblScenarioResults", "Improvement", 0),
    "Scenario certificates": ("tblScenarioResults", "KktResidual", 1),
    "Scenarios and results agree": ("tblScenarioResults", "Scenario", 4),
    "Scenario schedules sum to their orders": ("tblScenarioSchedules", "Quadratic", 100),
    "Curve at the order's cap": ("tblByParticipation", "OptimalImpact", 3),
    "Value of the participation cap": ("tblByParticipation", "MarginalValue", 3),
    "Curve at exponent 1": ("tblByExponent", "OptimalImpact", 3),
}


@pytest.fixture
def what_if(tmp_path: Path) -> Path:
    return Path(shutil.copy(WHAT_IF, tmp_path / "what_if.xlsx"))


def run(path: Path) -> None:
    book = XlsxBook.open(path)
    actions.optimise(book)
    book.save()


@pytest.fixture(scope="module")
def after_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(WHAT_IF, tmp_path_factory.mktemp("run") / "what_if.xlsx"))
    run(path)
    return path


@pytest.fixture
def solved(after_a_run: Path, tmp_path: Path) -> Path:
    """The template after a run."""
    return Path(shutil.copy(after_a_run, tmp_path / "solved.xlsx"))


def verdicts(book: Book) -> dict[str, str]:
    """Result of each check by its label."""
    rows = book.texts("Checks")
    first = next(i for i, row in enumerate(rows) if row[CHECK] == FIRST_CHECK)
    last = next(i for i, row in enumerate(rows) if i > first and not row[CHECK])
    return {row[CHECK]: row[RESULT] for row in rows[first:last]}


def test_fresh_it_says_not_run_and_has_no_errors(open_book: OpenBook, what_if: Path) -> None:
    book = open_book(what_if)
    book.recalculate()
    assert (book.get("ta_status"), book.get("ta_checks")) == ("NOT RUN", "NOT RUN")
    assert book.error_cells() == []


def test_stored_values_are_those_that_a_spreadsheet_computes(open_book: OpenBook, what_if: Path) -> None:
    stored, formulas = openpyxl.load_workbook(WHAT_IF, data_only=True), openpyxl.load_workbook(WHAT_IF)
    book = open_book(what_if)
    compared = 0
    for sheet in formulas:
        shown = book.document.Sheets.getByName(sheet.title)
        for row in sheet.iter_rows():
            for cell in (cell for cell in row if cell.data_type == "f"):
                value = stored[sheet.title][cell.coordinate].value
                computed = shown.getCellRangeByName(cell.coordinate).getDataArray()[0][0]
                expected = computed if isinstance(computed, str) else pytest.approx(computed, rel=1e-12, abs=0)
                assert ("" if value is None else value) == expected, f"{sheet.title}!{cell.coordinate}"
                compared += 1
    assert compared > 200


def test_after_a_run_every_check_of_the_scenarios_holds(open_book: OpenBook, solved: Path) -> None:
    book = open_book(solved)
    book.recalculate()
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK")
    found = verdicts(book)
    assert [found[label] for label in WHAT_IF_CHECKS] == ["OK"] * len(WHAT_IF_CHECKS)
    assert set(found.values()) == {"OK", "n/a"}


def test_a_changed_scenario_makes_it_stale(open_book: OpenBook, solved: Path) -> None:
    book = open_book(solved)
    for table, header, row, value in CHANGES:
        before = book.get_column(table, header)[row]
        book.set_item(table, header, row, value)
        book.recalculate()
        assert book.get("ta_status") == "STALE", (table, header)
        book.set_item(table, header, row, before)
    book.recalculate()
    assert book.get("ta_status") == "OK"


def test_a_wrong_figure_fails_its_check(open_book: OpenBook, solved: Path) -> None:
    book = open_book(solved)
    for label, (table, header, row) in WRONG.items():
        before = book.get_column(table, header)[row]
        book.set_item(table, header, row, 1.5)
        book.recalculate()
        assert [name for name, verdict in verdicts(book).items() if verdict == "FAIL"] == [label]
        assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "CHECK")
        book.set_item(table, header, row, before)


def test_fewer_scenarios_and_intervals(open_book: OpenBook, what_if: Path) -> None:
    """The matrix, its charts and the checks follow; a scenario that can't be traded has a blank column."""
    run(what_if)
    file = XlsxBook.open(what_if)
    scenarios, intervals = file.table("tblScenarios"), file.table("tblIntervals")
    assert scenarios is not None
    assert intervals is not None
    kept = [0, 1, 8, 4]  # As ordered, No cap, Quadratic, Two caps
    for table in ("tblScenarios", "tblScenarioResults"):
        found = file.table(table)
        assert found is not None
        file.write_table(table, {header: [cells[row].value for row in kept] for header, cells in found.columns.items()})
    file.write_table(
        "tblIntervals", {h: [cell.value for cell in cells[:120]] for h, cells in intervals.columns.items()}
    )
    file.write_cell("ta_shares", 30_000.0)
    actions.optimise(file)
    file.save()
    book = open_book(what_if)
    book.recalculate()
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK")
    status = book.get_column("tblScenarioResults", "Status")
    assert status[:3] == ["OK", "OK", "OK"]
    assert str(status[3]).startswith("caps sum to 27,789.2 shares")
    assert book.get_column("tblScenarioSchedules", "Two caps") == [None] * 120
    total = sum(float(x or 0) for x in book.get_column("tblScenarioSchedules", "Quadratic"))
    assert total == pytest.approx(30_000)


def test_long_names_are_not_cut(open_book: OpenBook, what_if: Path) -> None:
    """Names of thirty characters, of several scripts, over all columns that show them; more scenarios than before."""
    file = XlsxBook.open(what_if)
    scenarios = file.table("tblScenarios")
    assert scenarios is not None
    names = [f"Participation at {row:02d} percent x" for row in range(12)] + [
        "מגבלת השתתפות של עשרה אחוזים א",
        "参加率の上限を十パーセントにした場合",
    ]
    cells = {header: [cell.value for cell in cells] for header, cells in scenarios.columns.items()}
    file.write_table(
        "tblScenarios",
        {
            header: names
            if header == "Scenario"
            else [*cells[header], 0.2, 0.3]
            if header == "Participation"
            else [*cells[header], None, None]
            for header in cells
        },
    )
    actions.optimise(file)
    file.save()
    book = open_book(what_if)
    assert list(cut_labels(book)) == []
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK")
    headers = book.document.DatabaseRanges.getByName("tblScenarioSchedules").getReferredCells().getDataArray()[0]
    assert list(headers[2:]) == names


def delete_as_excel(path: Path, sheet: str) -> None:
    """Delete a sheet; formulas that read its tables hold #REF! in their place, as Excel writes it."""
    book = openpyxl.load_workbook(path)
    lost = "|".join(book[sheet].tables)
    del book[sheet]
    reference = re.compile(rf"\b(?:{lost})\b(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\])?")
    for page in book:
        for row in page.iter_rows():
            for cell in (cell for cell in row if isinstance(cell.value, ArrayFormula)):
                cell.value.text = reference.sub("#REF!", cell.value.text)
    book.save(path)


@pytest.mark.parametrize("sheet", ["Trade-offs", "Cap values", "All schedules", "Comparison", "Scenarios"])
@pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl")
def test_a_deleted_sheet_leaves_a_status_and_its_checks_say_na(open_book: OpenBook, what_if: Path, sheet: str) -> None:
    delete_as_excel(what_if, sheet)
    run(what_if)
    book = open_book(what_if)
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK")
    assert book.error_cells() == []
    assert set(verdicts(book).values()) == {"OK", "n/a"}
    book.set("ta_shares", 90_000.0)
    book.recalculate()
    assert book.get("ta_status") == "STALE"


@pytest.mark.parametrize("filled", [False, True], ids=["fresh", "after a run"])
def test_pages_are_neither_blank_nor_cut(
    open_book: OpenBook, what_if: Path, solved: Path, tmp_path: Path, filled: bool
) -> None:
    book = open_book(solved if filled else what_if)
    pdf = book.pdf(tmp_path / "what_if.pdf")
    texts = page_texts(pdf)
    assert 30 <= len(texts) <= 42
    for text in texts:
        assert "###" not in text
        assert "#NAME" not in text
        assert len(text.split()) > 20, "a page with nothing but header and footer"
    for sheet in SHEETS:
        assert any(re.search(rf"\b{sheet}$", text.splitlines()[0]) for text in texts), f"{sheet} isn't printed"
    drawn = pages(pdf, tmp_path, resolution=30)
    assert all(page.stat().st_size > 1_500 for page in drawn)
