"""Small what-if workbooks: `desk_book` with the tables of scenarios and trade-offs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desk_books import desk_book
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table

from tradealloc.workbook.fields.scenarios import (
    SCENARIO_TABLES,
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_SCENARIOS,
)

SETTINGS: dict[str, Any] = {"arrival_price": 50.0, "participation": 0.1, "lot_size": None}
INTERVALS: dict[str, Sequence[Any]] = {
    "Start": [dt.time(9, 30), dt.time(9, 31), dt.time(9, 32), dt.time(9, 33)],
    "HalfSpread": [0.001, 0.002, 0.001, 0.003],
    "Volume": [4000, 3000, 9000, 8000],
}
SCENARIOS: tuple[Mapping[str, Any], ...] = (
    {"Scenario": "As ordered"},
    {"Scenario": "Concave", "Model": "power", "Exponent": 0.6, "ReferenceShares": 250},
    {"Scenario": "No cap", "Participation": 0},
    {"Scenario": "Half, in lots", "Shares": 500, "LotSize": 100, "ImpactCap": 0.012},
    {"Scenario": "Late", "WindowStart": dt.time(9, 31), "Participation": 0.2},
)
CAPS = (0.05, 0.1, 0.2)
EXPONENTS = (0.5, 1.0)


def what_if_book(
    path: Path,
    scenarios: Sequence[Mapping[str, Any]] = SCENARIOS,
    *,
    caps: Sequence[Any] = CAPS,
    exponents: Sequence[Any] = EXPONENTS,
    settings: Mapping[str, Any] | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    leave_out: Sequence[str] = (),
) -> Path:
    """Write a what-if workbook; each table has a sheet of its name. `leave_out` drops tables and scenario columns."""
    desk_book(path, {**SETTINGS, **(settings or {})}, {**INTERVALS, **(columns or {})})
    book = load_workbook(path)
    inputs = {
        TBL_SCENARIOS: list(scenarios) or [{}],
        TBL_BY_PARTICIPATION: [{"Participation": cap} for cap in caps],
        TBL_BY_EXPONENT: [{"Exponent": exponent} for exponent in exponents],
    }
    for table, registered in SCENARIO_TABLES.items():
        if table not in leave_out:
            headers = [column.header for column in registered if column.header not in leave_out]
            rows = inputs.get(table, [{}])
            _table(book, table, headers, [[row.get(header) for header in headers] for row in rows])
    book.save(path)
    return path


def _table(book: Workbook, name: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    page = book.create_sheet(name)
    for number, row in enumerate((headers, *rows), start=1):
        for column, value in enumerate(row, start=1):
            page.cell(number, column, value)
    page.add_table(Table(displayName=name, ref=f"A1:{get_column_letter(len(headers))}{len(rows) + 1}"))
