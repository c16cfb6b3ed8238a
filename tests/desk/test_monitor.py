"""Fills into intervals, alerts, control chart, and the recorded feed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import tradealloc as ta
from tradealloc.desk.feed import RecordedFeed, Until
from tradealloc.desk.fills_today import Fill, sort_fills
from tradealloc.desk.monitor import control_chart, monitor
from tradealloc.errors import InputError
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.session import SECOND

STARTS = [dt.time(10, minute) for minute in range(4)]
END = dt.time(10, 4)
PLAN = np.full(4, 250.0)


def fill(minute: int, shares: float, price: float = 100.0, row: int = 2, **more) -> Fill:
    return Fill(dt.time(10, minute, 30), shares, price, f"fills.csv row {row}", **more)


def kinds(fills, **given) -> list[str]:
    return [alert.kind for alert in sort_fills(fills, STARTS, END, 1000.0, **given).alerts]


def test_shares_and_slippage_by_hand():
    day = sort_fills(
        [fill(0, 100, 100.02, mid=100.0), fill(0, 300, 100.06, mid=100.02), fill(2, 50, 99.0)], STARTS, END, 1000.0
    )
    assert day.shares.tolist() == [400, 0, 50, 0]
    assert day.slippage[0] == pytest.approx((100 * 0.02 + 300 * 0.04) / 400)
    assert np.isnan(day.slippage[1:]).all()
    sold = sort_fills([fill(0, 100, 99.98, mid=100.0)], STARTS, END, 1000.0, side="sell")
    assert sold.slippage[0] == pytest.approx(0.02)


def test_what_is_wrong_with_fills():
    assert kinds([fill(0, 10), fill(1, 10)]) == []
    assert kinds([fill(1, 10), fill(0, 10)]) == ["shuffled"]
    assert kinds([fill(0, 600), fill(1, 600)]) == ["over-fill"]
    assert kinds([fill(0, 10, side="sell")]) == ["wrong side"]
    assert kinds([fill(0, 10, symbol="A"), fill(1, 10, symbol="B")]) == ["mixed symbols"]
    assert kinds([fill(0, 10, symbol="A")], symbol="B") == ["wrong symbol"]
    assert kinds([fill(0, 10, symbol="a"), fill(1, 10, symbol="A")], symbol="A") == []
    assert kinds([fill(0, 10, currency="USD"), fill(1, 10, currency="EUR")]) == ["mixed currencies"]
    assert kinds([fill(0, 10, currency="USD"), fill(1, 10)]) == []
    assert kinds([fill(0, 10, order="7"), fill(1, 10, order="8")]) == ["mixed orders"]
    first, second = dt.date(2025, 6, 2), dt.date(2025, 6, 3)
    assert kinds([fill(0, 10, day=first), fill(1, 10, day=second)]) == ["mixed days"]
    assert kinds([fill(0, 10, day=first)], day=second) == ["wrong day"]
    assert kinds([fill(0, 10, day=first), fill(1, 10)], day=first) == []
    assert kinds([fill(0, 10), fill(0, 10)]) == ["duplicate"]
    assert kinds([Fill(dt.time(9, 0), 10, 100, "row 2")]) == ["outside the window"]
    assert kinds([fill(3, 10)], tradable=np.array([True, True, True, False])) == ["outside the window"]


def test_a_copy_by_id_counts_once_and_a_changed_one_is_an_error():
    copy = sort_fills([fill(0, 10, identity="x"), fill(0, 10, identity="x")], STARTS, END, 1000.0)
    assert copy.shares[0] == 10
    assert not copy.alerts[0].is_error
    changed = sort_fills([fill(0, 10, identity="x"), fill(0, 20, identity="x")], STARTS, END, 1000.0)
    assert changed.alerts[0].is_error


def watched(fills, first=2):
    problem = ta.Problem(1000.0, ta.LinearImpact(np.full(4, 1e-4), 0.01))
    return monitor(problem, PLAN, sort_fills(fills, STARTS, END, 1000.0), first)


def test_schedule_and_limit_alerts():
    on_time = watched([fill(0, 250, 100.035, mid=100.0), fill(1, 250, 100.035, mid=100.0)])
    assert on_time.alerts == ()
    assert (on_time.done, on_time.due) == (500, 500)
    assert on_time.chart.predicted[0] == pytest.approx(0.01 + 0.025)
    behind = watched([fill(0, 100, mid=99.99)])
    assert [alert.kind for alert in behind.alerts] == ["behind schedule"]
    assert "100 shares are done where the plan has 500" in behind.alerts[0].text
    ahead = watched([fill(0, 500, mid=99.99), fill(1, 500, mid=99.99)])
    assert "ahead of schedule" in [alert.kind for alert in ahead.alerts]
    assert any("no mids" in alert.kind for alert in watched([fill(0, 500)]).alerts)
    late = watched([fill(0, 500, mid=99.99)], first=4)
    assert "unfinished" in [alert.kind for alert in late.alerts]


def test_participation_of_the_actual_volume_maximum_and_slippage_cap():
    problem = ta.Problem(
        1000.0,
        ta.LinearImpact(np.full(4, 1e-4), 0.01),
        ta.Limits(participation=0.1, volume=np.full(4, 9000.0), max_shares=300.0, impact_cap=0.05),
    )
    day = sort_fills([fill(0, 400, 100.08, mid=100.0), fill(1, 100, 100.02, mid=100.0)], STARTS, END, 1000.0)
    found = monitor(problem, PLAN, day, 2, volume=np.array([2000.0, 9000.0, np.nan, np.nan]))
    texts = {alert.kind: alert.text for alert in found.alerts}
    assert "worst interval 1: 400 shares of 2,000 (actual volume)" in texts["over participation"]
    assert "first interval 1: 400 of 300" in texts["over maximum"]
    assert "worst interval 1: 0.08000 a share" in texts["slippage beyond the cap"]


def test_the_chart_is_quiet_where_the_model_holds_and_finds_a_lasting_change():
    rng = np.random.default_rng(3)
    predicted = np.full(390, 0.04)
    # The level as the model has it, measured with its error.
    level = np.zeros(390)
    for step in range(1, 390):
        level[step] = 0.8 * level[step - 1] + 0.12 * rng.standard_normal()
    actual = predicted * np.exp(level - 0.03 + 0.3 * rng.standard_normal(390))
    assert control_chart(actual, predicted).signal == -1
    worse = actual * np.where(np.arange(390) < 200, 1.0, 2.5)
    assert 200 <= control_chart(worse, predicted).signal < 230


def test_false_alarms_are_as_rare_as_stated():
    """Page's two-sided CUSUM with k = 1/2 and h = 5: 465 samples between false alarms."""
    from tradealloc.desk.monitor import ALLOWANCE, DECISION, FALSE_ALARM

    rng = np.random.default_rng(0)
    lengths = []
    for _ in range(400):
        up = down = 0.0
        steps = 0
        while max(up, down) <= DECISION:
            value = rng.standard_normal()
            up, down = max(0.0, up + value - ALLOWANCE), max(0.0, down - value - ALLOWANCE)
            steps += 1
        lengths.append(steps)
    assert np.mean(lengths) == pytest.approx(FALSE_ALARM, rel=0.15)


