"""`tradealloc run` on what-if workbooks: every table filled from its own solve, and every slip placed at its cell."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from addin.stub_excel import from_xlsx
from desk_books import BETAS
from openpyxl import load_workbook
from tradealloc_addin import commands
from tradealloc_addin.xlwings_book import XlwingsBook
from what_if_desk import CAPS, EXPONENTS, INTERVALS, SCENARIOS, what_if_book

import tradealloc as ta
from tradealloc.analysis.cap_values import cap_values
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook

Run = Callable[..., Any]
BETA, SPREAD, VOLUME = np.array(BETAS), np.array(INTERVALS["HalfSpread"]), np.array(INTERVALS["Volume"], dtype=float)
ORDER = ta.Problem(
    1000.0, ta.LinearImpact(BETA, SPREAD), ta.Limits(participation=0.1, volume=VOLUME), arrival_price=50.0
)
BY_HAND: dict[str, ta.Problem] = {
    "As ordered": ORDER,
    "Concave": ORDER.with_impact(ta.PowerImpact.from_linear(BETA, 0.6, 250.0, SPREAD)),
    "No cap": replace(ORDER, limits=ta.Limits(volume=VOLUME)),
    "Half, in lots": replace(ORDER, shares=500.0, limits=replace(ORDER.limits, lot_size=100.0, impact_cap=0.012)),
    "Late": replace(
        ORDER, limits=ta.Limits(participation=0.2, volume=VOLUME, tradable=np.array([False, True, True, True]))
    ),
}


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    """A table's rows by header."""
    for sheet in load_workbook(path):
        if table in sheet.tables:
            header, *body = ([cell.value for cell in row] for row in sheet[sheet.tables[table].ref])
            return [dict(zip(header, row, strict=True)) for row in body]
    raise AssertionError(table)


def by_name(path: Path, table: str = "tblScenarioResults") -> dict[str, dict[str, Any]]:
    return {row["Scenario"]: row for row in rows(path, table)}


def test_each_scenario_is_its_own_solve(tradealloc: Run, day: Path) -> None:
    outcome = tradealloc("run", what_if_book(day))
    assert outcome.status == 0, outcome.err
    results = rows(day, "tblScenarioResults")
    assert [row["Scenario"] for row in results] == [row["Scenario"] for row in SCENARIOS]
    for row in results:
        problem = BY_HAND[row["Scenario"]]
        best, equal = ta.solve(problem), ta.analysis.equal(problem)
        assert row["Status"] == "OK"
        assert row["Shares"] == problem.shares
        assert row["TotalImpact"] == pytest.approx(best.total_impact, rel=1e-12)
        assert row["TotalImpactBps"] == pytest.approx(best.total_impact / 50 * 1e4, rel=1e-12)
        assert row["TotalCost"] == pytest.approx(best.total_impact * problem.shares, rel=1e-12)
        assert row["EqualImpact"] == pytest.approx(equal.total_impact, rel=1e-12)
        assert row["Improvement"] == pytest.approx(1 - best.total_impact / equal.total_impact, rel=1e-9)
        assert row["AllocationStd"] == pytest.approx(best.shares.std(), rel=1e-9)
        assert max(row["KktResidual"], row["DualityGap"]) <= 1e-9
    models = [row["Model"] for row in results]
    assert models == ["linear", "power 0.6, linear at 250 shares", "linear", "linear", "linear"]


def test_schedules_stand_side_by_side(tradealloc: Run, day: Path) -> None:
    assert tradealloc("run", what_if_book(day)).status == 0
    matrix = rows(day, "tblScenarioSchedules")
    assert list(matrix[0]) == ["Interval", "Start", *(str(row["Scenario"]) for row in SCENARIOS)]
    starts = [(start.hour * 60 + start.minute) / 1440 for start in INTERVALS["Start"]]
    assert [row["Start"] for row in matrix] == pytest.approx(starts)
    for name, problem in BY_HAND.items():
        np.testing.assert_allclose([row[name] for row in matrix], ta.solve(problem).shares, atol=1e-9)


def test_the_matrix_follows_the_scenarios(tradealloc: Run, day: Path) -> None:
    assert tradealloc("run", what_if_book(day)).status == 0
    sheet = (book := load_workbook(day))["tblScenarios"]
    sheet["A3"] = "Renamed"
    for column in "ABCDEFGHIJ":
        sheet[f"{column}5"] = sheet[f"{column}6"] = None
    sheet.tables["tblScenarios"].ref = "A1:J4"
    book.save(day)
    assert tradealloc("run", day).status == 0
    assert list(rows(day, "tblScenarioSchedules")[0]) == ["Interval", "Start", "As ordered", "Renamed", "No cap"]
    assert len(rows(day, "tblScenarioResults")) == 3


