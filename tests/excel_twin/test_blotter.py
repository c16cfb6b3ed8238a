"""The blotter in LibreOffice: its own formulas agree with the run, notice changes, and follow any size."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tradealloc import actions
from tradealloc.templates import template_path
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields.blotter import ORDER_COLUMNS, PROFILE_COLUMNS, TBL_ORDERS, TBL_PROFILES
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book, page_texts
from .conftest import OpenBook


@pytest.fixture
def blotter(tmp_path: Path) -> Path:
    """A copy of the template."""
    return Path(shutil.copy(template_path("blotter"), tmp_path / "blotter.xlsx"))


def fill(
    path: Path, orders: Sequence[Mapping[str, CellValue]], profiles: Mapping[str, Sequence[Mapping[str, CellValue]]]
) -> None:
    """Other orders and profiles in the place of the example's."""
    rows = [{"Profile": name, **row} for name, intervals in profiles.items() for row in intervals]
    book = XlsxBook.open(path)
    book.write_table(TBL_ORDERS, {c.header: [order.get(c.header) for order in orders] for c in ORDER_COLUMNS})
    book.write_table(TBL_PROFILES, {c.header: [row.get(c.header) for row in rows] for c in PROFILE_COLUMNS})
    book.save()


def run(path: Path, **names: CellValue) -> None:
    book = XlsxBook.open(path)
    for name, value in names.items():
        book.write_cell(f"ta_{name}", value)
    assert isinstance(actions.optimise(book), actions.BlotterResult)
    book.save()


def verdicts(book: Book) -> dict[str, str]:
    """Results of the checks by label."""
    return {row[2]: row[9] for row in book.texts("Checks") if row[9] in ("OK", "FAIL", "n/a", "NOT RUN")}


def failed(book: Book) -> list[str]:
    return [label for label, verdict in verdicts(book).items() if verdict == "FAIL"]


def intervals(count: int, *, starts: bool = True, volume: float | None = 5_000.0) -> list[Mapping[str, Any]]:
    return [
        {"Start": (9.5 + 0.5 * t) / 24 if starts else None, "Beta": 1e-5 * (1 + t % 4), "HalfSpread": 0.01,
         "Volume": volume}
        for t in range(count)
    ]  # fmt: skip


