"""The template in a real spreadsheet: fresh, after a run, after a change, and with a result that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tradealloc.workbook.fields import FIELDS, INTERVAL_COLUMNS, ORDER_TABLES, SCHEDULE_COLUMNS

from .calc import Book, Plain
from .conftest import OpenBook
from .hand_made import Case, Vector, write_inputs, write_result

N = 390
FIRST_CHECK, CHECK, FOUND, RESULT = "Result is current", 2, 4, 9


@pytest.fixture
def book(open_book: OpenBook, template: Path) -> Book:
    """The template, its protection lifted: the tests write results by hand."""
    opened = open_book(template)
    for sheet in opened.sheets:
        sheet.unprotect("")
    return opened


def betas(book: Book) -> Vector:
    return np.array(book.get_column("tblIntervals", "Beta"), dtype=float)


def verdicts(book: Book) -> dict[str, str]:
    """Result of each check by its label."""
    rows = book.texts("Checks")
    first = next(i for i, row in enumerate(rows) if row[CHECK] == FIRST_CHECK)
    last = next(i for i, row in enumerate(rows) if i > first and not row[CHECK])
    return {row[CHECK]: row[RESULT] for row in rows[first:last]}


def failing(book: Book) -> list[str]:
    return [label for label, verdict in verdicts(book).items() if verdict == "FAIL"]


def case_linear(book: Book) -> Case:
    return Case(100_000, betas(book))


def case_power(book: Book) -> Case:
    reference, exponent = 250.0, 0.6
    inputs: dict[str, Plain] = {"ta_model": "power", "ta_exponent": exponent, "ta_reference_shares": reference}
    return Case(100_000, betas(book) * reference ** (1 - exponent), inputs, exponent=exponent)


def case_quadratic(book: Book) -> Case:
    beta, reference = betas(book), 200.0
    gamma = beta / 1000
    return Case(
        100_000,
        beta - gamma * reference,
        {"ta_model": "quadratic", "ta_reference_shares": reference},
        {"Gamma": list(gamma)},
        gamma=gamma,
    )


def case_participation(book: Book) -> Case:
    volume = np.random.default_rng(1).uniform(1000, 5000, N)
    volume[[3, 200, 389]] = 0
    return Case(
        100_000,
        betas(book),
        {"ta_participation": 0.1},
        {"Volume": list(volume)},
        upper=0.1 * volume,
    )


def case_window(book: Book) -> Case:
    minute = 570 + np.arange(N)
    inside = ((minute >= 600) & (minute < 900)).astype(float)
    return Case(100_000, betas(book), {"ta_window_start": 600 / 1440, "ta_window_end": 900 / 1440}, tradable=inside)


def case_text_times(book: Book) -> Case:
    case = case_window(book)
    case.scalars |= {"ta_window_start": "10:00", "ta_window_end": "15:00"}
    case.columns = {"Start": [f"{m // 60:02d}:{m % 60:02d}" for m in range(570, 570 + N)]}
    return case


def case_caps(book: Book) -> Case:
    rng = np.random.default_rng(2)
    beta, spread = betas(book), rng.uniform(0, 0.004, N)
    low: list[Plain] = [None] * N
    high: list[Plain] = [None] * N
    for t in range(0, N, 7):
        low[t], high[t + 1 if t + 1 < N else t] = 150.0, 320.0
    cap = 0.025
    by_impact = np.maximum(cap - spread, 0) / beta
    upper = np.minimum(np.array([np.inf if h is None else h for h in high], dtype=float), by_impact)
    lower = np.array([0 if v is None else v for v in low], dtype=float)
    lower = np.minimum(lower, upper)
    return Case(
        100_000,
        beta,
        {"ta_impact_cap": cap},
        {"HalfSpread": list(spread), "MinShares": list(lower), "MaxShares": high},
        half_spread=spread,
        lower=lower,
        upper=upper,
    )


def case_bps(book: Book) -> Case:
    beta = betas(book) * 100
    return Case(
        50_000, beta, {"ta_impact_unit": "bps", "ta_arrival_price": 80.0}, {"Beta": list(beta)}, bps=1.0, cash=80 / 1e4
    )


def case_no_price(book: Book) -> Case:
    return Case(
        1e5, betas(book), {"ta_impact_unit": "fraction", "ta_arrival_price": None, "ta_side": "sell"}, bps=1e4, cash=0.0
    )


def case_blank_settings(book: Book) -> Case:
    blanks: dict[str, Plain] = dict.fromkeys(
        ("ta_symbol", "ta_side", "ta_arrival_price", "ta_impact_unit", "ta_model", "ta_method", "ta_contract_version")
    )
    nothing: list[Plain] = [None] * N
    return Case(1e5, betas(book), blanks, {"Start": nothing, "Interval": nothing}, bps=0.0)


CASES = [
    case_linear, case_power, case_quadratic, case_participation, case_window, case_text_times, case_caps, case_bps,
    case_no_price, case_blank_settings,
]  # fmt: skip


def test_fresh_template_has_not_run(book: Book) -> None:
    assert book.error_cells() == []
    assert book.get("ta_status") == book.get("ta_checks") == "NOT RUN"
    assert set(verdicts(book).values()) == {"NOT RUN"}


def test_names_and_tables_of_the_contract(book: Book) -> None:
    for field in FIELDS:
        book.cell(field.name)
    for table, columns in ORDER_TABLES.items():
        area = book.document.DatabaseRanges.getByName(table).getReferredCells()
        assert area.getDataArray()[0] == tuple(column.header for column in columns)


def test_every_sheet_repeats_status_and_checks(book: Book) -> None:
    for sheet in book.sheets:
        formulas = {f for row in sheet.getCellRangeByName("A1:I4").getFormulaArray() for f in row}
        assert {"=ta_status", "=ta_checks"} <= formulas, sheet.Name


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_a_correct_result_passes_every_check_and_a_worse_one_fails(book: Book, make: Callable[[Book], Case]) -> None:
    case = make(book)
    write_inputs(book, case)
    write_result(book, case)
    assert failing(book) == []
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK")
    assert book.error_cells() == []
    if case.bps == 0:
        assert verdicts(book)["Total impact in bps"] == "n/a"
    if case.cash == 0:
        assert verdicts(book)["Total cost"] == "n/a"
    move_shares(book, case)
    assert {"Total impact", "Optimal: nothing to sell back", "Optimal: nothing to add"} <= set(failing(book))
    assert "Allocation sums to the order" not in failing(book)
    assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "CHECK")


def move_shares(book: Book, case: Case) -> None:
    """Shift a few shares between two intervals that no limit holds."""
    x, _ = case.optimum
    free = np.flatnonzero((x > case.lower) & (x < np.minimum(case.upper, case.tradable * case.shares)))[[5, 80]]
    moved = x.copy()
    moved[free] += np.array([-1, 1]) * 0.05 * x[free].min()
    book.set_column("tblSchedule", "Allocation", list(moved))
    book.recalculate()


def change_beta(book: Book) -> None:
    book.set_item("tblIntervals", "Beta", 77, betas(book)[77] * (1 + 1e-8))


def change_model(book: Book) -> None:
    book.set("ta_model", "Linear")


def change_window(book: Book) -> None:
    book.set("ta_window_end", 16 / 24)


def change_side(book: Book) -> None:
    book.set("ta_side", "sell")


def change_size(book: Book) -> None:
    book.set_item("tblSensitivity", "TotalShares", 4, 200_001.0)


def swap_rows(book: Book) -> None:
    values = book.get_column("tblIntervals", "Beta")
    values[10], values[11] = values[11], values[10]
    book.set_column("tblIntervals", "Beta", values)


def blank_to_zero(book: Book) -> None:
    book.set_item("tblIntervals", "MinShares", 200, 0.0)


def number_to_text(book: Book) -> None:
    book.set_item("tblIntervals", "Interval", 8, "9")


def error_in_input(book: Book) -> None:
    book.column("tblIntervals", "Volume").getCellByPosition(0, 3).Formula = "=1/0"


CHANGES = [
    change_beta, change_model, change_window, change_side, change_size, swap_rows, blank_to_zero, number_to_text,
    error_in_input,
]  # fmt: skip


def test_any_change_of_an_input_makes_the_result_stale(book: Book) -> None:
    write_result(book, case_linear(book))
    inputs = [(column.header, book.get_column("tblIntervals", column.header)) for column in INTERVAL_COLUMNS]
    scalars = {name: book.get(name) for name in ("ta_model", "ta_window_end", "ta_side")}
    sizes = book.get_column("tblSensitivity", "TotalShares")
    for change in CHANGES:
        change(book)
        book.recalculate()
        assert book.get("ta_status") == "STALE", change.__name__
        assert book.get("ta_checks") == "CHECK", change.__name__
        for header, values in inputs:
            book.set_column("tblIntervals", header, values)
        for name, value in scalars.items():
            book.set(name, value)
        book.set_column("tblSensitivity", "TotalShares", sizes)
        book.recalculate()
        assert (book.get("ta_status"), book.get("ta_checks")) == ("OK", "OK"), f"{change.__name__} undone"


Spot = tuple[str, str, int] | str
SPOILED: dict[str, tuple[Spot, Plain]] = {
    "Allocation sums to the order": (("tblSchedule", "Allocation", 5), 500.0),
    "Cumulative ends at the order": (("tblSchedule", "Cumulative", N - 1), 99_999.0),
    "Nothing remains": (("tblSchedule", "Remaining", N - 1), 1.0),
    "No negative shares": (("tblSchedule", "Allocation", 5), -1.0),
    "Interval costs add up": (("tblSchedule", "Cost", 7), 0.0),
    "Total impact": ("ta_total_impact", 0.0183),
    "Total impact in bps": ("ta_total_impact_bps", None),
    "Total cost": ("ta_total_cost", 1824.0),
    "Improvement": ("ta_improvement", 0.1535),
    "Saving": ("ta_saving", "a lot"),
    "Optimal: nothing to sell back": ("ta_shadow_price", 0.036),
    "Optimal: nothing to add": ("ta_shadow_price", 0.037),
    "KKT residual": ("ta_kkt_residual", 1e-5),
    "Duality gap": ("ta_duality_gap", None),
    "Sensitivity at the order size": (("tblSensitivity", "OptimalImpact", 2), 0.02),
}


def swap_in(book: Book, spot: Spot, value: Plain) -> Plain:
    """Put a value where another stands, which comes back."""
    if isinstance(spot, str):
        before = book.get(spot)
        book.set(spot, value)
    else:
        before = book.get_column(spot[0], spot[1])[spot[2]]
        book.set_item(*spot, value)
    book.recalculate()
    return before


def test_each_check_catches_its_own_fault(book: Book) -> None:
    write_result(book, case_linear(book))
    for label, (spot, fault) in SPOILED.items():
        good = swap_in(book, spot, fault)
        assert label in failing(book)
        assert book.get("ta_checks") == "CHECK"
        assert book.error_cells() == [], label
        swap_in(book, spot, good)
        assert failing(book) == [], label


@pytest.mark.parametrize(
    ("name", "header", "value", "label"),
    [
        ("", "MinShares", 400.0, "Minimum shares kept"),
        ("", "MaxShares", 10.0, "Maximum shares kept"),
        ("ta_participation", "Volume", 100.0, "Participation cap kept"),
        ("ta_participation", "Volume", 0.0, "Participation cap kept"),
        ("ta_impact_cap", "HalfSpread", 0.5, "Impact cap kept"),
    ],
)
def test_a_broken_limit_fails_its_check(book: Book, name: str, header: str, value: float, label: str) -> None:
    case = case_linear(book)
    case.columns[header] = [value]
    if name:
        case.scalars[name] = 0.1
    write_inputs(book, case)
    write_result(book, case)
    assert label in failing(book)
    assert book.get("ta_checks") == "CHECK"


def test_trading_outside_the_window_fails_its_check(book: Book) -> None:
    case = case_linear(book)
    case.scalars["ta_window_end"] = 959.5 / 1440
    write_inputs(book, case)
    write_result(book, case)
    assert "Closed intervals don't trade" not in failing(book)
    case.scalars["ta_window_end"] = 959 / 1440
    write_inputs(book, case)
    write_result(book, case)
    assert "Closed intervals don't trade" in failing(book)


def test_lots_and_clips(book: Book) -> None:
    case = case_linear(book)
    case.scalars |= {"ta_lot_size": 100.0, "ta_min_clip": 200.0}
    write_inputs(book, case)
    write_result(book, case)
    assert {"Whole lots", "Minimum clip kept"} <= set(failing(book))
    assert verdicts(book)["Optimal: nothing to add"] == "n/a"
    lots = np.where(np.arange(N) < 333, 300.0, 0.0)
    lots[333] = 100.0
    book.set_column("tblSchedule", "Allocation", list(lots))
    book.recalculate()
    assert "Whole lots" not in failing(book)
    assert "Minimum clip kept" in failing(book)
    lots[332:334] = 200.0
    book.set_column("tblSchedule", "Allocation", list(lots))
    book.recalculate()
    assert not {"Whole lots", "Minimum clip kept", "Allocation sums to the order"} & set(failing(book))


def test_a_schedule_with_other_rows_than_the_intervals_fails_without_errors(book: Book) -> None:
    write_result(book, case_linear(book))
    area = book.document.DatabaseRanges.getByName("tblIntervals")
    address = area.DataArea
    book.document.Sheets.getByName("Intervals").removeRange(
        _row_range(address, address.EndRow), book.office_enum("com.sun.star.sheet.CellDeleteMode", "UP")
    )
    book.recalculate()
    assert "Rows agree" in failing(book)
    assert (book.get("ta_status"), book.get("ta_checks")) == ("STALE", "CHECK")
    assert book.error_cells() == []


def _row_range(address: object, row: int) -> object:
    address.StartRow = address.EndRow = row  # type: ignore[attr-defined]
    return address


def test_schedule_headers_carry_units(book: Book) -> None:
    rows = book.texts("Schedule")
    at = next(i for i, row in enumerate(rows) if row[1] == "Interval")
    units = dict(zip(rows[at], rows[at - 1], strict=True))
    book.set("ta_impact_unit", "bps")
    book.recalculate()
    assert units["Impact"] == "currency/share"
    assert book.texts("Schedule")[at - 1][rows[at].index("Impact")] == "bps"
    assert {column.header for column in SCHEDULE_COLUMNS} <= set(units)
