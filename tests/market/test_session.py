"""Sessions: intervals, edges and clocks."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradealloc.errors import InputError
from tradealloc.market import Session
from tradealloc.market.session import DAY, SECOND, clock

DATE = dt.date(2025, 6, 2)


def test_default_day_has_390_minutes() -> None:
    session = Session(DATE)
    assert session.intervals == 390
    assert session.edges.shape == (391,)
    assert session.edges[0] == 34_200 * SECOND
    assert session.edges[-1] == 57_600 * SECOND
    assert session.starts[0] == dt.time(9, 30)
    assert session.starts[150] == dt.time(12, 0)
    assert session.starts[-1] == dt.time(15, 59)


def test_intervals_take_their_start_and_leave_their_end() -> None:
    session = Session(DATE)
    times = [session.start - 1, session.start, session.start + 60 * SECOND - 1, session.start + 60 * SECOND]
    assert session.interval_of(times).tolist() == [-1, 0, 0, 1]
    assert session.interval_of([session.end - 1, session.end]).tolist() == [389, -1]


@given(st.integers(-(10**14), 2 * 10**14), st.sampled_from([1, 5, 30, 130]))
def test_interval_lies_between_its_edges(time: int, minutes: int) -> None:
    session = Session(DATE, interval=dt.timedelta(minutes=minutes))
    index = int(session.interval_of(time))
    if index < 0:
        assert time < session.start or time >= session.end
    else:
        assert session.edges[index] <= time < session.edges[index + 1]


@pytest.mark.parametrize(("date", "hour"), [(dt.date(2025, 6, 2), 13), (dt.date(2025, 1, 6), 14)])
def test_utc_of_the_open_moves_with_the_clocks(date: dt.date, hour: int) -> None:
    session = Session(date)
    opening = dt.datetime.combine(date, dt.time(hour, 30), tzinfo=dt.UTC)
    assert int(session.to_utc(session.start)) == int(opening.timestamp()) * SECOND
    assert int(session.from_utc(session.to_utc(session.start + 17))) == session.start + 17


def test_the_day_the_clocks_change_keeps_wall_time() -> None:
    session = Session(dt.date(2025, 3, 9))
    opening = dt.datetime(2025, 3, 9, 13, 30, tzinfo=dt.UTC)
    assert int(session.from_utc(int(opening.timestamp()) * SECOND)) == session.start


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"close": dt.time(9, 0)}, "not after the open"),
        ({"interval": dt.timedelta(minutes=7)}, "doesn't divide"),
        ({"interval": dt.timedelta(0)}, "doesn't divide"),
        ({"timezone": "Mars/Olympus"}, "no known time zone"),
        ({"open": dt.time(9, 30, tzinfo=dt.UTC)}, "without a zone"),
    ],
)
def test_impossible_sessions_are_refused(given_: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Session(DATE, **given_)  # type: ignore[arg-type]


def test_a_session_across_the_change_of_clocks_is_refused() -> None:
    with pytest.raises(InputError, match="clocks"):
        Session(dt.date(2025, 3, 9), open=dt.time(1, 0), close=dt.time(16, 0))


def test_clock_reads_as_a_clock() -> None:
    assert clock(34_200 * SECOND + 17_459_617) == "09:30:00.017"


def test_arrays_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Session(DATE).edges[0] = 0
    assert np.all(np.diff(Session(DATE).edges) == 60 * SECOND)


def test_a_time_of_another_day_says_so() -> None:
    assert clock(SECOND // 2) == "00:00:00.500"
    assert clock(2 * DAY + 3600 * SECOND) == "+2 d 01:00:00.000"
    assert clock(-SECOND) == "-1 d 23:59:59.000"
