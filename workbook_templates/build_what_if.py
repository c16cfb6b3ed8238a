"""Builds what_if.xlsx: ``python workbook_templates/build_what_if.py [OUT.xlsx]``.

One order under several models, exponents, caps and sizes, with charts of the trade-offs and the value of each limit.
"""

from __future__ import annotations

import sys
from pathlib import Path

import charts
from check_plan import RELATIVE
from checks_sheet import ChecksSheet
from kit import Kit
from order_sheet import WHOLE_ORDER, OrderSheet
from order_tables import SIZES_ROW, headed, write_comparison, write_intervals, write_schedule
from reference_sheets import CoverText, cover_sheet, write_cover, write_reference
from run_log import write_run_log
from tables import Body
from what_if_checks import WHAT_IF_CHECKS
from what_if_example import FORMULA, ORDER_SHARES, SETTINGS, equal_impact, example_columns
from what_if_sheets import TradeOffs, write_cap_values, write_scenario_schedules, write_scenarios

from tradealloc.workbook.fields import (
    ORDER_TABLES,
    RUN_LOG_COLUMNS,
    SCENARIO_TABLES,
    SENSITIVITY_COLUMNS,
    TBL_INTERVALS,
    TBL_RUN_LOG,
    TBL_SENSITIVITY,
)

HERE = Path(__file__).parent
TITLE = "What if"
COVER_SUBTITLE = "One order under several models, limits and sizes side by side, and what each limit costs."
COVER = CoverText(
    steps=(
        ("Order", "Change the order: size, arrival price, model and limits. Paste your data on Intervals."),
        ("Scenarios", "One row a scenario: fill the cells that differ from the order, leave the others blank."),
        ("", "Press Optimise on the TradeAlloc ribbon. Or save, close and run:  tradealloc run what_if.xlsx"),
        ("Trade-offs", "Read the charts, results and values of limits; see that the checks say OK."),
    ),
    sheets=(
        ("Order", "Inputs of the order, results and the schedule's chart on one page"),
        ("Intervals", "Inputs per interval: betas, volumes, spreads, limits"),
        ("Scenarios", "Inputs and results of the scenarios, row by row"),
        ("Trade-offs", "Charts; impact by participation cap and by exponent"),
        ("Cap values", "What each limit costs: shadow prices, and savings when relaxed by a tenth"),
        ("All schedules", "Shares per interval, one column a scenario"),
        ("Schedule", "Shares per interval of the order itself, with cost and what limits them"),
        ("Comparison", "Against equal shares and VWAP; the optimum at other order sizes"),
        ("Run log", "When, who, method, size, result and certificate of each run"),
        ("Checks", "Figures recomputed by sheet formulas; is the result current?"),
        ("Reference", "All names, tables and units, for macros and programs"),
    ),
    about=(
        "A scenario is the order with a few inputs changed. Impacts of different models can't be compared with each",
        "other: each improvement is against equal shares under the same model. Marginal values are those of fractional",
        "shares: what the next step of a limit saves; a bigger step saves less and less.",
        "The 390 betas are the report's worked case, one-minute intervals from 09:30; symbol and price are examples.",
        *FORMULA,
    ),
    open_because="so that tables can grow",
)  # fmt: skip


def main(target: Path) -> None:
    columns = example_columns()
    rows = len(headed(TBL_INTERVALS, columns)["Beta"])
    kit = Kit(target, TITLE)
    cover = cover_sheet(kit, COVER_SUBTITLE)
    order = OrderSheet(kit, SETTINGS)
    intervals, beta_body = write_intervals(kit, columns, rows)
    scenarios = write_scenarios(kit, columns)
    trade_offs = TradeOffs(kit)
    caps = write_cap_values(kit)
    schedules = write_scenario_schedules(kit, columns)
    schedule, share_body = write_schedule(kit, intervals, beta_body)
    comparison = write_comparison(kit, columns)
    write_run_log(kit)
    sizes = len(headed(TBL_SENSITIVITY, columns)["TotalShares"])
    size_body = Body(
        TBL_SENSITIVITY, SENSITIVITY_COLUMNS, SIZES_ROW + 1, 1, SIZES_ROW + sizes, len(SENSITIVITY_COLUMNS)
    )
    trade_offs.write(columns, scenarios, caps, (comparison, size_body), schedules)
    equal = equal_impact(columns)
    fresh = {"chk_equal_impact": equal, "Saving": RELATIVE * equal * ORDER_SHARES}
    checks = ChecksSheet(kit, WHAT_IF_CHECKS, SETTINGS, columns, fresh)
    checks.write()
    order.write(checks.overall_formula)
    shares = charts.allocation(kit, schedule, share_body, intervals, beta_body, (740, 340))
    progress = charts.cumulative(kit, schedule, share_body, (455, 340))
    order.sheet.page.insert_chart(order.chart_cell, shares)
    order.sheet.page.insert_chart(order.chart_cell, progress, {"x_offset": 750})
    write_reference(kit, WHOLE_ORDER.fields, {**ORDER_TABLES, **SCENARIO_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS})
    write_cover(kit, cover, COVER)
    kit.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "what_if.xlsx")
