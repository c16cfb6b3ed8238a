"""The report on a blotter: totals by hand, the page in bounds however many orders there are, and what-if sections."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from report_cases import NOW

from tradealloc.actions import optimise
from tradealloc.actions.report import make_report
from tradealloc.report.figures import Figure
from tradealloc.report.html import to_html
from tradealloc.report.model import Report, Table
from tradealloc.report.pdf import to_pdf
from tradealloc.templates import template_path
from tradealloc.workbook.xlsx_book import XlsxBook


def section(report: Report, title: str) -> Any:
    (found,) = (each for each in report.sections if each.title == title)
    return found


def column(table: Table, header: str) -> list[Any]:
    at = [each.header for each in table.columns].index(header)
    return [row[at].value if isinstance(row[at], Figure) else row[at] for row in table.rows]


@pytest.fixture
def blotter(tmp_path: Path) -> Path:
    return Path(shutil.copy(template_path("blotter"), tmp_path / "blotter.xlsx"))


def test_totals_are_those_of_the_run(blotter: Path) -> None:
    book = XlsxBook.open(blotter)
    report = make_report(book, now=NOW)
    assert any("no results of a run yet" in note.text for note in report.notes)
    assert book.cell("ta_total_cost").value is None  # type: ignore[union-attr]
    result = optimise(book)
    totals = result.batch.totals  # type: ignore[union-attr]
    orders, symbols = section(report, "Orders, the dearest first"), section(report, "By symbol")
    assert report.title == f"Blotter of {len(orders.rows)} orders"
    costs = column(orders, "Cost")
    assert costs == sorted(costs, reverse=True)
    assert math.fsum(costs) == pytest.approx(totals.total_cost, rel=1e-12)
    assert math.fsum(column(symbols, "Cost")) == pytest.approx(totals.total_cost, rel=1e-12)
    assert math.fsum(column(orders, "Shares")) == totals.shares
    by_time = next(chart for chart in report.charts if chart.name == "by_time")
    drawn = math.fsum(value or 0.0 for series in by_time.series for value in series.y)
    assert drawn == pytest.approx(totals.shares, rel=1e-9)
    assert not any(note.is_warning for note in make_report(book, now=NOW).notes)


def test_a_wrong_order_is_listed_and_the_others_run(blotter: Path) -> None:
    book = load_workbook(blotter)
    sheet = next(sheet for sheet in book if "tblOrders" in sheet.tables)
    rows = sheet[sheet.tables["tblOrders"].ref]
    headers = [cell.value for cell in rows[0]]
    rows[2][headers.index("Shares")].value = -5
    book.save(blotter)
    report = make_report(XlsxBook.open(blotter), now=NOW)
    failed = section(report, "Not optimised")
    assert len(failed.rows) == 1
    assert "is -5: give a number above 0" in failed.rows[0][-1]
    assert report.headline[0].detail == "1 not optimised"


def test_many_orders_stay_on_one_page(blotter: Path, pdf_tool: Callable[..., str]) -> None:
    book = XlsxBook.open(blotter)
    table = book.table("tblOrders")
    assert table is not None
    many = {header: [cells[0].value] * 60 for header, cells in table.columns.items()}
    many["OrderId"] = [f"O{number}" for number in range(60)]
    many["Symbol"] = [f"S{number:02d}" for number in range(60)]
    assert book.write_table("tblOrders", many)
    report = make_report(book, now=NOW)
    content = to_pdf(report)
    assert re.search(r"Pages:\s+1$", pdf_tool("pdfinfo", content), re.MULTILINE)
    text = pdf_tool("pdftotext", content)
    assert "46 more in the HTML report." in text
    assert "52 more in the HTML report." in text
    page = to_html(report)
    assert all(f">O{number}<" in page for number in range(60))
    bars = next(chart for chart in report.charts if chart.name == "by_symbol")
    assert len(bars.y.names) == 8


def test_what_if_adds_its_sections(tmp_path: Path, pdf_tool: Callable[..., str]) -> None:
    path = Path(shutil.copy(template_path("what_if"), tmp_path / "what_if.xlsx"))
    book = XlsxBook.open(path)
    report = make_report(book, now=NOW)
    result = optimise(book)
    scenarios = section(report, "Scenarios")
    solved = [priced.row for priced in result.what_if.scenarios if priced is not None]  # type: ignore[union-attr]
    assert column(scenarios, "Scenario") == [row.scenario for row in solved]
    assert column(scenarios, "Total impact") == pytest.approx([row.total_impact for row in solved], rel=1e-12)
    assert section(report, "What the limits cost").rows
    chart = next(chart for chart in report.charts if chart.name == "participation")
    assert chart.series[0].x == tuple(sorted(chart.series[0].x))
    assert re.search(r"Pages:\s+1$", pdf_tool("pdfinfo", to_pdf(report)), re.MULTILINE)
