"""The checks of a blotter as sheet formulas that know nothing of Python.

Over all orders: sums, windows, limits, and whether the totals by order, by symbol and by time agree. Of the order
picked on View also cost and optimality, recomputed interval by interval from its profile. All are entered as array
formulas. ``blt_...`` are names of arrays, ``view_...`` those of the View sheet.
"""

from __future__ import annotations

from check_formulas import ORDER_CHECKS
from check_plan import IS_CURRENT, RELATIVE, Check, CheckPlan, Working, number, stored

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.fields import Field
from tradealloc.workbook.fields.blotter import ORDER_COLUMNS

MS = fp.MS_PER_DAY
MODEL_WORKINGS = (
    "chk_relative", "chk_gap", "chk_run", "chk_model", "chk_unit", "ta_unit_label", "chk_exponent", "chk_beta_scale",
    "chk_gamma_on", "chk_gamma_shift", "chk_from", "chk_to",
)  # fmt: skip
"""Working cells that a blotter shares with a workbook of one order."""

HEADERS = "TRIM(tblSchedules[#Headers])"
IDS = 'IFERROR(TRIM(tblOrders[OrderId]&""),"")'
RESULT_IDS = 'IFERROR(TRIM(tblOrderResults[OrderId]&""),"")'
SHARES = number("tblSchedules[#Data]")
OPTIMISED = '(tblOrderResults[Status]="OK")'
SIZES = f"IF({OPTIMISED},{number('tblOrderResults[Shares]')},0)"


def of_columns(of_orders: str) -> str:
    """A figure of each order, as a row under the headers of tblSchedules; 0 above Interval and Start."""
    return f"MMULT(TRANSPOSE({of_orders}),1*({IDS}={HEADERS}))"


def time_of_order(header: str, default: str) -> str:
    """Milliseconds after midnight, of each order; as the workbook says where it is blank."""
    cells = f"tblOrders[{header}]"
    typed = f"IFERROR(ROUND(TIMEVALUE({cells})*{MS},0),{default})"
    blank = f'IFERROR(TRIM({cells}&"")="",FALSE)'
    return f"IF(ISNUMBER({cells}),ROUND(MOD({cells},1)*{MS},0),IF({blank},{default},{typed}))"


IS_ORDER = "(COLUMN(tblSchedules[#Headers])-MIN(COLUMN(tblSchedules[#Headers]))>1)"
"""1 above the columns of orders, 0 above Interval and Start."""
KNOWN = of_columns("ROW(tblOrders[OrderId])^0")
START_MS = f"ROUND(MOD({number('tblSchedules[Start]')},1)*{MS},0)"
OPENS = of_columns(time_of_order("WindowStart", "chk_from"))
CLOSES = of_columns(time_of_order("WindowEnd", "chk_to"))
MOST = of_columns(number("tblOrders[MaxShares]", "1E+99"))
CAP_OF_ORDER = number("tblOrders[Participation]", number("ta_participation", "1E+99"))
CAP_OF_RESULT = f"MMULT(1*({RESULT_IDS}=TRANSPOSE({IDS})),{CAP_OF_ORDER})"
FILLED = "+".join(f'IFERROR(LEN(TRIM(tblOrders[{column.header}]&"")),1)' for column in ORDER_COLUMNS)
BY_TIME = f"({number('tblByTime[BuyShares]')}+{number('tblByTime[SellShares]')})"
BY_SYMBOL = f"({number('tblBySymbol[BuyShares]')}+{number('tblBySymbol[SellShares]')})"
PICKED = 'IFERROR(AND(view_status="OK",view_n>0,view_n<=390,view_together=1),FALSE)'
"""FALSE, too, where the sheet View was deleted."""
EXACT = (
    f"IFERROR(AND({PICKED},ISNUMBER(view_shadow_price),view_cash>=0,"
    "NOT(ISNUMBER(INDEX(tblOrders[LotSize],view_row))),NOT(ISNUMBER(ta_lot_size)),"
    "N(INDEX(tblOrders[MinClip],view_row))=0,N(ta_min_clip)=0),FALSE)"
)
VIEW_X = number("view_list_shares")
MARGINAL = number("view_list_marginal")
VIEW_SLACK = "chk_tolerance*view_size/MAX(1,view_count)"
ALL_SHARES = f"SUM({SIZES})"
SHARE_TOLERANCE = "chk_relative*blt_shares"
COST = number("ta_total_cost")
COST_TOLERANCE = f"chk_relative*ABS({COST})"
HAS_COST, HAS_NOTIONAL = "ISNUMBER(ta_total_cost)", "SUM(tblOrderResults[Notional])>0"

