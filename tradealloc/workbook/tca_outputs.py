"""A post-trade analysis as columns of tables: for workbooks, CSV files, functions and pages alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from tradealloc.desk.tca import GROUPINGS, PARTS, Analysis, Group

from .book import CellValue
from .fields.kinds import Column
from .fields.tca import TCA_GROUP_COLUMNS, TCA_PART_COLUMNS, TCA_RESULT_COLUMNS
from .outputs import TableColumns

WHOLE = "Shortfall"
"""What the sum of the parts is called."""


def part_columns(analysis: Analysis) -> TableColumns:
    """The parts by currency, and below them the whole."""
    rows: list[tuple[CellValue, ...]] = []
    for total in analysis.totals:
        for name, cents in [*((PARTS[part], cents) for part, cents in total.parts.items()), (WHOLE, total.shortfall)]:
            cost = cents / 100
            rows.append((total.currency, name, cost, _value(cost / total.notional * 1e4 if total.notional else None)))
    return _columns(TCA_PART_COLUMNS, rows)


def result_columns(analysis: Analysis) -> TableColumns:
    """One row an order."""
    orders, split = analysis.orders, analysis.decomposition
    notional = split.filled * orders.arrival_price
    unknown = np.full(len(orders), np.nan)

    whole = np.round(split.filled)  # a sum of doubles that means 60,000 shouldn't read 60,000.0000001
    filled = np.where(np.abs(split.filled - whole) <= 1e-9 * whole, whole, split.filled)
    bps = np.divide(split.shortfall / 100, notional, out=unknown.copy(), where=notional > 0) * 1e4
    columns: dict[str, Sequence[object]] = {
        "order_id": orders.order_id,
        "symbol": orders.symbol,
        "side": ["buy" if side > 0 else "sell" for side in orders.side],
        "currency": orders.currency,
        "filled": filled.tolist(),
        "unfilled": np.maximum(orders.shares - filled, 0.0).tolist(),
        "average_price": split.average_price.tolist(),
        "shortfall": (split.shortfall / 100).tolist(),
        "shortfall_bps": bps.tolist(),
        **{part: split.currency(part).tolist() for part in PARTS},
        **{f"{name}_bps": values.tolist() for name, values in analysis.order_slippage().items()},
        "predicted_bps": orders.predicted_bps.tolist(),
    }
    return {column.header: [_value(value) for value in columns[column.key]] for column in TCA_RESULT_COLUMNS}


def group_columns(groups: Iterable[Group]) -> TableColumns:
    """One row a group."""
    rows = []
    for one in groups:
        values = {column.key: getattr(one, column.key) for column in TCA_GROUP_COLUMNS}
        values |= {"by": GROUPINGS[one.by], "slippage": one.slippage / 100}
        rows.append(tuple(_value(values[column.key]) for column in TCA_GROUP_COLUMNS))
    return _columns(TCA_GROUP_COLUMNS, rows)


def _columns(registry: Sequence[Column], rows: Sequence[Sequence[CellValue]]) -> TableColumns:
    return {column.header: [row[place] for row in rows] for place, column in enumerate(registry)}


def _value(value: object) -> CellValue:
    """What a cell holds: blank where nothing is known."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value  # type: ignore[return-value]
