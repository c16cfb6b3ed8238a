"""Reading a day of 400,000 ten-level events, and the memory that reading takes: run with TRADEALLOC_BENCH=1."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.readers import open_market_data
from tradealloc.market.writers import write_lobster, write_mbp10

pytestmark = pytest.mark.skipif("TRADEALLOC_BENCH" not in os.environ, reason="timed: run with TRADEALLOC_BENCH=1")

FULL = MarketParameters(events_per_minute=1026)
READ_SECONDS = 3.0
GROWTH_MEGABYTES = 30

_READ = """
import sys
from pathlib import Path
from tradealloc.market.readers import open_market_data, stream
# Small blocks, so that even the small file is more of them than pyarrow reads ahead.
stream.BLOCK_BYTES = 1 << 18
(source,) = open_market_data(sys.argv[1])
events = sum(len(chunk) for chunk in source.chunks())
# Not getrusage: its peak is inherited from the process that starts this one.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(events, int(peak.split()[1]) // 1024)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("day")
    day = SyntheticMarket(FULL).day(0)
    return {
        "lobster": write_lobster(day, folder, compressed=False)[0],
        "mbp10": write_mbp10(day, folder / "mbp10.csv"),
    }


@pytest.mark.parametrize("kind", ["lobster", "mbp10"])
def test_a_full_day_reads_in_three_seconds(files: dict[str, Path], kind: str) -> None:
    """By processor time of all threads: what neighbours on the machine take doesn't count."""
    seconds, waits = [], []
    for _ in range(3):
        (source,) = open_market_data(files[kind])
        start, began = time.process_time(), time.perf_counter()
        events = sum(len(chunk) for chunk in source.chunks())  # type: ignore[union-attr]
        seconds.append(time.process_time() - start)
        waits.append(time.perf_counter() - began)
        assert events == 400_140
    print(f"{kind}: {min(seconds):.2f} s of processor time, {min(waits):.2f} s by the clock")
    assert min(seconds) < READ_SECONDS


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("kind", ["lobster", "mbp10"])
def test_memory_doesnt_grow_with_the_file(files: dict[str, Path], kind: str, tmp_path: Path) -> None:
    """A tenth of the day and the whole day need about the same: ten million events fit as well."""
    small_day = SyntheticMarket(MarketParameters(events_per_minute=103)).day(0)
    small = (
        write_lobster(small_day, tmp_path, compressed=False)[0]
        if kind == "lobster"
        else write_mbp10(small_day, tmp_path / "small.csv")
    )
    used = {}
    for name, path in (("small", small), ("full", files[kind])):
        done = subprocess.run([sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True)
        used[name] = int(done.stdout.split()[1])
    print(f"{kind}: {used} MB")
    assert used["full"] - used["small"] < GROWTH_MEGABYTES


def test_a_default_day_is_made_in_a_second() -> None:
    start = time.process_time()
    events = sum(len(chunk) for chunk in SyntheticMarket().day(0).chunks())
    seconds = time.process_time() - start
    print(f"{events:,} events in {seconds:.2f} s")
    assert seconds < 1.0
