"""The View sheet: one order of the blotter, its schedule against its profile, by live formulas over the tables.

The list has room for `ROWS` intervals; of a longer day it shows the first ones and says so. The chart always has
`ROWS` points: of a shorter day each interval fills several.
"""

from __future__ import annotations

from dataclasses import dataclass

import blotter_charts
from blotter_example import INTERVALS, ORDERS
from blotter_sheets import first_where
from kit import NAVY, Kit, Sheet
from tables import Body

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.fields import Column
from tradealloc.workbook.fields.blotter import TBL_ORDER_RESULTS, TBL_ORDERS, TBL_PROFILES, TBL_SCHEDULES

ROWS = INTERVALS
NAME = "View"
SUBTITLE = "Pick an order: its schedule against its profile. Formulas over the other sheets; works after a run."
WIDTHS = (2, 13, 13, 13, 13, 13, 12, 12, 12, 13, 12, 13, 3, 9, 13, 13, 9, 13, 13)
TOP, CHART_ROW, LIST_ROW = 4, 15, 37
FIRST, LAST = LIST_ROW + 1, LIST_ROW + ROWS
MS = fp.MS_PER_DAY
FAR = "1E+99"
IDS = "view_ids"
PROFILES = f'IFERROR(TRIM({TBL_PROFILES}[Profile]&""),"")'


@dataclass(frozen=True)
class ListColumn:
    """A column of the list; in `formula` {B}, {C}, ... are the cells of the row, {k} its number."""

    heading: str
    unit: str
    look: str
    formula: str


X = "N({D})"
POWER = f"IF({X}>0,{X}^chk_exponent,IF(chk_exponent=0,1,0))"
SLOPE = "({G}*chk_beta_scale-N(INDEX(view_Gamma,{N}))*chk_gamma_shift)"
CURVE = "N(INDEX(view_Gamma,{N}))*chk_gamma_on"
START = "IF(ISNUMBER(view_Start),view_Start,IFERROR(TIMEVALUE(view_Start),0))"
OFF = "MOD(INDEX(view_Start,MIN({k},view_count)),1)-MOD({C},1)"
"""From the start of the profile's row with the same number, which is the one in most cases: the search is slow."""
HALF_SECOND = "0.000005"
OPEN = f'IF({{C}}="",1,(ROUND(MOD({{C}},1)*{MS},0)>=view_from)*(ROUND(MOD({{C}},1)*{MS},0)<view_to))'
CAPS = ",".join(
    (
        f"IF({OPEN}=1,{FAR},0)",
        f"IF(ISNUMBER(INDEX(view_MaxShares,{{N}})),INDEX(view_MaxShares,{{N}}),{FAR})",
        f"IF(ISNUMBER(view_most),view_most,{FAR})",
        f"IF(ISNUMBER(view_rho),view_rho*N({{I}}),{FAR})",
    )
)
LIST: dict[str, ListColumn] = {
    "B": ListColumn("Interval", "", "intervals", f'IF({{k}}<=view_n,INDEX({TBL_SCHEDULES}[Interval],{{k}}),"")'),
    "C": ListColumn("Start", "time", "time",
                    f'IF({{B}}="","",IF(ISNUMBER(INDEX({TBL_SCHEDULES}[Start],{{k}})),'
                    f'INDEX({TBL_SCHEDULES}[Start],{{k}}),""))'),
    "D": ListColumn("Shares", "shares", "shares",
                    f'IF({{B}}="","",N(INDEX({TBL_SCHEDULES}[#Data],{{k}},view_column)))'),
    "E": ListColumn("Cumulative", "shares", "shares", 'IF({B}="","",SUM({D1}:{D}))'),
    "F": ListColumn("Remaining", "shares", "shares", 'IF({B}="","",view_size-{E})'),
    "G": ListColumn("Beta", "impact unit/share", "impact unit/share", 'IF({N}=0,"",INDEX(view_Beta,{N}))'),
    "H": ListColumn("HalfSpread", "impact unit", "impact unit", 'IF({N}=0,"",N(INDEX(view_HalfSpread,{N})))'),
    "I": ListColumn("Volume", "shares", "shares",
                    'IF({N}=0,"",IF(ISNUMBER(INDEX(view_Volume,{N})),INDEX(view_Volume,{N}),""))'),
    "J": ListColumn("Participation", "of volume", "of volume", 'IF(N({I})>0,{D}/{I},"")'),
    "K": ListColumn("Impact", "impact unit", "impact unit",
                    f'IF(({{N}}>0)*({X}>0),{{H}}+{SLOPE}*{POWER}+{CURVE}*{X}^2,"")'),
    "L": ListColumn("Cost", "currency", "currency", f'IF(OR({{K}}="",view_cash=0),"",{X}*{{K}}*view_cash)'),
    "N": ListColumn("Row", "in profile", "intervals",
                    'IF(OR({B}="",view_count=0),0,IF({C}="",IF({k}<=view_count,{k},0),'
                    f"IF(IFERROR(ABS({OFF})<{HALF_SECOND},FALSE),MIN({{k}},view_count),"
                    + first_where(f"ROUND(MOD({{C}},1)*86400,0)=ROUND(MOD({START},1)*86400,0)", "view_Start") + ")))"),
    "O": ListColumn("Cap", "shares", "significant", f"IF({{N}}=0,0,MIN({CAPS}))"),
    "P": ListColumn("Marginal", "impact unit", "significant",
                    f'IF({{N}}=0,"",{{H}}+(1+chk_exponent)*{SLOPE}*{POWER}+3*{CURVE}*{X}^2)'),
    "Q": ListColumn("Start", "chart", "time",
                    'IF(view_n=0,"",IF(INDEX({C1}:{Cn},{i})="",INDEX({B1}:{Bn},{i}),INDEX({C1}:{Cn},{i})))'),
    "R": ListColumn("Shares", "chart", "shares", 'IF(view_n=0,"",INDEX({D1}:{Dn},{i}))'),
    "S": ListColumn("Beta", "chart", "impact unit/share", 'IF(view_n=0,"",INDEX({G1}:{Gn},{i}))'),
}  # fmt: skip
"""By sheet column. Right of the gap stand workings: the row in the profile, what the checks use, the chart."""

