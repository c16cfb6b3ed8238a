"""The committed post_trade.xlsx: sheets, tables and validations of the registry, an example by its formula."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from tradealloc import actions
from tradealloc.actions.export import Format, export
from tradealloc.actions.tca import analyse_book
from tradealloc.desk.tca import Analysis
from tradealloc.errors import InputError
from tradealloc.templates import template_path
from tradealloc.workbook.fields import RUN_LOG_COLUMNS, TBL_RUN_LOG
from tradealloc.workbook.fields.intraday import TBL_FILLS
from tradealloc.workbook.fields.tca import TBL_TCA_ORDERS, TCA_TABLES
from tradealloc.workbook.xlsx_book import XlsxBook

COMMITTED = template_path("post_trade")
SHEETS = [
    "Cover", "Summary", "Orders", "Fills", "Results", "Parts", "Groups", "Run log", "Checks", "Reference",
]  # fmt: skip
NOW = dt.datetime(2025, 3, 3, 18, 0)


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(COMMITTED)


def rows(book: openpyxl.Workbook, table: str) -> list[dict[str, openpyxl.cell.Cell]]:
    (sheet,) = [sheet for sheet in book if table in sheet.tables]
    first, *body = sheet[sheet.tables[table].ref]
    return [{str(header.value): cell for header, cell in zip(first, row, strict=True)} for row in body]


def test_sheets_and_tables_are_there(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == SHEETS
    for table, columns in {**TCA_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS}.items():
        assert list(rows(book, table)[0]) == [column.header for column in columns]


def test_results_are_blank_and_inputs_are_open(book: openpyxl.Workbook) -> None:
    for table in TCA_TABLES:
        for row in rows(book, table):
            for cell in row.values():
                is_input = table in (TBL_FILLS, TBL_TCA_ORDERS)
                assert cell.protection.locked is not is_input, cell.coordinate
                assert is_input or cell.value is None, cell.coordinate


def test_there_are_charts_of_every_kind(book: openpyxl.Workbook) -> None:
    assert len(book["Summary"]._charts) == 6
    stacked = [chart for chart in book["Summary"]._charts if getattr(chart, "grouping", "") == "stacked"]
    assert [len(chart.series) for chart in stacked] == [10]


def test_the_example_follows_its_formula(book: openpyxl.Workbook) -> None:
    """Recomputed by hand from the text on the cover."""
    orders = {row["OrderId"].value: {h: cell.value for h, cell in row.items()} for row in rows(book, TBL_TCA_ORDERS)}
    assert len(orders) == 3
    assert {order["Side"] for order in orders.values()} == {"buy", "sell"}
    trend, spread, count = {"PT-1": 8, "PT-2": 4, "PT-3": 12}, {"PT-1": 2, "PT-2": 3, "PT-3": 2}, {}
    fills = [{h: cell.value for h, cell in row.items()} for row in rows(book, TBL_FILLS)]
    assert len(fills) == 60
    assert {fill["Broker"] for fill in fills} == {"North", "South"}
    for fill in fills:
        count[fill["OrderId"]] = count.get(fill["OrderId"], 0) + 1
    for fill in fills:
        name, k = fill["OrderId"], int(fill["FillId"].rpartition("/")[2])
        order = orders[name]
        s = 1 if order["Side"] == "buy" else -1
        ticks = trend[name] * k / count[name] + 7 * k % 11 - 5 + s * (k - 1) / 2
        mid = order["ArrivalPrice"] + 0.005 * ticks
        assert fill["Mid"] == pytest.approx(mid, abs=6e-5)
        best = mid + s * 0.005 * spread[name]
        assert fill["Ask" if s > 0 else "Bid"] == pytest.approx(best, abs=6e-5)
        assert fill["Price"] == pytest.approx(best + s * 0.0025 * (k % 3), abs=6e-5)
        assert fill["MidAfter"] == pytest.approx(mid + s * 0.0025, abs=6e-5)
        assert fill["Fees"] == pytest.approx(fill["Shares"] * fill["Price"] * 4e-5, abs=0.0051)
        assert order["Start"] <= fill["Time"] <= order["End"]
    filled = {name: sum(f["Shares"] for f in fills if f["OrderId"] == name) for name in orders}
    assert filled == {"PT-1": 24_000, "PT-2": 18_000, "PT-3": 20_000}
    assert [orders[name]["Shares"] - filled[name] for name in orders] == [0, 0, 10_000]


def test_run_analyses_it(tmp_path: Path) -> None:
    book = XlsxBook.open(COMMITTED)
    result = actions.optimise(book, now=NOW)
    assert isinstance(result, Analysis)
    assert book.cell("ta_total_cost").value == 6572.36  # type: ignore[union-attr]
    assert book.cell("ta_run_at").value == "2025-03-03 18:00:00"  # type: ignore[union-attr]
    log = book.table(TBL_RUN_LOG)
    assert log is not None
    assert [log.columns[header][0].value for header in ("Command", "Orders", "Shares", "Result")] == [
        "tca", 3, 62_000, "OK",
    ]  # fmt: skip
    book.save(tmp_path / "done.xlsx")
    again = XlsxBook.open(tmp_path / "done.xlsx")
    stored = again.cell("ta_fingerprint").value  # type: ignore[union-attr]
    analyse_book(again, now=NOW)
    assert again.cell("ta_fingerprint").value == stored  # type: ignore[union-attr]


def test_verbs_for_orders_say_one_sentence(tmp_path: Path) -> None:
    for verb, name in ((actions.compare_solvers, "compare"), (actions.price_sizes, "sensitivity")):
        with pytest.raises(InputError, match=rf"post_trade.xlsx holds fills to be analysed \(tblFills\): {name} takes"):
            verb(XlsxBook.open(COMMITTED))
    with pytest.raises(InputError, match="export takes a workbook with orders to schedule"):
        export(XlsxBook.open(COMMITTED), {Format.CSV: tmp_path / "orders.csv"})
    assert not (tmp_path / "orders.csv").exists()
    for overrides in (
        actions.Overrides({"shares": ("5", "--shares")}),
        actions.Overrides(betas=tmp_path / "beta.csv"),
    ):
        with pytest.raises(InputError, match="goes with an order to schedule, not with fills"):
            actions.optimise(XlsxBook.open(COMMITTED), overrides)


def test_the_report_says_how_the_workbook_stands(tmp_path: Path) -> None:
    from tradealloc.actions.report import make_report

    book = XlsxBook.open(COMMITTED)
    fresh = make_report(book, now=NOW)
    assert "no results of a run yet" in fresh.notes[0].text
    assert book.cell("ta_total_cost").value is None  # type: ignore[union-attr]
    actions.optimise(book, now=NOW)
    assert not any(note.is_warning for note in make_report(book, now=NOW).notes)
    fills = book.table(TBL_FILLS)
    assert fills is not None
    columns = {header: [cell.value for cell in cells] for header, cells in fills.columns.items()}
    columns["Price"][5] = float(str(columns["Price"][5])) + 0.01
    book.write_table(TBL_FILLS, columns)
    stale = make_report(book, now=NOW)
    assert stale.title == "Post-trade costs of 3 orders"
    assert stale.notes[0].is_warning
    assert "STALE" in stale.notes[0].text


def test_results_print_on_two_pages_with_the_order_on_both(book: openpyxl.Workbook) -> None:
    sheet = book["Results"]
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (2, 0)
    assert sheet.print_title_cols == "$A:$D"
