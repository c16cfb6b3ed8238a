"""The checks of a post-trade workbook as sheet formulas that know nothing of Python.

What was filled, the shortfall and the slippage of every order are recomputed from Orders and Fills; parts and groups
must sum to them. All are entered as array formulas.
"""

from __future__ import annotations

from collections.abc import Sequence

from check_plan import COMMON_WORKINGS, IS_CURRENT, Check, CheckPlan, Working, number

from tradealloc.desk.tca import PARTS
from tradealloc.workbook.fields import BY_KEY, Field
from tradealloc.workbook.fields.intraday import TBL_FILLS
from tradealloc.workbook.fields.tca import TBL_TCA_ORDERS, TCA_RESULT_COLUMNS
from tradealloc.workbook.tca_outputs import WHOLE

HEADERS = {part: column.header for part in PARTS for column in TCA_RESULT_COLUMNS if column.key == part}
"""Column of each part among the results."""


def text(cells: str) -> str:
    """Texts of a column; numbers as they read."""
    return f'TRIM({cells}&"")'


def criterion(cells: str) -> str:
    """Criteria that find just the ids in these cells: no wildcards, no operators."""
    found = text(cells)
    for sign in ("~", "*", "?"):
        found = f'SUBSTITUTE({found},"{sign}","~{sign}")'
    return f'"="&{found}'


def result(header: str) -> str:
    return number(f"tblTcaResults[{header}]")


OF_RESULT = criterion("tblTcaResults[OrderId]")
IS_RESULT = '(LEN(tblTcaResults[OrderId]&"")>0)'
IS_ORDER = f"(LEN({text('tblTcaOrders[OrderId]')})>0)"
IS_FILL = f"({number('tblFills[Shares]')}>0)"


def of_order(header: str) -> str:
    """A number of each result's order."""
    return f"SUMIF(tblTcaOrders[OrderId],{OF_RESULT},tblTcaOrders[{header}])"


def of_fills(header: str) -> str:
    """Sum over the fills of each result's order."""
    return f"SUMIF(tblFills[OrderId],{OF_RESULT},tblFills[{header}])"


SIDE = 'IF(TRIM(tblTcaResults[Side]&"")="sell",-1,1)'
ARRIVAL, DECISION_OR_BLANK = of_order("ArrivalPrice"), of_order("DecisionPrice")
DECISION = f"IF({DECISION_OR_BLANK}=0,{ARRIVAL},{DECISION_OR_BLANK})"
END = of_order("EndPrice")
FILLED, AVERAGE = result("Filled"), result("AveragePrice")
SLIPPAGE = f"({SIDE}*{FILLED}*({AVERAGE}-{ARRIVAL}))"
LEFT = f"({of_order('Shares')}-{FILLED})"
SHORTFALL = (
    f"({SIDE}*{FILLED}*({AVERAGE}-{DECISION})+IF({END}>0,{SIDE}*{LEFT}*({END}-{DECISION}),0)+{of_fills('Fees')})"
)
ALL_PARTS = "(" + "+".join(result(header) for header in HEADERS.values()) + ")"
SAME_PART_CURRENCY = f"({text('tblTcaParts[Currency]')}=TRANSPOSE({text('tblTcaParts[Currency]')}))"
IS_WHOLE = f'({text("tblTcaParts[Part]")}="{WHOLE}")'
COSTS = number("tblTcaParts[Cost]")
PARTS_OF_ROW = f"MMULT(1*{SAME_PART_CURRENCY},{COSTS}*(1-{IS_WHOLE}))"
RESULTS_OF_ROW = (
    f"MMULT(1*({text('tblTcaParts[Currency]')}=TRANSPOSE({text('tblTcaResults[Currency]')})),{result('Shortfall')})"
)
PART_DIFFERENCES = "+".join(
    f'ABS(SUM({COSTS}*({text("tblTcaParts[Part]")}="{PARTS[part]}"))-SUM({result(header)}))'
    for part, header in HEADERS.items()
)
GROUPS = number("tblTcaGroups[Slippage]")
BY, CURRENCY = text("tblTcaGroups[By]"), text("tblTcaGroups[Currency]")
IS_GROUP = f"(LEN({BY})>0)"
GROUPINGS = f"MMULT(1*({BY}=TRANSPOSE({BY}))*({CURRENCY}=TRANSPOSE({CURRENCY})),{GROUPS})"
FIRST_GROUPING = f"MMULT(1*({CURRENCY}=TRANSPOSE({CURRENCY}))*(TRANSPOSE({BY})=INDEX({BY},1)),{GROUPS})"
SLIPPAGE_OF_GROUPS = f"MMULT(1*({CURRENCY}=TRANSPOSE({text('tblTcaResults[Currency]')})),{SLIPPAGE})"
COUNTED = f"MMULT(1*({BY}=TRANSPOSE({BY})),{number('tblTcaGroups[Fills]')})"
SHARES = f"MMULT(1*({BY}=TRANSPOSE({BY})),{number('tblTcaGroups[Shares]')})"
MONEY = "chk_cent+chk_relative*SUM(ABS(" + FILLED + "*" + AVERAGE + "))"
HAS_ORDERS = "chk_orders>0"

WORKINGS: tuple[Working, ...] = (
    *(working for working in COMMON_WORKINGS if working.name in ("chk_relative", "chk_run")),
    Working("chk_cent", "Half a cent: amounts that differ by less are the same", "", 0.005, "tolerance", True),
    Working("ta_unit_label", "Impact unit as printed beside numbers; the analysis has none", '"currency/share"',
            "currency/share"),
    Working("chk_orders", "Orders: rows of tblTcaOrders that aren't blank", f"SUM(1*{IS_ORDER})", 0, "intervals"),
    Working("chk_fills", "Fills: rows of tblFills with shares", f"SUM(1*{IS_FILL})", 0, "intervals"),
    Working("chk_shares", "Shares filled", f"SUM({number('tblFills[Shares]')})", 0, "shares"),
    Working("chk_currencies", "Currencies of the results",
            f"IF(chk_run,SUM({IS_WHOLE}*1),0)", 0, "intervals"),
)  # fmt: skip

