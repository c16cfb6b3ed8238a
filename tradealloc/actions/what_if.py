"""The tables of a what-if workbook: the order under other models, limits and sizes, and what its limits cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..analysis.cap_values import CapValues, cap_values
from ..analysis.scenarios import (
    ExponentRow,
    ParticipationRow,
    Priced,
    Scenario,
    ScenarioRow,
    by_exponent,
    by_participation,
    price_scenario,
)
from ..errors import InputError
from ..model.limits import plain
from ..workbook.book import Book
from ..workbook.fields.scenarios import (
    SCENARIO_TABLES,
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_CAP_VALUES,
    TBL_SCENARIO_RESULTS,
    TBL_SCENARIO_SCHEDULES,
)
from ..workbook.inputs import OrderSheet
from ..workbook.scenario_outputs import (
    by_exponent_columns,
    by_participation_columns,
    cap_value_columns,
    scenario_result_columns,
    scenario_schedule_columns,
)
from ..workbook.scenario_sheet import (
    Point,
    exponent_points,
    notes_on_rows,
    participation_points,
    scenario_rows,
)
from .notes import first_notes
from .progress import Progress

ORDER = "Order"
"""What the order is called in tblCapValues where the workbook has no scenarios."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class WhatIf:
    """What a run found beside the order's own schedule.

    Attributes
    ----------
    scenarios
        One for each row of tblScenarios; None for a blank row.
    cap_values
        Values of the limits by scenario; of the order, called "Order", where there are no scenarios.
    participations, exponents
        One for each row of the curve's table: its result, the error of its cell, or None for a blank row.
    reference_shares
        Shares per interval at which the models of all exponents agree.
    notes
        What the trader should know.
    """

    scenarios: tuple[Priced | None, ...]
    cap_values: dict[str, CapValues]
    participations: tuple[ParticipationRow | InputError | None, ...]
    exponents: tuple[ExponentRow | InputError | None, ...]
    reference_shares: float
    notes: tuple[str, ...]


def explore(book: Book, sheet: OrderSheet, say: Progress) -> WhatIf | None:
    """Solve what the workbook's what-if tables ask for; None where it has none of them.

    A row that can't be read or traded has a status, and the others are solved.

    Raises
    ------
    InputError
        tblScenarios lacks the column Scenario.
    """
    if not any(book.table(name) for name in SCENARIO_TABLES):
        return None
    wants_values = book.table(TBL_CAP_VALUES) is not None
    scenarios = tuple(_priced(row, say) for row in scenario_rows(sheet))
    problems = {p.row.scenario: p.schedule.problem for p in scenarios if p is not None and p.schedule is not None}
    if not any(scenarios):
        problems = {ORDER: sheet.problem}
    say("pricing limits")
    values = {name: cap_values(problem) for name, problem in problems.items()} if wants_values else {}
    say("pricing participation caps")
    caps = participation_points(sheet)
    under_caps = _fill(caps, lambda numbers: by_participation(sheet.problem, numbers).rows)
    say("pricing exponents")
    exponents = exponent_points(sheet)
    bent = by_exponent(sheet.problem, [p for p in exponents if isinstance(p, float)], sheet.number("reference_shares"))
    return WhatIf(
        scenarios,
        values,
        under_caps,
        _fill(exponents, lambda _: bent.rows),
        bent.reference_shares,
        (*notes_on_rows(book), *_notes(sheet, scenarios, exponents, bent.reference_shares)),
    )


def write_what_if(book: Book, sheet: OrderSheet, found: WhatIf) -> None:
    """Fill the what-if tables that the workbook has; where it lost tblScenarios, blank what they said before."""
    scenarios = found.scenarios or (None,)
    book.write_table(TBL_SCENARIO_RESULTS, scenario_result_columns(scenarios))
    book.write_table(TBL_SCENARIO_SCHEDULES, scenario_schedule_columns(sheet, scenarios), reshape=True)
    if found.cap_values or any(found.scenarios):
        book.write_table(TBL_CAP_VALUES, cap_value_columns(found.cap_values))
    if found.participations:
        book.write_table(TBL_BY_PARTICIPATION, by_participation_columns(found.participations))
    if found.exponents:
        book.write_table(TBL_BY_EXPONENT, by_exponent_columns(found.exponents, found.reference_shares))


def _priced(row: Scenario | ScenarioRow | None, say: Progress) -> Priced | None:
    if row is None:
        return None
    if isinstance(row, ScenarioRow):
        return Priced(row)
    say(f"pricing scenario {row.name}")
    return price_scenario(row)


def _fill(
    points: Sequence[Point], price: Callable[[list[float]], Sequence[_Result]]
) -> tuple[_Result | InputError | None, ...]:
    """The results of the points that are numbers, each in its place; the others stand as they are."""
    results = iter(price([point for point in points if isinstance(point, float)]))
    return tuple(next(results) if isinstance(point, float) else point for point in points)


def _called(name: str) -> str:
    return f"scenario {name}" if name else "a scenario"


def _notes(
    sheet: OrderSheet, scenarios: Sequence[Priced | None], exponents: Sequence[Point], reference: float
) -> list[str]:
    notes: list[str] = []
    failed = [p.row for p in scenarios if p is not None and p.schedule is None]
    notes += first_notes([f"{_called(row.scenario)} not solved: {row.status}" for row in failed])
    for priced in scenarios:
        if priced is not None and priced.schedule is not None:
            notes += [f"scenario {priced.row.scenario}: {warning}" for warning in priced.schedule.warnings]
    if any(isinstance(point, float) for point in exponents) and sheet.number("reference_shares") is None:
        notes.append(
            f"the models of tblByExponent agree with the order's own at {plain(reference)} shares an interval, the "
            "order over its tradable intervals; ta_reference_shares sets another size"
        )
    return notes
