"""The Intraday sheet: fills in, the plan in force and alerts out, and how the day goes in two charts.

The three tables stand side by side, since each of them grows.
"""

from __future__ import annotations

from typing import Any

from charts import axis, decorate, series, time_axis
from kit import (
    BANNER_ROW,
    BLUE,
    GOOD_FILL,
    GOOD_INK,
    GREY,
    INK,
    NAVY,
    NOT_RUN,
    PALE,
    PAPER,
    SKY,
    VERMILION,
    Kit,
    Sheet,
)
from tables import Body, write_titled_table
from xlsxwriter.utility import xl_rowcol_to_cell

from tradealloc.workbook.fields import TBL_SCHEDULE
from tradealloc.workbook.fields.intraday import FILL_COLUMNS, TBL_ALERTS, TBL_FILLS, TBL_PROGRESS

SUBTITLE = "The day as it goes on: fills in, plan in force and alerts out. The morning's schedule stays on Schedule."
FILL_WIDTHS = (10, 10, 11, 8, 10, 11, 12)
PROGRESS_WIDTHS = (9, 8, 10, 10, 10, 10, 11, 11, 11, 11, 11, 10)
ALERT_WIDTHS = (24, 92)
GAP = 2
WIDTHS = (2, *FILL_WIDTHS, GAP, *PROGRESS_WIDTHS, GAP, *ALERT_WIDTHS)
FILLS_AT = 1
PROGRESS_AT = FILLS_AT + len(FILL_WIDTHS) + 1
ALERTS_AT = PROGRESS_AT + len(PROGRESS_WIDTHS) + 1
WORDS_ROW, TABLES_ROW = 4, 25
PLAN_FORMULA = (
    f'=IF(COUNT({TBL_PROGRESS}[Plan])=0,"{NOT_RUN}",'
    f'IF(IFERROR(SUMXMY2({TBL_PROGRESS}[Morning],{TBL_SCHEDULE}[Allocation]),1)<0.000001,"OK","STALE"))'
)
NO_ALERTS, NO_NEWS = "none", "-"
KINDS = f"{TBL_ALERTS}[Kind]"
ALERTS_COUNT = f'SUMPRODUCT(({KINDS}<>"")*({KINDS}<>"none")*({KINDS}<>"plan"))'
ALERTS_FORMULA = (
    f'=IF(SUMPRODUCT(1*({KINDS}<>""))=0,"{NO_NEWS}",'
    f'IF({ALERTS_COUNT}=0,"{NO_ALERTS}",{ALERTS_COUNT}&IF({ALERTS_COUNT}=1," alert"," alerts")))'
)
"""Rows of the alerts' table that aren't the word that there are none, nor the plan's reasons."""
ALERTS_FLAG = FILLS_AT + 4
"""The flag's label, beside the banner's other two."""
CHART_SIZE = (700, 350)
STEPS = (
    ("1", "Run in the morning (Optimise) and trade by the schedule."),
    ("2", "Paste the day's fills into the table below, all of them, in any order."),
    ("", "Only Time, Shares and Price are needed; with Mid, or market data,"),
    ("", "slippage is compared with what the morning's model says."),
    ("3", "Press Re-optimise on the TradeAlloc ribbon. Or save, close and run:"),
    ("", "tradealloc reoptimise day.xlsx --market BOOK"),
    ("", "Market data of today let the costs be judged anew; without them the"),
    ("", "plan is held, and fitted to what remains."),
    ("4", "Trade by the column Plan from the row on that says now. Alerts say"),
    ("", "what needs a look, and why the plan changed or was held."),
    ("", "What is filled stays as it is, and so does the morning's schedule."),
    ("5", "Next morning: clear the fills, and run, which clears plan and alerts."),
)


def write_intraday(kit: Kit) -> Sheet:
    """The sheet with its tables: one blank row each, which pasting and re-optimising make more."""
    sheet = kit.sheet("Intraday", SUBTITLE, WIDTHS, landscape=True)
    _alerts_flag(kit, sheet)
    _words(kit, sheet)
    write_titled_table(
        kit, sheet, TBL_FILLS, 1, "Fills of the day: paste them here", row=TABLES_ROW, left=FILLS_AT,
        columns=FILL_COLUMNS, looks={"Time": "second", "Price": "price", "Mid": "price"},
    )  # fmt: skip
    progress = write_titled_table(kit, sheet, TBL_PROGRESS, 1, "Plan in force", row=TABLES_ROW, left=PROGRESS_AT)
    _verdict(kit, sheet)
    alerts = write_titled_table(kit, sheet, TBL_ALERTS, 1, "Alerts", row=TABLES_ROW, left=ALERTS_AT)
    sheet.page.insert_chart(WORDS_ROW, PROGRESS_AT, _shares(kit, sheet, progress))
    sheet.page.insert_chart(WORDS_ROW, PROGRESS_AT, _slippage(kit, sheet, progress), {"x_offset": CHART_SIZE[0] + 10})
    sheet.page.freeze_panes(BANNER_ROW + 1, 0)
    sheet.page.repeat_rows(BANNER_ROW)
    sheet.page.print_area(0, 0, alerts.bottom, alerts.right)
    return sheet


