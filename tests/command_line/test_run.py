"""`tradealloc run` on desk workbooks: what is written, where, and what is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_books import BETAS, desk_book
from openpyxl import load_workbook
from xlsxwriter import Workbook

import tradealloc as ta


def column(path: Path, table: str, header: str) -> list[Any]:
    book = load_workbook(path)
    for sheet in book:
        if table in sheet.tables:
            rows = [[cell.value for cell in row] for row in sheet[sheet.tables[table].ref]]
            return [row[rows[0].index(header)] for row in rows[1:]]
    raise AssertionError(table)


def named(path: Path, name: str) -> Any:
    book = load_workbook(path)
    sheet, address = book.defined_names[name].attr_text.split("!")
    return book[sheet][address.replace("$", "")].value


def test_writes_the_optimum(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, {"arrival_price": 50.0})
    outcome = tradealloc("run", day)
    assert outcome.status == 0
    by_hand = 1000 / np.array(BETAS) / sum(1 / beta for beta in BETAS)
    np.testing.assert_allclose(column(day, "tblSchedule", "Allocation"), by_hand, rtol=1e-12)
    np.testing.assert_allclose(column(day, "tblSchedule", "Cumulative"), np.cumsum(by_hand), rtol=1e-12)
    remaining = column(day, "tblSchedule", "Remaining")
    np.testing.assert_allclose(remaining, 1000 - np.cumsum(by_hand), atol=1e-9)
    assert remaining[-1] == 0
    impact = float(np.sum(np.array(BETAS) * by_hand**2)) / 1000
    assert named(day, "ta_total_impact") == pytest.approx(impact, rel=1e-12)
    assert named(day, "ta_total_impact_bps") == pytest.approx(impact / 50 * 1e4, rel=1e-12)
    assert named(day, "ta_total_cost") == pytest.approx(impact * 1000, rel=1e-12)
    equal = float(np.mean(BETAS)) * 250
    assert named(day, "ta_improvement") == pytest.approx(1 - impact / equal, rel=1e-12)
    assert named(day, "ta_saving") == pytest.approx((equal - impact) * 1000, rel=1e-12)
    assert named(day, "ta_shadow_price") == pytest.approx(2 * BETAS[0] * by_hand[0], rel=1e-12)
    assert named(day, "ta_status") == "OK"
    assert column(day, "tblComparison", "Strategy") == ["Equal", "Linear (closed form)"]
    assert column(day, "tblSensitivity", "Status") == ["OK", "OK"]


def test_in_place_keeps_a_backup(tradealloc: Callable[..., Any], day: Path) -> None:
    original = desk_book(day).read_bytes()
    tradealloc("run", day)
    assert day.with_name("day.xlsx.bak").read_bytes() == original


def test_output_leaves_the_source_alone(tradealloc: Callable[..., Any], day: Path, tmp_path: Path) -> None:
    original = desk_book(day).read_bytes()
    outcome = tradealloc("run", day, "-o", tmp_path / "plan.xlsx")
    assert outcome.status == 0
    assert day.read_bytes() == original
    assert column(tmp_path / "plan.xlsx", "tblSchedule", "Allocation")[0] is not None


def test_json_has_the_contract_keys(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, {"lot_size": 100.0})
    outcome = tradealloc("run", day, "--json")
    result = json.loads(outcome.out)
    assert list(result) == [
        "shares", "intervals", "method", "total_impact", "total_impact_bps", "total_cost", "improvement",
        "equal_impact", "kkt_residual", "duality_gap", "shadow_price", "seconds", "output",
    ]  # fmt: skip
    assert result["intervals"] == 4
    assert result["total_impact_bps"] is None, "no arrival price"
    assert result["output"] == str(day)


def test_options_change_the_inputs_in_the_workbook(tradealloc: Callable[..., Any], day: Path, tmp_path: Path) -> None:
    desk_book(day, {"participation": None, "model": None}, {"Volume": [900, 900, 900, 900], "Start": [None] * 4})
    betas = tmp_path / "betas.csv"
    betas.write_text("3e-5\n1e-5\n2e-5\n4e-5\n")
    outcome = tradealloc("run", day, "--shares", "300", "--beta", betas, "--set", "ta_participation=0.1")
    assert outcome.status == 0, outcome.err
    assert named(day, "ta_shares") == 300
    assert named(day, "ta_participation") == 0.1
    assert column(day, "tblIntervals", "Beta") == [3e-5, 1e-5, 2e-5, 4e-5]
    assert column(day, "tblIntervals", "Volume") == [900] * 4, "what the file lacks stays"
    assert max(column(day, "tblSchedule", "Allocation")) == pytest.approx(90)
    assert "participation 10 %" in column(day, "tblSchedule", "Binding")


def test_a_profile_of_another_length_resizes_every_table(
    tradealloc: Callable[..., Any], day: Path, tmp_path: Path
) -> None:
    desk_book(day, columns={"Interval": [1, 2, 3, 4], "HalfSpread": [None] * 4})
    profile = tmp_path / "profile.csv"
    profile.write_text("Interval,Start,Beta,HalfSpread\n" + "".join(f"{i},09:{i:02d},1e-5,0.01\n" for i in range(10)))
    outcome = tradealloc("run", day, "--beta", profile)
    assert outcome.status == 0, outcome.err
    assert "no column Start" in outcome.err
    assert len(column(day, "tblIntervals", "Beta")) == 10
    np.testing.assert_allclose(column(day, "tblSchedule", "Allocation"), [100] * 10)


def test_a_filled_column_that_the_file_lacks_is_refused(
    tradealloc: Callable[..., Any], day: Path, tmp_path: Path
) -> None:
    original = desk_book(day, columns={"MaxShares": [400, None, None, None]}).read_bytes()
    betas = tmp_path / "betas.csv"
    betas.write_text("Beta\n3e-5\n1e-5\n")
    outcome = tradealloc("run", day, "--beta", betas)
    assert outcome.status == 2
    assert "Intervals!B2" in outcome.err
    assert day.read_bytes() == original


def test_window_closes_intervals(tradealloc: Callable[..., Any], day: Path) -> None:
    starts = ["09:30", "10:00", "10:30", "11:00"]
    desk_book(day, {"window_start": "10:00", "window_end": "11:00"}, {"Start": starts})
    assert tradealloc("run", day).status == 0
    allocation = column(day, "tblSchedule", "Allocation")
    assert (allocation[0], allocation[3]) == (0, 0)
    assert allocation[1] == pytest.approx(800)
    assert column(day, "tblSchedule", "Equal") == [0, 500, 500, 0]
    assert column(day, "tblSchedule", "Binding")[0] == "no trade"


@pytest.mark.parametrize(
    ("settings", "columns", "model"),
    [
        ({"model": "power", "exponent": 0.6}, {}, ta.PowerImpact(BETAS, 0.6)),
        (
            {"model": "power", "exponent": 0.6, "reference_shares": 100.0},
            {"HalfSpread": [0.01, None, 0.0, 0.02]},
            ta.PowerImpact(np.array(BETAS) * 100**0.4, 0.6, [0.01, 0, 0, 0.02]),
        ),
        ({"model": "quadratic"}, {"Gamma": [1e-8, None, 1e-8, 1e-8]}, ta.QuadraticImpact(BETAS, [1e-8, 0, 1e-8, 1e-8])),
        (
            {"model": "quadratic", "reference_shares": 100.0},
            {"Gamma": [1e-8] * 4},
            ta.QuadraticImpact(np.array(BETAS) - 1e-6, 1e-8),
        ),
        ({"model": "Linear", "impact_unit": "bps"}, {}, ta.LinearImpact(BETAS)),
    ],
)
def test_models(
    tradealloc: Callable[..., Any], day: Path, settings: dict[str, Any], columns: dict[str, Any], model: ta.LinearImpact
) -> None:
    desk_book(day, settings, columns)
    result = json.loads(tradealloc("run", day, "--json").out)
    assert result["total_impact"] == pytest.approx(ta.solve(ta.Problem(1000, model), "dual").total_impact, rel=1e-12)


def test_compare_adds_the_solvers(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, {"exponent": 0.6, "reference_shares": 250.0})
    assert tradealloc("compare", day).status == 0
    assert column(day, "tblComparison", "Strategy") == [
        "Equal", "Equal within limits", "Linear (closed form)", "Linear (CVXPY)", "Linear (SciPy)",
        "Nonlinear (power, SciPy)",
    ]  # fmt: skip


def test_compare_of_a_nonlinear_order_names_no_model_twice(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, {"model": "power", "exponent": 0.6})
    assert tradealloc("compare", day).status == 0
    strategies = column(day, "tblComparison", "Strategy")
    assert strategies[2:] == ["Power (closed form)", "Power (CVXPY)", "Power (SciPy)"]


def test_sensitivity_prices_the_given_sizes(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, columns={"MaxShares": [400] * 4})
    outcome = tradealloc("sensitivity", day, "--sizes", "100,1600,1700")
    assert outcome.status == 0
    assert column(day, "tblSensitivity", "TotalShares") == [100, 1600, 1700]
    assert column(day, "tblSensitivity", "Status") == ["OK", "OK", "100 shares short (max_shares)"]


def test_sensitivity_defaults_to_the_reports_sizes(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, sizes=())
    assert tradealloc("sensitivity", day).status == 0
    assert column(day, "tblSensitivity", "TotalShares") == [500, 750, 1000, 1500, 2000]


def test_a_renamed_sheet_does_not_matter(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day)
    book = load_workbook(day)
    for sheet, title in zip(book, ("Auftrag", "日中 plan", "O'Neil", "x", "y"), strict=True):
        sheet.title = title
    book.defined_names["ta_shares"].attr_text = "Auftrag!$B$1"
    for name in list(book.defined_names):
        book.defined_names[name].attr_text = book.defined_names[name].attr_text.replace("Order!", "Auftrag!")
    book.save(day)
    outcome = tradealloc("run", day)
    assert outcome.status == 0, outcome.err


def test_by_address_without_names(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, leave_out=("ta_shares", "tblIntervals", "tblSchedule"))
    book = load_workbook(day)
    sheet = book["Order"]
    sheet["D1"] = 1000
    for row, beta in enumerate(BETAS, start=1):
        sheet.cell(row, 5, beta)
    book.save(day)
    outcome = tradealloc(
        "run", day, "--beta-range", "Order!E1:E4", "--shares-range", "Order!D1", "--write-to", "Order!F1"
    )
    assert outcome.status == 0, outcome.err
    written = [load_workbook(day)["Order"].cell(row, 6).value for row in range(1, 5)]
    np.testing.assert_allclose(written, 1000 / np.array(BETAS) / sum(1 / beta for beta in BETAS), rtol=1e-12)


def test_by_address_along_a_row(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day)
    book = load_workbook(day)
    book["Order"].append([1e-5, 1e-5])
    row = book["Order"].max_row
    book.save(day)
    betas = f"Order!A{row}:B{row}"
    outcome = tradealloc("run", day, "--beta-range", betas, "--shares", "10", "--write-to", f"Order!D{row}", "--json")
    assert outcome.status == 0, outcome.err
    sheet = load_workbook(day)["Order"]
    assert [sheet.cell(row, 4).value, sheet.cell(row, 5).value] == [5, 5]


def test_formulas_among_the_inputs_stay(tradealloc: Callable[..., Any], day: Path, tmp_path: Path) -> None:
    calculated_book(day)
    betas = tmp_path / "betas.csv"
    betas.write_text("3e-5\n1e-5\n2e-5\n4e-5\n")
    outcome = tradealloc("run", day, "--beta", betas)
    assert outcome.status == 0, outcome.err
    assert column(day, "tblIntervals", "Beta") == [3e-5, 1e-5, 2e-5, 4e-5]
    assert column(day, "tblIntervals", "Volume") == ["=2000+3000"] * 4
    assert column(day, "tblSensitivity", "TotalShares") == ["=Order!B1*0.5", "=Order!B1*1"]
    impacts = [
        ta.solve(ta.Problem(size, ta.LinearImpact([3e-5, 1e-5, 2e-5, 4e-5]))).total_impact for size in (500, 1e3)
    ]
    np.testing.assert_allclose(column(day, "tblSensitivity", "OptimalImpact"), impacts)


def calculated_book(path: Path) -> None:
    """A desk workbook, saved with the values of its formulas, as Excel does."""
    book = Workbook(str(path))
    order, intervals, out = (book.add_worksheet(name) for name in ("Order", "Intervals", "Out"))
    order.write("B1", 1000)
    book.define_name("ta_shares", "=Order!$B$1")
    intervals.add_table("A1:B5", {"name": "tblIntervals", "columns": [{"header": "Beta"}, {"header": "Volume"}]})
    for row, beta in enumerate(BETAS, start=1):
        intervals.write(row, 0, beta)
        intervals.write_formula(row, 1, "=2000+3000", None, 5000)
    out.add_table("A1:A5", {"name": "tblSchedule", "columns": [{"header": "Allocation"}]})
    sizes = [{"header": "TotalShares"}, {"header": "OptimalImpact"}]
    out.add_table("C1:D3", {"name": "tblSensitivity", "columns": sizes})
    for row, share in enumerate((0.5, 1), start=1):
        out.write_formula(row, 2, f"=Order!B1*{share}", None, 1000 * share)
    book.close()


def test_times_of_a_file_are_times_in_the_workbook(tradealloc: Callable[..., Any], day: Path, tmp_path: Path) -> None:
    desk_book(day, {"window_start": "09:31"}, {"Start": [None] * 4})
    profile = tmp_path / "profile.csv"
    profile.write_text("Start,Beta\n09:30,1e-5\n09:31:30,1e-5\n09:32,1e-5\n09:33,1e-5\n")
    outcome = tradealloc("run", day, "--beta", profile)
    assert outcome.status == 0, outcome.err
    np.testing.assert_allclose(
        column(day, "tblIntervals", "Start"), np.array([570, 571.5, 572, 573]) / 1440, rtol=1e-12
    )
    assert column(day, "tblSchedule", "Allocation")[0] == 0


def test_blank_lines_around_a_file_of_betas_do_not_count(
    tradealloc: Callable[..., Any], day: Path, tmp_path: Path
) -> None:
    betas = tmp_path / "betas.csv"
    betas.write_bytes(b'\xef\xbb\xbf\r\nBETA;Note\r\n1e-5;a\r\n"2e-5";b\r\n;\r\n\r\n')
    outcome = tradealloc("run", desk_book(day), "--beta", betas)
    assert outcome.status == 0, outcome.err
    assert column(day, "tblIntervals", "Beta") == [1e-5, 2e-5]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_output_that_cannot_be_shown_does_not_unsay_the_run(day: Path) -> None:
    desk_book(day, {"symbol": "東証"})
    command = [sys.executable, "-m", "tradealloc", "run", str(day)]
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=narrow)
    assert done.returncode == 0, done.stderr
    assert "1,000 ??" in done.stdout
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 4
    assert "day.xlsx is written, but" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("target", ["intervals!$A$3", "Intervals!A1", "Order!B1"])
def test_by_address_never_over_the_inputs(tradealloc: Callable[..., Any], day: Path, target: str) -> None:
    book = Workbook(str(day))
    book.add_worksheet("Order").write("B1", 1000)
    book.add_worksheet("Intervals").write_column("A2", BETAS)
    book.close()
    original = day.read_bytes()
    ranges = ["--beta-range", "Intervals!A2:A5", "--shares-range", "Order!B1"]
    outcome = tradealloc("run", day, *ranges, "--write-to", target)
    assert outcome.status == 2
    assert f"{target} would put the allocation over the inputs in" in outcome.err
    assert day.read_bytes() == original
