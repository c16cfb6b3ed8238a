"""The sheets of a what-if workbook: Scenarios, Trade-offs, Cap values, All schedules."""

from __future__ import annotations

import what_if_charts as charts
from charts import sensitivity
from kit import BANNER_ROW, HEADER_ROW, NAVY, PAPER, UNIT_ROW, Kit, Sheet
from order_tables import Columns, headed
from tables import Body, finish_table_sheet, write_table, write_titled_table
from xlsxwriter.utility import xl_rowcol_to_cell

from tradealloc.workbook.fields import Column
from tradealloc.workbook.fields.scenarios import (
    SCENARIO_SCHEDULES_COLUMNS,
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_CAP_VALUES,
    TBL_SCENARIO_RESULTS,
    TBL_SCENARIO_SCHEDULES,
    TBL_SCENARIOS,
)

SCENARIO_WIDTHS = (2, 20, 10, 11, 10, 16, 12.5, 11, 9, 13, 12, 3)
RESULT_WIDTHS = (20, 27, 10, 12.5, 14.5, 12.5, 12.5, 12.5, 12.5, 12.5, 9, 12, 11.5, 13, 32, 3)
RESULT_LEFT = len(SCENARIO_WIDTHS)
DRAWN = ("No cap", "As ordered", "Cap 7 %")
CURVES_ROW = 82
EXPONENT_LEFT = 7
CHART, GAP = (680, 470), 20
CAP_VALUE_ROWS = 14
PRINT_SCALE = 56
"""Per cent at which inputs and results fill a page each."""


def write_scenarios(kit: Kit, values: Columns) -> tuple[Sheet, Body]:
    """Inputs on the left, results of the same row on the right."""
    sheet = kit.sheet(
        "Scenarios",
        "Each row is the order with its filled cells in place of the order's; blank: as the order, 0 in a limit: none. "
        "Results of the same row on the right.",
        (*SCENARIO_WIDTHS, *RESULT_WIDTHS), landscape=True,
    )  # fmt: skip
    page = sheet.page
    rows = headed(TBL_SCENARIOS, values)
    count = len(rows["Scenario"])
    heading = kit.style(bold=True, font_size=11, font_color=NAVY, valign="bottom")
    page.set_row(UNIT_ROW - 1, 26)
    page.write(UNIT_ROW - 1, 1, "Scenarios (inputs)", heading)
    page.write(UNIT_ROW - 1, RESULT_LEFT, "Results, each against equal shares under its own model", heading)
    band = kit.style(bold=True, font_size=16, font_color=PAPER, bg_color=NAVY)
    page.write(0, RESULT_LEFT, f"{kit.title}: Results of the scenarios", band)
    inputs = write_table(kit, sheet, TBL_SCENARIOS, count, rows)
    for row, name in enumerate(rows["Scenario"], start=inputs.top):
        page.write(row, inputs.column("Scenario"), name, kit.input(text_wrap=True))
    results = write_table(kit, sheet, TBL_SCENARIO_RESULTS, count, left=RESULT_LEFT)
    _wrap(kit, sheet, results, "Scenario", "Status")
    page.conditional_format(
        results.top, results.right, results.bottom, results.right,
        {"type": "formula", "criteria": f'=AND({_cell(results)}<>"",{_cell(results)}<>"OK")',
         "format": kit.book.add_format({"bold": True, "bg_color": "#FBE3C0"})},
    )  # fmt: skip
    page.freeze_panes(HEADER_ROW + 1, 2)
    page.repeat_rows(UNIT_ROW - 1, HEADER_ROW)
    page.print_area(0, 0, results.bottom, results.right)
    page.set_print_scale(PRINT_SCALE)
    page.set_v_pagebreaks([RESULT_LEFT])
    return sheet, results


def write_cap_values(kit: Kit) -> tuple[Sheet, Body]:
    """What each limit costs."""
    sheet = kit.sheet(
        "Cap values",
        "What each limit costs: at the margin (its shadow price), and when relaxed by a tenth, solved anew. "
        "In fractional shares.",
        (2, 20, 22, 13, 11, 14, 22, 17, 14, 12, 50, 36, 3), landscape=True,
    )  # fmt: skip
    body = write_table(kit, sheet, TBL_CAP_VALUES, CAP_VALUE_ROWS)
    _wrap(kit, sheet, body, "Scenario", "Note")
    finish_table_sheet(sheet, body, frozen_columns=3)
    sheet.page.print_area(0, 0, body.bottom, body.column("Note"))  # the last column serves the chart
    return sheet, body


