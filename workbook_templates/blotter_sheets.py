"""The sheets of a blotter's tables: Orders and Profiles (inputs), Results, Schedules, By symbol, By time."""

from __future__ import annotations

from collections.abc import Sequence

import blotter_charts
from blotter_example import FORMULA, ORDERS
from kit import BANNER_ROW, GOOD_FILL, GOOD_INK, HEADER_ROW, UNIT_ROW, Kit, Sheet
from tables import Body, finish_table_sheet, write_table
from xlsxwriter.utility import xl_rowcol_to_cell

from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import Column
from tradealloc.workbook.fields.blotter import (
    SCHEDULES_COLUMNS,
    TBL_BY_SYMBOL,
    TBL_BY_TIME,
    TBL_ORDER_RESULTS,
    TBL_ORDERS,
    TBL_PROFILES,
    TBL_SCHEDULES,
)

FAILED_FILL, FAILED_INK = "#F9DCC4", "#7A2F00"
"""Dark on pale: a sentence runs over into the blank cells beside it."""

PROFILE_ROWS = 40
"""Profiles that the list beside tblProfiles shows, and from which the orders choose."""

LONG = ("OrderId", "Symbol", "Profile", "Shares", "BuyShares", "SellShares", "Notional", "TotalCost", "Saving")
"""Columns of ids and names as long as the desk likes, and of figures that grow with the orders: they shrink to fit."""

PROFILE_NAMES = "profile_names"
ORDERS_SUBTITLE = (
    "One row an order: only OrderId, Shares and Profile are required; what is blank is as on Summary. Paste up to 500."
)
PROFILES_SUBTITLE = f"Profiles by name: a row an interval, any number of rows; Profile and Beta required. {FORMULA}"
RESULTS_SUBTITLE = "One row an order, written by a run. What isn't OK says why in Status, and counts nowhere."
SCHEDULES_SUBTITLE = "Shares per interval, one column an order; written by a run. Blank: not in the order's profile."
Columns = dict[str, Sequence[CellValue]]


def first_where(condition: str, cells: str, count: str = "ROW") -> str:
    """Position among cells of the first that meets a condition on them, 0 where none does.

    MATCH on an expression would fail in LibreOffice where the cells are one only; `count` is COLUMN for a row.
    """
    return f"IF(SUM(1*({condition}))=0,0,MIN(IF({condition},{count}({cells})-MIN({count}({cells}))+1)))"


def write_orders(kit: Kit, values: Columns) -> Sheet:
    """The orders; profiles are chosen from a list."""
    widths = (2, 16, 20, 8, 12, 15, 13, 12, 12, 13, 11, 12, 10, 10, 3)
    sheet = kit.sheet("Orders", ORDERS_SUBTITLE, widths, landscape=True, banner=(1, 4))
    body = write_table(kit, sheet, TBL_ORDERS, len(ORDERS), values, fit=LONG)
    column = body.column("Profile")
    rule = {
        "validate": "list",
        "source": f"={PROFILE_NAMES}",
        "error_type": "warning",
        "error_title": "Profile",
        "error_message": "No such profile on the sheet Profiles (its list shows the first ones). Keep it all the same?",
    }
    sheet.page.data_validation(body.top, column, body.bottom, column, rule)
    finish_table_sheet(sheet, body, frozen_columns=2)
    sheet.page.set_selection(body.top, body.column("Shares"), body.top, body.column("Shares"))
    return sheet


def write_profiles(kit: Kit, values: Columns) -> None:
    """The profiles, and beside them which there are."""
    widths = (2, 16, 9, 9, 13, 13, 13, 11, 13, 11, 11, 3, 18, 10, 11, 12, 14, 3)
    sheet = kit.sheet("Profiles", PROFILES_SUBTITLE, widths, landscape=False)
    body = write_table(kit, sheet, TBL_PROFILES, len(values["Profile"]), values, fit=LONG)
    _profile_list(kit, sheet, body, values)
    finish_table_sheet(sheet, body, frozen_columns=4)


