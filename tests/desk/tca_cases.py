"""Small executions for the tests of post-trade analysis."""

from __future__ import annotations

from collections.abc import Sequence

from tradealloc.desk.tca.table import RawTable, plain_header


def table(label: str, headers: str, *rows: Sequence[object]) -> RawTable:
    """A table as a file would give it; its first row is row 2."""
    keys = [plain_header(header) for header in headers.split()]
    columns = dict(zip(keys, map(list, zip(*rows, strict=True)), strict=True))
    return RawTable(
        label,
        columns,
        lambda row, header: f"{label} row {row + 2}" + (f", column {header}" if header else ""),
        list(range(2, len(rows) + 2)),
    )


ORDERS = table(
    "orders.csv",
    "OrderId Symbol Side Shares DecisionPrice ArrivalPrice EndPrice Time End Broker Currency",
    (
        "A",
        "XYZ",
        "buy",
        "1000",
        "10.00",
        "10.02",
        "10.30",
        "2025-06-02T13:30:00Z",
        "2025-06-02T20:00:00Z",
        "one",
        "USD",
    ),
    ("B", "QRS", "sell", "500", "20.00", "20.00", "", "2025-06-02T13:30:00Z", "2025-06-02T20:00:00Z", "two", "USD"),
)

FILLS = table(
    "fills.csv",
    "Time OrderId Side Shares Price Bid Ask MidAfter Fees FillId",
    ("2025-06-02T13:35:00Z", "A", "buy", "300", "10.05", "10.02", "10.04", "10.05", "1.50", "f1"),
    ("2025-06-02T13:50:00Z", "B", "sell", "500", "19.98", "19.98", "20.02", "19.99", "2.00", "f2"),
    ("2025-06-02T14:05:00Z", "A", "buy", "500", "10.12", "10.08", "10.12", "10.11", "2.50", "f3"),
)
