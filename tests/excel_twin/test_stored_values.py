"""The values that the templates store for programs that compute nothing, and their charts."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tradealloc.templates import DESCRIPTIONS, template_path

from .conftest import OpenBook

LIVE_SHEETS = ("Functions", "Live schedule", "Trading day", "Stored")
"""Sheets whose stored values are the add-in's: test_live_functions.py."""


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_stored_values_are_those_that_a_spreadsheet_computes(open_book: OpenBook, name: str) -> None:
    stored = openpyxl.load_workbook(template_path(name), data_only=True)
    formulas = openpyxl.load_workbook(template_path(name))
    book = open_book(template_path(name))
    compared = 0
    for sheet in formulas:
        shown = book.document.Sheets.getByName(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f" or (name == "live_functions" and sheet.title in LIVE_SHEETS):
                    continue
                value = stored[sheet.title][cell.coordinate].value
                computed = shown.getCellRangeByName(cell.coordinate).getDataArray()[0][0]
                expected = computed if isinstance(computed, str) else pytest.approx(computed, rel=1e-12, abs=0)
                assert ("" if value is None else value) == expected, f"{sheet.title}!{cell.coordinate}"
                compared += 1
    assert compared > 150


def test_charts_are_where_they_belong(open_book: OpenBook, template: Path) -> None:
    charts = {sheet.Name: sheet.Charts.Count for sheet in open_book(template).sheets if sheet.Charts.Count}
    assert charts == {"Order": 2, "Intervals": 1, "Schedule": 2, "Comparison": 2, "Intraday": 2}
