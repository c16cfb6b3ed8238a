"""The daily schedule through a trading day: fills pasted or in a file, the Intraday sheet, all or nothing on disk."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from intraday_desk import STARTS, fills_csv

from tradealloc.templates import template_path
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields.intraday import PROGRESS_COLUMNS
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook

Run = Callable[..., Any]
ORDER = 100_000


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template after the morning's run."""
    from tradealloc.cli import run_command

    path = Path(shutil.copy(template_path("daily_schedule"), tmp_path_factory.mktemp("run") / "day.xlsx"))
    assert run_command(["run", str(path)]) == 0
    return path


@pytest.fixture
def day(run_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(run_once, tmp_path / "day.xlsx"))


def column(path: Path, table: str, header: str) -> list[CellValue]:
    found = XlsxBook.open(path).table(table)
    assert found is not None
    return [cell.value for cell in found.columns[header]]


def name(path: Path, of: str) -> CellValue:
    cell = XlsxBook.open(path).cell(of)
    assert cell is not None
    return cell.value


def rows_of(path: Path, minutes: int, part: float = 0.9) -> list[tuple[dt.time, float, float, float]]:
    """Each minute's schedule filled in part, a cent and a half above mid."""
    planned = column(path, "tblSchedule", "Allocation")[:minutes]
    return [
        (start.replace(second=30), round(part * float(shares)), 100.015, 100.0)  # type: ignore[arg-type]
        for start, shares in zip(STARTS[:minutes], planned, strict=True)
    ]


def paste(path: Path, rows: list[tuple[dt.time, float, float, float]]) -> None:
    book = XlsxBook.open(path)
    columns: list[list[CellValue]] = [list(values) for values in zip(*rows, strict=True)]
    assert book.write_table("tblFills", dict(zip(("Time", "Shares", "Price", "Mid"), columns, strict=True)))
    book.save()


def test_the_sheet_has_the_registrys_tables(day: Path) -> None:
    found = XlsxBook.open(day).table("tblProgress")
    assert found is not None
    assert list(found.columns) == [each.header for each in PROGRESS_COLUMNS]
    assert [len(column(day, table, header)) for table, header in (("tblFills", "Time"), ("tblAlerts", "Kind"))] == [
        1,
        1,
    ]


def test_fills_in_a_file_and_fills_pasted_give_the_same_day(day: Path, tmp_path: Path, tradealloc: Run) -> None:
    pasted = Path(shutil.copy(day, tmp_path / "pasted.xlsx"))
    rows = rows_of(day, 105)
    fills = fills_csv(tmp_path / "fills.csv", rows, "Time,Shares,Price,Mid")
    first = tradealloc("reoptimise", day, "--fills", fills, "--now", "11:15")
    assert first.status == 0, first.err
    paste(pasted, rows)
    second = tradealloc("reoptimise", pasted, "--now", "11:15")
    assert second.status == 0, second.err
    morning = np.array(column(day, "tblSchedule", "Allocation"), dtype=float)
    filled = [shares for _, shares, _, _ in rows]
    for path in (day, pasted):
        plan = np.array(column(path, "tblProgress", "Plan"), dtype=float)
        assert column(path, "tblProgress", "Filled")[:105] == filled
        assert plan[:105] == pytest.approx(filled)
        assert plan.sum() == pytest.approx(ORDER)
        assert column(path, "tblProgress", "Morning") == pytest.approx(morning)
        assert column(path, "tblProgress", "Remaining")[104] == pytest.approx(ORDER - sum(filled))
        assert column(path, "tblProgress", "Slippage")[:105] == pytest.approx([0.015] * 105)
        # the template's model has no half-spread: I(x) = beta x
        assert column(path, "tblProgress", "Predicted")[3] == pytest.approx(
            float(column(path, "tblIntervals", "Beta")[3]) * filled[3]  # type: ignore[arg-type]
        )
        assert column(path, "tblProgress", "Status")[104:107] == ["done", "now", "open"]
        kinds = column(path, "tblAlerts", "Kind")
        assert "behind schedule" in kinds
        assert kinds[-1] == "plan"
        assert "the plan is held" in str(column(path, "tblAlerts", "Alert")[-1])


