"""tradealloc reoptimise and monitor: on a synthetic day, through two re-optimisations, and on bad fills."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest
from intraday_desk import STARTS, column, fills_csv, intraday_book

from tradealloc.actions.day_inputs import DayInputs
from tradealloc.actions.market_today import seen_in_book
from tradealloc.actions.reoptimise import reoptimise
from tradealloc.cli import intraday
from tradealloc.desk.feed import Until
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.session import SECOND, zone
from tradealloc.market.writers import write_mbp10
from tradealloc.workbook.xlsx_book import XlsxBook

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
    "two symbols": ("Time,Shares,Price,Symbol", [("09:31", 1, 9, "A"), ("09:31", 1, 9, "B")], "row 3 is of B and "),
    "other symbol": ("Time,Shares,Price,Symbol", [("09:31", 1, 9, "A")], "is of A and the order of SYNTH"),
    "before the open": ("Time,Shares,Price", [("09:00", 10, 100)], "outside the intervals"),
    "after now": ("Time,Shares,Price", [("15:00", 10, 100)], "fills.csv row 2 is at 15:00:00, after the present"),
    "two currencies": (
        "Time,Shares,Price,Currency", [("09:31", 1, 9, "USD"), ("09:32", 1, 9, "EUR")], "row 3 is of EUR and ",
    ),
    "two orders": ("Time,Shares,Price,OrderId", [("09:31", 1, 9, 7), ("09:32", 1, 9, 8)], "row 3 is of 8 and "),
    "two days": (
        "Time,Shares,Price", [("2025-06-02T09:31:00", 1, 9), ("2025-06-03 09:32", 1, 9)],
        "row 3 is of 2025-06-03 and fills.csv row 2 of 2025-06-02: give one day",
    ),
    "a zone": ("Time,Shares,Price", [("2025-06-02T09:31:00-04:00", 1, 9)], "say it with --timezone"),
    "negative": ("Time,Shares,Price", [("09:31", -10, 100)], "fills.csv row 2, column Shares is -10"),
    "no time": ("Time,Shares,Price", [("soon", 10, 100)], "fills.csv row 2, column Time is 'soon'"),
    "blank price": ("Time,Shares,Price", [("09:31", 10, "")], "fills.csv row 2, column Price is blank"),
    "cut line": ("Time,Shares,Price", [("09:31", 10)], "fills.csv row 2 has 2 cells where the header has 3"),
    "no column": ("Time,Shares", [("09:31", 10)], "fills.csv lacks the column Price"),
    "id twice": (
        "Time,Shares,Price,FillId", [("09:31", 10, 100, "a"), ("09:32", 20, 100, "a")], "row 3 has the id a of ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Time;Shares;Price\n09:31;10;100\n", "fills.csv row 1 separates cells by semicolons"),
        (b"Time\tShares\tPrice\n09:31\t10\t100\n", "fills.csv row 1 separates cells by tabs"),
        (b"sep=;\nTime;Shares;Price\n09:31;10;100\n", "fills.csv row 1 says what separates its cells"),
        ("Time,Shares,Price\n09:31,10,100\n".encode("utf-16"), "fills.csv is in UTF-16: save it as CSV UTF-8"),
        (b"PK\x03\x04 and the rest", "fills.csv is a workbook or zip archive"),
    ],
)
def test_other_formats_are_named(content, words, planned, tmp_path, tradealloc):
    fills = tmp_path / "fills.csv"
    fills.write_bytes(content)
    done = tradealloc("monitor", planned, "--fills", fills, "--now", "11:15")
    assert done.status == 2
    assert words in " ".join(done.err.split())


@pytest.mark.parametrize("zoned", ["2025-06-02T14:21:30Z", "2025-06-02T10:21:30-04:00", "2025-06-02T16:21:30+02:00"])
def test_times_with_a_zone_are_those_of_the_session(zoned, planned, tmp_path, tradealloc):
    fills = fills_csv(tmp_path / "fills.csv", [("2025-06-02T10:21:30", 40, 100.1), (zoned, 2, 100.1)])
    done = tradealloc(
        "monitor", planned, "--fills", fills, "--now", "10:30", "--timezone", "America/New_York", "--json"
    )
    assert done.status == 0, done.err
    filled = column(planned, "Progress", "Filled")
    assert filled[STARTS.index(dt.time(10, 21))] == 42
    late = tradealloc("monitor", planned, "--fills", fills, "--now", "10:21", "--timezone", "America/New_York")
    assert "after the present" in late.err


def test_the_market_data_say_the_zone(planned, market, tmp_path, tradealloc):
    day = DAY.session.date
    utc = dt.datetime.combine(day, dt.time(10, 21, 30), zone(DAY.session.timezone)).astimezone(dt.UTC)
    fills = fills_csv(tmp_path / "fills.csv", [(f"{utc:%Y-%m-%dT%H:%M:%SZ}", 2, 100.1)])
    done = tradealloc("monitor", planned, "--fills", fills, "--market", market, "--now", "10:30", "--json")
    assert done.status == 0, done.err
    assert column(planned, "Progress", "Filled")[STARTS.index(dt.time(10, 21))] == 2


def test_a_book_too_thin_for_a_slope_still_shows_its_spread(planned, tmp_path, tradealloc, shared_data):
    market = [part for path in sorted((shared_data / "lobster").glob("AMZN*.csv.gz")) for part in ("--market", path)]
    fills = fills_csv(tmp_path / "fills.csv", [("10:21:30", 2, 223.0)])
    for now in ("12:30", "13:30", "14:30"):
        done = tradealloc("monitor", planned, "--fills", fills, *market, "--now", now, "--json")
        assert done.status == 0, done.err
        kinds = {alert["kind"] for alert in json.loads(done.out)["alerts"]}
        assert not kinds & {"stale market data", "missing market data"}


def test_a_book_that_only_stands_is_not_seen():
    seen, volume = seen_in_book(Until(DAY, 11 * 3600 * SECOND), tuple(STARTS), 120, 60.0)
    assert volume is not None
    assert seen.last == 89
    assert np.isfinite(seen.half_spread[:90]).all()
    assert np.isfinite(volume[:90]).all()
    assert np.isnan(volume[90:]).all()


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


def test_fills_of_another_day_than_the_market(planned, market, tmp_path, tradealloc):
    fills = fills_csv(tmp_path / "fills.csv", [("2020-01-02T09:31:00", 10, 100)])
    before = planned.read_bytes()
    done = tradealloc("reoptimise", planned, "--fills", fills, "--market", market, "--now", "11:15")
    assert done.status == 2
    assert "fills.csv row 2 is of 2020-01-02 and the market data of" in done.err
    assert planned.read_bytes() == before


def test_the_plan_of_another_order_is_refused(planned, tmp_path, tradealloc):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    other = fills_csv(tmp_path / "other.csv", [("10:00", 40_000)], "Start,Allocation")
    before = planned.read_bytes()
    done = tradealloc("reoptimise", planned, "--fills", fills, "--plan", other, "--now", "11:15")
    assert done.status == 2
    assert "other.csv sums to 40,000 shares and the order is of 100,000" in done.err
    assert planned.read_bytes() == before


def test_no_room_left_says_how_many_shares_and_keeps_the_plan(planned, tmp_path, tradealloc):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    before = planned.read_bytes()
    done = tradealloc("reoptimise", planned, "--fills", fills, "--now", "15:59")
    assert done.status == 3
    assert "caps sum to 1,000 shares, 98,990 short of 99,990" in done.err
    assert "the plan in force stays" in done.err
    assert planned.read_bytes() == before


@pytest.mark.parametrize("now", ["08:00", "09:30"])
def test_before_the_first_fill(now, planned, tmp_path, tradealloc):
    morning = column(planned, "Schedule", "Allocation")
    fills = fills_csv(tmp_path / "fills.csv", [])
    assert tradealloc("reoptimise", planned, "--fills", fills, "--now", now).status == 0
    assert column(planned, "Progress", "Plan") == pytest.approx(morning)


def watching(tradealloc, monkeypatch, steps, planned, *more):
    """Watch, doing one of the steps in each pause; the last one's end is Ctrl+C."""
    left = iter(steps)

    def pause(_: float) -> None:
        step = next(left, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr(intraday.time, "sleep", pause)
    return tradealloc("monitor", planned, "--watch", "--now", "09:40", *more)


def test_ctrl_c_ends_the_watch_and_says_what_the_workbook_holds(planned, tmp_path, tradealloc, monkeypatch):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    done = watching(tradealloc, monkeypatch, [], planned, "--fills", fills)
    assert done.status == 0
    assert "stopped: day.xlsx holds the day as of 09:40:00" in " ".join(done.err.split())
    assert column(planned, "Progress", "Filled")[1] == 10
    fills.unlink()
    nothing = watching(tradealloc, monkeypatch, [], planned, "--fills", fills)
    assert "stopped: nothing was written" in " ".join(nothing.err.split())


def test_watch_waits_for_the_rest_of_a_line_and_for_a_file_that_is_gone(planned, tmp_path, tradealloc, monkeypatch):
    """Half a line may look whole: a price of 10 that will be 100.5."""
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    whole = fills.read_text()
    seen = []

    def filled() -> None:
        seen.append(column(planned, "Progress", "Filled")[1])

    steps = [
        lambda: fills.write_text(whole + "09:31:30,20,10"),
        lambda: (filled(), fills.write_text(whole + "09:31:30,20,100.5\n")),
        lambda: (filled(), fills.unlink()),
        lambda: (filled(), fills.write_text(whole)),
        filled,
        lambda: fills.write_text(whole.rstrip("\n") + "\n09:31:30,5,100"),
        lambda: None,
        filled,
    ]
    done = watching(tradealloc, monkeypatch, steps, planned, "--fills", fills)
    assert done.status == 0
    assert seen == [10, 30, 30, 10, 15]
    said = " ".join(done.err.split())
    assert said.count("held: fills.csv ends amid a line") == 2
    assert said.count("fills.csv doesn't exist") == 1


def test_watch_looks_again_when_market_or_plan_change_and_only_then(planned, tmp_path, tradealloc, monkeypatch):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    morning = column(planned, "Schedule", "Allocation")
    rows = list(zip((f"{start:%H:%M}" for start in STARTS), morning, strict=True))
    plan = fills_csv(tmp_path / "plan.csv", rows, "Start,Allocation")
    rows[0], rows[1] = ("09:30", morning[0] + morning[1]), ("09:31", 0)
    steps = [lambda: None, lambda: fills_csv(plan, rows, "Start,Allocation"), lambda: None]
    done = watching(tradealloc, monkeypatch, steps, planned, "--fills", fills, "--plan", plan, "--json")
    assert done.status == 0, done.err
    assert len(done.out.splitlines()) == 2
    assert column(planned, "Progress", "Plan")[1] == 0


def test_watch_looks_again_as_time_goes_on(planned, tmp_path, tradealloc, monkeypatch):
    """Fills that no longer come are behind schedule by the clock, whatever the files do."""
    fills = fills_csv(tmp_path / "fills.csv", [])
    times = iter([(9, 30), (9, 30), (12, 0)])
    monkeypatch.setattr(intraday.time, "sleep", lambda _: None)
    monkeypatch.setattr(intraday.time, "localtime", lambda: (0, 0, 0, *next(times)))
    done = tradealloc("monitor", planned, "--fills", fills, "--watch", "--looks", "3", "--json")
    assert done.status == 0, done.err
    assert len(done.out.splitlines()) == 2
    assert "--looks is 0" in tradealloc("monitor", planned, "--fills", fills, "--watch", "--looks", "0").err


def test_a_recorded_day_ends_the_watch(planned, market, tmp_path, tradealloc, monkeypatch):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    monkeypatch.setattr(intraday.time, "sleep", lambda _: None)
    done = tradealloc(
        "monitor", planned, "--fills", fills, "--market", market, "--now", "15:00", "--speed", "100000", "--watch",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "the recorded day is over" in done.err
    assert column(planned, "Alerts", "Kind").count("unfinished") == 1


class OwnFeed:
    """A desk's own feed: the port's two members, nothing else."""

    def __init__(self, now: int) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def book(self, until: int) -> Until:
        return Until(DAY, until)


def test_a_feed_of_ones_own_shows_what_the_recorded_file_shows(planned, market, tmp_path, tradealloc):
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    feed = OwnFeed(DAY.session.start + 3600 * SECOND)
    live = reoptimise(XlsxBook.open(planned), DayInputs(fills=fills, feed=feed))
    file = reoptimise(XlsxBook.open(planned), DayInputs(fills=fills, market=(market,), now=dt.time(10, 30)))
    assert live.day.now == dt.time(10, 30)
    assert live.plan.half_spread.observed == file.plan.half_spread.observed == 60
    assert live.plan.plan == pytest.approx(file.plan.plan, rel=1e-3)


def test_missing_minutes_are_alerts_and_no_volume_of_nothing(planned, market, tmp_path, tradealloc):
    """Half an hour of the book is missing: what was filled then is judged by the forecast volume."""
    fills = fills_csv(tmp_path / "fills.csv", [("10:10", 10, 100)])
    header, *lines = gzip.decompress(market.read_bytes()).decode().splitlines()
    kept = [line for line in lines if not re.match(r".{10}T14:[012]", line)]
    assert len(kept) < len(lines)
    gap = tmp_path / "gap.csv"
    gap.write_text("\n".join([header, *kept]) + "\n")
    assert tradealloc("run", planned, "--set", "participation=0.5").status == 0
    done = tradealloc("monitor", planned, "--fills", fills, "--market", gap, "--now", "11:00", "--json")
    assert done.status == 0, done.err
    texts = {alert["kind"]: alert["text"] for alert in json.loads(done.out)["alerts"]}
    assert "in 30 intervals, first 10:00" in texts["missing market data"]
    assert "over participation" not in texts


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


@pytest.mark.parametrize("template", ["blotter", "post_trade"])
def test_a_workbook_of_another_kind_says_what_it_is(template, tmp_path, tradealloc):
    path = tmp_path / f"{template}.xlsx"
    assert tradealloc("new", template, path).status == 0
    fills = fills_csv(tmp_path / "fills.csv", [("09:31", 10, 100)])
    for command in ("monitor", "reoptimise"):
        done = tradealloc(command, path, "--fills", fills, "--now", "10:00")
        assert done.status == 2
        assert "intraday monitoring takes a workbook with" in done.err
