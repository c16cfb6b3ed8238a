"""Replay of a day of 46,800 ten-level events in at most 2 s."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from tradealloc.market import SyntheticMarket
from tradealloc.market.readers import open_market_data
from tradealloc.market.replay import ReplayRules, replay
from tradealloc.market.writers import write_mbp10

pytestmark = pytest.mark.skipif(not os.environ.get("TRADEALLOC_BENCH"), reason="set TRADEALLOC_BENCH=1 to measure")


@pytest.mark.parametrize("slices", [1, 6])
def test_a_day_in_two_seconds(tmp_path, slices):
    path = write_mbp10(SyntheticMarket().day(0), tmp_path / "SYNTH.csv.gz")
    began = time.perf_counter()
    [source] = open_market_data([path])
    done = replay(source, np.full(390, 256.0), rules=ReplayRules(slices=slices))
    assert done.unfilled < 1e-6
    assert time.perf_counter() - began <= 2.0
