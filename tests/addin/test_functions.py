"""Every function through the engine, and through xlwings' own code with what COM sends."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tradealloc_addin import engine
from tradealloc_addin.engine import call, clear_cache
from tradealloc_addin.log import log_path
from tradealloc_addin.spec import CATEGORY, FUNCTIONS
from tradealloc_addin.values import COM_MISSING, ERROR_BASE, MISSING, NOT_AVAILABLE, NUM, VALUE, ExcelError

import tradealloc as ta
from addin.cases import CASES, FOUR, LONG, SPREADS, VOLUMES, Case, S, assert_same, block, column, row
from addin.fakewin import Excel, excel, rows

SPILL, NA_CELL, DIV0 = ERROR_BASE + 2045, ERROR_BASE + 2042, ERROR_BASE + 2007


@pytest.fixture(scope="module")
def xl() -> Iterator[Excel]:
    with excel() as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pretend home for the log; no answers from earlier tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    clear_cache()
    return tmp_path


def as_rows(result: Any) -> list[list[Any]]:
    return [list(r) for r in result] if isinstance(result, list) else [[result]]


def check(*arguments: Any) -> str:
    sentence = call("OPTALLOC_CHECK", arguments)
    assert isinstance(sentence, str)
    return sentence


def test_cases_have_names_of_their_own() -> None:
    assert len(CASES) == len({case.name for case in CASES})
    assert {case.function for case in CASES} >= {f.name for f in FUNCTIONS} - {"OPTALLOC_CHECK", "OPTALLOC_VERSION"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_engine(case: Case) -> None:
    assert_same(as_rows(call(case.function, case.arguments)), case)


@pytest.mark.parametrize("in_cells", [True, False], ids=["cells", "constants"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_call_udf(xl: Excel, case: Case, in_cells: bool) -> None:
    assert_same(rows(xl.call(case.function, *case.arguments, in_cells=in_cells)), case)


def test_orientation_as_vba_receives_it(xl: Excel) -> None:
    down, across = xl.call("OPTALLOC", S, column(FOUR)), xl.call("OPTALLOC", S, row(FOUR))
    assert [len(r) for r in down] == [1] * 4
    assert [type(x) for x in across] == [float] * 4
    assert list(down) == [(x,) for x in across]
    assert xl.call("OPTALLOC", S, 1e-5) == S
    assert xl.call("OPTALLOC", S, block(["Beta"], [1e-5])) == S


def test_everything_returned_is_native(xl: Excel) -> None:
    """pywin32 can't pass NumPy scalars on, and an int would become a Long that VBA overflows."""
    for case in CASES:
        for cells in rows(xl.call(case.function, *case.arguments)):
            assert {type(cell) for cell in cells} <= {float, str, ExcelError}
            assert not any(isinstance(cell, float) and not math.isfinite(cell) for cell in cells)


def test_errors_leave_as_marked_text(xl: Excel) -> None:
    assert xl.call("OPTALLOC", S, "abc") == "#TA!2015"
    assert xl.call("OPTALLOC", S, column(FOUR), COM_MISSING, COM_MISSING, COM_MISSING, 1.0) == "#TA!2036"
    assert xl.call("OPTALLOC", S, None) == "#TA!2042"
    table = xl.call("OPTALLOC_SENSITIVITY", 1e9, column(FOUR), MISSING, MISSING, MISSING, 1.0)
    assert table[1][:4] == (1e9, "#TA!2042", pytest.approx(7.5e3), "#TA!2042")
    assert table[1][4] == "999,999,996 shares short (max_shares)"


def test_version_and_check_are_text(xl: Excel) -> None:
    assert xl.call("OPTALLOC_VERSION") == ta.__version__
    text = xl.call("OPTALLOC_CHECK", S, column(FOUR), "lot=100")
    assert text.startswith("OK method dual, 4 intervals, total impact ")
    for word in ("KKT residual", "duality gap", "shadow price", "integer gap"):
        assert word in text


def test_xlwings_knows_names_help_and_options(xl: Excel) -> None:
    for function in FUNCTIONS:
        known = getattr(xl.functions, function.name).__xlfunc__
        assert known["name"] == function.name
        assert known["category"] == CATEGORY
        assert not known["volatile"]
        assert not known["call_in_wizard"]
        assert known["ret"]["doc"] == function.description
        assert [(a["name"], a["doc"], "optional" in a) for a in known["args"]] == [
            (a.name, a.help, a.optional) for a in function.arguments
        ]


def test_help_keeps_excels_limits() -> None:
    for function in FUNCTIONS:
        assert len(function.description) <= 255
        assert all(len(argument.help) <= 255 for argument in function.arguments)
        assert sum(len(a.name) + 2 for a in function.arguments) < 255


