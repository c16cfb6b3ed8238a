"""Child orders, workbooks after a run, and a blotter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk_books import desk_book

from tradealloc import actions
from tradealloc.export import ChildOrder
from tradealloc.workbook.xlsx_book import XlsxBook

NOW = dt.datetime(2025, 3, 3, 9, 15)
STARTS = [dt.time(9, 30), dt.time(9, 31), dt.time(9, 32), dt.time(9, 33)]
CHILD = ChildOrder(
    order_id="ACME-buy-20250303T091500",
    symbol="ACME",
    side="buy",
    interval=3,
    label="3",
    date=dt.date(2025, 3, 3),
    start=dt.time(9, 32),
    end=dt.time(9, 33),
    end_day=0,
    shares=250.0,
    cumulative=1_000 / 3,
    participation=0.1,
    impact=-1e-17,
    cost=0.1 + 0.2,
    binding="max 250",
    order_shares=1000.0,
    arrival_price=50.0,
    impact_unit="price",
    run_at="2025-03-03 09:15:00",
    fingerprint=842.2254716178269,
    contract_version=2,
)


@pytest.fixture
def child() -> Callable[..., ChildOrder]:
    """A child order, other in the fields given."""
    return lambda **fields: replace(CHILD, **fields)


@pytest.fixture
def after_run(tmp_path: Path) -> Callable[..., Path]:
    """A desk's workbook after a run; arguments as of `desk_book`."""

    def make(settings: dict[str, Any] | None = None, columns: dict[str, Any] | None = None, **options: Any) -> Path:
        given = {"symbol": "ACME", "arrival_price": 50.0, "lot_size": 1.0, **(settings or {})}
        path = desk_book(tmp_path / "day.xlsx", given, {"Start": STARTS, **(columns or {})}, **options)
        book = XlsxBook.open(path)
        actions.optimise(book, now=NOW)
        book.save()
        path.with_name("day.xlsx.bak").unlink()
        return path

    return make
