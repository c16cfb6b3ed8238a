"""The example order of what_if.xlsx: the report's betas, with volumes and half-spreads made by a formula."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from order_tables import Columns

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import CONTRACT_VERSION, TBL_INTERVALS, TBL_SENSITIVITY
from tradealloc.workbook.fields.scenarios import (
    SCENARIO_COLUMNS,
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_SCENARIOS,
)

BETAS = Path(__file__).parent / "report_case_beta.csv"
OPEN_MINUTE, MINUTES_PER_DAY = 9 * 60 + 30, 1440
ORDER_SHARES, REFERENCE_SHARES = 100_000.0, 250.0
NOON_VOLUME, VOLUME_RISE = 2_400.0, 2.0
NOON_HALF_SPREAD, SPREAD_RISE = 0.004, 1.0
GAMMA_PER_BETA = 0.001
CORE_HOURS = (10 / 24, 15.5 / 24)

SETTINGS: dict[str, CellValue] = {
    "ta_contract_version": CONTRACT_VERSION,
    "ta_symbol": "DEMO",
    "ta_side": "buy",
    "ta_shares": ORDER_SHARES,
    "ta_arrival_price": 100.0,
    "ta_impact_unit": "price",
    "ta_model": "linear",
    "ta_reference_shares": REFERENCE_SHARES,
    "ta_participation": 0.1,
    "ta_method": "auto",
}
SCENARIOS: tuple[Mapping[str, CellValue], ...] = (
    {"Scenario": "As ordered"},
    {"Scenario": "No cap", "Participation": 0},
    {"Scenario": "Cap 7 %", "Participation": 0.07},
    {"Scenario": "Cap 15 %", "Participation": 0.15},
    {"Scenario": "Two caps", "Participation": 0.12, "ImpactCap": 0.025},
    {"Scenario": "Square root", "Model": "power", "Exponent": 0.5},
    {"Scenario": "Power 0.6", "Model": "power", "Exponent": 0.6},
    {"Scenario": "Power 1.2", "Model": "power", "Exponent": 1.2},
    {"Scenario": "Quadratic", "Model": "quadratic"},
    {"Scenario": "Half again", "Shares": 150_000},
    {"Scenario": "Round lots", "LotSize": 100},
    {"Scenario": "Core hours", "WindowStart": CORE_HOURS[0], "WindowEnd": CORE_HOURS[1]},
)
CAPS = (0.07, 0.08, 0.09, 0.10, 0.12, 0.15, 0.20, 0.30)
EXPONENTS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
SIZES = (25_000.0, 50_000.0, 75_000.0, 100_000.0, 125_000.0, 150_000.0)

FORMULA = (
    "Volume, HalfSpread and Gamma are examples made by a formula, with u from -1 at the open to 1 at the close:",
    f"Volume = {NOON_VOLUME:,.0f} (1 + {VOLUME_RISE:g} u²) in hundreds, HalfSpread = {NOON_HALF_SPREAD:g} "
    f"(1 + {SPREAD_RISE:g} u²), Gamma = {GAMMA_PER_BETA:g} Beta.",
)


def example_columns() -> Columns:
    """All input columns by `fingerprint.column_key`."""
    betas = [float(line) for line in BETAS.read_text(encoding="ascii").split()]
    n = len(betas)
    from_noon = [(2 * t - (n - 1)) / (n - 1) for t in range(n)]
    columns: dict[str, list[CellValue]] = {
        fp.column_key(TBL_INTERVALS, "Interval"): list(range(1, n + 1)),
        fp.column_key(TBL_INTERVALS, "Start"): [(OPEN_MINUTE + t) / MINUTES_PER_DAY for t in range(n)],
        fp.column_key(TBL_INTERVALS, "Beta"): list(betas),
        fp.column_key(TBL_INTERVALS, "Gamma"): [_digits(GAMMA_PER_BETA * beta, 9) for beta in betas],
        fp.column_key(TBL_INTERVALS, "HalfSpread"): [
            round(NOON_HALF_SPREAD * (1 + SPREAD_RISE * u * u), 5) for u in from_noon
        ],
        fp.column_key(TBL_INTERVALS, "Volume"): [
            round(NOON_VOLUME * (1 + VOLUME_RISE * u * u) / 100) * 100 for u in from_noon
        ],
        fp.column_key(TBL_SENSITIVITY, "TotalShares"): list(SIZES),
        fp.column_key(TBL_BY_PARTICIPATION, "Participation"): list(CAPS),
        fp.column_key(TBL_BY_EXPONENT, "Exponent"): list(EXPONENTS),
    }
    for column in SCENARIO_COLUMNS:
        columns[fp.column_key(TBL_SCENARIOS, column.header)] = [row.get(column.header) for row in SCENARIOS]
    return columns


def equal_impact(columns: Columns) -> float:
    """Total impact of equal shares under the example's linear model, for the template's cached values."""
    betas, spreads = (columns[fp.column_key(TBL_INTERVALS, header)] for header in ("Beta", "HalfSpread"))
    shares = ORDER_SHARES / len(betas)
    costs = [
        shares * (float(spread) + float(beta) * shares)  # type: ignore[arg-type]
        for beta, spread in zip(betas, spreads, strict=True)
    ]
    return math.fsum(costs) / ORDER_SHARES


def _digits(value: float, digits: int) -> float:
    """A number to so many significant digits."""
    return float(f"{value:.{digits}g}")