RANGES = {
    **{
        f"view_{header}": f"INDEX({TBL_PROFILES}[{header}],MAX(1,view_first)):"
        f"INDEX({TBL_PROFILES}[{header}],MAX(1,view_first)+MAX(1,view_count)-1)"
        for header in ("Start", "Beta", "Gamma", "HalfSpread", "Volume", "MinShares", "MaxShares")
    },
    **{
        f"view_list_{key}": f"{NAME}!${letter}${FIRST + 1}:${letter}${LAST + 1}"
        for key, letter in (("shares", "D"), ("row", "N"), ("impact", "K"), ("cost", "L"), ("cap", "O"),
                            ("marginal", "P"))
    },
    IDS: f"{TBL_ORDERS}[OrderId]",
}  # fmt: skip
"""Defined names: the profile's rows, and columns of the list."""


def _of_order(header: str) -> str:
    """A cell of the order's row; blank text where it is blank."""
    cell = f"INDEX({TBL_ORDERS}[{header}],view_row)"
    return f'IFERROR(IF(view_row=0,"",IF({cell}="","",{cell})),"")'


def _or_default(header: str, name: str) -> str:
    """The same; as the workbook says where it is blank."""
    own = _of_order(header)
    return f'IF({own}="",IF({name}="","",{name}),{own})'


def _of_result(header: str) -> str:
    cell = f"INDEX({TBL_ORDER_RESULTS}[{header}],view_result)"
    return f'IF(view_result=0,"",IF({cell}="","",{cell}))'


def _found(cells: str, text: str, count: str = "ROW") -> str:
    """Position of a text among cells, whatever its case, without wildcards; 0 where it isn't there."""
    return first_where(f'IFERROR(TRIM({cells}&""),"")=TRIM({text}&"")', cells, count)


def _ms(time: str, blank: int) -> str:
    value = f"IF(ISNUMBER({time}),MOD({time},1),TIMEVALUE({time}))"
    return f'IF({time}="",{blank},IFERROR(ROUND({value}*{MS},0),{blank}))'


@dataclass(frozen=True)
class Item:
    """A label with a formula; named where other formulas use it. `fresh` is its value before any run."""

    label: str
    unit: str
    look: str
    formula: str
    fresh: float | str
    name: str = ""


