"""Builds daily_schedule.xlsx: ``python workbook_templates/build_daily_schedule.py [OUT.xlsx]``.

Labels, units, help, choices and validations come from the registry of names; the betas from report_case_beta.csv.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import charts
from check_formulas import RELATIVE, slippage_of_equal
from checks_sheet import ChecksSheet
from kit import BANNER_ROW, HEADER_ROW, NAVY, UNIT_ROW, Kit, Sheet, validation
from order_sheet import OrderSheet
from reference_sheets import write_cover, write_reference

from tradealloc.model.binding import DEARER
from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import (
    COMPARISON_COLUMNS,
    INTERVAL_COLUMNS,
    SCHEDULE_COLUMNS,
    SENSITIVITY_COLUMNS,
    TBL_COMPARISON,
    TBL_INTERVALS,
    TBL_SCHEDULE,
    TBL_SENSITIVITY,
    Column,
)

HERE = Path(__file__).parent
TITLE = "Daily schedule"
OPEN_MINUTE, MINUTES_PER_DAY = 9 * 60 + 30, 1440
SIZES = (50_000.0, 75_000.0, 100_000.0, 150_000.0, 200_000.0)
ORDER_SHARES = 100_000.0
EXAMPLE: dict[str, CellValue] = {
    "ta_contract_version": 1,
    "ta_symbol": "DEMO",
    "ta_side": "buy",
    "ta_shares": ORDER_SHARES,
    "ta_arrival_price": 100.0,
    "ta_impact_unit": "price",
    "ta_model": "linear",
    "ta_method": "auto",
}
COMPARISON_ROWS = 3
STRATEGIES_ROW, SIZES_ROW = HEADER_ROW + 1, 27
BAND = 28
COVER_SUBTITLE = "Splits an order over the day so that it moves the market least."


def main(target: Path) -> None:
    betas = [float(line) for line in (HERE / "report_case_beta.csv").read_text(encoding="ascii").split()]
    columns: dict[str, Sequence[CellValue]] = {
        fp.column_key(TBL_INTERVALS, "Interval"): list(range(1, len(betas) + 1)),
        fp.column_key(TBL_INTERVALS, "Start"): [(OPEN_MINUTE + t) / MINUTES_PER_DAY for t in range(len(betas))],
        fp.column_key(TBL_INTERVALS, "Beta"): betas,
        fp.column_key(TBL_SENSITIVITY, "TotalShares"): SIZES,
    }
    equal_impact = slippage_of_equal(betas, ORDER_SHARES)
    kit = Kit(target, TITLE)
    cover = kit.sheet("Cover", COVER_SUBTITLE, (2, 13, 14, 13, 14, 56), landscape=False)
    order = OrderSheet(kit, EXAMPLE)
    intervals = write_intervals(kit, columns, len(betas))
    schedule = write_schedule(kit, intervals, len(betas))
    write_comparison(kit)
    fresh = {"chk_equal_impact": equal_impact, "Saving": RELATIVE * equal_impact * ORDER_SHARES}
    checks = ChecksSheet(kit, EXAMPLE, columns, fresh)
    checks.write()
    order.write(checks.overall_formula)
    chart = charts.allocation(kit, schedule, intervals, len(betas), (1205, 330))
    order.sheet.page.insert_chart(order.chart_cell, chart)
    write_cover(kit, cover)
    write_reference(kit)
    kit.close()


def write_intervals(kit: Kit, values: dict[str, Sequence[CellValue]], rows: int) -> Sheet:
    """The inputs per interval."""
    sheet = kit.sheet(
        "Intervals", "Inputs per interval: paste your betas, and what else you have; only Beta is required.",
        (2, 9, 9, 13, 13, 13, 11, 13, 11, 11, 3), landscape=False, band=BAND,
    )  # fmt: skip
    formats = [kit.input(_number_format(column), align=_align(column)) for column in INTERVAL_COLUMNS]
    first, left, last, right = kit.table(sheet, TBL_INTERVALS, INTERVAL_COLUMNS, rows, formats)
    kit.units(sheet, UNIT_ROW, left, INTERVAL_COLUMNS)
    for offset, column in enumerate(INTERVAL_COLUMNS):
        for row, value in enumerate(values.get(fp.column_key(TBL_INTERVALS, column.header), ())):
            sheet.page.write(first + row, left + offset, value, formats[offset])
        rule = validation(column)
        if rule:
            sheet.page.data_validation(first, left + offset, last, left + offset, rule)
    sheet.page.insert_chart(UNIT_ROW, right + 2, charts.beta(kit, sheet, rows, (760, 340)))
    _finish_table_sheet(sheet, last, right)
    return sheet


def write_schedule(kit: Kit, intervals: Sheet, rows: int) -> Sheet:
    """The result per interval: blank until a run."""
    sheet = kit.sheet(
        "Schedule", "Results per interval, written by a run; inputs are on Order and Intervals.",
        (2, 9, 9, 10, 10, 11, 12, 12, 12, 13, 12, 26, 3), landscape=False, band=BAND,
    )  # fmt: skip
    formats = [kit.output(_number_format(column), align=_align(column)) for column in SCHEDULE_COLUMNS]
    first, left, last, right = kit.table(sheet, TBL_SCHEDULE, SCHEDULE_COLUMNS, rows, formats)
    kit.units(sheet, UNIT_ROW, left, SCHEDULE_COLUMNS)
    headers = [column.header for column in SCHEDULE_COLUMNS]
    bars = {"type": "data_bar", "bar_color": "#9CC9E8", "bar_solid": True}
    dear = {"type": "text", "criteria": "begins with", "value": DEARER, "stop_if_true": True,
            "format": kit.book.add_format({"font_color": "#6B7280"})}  # fmt: skip
    held = {"type": "no_blanks", "format": kit.book.add_format({"bold": True, "bg_color": "#FBE3C0"})}
    for header, rule in (("Allocation", bars), ("Binding", dear), ("Binding", held)):
        column = left + headers.index(header)
        sheet.page.conditional_format(first, column, last, column, rule)
    chart = charts.allocation(kit, sheet, intervals, rows, (900, 385))
    sheet.page.insert_chart(UNIT_ROW, right + 2, chart)
    sheet.page.insert_chart(UNIT_ROW + 20, right + 2, charts.cumulative(kit, sheet, rows, (900, 340)))
    _finish_table_sheet(sheet, last, right)
    return sheet


def write_comparison(kit: Kit) -> None:
    """Strategies against each other, and the result at other order sizes."""
    sheet = kit.sheet(
        "Comparison", "Strategies under the same model, and the optimum at other order sizes; filled by a run.",
        (2, 24, 16, 15, 15, 15, 14, 3), landscape=True, band=17,
    )  # fmt: skip
    page = sheet.page
    first, _ = _small_table(
        kit, sheet, STRATEGIES_ROW, TBL_COMPARISON, COMPARISON_COLUMNS, COMPARISON_ROWS, "Strategies"
    )
    page.insert_chart(STRATEGIES_ROW - 1, 8, charts.comparison(kit, sheet, first, COMPARISON_ROWS, (515, 380)))
    title = "Order sizes (TotalShares is an input)"
    first, last = _small_table(kit, sheet, SIZES_ROW, TBL_SENSITIVITY, SENSITIVITY_COLUMNS, len(SIZES), title)
    page.write_column(first, 1, SIZES, kit.input("shares", align="right"))
    page.data_validation(first, 1, last, 1, validation(SENSITIVITY_COLUMNS[0]))
    page.insert_chart(SIZES_ROW - 1, 8, charts.sensitivity(kit, sheet, first, len(SIZES), (515, 340)))
    page.freeze_panes(BANNER_ROW + 1, 0)
    page.print_area(0, 0, SIZES_ROW + 17, 16)
    page.fit_to_pages(1, 1)


def _small_table(
    kit: Kit, sheet: Sheet, row: int, name: str, columns: Sequence[Column], rows: int, title: str
) -> tuple[int, int]:
    """A table with a title; its first and last row."""
    sheet.page.write(row - 2, 1, title, kit.style(bold=True, font_size=11, font_color=NAVY))
    formats = [
        kit.input("shares", align="right")
        if column.key == "total_shares"
        else kit.output(_number_format(column), align=_align(column))
        for column in columns
    ]
    first, left, last, _ = kit.table(sheet, name, columns, rows, formats, row)
    kit.units(sheet, row - 1, left, columns)
    return first, last


def _finish_table_sheet(sheet: Sheet, last_row: int, last_column: int) -> None:
    sheet.page.freeze_panes(HEADER_ROW + 1, 3)
    sheet.page.repeat_rows(UNIT_ROW, HEADER_ROW)
    sheet.page.print_area(0, 0, last_row, last_column)


def _number_format(column: Column) -> str:
    if column.key in ("equal", "vwap", "allocation", "cumulative", "remaining", "allocation_std"):
        return "fractional shares"
    return column.unit or "plain"


def _align(column: Column) -> str:
    if column.key == "interval":
        return "center"
    if column.key == "start":
        return "center"
    return "left" if column.kind == "text" else "right"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "daily_schedule.xlsx")
