"""The sheets of a post-trade workbook's tables: Orders and Fills (inputs), Results, Parts, Groups."""

from __future__ import annotations

import post_trade_charts as charts
from kit import BANNER_ROW, HEADER_ROW, UNIT_ROW, Kit, Sheet
from post_trade_example import EXAMPLES, fill_values, order_values
from tables import Body, finish_table_sheet, write_table
from xlsxwriter.utility import xl_rowcol_to_cell

from tradealloc.workbook.fields import Column
from tradealloc.workbook.fields.intraday import TBL_FILLS
from tradealloc.workbook.fields.tca import (
    FILL_COLUMNS,
    TBL_TCA_GROUPS,
    TBL_TCA_ORDERS,
    TBL_TCA_PARTS,
    TBL_TCA_RESULTS,
)

SLOTS, FIRST_SLOT = 17, 9 * 60
"""Half hours that the chart by time shows, from the first one that has fills; before a run from 09:00."""
BARS = 8
"""Brokers, sides and symbols that the chart beside it shows."""
PART_ROWS, GROUP_ROWS = 8, 27
PRICES = ("Price", "Mid", "Bid", "Ask", "MidAfter", "DecisionPrice", "ArrivalPrice", "EndPrice", "AveragePrice",
          "VWAP", "TWAP", "Close")  # fmt: skip
LOOKS = {**dict.fromkeys(PRICES, "price"), "Time": "second", "Start": "time", "End": "time"}

ORDERS_SUBTITLE = (
    "One row an order: OrderId, Side, Shares, ArrivalPrice are required; what is blank leaves parts untold."
)
FILLS_SUBTITLE = "One row a fill: OrderId, Shares and Price are required; what is blank leaves parts together."
RESULTS_SUBTITLE = "One row an order, written by a run: shortfall, its parts, slippage. Positive costs."
PARTS_SUBTITLE = "Parts of the shortfall of all orders by currency, written by a run; they sum to the whole."
GROUPS_SUBTITLE = "Slippage against arrival by order, symbol, side, broker and half hour; written by a run."


def write_orders(kit: Kit) -> Sheet:
    """The orders."""
    widths = (2, 13, 12, 8, 11, 14, 13, 12, 9, 9, 11, 10, 11, 11, 11, 13, 13, 14, 3)
    sheet = kit.sheet("Orders", ORDERS_SUBTITLE, widths, landscape=True, banner=(1, 4))
    body = write_table(kit, sheet, TBL_TCA_ORDERS, len(EXAMPLES), order_values(), looks=LOOKS)
    finish_table_sheet(sheet, body, frozen_columns=2)
    return sheet


def write_fills(kit: Kit) -> None:
    """The fills."""
    values = fill_values()
    widths = (2, 11, 10, 12, 8, 12, 12, 12, 12, 12, 12, 12, 10, 12, 3)
    sheet = kit.sheet("Fills", FILLS_SUBTITLE, widths, landscape=True, banner=(1, 4))
    body = write_table(kit, sheet, TBL_FILLS, len(values["Time"]), values, columns=FILL_COLUMNS, looks=LOOKS)
    finish_table_sheet(sheet, body, frozen_columns=2)


def write_results(kit: Kit) -> tuple[Sheet, Body]:
    """One row an order, with the totals above."""
    widths = (2, 11, 10, 7, 9, 10, 10, 13, 12, 13, 11, 11, 11, 19, 10, 11, 19, 10, 12, 9, 11, 10, 10, 10, 13, 3)
    sheet = kit.sheet("Results", RESULTS_SUBTITLE, widths, landscape=True, banner=(1, 4))
    body = write_table(kit, sheet, TBL_TCA_RESULTS, len(EXAMPLES), looks=LOOKS)
    _totals(kit, sheet, body)
    finish_table_sheet(sheet, body, frozen_columns=2)
    sheet.page.fit_to_pages(2, 0)  # its columns on one page would be too small to read
    sheet.page.repeat_columns(0, body.column("Side"))
    return sheet, body


def _totals(kit: Kit, sheet: Sheet, body: Body) -> None:
    """The totals of all orders above their columns, where they are in one currency."""
    kit.formula(sheet, BANNER_ROW, body.column("AveragePrice"), '="All orders"', kit.calc(bold=True), "All orders")
    for column in body.columns:
        if column.unit != "currency" or column.header == "AveragePrice":
            continue
        cells = f"{TBL_TCA_RESULTS}[{column.header}]"
        total = f'=IF(AND(chk_run=1,chk_currencies=1,COUNT({cells})>0),SUM({cells}),"")'
        shown = kit.calc("currency", align="right", bold=True)
        kit.formula(sheet, BANNER_ROW, body.column(column.header), total, shown, "")


def write_parts(kit: Kit) -> tuple[Sheet, Body]:
    """The parts in total, with their chart beside them."""
    sheet = kit.sheet("Parts", PARTS_SUBTITLE, (2, 14, 32, 16, 12, 3), landscape=False, band=16)
    body = write_table(kit, sheet, TBL_TCA_PARTS, PART_ROWS)
    sheet.page.insert_chart(UNIT_ROW, body.right + 2, charts.parts(kit, sheet, body, (700, 380)))
    finish_table_sheet(sheet, body, frozen_columns=3)
    return sheet, body


