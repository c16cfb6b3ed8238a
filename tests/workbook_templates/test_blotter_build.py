"""The blotter says what the registry says, and its example is the formula that it documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tradealloc.templates import template_path
from tradealloc.workbook.fields import BLOTTER_TABLES, RUN_LOG_COLUMNS, TABLES, TBL_RUN_LOG
from tradealloc.workbook.fields.blotter import TBL_ORDERS, TBL_PROFILES, TBL_SCHEDULES

BETAS = Path(__file__).parents[2] / "workbook_templates" / "report_case_beta.csv"


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(template_path("blotter"))


def table(book: openpyxl.Workbook, name: str) -> dict[str, list[Any]]:
    page = next(sheet for sheet in book if name in sheet.tables)
    headers, *rows = [[cell.value for cell in row] for row in page[page.tables[name].ref]]
    return {header: [row[column] for row in rows] for column, header in enumerate(headers)}


def test_tables_have_the_registrys_headers(book: openpyxl.Workbook) -> None:
    found = {found.name: found for sheet in book for found in sheet.tables.values()}
    assert set(found) == {*BLOTTER_TABLES, TBL_RUN_LOG}
    for name, columns in {**BLOTTER_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS}.items():
        headers = [column.header for column in columns]
        assert found[name].column_names[: len(headers)] == headers
        assert len(found[name].column_names) == len(headers) or name == TBL_SCHEDULES


def test_one_example_order_gives_only_what_it_must(book: openpyxl.Workbook) -> None:
    orders = table(book, TBL_ORDERS)
    assert 6 <= len(orders["OrderId"]) <= 8
    required = {column.header for column in TABLES[TBL_ORDERS] if column.required}
    given = [{header for header in orders if orders[header][row] is not None} for row in range(len(orders["OrderId"]))]
    assert required in given
    assert all(required <= headers for headers in given)
    assert set(orders["Profile"]) == set(table(book, TBL_PROFILES)["Profile"])


def test_profiles_are_the_reports_betas_and_the_documented_formula(book: openpyxl.Workbook) -> None:
    profiles = table(book, TBL_PROFILES)
    rows = {name: [i for i, other in enumerate(profiles["Profile"]) if other == name] for name in profiles["Profile"]}
    assert {name: len(found) for name, found in rows.items()} == {"Report case": 390, "Liquid": 390, "Thin": 390}
    betas = [profiles["Beta"][row] for row in rows["Report case"]]
    assert betas == [float(line) for line in BETAS.read_text(encoding="ascii").split()]
    for name, volume, beta, spread in (("Liquid", 20_000, 2e-6, 0.004), ("Thin", 2_500, 2e-5, 0.02)):
        for t, row in enumerate(rows[name]):
            u = 2 * t / 389 - 1
            w = 0.6 + 1.2 * u**2
            assert profiles["Volume"][row] == pytest.approx(volume * w, abs=5.01)
            assert profiles["Beta"][row] == pytest.approx(beta / w, rel=1e-3)
            assert profiles["HalfSpread"][row] == pytest.approx(spread * (1 + u**2), abs=1e-5)
    subtitle = str(book["Profiles"]["B2"].value)
    assert "w = 0.6 + 1.2 u^2" in subtitle


def test_orders_choose_from_lists(book: openpyxl.Workbook) -> None:
    page = book["Orders"]
    rules = {str(cells): rule for rule in page.data_validations.dataValidation for cells in rule.sqref.ranges}
    headers = [cell.value for cell in page[6]]
    by_header = {headers[openpyxl.utils.range_boundaries(cells)[0] - 1]: rule for cells, rule in rules.items()}
    assert by_header["Side"].formula1 == '"buy,sell"'
    assert by_header["Profile"].formula1 == "profile_names"
    assert by_header["Shares"].type == "decimal"
    pick = {str(cells): rule for rule in book["View"].data_validations.dataValidation for cells in rule.sqref.ranges}
    assert [rule.formula1 for rule in pick.values()] == ["view_ids"]


def test_results_are_blank_until_a_run(book: openpyxl.Workbook) -> None:
    for name in BLOTTER_TABLES:
        if name not in (TBL_ORDERS, TBL_PROFILES):
            assert {value for values in table(book, name).values() for value in values} == {None}


def test_schedules_print_with_interval_and_start_on_every_page(book: openpyxl.Workbook) -> None:
    page = book["Schedules"]
    assert page.print_title_cols == "$A:$C"
    assert page.print_title_rows == "$5:$6"