BAD: list[tuple[str, tuple[Any, ...], int, str]] = [
    ("error in beta", (S, column([1e-5, DIV0])), VALUE, "beta row 2 column 1 holds the error #DIV/0!"),
    ("new error in beta", (S, row([1e-5, SPILL])), VALUE, "beta row 1 column 2 holds the error #SPILL!"),
    ("missing in beta", (S, column([1e-5, NA_CELL])), NOT_AVAILABLE, "beta row 2 column 1 holds the error #N/A"),
    ("error in shares", (DIV0, column(FOUR)), VALUE, "shares holds the error #DIV/0!"),
    ("missing in shares", (NA_CELL, column(FOUR)), NOT_AVAILABLE, "shares holds the error #N/A"),
    ("missing in a spread", (S, column(FOUR), None, column([0.1, NA_CELL, 0.1, 0.1])), NOT_AVAILABLE,
     "half_spread row 2 column 1 holds the error #N/A"),
    ("missing in an option", (S, column(FOUR), (("lot", NA_CELL),)), NOT_AVAILABLE, "options row 1 column 2 holds"),
    ("blank shares", (None, column(FOUR)), NOT_AVAILABLE, "shares is blank"),
    ("spaces for shares", ("  ", column(FOUR)), NOT_AVAILABLE, "shares is blank"),
    ("no beta", (S, MISSING), NOT_AVAILABLE, "beta is blank"),
    ("blank betas", (S, column([None, None])), NOT_AVAILABLE, "beta is blank"),
    ("blank inside", (S, column([1e-5, None, 1e-5])), NOT_AVAILABLE, "beta row 2 column 1 is blank"),
    ("blank first", (S, column([None, 1e-5])), NOT_AVAILABLE, "beta row 1 column 1 is blank"),
    ("blank volume", (S, column(FOUR), "participation=0.5", None, column([9e5, None, 9e5, 9e5])), NOT_AVAILABLE,
     "volume row 2 column 1 is blank"),
    ("currency", (S, column([1e-5, Decimal("0.0001")])), VALUE, "currency-formatted cells are cut to four decimals"),
    ("currency alone", (Decimal("100000"), column(FOUR)), VALUE, "format it as Number"),
    ("boolean", (S, column([1e-5, True])), VALUE, "beta row 2 column 1 is TRUE"),
    ("date", (S, column([1e-5, dt.datetime(2026, 1, 5)])), VALUE, "beta row 2 column 1 holds a date or time"),
    ("text number", (S, column(["1,5", 2.0])), VALUE, "beta row 1 column 1 holds the text '1,5'"),
    ("zero beta", (S, column([1e-5, 0.0])), VALUE, "beta row 2 column 1 is 0: give a number above 0"),
    ("negative shares", (-1.0, column(FOUR)), VALUE, "shares is -1: give a number above 0"),
    ("huge shares", (1e80, column(FOUR)), VALUE, "shares is 1e+80"),
    ("several shares", (column([1.0, 2.0]), column(FOUR)), VALUE, "shares spans 2 rows and 1 columns: give one cell"),
    ("two dimensions", (S, ((1e-5, 2e-5), (1e-5, 2e-5))), VALUE, "beta spans 2 rows and 2 columns without headers"),
    ("unknown header", (S, block(["Beta", "HalfSpred"], FOUR, SPREADS)), VALUE,
     "beta row 1 column 2 is 'HalfSpred', no column of intervals: did you mean HalfSpread?"),
    ("no Beta", (S, block(["HalfSpread", "Volume"], SPREADS, VOLUMES)), VALUE, "beta has no column Beta"),
    ("Beta twice", (S, block(["Beta", "beta"], FOUR, FOUR)), VALUE, "beta row 1 column 2 repeats the header Beta"),
    ("number for a header", (S, block(["Beta", 5.0], FOUR, FOUR)), VALUE, "beta row 1 column 2 is 5.0 in a row of"),
    ("headers alone", (S, row(["Beta", "Volume"])), NOT_AVAILABLE, "beta has headers but no rows"),
    ("given twice", (S, block(["Beta", "HalfSpread"], FOUR, SPREADS), None, 0.01), VALUE,
     "half_spread is given twice, as argument and as column HalfSpread of beta"),
    ("error below a header", (S, block(["Volume", "Beta"], VOLUMES, [1e-5, DIV0, 1e-5, 1e-5])), VALUE,
     "beta row 3 column 2 holds the error #DIV/0!"),
    ("short column", (S, column(FOUR), None, column([0.1, 0.1])), VALUE, "half_spread has 2 values where beta has 4"),
    ("long column", (S, column(FOUR), None, column([0.1] * 5)), VALUE, "half_spread has 5 values where beta has 4"),
    ("lone cap in a range", (S, column(FOUR), None, None, None, column([9e5, None])), VALUE,
     "max_shares has 2 values where beta has 4"),
    ("negative spread", (S, column(FOUR), None, -0.1), VALUE, "half_spread is -0.1"),
    ("no volumes", (S, column(FOUR), "participation=0.1"), VALUE, "options: participation needs volumes"),
    ("no gammas", (S, column(FOUR), "model=quadratic"), VALUE, "give beta as a block with the headers Beta and Gamma"),
    ("no exponent", (S, column(FOUR), "model=power"), VALUE, "options: exponent is blank"),
    ("no start times", (S, column(FOUR), "window_start=09:30"), VALUE, "needs start times"),
    ("timing risk", (S, column(FOUR), "risk_aversion=1e-6"), VALUE, "options: risk_aversion asks for timing risk"),
    ("not convex", (S, block(["Beta", "Gamma"], FOUR, [-1.0, 0.0, 0.0, 0.0]), "model=quadratic"), VALUE,
     "beta row 2 column 2 is negative and the cost stops being convex"),
    ("method for lots", (S, column(FOUR), "lot=100; method=analytic"), VALUE, "can't do whole lots"),
    ("infeasible", (S, column(FOUR), None, None, None, 20_000.0), NUM,
     "caps sum to 80,000 shares, 20,000 short of 100,000"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "sentence"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input(xl: Excel, arguments: tuple[Any, ...], code: int, sentence: str) -> None:
    """The same sentence from OPTALLOC_CHECK and the log, the same class of error from both doors."""
    assert call("OPTALLOC", arguments) == ExcelError(code)
    assert sentence in check(*arguments)
    assert rows(xl.call("OPTALLOC", *arguments)) == [[ExcelError(code)]]
    assert sentence in log_path().read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "limits", "impact"),
    [
        ("impact_cap=0.9", ta.Limits(impact_cap=0.9), ta.LinearImpact(FOUR)),
        ("lot=300", ta.Limits(lot_size=300.0), ta.LinearImpact(FOUR)),
        ("min_clip=20000; method=dual", ta.Limits(min_clip=20_000.0), ta.LinearImpact(FOUR)),
        ("unit=bps; method=dual", ta.Limits(), ta.LinearImpact(FOUR)),
        ("model=power; exponent=0.6", ta.Limits(), ta.PowerImpact(FOUR, 0.6)),
        ("model=power; exponent=2; reference_shares=100", ta.Limits(), ta.PowerImpact.from_linear(FOUR, 2.0, 100.0)),
    ],
)
def test_each_option_reaches_the_solver(options: str, limits: ta.Limits, impact: Any) -> None:
    expected = ta.solve(ta.Problem(S, impact, limits)).shares
    found = call("OPTALLOC", (S, column(FOUR), options))
    assert isinstance(found, list)
    assert [r[0] for r in found] == pytest.approx(expected.tolist(), rel=1e-12)