def test_values_of_limits(tradealloc: Run, day: Path) -> None:
    assert tradealloc("run", what_if_book(day)).status == 0
    found = rows(day, "tblCapValues")
    wanted = [(name, row) for name, problem in BY_HAND.items() for row in cap_values(problem).rows]
    assert [(row["Scenario"], row["Limit"]) for row in found] == [(name, row.limit) for name, row in wanted]
    assert {row["Unit"] for row in found} == {"currency"}
    for row, (_, value) in zip(found, wanted, strict=True):
        assert (row["IntervalsHeld"], row["Step"] or "") == (value.intervals_held, value.step)
        assert row["MarginalValue"] == pytest.approx(value.marginal_value)
        assert row["RelaxedSaving"] == pytest.approx(value.relaxed_saving)
    assert any(row["MarginalValue"] and row["RelaxedSaving"] for row in found)


def test_trade_off_curves(tradealloc: Run, day: Path) -> None:
    outcome = tradealloc("run", what_if_book(day))
    caps = rows(day, "tblByParticipation")
    assert [row["Participation"] for row in caps] == list(CAPS)
    assert [row["Status"] == "OK" for row in caps] == [True, True, True]
    for row in caps:
        problem = replace(ORDER, limits=replace(ORDER.limits, participation=row["Participation"]))
        assert row["OptimalImpact"] == pytest.approx(ta.solve(problem).total_impact, rel=1e-12)
        assert row["MarginalValue"] == pytest.approx(cap_values(problem).rows[0].marginal_value)
    for row, exponent in zip(rows(day, "tblByExponent"), EXPONENTS, strict=True):
        power = ORDER.with_impact(ta.PowerImpact.from_linear(BETA, exponent, 250.0, SPREAD))
        assert row["OptimalImpact"] == pytest.approx(ta.solve(power).total_impact, rel=1e-12)
        assert row["ReferenceShares"] == 250.0  # 1,000 shares over four tradable intervals
    assert "agree with the order's own at 250 shares an interval" in " ".join(outcome.err.split())


SLIPS: dict[str, tuple[dict[str, Any], str]] = {
    "text for a number": ({"Scenario": "x", "Shares": "many"}, "tblScenarios!B2 holds the text 'many': give a number"),
    "unknown model": ({"Scenario": "x", "Model": "pwer"}, "tblScenarios!C2 is 'pwer': did you mean power?"),
    "participation above one": (
        {"Scenario": "x", "Participation": 2},
        "tblScenarios!F2 is 2: give a number above 0 and at most 1",
    ),
    "negative cap": ({"Scenario": "x", "ImpactCap": -1}, "tblScenarios!G2 is -1: give a number above 0"),
    "no exponent": (
        {"Scenario": "x", "Model": "power"},
        "tblScenarios!D2 is blank: the power model needs its exponent",
    ),
    "exponent of a linear model": (
        {"Scenario": "x", "Exponent": 0.6},
        "tblScenarios!D2 is 0.6, which a linear model doesn't use: set Model to power, or clear it",
    ),
    "reference of a linear model": (
        {"Scenario": "x", "ReferenceShares": 200},
        "tblScenarios!E2 is 200, which a linear model doesn't use: set Model to power or quadratic, or clear it",
    ),
    "no gamma": (
        {"Scenario": "x", "Model": "quadratic"},
        "tblIntervals needs a column Gamma with numbers: the quadratic model asks for it",
    ),
    "window shut": (
        {"Scenario": "x", "WindowStart": dt.time(12, 0)},
        "tblScenarios!I2 (WindowStart) leaves no interval open: widen the window",
    ),
    "window ends first": (
        {"Scenario": "x", "WindowStart": dt.time(9, 32), "WindowEnd": dt.time(9, 31)},
        "tblScenarios!J2 (WindowEnd) is 09:31, not after the window's start 09:32: give a later time",
    ),
    "infeasible": (
        {"Scenario": "x", "Participation": 0.01},
        "caps sum to 240 shares, 760 short of 1,000: raise participation, or trade less",
    ),
    "no name": ({"Shares": 500}, "tblScenarios!A2 is blank: give the scenario a name"),
    "reserved name": (
        {"Scenario": "START"},
        "tblScenarios!A2 is 'START', which heads a column already: give another name",
    ),
    "long name": ({"Scenario": "x" * 300}, "tblScenarios!A2 has 300 characters: give at most 255"),
}


