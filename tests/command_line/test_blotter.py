"""`tradealloc run` on a blotter: one schedule an order, totals, and what is told of orders that can't run."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from addin.stub_excel import from_xlsx
from blotter_desk import ORDERS, PROFILES, blotter_book
from openpyxl import load_workbook
from openpyxl.worksheet.table import Table
from tradealloc_addin import commands
from tradealloc_addin.xlwings_book import XlwingsBook

import tradealloc as ta
from tradealloc.templates import new_workbook
from tradealloc.workbook.fields.blotter import BLOTTER_TABLES
from tradealloc.workbook.xlsx_book import XlsxBook

Run = Callable[..., Any]
RESULTS = [name for name in BLOTTER_TABLES if name not in ("tblOrders", "tblProfiles")]


@pytest.fixture
def blotter(tmp_path: Path) -> Path:
    return tmp_path / "blotter.xlsx"


def table(path: Path, name: str) -> dict[str, list[Any]]:
    book = load_workbook(path)
    page = next(sheet for sheet in book if name in sheet.tables)
    headers, *rows = [[cell.value for cell in row] for row in page[page.tables[name].ref]]
    return {header: [row[column] for row in rows] for column, header in enumerate(headers)}


def named(path: Path, name: str) -> Any:
    book = load_workbook(path)
    sheet, address = book.defined_names[name].attr_text.split("!")
    return book[sheet][address.replace("$", "")].value


def changed(row: int, **values: Any) -> list[Mapping[str, Any]]:
    return [{**order, **values} if number == row else order for number, order in enumerate(ORDERS)]


def calm(shares: float, **limits: Any) -> ta.Schedule:
    profile = PROFILES["calm"]
    impact = ta.LinearImpact(profile["Beta"], profile["HalfSpread"])
    return ta.solve(ta.Problem(shares, impact, ta.Limits(volume=profile["Volume"], **limits), arrival_price=50.0))


def test_every_order_gets_its_optimum(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter)
    outcome = tradealloc("run", blotter)
    assert outcome.status == 0, outcome.err
    schedules = table(blotter, "tblSchedules")
    assert list(schedules) == ["Interval", "Start", "A-1", "A-2", "1003"]
    assert schedules["Interval"] == [1, 2, 3, 4]
    assert schedules["Start"] == pytest.approx([(9 * 60 + minute) / 1440 for minute in (30, 31, 32, 33)])
    np.testing.assert_allclose(schedules["A-1"][:3], calm(1000).shares, rtol=1e-12)
    np.testing.assert_allclose(schedules["A-2"][:3], calm(600, participation=0.1).shares, rtol=1e-12)
    late = np.array([1 / 3e-5, 1 / 2e-5, 1 / 1e-5])
    np.testing.assert_allclose(schedules["1003"][1:], 900 * late / late.sum(), rtol=1e-12)
    assert schedules["A-1"][3] is schedules["1003"][0] is None
    results = table(blotter, "tblOrderResults")
    assert results["OrderId"] == ["A-1", "A-2", 1003]
    assert results["Status"] == ["OK"] * 3
    assert results["Side"] == ["buy", "sell", "buy"]
    assert results["TotalImpact"][0] == pytest.approx(calm(1000).total_impact, rel=1e-12)
    assert results["TotalImpactBps"][0] == pytest.approx(calm(1000).total_impact / 50 * 1e4, rel=1e-12)
    assert results["PeakParticipation"][2] is None


def test_totals_names_and_orders_agree(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter)
    tradealloc("run", blotter)
    results, symbols, times = (table(blotter, name) for name in ("tblOrderResults", "tblBySymbol", "tblByTime"))
    assert symbols["Symbol"] == ["ACME", "OTHER"]
    assert symbols["Orders"] == [2, 1]
    assert (symbols["BuyShares"], symbols["SellShares"]) == ([1000, 900], [600, 0])
    cost = sum(results["TotalCost"])
    for rows in (symbols, times):
        assert sum(rows["TotalCost"]) == pytest.approx(cost)
        assert sum(rows["Notional"]) == pytest.approx(1600 * 50 + 900 * 20)
    assert times["CumulativeShare"][-1] == pytest.approx(1)
    assert named(blotter, "ta_total_cost") == pytest.approx(cost)
    assert named(blotter, "ta_total_impact_bps") == pytest.approx(cost / 98_000 * 1e4)
    assert named(blotter, "ta_saving") == pytest.approx(sum(results["Saving"]))
    assert named(blotter, "ta_improvement") == pytest.approx(
        named(blotter, "ta_saving") / (cost + sum(results["Saving"]))
    )
    assert named(blotter, "ta_kkt_residual") <= 1e-9
    assert named(blotter, "ta_total_impact") is named(blotter, "ta_shadow_price") is None
    assert named(blotter, "ta_status") == named(blotter, "ta_checks") == "OK"


@pytest.mark.parametrize(
    ("row", "values", "status", "sentence"),
    [
        (1, {"Shares": None}, 2, "tblOrders!D3 (Shares) is blank: give the shares to trade"),
        (1, {"Shares": "many"}, 2, "tblOrders!D3 holds the text 'many': give a number"),
        (1, {"Shares": -5}, 2, "tblOrders!D3 is -5: give a number above 0"),
        (1, {"OrderId": None}, 2, "tblOrders!A3 (OrderId) is blank: give the order an id"),
        (1, {"OrderId": "start"}, 2, "a column that tblSchedules has anyway"),
        (1, {"OrderId": "x" * 256}, 2, "one line of at most 255 characters"),
        (1, {"OrderId": "two\nlines"}, 2, "one line of at most 255 characters"),
        (1, {"Profile": None}, 2, "tblOrders!E3 (Profile) is blank: name the order's profile"),
        (1, {"Profile": "clam"}, 2, "tblProfiles doesn't have: did you mean calm?"),
        (1, {"Profile": "no such"}, 2, "the profiles are calm, late"),
        (1, {"Side": "hold"}, 2, "tblOrders!C3 is 'hold': give buy or sell"),
        (1, {"Symbol": dt.date(2025, 3, 1)}, 2, "holds a date or time (2025-03-01"),
        (1, {"Participation": 1.5}, 2, "tblOrders!I3 is 1.5: give a number above 0 and at most 1"),
        (1, {"MaxShares": 0}, 2, "tblOrders!K3 is 0: give a number above 0"),
        (1, {"WindowStart": "noon"}, 2, "tblOrders!G3 is 'noon': give a time such as 09:30"),
        (1, {"WindowStart": dt.time(16)}, 2, "tblOrders!G3 (WindowStart) leaves no interval open"),
        (2, {"Participation": 0.1}, 2, "tblOrders!I4 (Participation) needs volumes: fill the column Volume of tblP"),
        (1, {"Participation": 0.01}, 3, "caps sum to 240 shares, 360 short of 600"),
        (1, {"MaxShares": 100}, 3, "caps sum to 300 shares, 300 short of 600"),
        (1, {"ImpactCap": 0.001}, 3, "caps sum to 0 shares"),
    ],
)  # fmt: skip
def test_a_wrong_order_says_so_and_the_others_run(
    tradealloc: Run, blotter: Path, row: int, values: dict[str, Any], status: int, sentence: str
) -> None:
    blotter_book(blotter, changed(row, **values))
    outcome = tradealloc("run", blotter)
    assert outcome.status == status
    assert sentence in outcome.err
    assert "1 of 3 orders not optimised" in outcome.err
    results = table(blotter, "tblOrderResults")
    assert sentence in results["Status"][row]
    assert [text for number, text in enumerate(results["Status"]) if number != row] == ["OK", "OK"]
    assert results["TotalCost"][row] is None
    assert len(table(blotter, "tblSchedules")) == 4
    assert named(blotter, "ta_status") == "OK"
    assert named(blotter, "ta_checks") == "CHECK"


def test_orders_with_the_same_id_all_report(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter, [*ORDERS, {**ORDERS[0], "OrderId": " a-1"}])
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    status = table(blotter, "tblOrderResults")["Status"]
    assert "tblOrders!A2 (OrderId) is 'A-1', as tblOrders!A5 is" in status[0]
    assert "tblOrders!A5 (OrderId) is 'a-1', as tblOrders!A2 is" in status[3]
    assert status[1:3] == ["OK", "OK"]


def test_a_wrong_cell_of_a_profile_stops_its_orders_only(tradealloc: Run, blotter: Path) -> None:
    profiles = {**PROFILES, "late": {**PROFILES["late"], "Beta": (3e-5, 0, 1e-5)}}
    blotter_book(blotter, profiles=profiles)
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    assert table(blotter, "tblOrderResults")["Status"] == ["OK", "OK", "tblProfiles!D6 is 0: give a number above 0"]


@pytest.mark.parametrize("value", ["#N/A", None])
@pytest.mark.parametrize(
    ("rows", "failed"),
    [
        ([1], {"A-1", "A-2"}),  # 09:31: late has an interval then
        ([3], {1003}),  # 09:31: calm has
        ([5], {"A-1", "A-2", 1003}),  # 09:33: may be of either
        ([3, 4], {1003}),
    ],
)
def test_a_profiles_name_that_cant_be_read_stops_the_orders_that_it_may_concern(
    tradealloc: Run, blotter: Path, value: str | None, rows: list[int], failed: set[Any]
) -> None:
    blotter_book(
        blotter,
        [*ORDERS, {**ORDERS[0], "OrderId": "third", "Profile": "third"}],
        {**PROFILES, "third": {"Start": [dt.time(9, m) for m in range(30, 34)], "Beta": (1e-5,) * 4}},
    )
    book = load_workbook(blotter)
    for row in rows:
        book["tblProfiles"].cell(row + 2, 1).value = value
    book.save(blotter)
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    results = table(blotter, "tblOrderResults")
    wrong = dict(zip(results["OrderId"], results["Status"], strict=True))
    assert {name for name, status in wrong.items() if status != "OK"} == failed
    assert all(f"tblProfiles!A{rows[0] + 2}" in wrong[name] for name in failed)


def test_a_profile_without_a_readable_name_is_missed_with_its_cell(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter)
    book = load_workbook(blotter)
    for row in (5, 6, 7):
        book["tblProfiles"].cell(row, 1).value = "#REF!"
        book["tblProfiles"].cell(row, 3).value = dt.time(9, row + 25)
    book.save(blotter)
    tradealloc("run", blotter)
    status = table(blotter, "tblOrderResults")["Status"]
    assert status[:2] == ["OK", "OK"]
    assert "which tblProfiles doesn't have: tblProfiles!A5 holds the error #REF!" in status[2]


def test_the_total_says_what_it_covers(tradealloc: Run, blotter: Path) -> None:
    """An order without a price costs money, but is in no basis points."""
    blotter_book(blotter, changed(0, ArrivalPrice=None))
    outcome = tradealloc("run", blotter)
    costs = table(blotter, "tblOrderResults")["TotalCost"]
    bps = (costs[1] + costs[2]) / (600 * 50 + 900 * 20) * 1e4
    assert [f"{sum(costs):,.2f}", "currency"] in [line.split()[2:] for line in outcome.out.splitlines()]
    assert f"2 of them: {costs[1] + costs[2]:,.2f} currency = {bps:.2f} bps of notional" in outcome.out
    assert "not in notional and bps; its cost is in the total cost all the same" in outcome.err
    found = json.loads(tradealloc("run", blotter, "--json").out)
    assert (found["optimised"], found["priced_orders"]) == (3, 2)
    assert found["priced_cost"] / found["notional"] * 1e4 == pytest.approx(found["impact_bps"]) == pytest.approx(bps)
    assert found["total_cost"] == pytest.approx(sum(costs))


@pytest.mark.parametrize(("name", "known"), [("tblBySymbol", True), ("Totals", True), ("tblBySymbol", False)])
def test_a_renamed_table_of_results_is_refused(tradealloc: Run, blotter: Path, name: str, known: bool) -> None:
    """It would keep an earlier run's figures; a table of the desk's own, with other columns, would not."""
    blotter_book(blotter, leave_out=["tblBySymbol"] if not known else [])
    book = load_workbook(blotter)
    if known:
        book["tblBySymbol"].tables["tblBySymbol"].name = book["tblBySymbol"].tables["tblBySymbol"].displayName = (
            f"{name}9"
        )
    else:
        page = book.create_sheet("Own")
        page.append(["Symbol", "Orders"])
        page.append(["X", 1])
        page.add_table(Table(displayName=f"{name}9", ref="A1:B2"))
    book.save(blotter)
    before = blotter.read_bytes()
    outcome = tradealloc("run", blotter)
    assert outcome.status == (2 if known else 0)
    if known:
        assert f"tblBySymbol!A1:I2 is called {name}9 and has the columns of tblBySymbol" in outcome.err
        assert "name it tblBySymbol" in outcome.err
        assert blotter.read_bytes() == before


def test_one_sentence_for_all_orders_of_a_wrong_profile(tradealloc: Run, blotter: Path) -> None:
    """Other slips aren't pushed out of the notes by a profile that many orders use."""
    profiles = {**PROFILES, "late": {**PROFILES["late"], "Beta": (3e-5, 0, 1e-5)}}
    late = [{**ORDERS[2], "OrderId": f"L{number}"} for number in range(20)]
    blotter_book(blotter, [*ORDERS[:2], *late, {**ORDERS[0], "OrderId": "bad", "Shares": -1}], profiles)
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    assert outcome.err.count("tblProfiles!D6 is 0: give a number above 0") == 1
    assert "(20 orders)" in outcome.err
    assert "tblOrders!D24 is -1" in outcome.err
    assert "21 of 23 orders not optimised" in outcome.err


