"""`tradealloc report`: files beside the workbook or in DIR, the workbook untouched, one sentence on error."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_books import desk_book
from report_cases import FULL

Call = Callable[..., Any]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_pdf_and_html_beside_the_workbook(tradealloc: Call, day: Path) -> None:
    before = desk_book(day, **FULL).read_bytes()
    outcome = tradealloc("report", day)
    assert outcome.status == 0
    assert outcome.out == f"Written {day.with_name('day_report.pdf')}\nWritten {day.with_name('day_report.html')}\n"
    assert outcome.err.startswith("note: The workbook holds no results of a run yet")
    assert names(day.parent) == ["day.xlsx", "day_report.html", "day_report.pdf"]
    assert day.read_bytes() == before
    again = tradealloc("report", day, "--html")
    assert again.out == f"Replaced {day.with_name('day_report.html')}\n"


def test_everything_into_a_new_folder(tradealloc: Call, day: Path) -> None:
    desk_book(day, **FULL)
    folder = day.parent / "reports" / "march"
    outcome = tradealloc("report", day, "--pdf", "--html", "--png", "--eml", "-o", folder, "--paper", "letter")
    assert outcome.status == 0
    charts = ("comparison", "progress", "schedule", "sensitivity")
    assert names(folder) == sorted(
        [*(f"day_report.{suffix}" for suffix in ("eml", "html", "pdf")), *(f"day_report_{name}.png" for name in charts)]
    )
    assert b"/MediaBox [ 0 0 612 792 ]" in (folder / "day_report.pdf").read_bytes()


def test_after_a_run_there_is_nothing_to_note(tradealloc: Call, day: Path) -> None:
    desk_book(day, **FULL)
    assert tradealloc("run", day).status == 0
    outcome = tradealloc("report", day, "--html")
    assert (outcome.status, outcome.err) == (0, "")
    assert "STALE" not in day.with_name("day_report.html").read_text("utf-8")
    assert tradealloc("run", day, "--shares", 1000, "-o", day.with_name("other.xlsx")).status == 0


@pytest.mark.parametrize("template", ["daily_schedule", "blotter", "what_if"])
def test_each_template(tradealloc: Call, day: Path, template: str) -> None:
    assert tradealloc("new", template, day).status == 0
    before = day.read_bytes()
    assert tradealloc("report", day).status == 0
    assert day.read_bytes() == before
    page = day.with_name("day_report.html").read_text("utf-8")
    titles = {"blotter": "By symbol", "what_if": "Scenarios", "daily_schedule": "Sensitivity to order size"}
    assert f"<caption>{titles[template]}</caption>" in page


@pytest.mark.parametrize(
    ("arguments", "options", "status", "words"),
    [
        ({"columns": {"Beta": [1e-5, "x"]}}, [], 2, "Intervals!A3 holds the text 'x'"),
        ({"columns": {"MaxShares": [100.0] * 4}}, [], 3, "600 short of 1,000"),
        ({"leave_out": ["tblIntervals"]}, [], 2, "has no table tblIntervals"),
        ({}, ["--paper", "a5"], 2, "--paper"),
        ({}, ["-o", "day.xlsx"], 4, "is a file: give a folder"),
    ],
)
def test_bad_input_writes_nothing(
    tradealloc: Call,
    day: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, Any],
    options: list[str],
    status: int,
    words: str,
) -> None:
    desk_book(day, **arguments)
    monkeypatch.chdir(day.parent)
    outcome = tradealloc("report", day, *options)
    assert (outcome.status, outcome.out) == (status, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
    assert names(day.parent) == ["day.xlsx"]


def test_missing_workbook(tradealloc: Call, day: Path) -> None:
    outcome = tradealloc("report", day)
    assert outcome.status == 4
    assert "doesn't exist" in outcome.err


def test_the_other_commands_load_no_matplotlib(day: Path) -> None:
    desk_book(day)
    script = (
        f"import sys; from tradealloc.cli import run_command; assert run_command(['run', {str(day)!r}]) == 0; "
        "heavy = {'matplotlib', 'jinja2', 'tradealloc.report.pdf'} & set(sys.modules); assert not heavy, heavy; "
        f"assert run_command(['report', {str(day)!r}, '--pdf']) == 0; "
        "heavy = {'matplotlib.pyplot', 'pandas', 'scipy', 'cvxpy'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
