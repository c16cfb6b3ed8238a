"""Builds live_functions.xlsx: ``python workbook_templates/build_live_functions.py [OUT.xlsx]``.

Every spreadsheet function with a live formula, beside an order that ``tradealloc run`` and the ribbon work on: the
checks compare the run's schedule with what the live formulas show.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import charts
import live_formulas as lf
from check_formulas import ORDER_CHECKS, slippage_of_equal
from check_plan import RELATIVE, Check, CheckPlan
from checks_sheet import ChecksSheet
from kit import Kit
from live_day import LiveDay
from live_sheets import LiveSheets
from order_sheet import WHOLE_ORDER, OrderSheet
from order_tables import Columns, headed, write_comparison, write_intervals, write_schedule
from reference_sheets import CoverText, cover_sheet, write_cover, write_reference
from run_log import write_run_log
from startup_link import link_functions

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import (
    CONTRACT_VERSION,
    ORDER_TABLES,
    RUN_LOG_COLUMNS,
    TBL_INTERVALS,
    TBL_RUN_LOG,
    TBL_SENSITIVITY,
)

HERE = Path(__file__).parent
TITLE = "Live functions"
INTERVALS, MINUTES, OPEN_MINUTE, MINUTES_PER_DAY = 13, 30, 9 * 60 + 30, 1440
ORDER_SHARES = 100_000.0
SIZES = (50_000.0, 75_000.0, 100_000.0, 150_000.0)
SETTINGS: dict[str, CellValue] = {
    "ta_contract_version": CONTRACT_VERSION,
    "ta_symbol": "DEMO",
    "ta_side": "buy",
    "ta_shares": ORDER_SHARES,
    "ta_arrival_price": 100.0,
    "ta_impact_unit": "price",
    "ta_model": "linear",
    "ta_participation": 0.15,
    "ta_method": "auto",
}
HALF_SPREADS = (0.012, 0.010, 0.008, 0.007, 0.006, 0.006, 0.006, 0.006, 0.006, 0.006, 0.006, 0.007, 0.008)
VOLUMES = (
    152_000, 118_000, 97_000, 86_000, 78_000, 72_000, 69_000, 70_000, 75_000, 83_000, 95_000, 121_000, 184_000,
)  # fmt: skip
COVER_SUBTITLE = "Every spreadsheet function with a live formula, its explanation and a chart that moves."
COVER = CoverText(
    steps=(
        ("Order", "Change an input: order size, participation cap, model. Or other figures on Intervals."),
        ("Live schedule", "With the add-in loaded, schedules and charts follow at once. No button is needed."),
        ("Functions", "See each function: what it does, its formula, its values. Copy a formula to a sheet of yours."),
        ("Schedule", "Press Optimise, or run:  tradealloc run live.xlsx  and the checks compare it with the formulas."),
    ),
    sheets=(
        ("Order", "Inputs of the order, and the results of a run"),
        ("Intervals", "Inputs per interval: betas, volumes, spreads, limits"),
        ("Functions", "Live: impact, comparison, sensitivity, statistics, check, version, and the options"),
        ("Live schedule", "Live: OPTALLOC by interval, with charts"),
        ("Trading day", "Live: the order finished from what is filled, and what fills cost"),
        ("Schedule", "The schedule of a run"),
        ("Comparison", "Strategies and order sizes of a run"),
        ("Run log", "When, who, method, size, result and certificate of each run"),
        ("Checks", "Every figure recomputed by sheet formulas; do run and live formulas agree?"),
        ("Stored", "The example's values, shown where the add-in isn't loaded"),
        ("Reference", "All names, tables and units, for macros and programs"),
    ),
    about=(
        "The functions need the add-in: tradealloc addin install (Excel on Windows), or the extension for LibreOffice.",
        "LIVE: the add-in answers. STORED: it isn't loaded, and the example's values are shown. OFF: no values.",
        "13 half-hour intervals, made from the report's 390 betas; spreads, volumes, symbol and price are examples.",
        "The charts of live formulas show the example's 13 intervals: with more, drag their range (Select Data).",
        "Excel fills as many rows as there are intervals; LibreOffice keeps the 13: enter formulas anew for more.",
    ),
    open_because="so that tables grow and formulas can be tried",
)
LIVE_CHECKS = (
    Check("Live formulas agree: schedule", "Largest difference between a run's Allocation and OPTALLOC's = 0",
          "MAX(ABS(IF(ISNUMBER(tblSchedule[Allocation]),tblSchedule[Allocation],0)-live_shares))", "0",
          "MAX(chk_relative*N(ta_shares),10*chk_slack)", "shares", "shares", "live_shown",
          max(RELATIVE * ORDER_SHARES, 10 * 1e-6 * ORDER_SHARES / INTERVALS)),
    Check("Live formulas agree: total impact", "OPTALLOC_IMPACT of OPTALLOC = total impact of the run",
          "live_impact", "ta_total_impact", "chk_kkt_tolerance*ABS(N(ta_total_impact))", "impact unit", "significant",
          "live_shown"),
)  # fmt: skip
SHOWN = {"live_shown": "ISNUMBER(live_impact)"}
PLAN = CheckPlan(
    (*ORDER_CHECKS.checks, *LIVE_CHECKS),
    ORDER_CHECKS.workings,
    ORDER_CHECKS.fields,
    ORDER_CHECKS.tables,
    {**ORDER_CHECKS.ranges, **SHOWN},
)


def half_hour_betas() -> list[float]:
    """Betas of half hours: 30 minutes traded optimally among themselves act as one with beta 1 / sum(1/beta)."""
    minutes = [float(line) for line in (HERE / "report_case_beta.csv").read_text(encoding="ascii").split()]
    parts = [minutes[t : t + MINUTES] for t in range(0, len(minutes), MINUTES)]
    return [float(f"{1 / math.fsum(1 / beta for beta in part):.4g}") for part in parts]


def example_columns(betas: list[float]) -> Columns:
    """The example's input columns by `fingerprint.column_key`."""
    columns: dict[str, list[CellValue]] = {
        "Interval": list(range(1, INTERVALS + 1)),
        "Start": [(OPEN_MINUTE + MINUTES * t) / MINUTES_PER_DAY for t in range(INTERVALS)],
        "Beta": list(betas),
        "HalfSpread": list(HALF_SPREADS),
        "Volume": [float(volume) for volume in VOLUMES],
    }
    keyed = {fp.column_key(TBL_INTERVALS, header): values for header, values in columns.items()}
    return {**keyed, fp.column_key(TBL_SENSITIVITY, "TotalShares"): list(SIZES)}


