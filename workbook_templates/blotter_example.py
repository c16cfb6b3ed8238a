"""The example that blotter.xlsx shows: three profiles and eight orders. Symbols, sizes and prices are made up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import CONTRACT_VERSION
from tradealloc.workbook.fields.blotter import ORDER_COLUMNS, PROFILE_COLUMNS, TBL_ORDERS, TBL_PROFILES

INTERVALS = 390
OPEN_MINUTE, MINUTES_PER_DAY = 9 * 60 + 30, 1440
BETAS = Path(__file__).parent / "report_case_beta.csv"

SETTINGS: dict[str, CellValue] = {
    "ta_contract_version": CONTRACT_VERSION,
    "ta_side": "buy",
    "ta_impact_unit": "price",
    "ta_model": "linear",
    "ta_method": "auto",
}

REPORT, LIQUID, THIN = "Report case", "Liquid", "Thin"
FORMULA = (
    "Liquid and Thin are a formula: with u = -1 at the open and 1 at the close and w = 0.6 + 1.2 u^2, volume is V0 w, "
    "beta is b0 / w, half-spread is h0 (1 + u^2)."
)
LEVELS = {LIQUID: (20_000.0, 2e-6, 0.004), THIN: (2_500.0, 2e-5, 0.02)}
"""V0 in shares a minute, b0 in currency per share and share, h0 in currency."""

TIME = {"10:00": 10 / 24, "12:00": 0.5, "15:30": 15.5 / 24}
ORDERS: tuple[dict[str, CellValue], ...] = (
    {"OrderId": "ORD-1", "Symbol": "DEMO", "Side": "buy", "Shares": 100_000, "Profile": REPORT, "ArrivalPrice": 100},
    {"OrderId": "ORD-2", "Symbol": "ALFA", "Side": "buy", "Shares": 250_000, "Profile": LIQUID, "ArrivalPrice": 42.5,
     "Participation": 0.1},
    {"OrderId": "ORD-3", "Symbol": "ALFA", "Side": "sell", "Shares": 80_000, "Profile": LIQUID, "ArrivalPrice": 42.5,
     "WindowStart": TIME["10:00"], "WindowEnd": TIME["15:30"], "Participation": 0.1},
    {"OrderId": "ORD-4", "Symbol": "BRAVO", "Side": "sell", "Shares": 120_000, "Profile": LIQUID,
     "ArrivalPrice": 118.25, "LotSize": 100},
    {"OrderId": "ORD-5", "Symbol": "CHARLIE", "Side": "buy", "Shares": 15_000, "Profile": THIN, "ArrivalPrice": 61.8,
     "ImpactCap": 0.035},
    {"OrderId": "ORD-6", "Shares": 5_000, "Profile": THIN},
    {"OrderId": "ORD-7", "Symbol": "ECHO", "Side": "sell", "Shares": 40_000, "Profile": THIN, "ArrivalPrice": 23.4,
     "MaxShares": 150},
    {"OrderId": "ORD-8", "Symbol": "FOXTROT", "Side": "buy", "Shares": 60_000, "Profile": LIQUID, "ArrivalPrice": 9.75,
     "WindowEnd": TIME["12:00"]},
)  # fmt: skip
"""ORD-6 gives only what an order must."""


def order_values() -> dict[str, Sequence[CellValue]]:
    """The orders by header."""
    return {column.header: [order.get(column.header) for order in ORDERS] for column in ORDER_COLUMNS}


def profile_values() -> dict[str, Sequence[CellValue]]:
    """The profiles by header, one below the other."""
    rows: list[dict[str, CellValue]] = []
    betas = [float(line) for line in BETAS.read_text(encoding="ascii").split()]
    for name in (REPORT, LIQUID, THIN):
        for t in range(INTERVALS):
            row: dict[str, CellValue] = {
                "Profile": name, "Interval": t + 1, "Start": (OPEN_MINUTE + t) / MINUTES_PER_DAY,
            }  # fmt: skip
            rows.append(row | ({"Beta": betas[t]} if name == REPORT else _by_formula(name, t)))
    return {column.header: [row.get(column.header) for row in rows] for column in PROFILE_COLUMNS}


def columns() -> dict[str, Sequence[CellValue]]:
    """All input columns by `fingerprint.column_key`."""
    return {
        fp.column_key(table, header): values
        for table, headed in ((TBL_ORDERS, order_values()), (TBL_PROFILES, profile_values()))
        for header, values in headed.items()
    }


def _by_formula(name: str, t: int) -> dict[str, CellValue]:
    """Beta, half-spread and volume of `FORMULA`, rounded as a desk would write them."""
    volume, beta, spread = LEVELS[name]
    u = 2.0 * t / (INTERVALS - 1) - 1.0
    w = 0.6 + 1.2 * u * u
    return {
        "Beta": float(f"{beta / w:.4g}"),
        "HalfSpread": round(spread * (1.0 + u * u), 5),
        "Volume": round(volume * w, -1),
    }
