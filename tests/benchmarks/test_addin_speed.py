"""A ribbon command's own time; measured when TRADEALLOC_BENCH=1, on a machine that does nothing else."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import desk_books
import numpy as np
import pytest
from addin.stub_excel import from_xlsx
from tradealloc_addin import commands

from tradealloc.actions import optimise
from tradealloc.workbook.xlsx_book import XlsxBook

ROWS = 390
BUDGET = 0.3
"""Seconds beyond the solve: reading, checking, the snapshot, writing."""

pytestmark = pytest.mark.skipif(os.environ.get("TRADEALLOC_BENCH") != "1", reason="TRADEALLOC_BENCH=1 measures")


def test_ribbon_optimise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    day = np.linspace(-1.0, 1.0, ROWS)
    columns = {
        "Interval": list(range(1, ROWS + 1)),
        "Beta": (1e-5 * (1.5 - day**2)).tolist(),
        "HalfSpread": [0.01] * ROWS,
        "Volume": (1e4 * (0.5 + day**2)).tolist(),
    }
    path = desk_books.desk_book(tmp_path / "day.xlsx", {"shares": 100_000.0, "participation": 0.2}, columns)
    book = from_xlsx(path)
    solve = optimise(XlsxBook.open(path)).schedule.seconds
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        commands.run("optimise", book, tmp_path)
        seconds.append(time.perf_counter() - start)
    assert book.impl.app.alerts == []
    beyond = statistics.median(seconds) - solve
    print(f"ribbon Optimise of {ROWS} rows: {beyond * 1000:.0f} ms beyond the solve ({solve * 1000:.1f} ms)")
    assert beyond <= BUDGET