def main(target: Path) -> None:
    betas = half_hour_betas()
    columns = example_columns(betas)
    intervals_by_header = headed(TBL_INTERVALS, columns)
    stored = lf.stored_values(SETTINGS, intervals_by_header, SIZES)
    starts = [float(start) for start in intervals_by_header["Start"]]  # type: ignore[arg-type]
    equal_impact = slippage_of_equal(betas, ORDER_SHARES) + math.fsum(HALF_SPREADS) / INTERVALS
    kit = Kit(target, TITLE)
    kit.book.set_calc_mode("auto", CALC_ID)
    cover = cover_sheet(kit, COVER_SUBTITLE)
    order = OrderSheet(kit, SETTINGS)
    intervals, beta_body = write_intervals(kit, columns, INTERVALS)
    live = LiveSheets(kit, SETTINGS, stored, starts, betas)
    day = LiveDay(kit, live, starts)
    schedule, share_body = write_schedule(kit, intervals, beta_body)
    write_comparison(kit, columns)
    write_run_log(kit)
    fresh = {
        "chk_rows": INTERVALS,
        "chk_tradable": INTERVALS,
        "chk_equal": ORDER_SHARES / INTERVALS,
        "chk_slack": 1e-6 * ORDER_SHARES / INTERVALS,
        "chk_equal_impact": equal_impact,
        "Saving": RELATIVE * equal_impact * ORDER_SHARES,
    }
    checks = ChecksSheet(kit, PLAN, SETTINGS, columns, fresh)
    checks.write()
    live.write()
    day.write()
    live.write_stored(fp.fingerprint(SETTINGS, columns))
    order.write(checks.overall_formula)
    shares = charts.allocation(kit, schedule, share_body, intervals, beta_body, (740, 340), every=1)
    progress = charts.cumulative(kit, schedule, share_body, (455, 340), every=1)
    order.sheet.page.insert_chart(order.chart_cell, shares)
    order.sheet.page.insert_chart(order.chart_cell, progress, {"x_offset": 750})
    write_reference(kit, WHOLE_ORDER.fields, {**ORDER_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS})
    write_cover(kit, cover, COVER)
    kit.close()
    link_functions(target, list(lf.DESCRIPTIONS))


CALC_ID = 191029
"""The calculation engine of today's Excel: an older mark would make it recalculate on opening."""

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "live_functions.xlsx")