def test_fills_and_plan_leave_the_mornings_result_current(day: Path, tradealloc: Run) -> None:
    before = name(day, "ta_fingerprint")
    paste(day, rows_of(day, 60))
    assert OrderSheet.read(XlsxBook.open(day)).fingerprint == before
    assert tradealloc("reoptimise", day, "--now", "10:30").status == 0
    assert OrderSheet.read(XlsxBook.open(day)).fingerprint == before == name(day, "ta_fingerprint")


def test_a_bad_fill_is_named_by_its_cell(day: Path, tradealloc: Run) -> None:
    rows = rows_of(day, 3)
    rows[1] = (rows[1][0], -5, *rows[1][2:])
    paste(day, rows)
    before = day.read_bytes()
    outcome = tradealloc("reoptimise", day, "--now", "10:30")
    assert outcome.status == 2
    assert "Intraday!C28 is -5" in outcome.err
    assert day.read_bytes() == before


def test_a_new_schedule_takes_the_old_plans_place(day: Path, tmp_path: Path, tradealloc: Run) -> None:
    fills = fills_csv(tmp_path / "fills.csv", rows_of(day, 30), "Time,Shares,Price,Mid")
    assert tradealloc("reoptimise", day, "--fills", fills, "--now", "10:00").status == 0
    again = tradealloc("reoptimise", day, "--fills", fills, "--now", "10:00")
    assert "came from another schedule" not in again.err
    book = XlsxBook.open(day)
    book.write_table("tblIntervals", {"Beta": [*[1e-5] * 200, *[3e-5] * 190]})
    book.save()
    # compare makes the schedule again and leaves the day alone; run begins another day (below)
    assert tradealloc("compare", day).status == 0
    fresh = tradealloc("reoptimise", day, "--fills", fills, "--now", "10:00")
    assert "came from another schedule" in " ".join(fresh.err.split())
    assert column(day, "tblProgress", "Scheduled") == pytest.approx(column(day, "tblSchedule", "Allocation"))


def test_the_mornings_run_ends_yesterdays_plan_and_speaks_of_the_fills(day: Path, tradealloc: Run) -> None:
    paste(day, rows_of(day, 60))
    assert tradealloc("reoptimise", day, "--now", "10:30").status == 0
    plan = column(day, "tblProgress", "Plan")
    assert tradealloc("compare", day).status == 0
    assert column(day, "tblProgress", "Plan") == plan
    again = tradealloc("run", day)
    assert again.status == 0, again.err
    said = " ".join(again.err.split())
    assert "the plan in tblProgress was that of the schedule before: it is cleared" in said
    assert "tblFills holds 60 fills: clear them if they are of another day" in said
    assert column(day, "tblProgress", "Plan") == [None]
    assert column(day, "tblAlerts", "Alert") == [None]
    assert len(column(day, "tblFills", "Shares")) == 60
    assert "tblProgress" not in tradealloc("run", day).err
    assert tradealloc("reoptimise", day, "--now", "10:30").status == 0
    assert column(day, "tblProgress", "Scheduled") == pytest.approx(column(day, "tblSchedule", "Allocation"))