def test_starts_out_of_order_are_refused_at_their_cell(tradealloc: Run, blotter: Path) -> None:
    starts = (dt.time(9, 31), dt.time(9, 31), dt.time(9, 33))
    blotter_book(blotter, profiles={**PROFILES, "late": {**PROFILES["late"], "Start": starts}})
    tradealloc("run", blotter)
    assert "tblProfiles!C6 is 09:31, as tblProfiles!C5 is" in table(blotter, "tblOrderResults")["Status"][2]


def test_nothing_is_written_where_no_order_can_run(tradealloc: Run, blotter: Path) -> None:
    before = blotter_book(blotter, [{**order, "Shares": None} for order in ORDERS]).read_bytes()
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    assert outcome.err == (
        "tradealloc: tblOrders!D2 (Shares) is blank: give the shares to trade "
        "(nothing is written: 2 more orders can't be solved either)\n"
    )
    assert blotter.read_bytes() == before


def test_one_infeasible_order_alone_is_exit_3(tradealloc: Run, blotter: Path) -> None:
    before = blotter_book(blotter, changed(0, MaxShares=100)[:1]).read_bytes()
    outcome = tradealloc("run", blotter)
    assert outcome.status == 3
    assert outcome.err.startswith("tradealloc: order A-1: caps sum to 300 shares, 700 short of 1,000")
    assert blotter.read_bytes() == before


