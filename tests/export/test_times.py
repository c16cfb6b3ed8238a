"""Starts, ends and days of intervals."""

from __future__ import annotations

import datetime as dt

import pytest

from tradealloc.errors import InputError
from tradealloc.export.times import Span, spans
from tradealloc.workbook.book import Cell, CellValue
from tradealloc.workbook.fields import INTERVAL_COLUMNS
from tradealloc.workbook.parsing import parse_cell
from tradealloc.workbook.session import Moment, session_starts

START = next(column for column in INTERVAL_COLUMNS if column.key == "start")


def moments(*values: CellValue) -> list[Moment | None]:
    cells = [Cell(value, f"S!A{row}") for row, value in enumerate(values, start=2)]
    return session_starts(cells, [parse_cell(START, cell) for cell in cells])


def t(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def test_ends_are_the_next_starts_and_the_last_lasts_as_long() -> None:
    found = spans(moments("09:30", "09:45", "10:30"), None, dt.date(2025, 3, 3))
    assert [(span.start, span.end, span.end_day) for span in found] == [
        (t("09:30"), t("09:45"), 0), (t("09:45"), t("10:30"), 0), (t("10:30"), t("11:15"), 0),
    ]  # fmt: skip
    assert {span.date for span in found} == {dt.date(2025, 3, 3)}


def test_the_window_ends_an_interval() -> None:
    found = spans(moments("09:30", "10:00", "10:30"), t("10:40"), None)
    assert [span.end for span in found] == [t("10:00"), t("10:30"), t("10:40")]
    assert [span.date for span in found] == [None] * 3


def test_a_single_interval_ends_with_the_window_or_not_at_all() -> None:
    assert spans(moments("09:30"), t("16:00"), None) == [Span(None, t("09:30"), t("16:00"), 0)]
    assert spans(moments("09:30"), None, None) == [Span(None, t("09:30"), None, None)]


def test_blank_starts() -> None:
    assert spans(moments("09:30", None, "09:32"), None, dt.date(2025, 3, 3)) == [
        Span(dt.date(2025, 3, 3), t("09:30"), None, None),
        Span(None, None, None, None),
        Span(dt.date(2025, 3, 3), t("09:32"), None, None),
    ]


def test_past_midnight() -> None:
    found = spans(moments("22:00", "23:00", "00:00", "01:00"), None, dt.date(2025, 12, 31))
    assert [span.date and span.date.isoformat() for span in found] == ["2025-12-31"] * 2 + ["2026-01-01"] * 2
    assert [span.end_day for span in found] == [0, 1, 0, 0]


def test_dates_in_the_cells_span_days() -> None:
    day = dt.datetime(2025, 3, 3, 9, 30)
    found = moments(day, day + dt.timedelta(hours=6), day + dt.timedelta(days=1), day + dt.timedelta(days=3))
    assert [moment and moment.day for moment in found] == [0, 0, 1, 3]


def test_durations_go_on_past_24_hours() -> None:
    assert moments(dt.timedelta(hours=23), dt.timedelta(hours=24, minutes=30)) == [
        Moment(0, t("23:00")), Moment(1, t("00:30")),
    ]  # fmt: skip


def test_days_of_a_spreadsheet() -> None:
    """Excel hands plain times over as 30 December 1899; 24:30 is 00:30 of its day 1, which is 1 January 1900."""
    zero = dt.datetime(1899, 12, 30, 22, 0, tzinfo=dt.UTC)
    found = moments(zero, 23 / 24, dt.datetime(1900, 1, 1, 0, 30), 1 + 2 / 24)
    assert found == [Moment(0, t("22:00")), Moment(0, t("23:00")), Moment(1, t("00:30")), Moment(1, t("02:00"))]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("09:30", "09:32", "09:31"), "S!A4 is 09:31, before 09:32 in S!A3: sort the intervals"),
        (("09:30", "09:30"), "S!A3 is 09:30, as S!A2 is: give every interval a start of its own"),
        (("09:30", None, "09:30"), "S!A4 is 09:30, as S!A2 is"),
        (("15:59", "09:30", "09:31"), "S!A3 is 09:30, before 15:59"),
        (("16:00", "15:00", "14:00"), "S!A3 is 15:00, before 16:00"),
        (("22:00", "01:00", "00:30"), "S!A4 is 00:30, before 01:00"),
        (("22:00", "04:00", "10:00", "22:00"), "S!A5 is 22:00, a whole day after the first interval"),
        (("09:30", "09:30:30", "09:30:15"), "is 09:30:15, before 09:30:30"),
    ],
)
def test_out_of_order(values: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        moments(*values)
    assert sentence in str(caught.value)


def test_moments_and_elapsed_time() -> None:
    for elapsed in (dt.timedelta(0), dt.timedelta(hours=30, microseconds=5)):
        assert Moment.after(elapsed).elapsed == elapsed
