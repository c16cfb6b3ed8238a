"""A desk's day for the intraday commands: a workbook with schedule, fills and the tables of the day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
from desk_books import desk_book
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table

SIZE = 390
STARTS = [(dt.datetime(2025, 6, 2, 9, 30) + dt.timedelta(minutes=minute)).time() for minute in range(SIZE)]
PROGRESS = ("Interval", "Start", "Scheduled", "Filled", "Plan", "Remaining", "Slippage", "Predicted", "Status")


def intraday_book(
    path: Path, spread: np.ndarray, slope: np.ndarray, *, tables: bool = True, **settings: object
) -> Path:
    """A workbook whose profile is given, with tblProgress and tblAlerts unless told otherwise."""
    desk_book(
        path,
        {"shares": 100_000.0, "side": "buy", "symbol": "SYNTH", "participation": None, **settings},
        {"Start": STARTS, "Beta": slope.tolist(), "HalfSpread": spread.tolist(), "Volume": [5000.0] * SIZE,
         "MaxShares": [1000.0] * SIZE},
    )  # fmt: skip
    if tables:
        book = load_workbook(path)
        _table(book, "tblProgress", "Progress", PROGRESS, SIZE)
        _table(book, "tblAlerts", "Alerts", ("Kind", "Alert"), 3)
        book.save(path)
    return path


def _table(book: Workbook, name: str, sheet: str, headers: tuple[str, ...], rows: int) -> None:
    page = book.create_sheet(sheet)
    for column, header in enumerate(headers, start=1):
        page.cell(1, column, header)
    page.add_table(Table(displayName=name, ref=f"A1:{get_column_letter(len(headers))}{rows + 1}"))


def column(path: Path, sheet: str, header: str) -> list[object]:
    rows = list(load_workbook(path, data_only=True)[sheet].values)
    return [row[rows[0].index(header)] for row in rows[1:]]


def fills_csv(path: Path, rows: list[tuple[object, ...]], header: str = "Time,Shares,Price") -> Path:
    path.write_text("\n".join([header, *(",".join(str(cell) for cell in row) for row in rows)]) + "\n")
    return path