def test_a_fresh_template_computes_what_it_stores(open_book: OpenBook, blotter: Path) -> None:
    stored, formulas = openpyxl.load_workbook(blotter, data_only=True), openpyxl.load_workbook(blotter)
    book = open_book(blotter)
    assert book.error_cells() == []
    assert set(verdicts(book).values()) == {"NOT RUN"}
    compared = 0
    for sheet in formulas:
        shown = book.document.Sheets.getByName(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                value = stored[sheet.title][cell.coordinate].value
                if isinstance(value, dt.time):
                    value = (value.hour * 60 + value.minute) / 1440
                computed = shown.getCellRangeByName(cell.coordinate).getDataArray()[0][0]
                expected = computed if isinstance(computed, str) else pytest.approx(computed, rel=1e-9, abs=0)
                assert ("" if value is None else value) == expected, f"{sheet.title}!{cell.coordinate}"
                compared += 1
    assert compared > 5_000


def test_after_a_run_every_check_holds_for_every_order(open_book: OpenBook, blotter: Path) -> None:
    run(blotter)
    book = open_book(blotter)
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK")
    assert sum(verdict == "OK" for verdict in verdicts(book).values()) >= 28
    names = book.get_column(TBL_ORDERS, "OrderId")
    betas = book.get_column(TBL_PROFILES, "Beta")
    for row, name in enumerate(names):
        book.set("view_order", name)
        book.document.calculate()
        assert failed(book) == [], name
        assert book.get("view_status") == "OK"
        shown = [values[3] for values in book.texts("View")[38:428]]
        assert [float(shares) for shares in shown] == book.get_column("tblSchedules", str(name))
        assert book.get("view_size") == book.get_column(TBL_ORDERS, "Shares")[row]
    thin = [float(values[6]) for values in book.texts("View")[38:428]]
    assert thin == betas[390:780], "the last order's profile is Liquid"


def test_a_changed_input_makes_the_results_stale_and_back(open_book: OpenBook, blotter: Path) -> None:
    run(blotter)
    book = open_book(blotter)
    changes: list[tuple[str, str, Any]] = [
        (TBL_ORDERS, "Shares", 100_001.0), (TBL_ORDERS, "Symbol", "OMED"), (TBL_ORDERS, "WindowStart", 0.41),
        (TBL_PROFILES, "Beta", 2e-4), (TBL_PROFILES, "Profile", "Liquid"),
    ]  # fmt: skip
    for table, header, value in changes:
        before = book.get_column(table, header)[0]
        book.set_item(table, header, 0, value)
        book.document.calculate()
        assert book.get("ta_status") == "STALE", header
        assert "Result is current" in failed(book)
        book.set_item(table, header, 0, before)
        book.document.calculate()
        assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK"), header
    book.set("ta_participation", 0.5)
    book.document.calculate()
    assert book.get("ta_status") == "STALE"


@pytest.mark.parametrize(
    ("table", "header", "row", "value", "check"),
    [
        ("tblSchedules", "ORD-2", 5, 1e6, "Schedules sum to their orders"),
        ("tblSchedules", "ORD-2", 5, -3.0, "No negative shares"),
        ("tblSchedules", "ORD-3", 0, 50.0, "Windows kept"),
        ("tblSchedules", "ORD-7", 200, 151.0, "Maximum shares kept"),
        ("tblSchedules", "ORD-1", 7, 1.0, "Times add up"),
        ("tblSchedules", "ORD-1", 7, 1.0, "Picked order: total impact"),
        ("tblSchedules", "ORD-1", 7, 900.0, "Picked order: nothing to sell back"),
        ("tblSchedules", "ORD-1", 7, 0.0, "Picked order: nothing to add"),
        ("tblOrderResults", "PeakParticipation", 1, 0.11, "Participation caps kept"),
        ("tblOrderResults", "Status", 3, "something", "Every order is optimised"),
        ("tblOrderResults", "TotalCost", 3, 1.0, "Total cost"),
        ("tblOrderResults", "KktResidual", 3, 1e-3, "KKT residual"),
        ("tblBySymbol", "BuyShares", 0, 1.0, "Shares by symbol"),
        ("tblBySymbol", "Notional", 0, 1.0, "Notional by symbol"),
        ("tblByTime", "TotalCost", 9, 1e3, "Cost by time"),
        ("tblByTime", "CumulativeShare", 389, 0.9, "All notional is traded"),
    ],
)
def test_each_check_can_fail(checked: Book, table: str, header: str, row: int, value: Any, check: str) -> None:
    before = checked.get_column(table, header)[row]
    checked.set_item(table, header, row, value)
    checked.document.calculate()
    try:
        assert check in failed(checked)
        assert checked.get("ta_checks") == "CHECK"
        assert checked.get("ta_status") == "OK"
    finally:
        checked.set_item(table, header, row, before)
        checked.document.calculate()
    assert failed(checked) == []


@pytest.fixture(scope="module")
def checked(office: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The example after a run, open."""
    path = Path(shutil.copy(template_path("blotter"), tmp_path_factory.mktemp("blotter") / "blotter.xlsx"))
    run(path)
    book = Book(office, path)
    yield book
    book.close()


def test_orders_that_fail_show_in_checks_and_the_others_hold(open_book: OpenBook, blotter: Path) -> None:
    book = XlsxBook.open(blotter)
    cells = book.table(TBL_ORDERS)
    assert cells is not None
    columns = {header: [cell.value for cell in cells.columns[header]] for header in cells.columns}
    columns["Shares"][2], columns["OrderId"][4], columns["Symbol"][3] = None, "עברית 価格", "=1+1"
    columns = {header: [*values[:5], None, *values[5:]] for header, values in columns.items()}
    book.write_table(TBL_ORDERS, columns)
    book.save()
    run(blotter)
    shown = open_book(blotter)
    assert shown.error_cells() == []
    assert (shown.get("ta_status"), shown.get("ta_checks")) == ("OK", "CHECK")
    assert failed(shown) == ["Every order is optimised"]
    shown.set("view_order", "עברית 価格")
    shown.document.calculate()
    assert failed(shown) == ["Every order is optimised"]
    assert shown.get("view_status") == "OK"
    assert shown.get_column("tblOrderResults", "Symbol")[3] == "=1+1"


@pytest.mark.parametrize(
    ("table", "header", "row"), [(TBL_ORDERS, "OrderId", 0), (TBL_ORDERS, "Symbol", 1), (TBL_PROFILES, "Profile", 3)]
)
def test_an_error_among_the_inputs_spreads_nowhere(
    open_book: OpenBook, blotter: Path, table: str, header: str, row: int
) -> None:
    book = openpyxl.load_workbook(blotter)
    page = next(sheet for sheet in book if table in sheet.tables)
    top, *_ = page[page.tables[table].ref]
    at = next(cell for cell in top if cell.value == header)
    page.cell(at.row + 1 + row, at.column).value = "#N/A"
    book.save(blotter)
    run(blotter)
    shown = open_book(blotter)
    assert [error.rpartition(": ")[2] for error in shown.error_cells()] == ["#N/A"]
    assert (shown.get("ta_status"), shown.get("ta_checks")) == ("OK", "CHECK")
    assert failed(shown) == ["Every order is optimised"]
    shown.set("view_order", "ORD-8")
    shown.document.calculate()
    assert shown.get("view_status") == "OK"
    assert failed(shown) == ["Every order is optimised"]


def test_long_ids_and_large_figures_fit(open_book: OpenBook, blotter: Path, tmp_path: Path) -> None:
    """Thirty characters, and a notional in yen."""
    name = "ABCDEFGHIJKLMNOPQRSTUVWXYZ12"
    orders = [
        {"OrderId": f"{name}{row:02}", "Symbol": f"{name}{row:02}", "Shares": 123_456_789, "Profile": "P" * 30,
         "ArrivalPrice": 98_765.4321}
        for row in range(3)
    ]  # fmt: skip
    fill(blotter, orders, {"P" * 30: intervals(13, volume=1e9)})
    run(blotter)
    printed = page_texts(open_book(blotter).pdf(tmp_path / "blotter.pdf"))
    assert "###" not in "".join(printed)
    for sheet in ("Orders", "Results", "Schedules", "By symbol", "View"):
        page = next(text for text in printed if f"Blotter: {sheet}" in text)
        assert f"{name}00" in page, sheet


@pytest.mark.parametrize("starts", [True, False], ids=["by start", "by number"])
def test_days_of_other_lengths(open_book: OpenBook, blotter: Path, starts: bool) -> None:
    profiles = {"short": intervals(5, starts=starts), "long": intervals(13, starts=starts)}
    orders = [
        {"OrderId": 1, "Shares": 1000, "Profile": "long", "ArrivalPrice": 10, "Participation": 0.1},
        {"OrderId": "two", "Shares": 700, "Profile": "SHORT", "Symbol": "B", "ArrivalPrice": 20, "Side": "sell"},
    ]
    fill(blotter, orders, profiles)
    run(blotter)
    book = open_book(blotter)
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK"), failed(book)
    assert book.get("view_n") == 13
    assert len(book.get_column("tblByTime", "Notional")) == 13
    book.set("view_order", "two")
    book.document.calculate()
    assert failed(book) == []
    listed = [row[3] for row in book.texts("View")[38:52]]
    assert listed[12:] == ["0.0", ""], "the day's 13 intervals, of which the order has 5"


@pytest.mark.parametrize(
    "names",
    [
        {"model": "power", "exponent": 0.6, "reference_shares": 100.0},
        {"impact_unit": "bps"},
        {"method": "slsqp"},
        {"lot_size": 10.0},
        {"window_start": 10 / 24, "window_end": 14 / 24, "participation": 0.2},
    ],
    ids=lambda names: ",".join(names),
)
def test_settings_for_all_orders(open_book: OpenBook, blotter: Path, names: dict[str, CellValue]) -> None:
    day = intervals(13)
    if "impact_unit" in names:
        day = [{**row, "Beta": 0.01, "HalfSpread": 2.0} for row in day]
    orders = [
        {"OrderId": name, "Shares": shares, "Profile": "day", "ArrivalPrice": 25, "Symbol": "ABC"}
        for name, shares in (("one", 1000), ("two", 720))
    ]
    fill(blotter, orders, {"day": day})
    run(blotter, **names)
    book = open_book(blotter)
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK"), failed(book)


@pytest.mark.parametrize(("orders", "count"), [(1, 1), (1, 3), (3, 1)])
def test_the_smallest_blotters(open_book: OpenBook, blotter: Path, orders: int, count: int) -> None:
    each = [
        {"OrderId": f"{n} *?~", "Shares": 100, "Profile": "only", "ArrivalPrice": 10, "Participation": 0.5}
        for n in range(orders)
    ]
    fill(blotter, each, {"only": intervals(count)})
    run(blotter)
    book = open_book(blotter)
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK"), failed(book)
    assert verdicts(book)["Picked order: total impact"] == "OK"
    assert book.get("view_order") == "0 *?~"
    assert "only" in [cell for row in book.texts("Profiles") for cell in row[12:13]]


def test_the_list_says_what_it_leaves_out(open_book: OpenBook, blotter: Path) -> None:
    minute = 1 / 1440
    day = [{"Start": t * minute, "Beta": 1e-5 * (1 + t % 3)} for t in range(500)]
    fill(blotter, [{"OrderId": "A", "Shares": 1000, "Profile": "day"}], {"day": day})
    run(blotter)
    book = open_book(blotter)
    assert book.error_cells() == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK"), failed(book)
    assert any("The first 390 of 500 intervals" in cell for row in book.texts("View") for cell in row)
    book.set("view_order", "nobody")
    book.document.calculate()
    assert any("No such order" in cell for row in book.texts("View") for cell in row)
    assert book.error_cells() == []