def test_blank_rows_are_skipped(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter, [{}, ORDERS[0], {}, {"Symbol": "  "}, ORDERS[1], {}])
    assert tradealloc("run", blotter).status == 0
    assert table(blotter, "tblOrderResults")["OrderId"] == ["A-1", "A-2"]


def test_blank_cells_are_as_the_workbook_says(tradealloc: Run, blotter: Path) -> None:
    profiles = {"calm": PROFILES["calm"]}
    orders = [{"OrderId": "own", "Shares": 600, "Profile": "calm", "Participation": 0.2, "Side": "buy"},
              {"OrderId": "left", "Shares": 600, "Profile": "calm"}]  # fmt: skip
    blotter_book(blotter, orders, profiles, {"side": "sell", "participation": 0.03, "symbol": "WIDE"})
    assert tradealloc("run", blotter).status == 0
    schedules, results = table(blotter, "tblSchedules"), table(blotter, "tblOrderResults")
    np.testing.assert_allclose(schedules["own"], calm(600, participation=0.2).shares, rtol=1e-12)
    np.testing.assert_allclose(schedules["left"], calm(600, participation=0.03).shares, rtol=1e-9)
    assert results["Side"] == ["buy", "sell"]
    assert results["Symbol"] == ["WIDE", "WIDE"]


