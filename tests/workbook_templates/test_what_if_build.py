"""The committed what_if.xlsx is what its program builds; its tables and validations are those of the registry."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tradealloc.workbook.fields import ORDER_TABLES, RUN_LOG_COLUMNS, SCENARIO_TABLES, TBL_RUN_LOG
from tradealloc.workbook.fields.scenarios import (
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_SCENARIO_SCHEDULES,
    TBL_SCENARIOS,
)
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.scenario_sheet import exponent_points, participation_points, scenario_rows
from tradealloc.workbook.xlsx_book import XlsxBook

TEMPLATES = Path(__file__).parents[2] / "workbook_templates"
COMMITTED = TEMPLATES / "what_if.xlsx"
TABLES = {**ORDER_TABLES, **SCENARIO_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS}
SHEETS = [
    "Cover", "Order", "Intervals", "Scenarios", "Trade-offs", "Cap values", "All schedules", "Schedule", "Comparison",
    "Run log", "Checks", "Reference",
]  # fmt: skip


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(COMMITTED)


def headers(book: openpyxl.Workbook, table: str) -> list[str]:
    (found,) = [sheet.tables[table] for sheet in book if table in sheet.tables]
    return [column.name for column in found.tableColumns]


def test_the_committed_template_is_what_the_program_builds(tmp_path: Path) -> None:
    target = tmp_path / "what_if.xlsx"
    elsewhere = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, str(TEMPLATES / "build_what_if.py"), str(target)], check=True, env=elsewhere)
    with zipfile.ZipFile(target) as new, zipfile.ZipFile(COMMITTED) as old:
        assert new.namelist() == old.namelist()
        for part in new.namelist():
            assert new.read(part) == old.read(part), f"{part}: run workbook_templates/build_what_if.py"
    assert target.read_bytes() == COMMITTED.read_bytes()


def test_it_holds_no_macros_and_no_links() -> None:
    with zipfile.ZipFile(COMMITTED) as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower() or "externalLink" in name]


def test_the_format_audit_finds_nothing() -> None:
    audit = Path(sys.executable).parent / "openxml-audit"
    found = subprocess.run([str(audit), str(COMMITTED)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert "Errors: 0" in found.stdout


def test_sheets_and_tables_are_there(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == SHEETS
    for table, columns in TABLES.items():
        if table != TBL_SCENARIO_SCHEDULES:
            assert headers(book, table) == [column.header for column in columns]
    rows = scenario_rows(OrderSheet.read(XlsxBook.open(COMMITTED)))
    assert headers(book, TBL_SCENARIO_SCHEDULES)[2:] == [row.name for row in rows if row and hasattr(row, "name")]


def test_every_input_of_the_example_is_good() -> None:
    sheet = OrderSheet.read(XlsxBook.open(COMMITTED))
    assert all(row is not None and row.problem.bounds.room >= row.problem.shares for row in scenario_rows(sheet))  # type: ignore[union-attr]
    points = [*participation_points(sheet), *exponent_points(sheet)]
    assert points
    assert all(isinstance(point, float) for point in points)


def test_nothing_stands_where_more_scenarios_grow_to(book: openpyxl.Workbook) -> None:
    """A chart right of the schedules would lie over the columns of a fourteenth scenario."""
    assert not book["All schedules"]._charts


def test_results_are_blank_and_inputs_are_open(book: openpyxl.Workbook) -> None:
    inputs = {TBL_SCENARIOS: SCENARIO_TABLES[TBL_SCENARIOS]} | {
        table: SCENARIO_TABLES[table][:1] for table in (TBL_BY_PARTICIPATION, TBL_BY_EXPONENT)
    }
    for table in SCENARIO_TABLES:
        (sheet,) = [sheet for sheet in book if table in sheet.tables]
        first, *body = sheet[sheet.tables[table].ref]
        for row in body:
            for header, cell in zip(first, row, strict=True):
                is_input = header.value in [column.header for column in inputs.get(table, ())]
                assert cell.protection.locked is not is_input, f"{sheet.title}!{cell.coordinate}"
                assert is_input or cell.value is None, f"{sheet.title}!{cell.coordinate}"
        assert not sheet.protection.sheet  # tables grow here


def test_inputs_are_validated(book: openpyxl.Workbook) -> None:
    rules = {
        str(area): rule for rule in book["Scenarios"].data_validations.dataValidation for area in rule.sqref.ranges
    }
    assert rules["D7:D18"].formula1 == '"linear,power,quadratic"'
    assert (rules["G7:G18"].operator, rules["G7:G18"].formula1) == ("greaterThanOrEqual", "0")
    curves = {str(area) for rule in book["Trade-offs"].data_validations.dataValidation for area in rule.sqref.ranges}
    assert len(curves) == 2


def test_every_sheet_has_banner_paper_and_panes(book: openpyxl.Workbook) -> None:
    for sheet in book:
        texts = [cell.value for cell in sheet[3]]
        assert "=ta_status" in texts, sheet.title
        assert "=ta_checks" in texts, sheet.title
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_area, sheet.title
        assert sheet.freeze_panes or sheet.title == "Cover"
