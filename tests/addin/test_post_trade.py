"""OPTALLOC_TCA and OPTALLOC_REOPT beyond the cases that every door answers: options, forms of input, refusals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tradealloc_addin.engine import call, clear_cache
from tradealloc_addin.log import log_path
from tradealloc_addin.options import GROUPED_BY
from tradealloc_addin.values import ERROR_BASE, NOT_AVAILABLE, NUM, VALUE, ExcelError

import tradealloc as ta
from addin.cases import FILLS, FOUR, SPREADS, TCA_ORDERS, S, block, column, row
from tradealloc.actions.tca import analyse_files
from tradealloc.desk.tca import GROUPINGS
from tradealloc.workbook.fields.tca import TCA_RESULT_COLUMNS
from tradealloc.workbook.tca_outputs import group_columns, result_columns
from tradealloc.workbook.tca_totals import columns_with_totals

NA_CELL, DIV0 = ERROR_BASE + 2042, ERROR_BASE + 2007
Table = tuple[tuple[Any, ...], ...]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pretend home for the log; no answers from earlier tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    clear_cache()


def costs(*arguments: Any) -> dict[str, list[Any]]:
    """The result by header."""
    found = call("OPTALLOC_TCA", arguments)
    assert isinstance(found, list), log_path().read_text(encoding="utf-8")
    return {str(header): list(cells) for header, cells in zip(found[0], zip(*found[1:], strict=True), strict=True)}


def refusal(*arguments: Any, name: str = "OPTALLOC_TCA") -> tuple[int, str]:
    """The error's number and the sentence in the log."""
    found = call(name, arguments)
    assert isinstance(found, ExcelError)
    return found.code, log_path().read_text(encoding="utf-8")


def changed(table: Table, at: int, header: str, value: object) -> Table:
    """A block with another value in a row."""
    place = table[0].index(header)
    return tuple((*r[:place], value, *r[place + 1 :]) if number == at else r for number, r in enumerate(table))


def csv(table: Table, folder: Path, name: str) -> Path:
    path = folder / name
    lines = [",".join("" if cell is None else str(cell) for cell in cells) for cells in table]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def plain(values: Any) -> list[Any]:
    return ["" if value is None else value for value in values]


# Costs


def test_the_same_as_the_command_line(tmp_path: Path) -> None:
    """Fills and orders in files give the same rows; times as ISO text with a zone there, as serial numbers here."""
    moments = ["2026-03-09T09:36:00Z", "2026-03-09T10:33:36Z", "2026-03-09T11:02:24Z"]
    timed = FILLS
    for number, moment in enumerate(moments, start=1):
        timed = changed(timed, number, "Time", moment)
    paths = csv(timed, tmp_path, "fills.csv"), csv(TCA_ORDERS, tmp_path, "orders.csv")
    expected = columns_with_totals(analyse_files(*paths))
    found = costs(FILLS, TCA_ORDERS)
    assert list(found) == [c.header for c in TCA_RESULT_COLUMNS] == list(expected)
    for header, values in expected.items():
        assert found[header] == plain(values), header


def test_totals_are_the_sums_of_their_currency() -> None:
    same = changed(TCA_ORDERS, 2, "Currency", "USD")
    found = costs(FILLS, same)
    assert found["OrderId"] == ["A", "B", "Total"]
    for header in ("Shortfall", "Timing", "Permanent", "Spread", "Temporary", "Opportunity", "Fees"):
        assert found[header][2] == pytest.approx(sum(found[header][:2]), abs=0.005)
    parts = [
        c.header for c in TCA_RESULT_COLUMNS if "Part of" in c.help or c.header in ("Execution", "SpreadAndTemporary")
    ]
    for place in range(3):
        known = [found[header][place] for header in parts if found[header][place] != ""]
        assert sum(known) == pytest.approx(found["Shortfall"][place], abs=0.005)


@pytest.mark.parametrize("by", GROUPED_BY)
def test_groups(by: str, tmp_path: Path) -> None:
    analysis = analyse_files(
        csv(tuple(r[1:] for r in FILLS), tmp_path, "fills.csv"), csv(TCA_ORDERS, tmp_path, "orders.csv")
    )
    found = costs(FILLS, TCA_ORDERS, f"by={by}")
    assert sum(found["Slippage"]) == pytest.approx(66.0 + 24.0)
    if by != "time":
        expected = group_columns(analysis.of(by))
        for header, values in expected.items():
            assert found[header] == plain(values), header


