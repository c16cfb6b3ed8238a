"""post_trade.xlsx in a real spreadsheet: fresh, after a run, with other fills, after a change."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from addin.stub_excel import from_xlsx
from tradealloc_addin import commands
from tradealloc_addin.xlwings_book import XlwingsBook

from tradealloc import actions
from tradealloc.cli import run_command
from tradealloc.templates import template_path
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book
from .conftest import OpenBook
from .office import Office

POST_TRADE = template_path("post_trade")
XLSX = "Calc MS Excel 2007 XML"
FIRST_CHECK, CHECK, RESULT = "Result is current", 2, 9

CHANGES: tuple[tuple[str, str, int, float | str | None], ...] = (
    ("tblFills", "Price", 7, 50.01),
    ("tblFills", "Time", 3, 0.45),
    ("tblFills", "Broker", 59, "West"),
    ("tblFills", "MidAfter", 0, None),
    ("tblTcaOrders", "DecisionPrice", 0, 49.9),
    ("tblTcaOrders", "EndPrice", 2, None),
    ("tblTcaOrders", "PredictedHigh", 1, 12.5),
)
WRONG: tuple[tuple[str, str, int, float | str, set[str]], ...] = (
    ("tblTcaResults", "Fees", 0, 48.05, {"Parts sum to the shortfall, each order", "Each part in total"}),
    ("tblTcaParts", "Cost", 3, 710.01, {"Parts sum to the shortfall, in total", "Each part in total"}),
    ("tblTcaParts", "Cost", 7, 6572.37,
     {"Parts sum to the shortfall, in total", "Orders sum to the whole"}),
    ("tblTcaResults", "OrderId", 1, "PT-9", {
        "Every order has a result", "Filled shares", "Unfilled shares", "Shortfall of each order",
        "Slippage against arrival", "Groups sum to the slippage",
    }),
    ("tblTcaResults", "Shortfall", 2, 3047.60, {
        "Shortfall of each order", "Parts sum to the shortfall, each order", "Orders sum to the whole", "Total cost",
    }),
    ("tblTcaResults", "Unfilled", 2, 9_999, {"Unfilled shares"}),
    ("tblTcaResults", "ArrivalBps", 1, 3.8288, {"Slippage against arrival"}),
    ("tblTcaResults", "AveragePrice", 0, 50.0814, {
        "Average prices", "Shortfall of each order", "Slippage against arrival", "Groups sum to the slippage",
    }),
    ("tblTcaGroups", "Slippage", 4, 565.48, {"Groupings agree"}),
    ("tblTcaGroups", "Slippage", 26, 190.0, {"Groupings agree", "Groups sum to the slippage"}),
    ("tblTcaGroups", "Fills", 8, 31, {"Fills of each grouping"}),
    ("tblTcaGroups", "Shares", 8, 34_421, {"Shares of each grouping"}),
    ("tblFills", "OrderId", 59, "PT-8", {"Every fill has an order", FIRST_CHECK, "Filled shares"}),
    ("tblTcaOrders", "Shares", 0, 23_000, {"No order is over-filled", FIRST_CHECK, "Unfilled shares"}),
)  # fmt: skip
"""A cell, what is put there, and checks that it fails (of a changed input also others)."""


@pytest.fixture
def post_trade(tmp_path: Path) -> Path:
    return Path(shutil.copy(POST_TRADE, tmp_path / "post_trade.xlsx"))


@pytest.fixture
def analysed(post_trade: Path) -> Path:
    """The template after a run."""
    book = XlsxBook.open(post_trade)
    actions.optimise(book)
    book.save()
    return post_trade


def verdicts(book: Book) -> dict[str, str]:
    """Result of each check by its label."""
    rows = book.texts("Checks")
    first = next(i for i, row in enumerate(rows) if row[CHECK] == FIRST_CHECK)
    last = next(i for i, row in enumerate(rows) if i > first and not row[CHECK])
    return {row[CHECK]: row[RESULT] for row in rows[first:last]}


def failed(book: Book) -> set[str]:
    return {label for label, verdict in verdicts(book).items() if verdict == "FAIL"}


def said(book: Book) -> tuple[object, object]:
    return book.get("ta_status"), book.get("ta_checks")


def test_fresh_it_says_not_run_and_has_no_errors(open_book: OpenBook, post_trade: Path) -> None:
    book = open_book(post_trade)
    book.recalculate()
    assert said(book) == ("NOT RUN", "NOT RUN")
    assert book.error_cells() == []


def test_after_a_run_every_check_holds(open_book: OpenBook, analysed: Path) -> None:
    book = open_book(analysed)
    book.recalculate()
    assert book.error_cells() == []
    found = verdicts(book)
    assert set(found.values()) == {"OK"}, found
    assert said(book) == ("OK", "OK")
    assert book.get("ta_total_cost") == 6572.36


def test_a_changed_input_makes_it_stale(open_book: OpenBook, analysed: Path) -> None:
    book = open_book(analysed)
    for table, header, row, value in CHANGES:
        before = book.get_column(table, header)[row]
        book.set_item(table, header, row, value)
        book.recalculate()
        assert book.get("ta_status") == "STALE", (table, header)
        book.set_item(table, header, row, before)
    book.recalculate()
    assert said(book) == ("OK", "OK")


def test_a_wrong_figure_fails_its_checks(open_book: OpenBook, analysed: Path) -> None:
    """Each check can fail."""
    book = open_book(analysed)
    seen: set[str] = set()
    for table, header, row, value, labels in WRONG:
        before = book.get_column(table, header)[row]
        book.set_item(table, header, row, value)
        book.recalculate()
        found = failed(book)
        seen |= found
        is_input = table in ("tblFills", "tblTcaOrders")
        assert labels <= found if is_input else labels == found, (table, header, row, labels ^ found)
        assert book.get("ta_checks") == "CHECK"
        book.set_item(table, header, row, before)
    book.recalculate()
    assert seen == set(verdicts(book))
    assert said(book) == ("OK", "OK")


def test_sparse_fills_of_two_currencies(open_book: OpenBook, post_trade: Path) -> None:
    """Numbers and wildcards as ids, no quotes, no times: parts stay together, and what can't be checked says n/a."""
    file = XlsxBook.open(post_trade)
    blank = [None] * 3
    fills = dict.fromkeys(file.table("tblFills").columns, blank)  # type: ignore[union-attr]
    given = {"OrderId": [101, "A*", 101], "Shares": [300, 50, 200], "Price": [10.02, 99.5, 10.05]}
    assert file.write_table("tblFills", fills | given)
    orders = {column: [None] * 3 for column in file.table("tblTcaOrders").columns}  # type: ignore[union-attr]
    assert file.write_table("tblTcaOrders", orders | {
        "OrderId": [101, "A*", "AB"], "Side": ["buy", "sell", "buy"], "Shares": [600, 50, 10],
        "ArrivalPrice": [10.0, 100.0, 5.0], "Currency": ["EUR", "USD", "USD"],
    })  # fmt: skip
    result = actions.optimise(file)
    file.save()
    assert any("isn't" in note or "without" in note for note in result.notes)
    book = open_book(post_trade)
    book.recalculate()
    assert book.error_cells() == []
    assert set(verdicts(book).values()) == {"OK", "n/a"}, verdicts(book)
    assert said(book) == ("OK", "OK")
    assert book.get("ta_total_cost") is None
    assert book.get_column("tblTcaResults", "Execution")[:2] == [16.0, 25.0]


