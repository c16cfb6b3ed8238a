"""`tradealloc calibrate --regimes` and `--learn`: the table, the column, the verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradealloc.market.profile import read_profile

Call = Callable[..., Any]


def test_regimes_and_the_verdict(tradealloc: Call, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    made = tradealloc("synthetic", tmp_path, "--regimes", "--seed", "2", "--events", "60")
    assert made.status == 0
    data = next(tmp_path.glob("*.csv.gz"))
    page = tmp_path / "p.html"
    done = tradealloc("calibrate", data, "--regimes", "--learn", "-o", tmp_path / "p.csv", "--report", page)
    assert (done.status, done.err) == (0, "")
    assert "2 regimes" in done.out
    assert "volatile" in done.out
    assert "Slope: testing a learned forecast takes 7 days, here are 1; the prior is used." in done.out
    lines = (tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",Regime")
    assert {line.rsplit(",", 1)[1] for line in lines[1:]} == {"calm", "volatile"}
    assert read_profile(tmp_path / "p.csv").intervals == 390
    regimes, learned = page.read_text(encoding="utf-8").split("<h2>Regimes</h2>")[1].split("<h2>Learned forecast</h2>")
    assert regimes.count("<tr>") == 3
    assert "The likeliest regime of each interval" in regimes
    assert "<li>Slope: testing a learned forecast takes 7 days" in learned


def test_they_have_no_use_with_fills(tradealloc: Call, tmp_path: Path) -> None:
    done = tradealloc("calibrate", tmp_path / "fills.csv", "--method", "fills", "--learn")
    assert done.status != 0
    assert "--learn" in done.err