def test_the_groupings_are_all_there() -> None:
    assert tuple(GROUPINGS) == GROUPED_BY


def test_options_in_cells_and_in_any_case() -> None:
    assert costs(FILLS, TCA_ORDERS, (("By", "Symbol"),)) == costs(FILLS, TCA_ORDERS, "by = symbol")


def test_order_and_names_of_columns_do_not_matter() -> None:
    turned = tuple(tuple(reversed(r)) for r in FILLS)
    loud = (tuple(str(h).upper() for h in turned[0]), *turned[1:])
    noted = tuple((*r, note) for r, note in zip(loud, ["Desk note", None, "late", True], strict=True))
    for fills in (turned, loud, noted):
        assert costs(fills, TCA_ORDERS) == costs(FILLS, TCA_ORDERS)


def test_blank_rows_and_whole_columns() -> None:
    empty = (None,) * len(FILLS[0])
    assert costs((*FILLS[:2], empty, *FILLS[2:], *[empty] * 1000), TCA_ORDERS) == costs(FILLS, TCA_ORDERS)
    spaced = changed(TCA_ORDERS, 2, "EndPrice", "  ")
    assert costs(FILLS, spaced) == costs(FILLS, TCA_ORDERS)


def test_times_as_excel_hands_them_over() -> None:
    """pywin32's moments say UTC and mean local time."""
    fills = FILLS
    for number in (1, 2, 3):
        moment = dt.datetime(1899, 12, 30, tzinfo=dt.UTC) + dt.timedelta(days=float(FILLS[number][0]))
        fills = changed(fills, number, "Time", moment)
    assert costs(fills, TCA_ORDERS, "by=time") == costs(FILLS, TCA_ORDERS, "by=time")


def test_without_orders_each_id_is_one() -> None:
    sided = block((*FILLS[0], "Side"), *zip(*FILLS[1:], strict=True), ["buy", "sell", "buy"])
    found = costs(sided, None)
    assert found["OrderId"][:2] == ["A", "B"]
    assert found["Unfilled"][:2] == [0.0, 0.0]


def test_repeats_are_refused_or_dropped_as_asked() -> None:
    twice = (*FILLS, FILLS[1])
    code, sentence = refusal(twice, TCA_ORDERS)
    assert code == VALUE
    assert 'fills row 5 repeats the fill of fills row 2: remove one, or give the option "repeats=drop"' in sentence
    assert costs(twice, TCA_ORDERS, "repeats=drop") == costs(FILLS, TCA_ORDERS)


