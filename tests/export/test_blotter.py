"""A blotter's schedules in long form."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blotter_desk import ORDERS, blotter_book
from openpyxl import load_workbook

import tradealloc as ta
from tradealloc import actions
from tradealloc.errors import InputError
from tradealloc.export import csv_bytes, fix_bytes, read_csv
from tradealloc.export.blotter import stored_orders
from tradealloc.workbook.xlsx_book import XlsxBook

NOW = dt.datetime(2025, 3, 3, 9, 15)
DAY = dt.date(2025, 3, 3)
RISKY = ({**ORDERS[0], "WindowEnd": dt.time(9, 32, 30)}, {**ORDERS[1], "OrderId": "+B-2"}, ORDERS[2])


def ran(tmp_path: Path, orders: Any = RISKY, **settings: Any) -> Path:
    path = blotter_book(tmp_path / "desk.xlsx", orders, settings={"lot_size": 1, **settings})
    book = XlsxBook.open(path)
    actions.optimise(book, now=NOW)
    book.save()
    return path


def test_all_orders_in_long_form(tmp_path: Path) -> None:
    children, notes = stored_orders(XlsxBook.open(ran(tmp_path)), DAY)
    assert notes == []
    assert [(c.order_id, c.interval) for c in children] == [
        ("A-1", 1), ("A-1", 2), ("A-1", 3), ("+B-2", 1), ("+B-2", 2), ("+B-2", 3),
        ("1003", 2), ("1003", 3), ("1003", 4),
    ]  # fmt: skip
    assert {(c.order_id, c.symbol, c.side, c.order_shares, c.arrival_price) for c in children} == {
        ("A-1", "ACME", "buy", 1000.0, 50.0), ("+B-2", "Acme", "sell", 600.0, 50.0),
        ("1003", "OTHER", "buy", 900.0, 20.0),
    }  # fmt: skip
    beta, spread = np.array([1e-5, 2e-5, 4e-5]), np.array([0.01, 0.005, 0.01])
    first = ta.solve(ta.Problem(1000, ta.LinearImpact(beta, spread), ta.Limits(lot_size=1)))
    assert [c.shares for c in children[:3]] == first.shares.tolist()
    assert [c.impact for c in children[:3]] == pytest.approx(spread + beta * first.shares, rel=1e-15)
    assert [c.cumulative for c in children[:3]] == np.cumsum(first.shares).tolist()
    assert [c.participation for c in children[:3]] == (first.shares / [8e3, 9e3, 7e3]).tolist()
    assert sum(c.cost or 0 for c in children[:3]) == pytest.approx(first.total_cost)
    assert [(str(c.start), str(c.end)) for c in children[:3]] == [
        ("09:30:00", "09:31:00"), ("09:31:00", "09:32:00"), ("09:32:00", "09:32:30"),
    ]  # fmt: skip
    assert str(children[-1].end) == "09:34:00"
    assert {child.date for child in children} == {DAY}


def test_round_trip_and_fix(tmp_path: Path) -> None:
    children, _ = stored_orders(XlsxBook.open(ran(tmp_path)), DAY)
    path = tmp_path / "desk.csv"
    path.write_bytes(csv_bytes(children))
    assert b"\r\n'+B-2," in path.read_bytes()
    assert read_csv(path) == children
    lines = fix_bytes(children, "America/New_York").decode().split("\r\n")
    assert len(lines) == 1 + sum(child.shares > 0 for child in children) + 1


def test_orders_without_a_schedule_are_left_out_and_named(tmp_path: Path) -> None:
    path = ran(tmp_path, (ORDERS[0], {**ORDERS[1], "Profile": "nowhere"}, ORDERS[2]))
    children, notes = stored_orders(XlsxBook.open(path))
    assert {child.order_id for child in children} == {"A-1", "1003"}
    (note,) = notes
    assert note.startswith("order A-2 (tblOrders!A3) is left out: ")
    assert "nowhere" in note


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("tblOrders!D2", 999, "holds STALE results"),
        ("tblProfiles!C2", 1, "holds STALE results"),
        ("tblSchedules!C2", 999, "tblSchedules[A-1] doesn't trade the order's 1000 shares"),
        ("tblSchedules!C2", None, "tblSchedules[A-1] doesn't trade"),
        ("tblSchedules!C2", "x", "tblSchedules!C2 isn't a number"),
    ],
)
def test_what_the_inputs_do_not_say_is_refused(tmp_path: Path, place: str, value: Any, sentence: str) -> None:
    path = ran(tmp_path)
    book = load_workbook(path)
    sheet, cell = place.split("!")
    book[sheet][cell] = value
    book.save(path)
    with pytest.raises(InputError) as caught:
        stored_orders(XlsxBook.open(path))
    assert sentence in str(caught.value)


def test_failing_checks_refuse_where_every_order_has_a_schedule(tmp_path: Path) -> None:
    path = ran(tmp_path)
    book = XlsxBook.open(path)
    book.write_cell("ta_checks", "CHECK")
    with pytest.raises(InputError, match="says CHECK"):
        stored_orders(book)


def test_a_blotter_that_never_ran(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no results yet"):
        stored_orders(XlsxBook.open(blotter_book(tmp_path / "desk.xlsx")))
