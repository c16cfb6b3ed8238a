"""Schedules for an order-management system: one row a child order, as CSV, Parquet, JSON or with FIX tags.

A workbook's last run is read (`stored`), refused where it isn't current and sound, and becomes child orders
(`child`), which each format writes and reads back to the last bit. The columns are those of `columns`.
"""

from __future__ import annotations

from .child import ChildOrder
from .columns import EXPORT_COLUMNS, ExportColumn
from .csv_file import csv_bytes, read_csv
from .fix_csv import FIX_COLUMNS, FixColumn, fix_bytes
from .json_file import json_bytes, read_json
from .parquet_file import parquet_bytes, read_parquet

__all__ = [
    "EXPORT_COLUMNS",
    "FIX_COLUMNS",
    "ChildOrder",
    "ExportColumn",
    "FixColumn",
    "csv_bytes",
    "fix_bytes",
    "json_bytes",
    "parquet_bytes",
    "read_csv",
    "read_json",
    "read_parquet",
]
