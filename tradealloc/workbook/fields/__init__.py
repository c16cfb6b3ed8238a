"""The one registry of names: every setting, table and result that workbook, functions and command line share."""

from __future__ import annotations

from .blotter import BLOTTER_TABLES, ORDER_COLUMNS, PROFILE_COLUMNS, TBL_ORDERS, TBL_PROFILES
from .intraday import INTRADAY_TABLES, TBL_FILLS
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
from .run_log import RUN_LOG_COLUMNS, TBL_RUN_LOG
from .scenarios import (
    BY_EXPONENT_COLUMNS,
    BY_PARTICIPATION_COLUMNS,
    SCENARIO_COLUMNS,
    SCENARIO_TABLES,
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_SCENARIOS,
)
from .tca import FILL_COLUMNS, TBL_TCA_ORDERS, TCA_ORDER_COLUMNS, TCA_TABLES

__all__ = [
    "BLOTTER_TABLES",
    "BY_KEY",
    "COMPARISON_COLUMNS",
    "CONTRACT_VERSION",
    "FIELDS",
    "INPUTS",
    "INPUT_COLUMNS",
    "INTERVAL_COLUMNS",
    "INTRADAY_TABLES",
    "ORDER_TABLES",
    "OUTPUTS",
    "PREFIX",
    "RUN_LOG_COLUMNS",
    "SCENARIO_TABLES",
    "SCHEDULE_COLUMNS",
    "SENSITIVITY_COLUMNS",
    "TABLES",
    "TBL_COMPARISON",
    "TBL_INTERVALS",
    "TBL_RUN_LOG",
    "TBL_SCHEDULE",
    "TBL_SENSITIVITY",
    "TCA_TABLES",
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

TABLES: dict[str, tuple[Column, ...]] = {
    **ORDER_TABLES,
    TBL_RUN_LOG: RUN_LOG_COLUMNS,
    **INTRADAY_TABLES,
    **BLOTTER_TABLES,
    **SCENARIO_TABLES,
    **TCA_TABLES,
}
"""Every table, by name."""

INPUT_COLUMNS: tuple[tuple[str, Column], ...] = (
    *((TBL_INTERVALS, column) for column in INTERVAL_COLUMNS),
    (TBL_SENSITIVITY, SENSITIVITY_COLUMNS[0]),
    *((TBL_ORDERS, column) for column in ORDER_COLUMNS),
    *((TBL_PROFILES, column) for column in PROFILE_COLUMNS),
    *((TBL_SCENARIOS, column) for column in SCENARIO_COLUMNS),
    (TBL_BY_PARTICIPATION, BY_PARTICIPATION_COLUMNS[0]),
    (TBL_BY_EXPONENT, BY_EXPONENT_COLUMNS[0]),
    *((TBL_FILLS, column) for column in FILL_COLUMNS),
    *((TBL_TCA_ORDERS, column) for column in TCA_ORDER_COLUMNS),
)
"""The columns of all tables that hold inputs, with their table."""
