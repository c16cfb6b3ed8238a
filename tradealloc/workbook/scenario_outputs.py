"""From the results of a what-if run to the columns of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradealloc.analysis.cap_values import CapValues
from tradealloc.analysis.scenarios import ExponentRow, ParticipationRow, Priced
from tradealloc.errors import InputError
from tradealloc.model.arrays import Floats

from .book import CellValue, header_key
from .fields import Column
from .fields.scenarios import (
    BY_EXPONENT_COLUMNS,
    BY_PARTICIPATION_COLUMNS,
    CAP_VALUE_COLUMNS,
    SCENARIO_RESULT_COLUMNS,
    SCENARIO_SCHEDULES_COLUMNS,
)
from .inputs import OrderSheet
from .outputs import TableColumns
from .scenario_sheet import LONGEST_NAME

NO_LIMIT = "No limit is set."
NOTHING_SOLVED = "No scenario can be traded: see their Status."


def scenario_result_columns(scenarios: Sequence[Priced | None]) -> TableColumns:
    """The rows of tblScenarioResults, one per row of tblScenarios; blank where that is blank."""
    rows = [None if priced is None else priced.row for priced in scenarios]
    return _by_header(SCENARIO_RESULT_COLUMNS, [_fields(SCENARIO_RESULT_COLUMNS, row) for row in rows])


def scenario_schedule_columns(sheet: OrderSheet, scenarios: Sequence[Priced | None]) -> TableColumns:
    """The whole of tblScenarioSchedules: interval, start, and a column of shares for each scenario with a name.

    The column of a scenario that can't be traded is blank; one whose name can't head a column has none.
    """
    interval, start = (column.header for column in SCENARIO_SCHEDULES_COLUMNS)
    columns: dict[str, Sequence[CellValue]] = {interval: sheet.labels(), start: sheet.times()}
    taken = {header_key(header) for header in columns}
    for priced in scenarios:
        name = "" if priced is None else priced.row.scenario
        if priced is None or not 0 < len(name) <= LONGEST_NAME or header_key(name) in taken:
            continue
        taken.add(header_key(name))
        shares: Floats | None = None if priced.schedule is None else priced.schedule.shares
        columns[name] = [None] * sheet.rows if shares is None else shares.tolist()
    return columns


def cap_value_columns(values: Mapping[str, CapValues]) -> TableColumns:
    """The rows of tblCapValues, by scenario; one row that says so where there is no limit to value."""
    rows = [
        {**_fields(CAP_VALUE_COLUMNS[1:-1], row), "scenario": name, "label": f"{name}: {row.limit}"}
        for name, found in values.items()
        for row in found.rows
    ]
    return _by_header(CAP_VALUE_COLUMNS, rows or [{"note": NO_LIMIT if values else NOTHING_SOLVED}])


def by_participation_columns(rows: Sequence[ParticipationRow | InputError | None]) -> TableColumns:
    """The output columns of tblByParticipation, beside its caps."""
    return _beside_inputs(BY_PARTICIPATION_COLUMNS, rows)


def by_exponent_columns(rows: Sequence[ExponentRow | InputError | None], reference_shares: float) -> TableColumns:
    """The output columns of tblByExponent, beside its exponents."""
    columns = _beside_inputs([c for c in BY_EXPONENT_COLUMNS if c.key != "reference_shares"], rows)
    solved = [isinstance(row, ExponentRow) for row in rows]
    return {**columns, "ReferenceShares": [reference_shares if used else None for used in solved]}


def _beside_inputs(columns: Sequence[Column], rows: Sequence[object]) -> TableColumns:
    """All columns but the first, which is the input; the sentence of an error stands in Status."""
    values = [{"status": str(row)} if isinstance(row, InputError) else _fields(columns[1:], row) for row in rows]
    return _by_header(columns[1:], values)


def _fields(columns: Sequence[Column], row: object) -> dict[str, CellValue]:
    """A row's values by key: the registry's keys are the names of its fields; empty for None."""
    return {} if row is None else {column.key: getattr(row, column.key) for column in columns}


def _by_header(columns: Sequence[Column], rows: Sequence[Mapping[str, CellValue]]) -> TableColumns:
    return {column.header: [row.get(column.key) for row in rows] for column in columns}