_FIRST = ORDERS[0]
ORDER_ITEMS: tuple[Item, ...] = (
    Item("Symbol", "", "plain", _of_order("Symbol"), str(_FIRST["Symbol"])),
    Item("Side", "", "plain", _or_default("Side", "ta_side"), str(_FIRST["Side"])),
    Item("Size", "shares", "shares", f"N({_of_order('Shares')})", float(str(_FIRST["Shares"])), "view_size"),
    Item("Profile", "", "plain", _of_order("Profile"), str(_FIRST["Profile"]), "view_profile"),
    Item("Window from", "time", "time", _or_default("WindowStart", "ta_window_start"), "", "view_window_start"),
    Item("Window to", "time", "time", _or_default("WindowEnd", "ta_window_end"), "", "view_window_end"),
    Item("Participation cap", "of volume", "of volume", _or_default("Participation", "ta_participation"), "",
         "view_rho"),
    Item("Impact cap", "impact unit", "impact unit", _or_default("ImpactCap", "ta_impact_cap"), "", "view_impact_cap"),
    Item("Max shares", "shares", "shares", _of_order("MaxShares"), "", "view_most"),
)  # fmt: skip
RESULT_ITEMS: tuple[Item, ...] = (
    Item("Status", "", "plain", _of_result("Status"), "", "view_status"),
    Item("Total impact", "impact unit", "impact unit", _of_result("TotalImpact"), "", "view_impact"),
    Item("Total impact", "bps", "bps", _of_result("TotalImpactBps"), ""),
    Item("Total cost", "currency", "currency", _of_result("TotalCost"), "", "view_cost"),
    Item("Improvement", "of equal", "of equal", _of_result("Improvement"), ""),
    Item("Saving", "currency", "currency", _of_result("Saving"), ""),
    Item("Shadow price", "impact unit", "impact unit", _of_result("ShadowPrice"), "", "view_shadow_price"),
    Item("Trades in", "intervals", "intervals", _of_result("Intervals"), ""),
    Item("At a limit in", "intervals", "intervals", _of_result("AtLimit"), ""),
)
WORKINGS: tuple[Item, ...] = (
    Item("Row in tblOrders", "", "intervals", _found(f"{TBL_ORDERS}[OrderId]", "view_order"), 1, "view_row"),
    Item("Row in tblOrderResults", "", "intervals", _found(f"{TBL_ORDER_RESULTS}[OrderId]", "view_order"), 0,
         "view_result"),
    Item("Column in tblSchedules", "", "intervals", _found(f"{TBL_SCHEDULES}[#Headers]", "view_order", "COLUMN"),
         3, "view_column"),
    Item("Intervals of the day", "", "intervals",
         f"IF((view_column=0)+NOT(ISNUMBER(INDEX({TBL_SCHEDULES}[Interval],1)))>0,0,ROWS({TBL_SCHEDULES}[Interval]))",
         0, "view_n"),
    Item("First row of the profile", "", "intervals", _found(f"{TBL_PROFILES}[Profile]", "view_profile"), 1,
         "view_first"),
    Item("Rows of the profile", "", "intervals",
         f'IF(view_first=0,0,SUM(1*({PROFILES}=TRIM(view_profile&""))))', ROWS, "view_count"),
    Item("Are they together? 1: yes", "", "intervals",
         f'IF(view_count=0,0,IFERROR(1*(TRIM(INDEX({TBL_PROFILES}[Profile],view_first+view_count-1)&"")'
         '=TRIM(view_profile&"")),0))', 1, "view_together"),
    Item("Window from, ms", "", "intervals", _ms("view_window_start", 0), 0, "view_from"),
    Item("Window to, ms", "", "intervals", _ms("view_window_end", MS + 1), MS + 1, "view_to"),
    Item("From impact unit to currency", "", "significant",
         f'IF(chk_unit="price",1,N({_of_order("ArrivalPrice")})/IF(chk_unit="bps",10000,1))', 1.0, "view_cash"),
)  # fmt: skip
NOTE = (
    'IF(view_row=0,"No such order: pick one from the list.",'
    'IF(view_n=0,"No schedule: run Optimise, or see its Status on Results.",'
    f'IF(view_n>{ROWS},"The first {ROWS} of "&view_n&" intervals; all are on Schedules.",'
    'IF(view_together=0,"The rows of this profile do not stand together on Profiles: its figures may be wrong here.",'
    '""))))'
)
NOTE_FRESH = "No schedule: run Optimise, or see its Status on Results."