def test_whole_column() -> None:
    rest = [None] * 1_000_000
    whole = call("OPTALLOC", (S, column(FOUR + rest), None, column(SPREADS + rest)))
    assert whole == call("OPTALLOC", (S, column(FOUR), None, column(SPREADS)))
    assert call("OPTALLOC", (S, column(["Beta", *FOUR, *rest]), None, column(["HalfSpread", *SPREADS, *rest]))) == whole


def test_whole_columns_with_headers() -> None:
    columns = [("Beta", *FOUR, None, None), ("HalfSpread", *SPREADS, None, None), (None,) * 7]
    found = call("OPTALLOC", (S, tuple(zip(*columns, strict=True))))
    assert found == call("OPTALLOC", (S, column(FOUR), None, column(SPREADS)))


def test_a_blank_column_of_a_block_is_not_there() -> None:
    """The template's table has every column, most of them blank."""
    betas = block(["Beta", "Volume", "Gamma", "MaxShares"], FOUR, [None] * 4, ["", " ", None, None], [None] * 4)
    assert call("OPTALLOC", (S, betas)) == call("OPTALLOC", (S, column(FOUR)))
    with_volumes = call("OPTALLOC", (S, betas, "participation=0.1", None, column(VOLUMES)))
    assert with_volumes == call("OPTALLOC", (S, column(FOUR), "participation=0.1", None, column(VOLUMES)))
    assert "needs volumes" in check(S, betas, "participation=0.1")


