"""README's sequence: raw book, morning workbook, two re-optimisations, post-trade page."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tradealloc.workbook.xlsx_book import XlsxBook

Run = Callable[..., Any]
ZONE = "America/New_York"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def a_day(
    tradealloc: Run, folder: Path, market: list[Path], symbol: str, shares: float, looks: tuple[str, str]
) -> None:
    """The sequence from the morning's profile on; every step's result is checked."""
    day, fills, orders = folder / "day.xlsx", folder / "fills.csv", folder / "orders.csv"
    profile = folder / "profile.csv"

    def done(*arguments: object) -> str:
        outcome = tradealloc(*arguments)
        assert outcome.status == 0, outcome.err
        return outcome.out

    done("new", "daily_schedule", day)
    settings = ["participation=0.1", f"symbol={symbol}", "arrival_price=100"]
    morning = ["--shares", shares, "--beta", profile, *(word for text in settings for word in ("--set", text))]
    planned = json.loads(done("run", day, *morning, "--json"))
    assert planned["shares"] == shares
    assert planned["duality_gap"] <= 1e-9
    schedule = XlsxBook.open(day).table("tblSchedule")
    assert schedule is not None

    books = [word for path in market for word in ("--market", path)]
    first, second = looks
    plan: Path = day
    for number, (begin, end) in enumerate(((None, first), (first, second), (second, None))):
        part = [*(["--from", begin] if begin else []), *(["--until", end] if end else [])]
        done("replay", plan, *market, *part, "--fills", fills, "--orders", orders, "--side", "buy")
        if end is None:
            break
        before = [] if number == 0 else ["--plan", plan]
        plan = folder / f"plan{number}.csv"
        told = json.loads(
            done("reoptimise", day, "--fills", fills, *books, "--now", end, *before, "--save-plan", plan, "--json")
        )
        filled = sum(float(fill["Shares"]) for fill in rows(fills))
        new = rows(plan)
        assert sum(float(row["Allocation"]) for row in new) == pytest.approx(shares)
        assert sum(float(row["Allocation"]) for row in new if row["Start"] < end) == pytest.approx(filled)
        assert -0.9 < told["slope_level"] - 1 < 2
    assert len(rows(orders)) == 1
    assert float(rows(orders)[0]["Shares"]) == shares

    page = folder / "costs"
    analysed = ["--orders", orders, *books, "--profile", profile, "--timezone", ZONE, "-o", page]
    done("tca", fills, *analysed)
    [order] = rows(page / "post_trade_orders.csv")
    parts = rows(page / "post_trade_parts.csv")
    by_name = {row["Part"]: round(float(row["Cost"]) * 100) for row in parts if row["Cost"]}
    whole = by_name.pop("Shortfall")
    assert sum(by_name.values()) == whole == round(float(order["Shortfall"]) * 100)
    assert (page / "next_profile.csv").is_file()
    html = (page / "post_trade_report.html").read_text(encoding="utf-8")
    assert "Shortfall" in html
    done("run", day, "--beta", page / "next_profile.csv")


def test_on_the_synthetic_market(tradealloc: Run, tmp_path: Path) -> None:
    data, profile = tmp_path / "data", tmp_path / "profile.csv"
    made = tradealloc("synthetic", data, "--days", "3", "--seed", "1", "--events", "60")
    assert made.status == 0, made.err
    *history, today = sorted(data.glob("*.csv.gz"))
    fitted = tradealloc("calibrate", *history, "-o", profile)
    assert fitted.status == 0, fitted.err
    spreads = [float(row["HalfSpread"]) for row in rows(profile)]
    assert sum(spreads[:30]) > 1.5 * sum(spreads[180:210]), "half-spread and slope are three times noon's at the open"
    a_day(tradealloc, tmp_path, [today], "SYNTH", 40_000, ("11:00", "13:30"))


def test_on_the_amzn_day(tradealloc: Run, tmp_path: Path, shared_data: Path) -> None:
    market = sorted((shared_data / "lobster").glob("AMZN*.csv.gz"))
    fitted = tradealloc("calibrate", *market, "--method", "ofi", "-o", tmp_path / "profile.csv")
    assert fitted.status == 0, fitted.err
    a_day(tradealloc, tmp_path, market, "AMZN", 3_000, ("11:30", "14:00"))


def test_the_readme_shows_this_sequence() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    tradealloc (\w+)", readme, flags=re.MULTILINE)
    sequence = ["synthetic", "calibrate", "new", "run", "replay", "reoptimise", "replay", "reoptimise", "replay", "tca"]
    assert any(commands[i : i + len(sequence)] == sequence for i in range(len(commands)))
