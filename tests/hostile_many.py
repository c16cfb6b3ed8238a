"""Damages of the blotter and of the what-if workbook, as `hostile` has them for the daily schedule."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hostile import BETAS, NOW, Damage, Desk, N, _delete, _filter, _rename, put_named

from tradealloc import actions
from tradealloc.templates import template_path
from tradealloc.workbook.xlsx_book import XlsxBook

STARTS = [dt.time(9 + (30 + 30 * t) // 60, (30 * t + 30) % 60) for t in range(N)]
BLANK_ORDER = dict.fromkeys(
    ("OrderId", "Symbol", "Side", "Shares", "Profile", "ArrivalPrice", "WindowStart", "WindowEnd", "Participation",
     "ImpactCap", "MaxShares", "LotSize", "MinClip")
)  # fmt: skip


def small_blotter(path: Path) -> Path:
    """The blotter with three orders over two profiles of twelve half-hours, after a run."""
    book = _copy("blotter", path)
    names = ["Liquid"] * N + ["Thin"] * N
    betas = [beta / 100 for beta in BETAS] + BETAS
    volumes = [400_000.0] * N + [30_000.0] * N
    book.write_table(
        "tblProfiles",
        {
            "Profile": names, "Interval": [*range(1, N + 1)] * 2, "Start": STARTS * 2, "Beta": betas,
            "HalfSpread": [None] * (2 * N), "Volume": volumes,
        },
    )  # fmt: skip
    orders: dict[str, list[Any]] = {header: [None] * 3 for header in BLANK_ORDER}
    orders |= {
        "OrderId": ["A", "B", "C"], "Symbol": ["ALFA", "ALFA", "ECHO"], "Side": ["buy", "sell", None],
        "Shares": [100_000, 60_000, 9_000], "Profile": ["Liquid", "Liquid", "Thin"], "ArrivalPrice": [40, 40, 20],
        "WindowEnd": [None, dt.time(14), None],
    }  # fmt: skip
    book.write_table("tblOrders", orders)
    return _run(book, path)


def small_what_if(path: Path) -> Path:
    """The what-if workbook with twelve half-hours and three scenarios, after a run."""
    book = _copy("what_if", path)
    book.write_table(
        "tblIntervals",
        {
            "Interval": list(range(1, N + 1)), "Start": STARTS, "Beta": BETAS, "Gamma": [None] * N,
            "HalfSpread": [0.01] * N, "Volume": [200_000.0] * N,
        },
    )  # fmt: skip
    book.write_table(
        "tblScenarios",
        {
            "Scenario": ["As ordered", "Half", "Concave"], "Shares": [None, 50_000, None],
            "Model": [None, None, "power"], "Exponent": [None, None, 0.5], "ReferenceShares": [None] * 3,
            "Participation": [None] * 3, "ImpactCap": [None] * 3, "LotSize": [None] * 3,
            "WindowStart": [None] * 3, "WindowEnd": [None] * 3,
        },
    )  # fmt: skip
    return _run(book, path)


def _copy(name: str, path: Path) -> XlsxBook:
    shutil.copyfile(template_path(name), path)
    return XlsxBook.open(path)


def _run(book: XlsxBook, path: Path) -> Path:
    actions.optimise(book, now=NOW)
    book.save()
    path.with_name(f"{path.name}.bak").unlink()
    return path


def _put(table: str, cells: Mapping[tuple[str, int], Any]) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        for (header, row), value in cells.items():
            desk.place(table, header, row).value = value

    return do


def _order(header: str, value: Any, row: int = 1) -> Callable[[Desk], None]:
    return _put("tblOrders", {(header, row): value})


def _orders(*names: str) -> Callable[[Desk], None]:
    return _put("tblOrders", {("OrderId", row): name for row, name in enumerate(names)})


def _profile(header: str, value: Any, row: int = 1) -> Callable[[Desk], None]:
    return _put("tblProfiles", {(header, row): value})


def _blank(row: int) -> Callable[[Desk], None]:
    return _put("tblOrders", {(header, row): None for header in BLANK_ORDER})


def _turned(desk: Desk) -> None:
    """The profiles' rows pasted with the second profile first; each keeps its own times in order."""
    sheet = desk.sheet_of("tblProfiles")
    first = desk.place("tblProfiles", "Profile", 0)
    block = sheet.iter_rows(min_row=first.row, max_row=first.row + 2 * N - 1, min_col=first.column, max_col=11)
    cells = [list(row) for row in block]
    values = [[cell.value for cell in row] for row in cells]
    for row, new in zip(cells, values[N:] + values[:N], strict=True):
        for cell, value in zip(row, new, strict=True):
            cell.value = value


def _swapped(desk: Desk) -> None:
    """The orders sorted another way."""
    for header in BLANK_ORDER:
        first, last = desk.place("tblOrders", header, 0), desk.place("tblOrders", header, 2)
        first.value, last.value = last.value, first.value


def _scenario(header: str, value: Any, row: int = 1) -> Callable[[Desk], None]:
    return _put("tblScenarios", {(header, row): value})


def _hide_row(table: str, row: int) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        cell = desk.place(table, "OrderId", row)
        cell.parent.row_dimensions[cell.row].hidden = True

    return do


def _no_starts(desk: Desk) -> None:
    for row in range(N):
        _profile("Start", None, row)(desk)