def write_view(kit: Kit) -> None:
    """The sheet; the cell that picks the order is its only input."""
    sheet = kit.sheet(NAME, SUBTITLE, WIDTHS, landscape=False, banner=(1, 4))
    page = sheet.page
    for column in (*range(1, 6), *range(7, 12)):
        page.write_blank(TOP, column, None, kit.section())
    page.write(TOP, 1, "Order", kit.section())
    page.write(TOP, 7, "Result", kit.section())
    page.write(TOP, 2, "", kit.section())
    _pick(kit, sheet)
    _items(kit, sheet, ORDER_ITEMS, TOP + 1, label=3, value=4, per_column=9)
    _items(kit, sheet, RESULT_ITEMS, TOP + 1, label=7, value=9, per_column=9)
    _write_list(kit, sheet)
    page.write(TOP, 13, "Workings", kit.section())
    for column in range(14, 19):
        page.write_blank(TOP, column, None, kit.section())
    _items(kit, sheet, WORKINGS, TOP + 1, label=13, value=17, per_column=len(WORKINGS))
    for name, formula in RANGES.items():
        kit.book.define_name(name, "=" + formula)
    columns = tuple(Column(heading, heading, "", "") for heading in ("Start", "Shares", "Beta"))
    points = Body("", columns, FIRST, 16, LAST, 18)
    page.insert_chart(CHART_ROW, 1, blotter_charts.view(kit, sheet, points, (1005, 385)))
    page.freeze_panes(TOP - 1, 0)
    page.repeat_rows(LIST_ROW - 1, LIST_ROW)
    page.print_area(0, 0, LAST, 11)
    kit.protect(sheet)


def _pick(kit: Kit, sheet: Sheet) -> None:
    """The order that is shown: the first one until another is picked."""
    page, row = sheet.page, TOP + 1
    page.write(row, 1, "Pick an order", kit.style(bold=True))
    first = f'=IFERROR(INDEX({TBL_ORDERS}[OrderId],1),"")'
    kit.formula(sheet, row + 1, 1, first, kit.input(bold=True, shrink=True), str(_FIRST["OrderId"]))
    rule = {
        "validate": "list",
        "source": f"={IDS}",
        "error_type": "stop",
        "error_title": "Order",
        "error_message": "Pick an order id of tblOrders.",
    }
    page.data_validation(row + 1, 1, row + 1, 1, rule)
    kit.name("view_order", sheet, row + 1, 1)
    kit.formula(sheet, CHART_ROW - 1, 1, "=" + NOTE, kit.style(bold=True, font_color=NAVY), NOTE_FRESH)


def _items(
    kit: Kit, sheet: Sheet, items: tuple[Item, ...], top: int, *, label: int, value: int, per_column: int
) -> None:
    for row, item in enumerate(items[:per_column], start=top):
        sheet.page.write(row, label, item.label, kit.style())
        look = kit.calc(item.look, align="right", shrink=True)
        kit.formula(sheet, row, value, "=" + item.formula, look, item.fresh)
        if item.unit == "impact unit":
            kit.bps_look(sheet, row, value, row, value)
        kit.unit(sheet, row, value + 1, item.unit, "currency/share", indent=1)
        if item.name:
            kit.name(item.name, sheet, row, value)


def _write_list(kit: Kit, sheet: Sheet) -> None:
    page = sheet.page
    page.set_row(LIST_ROW - 1, 25)
    for letter, entry in LIST.items():
        column = ord(letter) - ord("A")
        page.write(LIST_ROW, column, entry.heading, kit.header())
        kit.unit(sheet, LIST_ROW - 1, column, entry.unit, "currency/share", align="center", valign="bottom",
                 font_size=8, text_wrap=True)  # fmt: skip
        look = kit.calc(entry.look, align="center" if letter in "BCNQ" else "right")
        for k in range(1, ROWS + 1):
            fresh: float | str = 0.0 if letter in "NO" else ""
            kit.formula(sheet, LIST_ROW + k, column, "=" + _in_row(entry.formula, k), look, fresh)
        if entry.unit == "impact unit" and entry.look == "impact unit":
            kit.bps_look(sheet, FIRST, column, LAST, column)


def _in_row(formula: str, k: int) -> str:
    """The formula of a column in the list's k-th row."""
    row = LIST_ROW + k + 1
    cells = {letter: f"${letter}{row}" for letter in LIST}
    tops = {f"{letter}1": f"${letter}${FIRST + 1}" for letter in LIST}
    ends = {f"{letter}n": f"${letter}${LAST + 1}" for letter in LIST}
    point = f"IF(view_n<{ROWS},ROUNDUP({k}*view_n/{ROWS},0),{k})"
    return formula.format(**cells, **tops, **ends, k=k, i=point)
