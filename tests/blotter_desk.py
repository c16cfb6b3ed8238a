"""Small blotters, built with openpyxl: tables where a desk would have them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from tradealloc.workbook.fields import OUTPUTS
from tradealloc.workbook.fields.blotter import BLOTTER_TABLES, TBL_ORDERS, TBL_PROFILES

MORNING = (dt.time(9, 30), dt.time(9, 31), dt.time(9, 32))
PROFILES: dict[str, Mapping[str, Sequence[Any]]] = {
    "calm": {"Start": MORNING, "Beta": (1e-5, 2e-5, 4e-5), "HalfSpread": (0.01, 0.005, 0.01),
             "Volume": (8e3, 9e3, 7e3)},
    "late": {"Start": (dt.time(9, 31), dt.time(9, 32), dt.time(9, 33)), "Beta": (3e-5, 2e-5, 1e-5)},
}  # fmt: skip
ORDERS: tuple[Mapping[str, Any], ...] = (
    {"OrderId": "A-1", "Symbol": "ACME", "Side": "buy", "Shares": 1000, "Profile": "calm", "ArrivalPrice": 50},
    {"OrderId": "A-2", "Symbol": "Acme", "Side": "sell", "Shares": 600, "Profile": "calm", "ArrivalPrice": 50,
     "Participation": 0.1},
    {"OrderId": 1003, "Symbol": "OTHER", "Shares": 900, "Profile": "late", "ArrivalPrice": 20},
)  # fmt: skip


def blotter_book(
    path: Path,
    orders: Sequence[Mapping[str, Any]] = ORDERS,
    profiles: Mapping[str, Mapping[str, Sequence[Any]]] = PROFILES,
    settings: Mapping[str, Any] | None = None,
    *,
    leave_out: Sequence[str] = (),
) -> Path:
    """Write a blotter; the sheets are called after the tables. `leave_out` drops tables and columns of the inputs."""
    book = Workbook()
    named = {**(settings or {}), **{field.key: None for field in OUTPUTS}}
    page = book.active
    page.title = "Names"
    for row, (key, value) in enumerate(named.items(), start=1):
        page.cell(row, 1, key)
        page.cell(row, 2, value)
        book.defined_names[f"ta_{key}"] = DefinedName(f"ta_{key}", attr_text=f"Names!$B${row}")
    for table, columns in BLOTTER_TABLES.items():
        if table not in leave_out:
            headers = [column.header for column in columns if column.header not in leave_out]
            rows = _rows(table, orders, profiles)
            _table(book, table, headers, [[row.get(header) for header in headers] for row in rows])
    book.save(path)
    return path


def _rows(
    table: str, orders: Sequence[Mapping[str, Any]], profiles: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Sequence[Mapping[str, Any]]:
    if table == TBL_ORDERS:
        return orders
    if table == TBL_PROFILES:
        return [
            {"Profile": name, **{header: values[row] for header, values in columns.items()}}
            for name, columns in profiles.items()
            for row in range(len(columns["Beta"]))
        ]
    return [{}]


def _table(book: Workbook, name: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    page = book.create_sheet(name)
    for values in (headers, *rows):
        page.append(list(values))
    page.add_table(Table(displayName=name, ref=f"A1:{get_column_letter(len(headers))}{len(rows) + 1}"))