WORKINGS: tuple[Working, ...] = (
    *(working for working in ORDER_CHECKS.workings if working.name in MODEL_WORKINGS),
    Working("blt_orders", "Orders: rows of tblOrders that aren't blank", f"SUM(1*(({FILLED})>0))", 0.0, "intervals"),
    Working("blt_optimised", "Orders that were optimised", f"SUM(1*{OPTIMISED})", 0, "intervals"),
    Working("blt_shares", "Shares of the orders that were optimised", ALL_SHARES, 0, "shares"),
    Working("chk_tolerance", "Tolerance of optimality; iterative methods prove a gap, hence sqrt(gap x N)",
            'IFERROR(IF(OR(ta_method="cvxpy",ta_method="slsqp"),SQRT(chk_gap*MAX(1,view_count)),chk_gap),chk_gap)',
            1e-6, "tolerance"),
)  # fmt: skip

CHECKS: tuple[Check, ...] = (
    IS_CURRENT,
    Check("Every order has a result", "Rows of the results = rows of the orders that aren't blank",
          'SUM(1*(LEN(tblOrderResults[Status]&"")>0))', "blt_orders", "0", "orders", "intervals"),
    Check("Every order is optimised", "Orders whose Status isn't OK = 0",
          "blt_orders-blt_optimised", "0", "0", "orders", "intervals"),
    Check("One schedule an order", "Columns of tblSchedules that name an order of tblOrders = orders optimised",
          f"SUM({KNOWN})", "blt_optimised", "0", "orders", "intervals"),
    Check("Schedules sum to their orders", "Largest difference between a schedule's sum and its order's size = 0",
          f"MAX(ABS(MMULT(TRANSPOSE(ROW(tblSchedules[Interval])^0),{SHARES})"
          f"-{of_columns(number('tblOrders[Shares]'))})*{IS_ORDER})", "0",
          "chk_relative*MAX(tblOrders[Shares])", "shares", "shares"),
    Check("No negative shares", "Largest negative allocation = 0",
          f"MAX(0,0-MIN({SHARES}))", "0", SHARE_TOLERANCE, "shares", "shares"),
    Check("Windows kept", "Shares outside the orders' windows = 0",
          f"SUM({SHARES}*{IS_ORDER}*(({START_MS}<{OPENS})+({START_MS}>={CLOSES})>0))", "0", SHARE_TOLERANCE,
          "shares", "shares", "COUNT(tblSchedules[Start])>0"),
    Check("Maximum shares kept", "Largest excess of an interval over the order's MaxShares = 0",
          f"MAX(0,({SHARES}-{MOST})*{IS_ORDER})", "0", SHARE_TOLERANCE, "shares", "shares",
          "COUNT(tblOrders[MaxShares])>0"),
    Check("Participation caps kept", "Largest excess of an order's peak participation over its cap = 0",
          f"MAX(0,IF({OPTIMISED},{number('tblOrderResults[PeakParticipation]')}-{CAP_OF_RESULT},0))", "0",
          "chk_relative", "of volume", "of volume", "COUNT(tblOrders[Participation])+COUNT(ta_participation)>0",
          RELATIVE),
    Check("Times add up", "Largest difference between a row of tblSchedules and of tblByTime, both sides = 0",
          f"MAX(ABS(MMULT({SHARES},TRANSPOSE(1*{IS_ORDER}))-{BY_TIME}))", "0", SHARE_TOLERANCE, "shares", "shares"),
    Check("Shares by time", "Shares of all times = shares of the orders",
          f"SUM({BY_TIME})", "blt_shares", SHARE_TOLERANCE, "shares", "shares"),
    Check("Shares by symbol", "Shares of all symbols = shares of the orders",
          f"SUM({BY_SYMBOL})", "blt_shares", SHARE_TOLERANCE, "shares", "shares"),
    Check("Orders by symbol", "Orders of all symbols = orders optimised",
          "SUM(tblBySymbol[Orders])", "blt_optimised", "0", "orders", "intervals"),
    Check("Notional by symbol", "Notional of all symbols = notional of the orders",
          "SUM(tblBySymbol[Notional])", "SUM(tblOrderResults[Notional])",
          "chk_relative*SUM(tblOrderResults[Notional])", "currency", "currency", HAS_NOTIONAL),
    Check("Notional by time", "Notional of all times = notional of the orders",
          "SUM(tblByTime[Notional])", "SUM(tblOrderResults[Notional])",
          "chk_relative*SUM(tblOrderResults[Notional])", "currency", "currency", HAS_NOTIONAL),
    Check("All notional is traded", "Last CumulativeShare = 1",
          "INDEX(tblByTime[CumulativeShare],ROWS(tblByTime[CumulativeShare]))", "1", "chk_relative", "of notional",
          "of notional", HAS_NOTIONAL, RELATIVE),
    Check("Total cost", "Sum over the orders = total cost",
          "SUM(tblOrderResults[TotalCost])", stored("ta_total_cost"), COST_TOLERANCE, "currency", "currency", HAS_COST),
    Check("Cost by symbol", "Sum over the symbols = total cost",
          "SUM(tblBySymbol[TotalCost])", stored("ta_total_cost"), COST_TOLERANCE, "currency", "currency", HAS_COST),
    Check("Cost by time", "Sum over the day = total cost",
          "SUM(tblByTime[TotalCost])", stored("ta_total_cost"), COST_TOLERANCE, "currency", "currency", HAS_COST),
    Check("Total cost in bps", "Cost over notional, of the orders with an arrival price",
          stored("ta_total_impact_bps"),
          f"SUM(IF({number('tblOrderResults[Notional]')}>0,{number('tblOrderResults[TotalCost]')},0))"
          "/SUM(tblOrderResults[Notional])*10000",
          f"chk_relative*ABS({number('ta_total_impact_bps')})", "bps", "significant", HAS_NOTIONAL),
    Check("Saving", "Sum over the orders = saving",
          "SUM(tblOrderResults[Saving])", stored("ta_saving"),
          f"chk_relative*(ABS({COST})+ABS({number('ta_saving')}))", "currency", "currency", HAS_COST),
    Check("Improvement", "Saving / (cost + saving)",
          stored("ta_improvement"), "ta_saving/(ta_total_cost+ta_saving)", "chk_relative", "of equal", "of equal",
          HAS_COST, RELATIVE),
    Check("KKT residual", "Largest of all orders, as proven by the run",
          "MAX(tblOrderResults[KktResidual])", "0", "chk_tolerance", "of S/N", "tolerance", "", 1e-6),
    Check("Duality gap", "Largest of all orders, as proven by the run",
          "MAX(tblOrderResults[DualityGap])", "0", "chk_gap", "of cost", "tolerance", "", 1e-6),
    Check("Picked order: total impact", "Sum of x I(x) / S over the list on View = its TotalImpact",
          f"SUM({VIEW_X}*{number('view_list_impact')})/view_size", "view_impact",
          f"chk_relative*ABS({number('view_impact')})", "impact unit", "significant", PICKED),
    Check("Picked order: total cost", "Sum of Cost over the list on View = its TotalCost",
          "SUM(view_list_cost)", "view_cost", f"chk_relative*ABS({number('view_cost')})", "currency", "currency",
          f"AND({PICKED},ISNUMBER(view_cost))"),
    Check("Picked order: caps kept", "Largest excess over window, maximum, participation cap x Volume = 0",
          f"MAX(0,{VIEW_X}-view_list_cap)", "0", "chk_relative*view_size", "shares", "shares", PICKED),
    Check("Picked order: impact cap kept", "Largest excess of an interval's slippage over the cap = 0",
          f"MAX(0,IF({VIEW_X}>chk_relative*view_size,{number('view_list_impact')}-view_impact_cap,0))", "0",
          f"chk_gap*{number('view_impact_cap')}", "impact unit", "significant",
          f"AND({PICKED},ISNUMBER(view_impact_cap))"),
    Check("Picked order: nothing to sell back", "Where it trades above a minimum, marginal cost over shadow price = 0",
          f"MAX(0,IF({VIEW_X}>{VIEW_SLACK},{MARGINAL}-view_shadow_price,0))", "0",
          f"chk_tolerance*ABS({number('view_shadow_price')})", "impact unit", "significant",
          f"AND({EXACT},COUNT(view_MinShares)=0)"),
    Check("Picked order: nothing to add", "Below the caps: largest shadow price over the marginal cost = 0",
          f"MAX(0,IF((view_list_row>0)*({VIEW_X}<view_list_cap-{VIEW_SLACK})"
          f"*IF(ISNUMBER(view_impact_cap),{number('view_list_impact')}<view_impact_cap*(1-chk_tolerance),1)=1,"
          f"view_shadow_price-{MARGINAL},0))", "0",
          f"chk_tolerance*ABS({number('view_shadow_price')})", "impact unit", "significant", EXACT),
)  # fmt: skip


def blotter_checks(fields: tuple[Field, ...], tables: tuple[str, ...]) -> CheckPlan:
    """The plan of the sheet, for the single inputs and the tables that the workbook has."""
    return CheckPlan(CHECKS, WORKINGS, fields, tables)
