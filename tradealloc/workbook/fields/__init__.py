"""The one registry of names: every setting, table and result that workbook, functions and command line share."""

from __future__ import annotations

from .kinds import PREFIX, Column, Field, Kind, Role
from .order import (
    COMPARISON_COLUMNS,
    CONTRACT_VERSION,
    INPUTS,
    INTERVAL_COLUMNS,
    OUTPUTS,
    SCHEDULE_COLUMNS,
    SENSITIVITY_COLUMNS,
    TBL_COMPARISON,
    TBL_INTERVALS,
    TBL_SCHEDULE,
    TBL_SENSITIVITY,
)

__all__ = [
    "BY_KEY",
    "COMPARISON_COLUMNS",
    "CONTRACT_VERSION",
    "FIELDS",
    "INPUTS",
    "INTERVAL_COLUMNS",
    "ORDER_TABLES",
    "OUTPUTS",
    "PREFIX",
    "SCHEDULE_COLUMNS",
    "SENSITIVITY_COLUMNS",
    "TABLES",
    "TBL_COMPARISON",
    "TBL_INTERVALS",
    "TBL_SCHEDULE",
    "TBL_SENSITIVITY",
    "Column",
    "Field",
    "Kind",
    "Role",
]

FIELDS: tuple[Field, ...] = INPUTS + OUTPUTS
BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}

ORDER_TABLES: dict[str, tuple[Column, ...]] = {
    TBL_INTERVALS: INTERVAL_COLUMNS,
    TBL_SCHEDULE: SCHEDULE_COLUMNS,
    TBL_COMPARISON: COMPARISON_COLUMNS,
    TBL_SENSITIVITY: SENSITIVITY_COLUMNS,
}
"""The tables of a workbook with one order."""

TABLES: dict[str, tuple[Column, ...]] = {**ORDER_TABLES}
"""Every table, by name."""
