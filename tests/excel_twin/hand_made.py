"""Results worked out here by bisection, without tradealloc's solvers, written into the template in LibreOffice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.fields import ORDER_TABLES

from .calc import Book, Plain

Vector = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Case:
    """An order, and what the workbook's inputs say about it.

    `scalars` and `columns` go into the workbook as they are; the other attributes are the same order in numbers.
    """

    shares: float
    beta: Vector
    scalars: dict[str, Plain] = field(default_factory=dict)
    columns: dict[str, list[Plain]] = field(default_factory=dict)
    exponent: float = 1.0
    gamma: Vector | float = 0.0
    half_spread: Vector | float = 0.0
    lower: Vector | float = 0.0
    upper: Vector | float = np.inf
    tradable: Vector | float = 1.0
    bps: float = 100.0
    cash: float = 1.0

    def slippage(self, x: Vector | float) -> Vector:
        return self.half_spread + self.beta * x**self.exponent + self.gamma * x**2

    def marginal(self, x: Vector) -> Vector:
        return self.half_spread + (1 + self.exponent) * self.beta * x**self.exponent + 3 * self.gamma * x**2

    @cached_property
    def optimum(self) -> tuple[Vector, float]:
        """Allocation and shadow price."""
        mu = bisect(lambda price: float(self._answer(price).sum()) - self.shares, 0.0, 1e3)
        x = self._answer(mu)
        inside = (x > self.lower) & (x < self.upper)
        x[inside] += (self.shares - x.sum()) / inside.sum()
        return x, mu

    def _answer(self, price: float) -> Vector:
        low, high = np.zeros_like(self.beta), np.full_like(self.beta, self.shares)
        for _ in range(52):
            middle = (low + high) / 2
            low, high = np.where(self.marginal(middle) < price, (middle, high), (low, middle))
        return np.clip(low, self.lower, np.minimum(self.upper, self.tradable * self.shares))


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Root of an increasing function."""
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return low


def write_inputs(book: Book, case: Case) -> None:
    """Put the case's inputs into the workbook; what the case doesn't mention stays."""
    for name, value in {"ta_shares": case.shares, **case.scalars}.items():
        book.set(name, value)
    for header, values in case.columns.items():
        book.set_column("tblIntervals", header, values)
    book.recalculate()


def write_result(book: Book, case: Case) -> None:
    """Put the case's result into the workbook, as a run would."""
    x, mu = case.optimum
    n = len(x)
    cost = x * case.slippage(x)
    equal = case.shares / float(np.sum(np.ones(n) * case.tradable))
    equal_impact = float(np.sum(case.tradable * equal * case.slippage(equal))) / case.shares
    impact = float(cost.sum()) / case.shares
    schedule = {
        "Interval": book.get_column("tblIntervals", "Interval"),
        "Start": book.get_column("tblIntervals", "Start"),
        "Equal": list(equal * case.tradable * np.ones(n)),
        "Allocation": list(x),
        "Cumulative": list(np.cumsum(x)),
        "Remaining": list(case.shares - np.cumsum(x)),
        "Impact": list(case.slippage(x)),
        "Cost": list(cost * (case.cash or 1.0)),
    }
    for header, values in schedule.items():
        book.set_column("tblSchedule", header, values)
    results: dict[str, Plain] = {
        "ta_total_impact": impact,
        "ta_total_impact_bps": impact * case.bps if case.bps else None,
        "ta_total_cost": impact * case.shares * case.cash if case.cash else None,
        "ta_improvement": 1 - impact / equal_impact,
        "ta_saving": (equal_impact - impact) * case.shares * case.cash if case.cash else None,
        "ta_shadow_price": mu,
        "ta_kkt_residual": 1e-12,
        "ta_duality_gap": 1e-13,
        "ta_run_at": "2025-01-01 09:00",
        "ta_fingerprint": python_fingerprint(book),
    }
    for name, value in results.items():
        book.set(name, value)
    book.recalculate()


def python_fingerprint(book: Book) -> float:
    """Python's fingerprint of the inputs that the open workbook holds."""
    return fp.fingerprint(
        {f.name: book.get(f.name) for f in fp.SCALARS},
        {fp.column_key(t, c.header): book.get_column(t, c.header) for t, c in fp.COLUMNS if t in ORDER_TABLES},
    )
