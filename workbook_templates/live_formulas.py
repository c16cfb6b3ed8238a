"""The live formulas of live_functions.xlsx, and the values that they give for its example.

A formula shows what the add-in answers. Where there is no add-in it shows the example's stored values as long as the
inputs are the example's, and says so otherwise: `LIVE_ON` and the names ``stored_...`` decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradealloc_addin.engine import Result, call
from tradealloc_addin.options import OPTIONS
from tradealloc_addin.spec import FUNCTIONS
from tradealloc_addin.values import ExcelError

from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import INTERVAL_COLUMNS

Grid = list[list[float | str]]
LIVE_ON = "live_on"
EXACT_DIGITS, ITERATIVE_DIGITS = 12, 5
"""Digits of stored values that every machine's arithmetic agrees on: exact methods, and solvers that iterate."""

NOTHING = 1e-9
"""Smaller stored values are rounding noise."""


@dataclass(frozen=True)
class Live:
    """A formula of the workbook.

    Attributes
    ----------
    key
        Part of the names ``live_<key>`` (its first cell) and ``stored_<key>``.
    function
        Which function it shows.
    arguments
        Keys of `Example.arguments`; ``OPTALLOC`` inside OPTALLOC_IMPACT is nested by its own key.
    note
        What this call shows.
    turned
        Whether the result stands on its side.
    """

    key: str
    function: str
    arguments: tuple[str, ...]
    note: str
    turned: bool = False

    @property
    def call(self) -> str:
        """As a user would type it."""
        text = f"{self.function}({', '.join(REFERENCES[argument] for argument in self.arguments)})"
        return f"TRANSPOSE({text})" if self.turned else text

    @property
    def formula(self) -> str:
        """As it stands in the cell."""
        return f"=IF({LIVE_ON},{self.call},stored_{self.key})"


REFERENCES = {
    "shares": "ta_shares",
    "betas": "tblIntervals[Beta]",
    "block": "tblIntervals[#All]",
    "options": "live_options",
    "sizes": "tblSensitivity[TotalShares]",
    "optimal": "live_shares",
    "equal": "live_equal",
    "filled": "live_filled",
    "fills": "live_fills",
    "orders": "live_orders",
}
FREE = Live("free", "OPTALLOC", ("shares", "betas"), "Betas alone: no spread, no limit, the default model.")
ORDER = Live("allocation", "OPTALLOC", ("shares", "block", "options"),
             "The order as it stands: the whole table with its headers, and the options below.")  # fmt: skip
IMPACT = Live("impact", "OPTALLOC_IMPACT", ("optimal", "block", "options"), "Of the schedule that OPTALLOC gives.")
EQUAL_IMPACT = Live("equal_impact", "OPTALLOC_IMPACT", ("equal", "block", "options"), "Of equal shares.")
COMPARE = Live("compare", "OPTALLOC_COMPARE", ("shares", "block", "options"), "The same order under each strategy.")
SIZES = Live("sensitivity", "OPTALLOC_SENSITIVITY", ("sizes", "block", "options"),
             "The sizes of the table on Comparison.")  # fmt: skip
STATS = Live("stats", "OPTALLOC_STATS", ("optimal",), "Of the schedule that OPTALLOC gives.")
CHECK = Live("check", "OPTALLOC_CHECK", ("shares", "block", "options"), "The certificate of the order as it stands.")
REOPT = Live("reopt", "OPTALLOC_REOPT", ("shares", "block", "filled", "options"),
             "What is filled stays; blank is still to come.")  # fmt: skip
