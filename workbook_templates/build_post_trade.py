"""Builds post_trade.xlsx: ``python workbook_templates/build_post_trade.py [OUT.xlsx]``.

Orders and their fills in; implementation shortfall, its parts and slippage by group out. The example comes from
post_trade_example.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import post_trade_charts as charts
from check_plan import RELATIVE
from checks_sheet import ChecksSheet
from kit import Kit
from order_sheet import LABEL, OUT_UNIT, TOP, UNIT, VALUE, OrderPlan, OrderSheet
from post_trade_checks import post_trade_checks
from post_trade_example import EXAMPLES, FORMULA, SETTINGS, columns, fill_values
from post_trade_sheets import write_fills, write_groups, write_orders, write_parts, write_results
from reference_sheets import CoverText, cover_sheet, write_cover, write_reference
from run_log import write_run_log

from tradealloc.workbook.fields import RUN_LOG_COLUMNS, TBL_RUN_LOG
from tradealloc.workbook.fields.tca import TCA_TABLES

TITLE = "Post-trade"
COVER_SUBTITLE = "What an execution cost against where the price stood at the decision, and what it is made of."
SUMMARY = OrderPlan(
    name="Summary",
    subtitle="What the orders cost and why; positive costs. Figures appear after a run. The orders are an example.",
    inputs=(("Workbook", ("contract_version",)),),
    outputs=(
        ("Result", ("status", "checks", "run_at")),
        ("Cost of all orders", ("total_cost",)),
        ("Inputs of the run", ("fingerprint",)),
    ),
    chart_rows=48,
    least_rows=9,
)
COVER = CoverText(
    steps=(
        ("Orders", "Paste your orders: an id, side, shares and arrival price each; more columns tell more parts."),
        ("Fills", "Paste your fills: order, shares and price; with quotes and times spread and impact are told apart."),
        ("", "Press Optimise on the TradeAlloc ribbon. Or save, close and run:  tradealloc run post_trade.xlsx"),
        ("Summary", "Read the shortfall and its parts; see that the checks say OK."),
    ),
    sheets=(
        ("Summary", "Totals and charts on one page"),
        ("Orders", "Inputs: the orders, with prices to compare with and forecasts"),
        ("Fills", "Inputs: the fills, with quotes, fees and brokers"),
        ("Results", "One row an order: shortfall, its parts, slippage against arrival, VWAP, TWAP, close"),
        ("Parts", "Parts of the shortfall of all orders, by currency"),
        ("Groups", "Slippage by order, symbol, side, broker and half hour"),
        ("Run log", "When, who, method, size and result of each run"),
        ("Checks", "Sums and shortfalls recomputed by sheet formulas; is the result current?"),
        ("Reference", "All names, tables and units, for macros and programs"),
    ),
    about=(
        "Shortfall is what was paid above the decision price, with fees and the cost of what stayed unfilled. Parts",
        "that the data can't tell apart stay together under a name that says so. Currencies aren't added up.",
        "A mean over few orders says little: its interval on Groups takes orders, not fills, as independent.",
        *FORMULA,
    ),
    open_because="so that their tables take pasted rows and grow",
)  # fmt: skip
HERE = Path(__file__).parent
WIDE, HIGH = (640, 560), (330, 300)
"""Widths of the charts on the left and right; heights of the first and of the other rows."""
FACTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("Orders", "=chk_orders", "intervals", "orders", "Orders on the sheet Orders."),
    ("Fills", "=chk_fills", "intervals", "fills", "Fills on the sheet Fills."),
    ("Shares filled", "=chk_shares", "shares", "shares", "Of all orders."),
    ("Shares left", '=IF(chk_run,SUM(tblTcaResults[Unfilled]),"")', "shares", "shares",
     "Unfilled; valued at EndPrice, the opportunity part of the shortfall."),
    ("Shortfall", '=IF(AND(chk_run=1,chk_currencies=1),'
     'SUM((TRIM(tblTcaParts[Part]&"")="Shortfall")*IF(ISNUMBER(tblTcaParts[Bps]),tblTcaParts[Bps],0)),"")', "bps",
     "bps", "Of filled shares times arrival price; blank with several currencies, which Parts shows."),
)  # fmt: skip


def main(target: Path) -> None:
    kit = Kit(target, TITLE)
    cover = cover_sheet(kit, COVER_SUBTITLE)
    summary = OrderSheet(kit, SETTINGS, SUMMARY)
    orders = write_orders(kit)
    write_fills(kit)
    results = write_results(kit)
    parts = write_parts(kit)
    groups, _, times, bars = write_groups(kit)
    write_run_log(kit)
    checks = ChecksSheet(kit, post_trade_checks(), SETTINGS, columns(), _fresh())
    checks.write()
    summary.write(checks.overall_formula)
    _facts(kit, summary)
    page, cell, offset = summary.sheet.page, summary.chart_cell, WIDE[0] + 8
    first, second, third = 0, HIGH[0] + 8, HIGH[0] + HIGH[1] + 16
    size, narrow = (WIDE[0], HIGH[1]), (WIDE[1], HIGH[1])
    for chart, x, y in (
        (charts.by_order(kit, *results, (WIDE[0], HIGH[0])), 0, first),
        (charts.parts(kit, *parts, (WIDE[1], HIGH[0])), offset, first),
        (charts.by_time(kit, groups, times, size), 0, second),
        (charts.by_group(kit, groups, bars, narrow), offset, second),
        (charts.forecasts(kit, *results, size), 0, third),
        (charts.benchmarks(kit, *results, narrow), offset, third),
    ):
        page.insert_chart(cell, chart, {"x_offset": x, "y_offset": y})
    orders.page.activate()
    write_reference(kit, SUMMARY.fields, {**TCA_TABLES, TBL_RUN_LOG: RUN_LOG_COLUMNS})
    write_cover(kit, cover, COVER)
    kit.close()


def _facts(kit: Kit, summary: OrderSheet) -> None:
    """What was traded, below the only input."""
    row, page = TOP + 3, summary.sheet.page
    page.write(row, LABEL, "What was traded", kit.section())
    for column in range(LABEL + 1, UNIT + 2):
        page.write_blank(row, column, None, kit.section())
    fresh = {"Orders": len(EXAMPLES), "Fills": len(fill_values()["Shares"]), "Shares filled": _filled()}
    for offset, (label, formula, look, unit, note) in enumerate(FACTS, start=1):
        page.write(row + offset, LABEL, label, kit.style())
        shown = kit.calc(look, align="right")
        kit.formula(summary.sheet, row + offset, VALUE, formula, shown, fresh.get(label, ""))
        kit.unit(summary.sheet, row + offset, UNIT, unit, "currency/share", indent=1)
        page.write(row + offset, UNIT + 1, note, kit.small())
    assert UNIT + 1 < OUT_UNIT


def _filled() -> float:
    return float(sum(one.filled for one in EXAMPLES))


def _fresh() -> dict[str, float | str]:
    """What the Checks sheet stores before any run, where it depends on the example."""
    values = fill_values()
    paid = sum(
        float(str(shares)) * float(str(price)) for shares, price in zip(values["Shares"], values["Price"], strict=True)
    )
    shares = RELATIVE * _filled()
    by_shares = ("No order is over-filled", "Filled shares", "Unfilled shares", "Shares of each grouping")
    return {
        "chk_orders": len(EXAMPLES),
        "chk_fills": len(values["Shares"]),
        "chk_shares": _filled(),
        **dict.fromkeys(by_shares, shares),
        "Average prices": RELATIVE * paid,
        "Shortfall of each order": 0.01,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "post_trade.xlsx")
