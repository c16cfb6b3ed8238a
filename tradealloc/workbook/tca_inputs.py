"""Fills and orders as columns of a workbook's input tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from tradealloc.desk.tca import Analysis
from tradealloc.desk.tca.fills import UNKNOWN_TIME, Floats, Ints
from tradealloc.desk.tca.table import EPOCH

from .book import CellValue

Columns = Mapping[str, Sequence[CellValue]]


def fill_inputs(analysis: Analysis) -> Columns:
    """The fills by header of tblFills; a fill is called after the row of its source."""
    fills, orders = analysis.fills, analysis.orders
    ask_taken = orders.side[fills.order] > 0
    has_mid = np.isfinite(fills.best) & np.isfinite(fills.mid)
    other = np.where(has_mid, 2 * fills.mid - fills.best, np.nan)
    return {
        "Time": _moments(fills.time),
        "OrderId": [orders.order_id[number] for number in fills.order],
        "Side": _sides(orders.side[fills.order]),
        "Symbol": [orders.symbol[number] or None for number in fills.order],
        "Shares": _numbers(fills.shares),
        "Price": _numbers(fills.price),
        "Bid": _numbers(np.where(ask_taken, other, fills.best)),
        "Ask": _numbers(np.where(ask_taken, fills.best, other)),
        "Mid": _numbers(fills.mid),
        "MidAfter": _numbers(fills.mid_after),
        "Fees": _numbers(fills.fees),
        "Broker": list(fills.broker),
        "FillId": [f"row {row}" for row in fills.row],
    }


def order_inputs(analysis: Analysis) -> Columns:
    """The orders by header of tblTcaOrders."""
    orders = analysis.orders
    return {
        "OrderId": list(orders.order_id),
        "Symbol": list(orders.symbol),
        "Side": _sides(orders.side),
        "Shares": _numbers(orders.shares),
        "DecisionPrice": _numbers(orders.decision_price),
        "ArrivalPrice": _numbers(orders.arrival_price),
        "EndPrice": _numbers(orders.end_price),
        "Start": _moments(orders.start),
        "End": _moments(orders.end),
        "Broker": list(orders.broker),
        "Currency": list(orders.currency),
        "VWAP": _numbers(orders.vwap),
        "TWAP": _numbers(orders.twap),
        "Close": _numbers(orders.close),
        "PredictedBps": _numbers(orders.predicted_bps),
        "PredictedLow": _numbers(orders.predicted_low),
        "PredictedHigh": _numbers(orders.predicted_high),
    }


def _numbers(values: Floats) -> list[CellValue]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _sides(sides: Ints) -> list[CellValue]:
    return ["buy" if side > 0 else "sell" for side in sides.tolist()]


def _moments(times: Ints) -> list[CellValue]:
    return [
        None if time == UNKNOWN_TIME else EPOCH + dt.timedelta(microseconds=time // 1000) for time in times.tolist()
    ]
