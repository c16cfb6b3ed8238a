"""A blotter of 500 orders x 390 intervals; measured when TRADEALLOC_BENCH=1, on a machine that does nothing else."""

from __future__ import annotations

import datetime as dt
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tradealloc.batch import Batch, solve_order
from tradealloc.templates import template_path
from tradealloc.workbook.blotter_sheet import Blotter
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields.blotter import ORDER_COLUMNS, PROFILE_COLUMNS, TBL_ORDERS, TBL_PROFILES
from tradealloc.workbook.xlsx_book import XlsxBook

ORDERS, INTERVALS, PROFILES, SYMBOLS = 500, 390, 20, 120
SECONDS, MEGABYTES, SOLVE_SECONDS = 10.0, 600.0, 1.0

pytestmark = pytest.mark.skipif(os.environ.get("TRADEALLOC_BENCH") != "1", reason="TRADEALLOC_BENCH=1 measures")


@pytest.fixture(scope="module")
def blotter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with 500 orders on 20 profiles."""
    path = Path(shutil.copy(template_path("blotter"), tmp_path_factory.mktemp("blotter") / "blotter.xlsx"))
    rng = np.random.default_rng(1)
    day = np.linspace(-1.0, 1.0, INTERVALS)
    rows: list[dict[str, CellValue]] = [
        {
            "Profile": f"profile {profile}",
            "Interval": t + 1,
            "Start": (dt.datetime.min + dt.timedelta(minutes=570 + t)).time(),
            "Beta": float(1e-6 * (2 - day[t] ** 2) * rng.uniform(0.8, 1.2)),
            "HalfSpread": float(0.01 * (1 + day[t] ** 2)),
            "Volume": float(np.round(1e4 * (1 + 2 * day[t] ** 2) * rng.uniform(0.7, 1.3))),
        }
        for profile in range(PROFILES)
        for t in range(INTERVALS)
    ]
    orders: list[dict[str, CellValue]] = [
        {
            "OrderId": f"ORD-{number:04d}",
            "Symbol": f"SYM{number % SYMBOLS}",
            "Side": "buy" if rng.random() < 0.5 else "sell",
            "Shares": float(rng.integers(1_000, 200_000)),
            "Profile": f"profile {number % PROFILES}",
            "ArrivalPrice": float(np.round(rng.uniform(10, 200), 2)),
            "Participation": 0.1 if number % 2 else None,
            "WindowStart": dt.time(10) if number % 5 == 0 else None,
            "LotSize": 100 if number % 7 == 0 else None,
        }
        for number in range(ORDERS)
    ]
    book = XlsxBook.open(path)
    book.write_table(TBL_ORDERS, {c.header: [order.get(c.header) for order in orders] for c in ORDER_COLUMNS})
    book.write_table(TBL_PROFILES, {c.header: [row.get(c.header) for row in rows] for c in PROFILE_COLUMNS})
    book.save()
    return path


@pytest.mark.parametrize("which", ["first run", "second run"])
def test_run_of_500_orders(blotter: Path, which: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tradealloc", "run", str(blotter)], check=True, capture_output=True)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = used.ru_maxrss / 1024
    print(
        f"{which} of {ORDERS} orders x {INTERVALS} intervals: {seconds:.1f} s "
        f"({used.ru_utime - before:.1f} s of processor), {megabytes:.0f} MB"
    )
    assert seconds <= SECONDS
    assert megabytes <= MEGABYTES


def test_solving_500_orders_with_certificates(blotter: Path) -> None:
    read = Blotter.read(XlsxBook.open(blotter))
    start = time.perf_counter()
    batch = Batch(tuple(solve_order(read.order(line)) for line in read.lines))
    solved = time.perf_counter() - start
    assert batch.totals.orders == ORDERS
    assert batch.totals.kkt_residual <= 1e-9
    assert batch.totals.duality_gap <= 1e-9
    assert len(batch.by_symbol) == SYMBOLS
    assert len(batch.by_time) == INTERVALS
    seconds = time.perf_counter() - start
    print(f"{ORDERS} orders solved in {solved * 1000:.0f} ms, with totals {seconds * 1000:.0f} ms")
    assert seconds <= SOLVE_SECONDS
