"""From results to the columns of the output tables and the values of the output names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from tradealloc.analysis import Comparison, Sensitivity, equal, vwap
from tradealloc.analysis.strategies import improvement
from tradealloc.model import Problem, Schedule
from tradealloc.model.arrays import Floats
from tradealloc.units import to_currency

from .book import CellValue
from .fields import COMPARISON_COLUMNS, SENSITIVITY_COLUMNS, Column
from .inputs import OrderSheet

TableColumns = dict[str, Sequence[CellValue]]

SOUND = 1e-6
"""Largest KKT residual and duality gap of a result that passes for optimal."""


def schedule_columns(schedule: Schedule, sheet: OrderSheet) -> TableColumns:
    """The rows of tblSchedule."""
    problem = schedule.problem
    shares = schedule.shares
    by_volume = vwap(problem)
    return {
        "Interval": sheet.labels(),
        "Start": sheet.times(),
        "Equal": _floats(equal(problem).shares),
        "VWAP": [None] * problem.intervals if by_volume is None else _floats(by_volume.shares),
        "Allocation": _floats(shares),
        "Cumulative": _floats(np.cumsum(shares)),
        "Remaining": _floats(np.append(np.cumsum(shares[::-1])[::-1][1:], 0.0)),
        "Participation": _participation(schedule),
        "Impact": [
            value if traded else None for value, traded in zip(_floats(schedule.impact), shares > 0, strict=True)
        ],
        "Cost": _floats(interval_costs(schedule)),
        "Binding": [text or None for text in schedule.certificate.binding],
    }


def interval_costs(schedule: Schedule) -> Floats:
    """Cost per interval in currency, or in shares x impact unit where no arrival price is given, shape (N,)."""
    problem = schedule.problem
    factor = to_currency(1.0, problem.unit, problem.arrival_price)
    costs: Floats = problem.impact.cost(schedule.shares) * (1.0 if factor is None else factor)
    return costs


def comparison_columns(comparison: Comparison) -> TableColumns:
    """The rows of tblComparison."""
    return _registered(COMPARISON_COLUMNS, comparison.rows)


def sensitivity_columns(sensitivity: Sensitivity) -> TableColumns:
    """The rows of tblSensitivity."""
    return _registered(SENSITIVITY_COLUMNS, sensitivity.rows)


def _registered(columns: Sequence[Column], rows: Sequence[object]) -> TableColumns:
    """Results by header: the registry's keys are the names of the rows' fields."""
    return {column.header: [getattr(row, column.key) for row in rows] for column in columns}


def output_values(schedule: Schedule, sheet: OrderSheet, now: dt.datetime) -> dict[str, CellValue]:
    """The values of the output names, by field key."""
    certificate, baseline = schedule.certificate, equal(schedule.problem)
    problem = schedule.problem
    return {
        "total_impact": schedule.total_impact,
        "total_impact_bps": schedule.total_impact_bps,
        "total_cost": schedule.total_cost,
        "improvement": improvement(schedule.total_impact, baseline.total_impact),
        "saving": to_currency(baseline.cost - schedule.cost, problem.unit, problem.arrival_price),
        "shadow_price": certificate.shadow_price,
        "kkt_residual": certificate.kkt_residual,
        "duality_gap": certificate.duality_gap,
        "status": "OK",
        "run_at": now.isoformat(sep=" ", timespec="seconds"),
        "fingerprint": sheet.fingerprint,
        "checks": "OK" if is_sound(schedule) else "CHECK",
    }


def is_sound(schedule: Schedule) -> bool:
    """Whether the schedule trades the order within its limits, and its certificate holds."""
    certificate = schedule.certificate
    return (
        keeps_limits(schedule.problem, schedule.shares)
        and max(certificate.kkt_residual, certificate.duality_gap) <= SOUND
    )


def keeps_limits(problem: Problem, shares: Floats) -> bool:
    """Whether shares per interval, shape (N,), sum to the order and keep to the bounds of each interval."""
    slack = problem.tolerance
    return (
        abs(float(shares.sum()) - problem.shares) <= slack
        and bool((shares >= problem.bounds.lower - slack).all())
        and bool((shares <= problem.bounds.upper + slack).all())
    )


def _participation(schedule: Schedule) -> list[CellValue]:
    problem = schedule.problem
    if problem.limits.volume is None:
        return [None] * problem.intervals
    volume = np.broadcast_to(np.asarray(problem.limits.volume, dtype=np.float64), schedule.shares.shape)
    return [
        traded / size if size > 0 else None
        for traded, size in zip(_floats(schedule.shares), _floats(volume), strict=True)
    ]


def _floats(values: Floats) -> list[float]:
    numbers: list[float] = values.tolist()
    return numbers