def _alerts_flag(kit: Kit, sheet: Sheet) -> None:
    """How many alerts there are, in the banner: their table may be out of sight, far to the right."""
    page, row, column = sheet.page, BANNER_ROW, ALERTS_FLAG + 1
    page.write(row, ALERTS_FLAG, "Alerts", kit.style(bold=True, align="right", indent=1))
    kit.formula(sheet, row, column, ALERTS_FORMULA, kit.verdict(), NO_NEWS)
    cell = xl_rowcol_to_cell(row, column)
    for criteria, look in (
        (f'={cell}="{NO_ALERTS}"', {"bg_color": GOOD_FILL, "font_color": GOOD_INK}),
        (f'={cell}="{NO_NEWS}"', {"bg_color": PALE, "font_color": GREY}),
        (f'=ISNUMBER(SEARCH("alert",{cell}))', {"bg_color": VERMILION, "font_color": PAPER}),
    ):
        options = {"type": "formula", "criteria": criteria, "format": kit.book.add_format(look), "stop_if_true": True}
        page.conditional_format(row, column, row, column, options)


def _verdict(kit: Kit, sheet: Sheet) -> None:
    """Whether the plan came from the schedule as it stands."""
    page, row, label = sheet.page, TABLES_ROW - 2, PROGRESS_AT + 8
    page.write(row, label, "Plan", kit.style(bold=True, align="right", indent=1))
    kit.formula(sheet, row, label + 1, PLAN_FORMULA, kit.verdict(), NOT_RUN)
    kit.colour_verdicts(page, row, label + 1, row, label + 1)


def _words(kit: Kit, sheet: Sheet) -> None:
    page = sheet.page
    page.write(WORDS_ROW, FILLS_AT, "How to use it", kit.section())
    for column in range(FILLS_AT + 1, FILLS_AT + len(FILL_WIDTHS)):
        page.write_blank(WORDS_ROW, column, None, kit.section())
    for row, (number, text) in enumerate(STEPS, start=WORDS_ROW + 1):
        page.write(row, FILLS_AT, f"Step {number}" if number else "", kit.style(bold=True, font_color=NAVY, indent=1))
        page.write(row, FILLS_AT + 1, text, kit.style())


def _shares(kit: Kit, sheet: Sheet, body: Body) -> Any:
    """Filled so far and plan in force against the morning's schedule."""
    chart = kit.book.add_chart({"type": "area"})
    chart.add_series(series("Filled", sheet, body, "Start", "Filled", color=SKY, width=0.75, fill=SKY))
    for name, header, color, dash, width in (
        ("Plan in force", "Plan", BLUE, "solid", 1.5),
        ("Morning's schedule", "Morning", INK, "dash", 1.0),
    ):
        line = series(name, sheet, body, "Start", header, color=color, width=width, dash=dash)
        chart.add_series({**line, "fill": {"none": True}})
    decorate(chart, CHART_SIZE, "Shares per interval")
    time_axis(chart)
    chart.set_y_axis(axis("Shares per interval", "#,##0", min=0))
    return chart


def _slippage(kit: Kit, sheet: Sheet, body: Body) -> Any:
    """Slippage of the fills against the morning's model, with its control limits."""
    chart = kit.book.add_chart({"type": "line"})
    chart.add_series(series("Fills against mid", sheet, body, "Start", "Slippage", color=VERMILION, width=1.25))
    chart.add_series(series("Morning's model", sheet, body, "Start", "Predicted", color=INK, width=1.5, dash="dash"))
    for name, header in (("Upper control limit", "HighLimit"), ("Lower control limit", "LowLimit")):
        chart.add_series(series(name, sheet, body, "Start", header, color=GREY, width=1.0, dash="round_dot"))
    decorate(chart, CHART_SIZE, "Slippage, positive costs")
    time_axis(chart)
    chart.set_y_axis(axis("Currency per share", "0.000"))
    return chart
