"""Builds daily_schedule.xlsx: ``python workbook_templates/build_daily_schedule.py [OUT.xlsx]``.

Labels, units, help, choices and validations come from the registry of names; the betas from report_case_beta.csv.
"""

from __future__ import annotations

import sys
from pathlib import Path

import charts
from check_formulas import ORDER_CHECKS, slippage_of_equal
from check_plan import RELATIVE
from checks_sheet import ChecksSheet
from intraday_sheet import write_intraday
from kit import Kit
from order_sheet import WHOLE_ORDER, OrderSheet
from order_tables import Columns, write_comparison, write_intervals, write_schedule
from reference_sheets import CoverText, cover_sheet, write_cover, write_reference
from run_log import write_run_log

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import (
    CONTRACT_VERSION,
    INTRADAY_TABLES,
    ORDER_TABLES,
    RUN_LOG_COLUMNS,
    TBL_INTERVALS,
    TBL_RUN_LOG,
    TBL_SENSITIVITY,
)

HERE = Path(__file__).parent
TITLE = "Daily schedule"
OPEN_MINUTE, MINUTES_PER_DAY = 9 * 60 + 30, 1440
SIZES = (50_000.0, 75_000.0, 100_000.0, 150_000.0, 200_000.0)
ORDER_SHARES = 100_000.0
EXAMPLE: dict[str, CellValue] = {
    "ta_contract_version": CONTRACT_VERSION,
    "ta_symbol": "DEMO",
    "ta_side": "buy",
    "ta_shares": ORDER_SHARES,
    "ta_arrival_price": 100.0,
    "ta_impact_unit": "price",
    "ta_model": "linear",
    "ta_method": "auto",
}
COVER_SUBTITLE = "Splits an order over the day so that it moves the market least."
COVER = CoverText(
    steps=(
        ("Order", "Change the inputs: order size, arrival price, model and limits. Everything else may stay blank."),
        ("Intervals", "Paste your betas (any number of rows); add volumes, spreads and limits if you have them."),
        ("", "Press Optimise on the TradeAlloc ribbon. Or save, close and run:  tradealloc run day.xlsx"),
        ("Schedule", "Read the schedule, the totals on Order, the comparison, and see that the checks say OK."),
    ),
    sheets=(
        ("Order", "Inputs of the order, results and the schedule's chart on one page"),
        ("Intervals", "Inputs per interval: betas, volumes, spreads, limits"),
        ("Schedule", "Shares per interval, with cost and what limits them"),
        ("Comparison", "Against equal shares and VWAP; the optimum at other order sizes"),
        ("Intraday", "Fills of the day, plan in force against the morning's schedule, alerts"),
        ("Run log", "When, who, method, size, result and certificate of each run"),
        ("Checks", "Every figure recomputed by sheet formulas; is the result current?"),
        ("Reference", "All names, tables and units, for macros and programs"),
    ),
    about=(
        "Trading x shares in an interval costs h + beta x per share: half-spread h, impact slope beta (or a power or",
        "quadratic law). The schedule minimises the cost of the day, and every result carries a proof of optimality.",
        "The 390 betas are the report's worked case, one-minute intervals from 09:30; symbol and price are examples.",
        "Tables grow and shrink with your data.",
    ),
)


def example_columns() -> tuple[list[float], Columns]:
    """The report's betas, and the example's input columns by `fingerprint.column_key`."""
    betas = [float(line) for line in (HERE / "report_case_beta.csv").read_text(encoding="ascii").split()]
    columns: dict[str, list[CellValue]] = {
        fp.column_key(TBL_INTERVALS, "Interval"): list(range(1, len(betas) + 1)),
        fp.column_key(TBL_INTERVALS, "Start"): [(OPEN_MINUTE + t) / MINUTES_PER_DAY for t in range(len(betas))],
        fp.column_key(TBL_INTERVALS, "Beta"): list(betas),
        fp.column_key(TBL_SENSITIVITY, "TotalShares"): list(SIZES),
    }
    return betas, columns


def main(target: Path) -> None:
    betas, columns = example_columns()
    equal_impact = slippage_of_equal(betas, ORDER_SHARES)
    kit = Kit(target, TITLE)
    cover = cover_sheet(kit, COVER_SUBTITLE)
    order = OrderSheet(kit, EXAMPLE)
    intervals, beta_body = write_intervals(kit, columns, len(betas))
    schedule, share_body = write_schedule(kit, intervals, beta_body)
    write_comparison(kit, columns)
    write_intraday(kit)
    write_run_log(kit)
    fresh = {"chk_equal_impact": equal_impact, "Saving": RELATIVE * equal_impact * ORDER_SHARES}
    checks = ChecksSheet(kit, ORDER_CHECKS, EXAMPLE, columns, fresh)
    checks.write()
    order.write(checks.overall_formula)
    shares = charts.allocation(kit, schedule, share_body, intervals, beta_body, (740, 340))
    progress = charts.cumulative(kit, schedule, share_body, (455, 340))
    order.sheet.page.insert_chart(order.chart_cell, shares)
    order.sheet.page.insert_chart(order.chart_cell, progress, {"x_offset": 750})
    write_reference(kit, WHOLE_ORDER.fields, {**ORDER_TABLES, **INTRADAY_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS})
    write_cover(kit, cover, COVER)
    kit.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "daily_schedule.xlsx")
