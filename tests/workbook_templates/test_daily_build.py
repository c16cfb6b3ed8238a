"""The daily schedule says what the registry says."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tradealloc.workbook.fields import (
    FIELDS,
    INPUTS,
    INTRADAY_TABLES,
    ORDER_TABLES,
    RUN_LOG_COLUMNS,
    TBL_RUN_LOG,
    Role,
)

TEMPLATES = Path(__file__).parents[2] / "workbook_templates"
COMMITTED = TEMPLATES / "daily_schedule.xlsx"


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(COMMITTED)


def named_cell(book: openpyxl.Workbook, name: str) -> openpyxl.cell.Cell:
    ((sheet, address),) = book.defined_names[name].destinations
    return book[sheet][address]


def test_every_name_of_the_registry_is_a_cell(book: openpyxl.Workbook) -> None:
    for field in FIELDS:
        assert named_cell(book, field.name) is not None


def test_labels_units_and_help_stand_beside_the_inputs(book: openpyxl.Workbook) -> None:
    for field in INPUTS:
        cell = named_cell(book, field.name)
        label, unit, text = (cell.offset(0, by).value for by in (-1, 1, 2))
        assert label.rstrip(" *") == field.label
        assert text.endswith(field.help)
        if field.unit and field.unit != "impact unit":
            assert unit == field.unit
        assert not cell.protection.locked


def test_choices_are_lists_and_bounds_are_refused(book: openpyxl.Workbook) -> None:
    order = book["Order"]
    rules = {str(cell): rule for rule in order.data_validations.dataValidation for cell in rule.sqref.ranges}
    for field in INPUTS:
        rule = rules.get(named_cell(book, field.name).coordinate)
        if field.choices:
            assert rule.formula1 == '"' + ",".join(field.choices) + '"'
        elif field.kind != "text":
            assert rule.type in ("decimal", "whole")
        if rule is not None:
            assert rule.showErrorMessage
            assert rule.error
            assert rule.prompt.startswith(field.help[:100])


def test_tables_have_the_contracts_headers(book: openpyxl.Workbook) -> None:
    found = {table.name: table for sheet in book for table in sheet.tables.values()}
    tables = {**ORDER_TABLES, **INTRADAY_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS}
    assert set(found) == set(tables)
    for name, columns in tables.items():
        assert found[name].column_names == [column.header for column in columns]


def test_outputs_are_blank_until_a_run(book: openpyxl.Workbook) -> None:
    for field in FIELDS:
        if field.role is Role.OUTPUT:
            value = named_cell(book, field.name).value
            assert (value is None) != field.may_be_formula
    assert all(row[0].value is None for row in book["Schedule"]["F7:F396"])


def test_the_reference_lists_everything(book: openpyxl.Workbook) -> None:
    texts = {cell.value for row in book["Reference"].iter_rows() for cell in row}
    assert {field.name for field in FIELDS} <= texts
    tables = {**ORDER_TABLES, **INTRADAY_TABLES}
    assert {column.help for columns in tables.values() for column in columns} <= texts


def test_the_report_case_betas_fill_the_template(book: openpyxl.Workbook) -> None:
    lines = (TEMPLATES / "report_case_beta.csv").read_text(encoding="ascii").split()
    betas = [float(line) for line in lines]
    assert [row[0].value for row in book["Intervals"]["D7:D396"]] == betas
    assert sum(betas) / 390 * 100_000 / 390 == pytest.approx(0.021538, abs=5e-7)
    assert 100_000 / sum(1 / beta for beta in betas) == pytest.approx(0.018234, abs=5e-7)


def test_the_alerts_flag_has_the_verdicts_colours(book: openpyxl.Workbook) -> None:
    """None is coloured as OK is, some as CHECK is, before a refresh as NOT RUN is."""
    rules = {str(found.sqref): found.rules for found in book["Intraday"].conditional_formatting}
    flag, checks = ([rule.dxf.fill.bgColor.rgb for rule in rules[address]] for address in ("G3", "E3"))
    fine, wrong, nothing = checks
    assert flag == [fine, nothing, wrong]
