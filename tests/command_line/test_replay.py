"""tradealloc replay and backtest on files of the synthetic market."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.writers import write_mbp10

DAY = dt.date(2025, 6, 2)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("days")
    market = SyntheticMarket(MarketParameters(events_per_minute=30))
    return [
        write_mbp10(market.day(seed, DAY + dt.timedelta(days=seed)), folder / f"SYNTH_{seed}.csv.gz")
        for seed in range(2)
    ]


def schedule(path, rows, header="Start,Allocation"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_schedule_through_a_day(files, tmp_path, tradealloc):
    plan = schedule(tmp_path / "plan.csv", ["10:00,500", "10:01,300", "10:02,0"])
    done = tradealloc("replay", plan, files[0], "--latency", "100", "--json")
    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert found["filled"] == 800
    assert [row["start"] for row in found["intervals"]] == ["10:00:00", "10:01:00"]
    assert found["shortfall"] == pytest.approx(sum(found[part] for part in ("timing", "delay", "spread", "impact")))
    assert set(found["markouts"]) == {"1s", "10s", "60s", "300s"}
    shown = tradealloc("replay", plan, files[0], "--side", "sell", "--slices", "6")
    assert "800 of 800 shares sold" in " ".join(shown.out.split())
    assert "6 equal slices" in " ".join(shown.out.split())


def test_a_workbook_through_a_day(files, day, tradealloc):
    assert tradealloc("new", "daily_schedule", day).status == 0
    assert tradealloc("run", day).status == 0
    done = tradealloc("replay", day, files[0], "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["planned"] == pytest.approx(100_000)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["10:00,-5"], "plan.csv row 2, column Allocation is -5"),
        (["10:00,x"], "plan.csv row 2, column Allocation is 'x'"),
        (["noon,5"], "plan.csv row 2, column Start is 'noon'"),
        (["10:00,5", "10:00,5"], "plan.csv row 3, column Start is 10:00:00 again"),
        (["10:00:30,5"], "row 2, column Start starts at 10:00:30, where the data's session has no interval"),
        (["10:00,0"], "plan.csv trades nothing"),
        ([], "holds no intervals"),
    ],
)
def test_bad_schedules(rows, words, files, tmp_path, tradealloc):
    done = tradealloc("replay", schedule(tmp_path / "plan.csv", rows), files[0])
    assert done.status == 2
    assert words in done.err


def test_bad_options_and_data(files, tmp_path, tradealloc):
    plan = schedule(tmp_path / "plan.csv", ["10:00,5"])
    assert "--slices is 0" in tradealloc("replay", plan, files[0], "--slices", "0").err
    assert "--latency is -1" in tradealloc("replay", plan, files[0], "--latency", "-1").err
    assert "give buy or sell" in tradealloc("replay", plan, files[0], "--side", "long").err
    assert "of 2 days" in tradealloc("replay", plan, *files).err
    assert tradealloc("replay", tmp_path / "none.csv", files[0]).status == 4
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(files[0].read_bytes()[:20_000])
    assert "truncated" in tradealloc("replay", plan, cut).err
    prints = tmp_path / "prints.csv"
    prints.write_text("time,price,size\n2025-06-02T14:00:00Z,100,5\n")
    assert "holds no order book" in tradealloc("replay", plan, prints).err


def test_a_backtest(files, tradealloc):
    done = tradealloc("backtest", *files, "--shares", "50000", "--json")
    assert done.status == 0, done.err
    found = json.loads(done.out)
    kinds = {(row["strategy"], row["kind"]): row["saving"] for row in found["savings"]}
    assert kinds["Hindsight", "hindsight"] > kinds["Causal", "out of sample"] > 0
    assert ("Causal", "model") in kinds
    shown = tradealloc("backtest", *reversed(files), "--shares", "50000")
    assert "out of sample" in shown.out
    assert "is there twice" in tradealloc("backtest", files[0], files[0]).err
    assert "give at least 2" in tradealloc("backtest", files[0]).err
