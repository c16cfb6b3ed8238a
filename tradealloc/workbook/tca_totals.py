"""The results by order with, below them, the whole of each currency."""

from __future__ import annotations

import math

from tradealloc.desk.tca import Analysis
from tradealloc.desk.tca.analysis import Total

from .book import CellValue
from .fields.tca import TCA_RESULT_COLUMNS
from .outputs import TableColumns
from .tca_outputs import result_columns

TOTAL = "Total"
"""What a row of totals has for an order."""


def columns_with_totals(analysis: Analysis) -> TableColumns:
    """One row an order, then one a currency: its shortfall, parts and mean slippages.

    What orders don't share is blank.
    """
    orders = result_columns(analysis)
    totals = [_total(total) for total in analysis.totals]
    return {
        column.header: [*orders[column.header], *(total.get(column.key) for total in totals)]
        for column in TCA_RESULT_COLUMNS
    }


def _total(total: Total) -> dict[str, CellValue]:
    bps = {"shortfall_bps": total.shortfall_bps, **{f"{name}_bps": mean for name, mean in total.slippage.items()}}
    return {
        "order_id": TOTAL,
        "currency": total.currency,
        "shortfall": total.shortfall / 100,
        **{part: cents / 100 for part, cents in total.parts.items()},
        **{key: None if math.isnan(value) else value for key, value in bps.items()},
    }
