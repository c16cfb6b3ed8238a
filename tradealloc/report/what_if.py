"""The part of a report that a what-if workbook adds: scenarios, trade-offs, what the limits cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradealloc.analysis.cap_values import CapValues
from tradealloc.analysis.scenarios import ParticipationRow, Priced
from tradealloc.errors import InputError
from tradealloc.workbook.fields.scenarios import CAP_VALUE_COLUMNS, SCENARIO_RESULT_COLUMNS
from tradealloc.workbook.scenario_outputs import cap_value_columns, scenario_result_columns

from .figures import Layout
from .model import Axis, Chart, Ink, Mark, Section, Series
from .registered import registered_table

PAGE_SCENARIOS, PAGE_VALUES = 8, 6
"""Rows that the page shows."""


def what_if_sections(
    scenarios: Sequence[Priced | None],
    values: Mapping[str, CapValues],
    participations: Sequence[ParticipationRow | InputError | None],
    unit: str,
) -> tuple[Section, ...]:
    """The sections, without those that the workbook has nothing for."""
    found: list[Section] = []
    rows = [row for row, priced in enumerate(scenarios) if priced is not None]
    if rows:
        found.append(
            registered_table(
                "Scenarios",
                SCENARIO_RESULT_COLUMNS,
                scenario_result_columns(scenarios),
                {
                    "scenario": "Scenario",
                    "model": "Model",
                    "shares": "Shares",
                    "total_impact": "Total impact",
                    "improvement": "Improvement",
                    "total_cost": "Total cost",
                    "at_limit": "At limit",
                    "status": "Status",
                },
                unit,
                rows=rows,
                note="Impacts of different models can't be compared with each other.",
                page_rows=PAGE_SCENARIOS,
            )
        )
    limits = registered_table(
        "What the limits cost",
        CAP_VALUE_COLUMNS,
        cap_value_columns(values),
        {
            "scenario": "Scenario",
            "limit": "Limit",
            "intervals_held": "Held",
            "marginal_value": "One step saves",
            "step": "Step",
            "relaxed": "Relaxed to",
            "relaxed_saving": "Saves",
        },
        unit,
        page_rows=PAGE_VALUES,
    )
    if any(each.rows for each in values.values()):
        found.append(limits)
    chart = _participation_chart(participations, unit)
    return (*found, *([chart] if chart is not None else []))


def _participation_chart(rows: Sequence[ParticipationRow | InputError | None], unit: str) -> Chart | None:
    points = sorted(
        (row.participation, row.optimal_impact)
        for row in rows
        if isinstance(row, ParticipationRow) and row.optimal_impact is not None
    )
    if len(points) < 2:
        return None
    caps, impacts = zip(*points, strict=True)
    return Chart(
        "participation",
        "Total impact by participation cap",
        f"Average slippage per share ({unit}) of the optimum, for caps of {caps[0]:.0%} to {caps[-1]:.0%} of volume.",
        (Series("Optimum", caps, impacts, Mark.POINTS, Ink.OPTIMUM),),
        Axis("Participation cap", Layout.PART),
        Axis(f"Total impact, {unit}", Layout.SLOPE),
        span=6,
    )
