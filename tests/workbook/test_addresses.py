"""Addresses: there and back, and only what is an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradealloc.workbook.ooxml.addresses import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    cell_name,
    parse_area,
    parse_cell,
    place,
    references,
    rewrite,
    split_address,
)

ROWS, COLUMNS = st.integers(1, MAX_ROW), st.integers(1, MAX_COLUMN)
SHEETS = st.text(st.characters(exclude_characters="[]:*?/\\", exclude_categories=("Cc", "Cs")), min_size=1, max_size=31)


@given(ROWS, COLUMNS)
def test_cell_there_and_back(row: int, column: int) -> None:
    name = cell_name(row, column)
    assert parse_cell(name) == (row, column)
    assert parse_cell(name.lower()) == (row, column)


@given(st.tuples(ROWS, ROWS), st.tuples(COLUMNS, COLUMNS))
def test_area_there_and_back(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    area = Area(min(rows), min(columns), max(rows), max(columns))
    assert parse_area(str(area)) == area
    assert parse_area(f"{cell_name(rows[0], columns[0])}:{cell_name(rows[1], columns[1])}") == area


@given(SHEETS.filter(lambda name: not name.startswith("'") and name.strip() == name), ROWS, COLUMNS)
def test_sheet_there_and_back(sheet: str, row: int, column: int) -> None:
    address = place(sheet, cell_name(row, column))
    assert split_address(address) == (sheet, cell_name(row, column))
    found = list(references(address))
    assert [(item.sheet, item.area) for item in found] == [(sheet, Area(row, column, row, column))]
    assert rewrite(address, lambda item: item.area) == address


@pytest.mark.parametrize(
    "text", ["A0", "AAAA1", "XFE1", "A1048577", "1A", "A", "1", "", "A1 ", "A1:", ":A1", "A1:B2:C3", "Ä1"]
)
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|outside"):
        parse_area(text)


@pytest.mark.parametrize(
    ("sheet", "quoted"),
    [
        ("Inputs", "Inputs!A1"),
        ("My sheet", "'My sheet'!A1"),
        ("It's", "'It''s'!A1"),
        ("A1", "'A1'!A1"),
        ("R1C1", "'R1C1'!A1"),
        ("RC", "'RC'!A1"),
        ("2026", "'2026'!A1"),
        ("Übersicht", "Übersicht!A1"),
        ("a.b", "a.b!A1"),
        ("a-b", "'a-b'!A1"),
    ],
)
def test_sheet_is_quoted_as_excel_does(sheet: str, quoted: str) -> None:
    assert place(sheet, "A1") == quoted


@given(st.text(alphabet="A1$:!'\"[]()SX, .#", max_size=30))
def test_rewriting_changes_nothing_unasked(formula: str) -> None:
    assert rewrite(formula, lambda _: None) == formula
    assert rewrite(formula, lambda item: item.area if item.area.bottom == item.area.top == 0 else None) == formula
