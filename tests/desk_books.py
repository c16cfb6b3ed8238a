"""Small desk workbooks, built with openpyxl: names and tables where a desk would have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

BETAS = (2e-5, 1e-5, 4e-5, 5e-5)
SCHEDULE = (
    "Interval", "Start", "Equal", "VWAP", "Allocation", "Cumulative", "Remaining", "Participation", "Impact", "Cost",
    "Binding",
)  # fmt: skip
COMPARISON = ("Strategy", "Method", "TotalImpact", "Improvement", "AllocationStd", "LimitsBroken")
SENSITIVITY = ("TotalShares", "OptimalImpact", "EqualImpact", "Improvement", "Status")
OUTPUTS = (
    "total_impact", "total_impact_bps", "total_cost", "improvement", "saving", "shadow_price", "kkt_residual",
    "duality_gap", "status", "run_at", "fingerprint", "checks",
)  # fmt: skip


def desk_book(
    path: Path,
    settings: Mapping[str, Any] | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    *,
    leave_out: Sequence[str] = (),
    sizes: Sequence[Any] = (500.0, 1000.0),
) -> Path:
    """Write a workbook with an order of 1,000 shares over four intervals, unless told otherwise.

    `settings` go to names ta_*, `columns` to tblIntervals; `leave_out` drops names, tables and interval columns.
    """
    book = Workbook()
    order = book.active
    order.title = "Order"
    named = {"shares": 1000.0, **(settings or {}), **dict.fromkeys(OUTPUTS)}
    for row, (key, value) in enumerate(named.items(), start=1):
        order.cell(row, 1, key)
        order.cell(row, 2, value)
        if f"ta_{key}" not in leave_out:
            book.defined_names[f"ta_{key}"] = DefinedName(f"ta_{key}", attr_text=f"Order!$B${row}")
    intervals = {key: values for key, values in {"Beta": BETAS, **(columns or {})}.items() if key not in leave_out}
    _table(book, "tblIntervals", "Intervals", intervals, leave_out)
    rows = len(next(iter(intervals.values())))
    _table(book, "tblSchedule", "Schedule", {header: [None] * rows for header in SCHEDULE}, leave_out)
    _table(book, "tblComparison", "Comparison", {header: [None] * 3 for header in COMPARISON}, leave_out)
    sensitivity = {header: [None] * max(len(sizes), 1) for header in SENSITIVITY}
    sensitivity["TotalShares"] = list(sizes) or [None]
    _table(book, "tblSensitivity", "Sizes", sensitivity, leave_out)
    book.save(path)
    return path


def _table(
    book: Workbook, name: str, sheet: str, columns: Mapping[str, Sequence[Any]], leave_out: Sequence[str]
) -> None:
    if name in leave_out:
        return
    page = book.create_sheet(sheet)
    for number, (header, values) in enumerate(columns.items(), start=1):
        page.cell(1, number, header)
        for row, value in enumerate(values, start=2):
            page.cell(row, number, value)
    rows = max(len(values) for values in columns.values())
    page.add_table(Table(displayName=name, ref=f"A1:{get_column_letter(len(columns))}{rows + 1}"))