BLOTTER_DAMAGES: tuple[Damage, ...] = (
    Damage("Orders deleted", _delete("Orders"), 2, "many.xlsx has no table tblOrders: a blotter needs one"),
    Damage("Schedules deleted", _delete("Schedules"), 2, "many.xlsx has no table tblSchedules"),
    Damage("orders sorted", _swapped),
    Damage("an order deleted in the middle", _blank(1)),
    Damage("profiles in another order", _turned),
    Damage("profile in other case and with spaces", _order("Profile", "  LIQUID ")),
    Damage("starts as texts", _put("tblProfiles", {("Start", t): f"{STARTS[t]:%H:%M}" for t in range(N)})),
    Damage("30-character symbol and id", _put("tblOrders", {("OrderId", 0): "A" * 30, ("Symbol", 0): "S" * 30})),
    Damage("ids of other scripts", _orders("הזמנה", "注文", "+1")),
    Damage("error as a profile's name", _profile("Profile", "#N/A"), note="Profiles!B8 holds the error #N/A"),
    Damage("By symbol's table renamed", _rename("tblBySymbol"), 2, "is called tblBySymbol2 and has the columns of tbl"),
    Damage("By time's table renamed", _rename("tblByTime"), 2, "is called tblByTime2 and has the columns of tblByTime"),
    Damage("schedules' table renamed", _rename("tblSchedules"), 2, "is called tblSchedules2 and has the columns of"),
    Damage("run log's table renamed", _rename("tblRunLog"), 2, "is called tblRunLog2 and has the columns of tblRunLog"),
    Damage("By symbol deleted", _delete("By symbol")),
    Damage("orders hidden", _hide_row("tblOrders", 1), note="tblOrders hides rows (hidden or filtered): they count"),
    Damage("orders filtered", _filter("tblOrders"), note="tblOrders hides rows"),
    Damage("results filtered", _filter("tblOrderResults")),
    Damage("order without size below the table",
           _put("tblOrders", {("OrderId", 3): "D", ("Profile", 3): "Thin"}),
           note="Orders!B10 holds 'D' right below tblOrders"),
    Damage("remark below the table", _put("tblOrders", {("OrderId", 3): "as of 08:00"})),
    Damage("sides B and S", _put("tblOrders", {("Side", 0): "S", ("Side", 1): " b "})),
    Damage("side short", _order("Side", "short"), note="Orders!D8 is 'short': give buy or sell"),
    Damage("participation in per cent", _order("Participation", 10), note="Orders!J8 is 10: give a number above 0"),
    Damage("window ends first", _order("WindowStart", dt.time(15)), note="Orders!I8 (WindowEnd) is 14:00, not after"),
    Damage("window without starts", _no_starts, note="is blank: the trading window needs every interval's start time"),
    Damage("order below the table", _put("tblOrders", {("OrderId", 3): "D", ("Shares", 3): 9}),
           note="Orders!E10 holds a number right below tblOrders"),
)  # fmt: skip

WHAT_IF_DAMAGES: tuple[Damage, ...] = (
    Damage("Scenarios deleted", _delete("Scenarios")),
    Damage("Trade-offs deleted", _delete("Trade-offs")),
    Damage("Intervals deleted", _delete("Intervals"), 2, "many.xlsx has no table tblIntervals"),
    Damage("scenarios' table renamed", _rename("tblScenarios"), 2, "is called tblScenarios2 and has the columns"),
    Damage("values of limits renamed", _rename("tblCapValues"), 2, "is called tblCapValues2 and has the col"),
    Damage("schedules renamed", _rename("tblScenarioSchedules"), 2, "is called tblScenarioSchedules2 and has the"),
    Damage("caps' curve renamed", _rename("tblByParticipation"), 2, "is called tblByParticipation2 and has the"),
    Damage("results filtered", _filter("tblScenarioResults"), note="tblScenarios hides rows"),
    Damage("unit bps", put_named("ta_impact_unit", "bps")),
    Damage("no arrival price", put_named("ta_arrival_price", None)),
    Damage("lots", put_named("ta_lot_size", 100)),
    Damage("names of other scripts", _put("tblScenarios", {("Scenario", 0): "תרחיש", ("Scenario", 1): "シナリオ"})),
    Damage("name twice", _scenario("Scenario", " as ORDERED"), note="Scenarios!B8 is 'as ORDERED', as Scenarios!B7 is"),
    Damage("no name", _scenario("Scenario", None), note="a scenario not solved: Scenarios!B8 is blank"),
    Damage("infeasible", _scenario("Participation", 1e-4), note="scenario Half not solved: caps sum to"),
    Damage("size as text", _scenario("Shares", "50k"), note="scenario Half not solved: Scenarios!C8 holds the text"),
    Damage("scenario below the table", _put("tblScenarios", {("Scenario", 3): "More", ("Shares", 3): 70_000}),
           note="Scenarios!C10 holds a number right below tblScenarios"),
    Damage("model below the table", _put("tblScenarios", {("Scenario", 3): "More", ("Model", 3): "quadratic"}),
           note="Scenarios!B10 holds 'More' right below tblScenarios"),
    Damage("cap below the curve's table", _put("tblByParticipation", {("Participation", 8): 0.5}),
           note="holds a number right below tblByParticipation"),
    Damage("window ends first", _put("tblScenarios", {("WindowStart", 1): dt.time(12), ("WindowEnd", 1): dt.time(11)}),
           note="Scenarios!K8 (WindowEnd) is 11:00, not after"),
)  # fmt: skip
