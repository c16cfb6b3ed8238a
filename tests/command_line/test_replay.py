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
    assert "out of samp…" not in shown.out
    assert "is there twice" in tradealloc("backtest", files[0], files[0]).err
    assert "give at least 2" in tradealloc("backtest", files[0]).err


def test_the_page_of_a_backtest(files, tmp_path, tradealloc):
    page = tmp_path / "page.html"
    done = tradealloc("backtest", *files, "--shares", "50000", "--report", page, "--json")
    assert done.status == 0, done.err
    text = page.read_text(encoding="utf-8")
    saved = {row["kind"]: row["saving"] for row in json.loads(done.out)["savings"] if row["strategy"] != "TWAP late"}
    table = text.split("<caption>Savings")[-1].split("</table>")[0]
    for kind in ("model", "hindsight"):
        assert f"{saved[kind]:.2%}" in table
    assert "Backtest of SYNTH over 1 day" in text
    assert "one day: no interval" in text
    assert "Only the savings out of sample could have been had" in text
    pdf = tmp_path / "page.pdf"
    assert tradealloc("backtest", *files, "--shares", "50000", "--report", pdf).status == 0
    assert pdf.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("name", "words"), [("page.docx", "must end in .html or .pdf"), ("page", "must end in")])
def test_a_page_of_another_kind_is_refused_at_once(files, tmp_path, tradealloc, name, words):
    done = tradealloc("backtest", *files, "--report", tmp_path / name)
    assert done.status == 2
    assert words in done.err
    assert not list(tmp_path.iterdir())


def test_fills_and_orders_replace_nothing_else(files, tmp_path, tradealloc):
    plan = schedule(tmp_path / "plan.csv", ["10:00,5"])
    before = plan.read_bytes()
    fills = tmp_path / "fills.csv"
    for arguments in (("--fills", plan), ("--fills", fills, "--orders", plan), ("--fills", fills, "--orders", fills)):
        done = tradealloc("replay", plan, files[0], *arguments)
        assert done.status == 2, arguments
        assert done.err.count("\n") == 1
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    done = tradealloc("replay", plan, files[0], "--fills", fills, "--orders", other)
    assert "holds something else" in done.err
    assert plan.read_bytes() == before
    assert other.read_text() == "a,b\n1,2\n"
    assert not fills.exists()


@pytest.mark.parametrize("latency", ["0", "90000"])
def test_a_part_of_the_day_is_recorded_once(files, tmp_path, tradealloc, latency):
    plan = schedule(tmp_path / "plan.csv", ["10:00,500", "10:01,300", "10:02,200"])
    fills = tmp_path / "fills.csv"
    step = ("replay", plan, files[0], "--fills", fills, "--latency", latency)
    assert tradealloc(*step, "--until", "10:01").status == 0
    before = fills.read_bytes()
    count = before.count(b"\n")
    for part in (("--until", "10:01"), (), ("--from", "10:00", "--until", "10:02")):
        done = tradealloc(*step, *part)
        assert done.status == 2, part
        assert f"fills.csv already holds fills of this part of {DAY}, the last at 10:0" in " ".join(done.err.split())
        assert f"(row {count}): remove the file, or" in " ".join(done.err.split())
        assert fills.read_bytes() == before
    for part in (("--from", "10:01", "--until", "10:02"), ("--from", "10:02")):
        done = tradealloc(*step, *part)
        assert done.status == 0, done.err
    assert sum(float(row.split(",")[1]) for row in fills.read_text().splitlines()[1:]) == 1000
    assert tradealloc("replay", plan, files[1], "--fills", fills).status == 0