def _profile_list(kit: Kit, sheet: Sheet, body: Body, values: Columns) -> None:
    """Names of the profiles in the order of the table, with first row, intervals, volume and mean beta.

    Each is looked for below the one before: a profile whose rows stand apart is listed as often.
    """
    left, page = body.right + 2, sheet.page
    headings = (("Profiles there are", ""), ("From row", ""), ("Intervals", ""), ("Volume", "shares"),
                ("Mean beta", "unit/share"))  # fmt: skip
    for offset, (heading, unit) in enumerate(headings):
        page.write(UNIT_ROW, left + offset, unit, kit.small(align="center", valign="bottom", font_size=8))
        page.write(HEADER_ROW, left + offset, heading, kit.header())
    names = list(dict.fromkeys(str(name) for name in values["Profile"]))
    column = f"{TBL_PROFILES}[Profile]"
    for row in range(PROFILE_ROWS):
        at = HEADER_ROW + 1 + row
        name_cell, from_cell = (xl_rowcol_to_cell(at, left + by, False, True) for by in (0, 1))
        name_above, from_above = (xl_rowcol_to_cell(at - 1, left + by, False, True) for by in (0, 1))
        name = names[row] if row < len(names) else ""
        mine = [i for i, other in enumerate(values["Profile"]) if other == name]
        rest = f"INDEX({column},{from_above}):INDEX({column},ROWS({column}))"
        below = f'=IFERROR({from_above}+MATCH(TRUE,{rest}<>{name_above},0)-1,"")' if row else "=1"
        figures: tuple[tuple[str, str, float | str], ...] = (
            (f'=IF({from_cell}="","",INDEX({column},{from_cell})&"")', "plain", name),
            (below, "intervals", mine[0] + 1 if mine else ""),
            (_where_named(name_cell, f"COUNTIF({column},{name_cell})"), "intervals", len(mine)),
            (_where_named(name_cell, f"SUMIF({column},{name_cell},{TBL_PROFILES}[Volume])"), "shares",
             _sum(values["Volume"], mine)),
            (_where_named(name_cell, f'IFERROR(AVERAGEIF({column},{name_cell},{TBL_PROFILES}[Beta]),"")'),
             "impact unit/share", _sum(values["Beta"], mine) / max(len(mine), 1)),
        )  # fmt: skip
        for offset, (formula, look, value) in enumerate(figures):
            shown = kit.calc(look, align="right" if offset else "left")
            kit.formula(sheet, at, left + offset, formula, shown, value if name else "")
    first, last = (xl_rowcol_to_cell(HEADER_ROW + 1 + row, left, True, True) for row in (0, PROFILE_ROWS - 1))
    filled = f'MAX(1,COUNTIF({sheet.name}!{first}:{last},"?*"))'
    kit.book.define_name(PROFILE_NAMES, f"={sheet.name}!{first}:INDEX({sheet.name}!{first}:{last},{filled})")


def _where_named(cell: str, formula: str) -> str:
    return f'=IF({cell}="","",{formula})'


def write_results(kit: Kit) -> None:
    """One row an order: its status, cost and certificate, with the totals above; blank until a run."""
    widths = (2, 16, 20, 8, 12, 16, 34, 13, 15, 13, 13, 13, 13, 10, 9, 17, 12, 12, 10, 3)
    sheet = kit.sheet("Results", RESULTS_SUBTITLE, widths, landscape=True, banner=(1, 4))
    body = write_table(kit, sheet, TBL_ORDER_RESULTS, len(ORDERS), fit=LONG)
    page = sheet.page
    status = body.column("Status")
    cell = xl_rowcol_to_cell(body.top, status)
    for criteria, look in (
        (f'={cell}="OK"', {"bg_color": GOOD_FILL, "font_color": GOOD_INK}),
        (f'={cell}<>""', {"bg_color": FAILED_FILL, "font_color": FAILED_INK}),
    ):
        rule = {"type": "formula", "criteria": criteria, "format": kit.book.add_format(look), "stop_if_true": True}
        page.conditional_format(body.top, status, body.bottom, status, rule)
    for header, color in (("TotalCost", "#9CC9E8"), ("TotalImpactBps", "#C9D3DC"), ("Improvement", "#9CC9E8")):
        column = body.column(header)
        bar = {"type": "data_bar", "bar_color": color, "bar_solid": True}
        page.conditional_format(body.top, column, body.bottom, column, bar)
    _totals(kit, sheet, body)
    finish_table_sheet(sheet, body, frozen_columns=2)