def _sheet(book: Book, name: str) -> Any:
    sheet = book.document.Sheets.getByName(name)
    sheet.unprotect("")
    return sheet


def _columns_and_rows_inserted(book: Book) -> None:
    for name in ("Orders", "Fills", "Results", "Parts"):
        _sheet(book, name).Columns.insertByIndex(0, 2)
        _sheet(book, name).Rows.insertByIndex(2, 1)
    area = book.document.DatabaseRanges.getByName("tblFills").DataArea
    _sheet(book, "Fills").Rows.insertByIndex(area.StartRow + 5, 3)  # stay blank


def _formulas_for_inputs(book: Book) -> None:
    for table, header in (("tblFills", "Price"), ("tblTcaOrders", "Shares")):
        _sheet(book, "Fills" if table == "tblFills" else "Orders")
        column = book.column(table, header)
        for row in range(3):
            cell = column.getCellByPosition(0, row)
            cell.Formula = f"={cell.Value!r}*1"


def _formats_and_hidden_rows(book: Book) -> None:
    sheet = _sheet(book, "Fills")
    for header in ("Time", "Price", "Shares"):
        book.column("tblFills", header).NumberFormat = 0  # General: times are parts of a day
    for row in range(8, 30, 2):
        sheet.Rows.getByIndex(row).IsVisible = False


