"""`tradealloc calibrate --forms` and `--method fills`: what is shown and refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradealloc.market.calibration.fills import istar_impact

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tradealloc.cli import run_command

    folder = tmp_path_factory.mktemp("data")
    assert run_command(["synthetic", str(folder), "--seed", "3", "--events", "60"]) == 0
    return next(folder.glob("*.csv.gz"))


def table(path: Path, count: int = 300, sigma: float | None = None) -> Path:
    random = np.random.default_rng(1)
    adv = random.uniform(1e5, 1e7, count)
    size, pov = random.uniform(0.001, 0.3, count), random.uniform(0.02, 0.5, count)
    volatility = random.uniform(0.1, 0.6, count) if sigma is None else np.full(count, sigma)
    cost = istar_impact(size, volatility, pov, b1=0.9) + random.standard_normal(count)
    rows = zip(size * adv, adv, volatility, pov, cost, strict=True)
    lines = ["Shares,ADV,Sigma,POV,Cost_bps", *(",".join(f"{value:.10g}" for value in row) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_forms_are_shown_and_on_the_page(tradealloc: Call, book: Path, tmp_path: Path) -> None:
    done = tradealloc("calibrate", book, "--forms", "-o", tmp_path / "p.csv", "--report", tmp_path / "p.html")
    assert (done.status, done.err) == (0, "")
    assert "Form of slippage: spread + line fits best" in done.out
    assert "power without spread" in done.out
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<h2>Form of slippage</h2>" in page
    assert "<b>spread + line</b>" in page
    assert page.count('<th scope="row">') == 5


def test_forms_need_no_output(tradealloc: Call, book: Path) -> None:
    done = tradealloc("calibrate", book, "--forms")
    assert done.status == 0
    assert "spread + power" in done.out
    assert "written" not in done.out


def test_forms_need_the_book(tradealloc: Call, book: Path, tmp_path: Path) -> None:
    done = tradealloc("calibrate", book, "--forms", "--method", "ofi", "-o", tmp_path / "p.csv")
    assert done.status == 2
    assert "--forms compares walks through the book" in done.err
    assert not (tmp_path / "p.csv").exists()


def test_fills(tradealloc: Call, tmp_path: Path) -> None:
    done = tradealloc("calibrate", table(tmp_path / "fills.csv"), "--method", "fills")
    assert (done.status, done.err) == (0, "")
    assert "MI = h + a sigma (Q/ADV)^p" in done.out
    shown = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if line.strip()[:2] in ("a1", "b1")}
    a1, error, low, high = map(float, shown["a1"])
    assert low < a1 < high
    assert abs(a1 - 708) < 3 * error
    assert 0 < error < 50
    assert a1 == pytest.approx(708, rel=0.1)
    assert float(shown["b1"][0]) == pytest.approx(0.9, abs=0.1)
    assert "300 orders" in done.out


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Shares,ADV,Sigma,POV\n1,2,3,0.4\n", "f.csv has no column cost_bps"),
        (
            "Shares,ADV,Sigma,POV,cost_bps\n1,2,3,0.4,5\n1,2,x,0.4,5\n",
            "f.csv row 3, column Sigma is 'x': give a number",
        ),
        ("Shares,ADV,Sigma,POV,cost_bps\n1,2,3,20,5\n", "f.csv row 2, column POV is 20: give the participation"),
        ("Shares,ADV,Sigma,POV,cost_bps\n0,2,3,0.2,5\n", "f.csv row 2, column Shares is 0: give a number above 0"),
        (
            "Shares,ADV,Sigma,POV,cost_bps\n1,2,3,0.2,5\n",
            "f.csv holds too few orders, 1: the 3 parameters of the power law",
        ),
    ],
)
def test_bad_fills(tradealloc: Call, tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    done = tradealloc("calibrate", tmp_path / "f.csv", "--method", "fills")
    assert (done.status, done.out) == (2, "")
    assert problem in " ".join(done.err.split())


def test_fills_too_much_alike(tradealloc: Call, tmp_path: Path) -> None:
    done = tradealloc("calibrate", table(tmp_path / "f.csv", sigma=0.3), "--method", "fills")
    assert (done.status, done.out) == (2, "")
    assert "f.csv can't tell the parameters of the I-Star apart" in " ".join(done.err.split())


def test_fills_make_no_profile(tradealloc: Call, tmp_path: Path) -> None:
    done = tradealloc("calibrate", table(tmp_path / "f.csv"), "--method", "fills", "-o", tmp_path / "p.csv")
    assert done.status == 2
    assert "--output has no use with --method fills" in done.err
    assert not (tmp_path / "p.csv").exists()