def write_groups(kit: Kit) -> tuple[Sheet, Body, Body, Body]:
    """The groups; beside them what the charts by half hour and by broker show, by formulas.

    Returns
    -------
    sheet, groups, half hours, bars
        The sheet and where its tables stand.
    """
    widths = (2, 14, 14, 11, 9, 9, 13, 16, 13, 12, 11, 11, 11, 11, 11, 3, 11, 11, 3, 20, 11, 3)
    sheet = kit.sheet("Groups", GROUPS_SUBTITLE, widths, landscape=True, banner=(1, 4))
    groups = write_table(kit, sheet, TBL_TCA_GROUPS, GROUP_ROWS)
    times = _half_hours(kit, sheet, groups.right + 2)
    bars = _bars(kit, sheet, times.right + 2)
    finish_table_sheet(sheet, groups, frozen_columns=3)
    return sheet, groups, times, bars


def _half_hours(kit: Kit, sheet: Sheet, left: int) -> Body:
    """Mean slippage by half hour, from the first one with fills; blank where nothing filled."""
    _headings(kit, sheet, left, ("Half hour", ""), ("Slippage", "bps"))
    of_time = f'({TBL_TCA_GROUPS}[By]&""="Time of day")'
    at = f"IF({of_time},IFERROR(TIMEVALUE({TBL_TCA_GROUPS}[Group]),9),9)"
    for slot in range(SLOTS):
        row = HEADER_ROW + 1 + slot
        cell = xl_rowcol_to_cell(row, left, False, True)
        begin = f'=TEXT(IF(SUM(1*{of_time})=0,TIME(0,{FIRST_SLOT},0),MIN({at}))+{slot}/48,"hh:mm")'
        minute = FIRST_SLOT + 30 * slot
        kit.formula(sheet, row, left, begin, kit.calc(align="center"), f"{minute // 60:02d}:{minute % 60:02d}")
        mine = f'({of_time}*({TBL_TCA_GROUPS}[Group]&""={cell})*ISNUMBER({TBL_TCA_GROUPS}[ArrivalBps]))'
        mean = f"AVERAGE(IF({mine},{TBL_TCA_GROUPS}[ArrivalBps]))"
        kit.formula(sheet, row, left + 1, f'=IFERROR({mean},"")', kit.calc("bps", align="right"), "")
    note = '=IF(chk_currencies>1,"Mean of the currencies","")'
    kit.formula(sheet, HEADER_ROW + 1 + SLOTS, left, note, kit.small(), "")
    return _body(left, SLOTS, ("Start", "ArrivalBps"))


def _bars(kit: Kit, sheet: Sheet, left: int) -> Body:
    """Mean slippage of the first brokers, sides and symbols."""
    _headings(kit, sheet, left, ("Broker, side, symbol", ""), ("Slippage", "bps"))
    kinds = f'{TBL_TCA_GROUPS}[By]&""'
    rank = f'(({kinds}="Broker")*1+({kinds}="Side")*2+({kinds}="Symbol")*3)'
    place = f"ROW({TBL_TCA_GROUPS}[By])-MIN(ROW({TBL_TCA_GROUPS}[By]))+1"
    order = f'IF({rank}>0,IF(LEN({TBL_TCA_GROUPS}[Group]&"")>0,{rank}*1000000+{place}))'
    for bar in range(BARS):
        row = HEADER_ROW + 1 + bar
        found = f"MOD(SMALL({order},{bar + 1}),1000000)"
        currency = f'IF(chk_currencies>1," "&INDEX({TBL_TCA_GROUPS}[Currency],{found}),"")'
        name = f'=IFERROR(INDEX({TBL_TCA_GROUPS}[Group],{found})&{currency},"")'
        value = f'=IFERROR(INDEX({TBL_TCA_GROUPS}[ArrivalBps],{found}),"")'
        kit.formula(sheet, row, left, name, kit.calc(), "")
        kit.formula(sheet, row, left + 1, value, kit.calc("bps", align="right"), "")
    more = f'=IF(COUNT({order})>{BARS},"The first {BARS} of "&COUNT({order})&".","")'
    kit.formula(sheet, HEADER_ROW + 1 + BARS, left, more, kit.small(), "")
    return _body(left, BARS, ("Group", "ArrivalBps"))


def _headings(kit: Kit, sheet: Sheet, left: int, *headings: tuple[str, str]) -> None:
    for offset, (heading, unit) in enumerate(headings):
        sheet.page.write(UNIT_ROW, left + offset, unit, kit.small(align="center", valign="bottom", font_size=8))
        sheet.page.write(HEADER_ROW, left + offset, heading, kit.header())


def _body(left: int, rows: int, headers: tuple[str, str]) -> Body:
    columns = tuple(Column(header, header, "", "") for header in headers)
    return Body("", columns, HEADER_ROW + 1, left, HEADER_ROW + rows, left + len(headers) - 1)
