"""The examples sheet: one example of every function, with the values that it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..engine import call
from ..values import ExcelError

SHARES, TITLE_ROW, FIRST_ROW = 1200.0, 6, 7
INPUT_COLUMNS: dict[str, tuple[object, ...]] = {
    "Interval": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
    "Beta": (4e-05, 6e-05, 9e-05, 1.1e-04, 7e-05, 3e-05),
    "HalfSpread": (0.01, 0.01, 0.012, 0.012, 0.01, 0.008),
    "Volume": (9000.0, 6000.0, 4000.0, 3500.0, 5000.0, 12000.0),
    "Allocation": (200.0, 200.0, 200.0, 200.0, 200.0, 200.0),
    "Sizes": (600.0, 1200.0, 2400.0),
    "Filled": (250.0, 180.0),
}
FILLS = (
    ("Time", "OrderId", "Shares", "Price", "Mid", "Fees"),
    ("2026-03-09T09:35", "A", 700.0, 50.03, 50.015, 1.4),
    ("2026-03-09T11:10", "A", 500.0, 50.09, 50.08, 1.0),
    ("2026-03-09T10:20", "B", 800.0, 19.97, 19.98, 1.6),
)
ORDERS = (
    ("OrderId", "Side", "Shares", "ArrivalPrice", "EndPrice", "Currency"),
    ("A", "buy", 1500.0, 50.0, 50.1, "USD"),
    ("B", "sell", 800.0, 20.0, 19.95, "USD"),
)
BLOCKS = {15: ("Fills of the day", FILLS), 21: ("Orders of the day", ORDERS)}
"""Blocks below the inputs, by the row of their title."""
REFERENCE = re.compile(r"([A-Z])(\d+)(?::([A-Z])(\d+))?")
SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Example:
    """A call with its arguments as they stand in a formula: references into the sheet, or text in quotes."""

    function: str
    arguments: tuple[str, ...]
    explanation: str

    @property
    def formula(self) -> str:
        return f"={self.function}({', '.join(self.arguments)})"


EXAMPLES = (
    Example("OPTALLOC", ("B4", "B7:B12"), "The schedule with the least total impact: one allocation per beta."),
    Example(
        "OPTALLOC",
        ("B4", "B6:D12", '"participation=0.05; lot=10"'),
        "A block with headers, at most 5 % of each interval's volume, in lots of 10.",
    ),
    Example("OPTALLOC_IMPACT", ("E7:E12", "B7:B12"), "What a schedule of your own costs: here equal shares."),
    Example("OPTALLOC_COMPARE", ("B4", "B7:B12"), "Benchmarks and independent solvers, with headers."),
    Example("OPTALLOC_SENSITIVITY", ("F7:F9", "B7:B12"), "The same order at other sizes."),
    Example("OPTALLOC_STATS", ("E7:E12",), "How concentrated a schedule is."),
    Example("OPTALLOC_CHECK", ("B4", "B7:B12"), "OK with the certificate, or why OPTALLOC shows an error."),
    Example("OPTALLOC_REOPT", ("B4", "B7:B12", "G7:G12"), "What was filled, then the optimum of what remains."),
    Example("OPTALLOC_TCA", ("A16:F19", "A22:F24"), "What an execution cost, by order and in all, with headers."),
    Example("OPTALLOC_VERSION", (), "Which tradealloc answers."),
)


def cells() -> dict[tuple[int, int], object]:
    """The input cells by row and column, both from 0; the others are blank."""
    found: dict[tuple[int, int], object] = {(3, 0): "Order size (shares)", (3, 1): SHARES}
    for column, (header, values) in enumerate(INPUT_COLUMNS.items()):
        found[TITLE_ROW - 1, column] = header
        found |= {(FIRST_ROW - 1 + row, column): value for row, value in enumerate(values)}
    for title_row, (title, block) in BLOCKS.items():
        found[title_row - 1, 0] = title
        found |= {
            (title_row + row, column): value for row, line in enumerate(block) for column, value in enumerate(line)
        }
    return found


def evaluate(example: Example) -> list[list[object]]:
    """The rows that the example's formula shows, numbers rounded so that they read well."""
    result = call(example.function, [_argument(text) for text in example.arguments])
    rows = result if isinstance(result, list) else [[result]]
    return [[_shown(value) for value in row] for row in rows]


def _argument(text: str) -> object:
    if text.startswith('"'):
        return text.strip('"')
    match = REFERENCE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is neither a reference nor text in quotes")
    left, top, right, bottom = match[1], int(match[2]), match[3] or match[1], int(match[4] or match[2])
    sheet = cells()
    columns = range(ord(left) - ord("A"), ord(right) - ord("A") + 1)
    rows = tuple(tuple(sheet.get((row - 1, column)) for column in columns) for row in range(top, bottom + 1))
    return rows if match[3] else rows[0][0]


def _shown(value: object) -> object:
    if isinstance(value, ExcelError):
        return value.name
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value