BAD: list[tuple[str, tuple[Any, ...], int, str]] = [
    ("no fills", (None, TCA_ORDERS), NOT_AVAILABLE, "fills is blank: give a block headed as tblFills"),
    ("headers alone", (FILLS[:1], TCA_ORDERS), NOT_AVAILABLE, "fills has headers but no rows"),
    ("no headers", (FILLS[1:], TCA_ORDERS), VALUE, "in a row of headers: give a block with the headers of tblFills"),
    ("error for a header", (changed(FILLS, 0, "Price", DIV0), TCA_ORDERS), VALUE, "fills row 1 column 4 holds"),
    ("header twice", (changed(FILLS, 0, "Bid", "price"), TCA_ORDERS), VALUE, "column 5 repeats the header price"),
    ("no price", (tuple(r[:3] for r in FILLS), TCA_ORDERS), VALUE, "fills has no column Price: add one"),
    ("error cell", (changed(FILLS, 2, "Price", DIV0), TCA_ORDERS), VALUE, "row 3 column 4 holds the error #DIV/0!"),
    ("missing", (changed(FILLS, 2, "Bid", NA_CELL), TCA_ORDERS), NOT_AVAILABLE,
     "fills row 3 column 5 holds the error #N/A"),
    ("currency", (changed(FILLS, 1, "Price", Decimal("50.03")), TCA_ORDERS), VALUE,
     "fills row 2 column 4 arrived as the decimal 50.03: currency-formatted cells are cut"),
    ("boolean", (changed(FILLS, 1, "Fees", True), TCA_ORDERS), VALUE, "fills row 2 column 8 is TRUE: give a number"),
    ("text", (changed(FILLS, 3, "Shares", "5OO"), TCA_ORDERS), VALUE, "fills row 4 column 3 is '5OO': give a number"),
    ("date", (changed(FILLS, 3, "Shares", dt.datetime(2026, 1, 5)), TCA_ORDERS), VALUE, "fills row 4 column 3 is"),
    ("negative", (changed(FILLS, 1, "Shares", -5.0), TCA_ORDERS), VALUE, "fills row 2 column 3 is -5: give a number"),
    ("blank price", (changed(FILLS, 1, "Price", None), TCA_ORDERS), VALUE, "fills row 2 column 4 is blank: fill it in"),
    ("over-filled", (changed(FILLS, 3, "Shares", 5e5), TCA_ORDERS), VALUE, "fills more than its order A: 500,700 of"),
    ("crossed", (changed(FILLS, 1, "Bid", 60.0), TCA_ORDERS), VALUE, "fills row 2 has a bid of 60 above the ask"),
    ("unknown order", (changed(FILLS, 1, "OrderId", "Z"), TCA_ORDERS), VALUE, "fills row 2 is of the order 'Z'"),
    ("wrong side", (block((*FILLS[0], "Side"), *zip(*FILLS[1:], strict=True), ["sell", "sell", "buy"]), TCA_ORDERS),
     VALUE, "fills row 2 is on the other side than its order (orders row 2)"),
    ("side", (FILLS, changed(TCA_ORDERS, 1, "Side", "long")), VALUE, "orders row 2 column 3 is 'long': give"),
    ("order twice", (FILLS, changed(TCA_ORDERS, 2, "OrderId", "A")), VALUE, "orders row 3 has the order A of orders"),
    ("no arrival", (FILLS, changed(changed(TCA_ORDERS, 1, "ArrivalPrice", None), 1, "DecisionPrice", None)), VALUE,
     "orders row 2 has no ArrivalPrice"),
    ("unknown option", (FILLS, TCA_ORDERS, "lot=100"), VALUE, "no option 'lot': the options are by, repeats"),
    ("unknown group", (FILLS, TCA_ORDERS, "by=symbols"), VALUE, "is 'symbols': did you mean symbol?"),
    ("no times", (tuple(r[1:] for r in FILLS), TCA_ORDERS, "by=time"), VALUE, "options: by needs fills with times"),
    ("single cell", (5.0, TCA_ORDERS), VALUE, "fills is 5.0 in a row of headers"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "sentence"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_executions(arguments: tuple[Any, ...], code: int, sentence: str) -> None:
    found, log = refusal(*arguments)
    assert found == code
    assert sentence in log
    assert "Traceback" not in log


# The schedule that finishes an order


def reopt(*arguments: Any) -> list[float]:
    found = call("OPTALLOC_REOPT", arguments)
    assert isinstance(found, list), log_path().read_text(encoding="utf-8")
    return [float(cell) for cells in found for cell in cells]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "filled", [None, "", column([None] * 4), column(["", " ", None, ""]), row([None] * 9), "Filled"]
)
def test_with_nothing_filled_it_is_optalloc(filled: Any) -> None:
    tail = ("participation=0.3", column(SPREADS), column([2e5] * 4))
    assert call("OPTALLOC_REOPT", (S, column(FOUR), filled, *tail)) == call("OPTALLOC", (S, column(FOUR), *tail))


@pytest.mark.parametrize(
    "filled", [[20_000.0, 9_000.0], [20_000.0, 9_000.0, None, None], ["Filled", 20_000.0, 9_000.0, None]]
)
def test_forms_of_filled(filled: list[Any]) -> None:
    expected = [20_000.0, 9_000.0, *ta.solve(ta.Problem(S - 29_000, ta.LinearImpact(FOUR[2:], SPREADS[2:]))).shares]
    for lying in (column(filled), row(filled)):
        assert reopt(S, column(FOUR), lying, None, column(SPREADS)) == pytest.approx(expected, rel=1e-12)


def test_it_lies_as_the_betas_do() -> None:
    assert len(call("OPTALLOC_REOPT", (S, row(FOUR), column([5.0])))) == 1  # type: ignore[arg-type]
    assert call("OPTALLOC_REOPT", (S, 1e-5, None)) == S
    assert call("OPTALLOC_REOPT", (S, 1e-5, S)) == S


def test_nothing_remains() -> None:
    assert reopt(S, column(FOUR), column([60_000.0, 40_000.0])) == [60_000.0, 40_000.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("options", "beta_level", "spread_level"),
    [
        ("level=2", 2, 2),
        ("level_beta=2", 2, 1),
        ("level=3; level_spread=0.5", 3, 0.5),
        ((("level_beta", 1.5),), 1.5, 1),
    ],
)
def test_levels(options: Any, beta_level: float, spread_level: float) -> None:
    rest = ta.LinearImpact(np.array(FOUR[1:]) * beta_level, np.array(SPREADS[1:]) * spread_level)
    best = ta.solve(ta.Problem(S - 5_000, rest)).shares
    found = reopt(S, column(FOUR), 5_000.0, options, column(SPREADS))
    assert found == pytest.approx([5_000.0, *best], rel=1e-9)


def test_lots_and_headed_blocks() -> None:
    table = block(("Beta", "HalfSpread", "MaxShares"), FOUR, SPREADS, [None, 30_000.0, None, None])
    found = reopt(S, table, 12_345.0, "lot=100")
    assert found[0] == 12_345.0
    assert sum(found) == pytest.approx(S)
    assert found[1] <= 30_000.0
    assert sum(x % 100 != 0 for x in found[1:]) <= 1


BAD_FILLED: list[tuple[str, tuple[Any, ...], int, str]] = [
    ("too much", (S, column(FOUR), column([1.2e5])), VALUE, "filled sums to 120,000 shares, 20,000 more"),
    ("too long", (S, column(FOUR), column([1.0] * 5)), VALUE, "filled has 5 values where beta has 4"),
    ("day over", (S, column(FOUR), column([1.0] * 4)), NUM, "99,996 shares are left and filled has a number for each"),
    ("hole", (S, column(FOUR), column([1.0, None, 2.0])), NOT_AVAILABLE, "filled row 2 column 1 is blank before"),
    ("hole first", (S, column(FOUR), column([None, 2.0])), NOT_AVAILABLE, "filled row 1 column 1 is blank before"),
    ("negative", (S, column(FOUR), column([-1.0])), VALUE, "filled is -1: give a number of at least 0"),
    ("text", (S, column(FOUR), column([1.0, "x"])), VALUE, "filled row 2 column 1 holds the text 'x'"),
    ("error", (S, column(FOUR), column([1.0, DIV0])), VALUE, "filled row 2 column 1 holds the error #DIV/0!"),
    ("missing", (S, column(FOUR), column([1.0, NA_CELL])), NOT_AVAILABLE, "filled row 2 column 1 holds the error #N/A"),
    ("two dimensions", (S, column(FOUR), ((1.0, 2.0), (1.0, 2.0))), VALUE, "filled spans 2 rows and 2 columns"),
    ("currency", (S, column(FOUR), column([Decimal("5")])), VALUE, "currency-formatted cells are cut"),
    ("no room", (S, column(FOUR), column([10_000.0]), None, None, None, 20_000.0), NUM,
     "caps sum to 60,000 shares, 30,000 short of 90,000"),
    ("level", (S, column(FOUR), column([1.0]), "level=0"), VALUE, "options: level is 0: give a number above 0"),
    ("level text", (S, column(FOUR), column([1.0]), "level=high"), VALUE, "is 'high': give a number"),
    ("unknown option", (S, column(FOUR), column([1.0]), "levle=2"), VALUE, "did you mean level?"),
    ("no beta", (S, None, column([1.0])), NOT_AVAILABLE, "beta is blank"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "sentence"), [b[1:] for b in BAD_FILLED], ids=[b[0] for b in BAD_FILLED])
def test_bad_fills_of_the_day(arguments: tuple[Any, ...], code: int, sentence: str) -> None:
    found, log = refusal(*arguments, name="OPTALLOC_REOPT")
    assert found == code
    assert sentence in log
    assert "Traceback" not in log


def test_levels_are_no_options_of_other_functions() -> None:
    assert call("OPTALLOC", (S, column(FOUR), "level=2")) == ExcelError(VALUE)


def test_results_without_totals_are_the_first_rows(tmp_path: Path) -> None:
    analysis = analyse_files(csv(tuple(r[1:] for r in FILLS), tmp_path, "f.csv"), csv(TCA_ORDERS, tmp_path, "o.csv"))
    whole, orders = columns_with_totals(analysis), result_columns(analysis)
    assert {header: values[:2] for header, values in whole.items()} == {h: list(v) for h, v in orders.items()}
