"""Replay: recomputed by hand on a tiny book, and its identities on synthetic days."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradealloc.errors import InputError
from tradealloc.market import BookChunk, Session, SyntheticMarket
from tradealloc.market.replay import HORIZONS, ReplayRules, replay
from tradealloc.market.session import SECOND

SESSION = Session(dt.date(2025, 6, 2), dt.time(9, 30), dt.time(9, 34))
OPEN = SESSION.start
SYNTHETIC = SyntheticMarket().day(3)
"""The session is four minutes long, unless it is the synthetic one."""


class TinyDay:
    """Two levels a side, 0.02 apart; events at given seconds with given mids; best prices 0.01 from the mid."""

    symbol, session, tick, levels = "TINY", SESSION, 0.01, 2

    def __init__(self, events: list[tuple[float, float]], halted: tuple[float, ...] = ()) -> None:
        self._events, self._halted = events, halted

    def chunks(self):
        seconds = [second for second, _ in self._events]
        mid = np.array([price for _, price in self._events])
        level = np.array([0.01, 0.03])
        size = np.tile([100.0, 200.0], (len(mid), 1))
        yield BookChunk(
            np.array([OPEN + round(second * SECOND) for second in seconds], np.int64),
            mid[:, None] + level,
            size,
            mid[:, None] - level,
            size.copy(),
            np.full(len(mid), np.nan),
            np.zeros(len(mid)),
            np.zeros(len(mid), np.int8),
            np.isin(seconds, self._halted),
        )

    def quality(self):
        raise NotImplementedError


MINUTES = TinyDay([(0, 100.0), (30, 100.1), (60, 100.2), (90, 100.3), (120, 100.4), (150, 100.5), (180, 100.6)])


def test_a_buy_by_hand():
    done = replay(MINUTES, [50, 150, 0, 0])
    assert done.arrival == 100.0
    # 09:30:30: 50 at 100.11; 09:31:30: 100 at 100.31 and 50 at 100.33.
    assert done.average_price[:2] == pytest.approx([100.11, 100.31 + 0.02 / 3])
    assert done.timing[:2] == pytest.approx([50 * 0.1, 150 * 0.3])
    assert done.delay.sum() == 0
    assert done.spread[:2] == pytest.approx([50 * 0.01, 150 * 0.01])
    assert done.impact[:2] == pytest.approx([0.0, 50 * 0.02])
    assert done.shortfall == pytest.approx(50 * 0.11 + 100 * 0.31 + 50 * 0.33)
    assert done.decision_cost == pytest.approx(0.5 + 1.5 + 1.0)
    assert done.unfilled == 0
    assert done.notes() == ()


def test_a_sell_pays_where_the_price_falls_and_gains_where_it_rises():
    done = replay(MINUTES, [50, 150, 0, 0], side=-1)
    assert done.average_price[1] == pytest.approx(100.29 - 0.02 / 3)
    assert done.trading_cost == pytest.approx(3.0)
    assert done.timing[:2] == pytest.approx([-5.0, -45.0])


def test_markouts_by_hand():
    done = replay(MINUTES, [0, 0, 40, 0])
    # Filled at 09:32:30 at 100.51; 1 s and 10 s later the mid is 100.50, a minute later 100.60, then the close.
    assert done.markouts[:3] == pytest.approx([-0.01, -0.01, 0.09])
    assert np.isnan(done.markouts[3])
    assert [horizon.total_seconds() for horizon in HORIZONS] == [1, 10, 60, 300]


def test_latency_moves_the_fill_to_a_later_book():
    done = replay(MINUTES, [50, 0, 0, 0], rules=ReplayRules(latency=dt.timedelta(seconds=30)))
    assert done.fills.price == pytest.approx([100.21])
    assert done.delay[0] == pytest.approx(50 * 0.1)
    assert done.spread[0] == pytest.approx(50 * 0.01)


def test_depth_exhausted_is_carried_and_the_rest_reported():
    done = replay(MINUTES, [700, 0, 0, 50])
    # Each book holds 300: the next interval that trades takes 300 more, 150 are left.
    assert done.filled.tolist() == [300, 0, 0, 300]
    assert done.carried.tolist() == [400, 400, 400, 150]
    assert done.unfilled == 150
    assert done.exhausted.tolist() == [0, 3]
    assert done.notes() == (
        "2 intervals ran out of depth: 09:30, 09:33",
        "150 of 750 shares are unfilled",
    )


def test_without_an_event_between_them_two_slices_share_one_book():
    quiet = TinyDay([(0, 100.0), (59, 100.0)])
    done = replay(quiet, [250, 0, 0, 0], rules=ReplayRules(slices=2))
    # Slices of 125: the first takes 100 and 25 behind; the second finds 175 at the second level only.
    assert done.fills.price == pytest.approx([100.01 + 0.02 * 25 / 125, 100.03])
    done = replay(TinyDay([(0, 100.0), (40, 100.0)]), [250, 0, 0, 0], rules=ReplayRules(slices=2))
    assert done.fills.price == pytest.approx([100.014, 100.014])


def test_missing_minutes_are_carried_and_named():
    gap = TinyDay([(0, 100.0), (200, 100.0)])
    done = replay(gap, [60, 60, 60, 60])
    # 09:31:30 and 09:32:30 are more than a minute after the last event.
    assert done.missing.tolist() == [1, 2]
    assert done.filled.tolist() == [60, 0, 0, 180]
    assert "2 intervals had no usable book at a slice: 09:31, 09:32" in done.notes()


def test_a_halt_counts_as_missing():
    done = replay(TinyDay([(0, 100.0), (80, 100.0), (100, 100.0)], halted=(80,)), [60, 60, 60, 0])
    assert done.missing.tolist() == [1]
    assert done.filled.tolist() == [60, 0, 120, 0]


def test_what_would_fill_after_the_close_is_unfilled():
    done = replay(MINUTES, [0, 0, 0, 50], rules=ReplayRules(latency=dt.timedelta(seconds=40)))
    assert done.unfilled == 50
    assert np.isnan(done.markouts).all()


def test_no_mid_after_arrival():
    with pytest.raises(InputError, match="no mid at or after the first interval"):
        replay(TinyDay([(220, 100.0)]), [0, 0, 0, 50])


@pytest.mark.parametrize(
    ("shares", "side", "words"),
    [
        ([1, 2, 3], 1, "has 3 intervals where the session has 4"),
        ([1, -2, 3, 4], 1, r"shares\[1\] is -2"),
        ([0, 0, 0, 0], 1, "is 0 throughout"),
        ([1, 1, 1, 1], 0, "side is 0"),
    ],
)
def test_bad_schedules(shares, side, words):
    with pytest.raises(InputError, match=words):
        replay(MINUTES, shares, side=side)


@pytest.mark.parametrize(
    "rules", [{"slices": 0}, {"slices": True}, {"latency": dt.timedelta(-1)}, {"stale": dt.timedelta()}]
)
def test_bad_rules(rules):
    with pytest.raises(InputError, match="give"):
        ReplayRules(**rules)


@settings(max_examples=8, deadline=None)
@given(
    size=st.floats(10, 3000),
    slices=st.integers(1, 4),
    side=st.sampled_from([1, -1]),
    milliseconds=st.integers(0, 5000),
)
def test_parts_sum_to_the_shortfall(size, slices, side, milliseconds):
    shares = np.zeros(390)
    shares[100:130] = size
    rules = ReplayRules(slices=slices, latency=dt.timedelta(milliseconds=milliseconds))
    done = replay(SYNTHETIC, shares, side=side, rules=rules)
    direct = side * (done.fills.shares * (done.fills.price - done.arrival)).sum()
    assert done.shortfall == pytest.approx(direct, rel=1e-9)
    assert done.filled.sum() + done.unfilled == pytest.approx(shares.sum())
    assert (done.spread >= 0).all()
    assert (done.impact >= -1e-9).all()
    assert (done.carried >= 0).all()


def test_the_price_of_a_synthetic_day_is_the_true_line():
    truth = SYNTHETIC.truth
    shares = np.full(390, 300.0)
    expected = float((shares * (truth.half_spread + truth.slope * shares)).sum())
    assert replay(SYNTHETIC, shares).trading_cost == pytest.approx(expected, rel=0.03)


def test_assumptions_are_said():
    text = " ".join(ReplayRules(slices=6, latency=dt.timedelta(milliseconds=250)).assumptions())
    for words in ("6 equal slices", "250 ms", "refilled", "carried", "counts as missing"):
        assert words in text
