"""A workbook of the blotter's size: 500 orders, 20 profiles of 390 intervals, one schedule a column."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import xlsxwriter

from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields.blotter import (
    ORDER_COLUMNS,
    ORDER_RESULT_COLUMNS,
    PROFILE_COLUMNS,
    TBL_ORDERS,
    TBL_PROFILES,
    TBL_SCHEDULES,
)

ORDERS, INTERVALS, PROFILES = 500, 390, 20


def make_book(path: Path) -> Path:
    """Orders and profiles filled, results empty."""
    book = xlsxwriter.Workbook(path)
    shares = book.add_format({"num_format": "#,##0"})
    rng = np.random.default_rng(4)
    orders = [
        [f"ORD-{n + 1}", f"SYM{n % 90}", "buy", 1000.0 * (n + 1), f"P{n % PROFILES}", 50 + rng.random()]
        + [None] * (len(ORDER_COLUMNS) - 6)
        for n in range(ORDERS)
    ]
    profiles = [
        [f"P{n}", t + 1, times()[t], *rng.random(len(PROFILE_COLUMNS) - 3).tolist()]
        for n in range(PROFILES)
        for t in range(INTERVALS)
    ]
    for table, columns, data in ((TBL_ORDERS, ORDER_COLUMNS, orders), (TBL_PROFILES, PROFILE_COLUMNS, profiles)):
        headers = [{"header": column.header} for column in columns]
        book.add_worksheet(table).add_table(
            3, 1, 3 + len(data), len(headers), {"name": table, "columns": headers, "data": data}
        )
    results = [{"header": column.header} for column in ORDER_RESULT_COLUMNS]
    book.add_worksheet("Results").add_table(3, 1, 4, len(results), {"name": "tblOrderResults", "columns": results})
    wide = [{"header": "Interval"}, {"header": "Start"}, {"header": "Order", "format": shares}]
    book.add_worksheet("Schedules").add_table(3, 1, 4, 3, {"name": TBL_SCHEDULES, "columns": wide})
    book.close()
    return path


def times() -> list[dt.time]:
    return [dt.time(9 + (30 + t) // 60, (30 + t) % 60) for t in range(INTERVALS)]


def schedules(seed: int) -> dict[str, list[CellValue]]:
    """Random shares for each order and interval, headed by the orders."""
    numbers = np.random.default_rng(seed).random((ORDERS, INTERVALS)) * 1e3
    columns: dict[str, list[CellValue]] = {"Interval": list(range(1, INTERVALS + 1)), "Start": [*times()]}
    return columns | {f"ORD-{n + 1}": row.tolist() for n, row in enumerate(numbers)}


def results() -> dict[str, list[CellValue]]:
    return {
        column.header: [f"{column.header} {n}" if index < 3 else n / 7 for n in range(ORDERS)]
        for index, column in enumerate(ORDER_RESULT_COLUMNS)
    }
