"""What the fingerprint must notice, and what it must not."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import Cell, CellError, CellValue, Headers, Missing, Table
from tradealloc.workbook.fields import BY_KEY, INPUTS, INTERVAL_COLUMNS
from tradealloc.workbook.inputs import OrderSheet

BETA, START, MAXIMUM = (fp.column_key("tblIntervals", header) for header in ("Beta", "Start", "MaxShares"))
GOLDEN = 104.03093127665814
KEYS = [fp.column_key(table, column.header) for table, column in fp.COLUMNS]
KINDS = {fp.column_key(table, column.header): column.kind for table, column in fp.COLUMNS}

positive = st.floats(1e-12, 1e9)
cells = st.one_of(
    st.none(), st.floats(-1e12, 1e12), st.integers(-1000, 10**6), st.text(max_size=24), st.sampled_from((0, 1, -1, 0.5))
)


def differ(a: float, b: float) -> bool:
    """Whether the workbook would show STALE."""
    return abs(a - b) > fp.TOLERANCE * abs(a)


def same_cell(a: CellValue, b: CellValue) -> bool:
    """Whether two values are one to a spreadsheet: "" and blank, -0 and 0, and equal to eight digits."""
    if a in (None, "") or b in (None, ""):
        return a in (None, "") and b in (None, "")
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return abs(float(a) - float(b)) <= 1e-8 * max(abs(float(a)), abs(float(b)))


@given(st.lists(positive, min_size=1, max_size=400), st.data(), st.sampled_from([1e-8, -1e-8, 1e-3, 0.5, 1.0]))
def test_a_relative_change_of_one_number_shows(betas: list[float], data: st.DataObject, change: float) -> None:
    at = data.draw(st.integers(0, len(betas) - 1))
    changed = betas.copy()
    changed[at] *= 1 + change
    assume(changed[at] > 0)
    assert differ(fp.fingerprint({}, {BETA: betas}), fp.fingerprint({}, {BETA: changed}))


@given(st.sampled_from(KEYS), st.lists(cells, min_size=1, max_size=30), cells, st.data())
def test_another_value_in_one_cell_shows(
    key: str, values: list[CellValue], new: CellValue, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    assume(not same_cell(values[at], new))
    if KINDS[key] == "time":
        assume(not all(isinstance(v, float | int) and abs(v) < 1e-6 for v in (values[at], new)))  # below a millisecond
    changed = values.copy()
    changed[at] = new
    assert differ(fp.fingerprint({}, {key: values}), fp.fingerprint({}, {key: changed}))


@given(st.lists(cells, min_size=2, max_size=60), st.data())
def test_swapped_rows_show(values: list[CellValue], data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(values) - 2))
    j = data.draw(st.integers(i + 1, len(values) - 1))
    a, b = values[i], values[j]
    assume(not same_cell(a, b))
    if not (isinstance(a, str | None) or isinstance(b, str | None)):
        assume(abs(float(a) - float(b)) > 1e-5 * max(abs(float(a)), abs(float(b))))
    swapped = values.copy()
    swapped[i], swapped[j] = b, a
    assert differ(fp.fingerprint({}, {BETA: values}), fp.fingerprint({}, {BETA: swapped}))


def test_symmetric_exchanges_show() -> None:
    a, b = 1.0, 2.0
    assert differ(fp.fingerprint({}, {BETA: [a, b, b, a]}), fp.fingerprint({}, {BETA: [b, a, a, b]}))
    squares = [a if t in (1, 16) else b for t in range(1, 17)]
    others = [a if t in (4, 9) else b for t in range(1, 17)]
    assert differ(fp.fingerprint({}, {BETA: squares}), fp.fingerprint({}, {BETA: others}))


@given(st.sampled_from(INPUTS), cells, cells)
def test_another_value_of_a_single_input_shows(field: object, a: CellValue, b: CellValue) -> None:
    name = field.name  # type: ignore[attr-defined]
    assume(not same_cell(a, b))
    if BY_KEY[name.removeprefix("ta_")].kind == "time":
        assume(not all(isinstance(v, float | int) and abs(v) < 1e-6 for v in (a, b)))
    assert differ(fp.fingerprint({name: a}, {}), fp.fingerprint({name: b}, {}))


@given(st.sampled_from(KEYS), st.sampled_from(KEYS), st.lists(positive, min_size=1, max_size=50))
def test_a_column_moved_into_another_shows(a: str, b: str, values: list[float]) -> None:
    assume(a != b)
    assert differ(fp.fingerprint({}, {a: values}), fp.fingerprint({}, {b: values}))


@pytest.mark.parametrize(
    ("a", "b"),
    [(None, 0), (0, "0"), (1, "1"), ("linear", "Linear"), ("ab", "ba"), (2.0, 0.5), (10, 0.1), (1, 10), (1, -1),
     (0, 1e-300), ("x" * 24, "x" * 25), (CellError("#N/A"), None), (Missing.NOT_CALCULATED, 0), (" ", None)],
)  # fmt: skip
def test_values_that_look_alike_differ(a: CellValue, b: CellValue) -> None:
    assert differ(fp.fingerprint({"ta_shares": a}, {}), fp.fingerprint({"ta_shares": b}, {}))
    assert differ(fp.fingerprint({}, {MAXIMUM: [1, a, 3]}), fp.fingerprint({}, {MAXIMUM: [1, b, 3]}))


def test_every_letter_has_its_own_worth() -> None:
    codes = [chr(c) for c in range(32, 0x250)]
    worths = sorted(fp.scalar_term(BY_KEY["symbol"], code) for code in codes)
    assert min(np.diff(worths)) > 1e-7


def test_a_row_more_or_less_shows() -> None:
    betas = [1e-4] * 78
    for other in (betas[:-1], [*betas, 1e-4], [*betas, None]):
        assert differ(fp.fingerprint({}, {BETA: betas}), fp.fingerprint({}, {BETA: other}))


@pytest.mark.parametrize(
    ("a", "b"),
    [(None, ""), (1, 1.0), (True, 1), (0.0, -0.0), (dt.time(9, 30), 9.5 / 24),
     (dt.datetime(2025, 3, 1, 12), 45717.5), (dt.date(2025, 3, 1), 45717), (dt.timedelta(hours=36), 1.5),
     (dt.date(1900, 1, 1), 1), (dt.date(1900, 2, 28), 59), (dt.date(1900, 3, 1), 61)],
)  # fmt: skip
def test_values_that_a_formula_sees_alike_are_one(a: CellValue, b: CellValue) -> None:
    assert fp.scalar_term(BY_KEY["shares"], a) == pytest.approx(fp.scalar_term(BY_KEY["shares"], b), rel=1e-13)


def test_times_read_to_the_millisecond_are_not_stale() -> None:
    exact = [34_200.0004 / 86_400 + t / 1440 for t in range(390)]
    read = [dt.time(9 + (30 + t) // 60, (30 + t) % 60) for t in range(390)]
    assert not differ(fp.fingerprint({}, {START: exact}), fp.fingerprint({}, {START: read}))
    later = [dt.time(9, 30, 1), *read[1:]]
    assert differ(fp.fingerprint({}, {START: read}), fp.fingerprint({}, {START: later}))


def test_summation_order_and_absent_inputs_dont_matter() -> None:
    rng = np.random.default_rng(0)
    columns = {key: list(rng.uniform(1e-6, 1e6, 390)) for key in KEYS}
    scalars = {field.name: 1.0 for field in INPUTS}
    number = fp.fingerprint(scalars, columns)
    again = fp.fingerprint(dict(reversed(scalars.items())), dict(reversed(columns.items())))
    assert not differ(number, again)
    assert fp.fingerprint({"ta_note": "x", **scalars}, {"tblOther[A]": [1.0], **columns}) == number
    assert fp.fingerprint({"ta_shares": 5.0, "ta_lot_size": None}, {}) == fp.fingerprint({"ta_shares": 5.0}, {})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_rounding_noise_stays_far_below_the_tolerance(seed: int) -> None:
    """Sums in another order, and logarithms off by an ulp each, must not make a fresh result stale."""
    rng = np.random.default_rng(seed)
    values = np.exp(rng.uniform(np.log(1e-12), np.log(1e3), 10_000)) * rng.choice([1.0, -1.0], 10_000)
    noisy = values * (1 + rng.choice([-4e-16, 4e-16], 10_000))
    for v, w in ((values, noisy), (np.full(10_000, 1e-12), np.full(10_000, 1e-12 * (1 + 4e-16)))):
        a, b = (fp.fingerprint({}, {BETA: column.tolist()}) for column in (v, w))
        assert abs(a - b) < 0.1 * fp.TOLERANCE * a


class OneSheet:
    """A workbook as far as its inputs are read."""

    label = "day.xlsx"

    def __init__(self, scalars: dict[str, CellValue], tables: dict[str, dict[str, Sequence[CellValue]]]) -> None:
        self._scalars, self._tables = scalars, tables

    def cell(self, name: str) -> Cell | None:
        return Cell(self._scalars[name], "A1") if name in self._scalars else None

    def table(self, name: str) -> Table | None:
        if name not in self._tables:
            return None
        columns = {h: tuple(Cell(v, "A1") for v in values) for h, values in self._tables[name].items()}
        return Table(name, "A1:B2", Headers(columns))


def test_the_fingerprint_of_a_book_is_that_of_its_inputs() -> None:
    book = OneSheet({"ta_shares": 7.0}, {"tblIntervals": {"BETA": [1.0, 2.0], "Note": ["a", "b"]}})
    assert OrderSheet.read(book).fingerprint == fp.fingerprint({"ta_shares": 7.0}, {BETA: [1.0, 2.0]})  # type: ignore[arg-type]


def test_formulas_fit_into_a_cell() -> None:
    formulas = [fp.scalar_formula(field) for field in fp.SCALARS]
    formulas += [fp.column_formula(table, column) for table, column in fp.COLUMNS]
    assert max(map(len, formulas)) < 2_000
    assert len({fp._constant(name) for name in (*(f.name for f in fp.SCALARS), *KEYS)}) == len(formulas)


def test_all_inputs_count() -> None:
    assert set(fp.SCALARS) == set(INPUTS)
    assert {c.header for t, c in fp.COLUMNS if t == "tblIntervals"} == {c.header for c in INTERVAL_COLUMNS}
    assert [c.header for t, c in fp.COLUMNS if t == "tblSensitivity"] == ["TotalShares"]


def test_importing_it_is_light() -> None:
    code = (
        "import sys, tradealloc.workbook.fingerprint; "
        "sys.exit(any(m in sys.modules for m in ('scipy', 'cvxpy', 'pandas', 'openpyxl', 'lxml')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_definition_stays() -> None:
    """Workbooks in the field carry these formulas: another number here would make all their results stale."""
    scalars = {"ta_shares": 100_000.0, "ta_model": "linear", "ta_lot_size": 0, "ta_window_start": dt.time(9, 30)}
    columns = {BETA: [1e-4, -2e-4, None], fp.column_key("tblIntervals", "Interval"): ["first", 2, CellError("#N/A")]}
    assert fp.fingerprint(scalars, columns) == pytest.approx(GOLDEN, rel=1e-14)
