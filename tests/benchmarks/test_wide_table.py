"""A blotter's workbook read, written and saved: time and memory, measured when TRADEALLOC_BENCH=1."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradealloc.workbook.xlsx_book import XlsxBook

from . import wide_book

SECONDS, MEGABYTES = 5.0, 450

pytestmark = pytest.mark.skipif(os.environ.get("TRADEALLOC_BENCH") != "1", reason="TRADEALLOC_BENCH=1 measures")


def run_once(path: Path, seed: int) -> dict[str, float]:
    """Open, read orders, profiles and what an earlier run left, write the results, save."""
    schedules, results = wide_book.schedules(seed), wide_book.results()
    begun, busy = time.perf_counter(), time.process_time()
    book = XlsxBook.open(path)
    tables = (book.table(name) for name in ("tblOrders", "tblProfiles", "tblSchedules", "tblOrderResults"))
    cells = sum(table.rows * len(table.columns) for table in tables if table is not None)
    book.write_table("tblSchedules", schedules, reshape=True)
    book.write_table("tblOrderResults", results)
    book.save()
    seconds, processor = time.perf_counter() - begun, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return {"cells read": cells, "seconds": seconds, "processor": processor, "megabytes": peak}


@pytest.mark.parametrize("earlier_runs", [0, 1])
def test_read_write_save(tmp_path: Path, capsys: pytest.CaptureFixture[str], earlier_runs: int) -> None:
    """In a process of its own, so that the peak is this work's."""
    path = wide_book.make_book(tmp_path / "wide.xlsx")
    for seed in range(earlier_runs + 1):
        command = [sys.executable, "-m", "benchmarks.test_wide_table", str(path), str(seed)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    measured = json.loads(found)
    with capsys.disabled():
        print("\n" + ", ".join(f"{name} {value:,.1f}" for name, value in measured.items()))
    table = XlsxBook.open(path).table("tblSchedules")
    assert table is not None
    assert (table.rows, len(table.columns)) == (wide_book.INTERVALS, wide_book.ORDERS + 2)
    # The processor's time, so that a busy machine doesn't count; the time on the clock is printed beside it.
    assert measured["processor"] <= SECONDS
    assert measured["megabytes"] <= MEGABYTES


if __name__ == "__main__":
    print(json.dumps(run_once(Path(sys.argv[1]), int(sys.argv[2]))))