def _totals(kit: Kit, sheet: Sheet, body: Body) -> None:
    """The totals of all orders, above their columns."""
    bold = {"bold": True}
    priced = "COUNT(tblOrderResults[Notional])"
    covered = f'IF(OR({priced}=0,{priced}=blt_optimised),"","; bps: "&{priced}&" with a price")'
    counted = f'=IF(chk_run,"All orders: "&blt_optimised&" of "&blt_orders&" optimised"&{covered},"All orders")'
    kit.formula(sheet, BANNER_ROW, body.column("Status"), counted, kit.calc(**bold), "All orders")
    for header, name, look in (
        ("TotalImpactBps", "ta_total_impact_bps", "bps"),
        ("TotalCost", "ta_total_cost", "currency"),
        ("Improvement", "ta_improvement", "of equal"),
        ("Saving", "ta_saving", "currency"),
    ):
        shown = kit.calc(look, align="right", shrink=True, **bold)
        kit.formula(sheet, BANNER_ROW, body.column(header), f'=IF({name}="","",{name})', shown, "")


def write_schedules(kit: Kit, rows: int) -> None:
    """The matrix of schedules. Any number of orders: it prints at a fixed scale, interval and start on every page."""
    sheet = kit.sheet("Schedules", SCHEDULES_SUBTITLE, (2, 10, 9, *[13] * len(ORDERS)), landscape=True)
    orders = [Column(str(order["OrderId"]), "order", "shares", "") for order in ORDERS]
    columns = (*SCHEDULES_COLUMNS, *orders)
    centred = kit.output("plain", align="center"), kit.output("time", align="center")
    formats = (*centred, *[kit.output("shares", align="right")] * len(orders))
    top, left, bottom, right = kit.table(sheet, TBL_SCHEDULES, columns, rows, formats)
    for at, order in enumerate(orders, start=left + len(SCHEDULES_COLUMNS)):
        sheet.page.write_string(top - 1, at, order.header, kit.header(shrink=True))
    kit.units(sheet, UNIT_ROW, left, SCHEDULES_COLUMNS)
    sheet.page.write(
        UNIT_ROW, left + len(SCHEDULES_COLUMNS), "shares, all columns", kit.small(font_size=8, valign="bottom")
    )
    finish_table_sheet(sheet, Body(TBL_SCHEDULES, columns, top, left, bottom, right))
    sheet.page.repeat_columns(0, left + len(SCHEDULES_COLUMNS) - 1)
    sheet.page.set_print_scale(75)


def write_by_symbol(kit: Kit, rows: int) -> tuple[Sheet, Body]:
    """Totals by symbol."""
    sheet = kit.sheet(
        "By symbol", "Totals by symbol, written by a run. Orders of one symbol share its volume.",
        (2, 30, 9, 13, 13, 16, 14, 12, 14, 17, 3), landscape=True, band=24,
    )  # fmt: skip
    body = write_table(kit, sheet, TBL_BY_SYMBOL, rows, fit=LONG)
    chart = blotter_charts.cost_by_symbol(kit, sheet, body, (760, 380))
    sheet.page.insert_chart(UNIT_ROW, body.right + 2, chart)
    finish_table_sheet(sheet, body, frozen_columns=2)
    return sheet, body


def write_by_time(kit: Kit, rows: int) -> tuple[Sheet, Body]:
    """Totals by time."""
    sheet = kit.sheet(
        "By time", "Totals by interval of the day, all orders; written by a run.",
        (2, 9, 9, 13, 13, 16, 14, 16, 3), landscape=False, band=22,
    )  # fmt: skip
    body = write_table(kit, sheet, TBL_BY_TIME, rows, fit=LONG)
    at = body.right + 2
    sheet.page.insert_chart(UNIT_ROW, at, blotter_charts.by_time(kit, sheet, body, (860, 360)))
    sheet.page.insert_chart(UNIT_ROW + 19, at, blotter_charts.cumulative(kit, sheet, body, (860, 320)))
    finish_table_sheet(sheet, body)
    return sheet, body


def _sum(values: Sequence[CellValue], rows: Sequence[int]) -> float:
    return sum(value for row in rows if isinstance(value := values[row], int | float))