def test_max_shares_of_the_row_and_of_the_profile_both_hold(tradealloc: Run, blotter: Path) -> None:
    profiles = {"calm": {**PROFILES["calm"], "MaxShares": (200, None, 500)}}
    blotter_book(blotter, [{**ORDERS[0], "MaxShares": 450}], profiles)
    assert tradealloc("run", blotter).status == 0
    np.testing.assert_allclose(table(blotter, "tblSchedules")["A-1"], [200, 450, 350], atol=1e-9)


def test_settings_go_to_the_workbook_wide_names(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter, ORDERS[:2], settings={"participation": None})
    assert tradealloc("run", blotter, "--set", "participation=0.05").status == 0
    assert named(blotter, "ta_participation") == 0.05
    np.testing.assert_allclose(table(blotter, "tblSchedules")["A-1"], calm(1000, participation=0.05).shares, rtol=1e-9)
    np.testing.assert_allclose(table(blotter, "tblSchedules")["A-2"], calm(600, participation=0.1).shares, rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "--shares", "5"), "--shares goes with one order: a blotter's sizes are in tblOrders"),
        (("run", "--set", "shares=5"), "--set shares goes with one order"),
        (("run", "--beta", "betas.csv"), "--beta goes with one order: a blotter's betas are in tblProfiles"),
        (("compare",), "blotter.xlsx holds many orders (tblOrders): compare takes a workbook with one"),
        (("sensitivity",), "blotter.xlsx holds many orders (tblOrders): sensitivity takes a workbook with one"),
    ],
)
def test_what_goes_with_one_order_only_is_refused(
    tradealloc: Run, blotter: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    before = blotter_book(blotter).read_bytes()
    outcome = tradealloc(arguments[0], blotter, *arguments[1:])
    assert outcome.status == 2
    assert outcome.err.startswith(f"tradealloc: {sentence}")
    assert blotter.read_bytes() == before


@pytest.mark.parametrize(
    ("leave_out", "sentence"),
    [
        (["tblOrders"], "blotter.xlsx has no table tblOrders: a blotter needs one with the columns OrderId, Shares"),
        (["tblProfiles"], "blotter.xlsx has no table tblProfiles"),
        (["tblSchedules"], "blotter.xlsx has no table tblSchedules"),
        (["tblOrderResults"], "blotter.xlsx has no table tblOrderResults"),
        (["Shares"], "has no column Shares: add it"),
        (["Beta"], "has no column Beta: add it"),
    ],
)
def test_missing_parts_are_named(tradealloc: Run, blotter: Path, leave_out: list[str], sentence: str) -> None:
    before = blotter_book(blotter, leave_out=leave_out).read_bytes()
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert blotter.read_bytes() == before


def test_a_profile_row_without_a_name_is_refused(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter, profiles={**PROFILES, "": {"Beta": (1e-5,)}})
    outcome = tradealloc("run", blotter)
    assert outcome.status == 2
    assert "tblProfiles!A8 (Profile) is blank: name the profile that the row belongs to" in outcome.err


def test_optional_tables_and_columns_may_be_absent(tradealloc: Run, blotter: Path) -> None:
    optional = ["tblBySymbol", "tblByTime", "Symbol", "Side", "ArrivalPrice", "Participation", "Volume", "Method"]
    blotter_book(blotter, ORDERS, leave_out=optional)
    outcome = tradealloc("run", blotter)
    assert outcome.status == 0
    assert "3 orders without arrival price" in outcome.err
    assert named(blotter, "ta_total_impact_bps") is None


def test_json_is_one_object_with_totals_and_orders(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter, changed(1, Participation=0.01))
    outcome = tradealloc("run", blotter, "--json")
    assert outcome.status == 3
    found = json.loads(outcome.out)
    assert (found["optimised"], found["failed"], found["output"]) == (2, 1, str(blotter))
    assert found["total_cost"] == pytest.approx(named(blotter, "ta_total_cost"))
    assert [order["order_id"] for order in found["orders"]] == ["A-1", "A-2", "1003"]
    assert found["orders"][0]["total_impact"] == pytest.approx(calm(1000).total_impact)
    assert found["orders"][1]["status"].startswith("caps sum to 240 shares")
    assert "total_impact" not in found["orders"][1]


def test_the_summary_lists_orders_and_totals(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter, changed(1, Participation=0.01))
    out = tradealloc("run", blotter).out
    assert "infeasible" in out
    assert "2 optimised, 1 not" in out
    assert "By symbol" in out
    assert "bps of notional" in out


def test_orders_that_crowd_a_symbol_are_noted(tradealloc: Run, blotter: Path) -> None:
    orders = [{**ORDERS[0], "OrderId": name, "Shares": 1200, "Participation": 0.1} for name in ("one", "two")]
    blotter_book(blotter, orders)
    outcome = tradealloc("run", blotter)
    assert outcome.status == 0
    assert "orders in ACME together trade" in outcome.err
    assert "above the cap of 10.0% that each keeps alone" in outcome.err
    assert table(blotter, "tblBySymbol")["PeakParticipation"][0] > 0.1


TEXTS = (
    "=1+1",
    "+A1",
    "-x",
    "@SUM(A1)",
    "שלום עולם",
    "日本電信電話株式会社 NTT ホールディングス東京一部",
    "🚀 moon",
    "x" * 30,
)


def test_texts_of_users_stay_texts(tradealloc: Run, blotter: Path) -> None:
    orders = [{**ORDERS[0], "OrderId": f"{text}", "Symbol": text} for text in TEXTS]
    blotter_book(blotter, orders)
    for page in (book := load_workbook(blotter)):
        for row in page.iter_rows():
            for cell in row:
                cell.data_type = "s" if cell.value in TEXTS else cell.data_type  # openpyxl takes =1+1 for a formula
    book.save(blotter)
    assert tradealloc("run", blotter).status == 0
    results, schedules = table(blotter, "tblOrderResults"), table(blotter, "tblSchedules")
    assert results["OrderId"] == results["Symbol"] == list(TEXTS)
    assert list(schedules)[2:] == list(TEXTS)
    stored = load_workbook(blotter)
    for name in ("tblOrderResults", "tblSchedules", "tblBySymbol"):
        assert all(cell.data_type != "f" for row in stored[name].iter_rows() for cell in row)


def test_a_second_run_with_other_orders_replaces_the_first(tradealloc: Run, blotter: Path) -> None:
    blotter_book(blotter)
    tradealloc("run", blotter)
    book = load_workbook(blotter)
    for row, name in enumerate(("B-1", "B-2"), start=2):
        book["tblOrders"].cell(row, 1).value = name
    book["tblOrders"].cell(4, 4).value = "wrong"
    book.save(blotter)
    assert tradealloc("run", blotter).status == 2
    assert list(table(blotter, "tblSchedules")) == ["Interval", "Start", "B-1", "B-2"]
    assert len(table(blotter, "tblSchedules")["B-1"]) == 3


def test_lots_clips_and_models_run_as_for_one_order(tradealloc: Run, blotter: Path) -> None:
    orders = [{**ORDERS[0], "OrderId": "lots", "LotSize": 100}, {**ORDERS[0], "OrderId": "clips", "MinClip": 300}]
    blotter_book(blotter, orders, settings={"model": "power", "exponent": 0.5})
    assert tradealloc("run", blotter).status == 0
    schedules = table(blotter, "tblSchedules")
    assert all(shares % 100 == 0 for shares in schedules["lots"])
    assert all(shares == 0 or shares >= 300 - 1e-9 for shares in schedules["clips"])
    impact = ta.PowerImpact(PROFILES["calm"]["Beta"], 0.5, PROFILES["calm"]["HalfSpread"])
    alone = ta.solve(ta.Problem(1000.0, impact, ta.Limits(lot_size=100)))
    assert schedules["lots"] == alone.shares.tolist()


def test_a_workbook_with_one_order_is_no_blotter_for_having_such_a_table(tradealloc: Run, tmp_path: Path) -> None:
    path = new_workbook("daily_schedule", tmp_path / "day.xlsx")
    book = load_workbook(path)
    page = book.create_sheet("Own")
    page.append(["Whatever"])
    page.append([1])
    page.add_table(Table(displayName="tblOrders", ref="A1:A2"))
    book.save(path)
    assert tradealloc("run", path).status == 0
    assert table(path, "tblSchedule")["Allocation"][0] is not None


def test_the_ribbon_writes_what_the_command_line_writes(
    tradealloc: Run, blotter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    blotter_book(blotter, changed(1, Participation=0.01))
    live = from_xlsx(blotter)
    commands.run("optimise", live, tmp_path)
    assert "1 of 3 orders not optimised" in live.impl.app.alerts[0]
    tradealloc("run", blotter)
    written, shown = XlsxBook.open(blotter), XlwingsBook(live)
    compared = 0
    for name in RESULTS:
        ours, theirs = written.table(name), shown.table(name)
        assert ours is not None
        assert theirs is not None
        assert list(theirs.columns) == list(ours.columns)
        for header, cells in ours.columns.items():
            for cell, other in zip(cells, theirs.columns[header], strict=True):
                expected = pytest.approx(cell.value) if isinstance(cell.value, float) else cell.value
                assert other.value == expected, cell.where
                compared += cell.value is not None
    assert compared > 60
    for name in ("ta_total_cost", "ta_fingerprint", "ta_checks"):
        ours_cell, their_cell = written.cell(name), shown.cell(name)
        assert ours_cell is not None
        assert their_cell is not None
        assert their_cell.value == ours_cell.value
