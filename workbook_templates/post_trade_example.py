"""The example that post_trade.xlsx shows: three orders and their sixty fills, made by a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import CONTRACT_VERSION
from tradealloc.workbook.fields.tca import FILL_COLUMNS, TBL_FILLS, TBL_TCA_ORDERS, TCA_ORDER_COLUMNS

SECONDS_PER_DAY = 86_400
TICK, FEE_BPS = 0.005, 0.4
NORTH, SOUTH = "North", "South"
SETTINGS: dict[str, CellValue] = {"ta_contract_version": CONTRACT_VERSION}
FORMULA = (
    "Orders and fills are an example made by a formula. Fill k of K comes at the k-th of K + 1 equal parts of the",
    "window, its size goes with 2 + (k mod 3). In ticks of 0.005, with s = 1 to buy and -1 to sell: mid = arrival",
    "+ trend k / K + (7 k mod 11) - 5 + s (k - 1) / 2; bid and ask = mid -+ h; price = best + s (k mod 3) / 2;",
    "mid after = mid + s / 2. Fees are 0.4 bps. One order is left partly filled. Forecasts are examples as well.",
)


@dataclass(frozen=True)
class Example:
    """An order and what its fills are made from: `filled` shares in `count` fills, half-spread and trend in ticks."""

    values: dict[str, CellValue]
    filled: int
    count: int
    half_spread: int
    trend: int
    brokers: tuple[str, ...]


def _clock(text: str) -> float:
    hours, minutes = text.split(":")
    return (int(hours) * 60 + int(minutes)) / 1440


EXAMPLES: tuple[Example, ...] = (
    Example(
        {"OrderId": "PT-1", "Symbol": "ALFA", "Side": "buy", "Shares": 24_000, "DecisionPrice": 50.0,
         "ArrivalPrice": 50.02, "Start": _clock("09:00"), "End": _clock("17:30"), "Broker": NORTH, "Currency": "EUR",
         "VWAP": 50.05, "TWAP": 50.06, "Close": 50.12, "PredictedBps": 12.0, "PredictedLow": 4.0,
         "PredictedHigh": 20.0},
        24_000, 24, 2, 8, (NORTH,),
    ),
    Example(
        {"OrderId": "PT-2", "Symbol": "BRAVO", "Side": "sell", "Shares": 18_000, "DecisionPrice": 82.1,
         "ArrivalPrice": 82.05, "Start": _clock("09:30"), "End": _clock("16:00"), "Broker": SOUTH, "Currency": "EUR",
         "VWAP": 82.03, "TWAP": 82.02, "Close": 82.08, "PredictedBps": 6.0, "PredictedLow": 1.0,
         "PredictedHigh": 11.0},
        18_000, 20, 3, 4, (SOUTH,),
    ),
    Example(
        {"OrderId": "PT-3", "Symbol": "CHARLIE", "Side": "buy", "Shares": 30_000, "DecisionPrice": 23.4,
         "ArrivalPrice": 23.41, "EndPrice": 23.56, "Start": _clock("11:00"), "End": _clock("17:30"), "Broker": NORTH,
         "Currency": "EUR", "VWAP": 23.46, "TWAP": 23.47, "Close": 23.56, "PredictedBps": 20.0, "PredictedLow": 10.0,
         "PredictedHigh": 30.0},
        20_000, 16, 2, 12, (NORTH, SOUTH),
    ),
)  # fmt: skip


def order_values() -> dict[str, Sequence[CellValue]]:
    """The orders by header."""
    return {column.header: [one.values.get(column.header) for one in EXAMPLES] for column in TCA_ORDER_COLUMNS}


def fill_values() -> dict[str, Sequence[CellValue]]:
    """The fills by header, in order of time."""
    rows = [row for one in EXAMPLES for row in _fills(one)]
    rows.sort(key=lambda row: (float(str(row["Time"])), str(row["FillId"])))
    return {column.header: [row.get(column.header) for row in rows] for column in FILL_COLUMNS}


def columns() -> dict[str, Sequence[CellValue]]:
    """All input columns by `fingerprint.column_key`."""
    return {
        fp.column_key(table, header): values
        for table, headed in ((TBL_FILLS, fill_values()), (TBL_TCA_ORDERS, order_values()))
        for header, values in headed.items()
    }


def _fills(one: Example) -> list[dict[str, CellValue]]:
    """The fills of `FORMULA`."""
    side = 1 if one.values["Side"] == "buy" else -1
    arrival, start, end = (float(str(one.values[header])) for header in ("ArrivalPrice", "Start", "End"))
    weights = [2 + k % 3 for k in range(1, one.count + 1)]
    sizes = [round(one.filled * weight / sum(weights) / 10) * 10 for weight in weights]
    sizes[-1] += one.filled - sum(sizes)
    rows: list[dict[str, CellValue]] = []
    for k, size in enumerate(sizes, start=1):
        seconds = round((start + (end - start) * k / (one.count + 1)) * SECONDS_PER_DAY)
        mid = arrival + TICK * (one.trend * k / one.count + (7 * k) % 11 - 5 + side * (k - 1) / 2)
        best = mid + side * one.half_spread * TICK
        price = round(best + side * (k % 3) / 2 * TICK, 4)
        rows.append(
            {
                "Time": seconds / SECONDS_PER_DAY,
                "Shares": size,
                "Price": price,
                "Side": one.values["Side"],
                "Symbol": one.values["Symbol"],
                "Mid": round(mid, 4),
                "FillId": f"{one.values['OrderId']}/{k}",
                "OrderId": one.values["OrderId"],
                "Bid": round(mid - one.half_spread * TICK, 4),
                "Ask": round(mid + one.half_spread * TICK, 4),
                "MidAfter": round(mid + side * TICK / 2, 4),
                "Fees": round(size * price * FEE_BPS / 1e4, 2),
                "Broker": one.brokers[k % len(one.brokers)],
            }
        )
    return rows
