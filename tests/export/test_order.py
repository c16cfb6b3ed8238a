"""What a workbook with one order gives, and when it is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tradealloc.errors import InputError
from tradealloc.export.order import stored_order
from tradealloc.workbook.xlsx_book import XlsxBook

AfterRun = Callable[..., Path]


def column(path: Path, header: str) -> list[Any]:
    sheet = load_workbook(path)["Schedule"]
    rows = list(sheet.iter_rows(values_only=True))
    return [row[rows[0].index(header)] for row in rows[1:]]


def test_the_rows_are_the_schedule(after_run: AfterRun) -> None:
    path = after_run({"side": "sell"}, {"Volume": [9e3] * 4, "Interval": ["open", 2, 3.5, None]})
    children = stored_order(XlsxBook.open(path), day=dt.date(2025, 3, 3))
    for header, field in [
        ("Allocation", "shares"), ("Cumulative", "cumulative"), ("Participation", "participation"),
        ("Impact", "impact"), ("Cost", "cost"),
    ]:  # fmt: skip
        assert [getattr(child, field) for child in children] == column(path, header), header
    assert sum(child.shares for child in children) == 1000
    assert [child.label for child in children] == ["open", "2", "3.5", "4"]
    assert [child.start for child in children] == [dt.time(9, 30 + t) for t in range(4)]
    assert children[-1].end == dt.time(9, 34)
    assert {(c.symbol, c.side, c.order_shares, c.run_at) for c in children} == {
        ("ACME", "sell", 1000.0, "2025-03-03 09:15:00")
    }
    assert children[0].order_id == "ACME-sell-20250303T091500"


def test_the_user_names_the_order(after_run: AfterRun) -> None:
    assert stored_order(XlsxBook.open(after_run()), "PARENT-7")[0].order_id == "PARENT-7"


def test_cost_needs_an_arrival_price(after_run: AfterRun) -> None:
    path = after_run({"arrival_price": None, "impact_unit": "bps", "symbol": None})
    children = stored_order(XlsxBook.open(path))
    assert [child.cost for child in children] == [None] * 4
    assert all(child.impact for child in children if child.shares)
    assert children[0].symbol is None
    assert children[0].order_id == "order-buy-20250303T091500"


def change(path: Path, cells: dict[str, Any]) -> XlsxBook:
    """Values changed by another program, which computes nothing."""
    book = load_workbook(path)
    for place, value in cells.items():
        sheet, address = place.split("!")
        book[sheet][address] = value
    book.save(path)
    return XlsxBook.open(path)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"Order!B1": 999.0}, "day.xlsx holds STALE results"),
        ({"Intervals!A3": 1.00001e-5}, "day.xlsx holds STALE results"),
        ({"Sizes!A2": 501.0}, "day.xlsx holds STALE results"),
        ({"Schedule!E2": 999.0}, "doesn't trade the order within its limits"),
        ({"Schedule!E2": "x"}, "Schedule!E2 isn't a number: run again"),
        ({"Schedule!E2": None}, "Schedule!E2 isn't a number: run again"),
        ({"Schedule!E2": 266.0, "Schedule!E3": 503.0}, "Schedule!F2 isn't the sum of the allocation"),
        ({"Schedule!A2": 2}, "Schedule!A2 is 2 where the intervals table has 1: rows of the schedule were moved"),
    ],
)
def test_what_the_inputs_do_not_say_is_refused(after_run: AfterRun, cells: dict[str, Any], sentence: str) -> None:
    path = after_run()
    with pytest.raises(InputError) as caught:
        stored_order(change(path, cells))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("checks", "CHECK", "says CHECK, so the schedule isn't fit to trade"),
        ("status", "STALE", "holds STALE results"),
        ("status", "NOT RUN", "holds STALE results"),
        ("fingerprint", None, "has no results yet: run it first"),
        ("fingerprint", "x", "has no results yet: run it first"),
        ("checks", None, ""),
        ("run_at", None, ""),
    ],
)
def test_status_and_checks_count(after_run: AfterRun, key: str, value: Any, sentence: str) -> None:
    path = after_run()
    place = load_workbook(path).defined_names[f"ta_{key}"].attr_text.replace("$", "")
    book = change(path, {place: value})
    if not sentence:
        assert len(stored_order(book)) == 4
        return
    with pytest.raises(InputError) as caught:
        stored_order(book)
    assert sentence in str(caught.value)


def test_a_workbook_that_never_ran(tmp_path: Path) -> None:
    from desk_books import desk_book

    with pytest.raises(InputError, match=r"day.xlsx has no results yet: run it first \(tradealloc run\)"):
        stored_order(XlsxBook.open(desk_book(tmp_path / "day.xlsx")))


def test_without_the_name_nothing_tells_whether_it_is_current(after_run: AfterRun) -> None:
    path = after_run(leave_out=["ta_fingerprint"])
    with pytest.raises(InputError, match="has no name ta_fingerprint"):
        stored_order(XlsxBook.open(path))


def test_schedules_with_fewer_columns(after_run: AfterRun) -> None:
    path = after_run()
    book = load_workbook(path)
    sheet = book["Schedule"]
    for number, header in enumerate(["Note", "When", "Equal", "VWAP", "Allocation", "Sum", "Rest", "P", "I", "C", "B"]):
        sheet.cell(1, number + 1, header)
    for column_, header in zip(sheet.tables["tblSchedule"].tableColumns, sheet[1], strict=True):
        column_.name = header.value
    book.save(path)
    children = stored_order(XlsxBook.open(path))
    assert [child.cumulative for child in children][-1] == 1000
    assert {(child.impact, child.cost, child.participation, child.binding) for child in children} == {(None,) * 4}
