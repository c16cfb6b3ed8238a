"""What the report says: every figure recomputed by hand from the workbook's inputs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_books import desk_book
from hypothesis import given
from hypothesis import strategies as st
from report_cases import FULL, NOW, STARTS

from tradealloc.actions import optimise
from tradealloc.actions.report import Report, make_report
from tradealloc.errors import InfeasibleError, InputError
from tradealloc.report.figures import Figure, Layout, one_line, shown
from tradealloc.report.model import ACROSS, Chart, Column, Fact, Facts, Table, Text
from tradealloc.report.order_tables import limit_kinds
from tradealloc.report.stored import stored_results
from tradealloc.report.timeline import Timeline
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook


def section(report: Report, title: str) -> Any:
    (found,) = (each for each in report.sections if each.title == title)
    return found


def fact(facts: Facts | tuple[Fact, ...], label: str) -> Any:
    found = facts.facts if isinstance(facts, Facts) else facts
    return next(each.value for each in found if each.label == label)


def test_an_order_without_limits_by_hand(report_of: Callable[..., Report]) -> None:
    report = report_of(settings={"symbol": "ACME", "arrival_price": 50.0})
    beta = np.array([2e-5, 1e-5, 4e-5, 5e-5])
    shares = 1000 * (1 / beta) / (1 / beta).sum()
    best, even = float(beta @ shares**2) / 1000, float(beta @ np.full(4, 250.0) ** 2) / 1000
    assert report.title == "Buy 1,000 ACME"
    assert report.subtitle == "Schedule of least market impact over 4 intervals, arrival price 50.00"
    assert fact(report.headline, "Total impact").value == pytest.approx(best / 50 * 1e4, rel=1e-12)
    assert fact(report.headline, "Total cost").value == pytest.approx(best * 1000, rel=1e-12)
    assert fact(report.headline, "Improvement").value == pytest.approx(1 - best / even, rel=1e-12)
    assert fact(report.headline, "Saving").value == pytest.approx((even - best) * 1000, rel=1e-12)
    assert fact(report.headline, "Certificate") == "Optimal"
    rows = section(report, "Comparison").rows
    assert [row[0] for row in rows] == ["Equal", "Linear (closed form)"]
    assert [row[1].value for row in rows] == pytest.approx([even, best], rel=1e-12)
    sizes = section(report, "Sensitivity to order size").rows
    assert [row[0].value for row in sizes] == [500, 1000]
    assert [row[1].value for row in sizes] == pytest.approx([best / 2, best], rel=1e-12)
    assert section(report, "Limits that bind").paragraphs == ("No limit holds any interval.",)
    assert fact(section(report, "Certificate of optimality"), "Shadow price").value == pytest.approx(2 * best, rel=1e-9)
    intervals = section(report, "Every interval")
    allocation = [column.header for column in intervals.columns].index("Allocation")
    assert [row[allocation].value for row in intervals.rows] == pytest.approx(shares.tolist(), rel=1e-12)


def test_limits_that_bind(full_report: Report) -> None:
    volume = np.array(FULL["columns"]["Volume"])
    table = section(full_report, "Every interval")
    headers = [column.header for column in table.columns]
    shares = np.array([row[headers.index("Allocation")].value for row in table.rows])
    held = np.isclose(shares, 0.4 * volume)
    (row,) = section(full_report, "Limits that bind").rows
    assert row[0] == "participation 40 %"
    assert row[1].value == held.sum() >= 1
    assert row[2].value == pytest.approx(shares[held].sum(), rel=1e-12)
    assert row[3].value == pytest.approx(shares[held].sum() / 1234, rel=1e-12)
    assert [row[0] for row in section(full_report, "Comparison").rows] == [
        *("Equal", "Equal within limits", "VWAP", "Linear (dual)"),
    ]


def test_a_size_that_cannot_be_traded_says_so(full_report: Report) -> None:
    table = section(full_report, "Sensitivity to order size")
    short = 4000 - 0.4 * sum(FULL["columns"]["Volume"])
    assert table.rows[-1][1] is None
    assert table.rows[-1][-1] == f"{short:,.0f} shares short"
    assert table.note == "Sizes that can't be traded are held back by participation."
    chart = next(chart for chart in full_report.charts if chart.name == "sensitivity")
    assert chart.series[1].x == (600, 1200, 1800)


def test_charts_hold_the_schedule(full_report: Report) -> None:
    charts = {chart.name: chart for chart in full_report.charts}
    assert list(charts) == ["schedule", "progress", "comparison", "sensitivity"]
    by_label = {series.label: series for series in charts["schedule"].series}
    area = by_label["This schedule"]
    assert area.x == tuple(570.0 + minute for minute in range(7))
    assert sum(value or 0.0 for value in area.y) == pytest.approx(1234)
    assert by_label["VWAP"].y == pytest.approx(
        [1234 * volume / sum(FULL["columns"]["Volume"]) for volume in FULL["columns"]["Volume"]]
    )
    assert by_label["Beta (right)"].on_right
    assert by_label["Beta (right)"].y == tuple(FULL["columns"]["Beta"])
    progress = charts["progress"].series[0]
    assert (progress.y[0], progress.y[-1]) == (0.0, pytest.approx(1.0))
    bars = charts["comparison"]
    assert len(bars.y.names) == 4
    assert bars.series[-1].x == (3.0,)
    assert all(chart.description for chart in full_report.charts)


class TestResultsInTheWorkbook:
    def test_none_yet(self, full_report: Report) -> None:
        (note,) = full_report.notes
        assert note.is_warning
        assert "no results of a run yet" in note.text

    def _run(self, path: Path) -> XlsxBook:
        book = XlsxBook.open(desk_book(path, **FULL))
        optimise(book, now=dt.datetime(2026, 3, 1, 8, 0))
        return book

    def test_fresh(self, tmp_path: Path) -> None:
        assert make_report(self._run(tmp_path / "day.xlsx"), now=NOW).notes == ()

    def test_stale(self, tmp_path: Path) -> None:
        book = self._run(tmp_path / "day.xlsx")
        book.write_cell("ta_shares", 1000.0)
        report = make_report(book, now=NOW)
        (note,) = report.notes
        assert "(run of 2026-03-01 08:00:00) are STALE" in note.text
        assert note.is_warning
        assert report.title == "Sell 1,000 ACME"

    def test_tampered(self, tmp_path: Path) -> None:
        book = self._run(tmp_path / "day.xlsx")
        book.write_cell("ta_total_impact", 1.0)
        (note,) = make_report(book, now=NOW).notes
        assert "says total impact 1.000000 (run of 2026-03-01 08:00:00), and this page computes 0.0" in note.text

    def test_searches_that_stop_on_time_differ(self, tmp_path: Path) -> None:
        book = self._run(tmp_path / "day.xlsx")
        fingerprint = OrderSheet.read(book).fingerprint
        book.write_cell("ta_total_impact", 1.001)
        (note,) = stored_results(book, fingerprint, {"total_impact": 1.0}, search_gap=0.001)
        assert "total impact 1.001000, and this page's another of 1.000000" in note.text
        assert not note.is_warning
        (note,) = stored_results(book, fingerprint, {"total_impact": 1.0}, search_gap=0.0001)
        assert note.is_warning

    def test_the_workbook_is_only_read(self, tmp_path: Path) -> None:
        path = desk_book(tmp_path / "day.xlsx", **FULL)
        before = path.read_bytes()
        book = XlsxBook.open(path)
        make_report(book, now=NOW)
        assert path.read_bytes() == before
        assert book.cell("ta_total_impact").value is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"columns": {"Beta": [1e-5, "n/a"]}}, InputError, "Intervals!A3 holds the text 'n/a'"),
        ({"columns": {"MaxShares": [100.0] * 4}}, InfeasibleError, "600 short of 1,000"),
        ({"leave_out": ["tblIntervals"]}, InputError, "has no table tblIntervals"),
    ],
)
def test_bad_input(report_of: Callable[..., Report], arguments: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        report_of(**arguments)


def test_units_without_an_arrival_price(report_of: Callable[..., Report]) -> None:
    report = report_of(settings={"impact_unit": "fraction"})
    labels = [fact.label for fact in report.headline]
    assert labels == ["Total impact", "Improvement", "Certificate"]
    assert report.headline[0].unit == "bps"


def test_model_and_limits_are_stated(report_of: Callable[..., Report]) -> None:
    settings = {
        "model": "power", "exponent": 0.6, "lot_size": 10.0, "impact_cap": 0.5, "window_start": dt.time(9, 31),
    }  # fmt: skip
    report = report_of(settings=settings, columns={"Start": STARTS[:4], "MaxShares": [900.0] * 4})
    facts = section(report, "Order and model")
    assert fact(facts, "Impact model") == "power, I(x) = h + beta x^p"
    assert fact(facts, "Exponent p").value == 0.6
    assert fact(facts, "Lot size").value == 10
    assert fact(facts, "Impact cap").value == 0.5
    assert fact(facts, "Window") == "09:31 to close"
    assert fact(facts, "Per interval") == "maximum shares"
    assert fact(report.headline, "Certificate") == "Optimal"
    assert next(f.detail for f in report.headline if f.label == "Certificate") == "in whole lots and clips"


class TestLimitKinds:
    def test_one_value_keeps_it_and_many_share_a_row(self) -> None:
        binding = ("max 500", "", "max 600", "participation 10 %", "no volume", "dearer than shadow price")
        assert limit_kinds(binding) == [
            *("max, by interval", "", "max, by interval", "participation 10 %", "no volume", ""),
        ]


class TestTimeline:
    def test_clock_with_a_pause(self) -> None:
        starts = [dt.timedelta(hours=hour) for hour in (9, 9.5, 13, 13.5)]
        timeline = Timeline.of(starts, [1, 2, 3, 4])
        assert timeline.axis.layout is Layout.CLOCK
        x, y = timeline.steps([1.0, 2.0, 3.0, 4.0])
        assert x == (540, 570, 600, 780, 810, 840)
        assert y == (1.0, 2.0, None, 3.0, 4.0)
        assert timeline.running([1, 3, 6, 10]) == ((540, 570, 600, 780, 810, 840), (0, 1, 3, 3, 6, 10))

    @pytest.mark.parametrize("starts", [[None, 9], [9, 9], [10, 9]])
    def test_without_usable_times_intervals_are_counted(self, starts: list[int | None]) -> None:
        times = [None if hour is None else dt.timedelta(hours=hour) for hour in starts]
        timeline = Timeline.of(times, ["open", "close"])
        assert timeline.axis.names == ("open", "close")
        assert timeline.steps([1.0, 2.0]) == ((-0.5, 0.5, 1.5), (1.0, 2.0))

    def test_numbers_of_a_csv_file_are_names_without_decimals(self) -> None:
        timeline = Timeline.of([None] * 4, [1.0, 2.5, 3, "close"])
        assert timeline.axis.names == ("1", "2.5", "3", "close")

    def test_many_intervals_are_numbered(self) -> None:
        timeline = Timeline.of([None] * 40, list(range(40)))
        assert timeline.axis.names == ()
        assert (timeline.begins[0], timeline.ends[-1]) == (0.5, 40.5)


class TestFigures:
    @pytest.mark.parametrize(
        ("value", "layout", "text", "pasted"),
        [
            (1234567.891, Layout.MONEY, "1,234,567.89", "1234567.89"),
            (-0.25, Layout.PERCENT, "-25.00%", "-25.00%"),
            (-1e-9, Layout.PERCENT, "0.00%", "0.00%"),
            (223.5, Layout.PRICE, "223.50", "223.50"),
            (0.12345, Layout.PRICE, "0.1235", "0.1235"),
            (0.0, Layout.RESIDUAL, "0", "0"),
            (3e-13, Layout.RESIDUAL, "3.0e-13", "3.0e-13"),
            (12345, Layout.COUNT, "12,345", "12345"),
            (math.inf, Layout.SHARES, "unlimited", "unlimited"),
            (math.nan, Layout.IMPACT, "not a number", "not a number"),
        ],
    )  # fmt: skip
    def test_text(self, value: float, layout: Layout, text: str, pasted: str) -> None:
        figure = Figure(value, layout)
        assert (figure.text, figure.pasted) == (text, pasted)

    @given(st.floats(-1e12, 1e12), st.sampled_from([Layout.MONEY, Layout.IMPACT, Layout.FRACTIONAL]))
    def test_what_is_pasted_is_the_number(self, value: float, layout: Layout) -> None:
        decimals = {Layout.MONEY: 2, Layout.IMPACT: 6, Layout.FRACTIONAL: 1}[layout]
        figure = Figure(value, layout)
        assert float(figure.pasted) == pytest.approx(value, abs=0.51 * 10**-decimals, rel=1e-15)
        assert float(figure.exact) == value

    @given(st.text())
    def test_one_line_can_go_anywhere(self, text: str) -> None:
        clean = one_line(text)
        clean.encode("utf-8")
        assert not any(char < " " or 0xD800 <= ord(char) < 0xE000 or char in "\u2028\u202e\x7f" for char in clean)
        assert one_line(clean) == clean

    def test_shown(self) -> None:
        assert shown(None) == ""
        assert shown(dt.time(9, 30)) == "09:30"
        assert shown(dt.time(9, 30, 15)) == "09:30:15"
        assert shown("a\nb") == "a b"


def test_rows_of_sections_fill_the_page() -> None:
    halves = [Text("a", (), 6), Text("b", (), 6), Text("c", (), 4), Text("d", ()), Text("e", (), 8), Text("f", (), 8)]
    report = Report("", "", (), (), tuple(halves), (), "", NOW)
    rows = [[each.title for each in row] for row in report.rows_of_sections()]
    assert rows == [["a", "b"], ["c"], ["d"], ["e"], ["f"]]
    assert all(sum(each.span for each in row) <= ACROSS for row in report.rows_of_sections())


def test_a_ragged_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="needs 1 values"):
        Table("t", (Column("a"),), ((None, None),))


def test_the_charts_are_sections(full_report: Report) -> None:
    assert all(isinstance(each, Chart) for each in full_report.charts)
    assert full_report.run_at == NOW