HEADED: dict[str, list[str]] = {"no name": [], "reserved name": [], "long name": []}
"""Columns of the schedules that a slip's scenario has, where it isn't one."""


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_stands_in_its_status_and_the_others_run(tradealloc: Run, day: Path, slip: str) -> None:
    cells, sentence = SLIPS[slip]
    outcome = tradealloc("run", what_if_book(day, [cells, {"Scenario": "Good"}]))
    assert outcome.status == 0
    bad, good = rows(day, "tblScenarioResults")
    assert bad["Status"] == sentence
    assert bad["Scenario"] == cells.get("Scenario", "")
    assert list(rows(day, "tblScenarioSchedules")[0]) == ["Interval", "Start", *HEADED.get(slip, ["x"]), "Good"]
    assert (bad["TotalImpact"], bad["Improvement"]) == (None, None)
    assert (good["Scenario"], good["Status"]) == ("Good", "OK")
    assert good["TotalImpact"] == pytest.approx(ta.solve(ORDER).total_impact)
    assert f"not solved: {sentence}" in outcome.err


def test_names_differ_by_more_than_case(tradealloc: Run, day: Path) -> None:
    scenarios = [{"Scenario": "Tight"}, {"Scenario": " TIGHT ", "Participation": 0.2}]
    assert tradealloc("run", what_if_book(day, scenarios)).status == 0
    first, second = rows(day, "tblScenarioResults")
    assert first["Status"] == "OK"
    assert second["Scenario"] == "TIGHT"  # which row it is, also where it has no result
    assert second["Status"] == "tblScenarios!A3 is 'TIGHT', as tblScenarios!A2 is: give another name"
    assert list(rows(day, "tblScenarioSchedules")[0]) == ["Interval", "Start", "Tight"]


def test_names_of_any_script_and_numbers_head_columns(tradealloc: Run, day: Path) -> None:
    names = ["سيناريو", 'Größe <&> "x"', 7, "@sum", "a\nb"]
    assert tradealloc("run", what_if_book(day, [{"Scenario": name} for name in names])).status == 0
    headers = list(rows(day, "tblScenarioSchedules")[0])
    assert headers[2:] == ["سيناريو", 'Größe <&> "x"', "7", "@sum", "a b"]
    assert {row["Status"] for row in rows(day, "tblScenarioResults")} == {"OK"}


def test_blank_rows_stay_blank(tradealloc: Run, day: Path) -> None:
    scenarios = [{"Scenario": "One"}, {}, {"Scenario": "Three", "Shares": 500}]
    book = what_if_book(day, scenarios, caps=(0.1, None, "x", 2), exponents=(None, 1, -1))
    outcome = tradealloc("run", book)
    assert outcome.status == 0
    assert [row["Status"] for row in rows(day, "tblScenarioResults")] == ["OK", None, "OK"]
    caps = rows(day, "tblByParticipation")
    assert [row["Participation"] for row in caps] == [0.1, None, "x", 2]
    assert [row["Status"] for row in caps] == [
        "OK",
        None,
        "tblByParticipation!A4 holds the text 'x': give a number",
        "participation is 2: give a number above 0 and at most 1",
    ]
    exponents = rows(day, "tblByExponent")
    assert exponents[0]["Status"] is None
    assert exponents[1]["Status"] == "OK"
    assert exponents[2]["Status"] == "tblByExponent!A4 is -1: give a number of at least 0"
    assert [row["ReferenceShares"] for row in exponents] == [None, 250.0, None]


ALL = (
    "tblScenarios", "tblScenarioResults", "tblScenarioSchedules", "tblCapValues", "tblByParticipation", "tblByExponent",
)  # fmt: skip


@pytest.mark.parametrize("present", [*ALL, ""])
def test_any_table_may_be_absent(tradealloc: Run, day: Path, present: str) -> None:
    what_if_book(day, leave_out=[table for table in ALL if table != present])
    assert tradealloc("run", day).status == 0
    if present == "tblCapValues":
        (row,) = rows(day, "tblCapValues")
        assert (row["Scenario"], row["Limit"]) == ("Order", "participation 10 %")


def test_results_of_lost_scenarios_are_blanked(tradealloc: Run, day: Path) -> None:
    """The table of scenarios is renamed or deleted after a run: nothing of that run stays as if it were current."""
    assert tradealloc("run", what_if_book(day)).status == 0
    book = load_workbook(day)
    del book["tblScenarios"]
    book.save(day)
    outcome = tradealloc("run", day)
    assert outcome.status == 0, outcome.err
    (row,) = rows(day, "tblScenarioResults")
    assert set(row.values()) == {None}
    assert list(rows(day, "tblScenarioSchedules")[0]) == ["Interval", "Start"]
    assert {row["Scenario"] for row in rows(day, "tblCapValues")} == {"Order"}