TCA = Live("tca", "OPTALLOC_TCA", ("fills", "orders"), "On its side; blank where the data doesn't tell.", turned=True)
VERSION = Live("version", "OPTALLOC_VERSION", (), "Which tradealloc answers.")
ALL = (FREE, ORDER, IMPACT, EQUAL_IMPACT, COMPARE, SIZES, STATS, CHECK, REOPT, TCA, VERSION)
OF_THE_DAY = (REOPT, TCA)
"""Those with inputs on the sheet Trading day."""
Inputs = tuple[tuple[CellValue, ...], ...]
FILLED: Inputs = ((14_000.0,), (9_500.0,), (8_200.0,), (0.0,), *(((None,),) * 9))
FILLS: Inputs = (
    ("Time", "OrderId", "Shares", "Price", "Bid", "Ask", "MidAfter", "Fees"),
    (46090 + 9.75 / 24, "A", 14_000.0, 100.03, 99.99, 100.02, 100.02, 28.0),
    (46090 + 10.25 / 24, "A", 9_500.0, 100.08, 100.05, 100.07, 100.07, 19.0),
    (46090 + 10.5 / 24, "B", 5_000.0, 39.97, 39.97, 39.99, 39.98, 10.0),
    (46090 + 10.75 / 24, "A", 8_200.0, 100.06, 100.03, 100.06, 100.05, 16.4),
)
ORDERS: Inputs = (
    ("OrderId", "Side", "Shares", "DecisionPrice", "ArrivalPrice", "EndPrice", "Currency", "VWAP"),
    ("A", "buy", 35_000.0, 99.98, 100.0, 100.1, "USD", 100.04),
    ("B", "sell", 5_000.0, 40.01, 40.0, None, "USD", 39.985),
)
DAY_INPUTS: dict[str, Inputs] = {"filled": FILLED, "fills": FILLS, "orders": ORDERS}
DESCRIPTIONS = {function.name: function.description for function in FUNCTIONS}
assert {live.function for live in ALL} == set(DESCRIPTIONS), "a function has no live formula"


def option_cells(settings: Mapping[str, CellValue]) -> list[tuple[str, CellValue]]:
    """Keys and values of the options, as the cells of ``live_options`` give them."""
    return [(str(field.option), settings.get(field.name)) for field in OPTIONS]


def stored_values(
    settings: Mapping[str, CellValue], columns: Mapping[str, Sequence[CellValue]], sizes: Sequence[CellValue]
) -> dict[str, Grid]:
    """What each formula shows for these inputs, by its key: rows of cells.

    `settings` are inputs by workbook name, `columns` those of tblIntervals by header.
    """
    headers = [column.header for column in INTERVAL_COLUMNS]
    rows = len(columns["Beta"])
    block = [headers, *([columns[h][t] if h in columns else None for h in headers] for t in range(rows))]
    arguments: dict[str, object] = {
        "shares": settings["ta_shares"],
        "betas": _column(columns["Beta"]),
        "block": _grid(block),
        "options": _grid(option_cells(settings)),
        "sizes": _column(sizes),
        **DAY_INPUTS,
        "equal": _column([settings["ta_shares"] / rows] * rows),  # type: ignore[operator]
    }
    arguments["optimal"] = _grid(_rows(call(ORDER.function, [arguments[key] for key in ORDER.arguments])))
    found: dict[str, Grid] = {}
    for live in ALL:
        answer = call(live.function, [arguments[key] for key in live.arguments])
        if isinstance(answer, ExcelError):
            raise ValueError(f"{live.call} gives {answer.name}: the example must be sound")
        digits = ITERATIVE_DIGITS if live is COMPARE else EXACT_DIGITS
        grid = [[_rounded(value, digits) for value in row] for row in _rows(answer)]
        found[live.key] = [list(row) for row in zip(*grid, strict=True)] if live.turned else grid
    return found


def _rows(answer: Result) -> Sequence[Sequence[object]]:
    return answer if isinstance(answer, list) else [[answer]]


def _column(values: Sequence[object]) -> tuple[tuple[object], ...]:
    return tuple((value,) for value in values)


def _grid(rows: Sequence[Sequence[object]]) -> tuple[tuple[object, ...], ...]:
    return tuple(tuple(row) for row in rows)


def _rounded(value: object, digits: int) -> float | str:
    if isinstance(value, ExcelError):
        return value.name
    if not isinstance(value, float):
        return str(value)
    return float(f"{value:.{digits}g}") if abs(value) > NOTHING else 0.0