def _right_to_left(book: Book) -> None:
    for row, name in ((0, "وسيط شمال"), (1, "ברוקר")):
        book.set_item("tblTcaOrders", "Broker", row, name)
    for row, broker in enumerate(book.get_column("tblFills", "Broker")):
        book.set_item("tblFills", "Broker", row, "وسيط شمال" if broker == "North" else "ברוקר")


@pytest.mark.parametrize(
    "damage", [_columns_and_rows_inserted, _formulas_for_inputs, _formats_and_hidden_rows, _right_to_left]
)
def test_a_workbook_changed_by_hand_costs_the_same(
    office: Office, open_book: OpenBook, post_trade: Path, tmp_path: Path, damage: Callable[[Book], None]
) -> None:
    book = open_book(post_trade)
    damage(book)
    changed = tmp_path / "changed.xlsx"
    office.store(book.document, changed, XLSX)
    assert run_command(["tca", str(changed)]) == 0
    again = open_book(changed)
    again.recalculate()
    assert again.error_cells() == []
    assert set(verdicts(again).values()) == {"OK"}, verdicts(again)
    assert again.get("ta_total_cost") == 6572.36


@pytest.mark.parametrize("count", [1, 5000])
def test_any_number_of_fills(open_book: OpenBook, post_trade: Path, count: int) -> None:
    file = XlsxBook.open(post_trade)
    table = file.table("tblFills")
    assert table is not None
    given = {
        "OrderId": ["PT-1"] * count, "Shares": [2] * count, "Price": [50.1] * count, "Mid": [50.09] * count,
        "Time": [0.4 + number / 20_000 for number in range(count)], "FillId": [f"f{n}" for n in range(count)],
    }  # fmt: skip
    assert file.write_table("tblFills", dict.fromkeys(table.columns, [None] * count) | given)
    actions.optimise(file)
    file.save()
    book = open_book(post_trade)
    book.recalculate()
    assert book.error_cells() == []
    assert set(verdicts(book).values()) <= {"OK", "n/a"}, verdicts(book)
    assert book.get_column("tblTcaResults", "Filled")[0] == 2 * count


def test_fills_from_a_file(open_book: OpenBook, post_trade: Path, tmp_path: Path) -> None:
    """``tradealloc tca --into`` leaves the workbook current; times keep their dates."""
    fills, orders = tmp_path / "fills.csv", tmp_path / "orders.csv"
    fills.write_text(
        "OrderId,Time,Shares,Price,Bid,Ask\n"
        + "".join(f"A,2025-06-{2 + k % 2:02d}T10:{k:02d}:01.25,{100 + k},{50 + k / 100},49.9,50.1\n" for k in range(40))
    )
    orders.write_text("OrderId,Side,Shares,ArrivalPrice\nA,buy,5000,50\n")
    command = ["tca", str(fills), "--orders", str(orders), "--into", str(post_trade), "--timezone", "Europe/Berlin"]
    assert run_command(command) == 0
    book = open_book(post_trade)
    book.recalculate()
    assert book.error_cells() == []
    assert said(book) == ("OK", "OK"), verdicts(book)
    days = {int(float(str(time))) for time in book.get_column("tblFills", "Time")}
    assert days == {(dt.date(2025, 6, day) - dt.date(1899, 12, 30)).days for day in (2, 3)}
    again = Path(shutil.copy(post_trade, tmp_path / "again.xlsx"))
    assert run_command(["run", str(again)]) == 0
    one, other = (XlsxBook.open(path).table("tblTcaGroups") for path in (post_trade, again))
    assert one is not None
    assert other is not None
    for header, cells in one.columns.items():
        assert [cell.value for cell in other.columns[header]] == [cell.value for cell in cells], header


def test_the_ribbon_does_the_same(post_trade: Path, analysed: Path, tmp_path: Path) -> None:
    live = from_xlsx(Path(shutil.copy(POST_TRADE, tmp_path / "live.xlsx")))
    commands.run("optimise", live, tmp_path)
    assert commands.outcome == "undoable", live.impl.app.alerts
    by_ribbon, by_line = XlwingsBook(live), XlsxBook.open(analysed)
    for table in ("tblTcaParts", "tblTcaResults", "tblTcaGroups"):
        one, other = by_ribbon.table(table), by_line.table(table)
        assert one is not None
        assert other is not None
        for header, cells in other.columns.items():
            assert [cell.value for cell in one.columns[header]] == [cell.value for cell in cells], (table, header)
    stored = by_ribbon.cell("ta_fingerprint"), by_line.cell("ta_fingerprint")
    assert stored[0].value == pytest.approx(stored[1].value, rel=1e-13)  # type: ignore[union-attr]
