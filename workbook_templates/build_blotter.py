"""Builds blotter.xlsx: ``python workbook_templates/build_blotter.py [OUT.xlsx]``.

Labels, units, help, choices and validations come from the registry of names; profiles and orders from
blotter_example.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import blotter_charts
from blotter_checks import blotter_checks
from blotter_example import FORMULA, INTERVALS, ORDERS, SETTINGS, columns, order_values, profile_values
from blotter_sheets import (
    write_by_symbol,
    write_by_time,
    write_orders,
    write_profiles,
    write_results,
    write_schedules,
)
from blotter_view import write_view
from check_plan import RELATIVE
from checks_sheet import ChecksSheet
from kit import Kit, Sheet
from order_sheet import OrderPlan, OrderSheet
from reference_sheets import CoverText, cover_sheet, write_cover, write_reference
from run_log import write_run_log
from tables import Body

from tradealloc.batch.orders import NO_SYMBOL
from tradealloc.workbook.fields import BLOTTER_TABLES, RUN_LOG_COLUMNS, TBL_RUN_LOG
from tradealloc.workbook.fields.blotter import TBL_ORDERS, TBL_PROFILES

TITLE = "Blotter"
COVER_SUBTITLE = "Splits many orders over the day at once: one schedule each, totals by symbol and by time."
SUMMARY = OrderPlan(
    name="Summary",
    subtitle="Settings of all orders, which a row of Orders may overrule; totals on the right after a run.",
    inputs=(
        ("Order", ("side",)),
        ("Impact model", ("impact_unit", "model", "exponent", "reference_shares")),
        ("Limits", ("participation", "impact_cap", "lot_size", "min_clip", "window_start", "window_end")),
        ("Solver", ("method", "risk_aversion", "contract_version")),
    ),
    outputs=(
        ("Result", ("status", "checks", "run_at")),
        ("Cost of all orders", ("total_cost", "total_impact_bps", "improvement", "saving")),
        ("Certificates, largest", ("kkt_residual", "duality_gap", "fingerprint")),
    ),
    chart_rows=36,
)
COVER = CoverText(
    steps=(
        ("Orders", "Paste your orders, up to 500: an id, shares and a profile each; the rest may stay blank."),
        ("Profiles", "Paste your profiles: a name, and a beta an interval; volumes, spreads, limits if you have them."),
        ("", "Press Optimise on the TradeAlloc ribbon. Or save, close and run:  tradealloc run blotter.xlsx"),
        ("Results", "Read status and cost of each order, the schedules and totals; pick one order on View."),
    ),
    sheets=(
        ("Summary", "Settings for all orders, totals and charts on one page"),
        ("Orders", "Inputs: the orders, with what a row overrules"),
        ("Profiles", "Inputs: betas, volumes, spreads and limits per interval, by profile"),
        ("Results", "One row an order: status, cost, certificate"),
        ("Schedules", "Shares per interval, one column an order"),
        ("By symbol", "Totals by symbol"),
        ("By time", "Totals by interval of the day"),
        ("View", "One order picked from the list: its schedule against its profile"),
        ("Run log", "When, who, method, size, result and certificate of each run"),
        ("Checks", "Sums, limits and totals recomputed by sheet formulas; is the result current?"),
        ("Reference", "All names, tables and units, for macros and programs"),
    ),
    about=(
        "An order that is wrong or can't be traded says so in its Status; the others run. Orders are priced one by",
        "one: those of one symbol share its volume, and By symbol shows their participation together.",
        "Arrival prices are in one currency. Orders without one count in shares, not in notional and bps.",
        "Report case holds the betas of the report's worked case. Symbols, sizes and prices are examples.",
        FORMULA.partition(", volume is")[0] + ",",
        "volume is" + FORMULA.partition(", volume is")[2],
    ),
)
HERE = Path(__file__).parent
TABLES = {**BLOTTER_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS}


def main(target: Path) -> None:
    kit = Kit(target, TITLE)
    cover = cover_sheet(kit, COVER_SUBTITLE)
    summary = OrderSheet(kit, SETTINGS, SUMMARY)
    orders = write_orders(kit, order_values())
    write_profiles(kit, profile_values())
    write_results(kit)
    write_schedules(kit, INTERVALS)
    symbols = write_by_symbol(kit, len({order.get("Symbol", NO_SYMBOL) for order in ORDERS}))
    times = write_by_time(kit, INTERVALS)
    write_view(kit)
    write_run_log(kit)
    plan = blotter_checks(SUMMARY.input_fields, (TBL_ORDERS, TBL_PROFILES))
    checks = ChecksSheet(kit, plan, SETTINGS, columns(), _fresh())
    checks.write()
    summary.write(checks.overall_formula)
    _charts(kit, summary, times, symbols)
    orders.page.activate()
    write_reference(kit, SUMMARY.fields, TABLES)
    write_cover(kit, cover, COVER)
    kit.close()


def _fresh() -> dict[str, float]:
    """What the Checks sheet stores before any run, where it depends on the example."""
    sizes = [float(size) for order in ORDERS if isinstance(size := order["Shares"], int)]
    relative = {"Schedules sum to their orders": max(sizes), "Picked order: caps kept": sizes[0]}
    return {"blt_orders": len(ORDERS), **{label: RELATIVE * size for label, size in relative.items()}}


def _charts(kit: Kit, summary: OrderSheet, times: tuple[Sheet, Body], symbols: tuple[Sheet, Body]) -> None:
    """Shares and cumulative share by time side by side, cost by symbol below."""
    page = summary.sheet.page
    page.insert_chart(summary.chart_cell, blotter_charts.by_time(kit, *times, (740, 340)))
    page.insert_chart(summary.chart_cell, blotter_charts.cumulative(kit, *times, (455, 340)), {"x_offset": 750})
    below = {"y_offset": 350}
    page.insert_chart(summary.chart_cell, blotter_charts.cost_by_symbol(kit, *symbols, (1205, 330)), below)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "blotter.xlsx")