def test_a_look_keeps_why_the_plan_is_what_it_is(day: Path, tmp_path: Path, tradealloc: Run) -> None:
    fills = fills_csv(tmp_path / "fills.csv", rows_of(day, 60), "Time,Shares,Price,Mid")
    assert tradealloc("reoptimise", day, "--fills", fills, "--now", "10:30").status == 0
    kinds, texts, scheduled = (
        column(day, table, header)
        for table, header in (("tblAlerts", "Kind"), ("tblAlerts", "Alert"), ("tblProgress", "Scheduled"))
    )
    reasons = [text for kind, text in zip(kinds, texts, strict=True) if kind == "plan"]
    assert reasons
    for now in ("10:31", "12:00"):
        assert tradealloc("monitor", day, "--fills", fills, "--now", now).status == 0
        told = zip(column(day, "tblAlerts", "Kind"), column(day, "tblAlerts", "Alert"), strict=True)
        assert [text for kind, text in told if kind == "plan"] == reasons
        assert column(day, "tblProgress", "Scheduled") == scheduled


def test_control_limits_stand_beside_the_slippage(day: Path, tmp_path: Path, tradealloc: Run) -> None:
    fills = fills_csv(tmp_path / "fills.csv", rows_of(day, 30), "Time,Shares,Price,Mid")
    assert tradealloc("monitor", day, "--fills", fills, "--now", "10:00").status == 0
    low, middle, high = (
        np.array(column(day, "tblProgress", header)[:30], dtype=float)
        for header in ("LowLimit", "Predicted", "HighLimit")
    )
    # level: 0.15, 0.10 and 0.20; measurement: 0.3
    spread = 3 * np.sqrt(0.15**2 + 0.10**2 + 0.20**2 + 0.3**2)
    assert np.log(high / low) == pytest.approx(np.full(30, 2 * spread))
    assert np.sqrt(high * low) == pytest.approx(middle * np.exp(-(0.15**2 + 0.10**2 + 0.20**2) / 2))
    assert column(day, "tblProgress", "HighLimit")[30:] == [None] * 360


class TestSavePlan:
    """Workbook and plan file: both or neither."""

    @pytest.fixture
    def fills(self, day: Path, tmp_path: Path) -> Path:
        return fills_csv(tmp_path / "fills.csv", rows_of(day, 30), "Time,Shares,Price,Mid")

    def test_both(self, day: Path, fills: Path, tmp_path: Path, tradealloc: Run) -> None:
        plan = tmp_path / "plan.csv"
        assert tradealloc("reoptimise", day, "--fills", fills, "--now", "10:00", "--save-plan", plan).status == 0
        header, *lines = plan.read_text().splitlines()
        assert header == "Start,Allocation"
        assert [float(line.split(",")[1]) for line in lines] == column(day, "tblProgress", "Plan")

    def test_no_workbook_where_the_plan_cannot_be_written(
        self, day: Path, fills: Path, tmp_path: Path, tradealloc: Run
    ) -> None:
        before = day.read_bytes()
        (tmp_path / "plan.csv").mkdir()
        outcome = tradealloc(
            "reoptimise", day, "--fills", fills, "--now", "10:00", "--save-plan", tmp_path / "plan.csv"
        )
        assert outcome.status == 4
        assert "is a folder" in outcome.err
        assert day.read_bytes() == before

    @pytest.mark.parametrize("old", [None, "Start,Allocation\n09:30:00,1\n"])
    def test_no_plan_where_the_workbook_cannot_be_written(
        self, day: Path, fills: Path, tmp_path: Path, tradealloc: Run, old: str | None
    ) -> None:
        plan, before = tmp_path / "plan.csv", day.read_bytes()
        if old is not None:
            plan.write_text(old)
        (tmp_path / "~$day.xlsx").write_text("")
        outcome = tradealloc("reoptimise", day, "--fills", fills, "--now", "10:00", "--save-plan", plan)
        assert outcome.status == 4
        assert "open in Excel" in outcome.err
        assert day.read_bytes() == before
        assert (plan.read_text() if plan.exists() else None) == old

    def test_an_input_is_never_written_over(self, day: Path, fills: Path, tradealloc: Run) -> None:
        before = fills.read_bytes()
        outcome = tradealloc("reoptimise", day, "--fills", fills, "--now", "10:00", "--save-plan", fills)
        assert outcome.status == 2
        assert fills.read_bytes() == before
