"""Real input, the whole path: the AMZN day through the shipped template and the command line (issue's golden test).

Expected numbers are those published beside the data, to the digits printed there.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from tradealloc.cli import run_command


@pytest.fixture(scope="module")
def run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    day = folder / "day.xlsx"
    assert run_command(["new", "daily_schedule", str(day)]) == 0
    profile = shared_data / "amzn_2012-06-21_profile.csv"
    settings = ["--set", "participation=0.1", "--set", "arrival_price=223.5", "--set", "symbol=AMZN"]
    assert run_command(["run", str(day), "--shares", "20000", "--beta", str(profile), *settings]) == 0
    return day


def test_totals(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", str(run), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["intervals"] == 390
    assert result["total_impact"] == pytest.approx(0.0464057, abs=5e-8)
    assert result["total_impact_bps"] == pytest.approx(2.07632, abs=5e-6)
    assert result["total_cost"] == pytest.approx(928.11, abs=5e-3)
    assert result["equal_impact"] == pytest.approx(0.0656948, abs=5e-8)
    assert result["improvement"] == pytest.approx(0.29362, abs=5e-6)
    assert result["shadow_price"] == pytest.approx(0.0553531, abs=5e-8)
    assert max(result["kkt_residual"], result["duality_gap"]) <= 1e-9


def test_schedule_in_the_workbook(run: Path) -> None:
    book = load_workbook(run)
    sheet = next(sheet for sheet in book if "tblSchedule" in sheet.tables)
    rows = [[cell.value for cell in row] for row in sheet[sheet.tables["tblSchedule"].ref]]
    table = {header: [row[i] for row in rows[1:]] for i, header in enumerate(rows[0])}
    allocation = np.array(table["Allocation"])
    assert allocation.sum() == pytest.approx(20_000, rel=1e-12)
    assert int((allocation > 1e-9).sum()) == 132
    at_cap = [text for text in table["Binding"] if text in ("participation 10 %", "no volume")]
    assert len(at_cap) == 70
    assert np.nansum(np.array(table["Cost"], dtype=float)) == pytest.approx(928.11, abs=5e-3)
    assert table["Remaining"][-1] == 0


def test_comparison_in_the_workbook(run: Path) -> None:
    assert run_command(["compare", str(run)]) == 0
    book = load_workbook(run)
    sheet = next(sheet for sheet in book if "tblComparison" in sheet.tables)
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in sheet[sheet.tables["tblComparison"].ref]}
    assert rows["Equal"][1] == pytest.approx(0.0656948, abs=5e-8)
    assert rows["Equal"][4] == 80
    assert rows["Equal within limits"][1] == pytest.approx(0.0656099, abs=5e-8)
    assert rows["VWAP"][1] == pytest.approx(0.0638012, abs=5e-8)
    for solver in ("Linear (dual)", "Linear (CVXPY)", "Linear (SciPy)"):
        assert rows[solver][1] == pytest.approx(0.0464057, abs=5e-8)


def test_infeasible_size_names_the_shares(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = run.read_bytes()
    assert run_command(["run", str(run), "--shares", "90000"]) == 3
    assert "81,075.5" in capsys.readouterr().err
    assert run.read_bytes() == before
