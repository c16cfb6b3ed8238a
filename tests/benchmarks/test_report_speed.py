"""A report from a cold start; measured when TRADEALLOC_BENCH=1, on a machine that does nothing else."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradealloc.templates import template_path

BUDGET = 3.0
"""Seconds for PDF and HTML, start of Python and import of Matplotlib included."""

pytestmark = pytest.mark.skipif(os.environ.get("TRADEALLOC_BENCH") != "1", reason="TRADEALLOC_BENCH=1 measures")


def test_report_of_the_day(tmp_path: Path) -> None:
    day = Path(shutil.copy(template_path("daily_schedule"), tmp_path / "day.xlsx"))
    command = [sys.executable, "-m", "tradealloc", "report", str(day), "--pdf", "--html"]
    subprocess.run(command, check=True, capture_output=True)  # Matplotlib lists the fonts of a computer once
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    print(f"report --pdf --html, cold: {statistics.median(seconds):.2f} s")
    assert statistics.median(seconds) <= BUDGET
