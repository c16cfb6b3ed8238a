"""Calibrating a day of 400,000 ten-level events, file reading included: run with TRADEALLOC_BENCH=1."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradealloc.actions.calibrate import CalibrationMethod, CalibrationOptions, calibrate
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.writers import write_lobster, write_mbp10

pytestmark = pytest.mark.skipif("TRADEALLOC_BENCH" not in os.environ, reason="timed: run with TRADEALLOC_BENCH=1")

SECONDS = 10.0
MOST_MEGABYTES = 700

_CALIBRATE = """
import resource, sys
from pathlib import Path
from tradealloc.actions.calibrate import calibrate
calibrate([Path(sys.argv[1])])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("day")
    day = SyntheticMarket(MarketParameters(events_per_minute=1026)).day(0)
    return {"lobster": write_lobster(day, folder, compressed=False)[0], "mbp10": write_mbp10(day, folder / "m.csv")}


@pytest.mark.parametrize("method", list(CalibrationMethod))
@pytest.mark.parametrize("kind", ["lobster", "mbp10"])
def test_a_full_day_takes_ten_seconds(files: dict[str, Path], kind: str, method: CalibrationMethod) -> None:
    began, start = time.perf_counter(), time.process_time()
    calibrate([files[kind]], CalibrationOptions(method))
    seconds = time.process_time() - start
    print(f"{kind}, {method}: {seconds:.2f} s of processor time, {time.perf_counter() - began:.2f} s by the clock")
    assert seconds < SECONDS


def test_memory_is_that_of_a_chunk(files: dict[str, Path], tmp_path: Path) -> None:
    """A tenth of the day and the whole day need about the same, so ten million events stay below 4 GB."""
    small = write_mbp10(SyntheticMarket(MarketParameters(events_per_minute=103)).day(0), tmp_path / "small.csv")
    used = []
    for path in (small, files["mbp10"]):
        done = subprocess.run([sys.executable, "-c", _CALIBRATE, str(path)], capture_output=True, text=True, check=True)
        used.append(int(done.stdout))
    print(f"{used} MB")
    assert used[1] < MOST_MEGABYTES
    assert used[1] - used[0] < 250