DAY = SyntheticMarket(MarketParameters(events_per_minute=2)).day(1)


def test_nothing_after_the_time_is_seen():
    until = DAY.session.start + 3600 * SECOND
    times = np.concatenate([chunk.time for chunk in Until(DAY, until).chunks()])
    assert times.max() < until
    assert len(times) == sum((chunk.time < until).sum() for chunk in DAY.chunks())


def test_a_recorded_feed_runs_at_its_speed_and_never_ahead():
    seconds = [0.0]
    feed = RecordedFeed(DAY, DAY.session.start, 60.0, clock=lambda: seconds[0])
    assert feed.now() == DAY.session.start
    seconds[0] = 10.0
    assert feed.now() == DAY.session.start + 600 * SECOND
    seen = [chunk.time.max() for chunk in feed.book(DAY.session.end).chunks()]
    assert max(seen) < feed.now()
    seconds[0] = 1e9
    assert feed.now() == DAY.session.end
    with pytest.raises(InputError, match="speed is 0"):
        RecordedFeed(DAY, 0, 0.0)


def test_the_closing_auction_belongs_to_the_last_interval():
    day = sort_fills([Fill(END, 10, 100, "row 2")], STARTS, END, 1000.0)
    assert (day.shares.tolist(), day.alerts) == ([0, 0, 0, 10], ())
    assert kinds([Fill(dt.time(10, 4, 1), 10, 100, "row 2")]) == ["outside the window"]


def alerts_of(problem, fills, first, **given) -> dict[str, str]:
    found = monitor(problem, PLAN, sort_fills(fills, STARTS, END, problem.shares), first, **given)
    return {alert.kind: alert.text for alert in found.alerts}


def test_what_no_longer_fits_is_said_in_time():
    """750 shares are left and the open intervals take 600."""
    problem = ta.Problem(1000.0, ta.LinearImpact(np.full(4, 1e-4)), ta.Limits(max_shares=300.0))
    assert "no room" not in alerts_of(problem, [fill(0, 250, mid=100)], 1)
    text = alerts_of(problem, [fill(0, 250, mid=100)], 2)["no room"]
    assert "caps sum to 600 shares, 150 short of 750" in text
    assert "no room" not in alerts_of(problem, [fill(0, 1000, mid=100)], 2)


def test_stale_and_missing_market_data_are_alerts():
    size = 12
    problem = ta.Problem(1000.0, ta.LinearImpact(np.full(size, 1e-4)))
    starts = [dt.time(10, minute) for minute in range(size)]
    day = sort_fills([], starts, dt.time(10, size), 1000.0)

    def texts(seen: list[int], first: int) -> dict[str, str]:
        shown = np.isin(np.arange(size), seen)
        found = monitor(problem, np.zeros(size), day, first, seen=shown).alerts
        return {alert.kind: alert.text for alert in found}

    assert texts(list(range(8)), 8) == {}
    assert texts([0, 1, 2, 4, 5, 6, 7], 8)["missing market data"].startswith("in 1 interval, first interval 4,")
    stale = texts([0, 1], 8)
    assert list(stale) == ["stale market data"]
    assert "6 intervals ago" in stale["stale market data"]
    assert "no costs were seen so far" in texts([9], 8)["stale market data"]
    assert texts([0, 1], size).get("stale market data") is None


def test_single_intervals_lie_within_the_control_limits_as_often_as_stated():
    rng = np.random.default_rng(5)
    from tradealloc.desk.monitor import SLIPPAGE_ERROR
    from tradealloc.market.level import LevelModel

    predicted = np.full(4000, 0.05)
    variance = LevelModel().variance.sum()
    drawn = predicted * np.exp(rng.normal(-variance / 2, np.sqrt(variance + SLIPPAGE_ERROR**2), 4000))
    chart = control_chart(drawn, predicted)
    assert (chart.lowest < predicted).all()
    assert (chart.highest > predicted).all()
    inside = (drawn > chart.lowest) & (drawn < chart.highest)
    assert inside.mean() == pytest.approx(0.9973, abs=0.003)
