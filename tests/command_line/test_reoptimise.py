"""tradealloc reoptimise and monitor: on a synthetic day, through two re-optimisations, and on bad fills."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from intraday_desk import STARTS, column, fills_csv, intraday_book

from tradealloc.cli import intraday
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.writers import write_mbp10

DAY = SyntheticMarket(MarketParameters(events_per_minute=30)).day(7)


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> Path:
    return write_mbp10(DAY, tmp_path_factory.mktemp("market") / "SYNTH.csv.gz")


@pytest.fixture
def planned(tmp_path, tradealloc) -> Path:
    path = intraday_book(tmp_path / "day.xlsx", DAY.truth.half_spread_shape, DAY.truth.slope_shape)
    assert tradealloc("run", path).status == 0
    return path


def filled_by(plan: list[object], minutes: int) -> list[tuple[object, ...]]:
    """The plan filled to the share in the middle of each minute, at the mid of that minute."""
    rows = []
    for start, shares in list(zip(STARTS, plan, strict=True))[:minutes]:
        if shares:
            rows.append((f"{start:%H:%M}:30", shares, 100.1))
    return rows


def test_two_reoptimisations(planned, market, tmp_path, tradealloc):
    morning = column(planned, "Schedule", "Allocation")
    fills = fills_csv(tmp_path / "fills.csv", filled_by(morning, 105))
    first = tradealloc("reoptimise", planned, "--fills", fills, "--market", market, "--now", "11:15", "--json")
    assert first.status == 0, first.err
    found = json.loads(first.out)
    assert found["first_open"] == 106
    assert any("half-spread level of the day" in reason for reason in found["reasons"])
    plan = column(planned, "Progress", "Plan")
    assert plan == pytest.approx(found["plan"])
    assert plan[:105] == pytest.approx(morning[:105])
    assert sum(plan) == pytest.approx(100_000)
    assert column(planned, "Schedule", "Allocation") == morning
    assert column(planned, "Progress", "Status")[104:107] == ["done", "now", "open"]
    fills_csv(fills, filled_by(plan, 240))
    second = tradealloc("reoptimise", planned, "--fills", fills, "--market", market, "--now", "13:30", "--json")
    later = column(planned, "Progress", "Plan")
    assert second.status == 0
    assert column(planned, "Progress", "Scheduled") == pytest.approx(plan)
    assert later[:240] == pytest.approx(plan[:240])
    assert sum(later) == pytest.approx(100_000)


def test_without_data_the_plan_is_held(planned, tmp_path, tradealloc):
    morning = column(planned, "Schedule", "Allocation")
    fills = fills_csv(tmp_path / "fills.csv", filled_by(morning, 60))
    done = tradealloc("reoptimise", planned, "--fills", fills, "--now", "10:30")
    assert done.status == 0
    assert "no market data: the plan is held" in " ".join(done.out.split())
    assert column(planned, "Progress", "Plan") == pytest.approx(morning)


def test_a_profile_of_today_and_a_plan_file(planned, tmp_path, tradealloc):
    morning = column(planned, "Schedule", "Allocation")
    fills = fills_csv(tmp_path / "fills.csv", filled_by(morning, 60))
    truth = DAY.truth
    level = np.concatenate([np.ones(50), np.linspace(1.1, 1.6, 10)])
    profile = tmp_path / "profile.csv"
    lines = [
        f"{start:%H:%M:%S},{truth.slope_shape[i] * level[i]},{truth.half_spread_shape[i] * level[i]},1e-6,1e-3"
        for i, start in enumerate(STARTS[:60])
    ]
    profile.write_text("\n".join(["Start,Beta,HalfSpread,BetaError,HalfSpreadError", *lines]))
    saved = tmp_path / "plan.csv"
    done = tradealloc(
        "reoptimise", planned, "--fills", fills, "--market", profile, "--now", "10:30", "--save-plan", saved, "--json"
    )
    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert found["half_spread_level"] > 1.0
    assert found["plan"][60] < morning[60]
    again = tradealloc("reoptimise", planned, "--fills", fills, "--plan", saved, "--now", "10:30", "--json")
    assert json.loads(again.out)["plan"] == pytest.approx(found["plan"])


def test_a_workbook_without_the_tables_is_left_alone(tmp_path, tradealloc):
    path = intraday_book(tmp_path / "day.xlsx", DAY.truth.half_spread_shape, DAY.truth.slope_shape, tables=False)
    tradealloc("run", path)
    before = path.read_bytes()
    fills = fills_csv(tmp_path / "fills.csv", [("09:30:30", 10, 100.1)])
    done = tradealloc("reoptimise", path, "--fills", fills, "--now", "09:40")
    assert done.status == 0
    assert "no table tblProgress or tblAlerts: shown here only" in done.err
    assert path.read_bytes() == before


BAD = {
    "over-fill": ("Time,Shares,Price", [("09:31", 60_000, 100), ("09:32", 60_000, 100)], "20,000 more than ordered"),
    "wrong side": ("Time,Shares,Price,Side", [("09:31", 10, 100, "sell")], "row 2 is a sell and the order is a buy"),
    "two symbols": ("Time,Shares,Price,Symbol", [("09:31", 1, 9, "A"), ("09:31", 1, 9, "B")], "of A, B: give one"),
    "other symbol": ("Time,Shares,Price,Symbol", [("09:31", 1, 9, "A")], "is of A and the order of SYNTH"),
    "before the open": ("Time,Shares,Price", [("09:00", 10, 100)], "outside the intervals"),
    "after now": ("Time,Shares,Price", [("15:00", 10, 100)], "fills.csv row 2 is at 15:00:00, after the present"),
    "negative": ("Time,Shares,Price", [("09:31", -10, 100)], "fills.csv row 2, column Shares is -10"),
    "no time": ("Time,Shares,Price", [("soon", 10, 100)], "fills.csv row 2, column Time is 'soon'"),
    "blank price": ("Time,Shares,Price", [("09:31", 10, "")], "fills.csv row 2, column Price is blank"),
    "cut line": ("Time,Shares,Price", [("09:31", 10)], "fills.csv row 2 has 2 cells where the header has 3"),
    "no column": ("Time,Shares", [("09:31", 10)], "fills.csv lacks the column Price"),
    "id twice": (
        "Time,Shares,Price,FillId", [("09:31", 10, 100, "a"), ("09:32", 20, 100, "a")], "row 3 has the id a of ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_fills_say_file_and_row_and_write_nothing(case, planned, tmp_path, tradealloc):
    header, rows, words = BAD[case]
    fills = fills_csv(tmp_path / "fills.csv", rows, header)
    before = planned.read_bytes()
    done = tradealloc("reoptimise", planned, "--fills", fills, "--now", "11:15")
    assert done.status == 2
    assert words in done.err
    assert planned.read_bytes() == before


def test_no_fills_no_schedule_no_time(planned, tmp_path, tradealloc):
    assert "has no table tblFills" in tradealloc("reoptimise", planned, "--now", "11:15").err
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    assert "--now is '25:00'" in tradealloc("reoptimise", planned, "--fills", fills, "--now", "25:00").err
    fresh = intraday_book(tmp_path / "fresh.xlsx", DAY.truth.half_spread_shape, DAY.truth.slope_shape)
    done = tradealloc("reoptimise", fresh, "--fills", fills, "--now", "11:15")
    assert done.status == 2
    assert "make the morning's schedule first" in done.err
    assert tradealloc("reoptimise", planned, "--fills", tmp_path / "none.csv", "--now", "11:15").status == 4


def test_monitor_tells_what_is_behind_and_what_costs_too_much(planned, market, tmp_path, tradealloc):
    fills = fills_csv(
        tmp_path / "fills.csv", [("09:31:10", 10, 100.1), ("09:31:10", 10, 100.1), ("09:30:05", 5, 100.1)]
    )
    done = tradealloc("monitor", planned, "--fills", fills, "--market", market, "--now", "12:00", "--json")
    assert done.status == 0, done.err
    kinds = [alert["kind"] for alert in json.loads(done.out)["alerts"]]
    assert {"behind schedule", "duplicate", "shuffled"} <= set(kinds)
    assert column(planned, "Alerts", "Kind") == kinds
    assert column(planned, "Progress", "Filled")[:2] == [5, 20]
    assert "monitor" not in done.err


def test_watch_refreshes_and_holds_while_the_book_is_open(planned, tmp_path, tradealloc, monkeypatch):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    looks = []

    def between(_: float) -> None:
        looks.append(column(planned, "Progress", "Filled")[1])
        lock = tmp_path / "~$day.xlsx"
        if len(looks) == 1:
            fills_csv(fills, [("09:31", 10, 100), ("09:31:20", 30, 100)])
            lock.write_text("")
        elif len(looks) == 2:
            lock.unlink()

    monkeypatch.setattr(intraday.time, "sleep", between)
    done = tradealloc("monitor", planned, "--fills", fills, "--now", "09:40", "--watch", "--looks", "3")
    assert done.status == 0
    assert looks == [10, 10]
    assert column(planned, "Progress", "Filled")[1] == 40
    assert "held: day.xlsx is open in Excel" in " ".join(done.err.split())


def test_watch_plays_a_recorded_book(planned, market, tmp_path, tradealloc, monkeypatch):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    monkeypatch.setattr(intraday.time, "sleep", lambda _: None)
    done = tradealloc(
        "monitor", planned, "--fills", fills, "--market", market, "--now", "09:40", "--speed", "600", "--watch",
        "--looks", "2", "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert second["first_open"] >= first["first_open"] >= 11
    assert "--speed needs --market" in tradealloc("monitor", planned, "--fills", fills, "--speed", "2").err