def test_text_is_trimmed_and_headers_ignore_case() -> None:
    assert call("OPTALLOC", (S, block([" BETA ", "halfspread"], FOUR, SPREADS))) == call(
        "OPTALLOC", (S, column(FOUR), "", column(SPREADS))
    )


def test_skipped_arguments_in_every_form() -> None:
    plain = call("OPTALLOC", (S, column(FOUR)))
    for skipped in (MISSING, COM_MISSING, None, "", column([None, None])):
        assert call("OPTALLOC", (S, column(FOUR), *[skipped] * 5)) == plain


def test_lists_and_flat_rows_are_ranges_too() -> None:
    assert call("OPTALLOC", (S, list(FOUR))) == call("OPTALLOC", (S, row(FOUR)))


def test_windows_take_times_fractions_and_text() -> None:
    starts = [dt.datetime(1899, 12, 30, 9, 30, tzinfo=dt.UTC), 10 / 24, "10:30", dt.time(11)]
    betas = block(["Start", "Beta"], starts, FOUR)
    shares = call("OPTALLOC", (S, betas, "window_start=10:00; window_end=11:00"))
    assert isinstance(shares, list)
    assert [r[0] > 0 for r in shares] == [False, True, True, False]
    cells = (("window_start", dt.time(10)), ("window_end", 11 / 24))
    assert call("OPTALLOC", (S, betas, cells)) == shares


def test_comparison_has_a_nonlinear_row_where_a_gamma_is_given() -> None:
    found = call("OPTALLOC_COMPARE", (S, block(["Beta", "Gamma"], FOUR, [1e-12] * 4)))
    assert isinstance(found, list)
    assert found[-1][0] == "Nonlinear (quadratic, SciPy)"


def test_impact_prices_the_optimum_and_ignores_limits() -> None:
    problem = ta.Problem(S, ta.LinearImpact(LONG, 0.01))
    best = ta.solve(problem)
    impact = call("OPTALLOC_IMPACT", (column(best.shares.tolist()), column(LONG), "", 0.01, None, 1.0))
    assert impact == pytest.approx(best.total_impact, rel=1e-12)


@pytest.mark.parametrize(
    ("allocation", "code"),
    [
        (column([1.0, 2.0]), VALUE),
        (column([1.0, None, 1.0, 1.0]), NOT_AVAILABLE),
        (column([-1.0, 2.0, 1.0, 1.0]), VALUE),
        (column([0.0] * 4), VALUE),
        (((1.0, 2.0), (3.0, 4.0)), VALUE),
        (MISSING, NOT_AVAILABLE),
    ],
)
def test_bad_allocations(allocation: Any, code: int) -> None:
    assert call("OPTALLOC_IMPACT", (allocation, column(FOUR))) == ExcelError(code)


def test_bad_allocations_have_no_stats() -> None:
    assert call("OPTALLOC_STATS", (column([0.0, 0.0]),)) == ExcelError(VALUE)
    assert call("OPTALLOC_STATS", (column([1.0, "x"]),)) == ExcelError(VALUE)
    assert call("OPTALLOC_STATS", (None,)) == ExcelError(NOT_AVAILABLE)


def test_a_size_that_is_none_gets_a_status() -> None:
    found = call("OPTALLOC_SENSITIVITY", (row([-5.0, 1_000.0]), column(FOUR)))
    assert isinstance(found, list)
    assert found[1][1:4] == (ExcelError(NOT_AVAILABLE),) * 3
    assert "above 0" in str(found[1][4])
    assert found[2][4] == "OK"
    assert call("OPTALLOC_SENSITIVITY", (column([1.0, None, 2.0]), column(FOUR))) == ExcelError(NOT_AVAILABLE)
    assert call("OPTALLOC_SENSITIVITY", (S, column(FOUR), "method=newton")) == ExcelError(VALUE)


def test_linear_programme_says_its_warning_in_the_check() -> None:
    sentence = check(S, column(FOUR), "model=power; exponent=0")
    assert sentence.startswith("OK method dual")
    assert "the cheapest interval may take the whole order" in sentence


def test_identical_inputs_are_answered_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    solved: list[int] = []
    real = engine.solve
    monkeypatch.setattr(engine, "solve", lambda *a: solved.append(1) or real(*a))
    first = call("OPTALLOC", (S, column(FOUR)))
    assert isinstance(first, list)
    first[0] = (-1.0,)
    assert call("OPTALLOC", (S, column(FOUR))) == call("OPTALLOC", (S, column(FOUR), MISSING)) != first
    assert len(solved) == 2
    call("OPTALLOC", (S + 1, column(FOUR)))
    assert len(solved) == 3


