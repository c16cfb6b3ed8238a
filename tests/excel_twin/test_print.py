"""The template as it leaves the printer, and the values it stores for programs that compute nothing."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from tradealloc import actions
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import page_texts, pages
from .conftest import TEMPLATE, OpenBook

SHEETS = ("Cover", "Order", "Intervals", "Schedule", "Comparison", "Checks", "Reference")
BLANK_PAGE_BYTES = 1_500


@pytest.mark.parametrize("filled", [False, True], ids=["fresh", "after a run"])
def test_pages_are_neither_blank_nor_cut(open_book: OpenBook, template: Path, tmp_path: Path, filled: bool) -> None:
    if filled:
        run(template)
    book = open_book(template)
    pdf = book.pdf(tmp_path / "day.pdf")
    texts = page_texts(pdf)
    assert 15 <= len(texts) <= 25
    for text in texts:
        assert "###" not in text
        assert "#NAME" not in text
        assert len(text.split()) > 20, "a page with nothing but header and footer"
    for sheet in SHEETS:
        assert any(re.search(rf"\b{sheet}$", text.splitlines()[0]) for text in texts), f"{sheet} isn't printed"
    drawn = pages(pdf, tmp_path, resolution=30)
    assert len(drawn) == len(texts)
    assert all(page.stat().st_size > BLANK_PAGE_BYTES for page in drawn)


def test_stored_values_are_those_that_a_spreadsheet_computes(open_book: OpenBook, template: Path) -> None:
    stored = openpyxl.load_workbook(TEMPLATE, data_only=True)
    formulas = openpyxl.load_workbook(TEMPLATE)
    book = open_book(template)
    compared = 0
    for sheet in formulas:
        shown = book.document.Sheets.getByName(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                value = stored[sheet.title][cell.coordinate].value
                computed = shown.getCellRangeByName(cell.coordinate).getDataArray()[0][0]
                expected = computed if isinstance(computed, str) else pytest.approx(computed, rel=1e-12, abs=0)
                assert ("" if value is None else value) == expected, f"{sheet.title}!{cell.coordinate}"
                compared += 1
    assert compared > 150


def run(path: Path) -> None:
    book = XlsxBook.open(path)
    actions.optimise(book)
    book.save()


def test_charts_are_where_they_belong(open_book: OpenBook, template: Path) -> None:
    charts = {sheet.Name: sheet.Charts.Count for sheet in open_book(template).sheets}
    assert charts == {**dict.fromkeys(SHEETS, 0), "Order": 1, "Intervals": 1, "Schedule": 2, "Comparison": 2}
