"""Every committed template is what its program builds, and keeps the standard of the set."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from tradealloc.templates import DESCRIPTIONS, template_path
from tradealloc.workbook.fields import CONTRACT_VERSION, PREFIX, RUN_LOG_COLUMNS, TABLES, TBL_RUN_LOG, Column
from tradealloc.workbook.fields.intraday import FILL_COLUMNS, TBL_FILLS

PROGRAMS = Path(__file__).parents[2] / "workbook_templates"
LINKED = {"live_functions"}
"""Templates with formulas that call the add-in."""
A4 = 9

pytestmark = pytest.mark.parametrize("name", DESCRIPTIONS)


def columns_of(table: openpyxl.worksheet.table.Table, name: str) -> Sequence[Column]:
    """The registry's columns; fills during the day lack those that only the analysis after it needs."""
    return FILL_COLUMNS if (name, table.name) == ("daily_schedule", TBL_FILLS) else TABLES[table.name]


def load(name: str, **options: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(template_path(name), **options)


def named_cell(book: openpyxl.Workbook, name: str) -> openpyxl.cell.Cell:
    ((sheet, address),) = book.defined_names[name].destinations
    return book[sheet][address]


def test_the_committed_template_is_what_the_program_builds(name: str, tmp_path: Path) -> None:
    rebuilt, committed = tmp_path / f"{name}.xlsx", template_path(name)
    elsewhere = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, str(PROGRAMS / f"build_{name}.py"), str(rebuilt)], check=True, env=elsewhere)
    with zipfile.ZipFile(rebuilt) as new, zipfile.ZipFile(committed) as old:
        assert new.namelist() == old.namelist()
        for part in new.namelist():
            assert new.read(part) == old.read(part), f"{part}: run workbook_templates/build_{name}.py"
    assert rebuilt.read_bytes() == committed.read_bytes()


def test_it_holds_no_macros_and_no_links_but_to_the_addin(name: str) -> None:
    with zipfile.ZipFile(template_path(name)) as parts:
        assert not [part for part in parts.namelist() if "vba" in part.lower()]
        links = [part for part in parts.namelist() if part.startswith("xl/externalLinks/_rels/")]
        assert len(links) == (name in LINKED)
        for link in links:
            assert b'Target="tradealloc.xlam"' in parts.read(link)


def test_the_format_audit_finds_nothing(name: str) -> None:
    audit = Path(sys.executable).parent / "openxml-audit"
    found = subprocess.run([str(audit), str(template_path(name))], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
    assert "Errors: 0" in found.stdout


def test_cover_comes_first_and_checks_run_log_and_reference_are_there(name: str) -> None:
    titles = load(name).sheetnames
    assert titles[0] == "Cover"
    assert {"Checks", "Run log", "Reference"} < set(titles)


def test_the_cover_links_to_every_other_sheet_and_says_the_version(name: str) -> None:
    book = load(name)
    links = [cell.hyperlink for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink]
    targets = {str(link.location).split("!")[0].strip("'") for link in links}
    assert targets == set(book.sheetnames) - {"Cover"}
    words = " ".join(str(cell.value) for row in book["Cover"].iter_rows() for cell in row if cell.value)
    assert f"contract version {CONTRACT_VERSION}" in words
    assert all(f"Step {number}" in words for number in (1, 2, 3, 4))


def test_every_sheet_shows_status_and_checks(name: str) -> None:
    for sheet in load(name):
        formulas = {cell.value for row in sheet.iter_rows(max_row=4) for cell in row}
        assert {"=ta_status", "=ta_checks"} <= formulas, sheet.title


def test_growing_tables_stand_on_open_sheets_and_all_else_is_protected_without_password(name: str) -> None:
    for sheet in load(name):
        open_sheet = bool(sheet.tables) or sheet.title in ("Functions", "Live schedule", "Trading day")
        assert sheet.protection.sheet != open_sheet, sheet.title
        assert sheet.protection.password is None


def test_inputs_are_open_and_results_locked(name: str) -> None:
    """Blue on yellow means open, everywhere."""
    for sheet in load(name):
        for row in sheet.iter_rows():
            for cell in row:
                yellow = cell.fill.fgColor.rgb == "FFFFF9DB" and cell.value != "Input"
                assert yellow <= (not cell.protection.locked), f"{sheet.title}!{cell.coordinate}"
                assert (not cell.protection.locked) <= (cell.fill.fgColor.rgb == "FFFFF9DB")


def test_every_sheet_prints_on_paper_of_its_own_width(name: str) -> None:
    for sheet in load(name):
        assert sheet.page_setup.paperSize == A4
        if sheet.page_setup.scale:  # wider than a page, by design
            assert sheet.print_title_cols or sheet.col_breaks.brk
            continue
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        across = sheet.page_setup.fitToWidth or 1
        assert across == 1 or (across == 2 and sheet.print_title_cols), f"{sheet.title} on {across} pages"
        assert sheet.oddFooter.center.text


def test_headers_stay_in_view(name: str) -> None:
    assert [sheet.title for sheet in load(name) if sheet.tables and not sheet.freeze_panes] == []


def test_every_name_of_a_table_is_the_registrys(name: str) -> None:
    tables = {table.name: table for sheet in load(name) for table in sheet.tables.values()}
    assert TBL_RUN_LOG in tables
    assert tables[TBL_RUN_LOG].column_names == [column.header for column in RUN_LOG_COLUMNS]
    for table in tables.values():
        headers = [column.header for column in columns_of(table, name)]
        assert table.column_names[: len(headers)] == headers


def test_the_run_log_begins_with_one_blank_row(name: str) -> None:
    sheet = load(name)["Run log"]
    (log,) = sheet.tables.values()
    rows = list(sheet[log.ref])
    assert len(rows) == 2
    assert all(cell.value is None for cell in rows[1])


def test_formulas_store_a_value(name: str) -> None:
    """Programs that don't compute formulas must not read XlsxWriter's default of 0."""
    values = load(name, data_only=True)
    assert named_cell(values, "ta_status").value == named_cell(values, "ta_checks").value == "NOT RUN"
    assert named_cell(values, "ta_fingerprint_live").value > 100
    if "ta_contract_version" in values.defined_names:
        assert named_cell(values, PREFIX + "contract_version").value == CONTRACT_VERSION


def test_numbers_in_tables_carry_units(name: str) -> None:
    """The row above each table's headers."""
    for sheet in load(name):
        for table in sheet.tables.values():
            top = openpyxl.utils.range_boundaries(table.ref)
            for offset, column in enumerate(columns_of(table, name)):
                above = sheet.cell(top[1] - 1, top[0] + offset).value
                text = getattr(above, "text", above)
                if column.unit.startswith("impact unit"):
                    assert "ta_unit_label" in str(text), f"{table.name}[{column.header}]"
                elif column.unit:
                    assert text == column.unit, f"{table.name}[{column.header}]"