CHECKS: tuple[Check, ...] = (
    IS_CURRENT,
    Check("Every order has a result", "Rows of the results whose OrderId is an order's = orders",
          f"SUM({IS_RESULT}*(COUNTIF(tblTcaOrders[OrderId],{OF_RESULT})=1))", "chk_orders", "0", "orders",
          "intervals", HAS_ORDERS),
    Check("Every fill has an order", "Fills whose OrderId isn't among the orders = 0",
          f"SUM({IS_FILL}*(COUNTIF(tblTcaOrders[OrderId],{criterion('tblFills[OrderId]')})=0))", "0", "0", "fills",
          "intervals", HAS_ORDERS),
    Check("No order is over-filled", "Largest excess of an order's fills over its shares = 0",
          f"MAX(0,{IS_ORDER}*(SUMIF(tblFills[OrderId],{criterion('tblTcaOrders[OrderId]')},tblFills[Shares])"
          f"-{number('tblTcaOrders[Shares]')}))", "0", "chk_relative*chk_shares", "shares", "shares", HAS_ORDERS),
    Check("Filled shares", "Largest difference between Filled and the sum of the order's fills = 0",
          f"MAX(ABS({FILLED}-{of_fills('Shares')}))", "0", "chk_relative*chk_shares", "shares", "shares", HAS_ORDERS),
    Check("Unfilled shares", "Largest difference between Unfilled and the order's shares less Filled = 0",
          f"MAX(ABS({result('Unfilled')}-{LEFT})*{IS_RESULT})", "0", "chk_relative*chk_shares", "shares", "shares",
          HAS_ORDERS),
    Check("Average prices", "Sum of Filled x AveragePrice = sum of shares x price of all fills",
          f"SUM({FILLED}*{AVERAGE})", f"SUM({number('tblFills[Shares]')}*{number('tblFills[Price]')})",
          f"chk_relative*SUM({number('tblFills[Shares]')}*{number('tblFills[Price]')})", "currency", "currency"),
    Check("Shortfall of each order", "Largest difference from fills, fees and rest against the decision = 0",
          f"MAX(ABS({result('Shortfall')}-{SHORTFALL})*{IS_RESULT})", "0", f"2*{MONEY}", "currency", "currency",
          HAS_ORDERS),
    Check("Parts sum to the shortfall, each order", "Largest difference between Shortfall and the sum of its parts = 0",
          f"MAX(ABS({result('Shortfall')}-{ALL_PARTS}))", "0", "chk_cent", "currency", "currency", "", 0.005),
    Check("Parts sum to the shortfall, in total", "Largest difference, by currency, from the sum of the parts = 0",
          f"MAX(ABS({COSTS}-{PARTS_OF_ROW})*{IS_WHOLE})", "0", "chk_cent", "currency", "currency", "", 0.005),
    Check("Orders sum to the whole", "Largest difference, by currency, from the orders' shortfalls = 0",
          f"MAX(ABS({COSTS}-{RESULTS_OF_ROW})*{IS_WHOLE})", "0", "chk_cent", "currency", "currency", "", 0.005),
    Check("Each part in total", "Sum of the differences between a part in total and that of all orders = 0",
          PART_DIFFERENCES, "0", "chk_cent", "currency", "currency", "", 0.005),
    Check("Total cost", "ta_total_cost = sum of the orders' shortfalls, where they are in one currency",
          "ta_total_cost", f"SUM({result('Shortfall')})", "chk_cent", "currency", "currency", "chk_currencies=1",
          0.005),
    Check("Slippage against arrival", "Largest difference from side x (average / arrival - 1) = 0",
          f"MAX(ABS({result('ArrivalBps')}-IF(({FILLED}>0)*({ARRIVAL}>0),{SIDE}*({AVERAGE}/{ARRIVAL}-1)*10000,0)))",
          "0", "chk_relative*10000", "bps", "bps", HAS_ORDERS, 1e-5),
    Check("Groups sum to the slippage", "Largest difference, by grouping and currency, from the orders' slippage = 0",
          f"MAX(ABS({GROUPINGS}-{SLIPPAGE_OF_GROUPS})*{IS_GROUP})", "0",
          f"chk_cent*SUM(1*{IS_RESULT})+chk_relative*SUM(ABS({FILLED}*{AVERAGE}))", "currency", "currency", HAS_ORDERS),
    Check("Groupings agree", "Largest difference, by currency, between a grouping's sum and the first one's = 0",
          f"MAX(ABS({GROUPINGS}-{FIRST_GROUPING})*{IS_GROUP})", "0", "chk_cent", "currency", "currency", "", 0.005),
    Check("Fills of each grouping", "Largest difference from the number of all fills = 0",
          f"MAX(ABS({COUNTED}-chk_fills)*{IS_GROUP})", "0", "0", "fills", "intervals"),
    Check("Shares of each grouping", "Largest difference from the shares of all fills = 0",
          f"MAX(ABS({SHARES}-chk_shares)*{IS_GROUP})", "0", "chk_relative*chk_shares", "shares", "shares"),
)  # fmt: skip


def post_trade_checks() -> CheckPlan:
    """The content of the Checks sheet."""
    fields: Sequence[Field] = (BY_KEY["contract_version"],)
    return CheckPlan(CHECKS, WORKINGS, fields, (TBL_FILLS, TBL_TCA_ORDERS))
