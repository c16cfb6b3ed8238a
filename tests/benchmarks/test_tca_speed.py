"""Post-trade analysis of 100,000 fills; measured when TRADEALLOC_BENCH=1, on a machine that does nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from tradealloc.actions.tca import analyse_files

BUDGET = 5.0
"""Seconds for 100,000 fills of 2,000 orders, from the files to all groups."""

pytestmark = pytest.mark.skipif(os.environ.get("TRADEALLOC_BENCH") != "1", reason="TRADEALLOC_BENCH=1 measures")


def test_a_hundred_thousand_fills(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    orders, each = 2000, 50
    with (tmp_path / "orders.csv").open("w") as stream:
        stream.write("OrderId,Symbol,Side,Shares,DecisionPrice,ArrivalPrice,EndPrice,Broker,Currency,VWAP,Close\n")
        for number in range(orders):
            side = "buy" if number % 2 else "sell"
            stream.write(f"o{number},S{number % 40},{side},6000,50,50.01,50.2,b{number % 7},USD,50.02,50.1\n")
    mids = 50 + rng.normal(0, 0.05, orders * each)
    with (tmp_path / "fills.csv").open("w") as stream:
        stream.write("Time,OrderId,Side,Shares,Price,Bid,Ask,MidAfter,Fees,FillId\n")
        for row, mid in enumerate(mids):
            number, piece = row % orders, row // orders
            side = "buy" if number % 2 else "sell"
            clock = f"{14 + piece // 10}:{piece % 10 * 6:02d}:{number % 60:02d}"
            price = mid + (0.012 if number % 2 else -0.012)
            book = f"{mid - 0.01:.4f},{mid + 0.01:.4f},{mid + 0.001:.4f}"
            stream.write(f"2025-06-02T{clock}Z,o{number},{side},100,{price:.4f},{book},0.5,f{row}\n")
    start = time.perf_counter()
    analysis = analyse_files(tmp_path / "fills.csv", tmp_path / "orders.csv")
    seconds = time.perf_counter() - start
    print(f"100,000 fills: {seconds:.2f} s")
    assert len(analysis.fills) == orders * each
    assert seconds <= BUDGET
