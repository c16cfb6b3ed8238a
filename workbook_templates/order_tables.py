"""The sheets of one order's tables: Intervals (inputs), Schedule and Comparison (results)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import charts
from kit import BANNER_ROW, HEADER_ROW, UNIT_ROW, Kit, Sheet
from tables import Body, finish_table_sheet, write_table, write_titled_table

from tradealloc.model.binding import DEARER
from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import TBL_COMPARISON, TBL_INTERVALS, TBL_SCHEDULE, TBL_SENSITIVITY

COMPARISON_ROWS = 3
STRATEGIES_ROW, SIZES_ROW = HEADER_ROW + 1, 27
BAND = 28
MOST_LABELS = 26
Columns = Mapping[str, Sequence[CellValue]]
"""Values by `fingerprint.column_key`."""


def headed(table: str, values: Columns) -> dict[str, Sequence[CellValue]]:
    """One table's values, by header."""
    prefix = table + "["
    return {key.removeprefix(prefix).rstrip("]"): column for key, column in values.items() if key.startswith(prefix)}


def write_intervals(kit: Kit, values: Columns, rows: int) -> tuple[Sheet, Body]:
    """The inputs per interval."""
    sheet = kit.sheet(
        "Intervals", "Inputs per interval: paste your betas, and what else you have; only Beta is required.",
        (2, 9, 9, 13, 13, 13, 11, 13, 11, 11, 3), landscape=False, band=BAND,
    )  # fmt: skip
    body = write_table(kit, sheet, TBL_INTERVALS, rows, headed(TBL_INTERVALS, values))
    sheet.page.insert_chart(UNIT_ROW, body.right + 2, charts.beta(kit, sheet, body, (760, 340), _every(rows)))
    finish_table_sheet(sheet, body)
    return sheet, body


def write_schedule(kit: Kit, intervals: Sheet, betas: Body) -> tuple[Sheet, Body]:
    """The result per interval: blank until a run."""
    sheet = kit.sheet(
        "Schedule", "Results per interval, written by a run; inputs are on Order and Intervals.",
        (2, 9, 9, 10, 10, 11, 12, 12, 12, 13, 12, 26, 3), landscape=False, band=BAND,
    )  # fmt: skip
    body = write_table(kit, sheet, TBL_SCHEDULE, betas.bottom - betas.top + 1)
    bars = {"type": "data_bar", "bar_color": "#9CC9E8", "bar_solid": True}
    dear = {"type": "text", "criteria": "begins with", "value": DEARER, "stop_if_true": True,
            "format": kit.book.add_format({"font_color": "#6B7280"})}  # fmt: skip
    held = {"type": "no_blanks", "format": kit.book.add_format({"bold": True, "bg_color": "#FBE3C0"})}
    for header, rule in (("Allocation", bars), ("Binding", dear), ("Binding", held)):
        column = body.column(header)
        sheet.page.conditional_format(body.top, column, body.bottom, column, rule)
    at, every = body.right + 2, _every(body.bottom - body.top + 1)
    sheet.page.insert_chart(UNIT_ROW, at, charts.allocation(kit, sheet, body, intervals, betas, (900, 385), every))
    sheet.page.insert_chart(UNIT_ROW + 20, at, charts.cumulative(kit, sheet, body, (900, 340), every))
    finish_table_sheet(sheet, body)
    return sheet, body


def write_comparison(kit: Kit, values: Columns) -> Sheet:
    """Strategies against each other, and the result at other order sizes."""
    sheet = kit.sheet(
        "Comparison", "Strategies under the same model, and the optimum at other order sizes; filled by a run.",
        (2, 24, 16, 15, 15, 15, 14, 3), landscape=True, band=17,
    )  # fmt: skip
    page = sheet.page
    body = write_titled_table(kit, sheet, TBL_COMPARISON, COMPARISON_ROWS, "Strategies", row=STRATEGIES_ROW)
    page.insert_chart(STRATEGIES_ROW - 1, 8, charts.comparison(kit, sheet, body, (515, 380)))
    sizes = values[fp.column_key(TBL_SENSITIVITY, "TotalShares")]
    title = "Order sizes (TotalShares is an input)"
    body = write_titled_table(kit, sheet, TBL_SENSITIVITY, len(sizes), title, {"TotalShares": sizes}, row=SIZES_ROW)
    page.insert_chart(SIZES_ROW - 1, 8, charts.sensitivity(kit, sheet, body, (515, 340)))
    page.freeze_panes(BANNER_ROW + 1, 0)
    page.print_area(0, 0, SIZES_ROW + 17, 16)
    page.fit_to_pages(1, 1)
    return sheet


def _every(rows: int) -> int:
    """One label in so many intervals on a time axis."""
    return 1 if rows <= MOST_LABELS else charts.HALF_HOUR
