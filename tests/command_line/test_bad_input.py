"""Bad input: an exit status, one sentence that names the place, and the file untouched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_books import desk_book
from openpyxl import load_workbook

CELLS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"Beta": [1e-5, None, 1e-5]}, "Intervals!A3 is blank"),
    ({}, {"Beta": [1e-5, "n/a", 1e-5]}, "Intervals!A3 holds the text 'n/a'"),
    ({}, {"Beta": [1e-5, 0, 1e-5]}, "Intervals!A3 is 0: give a number above 0"),
    ({}, {"Beta": [1e-5, -1e-5]}, "Intervals!A3 is -1e-05"),
    ({}, {"Beta": [1e-5, True]}, "Intervals!A3 is TRUE"),
    ({}, {"Beta": [None, None]}, "tblIntervals has no rows"),
    ({}, {"Beta": [1e-5, "=1/0"]}, "Intervals!A3 holds a formula that was never calculated"),
    ({}, {"HalfSpread": [0.1, -0.1, 0.1, 0.1]}, "Intervals!B3 is -0.1"),
    ({"participation": 0.1}, {}, "needs volumes"),
    ({"participation": 0.1}, {"Volume": [1, None, 1, 1]}, "Intervals!B3 is blank: give the interval's Volume"),
    ({"participation": "10%"}, {"Volume": [1, 1, 1, 1]}, "Order!B2 holds the text '10%'"),
    ({"participation": 10}, {"Volume": [1, 1, 1, 1]}, "Order!B2 is 10: give a number above 0 and at most 1"),
    ({"shares": None}, {}, "Order!B1 (ta_shares) is blank"),
    ({"shares": 0}, {}, "Order!B1 is 0: give a number above 0"),
    ({"shares": -5}, {}, "Order!B1 is -5"),
    ({"shares": "many"}, {}, "Order!B1 holds the text 'many'"),
    ({"model": "cubic"}, {}, "Order!B2 is 'cubic': give linear, power or quadratic"),
    ({"method": "dule"}, {}, "did you mean dual?"),
    ({"method": "analytic", "model": "quadratic"}, {"Gamma": [1e-9] * 4}, "no closed form"),
    ({"side": "short"}, {}, "give buy or sell"),
    ({"impact_unit": "pips"}, {}, "give price, fraction or bps"),
    ({"model": "power"}, {}, "ta_exponent is blank: the power model needs"),
    ({"model": "power", "exponent": -1}, {}, "Order!B3 is -1: give a number of at least 0"),
    ({"model": "quadratic"}, {}, "needs a column Gamma"),
    ({"model": "quadratic"}, {"Gamma": [-1e-7, 0, 0, 0]}, "Intervals!B2 is negative and the cost stops being convex"),
    ({"risk_aversion": 1e-6}, {}, "timing risk, which isn't built yet"),
    ({"contract_version": 99}, {}, "contract version 99"),
    ({"window_start": "10:00"}, {}, "tblIntervals column Start is blank"),
    ({"window_start": "ten"}, {"Start": ["09:30"] * 4}, "give a time such as 09:30"),
    ({"window_end": "09:30"}, {"Start": ["09:30"] * 4}, "Order!B2 (ta_window_end) leaves no interval open"),
    ({}, {"Interval": [1, "=1+1", 3, 4]}, "Intervals!B3 holds a formula that was never calculated"),
    ({"window_start": "16:00"}, {"Start": ["09:30"] * 4}, "leaves no interval open"),
    ({"lot_size": -1}, {}, "Order!B2 is -1"),
]


@pytest.mark.parametrize(("settings", "columns", "sentence"), CELLS)
def test_cells(
    tradealloc: Callable[..., Any], day: Path, settings: dict[str, Any], columns: dict[str, Any], sentence: str
) -> None:
    _refused(tradealloc("run", desk_book(day, settings, columns)), 2, sentence)


def _refused(outcome: Any, status: int, sentence: str) -> None:
    assert outcome.status == status, outcome
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1, "one line"
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("settings", "columns", "sentence"),
    [
        ({}, {"MaxShares": [100] * 4}, "caps sum to 400 shares, 600 short of 1,000: raise max_shares"),
        ({}, {"MinShares": [300] * 4}, "minimum shares sum to 1,200, 200 more than the order of 1,000"),
        ({}, {"MinShares": [30, 0, 0, 0], "MaxShares": [20, None, None, None]}, "interval 1: min_shares 30"),
        ({"participation": 0.1}, {"Volume": [1000] * 4}, "raise participation"),
        ({"impact_cap": 1e-9}, {}, "raise impact_cap"),
        ({"lot_size": 300}, {"MaxShares": [250] * 4}, "whole lots of 300"),
        ({"min_clip": 2000}, {}, "min_clip"),
    ],
)
def test_infeasible(
    tradealloc: Callable[..., Any], day: Path, settings: dict[str, Any], columns: dict[str, Any], sentence: str
) -> None:
    original = desk_book(day, settings, columns).read_bytes()
    _refused(tradealloc("run", day), 3, sentence)
    assert day.read_bytes() == original
    assert [path.name for path in day.parent.iterdir()] == ["day.xlsx"]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("ta_shares", "day.xlsx has no name ta_shares"),
        ("tblIntervals", "day.xlsx has no table tblIntervals"),
        ("tblSchedule", "day.xlsx has no table tblSchedule"),
    ],
)
def test_missing_names_and_tables(tradealloc: Callable[..., Any], day: Path, missing: str, sentence: str) -> None:
    original = desk_book(day, leave_out=(missing,)).read_bytes()
    _refused(tradealloc("run", day), 2, sentence)
    assert day.read_bytes() == original


@pytest.mark.parametrize("place", ["Order!$B$1", "Intervals!$A$3"])
def test_a_result_named_on_an_input(tradealloc: Callable[..., Any], day: Path, place: str) -> None:
    desk_book(day)
    book = load_workbook(day)
    book.defined_names["ta_total_impact"].attr_text = place
    book.save(day)
    original = day.read_bytes()
    sentence = f"ta_total_impact points to the input in {place.replace('$', '')}"
    _refused(tradealloc("run", day, "--shares", "10"), 2, sentence)
    assert day.read_bytes() == original


def test_a_table_without_beta(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, columns={"Slope": [1e-5, 2e-5]}, leave_out=("Beta",))
    _refused(tradealloc("run", day), 2, "has no column Beta")


@pytest.mark.parametrize("name", ["ta_comparison", "tblComparison", "tblSensitivity", "ta_total_impact"])
def test_optional_outputs_may_be_absent(tradealloc: Callable[..., Any], day: Path, name: str) -> None:
    assert tradealloc("run", desk_book(day, leave_out=(name,))).status == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--method", "dul"], "--method is 'dul': did you mean dual?"),
        (["--shares", "1,000"], "--shares is '1,000': give a number; write decimals with a point"),
        (["--shares", "nan"], "--shares is nan"),
        (["--set", "particpation=0.1"], "particpation is no setting: did you mean participation?"),
        (["--set", "=0.1"], "--set is '=0.1': write it as NAME=VALUE"),
        (["--set", "participation"], "write it as NAME=VALUE"),
        (["--set", "total_impact=1"], "is no setting"),
        (["--beta", "nowhere.csv"], "nowhere.csv doesn't exist"),
        (["--frobnicate"], "No such option: --frobnicate"),
        (["-o", "plan.csv"], "plan.csv must end in .xlsx"),
        (["--beta-range", "Order!A1:A4"], "--write-to is missing"),
    ],
)
def test_options(tradealloc: Callable[..., Any], day: Path, arguments: list[str], sentence: str) -> None:
    original = desk_book(day).read_bytes()
    outcome = tradealloc("run", day, *arguments)
    _refused(outcome, 4 if "doesn't exist" in sentence else 2, sentence)
    assert day.read_bytes() == original


def test_sizes_that_are_none(tradealloc: Callable[..., Any], day: Path) -> None:
    for text in ("", "many"):
        _refused(tradealloc("sensitivity", desk_book(day), "--sizes", text), 2, f"--sizes is '{text}': give sizes like")


def test_an_option_does_not_overwrite_a_formula(tradealloc: Callable[..., Any], day: Path) -> None:
    desk_book(day, {"shares": "=500*2"})
    _refused(tradealloc("run", day, "--shares", "10"), 2, "Order!B1 holds a formula, which --shares would overwrite")


@pytest.mark.parametrize(
    ("text", "sentence", "status"),
    [
        ("", "is empty", 2),
        ("Beta\n", "has headers but no rows", 2),
        ("Beta\n1e-5\nx\n", "betas.csv row 3, column Beta is 'x': give a number", 2),
        ("Beta\n1e-5\n0\n1e-5\n1e-5\n", "betas.csv row 3, column Beta is 0", 2),
        ("Slope,Price\n1,2\n", "has no header Beta", 2),
        ("Start,Volume\n09:30,2\n", "has no column Beta", 2),
        ("Beta,Beta\n1,2\n", "twice", 2),
        ("Beta\n1e-5\n\n1e-5\n", "betas.csv row 3, column Beta is blank: give the interval's Beta", 2),
        ("1e-5\n \n1e-5\n", "betas.csv row 2, column Beta is blank", 2),
        ("n/a\n1e-5\n1e-5\n", "has no header Beta in its first row (n/a)", 2),
        ("Start,Beta\nten,1e-5\n", "betas.csv row 2, column Start is 'ten': give a time such as 09:30", 2),
        ("Beta;Volume\n0,00001;5\n", "has no header Beta", 2),
    ],
)
def test_files_of_betas(
    tradealloc: Callable[..., Any], day: Path, tmp_path: Path, text: str, sentence: str, status: int
) -> None:
    original = desk_book(day).read_bytes()
    betas = tmp_path / "betas.csv"
    betas.write_text(text)
    outcome = tradealloc("run", day, "--beta", betas)
    if "0,00001" in text:
        assert outcome.status == 2
        assert "decimals with a point" in outcome.err
    else:
        _refused(outcome, status, sentence)
    assert day.read_bytes() == original


def test_betas_that_are_no_text(tradealloc: Callable[..., Any], day: Path, tmp_path: Path) -> None:
    (tmp_path / "betas.csv").write_bytes(b"\xff\xfe\x00\x80")
    _refused(tradealloc("run", desk_book(day), "--beta", tmp_path / "betas.csv"), 4, "can't be read as CSV")


def test_a_missing_workbook(tradealloc: Callable[..., Any], tmp_path: Path) -> None:
    _refused(tradealloc("run", tmp_path / "nowhere.xlsx"), 4, "nowhere.xlsx")


def test_growing_over_the_users_cells(tradealloc: Callable[..., Any], day: Path, tmp_path: Path) -> None:
    desk_book(day)
    book = load_workbook(day)
    book["Schedule"]["C8"] = "desk notes"
    book.save(day)
    original = day.read_bytes()
    (tmp_path / "betas.csv").write_text("1e-5\n" * 20)
    _refused(tradealloc("run", day, "--beta", tmp_path / "betas.csv"), 4, "Schedule!C8")
    assert day.read_bytes() == original