def test_many_failed_scenarios_are_counted_not_listed(tradealloc: Run, day: Path) -> None:
    scenarios = [{"Scenario": f"S{number}", "Participation": 7} for number in range(13)]
    outcome = tradealloc("run", what_if_book(day, [*scenarios, {"Scenario": "Good"}]))
    assert outcome.status == 0
    assert outcome.err.count("not solved: ") == 10
    assert "and 3 more of that kind" in outcome.err


def test_cap_values_say_that_there_is_no_limit(tradealloc: Run, day: Path) -> None:
    assert tradealloc("run", what_if_book(day, [{"Scenario": "Free", "Participation": 0}])).status == 0
    (row,) = rows(day, "tblCapValues")
    assert row["Note"] == "No limit is set."


def test_missing_column_of_names(tradealloc: Run, day: Path) -> None:
    before = what_if_book(day, leave_out=["Scenario"]).read_bytes()
    outcome = tradealloc("run", day)
    assert outcome.status == 2
    assert outcome.err.strip() == "tradealloc: tblScenarios has no column Scenario: add it"
    assert day.read_bytes() == before


def test_infeasible_order_writes_nothing(tradealloc: Run, day: Path) -> None:
    before = what_if_book(day, settings={"participation": 0.01}).read_bytes()
    assert tradealloc("run", day).status == 3
    assert day.read_bytes() == before


def test_json_lists_the_rows(tradealloc: Run, day: Path) -> None:
    outcome = tradealloc("run", what_if_book(day, [*SCENARIOS, {"Scenario": "Bad", "Shares": -1}]), "--json")
    told = json.loads(outcome.out)
    assert told["shares"] == 1000.0
    assert [row["scenario"] for row in told["scenarios"]] == [*BY_HAND, "Bad"]
    assert told["scenarios"][-1]["total_impact"] is None
    assert told["scenarios"][-1]["status"] == "tblScenarios!B7 is -1: give a number above 0"
    assert told["cap_values"][0]["limit"] == "participation 10 %"
    assert [row["participation"] for row in told["by_participation"]] == list(CAPS)
    assert [row["reference_shares"] for row in told["by_exponent"]] == [250.0, 250.0]


def test_summary_shows_the_tables(tradealloc: Run, day: Path) -> None:
    outcome = tradealloc("run", what_if_book(day))
    text = " ".join(outcome.out.split())
    for heading in ("Scenarios (impact in", "Values of limits (in currency", "By participation cap", "By exponent"):
        assert heading in text


def test_overrides_reach_the_scenarios(tradealloc: Run, day: Path) -> None:
    assert tradealloc("run", what_if_book(day), "--shares", "800").status == 0
    assert [row["Shares"] for row in rows(day, "tblScenarioResults")] == [800, 800, 800, 500, 800]


@pytest.mark.parametrize(
    ("sheet", "cell", "value"),
    [
        ("tblScenarios", "B3", 900),
        ("tblScenarios", "A3", "Other"),
        ("tblScenarios", "F4", 0.5),
        ("tblByParticipation", "A2", 0.06),
        ("tblByExponent", "A3", 0.9),
    ],
)
def test_any_input_changes_the_fingerprint(day: Path, sheet: str, cell: str, value: object) -> None:
    what_if_book(day)
    before = OrderSheet.read(XlsxBook.open(day)).fingerprint
    book = load_workbook(day)
    book[sheet][cell] = value
    book.save(day)
    assert OrderSheet.read(XlsxBook.open(day)).fingerprint != pytest.approx(before, rel=1e-9)


def test_a_run_keeps_its_fingerprint(tradealloc: Run, day: Path) -> None:
    """The run writes beside the inputs, never on them: the workbook as written has the fingerprint it stores."""
    assert tradealloc("run", what_if_book(day)).status == 0
    book = XlsxBook.open(day)
    stored = book.cell("ta_fingerprint")
    assert stored is not None
    assert OrderSheet.read(book).fingerprint == pytest.approx(stored.value, rel=1e-15)


def test_the_ribbon_writes_what_the_command_line_writes(
    tradealloc: Run, day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home := tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(home))
    live = from_xlsx(what_if_book(day))
    commands.run("optimise", live, home)
    assert tradealloc("run", day).status == 0
    for name in (table for table in ALL if table != "tblScenarios"):
        ours, theirs = XlsxBook.open(day).table(name), XlwingsBook(live).table(name)
        assert ours is not None
        assert theirs is not None
        assert list(theirs.columns) == list(ours.columns)
        for header in (header for header in ours.columns if header != "Start"):  # times arrive as such, or as numbers
            expected = [cell.value for cell in ours.columns[header]]
            found = [cell.value for cell in theirs.columns[header]]
            assert found == [pytest.approx(value) if isinstance(value, float) else value for value in expected], header
