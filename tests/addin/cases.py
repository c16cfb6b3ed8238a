"""Orders and executions, easy and nasty, that every door must answer alike: same numbers, same class of error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tradealloc_addin.intervals import Intervals
from tradealloc_addin.options import parse_options
from tradealloc_addin.spec import FUNCTIONS
from tradealloc_addin.values import ERROR_BASE, MISSING, NOT_AVAILABLE, NUM, VALUE, ExcelError, neutral

import tradealloc as ta
from tradealloc.workbook.fields import INTERVAL_COLUMNS

EXACT, ITERATIVE = 1e-12, 1e-5
DIVISION_BY_ZERO = ERROR_BASE + 2007
Rows = list[list[Any]]


@dataclass(frozen=True)
class Case:
    """One call and its answer.

    Attributes
    ----------
    name
        For the test's id.
    function
        Name of the spreadsheet function.
    arguments
        In the engine's neutral form: scalars, tuples of rows, MISSING, error integers.
    expect
        Rows of cells by the Python API, or the error's CVErr number.
    tolerance
        Relative, of numbers.
    calc_error
        LibreOffice's own number where it refuses the arguments before the add-in sees them; 0: same class.
    """

    name: str
    function: str
    arguments: tuple[Any, ...]
    expect: Callable[[], Rows] | int
    tolerance: float = EXACT
    calc_error: int = 0

    @property
    def expected(self) -> Rows:
        return [[ExcelError(self.expect)]] if isinstance(self.expect, int) else self.expect()

    def __str__(self) -> str:
        return self.name


def column(values: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    return tuple((value,) for value in values)


def row(values: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    return (tuple(values),)


def block(headers: Sequence[str], *columns: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    return (tuple(headers), *zip(*columns, strict=True))


def day(intervals: int, seed: int = 7) -> list[float]:
    """Betas of a made-up day: dearer at lunch, noisy."""
    noise = np.random.default_rng(seed).uniform(0.8, 1.2, intervals)
    hours = np.linspace(0, np.pi, intervals)
    return [float(beta) for beta in 1e-5 * (1 + np.sin(hours)) * noise]


S = 100_000.0
FOUR = [2e-5, 1e-5, 4e-5, 5e-5]
SPREADS = [0.01, 0.03, 0.02, 0.01]
VOLUMES = [400_000.0, 500_000.0, 200_000.0, 300_000.0]
LONG = day(390)


def down(shares: Any) -> Rows:
    return [[float(x)] for x in shares]


def solved(impact: Any, limits: ta.Limits | None = None, method: str = "auto", shares: float = S) -> ta.Schedule:
    return ta.solve(ta.Problem(shares, impact, limits or ta.Limits()), method)


def _sensitivity() -> Rows:
    limits = ta.Limits(max_shares=40_000.0)
    priced = ta.sensitivity(ta.Problem(S, ta.LinearImpact(FOUR), limits), [50_000.0, S, 1e6])
    missing = ExcelError(NOT_AVAILABLE)
    table: Rows = [["TotalShares", "OptimalImpact", "EqualImpact", "Improvement", "Status"]]
    for r in priced.rows:
        numbers = [r.total_shares, r.optimal_impact, r.equal_impact, r.improvement]
        table.append([*(missing if x is None else x for x in numbers), r.status])
    return table


def _compare() -> Rows:
    compared = ta.compare(ta.Problem(S, ta.LinearImpact(FOUR, 0.01), ta.Limits(volume=VOLUMES)))
    headers = ["Strategy", "Method", "TotalImpact", "Improvement", "AllocationStd", "LimitsBroken"]
    rows = [
        [r.strategy, r.method, r.total_impact, r.improvement, r.allocation_std, float(r.limits_broken)]
        for r in compared.rows
    ]
    return [headers, *rows]


def _stats() -> Rows:
    p = ta.allocation_pattern([30_000.0, 60_000.0, 10_000.0])
    labels = ["Mean", "Std", "CV", "Min", "Max", "Volume in best half", "Effective intervals"]
    values = [p.mean, p.std, p.cv, p.minimum, p.maximum, p.best_half, p.effective_intervals]
    return [list(pair) for pair in zip(labels, values, strict=True)]


def _quadratic() -> Rows:
    return down(solved(ta.QuadraticImpact(FOUR, [1e-12, 0.0, -1e-12, 2e-12]), ta.Limits(max_shares=50_000.0)).shares)


def _everything() -> Rows:
    limits = ta.Limits(
        min_shares=[0.0, 5_000.0, 0.0, 0.0],
        max_shares=[np.inf, 45_000.0, np.inf, 30_000.0],
        participation=0.1,
        volume=VOLUMES,
    )
    return down(solved(ta.LinearImpact(FOUR, SPREADS), limits).shares)


FILLS = block(
    ("Time", "OrderId", "Shares", "Price", "Bid", "Ask", "MidAfter", "Fees"),
    [46090.40, 46090.44, 46090.46],
    ["A", "B", "A"],
    [700.0, 800.0, 500.0],
    [50.03, 19.97, 50.09],
    [50.0, 19.97, 50.07],
    [50.03, 19.99, 50.09],
    [50.02, 19.98, 50.09],
    [1.4, 1.6, 1.0],
)
TCA_ORDERS = block(
    ("OrderId", "Symbol", "Side", "Shares", "DecisionPrice", "ArrivalPrice", "EndPrice", "Currency", "VWAP"),
    ["A", "B"], ["XYZ", "QRS"], ["buy", "sell"], [1500.0, 800.0], [49.95, None], [50.0, 20.0], [50.1, None],
    ["USD", "EUR"], [50.05, None],
)  # fmt: skip


def _finished() -> Rows:
    """Two intervals are done; the rest is the optimum of what is left under its own limits, 20 % dearer in beta."""
    rest = ta.solve(
        ta.Problem(
            S - 45_000.0,
            ta.LinearImpact(np.array(FOUR[2:]) * 1.2, SPREADS[2:]),
            ta.Limits(participation=0.2, volume=VOLUMES[2:]),
        )
    )
    return down([40_000.0, 5_000.0, *rest.shares])


def _costs() -> Rows:
    """By hand: buys pay price - arrival, sells arrival - price; spread is ask (bid) against mid."""
    headers = [
        "OrderId", "Symbol", "Side", "Currency", "Filled", "Unfilled", "AveragePrice", "Shortfall", "ShortfallBps",
        "Delay", "Timing", "Permanent", "TimingAndPermanent", "Spread", "Temporary", "SpreadAndTemporary",
        "Execution", "Opportunity", "Fees", "ArrivalBps", "VwapBps", "TwapBps", "CloseBps", "PredictedBps",
    ]  # fmt: skip
    # A bought at mids 50.015 and 50.08, asks 50.03 and 50.09, having moved the mid by 0.005 the first time
    average = (700 * 50.03 + 500 * 50.09) / 1200
    delay, opportunity, fees = 1200 * 0.05, 300 * 0.15, 2.4
    timing, permanent, spread = 700 * 0.015 + 500 * 0.075, 500 * 0.005, 700 * 0.015 + 500 * 0.01
    a = [delay, timing, permanent, "", spread, 0.0, "", "", opportunity, fees]
    whole = delay + timing + permanent + spread + opportunity + fees
    a_bps = [(average / 50.0 - 1) * 1e4, (average / 50.05 - 1) * 1e4, "", "", ""]
    # B sold at a mid of 19.98, 0.02 below arrival, and a bid of 19.97
    b = ["", 800 * 0.02, 0.0, "", 800 * 0.01, 0.0, "", "", 0.0, 1.6]
    return [
        headers,
        ["A", "XYZ", "buy", "USD", 1200.0, 300.0, average, whole, whole / 60_000 * 1e4, *a, *a_bps],
        ["B", "QRS", "sell", "EUR", 800.0, 0.0, 19.97, 25.6, 16.0, *b, 15.0, *[""] * 4],
        ["Total", "", "", "EUR", "", "", "", 25.6, 16.0, *b, 15.0, *[""] * 4],
        ["Total", "", "", "USD", "", "", "", whole, whole / 60_000 * 1e4, *a, *a_bps],
    ]


CASES: tuple[Case, ...] = (
    Case("column", "OPTALLOC", (S, column(FOUR)), lambda: down(solved(ta.LinearImpact(FOUR)).shares)),
    Case(
        "row", "OPTALLOC", (S, row(FOUR)), lambda: [[float(x) for x in solved(ta.LinearImpact(FOUR)).shares]]
    ),
    Case("single interval", "OPTALLOC", (S, 2e-5), lambda: [[S]]),
    Case(
        "day with one spread for all",
        "OPTALLOC",
        (S, column(LONG), MISSING, 0.02),
        lambda: down(solved(ta.LinearImpact(LONG, 0.02)).shares),
    ),
    Case(
        "spreads shut intervals out",
        "OPTALLOC",
        (1_000.0, column(FOUR), "method=dual", column(SPREADS)),
        lambda: down(solved(ta.LinearImpact(FOUR, SPREADS), None, "dual", 1_000.0).shares),
    ),
    Case(
        "participation in lots, options in cells",
        "OPTALLOC",
        (S, column(FOUR), (("participation", 0.1), ("lot", 100.0)), MISSING, column(VOLUMES)),
        lambda: down(
            solved(ta.LinearImpact(FOUR), ta.Limits(participation=0.1, volume=VOLUMES, lot_size=100.0)).shares
        ),
    ),
    Case(
        "headed block with blanks for no limit",
        "OPTALLOC",
        (
            S,
            block(
                ("HalfSpread", "Beta", "Volume", "MaxShares", "MinShares"),
                SPREADS, FOUR, VOLUMES, [None, 45_000.0, None, 30_000.0], [None, 5_000.0, None, None],
            ),
            "participation=0.1; method=dual",
        ),
        _everything,
    ),
    Case(
        "square root with a reference size",
        "OPTALLOC",
        (S, column(LONG), "model=power; exponent=0.5; reference_shares=256"),
        lambda: down(solved(ta.PowerImpact.from_linear(LONG, 0.5, 256.0)).shares),
    ),
    Case(
        "quadratic",
        "OPTALLOC",
        (S, block(("Beta", "Gamma"), FOUR, [1e-12, None, -1e-12, 2e-12]), "model=quadratic", None, None, 50_000.0),
        _quadratic,
    ),
    Case(
        "blanks after the betas",
        "OPTALLOC",
        (S, column([*FOUR, None, "", None]), "", None, None, column([None, 30_000.0, None, None, None, None, None])),
        lambda: down(solved(ta.LinearImpact(FOUR), ta.Limits(max_shares=[np.inf, 30_000.0, np.inf, np.inf])).shares),
    ),
    Case(
        "impact of an allocation",
        "OPTALLOC_IMPACT",
        (column([25_000.0] * 4), column(FOUR), "", column(SPREADS)),
        lambda: [[float(np.mean(np.array(SPREADS) + np.array(FOUR) * 25_000.0))]],
    ),
    Case(
        "sizes, one too large",
        "OPTALLOC_SENSITIVITY",
        (column([50_000.0, S, 1e6]), column(FOUR), MISSING, MISSING, MISSING, 40_000.0),
        _sensitivity,
    ),
    Case("pattern", "OPTALLOC_STATS", (row([30_000.0, 60_000.0, 10_000.0]),), _stats),
    Case(
        "comparison",
        "OPTALLOC_COMPARE",
        (S, column(FOUR), MISSING, 0.01, column(VOLUMES)),
        _compare,
        ITERATIVE,
    ),
    Case(
        "two intervals done, the rest dearer",
        "OPTALLOC_REOPT",
        (S, column(FOUR), column([40_000.0, 5_000.0, None, None]), "participation=0.2; level_beta=1.2", column(SPREADS),
         column(VOLUMES)),
        _finished,
    ),
    Case(
        "nothing done, a row",
        "OPTALLOC_REOPT",
        (S, row(FOUR), MISSING),
        lambda: [[float(x) for x in solved(ta.LinearImpact(FOUR)).shares]],
    ),
    Case("more filled than ordered", "OPTALLOC_REOPT", (S, column(FOUR), column([90_000.0, 20_000.0])), VALUE),
    Case("no interval left", "OPTALLOC_REOPT", (S, column(FOUR), column([10.0, 0.0, 0.0, 0.0])), NUM),
    Case("hole in what is filled", "OPTALLOC_REOPT", (S, column(FOUR), column([10.0, None, 5.0])), NOT_AVAILABLE),
    Case("costs by order", "OPTALLOC_TCA", (FILLS, TCA_ORDERS), _costs, 1e-11),
    Case("fill of no order", "OPTALLOC_TCA", (FILLS, TCA_ORDERS[:2]), VALUE),
    Case("no fills", "OPTALLOC_TCA", (MISSING, TCA_ORDERS), NOT_AVAILABLE),
    Case("infeasible", "OPTALLOC", (S, column(FOUR), MISSING, MISSING, MISSING, 20_000.0), NUM),
    Case("blank among the betas", "OPTALLOC", (S, column([2e-5, None, 4e-5])), NOT_AVAILABLE),
    Case("text for a number", "OPTALLOC", (S, column([2e-5, "1,5", 4e-5])), VALUE),
    Case("error among the betas", "OPTALLOC", (S, column([2e-5, DIVISION_BY_ZERO])), VALUE, calc_error=504),
    Case("unknown option", "OPTALLOC", (S, column(FOUR), "particpation=0.1"), VALUE),
    Case("lengths differ", "OPTALLOC", (S, column(FOUR), MISSING, column(SPREADS[:3])), VALUE),
)  # fmt: skip


def assert_same(found: Rows, case: Case) -> None:
    """Compare rows of cells: texts and errors equal, numbers within the case's tolerance."""
    expected = case.expected
    assert [len(r) for r in found] == [len(r) for r in expected], case.name
    scale = max((abs(c) for r in expected for c in r if isinstance(c, float)), default=1.0)
    for found_row, expected_row in zip(found, expected, strict=True):
        for got, wanted in zip(found_row, expected_row, strict=True):
            if not isinstance(wanted, float):
                assert got == wanted, case.name
                continue
            assert isinstance(got, float), case.name
            assert abs(got - wanted) <= case.tolerance * max(abs(wanted), scale if case.tolerance > EXACT else 0), (
                f"{case.name}: {got!r} is not {wanted!r}"
            )


ORDERS: tuple[Case, ...] = tuple(
    case for case in CASES if case.function == "OPTALLOC" and case.name not in ("unknown option", "lengths differ")
)
"""The cases that are an order which a workbook can hold."""


def workbook_of(case: Case) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The same order as the values of a workbook's names (by field key) and of tblIntervals (by header).

    For the cases of `ORDERS`; scalars beside the betas are repeated in every row.
    """
    names = [argument.name for argument in next(f for f in FUNCTIONS if f.name == case.function).arguments]
    given = dict(zip(names, map(neutral, case.arguments), strict=False))
    settings = {key: cell.value for key, cell in parse_options(given.get("options")).items()}
    beside = {key: given.get(key) for key in ("half_spread", "volume", "max_shares", "min_shares")}
    columns = Intervals.of(given["beta"], beside).columns
    headers = {column.key: column.header for column in INTERVAL_COLUMNS}
    return {"shares": given["shares"], **settings}, {headers[k]: [c.value for c in v] for k, v in columns.items()}