def test_the_cache_tells_alike_values_apart() -> None:
    """1 == True == 1.0 in Python, and an error is an integer on its way here."""
    assert call("OPTALLOC", (S, column([1.0, 1.0]))) == [(S / 2,), (S / 2,)]
    assert call("OPTALLOC", (S, column([1.0, True]))) == ExcelError(VALUE)
    assert call("OPTALLOC", (S, column([1.0, float(NA_CELL)]))) == ExcelError(VALUE)
    assert call("OPTALLOC", (S, column([1.0, NA_CELL]))) == ExcelError(NOT_AVAILABLE)


def test_the_cache_tells_a_range_from_what_is_filled_of_it() -> None:
    assert isinstance(call("OPTALLOC", (S, column(FOUR), None, None, None, column([9e5]))), list)
    assert call("OPTALLOC", (S, column(FOUR), None, None, None, column([9e5, None]))) == ExcelError(VALUE)


def test_the_cache_is_small_and_keeps_what_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(engine.CACHED_ANSWERS + 5):
        call("OPTALLOC", (1.0 + size, 1e-5))
        call("OPTALLOC", (S, 1e-5))
    assert len(engine._cache) == engine.CACHED_ANSWERS
    monkeypatch.setattr(engine, "solve", None)
    assert call("OPTALLOC", (S, 1e-5)) == S
    assert call("OPTALLOC", (1.0, 1e-5)) == ExcelError(VALUE)


def test_a_failure_of_ours_is_an_error_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patched:
        patched.setattr(engine, "solve", broken)
        assert call("OPTALLOC", (S, column(FOUR))) == ExcelError(VALUE)
        assert "unexpected RuntimeError: out of luck" in check(S, column(FOUR))
    assert "Traceback" in log_path().read_text(encoding="utf-8")
    assert check(S, column(FOUR)).startswith("OK")  # what nobody foresaw isn't remembered


def test_a_solver_that_stops_short_is_a_number_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any) -> None:
        raise ta.SolverError("cvxpy stopped at a duality gap of 1e-3: use method dual or auto")

    monkeypatch.setattr(engine, "solve", stopped)
    assert call("OPTALLOC", (S, column(FOUR), "method=cvxpy")) == ExcelError(NUM)
    assert "use method dual or auto" in check(S, column(FOUR), "method=cvxpy")


def test_a_check_shows_its_sentence_and_needs_no_log() -> None:
    assert "above 0" in check(-1.0, column(FOUR))
    assert not log_path().exists()


def test_the_log_is_made_when_needed_and_never_in_the_way(home: Path) -> None:
    call("OPTALLOC", (S, column(FOUR)))
    assert not log_path().exists()
    (home / ".tradealloc").write_text("a file where the folder should be")
    assert call("OPTALLOC", (S, "abc")) == ExcelError(VALUE)


def test_the_log_rotates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradealloc_addin.log.LARGEST_BYTES", 300)
    for size in range(30):
        call("OPTALLOC", (-1.0 - size, 1e-5))
    files = sorted(path.name for path in log_path().parent.iterdir())
    assert files == ["tradealloc.log", *(f"tradealloc.log.{n}" for n in (1, 2, 3))]
    assert all(path.stat().st_size <= 300 for path in log_path().parent.iterdir())


def test_imports_stay_light() -> None:
    """Our module beside xlwings' own import, and no solver library for the exact methods."""
    script = (
        "import sys, time, xlwings; heavy = {'cvxpy', 'scipy', 'openpyxl', 'lxml'} - set(sys.modules); "
        "begun = time.perf_counter(); import tradealloc_addin.functions as f; took = time.perf_counter() - begun; "
        "assert took < 0.1, took; from tradealloc_addin.engine import call; "
        "call('OPTALLOC', (1e5, ((1e-5,), (2e-5,)), 'lot=100')); assert not heavy & set(sys.modules), heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_engine_needs_numpy_only() -> None:
    script = (
        "import sys; from tradealloc_addin.engine import call; call('OPTALLOC', (1e5, ((1e-5,), (2e-5,)))); "
        "heavy = {'xlwings', 'cvxpy', 'scipy', 'pandas', 'openpyxl', 'lxml', 'typer', 'rich'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_shares_of_a_large_day_add_up() -> None:
    found = call("OPTALLOC", (1e6, column((np.arange(1, 10_001) * 1e-7).tolist()), None, 0.001))
    assert isinstance(found, list)
    assert sum(float(r[0]) for r in found if isinstance(r[0], float)) == pytest.approx(1e6, rel=1e-12)