def write_scenario_schedules(kit: Kit, values: Columns) -> tuple[Sheet, Body]:
    """Shares per interval, one column a scenario."""
    names = [str(name) for name in headed(TBL_SCENARIOS, values)["Scenario"]]
    rows = len(headed("tblIntervals", values)["Beta"])
    sheet = kit.sheet(
        "All schedules",
        "Shares per interval, one column for each scenario; written by a run. Trade-offs draws the first three.",
        (2, 9, 9, *(12 for _ in names), 3), landscape=True, band=len(names) + 18,
    )  # fmt: skip
    per_scenario = [Column(name, name, "shares", "Shares traded in the interval.") for name in names]
    columns = (*SCENARIO_SCHEDULES_COLUMNS, *per_scenario)
    body = write_table(kit, sheet, TBL_SCENARIO_SCHEDULES, rows, columns=columns)
    sheet.page.set_row(HEADER_ROW, None)  # as high as the longest name needs
    for column, header in enumerate(columns, start=body.left):
        sheet.page.write(HEADER_ROW, column, header.header, kit.header(text_wrap=True))
    finish_table_sheet(sheet, body)
    return sheet, body


class TradeOffs:
    """The sheet of charts, with the curves' tables below them; made early for its place, written when all stand."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.sheet = kit.sheet(
            "Trade-offs",
            "What moves the cost, and what limits are worth; caps and exponents to price are inputs below the charts.",
            (2, 14, 15, 14, 15, 30, 3, 11, 15, 14, 14, 17, 28, 3), landscape=False,
        )  # fmt: skip

    def write(
        self,
        values: Columns,
        scenarios: tuple[Sheet, Body],
        caps: tuple[Sheet, Body],
        sizes: tuple[Sheet, Body],
        schedules: tuple[Sheet, Body],
    ) -> None:
        """Charts of the other sheets' tables and of the two curves, and the curves' tables."""
        kit, page = self._kit, self.sheet.page
        by_cap, by_exponent = (
            headed(table, values)[header]
            for table, header in ((TBL_BY_PARTICIPATION, "Participation"), (TBL_BY_EXPONENT, "Exponent"))
        )
        participation = write_titled_table(
            kit, self.sheet, TBL_BY_PARTICIPATION, len(by_cap), "Participation caps (Participation is an input)",
            {"Participation": by_cap}, row=CURVES_ROW,
        )  # fmt: skip
        exponent = write_titled_table(
            kit, self.sheet, TBL_BY_EXPONENT, len(by_exponent), "Exponents of the power model (Exponent is an input)",
            {"Exponent": by_exponent}, row=CURVES_ROW, left=EXPONENT_LEFT,
        )  # fmt: skip
        drawn = (
            charts.by_scenario(kit, *scenarios, CHART),
            charts.cap_values(kit, *caps, CHART),
            charts.by_participation(kit, self.sheet, participation, CHART),
            charts.by_exponent(kit, self.sheet, exponent, CHART),
            sensitivity(kit, *sizes, CHART),
            charts.schedules(kit, *schedules, DRAWN, CHART),
        )
        for number, chart in enumerate(drawn):
            right, down = number % 2, number // 2
            offset = {"x_offset": right * (CHART[0] + GAP), "y_offset": down * (CHART[1] + GAP)}
            page.insert_chart(UNIT_ROW, 1, chart, offset)
        page.freeze_panes(BANNER_ROW + 1, 0)
        page.print_area(0, 0, max(participation.bottom, exponent.bottom), exponent.right)
        page.fit_to_pages(1, 1)


def _wrap(kit: Kit, sheet: Sheet, body: Body, *headers: str) -> None:
    """Texts in columns take as many lines as they need; rows added by a run look like the last one."""
    for row in range(body.top, body.bottom + 1):
        for header in headers:
            sheet.page.write_blank(row, body.column(header), None, kit.output(text_wrap=True))


def _cell(body: Body) -> str:
    """The status of a table's first row, as a conditional format refers to it."""
    return xl_rowcol_to_cell(body.top, body.right, col_abs=True)
