"""Snapshots, trades, half-spreads and quality of small books."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import BookSource, Kind, SyntheticMarket, half_spreads, snapshots, trades
from tradealloc.market.session import SECOND

from .books import OPEN, SESSION, Listed, chunk

NAN = float("nan")


def test_sources_keep_the_protocol() -> None:
    assert isinstance(Listed(), BookSource)
    assert isinstance(SyntheticMarket().day(0), BookSource)


def test_snapshots_hold_the_last_book_at_or_before_their_time() -> None:
    whole = chunk([1.5, 2.0, 2.0, 4.2], [10, 11, 12, 13], [20, 21, 22, 23])
    standing = snapshots(Listed(whole))
    assert len(standing) == 23_400
    assert standing.time[0] == OPEN
    assert np.isnan(standing.bid_price[:2]).all()
    assert standing.bid_price[2:6, 0].tolist() == [12, 12, 12, 13]
    assert (standing.ask_price[5:, 0] == 23).all()
    assert (standing.ask_size[5:, 0] == 100).all()


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_chunk_borders_dont_matter(cut: int) -> None:
    whole = chunk([1.5, 2.0, 2.0, 7.2], [10, 11, 12, 13], [20, 21, 22, 23])
    in_two = Listed(whole.take(slice(0, cut)), whole.take(slice(cut, None)))
    expected, found = snapshots(Listed(whole)), snapshots(in_two)
    np.testing.assert_array_equal(found.bid_price, expected.bid_price)
    np.testing.assert_array_equal(half_spreads(in_two), half_spreads(Listed(whole)))
    assert in_two.quality() == Listed(whole).quality()


def test_snapshots_leave_out_halted_and_crossed_books() -> None:
    market = chunk([0, 1, 2, 3], [10, 30, 12, 13], [20, 21, 22, 23], halted=[False, False, True, False])
    standing = snapshots(Listed(market))
    assert np.isnan(standing.mid[:4]).tolist() == [False, True, True, False]
    assert standing.ask_size[1, 0] == 0
    assert standing.halted[:4].tolist() == [False, False, True, False]


def test_one_sided_books_keep_their_side() -> None:
    standing = snapshots(Listed(chunk([0], [10], [NAN])))
    assert standing.bid_price[0, 0] == 10
    assert np.isnan(standing.ask_price[0, 0])
    assert np.isnan(standing.mid[0])


@pytest.mark.parametrize("every", [dt.timedelta(0), dt.timedelta(seconds=-1), dt.timedelta(milliseconds=10)])
def test_too_many_snapshots_are_refused(every: dt.timedelta) -> None:
    with pytest.raises(InputError, match="snapshots of the session"):
        snapshots(Listed(chunk([0], [10], [20])), every)


def test_half_spread_is_weighted_by_time_from_the_first_event() -> None:
    market = chunk([10, 40, 70], [10, 10, 10], [12, 16, 18])
    found = half_spreads(Listed(market))
    assert found[0] == pytest.approx((30 * 1 + 20 * 3) / 50)
    assert found[1] == pytest.approx(4)
    assert np.isnan(found[2:]).all()


def test_prints_by_interval() -> None:
    day = SyntheticMarket().day(3)
    prints = trades(day)
    np.testing.assert_array_equal(prints.volume(day.session), day.truth.volume)
    first = (prints.time >= day.session.edges[7]) & (prints.time < day.session.edges[8])
    assert prints.vwap(day.session)[7] == pytest.approx(
        float(np.sum(prints.price[first] * prints.size[first]) / np.sum(prints.size[first]))
    )
    assert prints.signed_volume(day.session)[7] == (prints.size * prints.side)[first].sum()


def test_quality_counts_times_and_places() -> None:
    market = chunk(
        [0, 1, 3, 6, 10, 200],
        [10, 21, 22, 10, 10, 10],
        [20, 20, 22, NAN, 20, 20],
        halted=[False, False, False, False, True, False],
    )
    report = Listed(market.take(slice(0, 2)), market.take(slice(2, None))).quality()
    assert (report.events, report.trades) == (6, 0)
    assert (report.count(Kind.CROSSED), report.seconds(Kind.CROSSED)) == (1, 2)
    assert (report.count(Kind.LOCKED), report.seconds(Kind.LOCKED)) == (1, 3)
    assert (report.count(Kind.ONE_SIDED), report.seconds(Kind.ONE_SIDED)) == (1, 4)
    assert (report.count(Kind.HALTED), report.seconds(Kind.HALTED)) == (1, 190)
    assert report.count(Kind.GAP) == 2
    assert report.seconds(Kind.GAP) == 190 + 23_200
    assert report.count(Kind.MISSING) == 388
    assert "09:30:10.000 for 190.0 s" in report.text
    assert [row.kind for row in report.rows] == [str(finding.kind) for finding in report.findings]


def test_a_halt_that_never_ends_lasts_to_the_close() -> None:
    report = Listed(chunk([0, 10], [10, 10], [20, 20], halted=[False, True])).quality()
    assert report.seconds(Kind.HALTED) == (SESSION.end - OPEN) / SECOND - 10


def test_a_clean_day_says_so() -> None:
    report = SyntheticMarket().day(0).quality()
    assert report.is_clean
    assert "nothing amiss" in report.text
