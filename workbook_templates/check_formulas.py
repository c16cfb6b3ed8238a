"""The checks of a daily schedule as sheet formulas that know nothing of Python.

Everything is recomputed from the workbook's own inputs and the allocation, by structured references, so the checks
work for any number of intervals. All are entered as array formulas. ``chk_...`` are the working cells of `WORKINGS`
and the columns of `RANGES`.
"""

from __future__ import annotations

import math

from check_plan import COMMON_WORKINGS, IS_CURRENT, Check, CheckPlan, Working, number, stored

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.fields import INPUTS, TBL_INTERVALS, TBL_SENSITIVITY

MS = fp.MS_PER_DAY

RANGES = {
    f"chk_{header}": f"INDEX(tblIntervals[{header}],1):INDEX(tblIntervals[{header}],chk_rows)"
    for header in ("Start", "Beta", "Gamma", "HalfSpread", "Volume", "MinShares", "MaxShares")
}
"""Names for the filled rows of the intervals' columns: rows left blank at the end don't count."""


def intervals(header: str, default: str = "0") -> str:
    return number(f"chk_{header}", default)


SHARES = number("tblSchedule[Allocation]")
TIME_OF_DAY = "MOD(IF(ISNUMBER(chk_Start),chk_Start,IFERROR(TIMEVALUE(chk_Start),0)),1)"
START_MS = f"ROUND({TIME_OF_DAY}*{MS},0)"
TRADABLE = f"(({START_MS}>=chk_from)*({START_MS}<chk_to))"
SLOPE = f"({intervals('Beta')}*chk_beta_scale-{intervals('Gamma')}*chk_gamma_shift)"
CURVE = f"{intervals('Gamma')}*chk_gamma_on"


def power(shares: str) -> str:
    """x^p, 1 for p = 0, and no error at x = 0 or below."""
    return f"IF(chk_exponent=0,1,IF({shares}>0,({shares})^chk_exponent,0))"


def slippage(shares: str) -> str:
    """I_t(x) = h + b x^p + c x^2, which covers the three models."""
    return f"({intervals('HalfSpread')}+{SLOPE}*{power(shares)}+{CURVE}*({shares})^2)"


def marginal(shares: str) -> str:
    """m_t(x) = h + (1 + p) b x^p + 3 c x^2."""
    return f"({intervals('HalfSpread')}+(1+chk_exponent)*{SLOPE}*{power(shares)}+3*{CURVE}*({shares})^2)"


BELOW_CAPS = "*".join(
    (
        TRADABLE,
        f"IF(ISNUMBER(chk_MaxShares),{SHARES}<chk_MaxShares-chk_slack,1)",
        f"IF(ISNUMBER(ta_participation),{SHARES}<ta_participation*{intervals('Volume')}-chk_slack,1)",
        f"IF(ISNUMBER(ta_impact_cap),{slippage(SHARES)}<ta_impact_cap*(1-chk_kkt_tolerance),1)",
    )
)
EXACT_TRADE = "AND(ISNUMBER(ta_shadow_price),NOT(ISNUMBER(ta_lot_size)),N(ta_min_clip)=0)"


WORKINGS: tuple[Working, ...] = (
    *COMMON_WORKINGS,
    Working("chk_rows", "Intervals: rows up to the last beta",
            'MAX(1,IF(ISBLANK(tblIntervals[Beta]),0,ROW(tblIntervals[Beta])-ROW(tblIntervals[[#Headers],[Beta]])))',
            390),
    Working("chk_model", "Impact model", 'IF(ta_model="","linear",LOWER(TRIM(ta_model)))', "linear"),
    Working("chk_exponent", "Exponent p of the model", 'IF(chk_model="power",N(ta_exponent),1)', 1),
    Working("chk_beta_scale", "Factor of beta: reference size^(1 - p), power model only",
            'IF(AND(chk_model="power",ISNUMBER(ta_reference_shares)),ta_reference_shares^(1-chk_exponent),1)', 1),
    Working("chk_gamma_on", "Does gamma count? Quadratic model only", 'IF(chk_model="quadratic",1,0)', 0),
    Working("chk_gamma_shift", "Beta loses gamma x this (reference size), quadratic model only",
            "chk_gamma_on*N(ta_reference_shares)", 0),
    Working("chk_from", "Window start, ms after midnight",
            f"IF(ISNUMBER(ta_window_start),ROUND(ta_window_start*{MS},0),"
            f"IF(ta_window_start=\"\",0,IFERROR(ROUND(TIMEVALUE(ta_window_start)*{MS},0),0)))", 0),
    Working("chk_to", "Window end, ms after midnight",
            f"IF(ISNUMBER(ta_window_end),ROUND(ta_window_end*{MS},0),"
            f"IF(ta_window_end=\"\",{MS + 1},IFERROR(ROUND(TIMEVALUE(ta_window_end)*{MS},0),{MS + 1})))", MS + 1),
    Working("chk_tradable", "Tradable intervals: those inside the window", f"IFERROR(SUM(1*{TRADABLE}),0)", 390),
    Working("chk_equal", "Equal shares per tradable interval", "IF(chk_tradable>0,N(ta_shares)/chk_tradable,0)",
            100_000 / 390, "significant"),
    Working("chk_bps", "From impact unit to bps (0: no arrival price)",
            'IF(chk_unit="bps",1,IF(chk_unit="fraction",10000,IF(N(ta_arrival_price)>0,10000/ta_arrival_price,0)))',
            100.0, "significant"),
    Working("chk_cash", "From impact unit to currency (0: no arrival price)",
            'IF(chk_unit="price",1,N(ta_arrival_price)/IF(chk_unit="bps",10000,1))', 1.0, "significant"),
    Working("chk_impact", "Total impact recomputed",
            f"IFERROR(SUM({SHARES}*{slippage(SHARES)})/ta_shares,0)", 0, "significant"),
    Working("chk_equal_impact", "Impact of equal shares recomputed",
            f"IFERROR(SUM({TRADABLE}*chk_equal*{slippage('chk_equal')})/ta_shares,0)", 0.0, "significant"),
    Working("chk_kkt_tolerance", "Tolerance of optimality; iterative methods prove a gap, hence sqrt(gap x N)",
            'IF(OR(ta_method="cvxpy",ta_method="slsqp"),SQRT(chk_gap*chk_rows),chk_gap)',
            1e-6, "tolerance"),
    Working("chk_slack", "An interval is at a limit within this many shares",
            "chk_kkt_tolerance*N(ta_shares)/chk_rows", 1e-6 * 100_000 / 390, "tolerance"),
)  # fmt: skip


ORDER_TOLERANCE, ORDER_FRESH = "chk_relative*N(ta_shares)", 1e-4
SCHEDULE_COST = number("tblSchedule[Cost]")
AT_ORDER_SIZE = (
    f"SUM(IF({number('tblSensitivity[TotalShares]')}=ta_shares,{number('tblSensitivity[OptimalImpact]')},0))"
)
CASH = "chk_cash>0"

CHECKS: tuple[Check, ...] = (
    IS_CURRENT,
    Check("Rows agree", "Rows of the schedule = filled rows of the intervals",
          "ROWS(tblSchedule[Allocation])", "chk_rows", "0", "intervals", "intervals"),
    Check("Allocation sums to the order", "Sum of Allocation = order size",
          f"SUM({SHARES})", "ta_shares", ORDER_TOLERANCE, "shares", "shares", "", ORDER_FRESH),
    Check("Cumulative ends at the order", "Last Cumulative = order size",
          "INDEX(tblSchedule[Cumulative],ROWS(tblSchedule[Cumulative]))", "ta_shares", ORDER_TOLERANCE, "shares",
          "shares", "", ORDER_FRESH),
    Check("Nothing remains", "Last Remaining = 0",
          "INDEX(tblSchedule[Remaining],ROWS(tblSchedule[Remaining]))", "0", ORDER_TOLERANCE, "shares",
          "shares", "", ORDER_FRESH),
    Check("No negative shares", "Largest negative allocation = 0",
          f"MAX(0,-MIN({SHARES}))", "0", ORDER_TOLERANCE, "shares", "shares", "", ORDER_FRESH),
    Check("Closed intervals don't trade", "Shares outside the window = 0",
          f"SUM(ABS({SHARES})*(1-{TRADABLE}))", "0", ORDER_TOLERANCE, "shares", "shares", "", ORDER_FRESH),
    Check("Minimum shares kept", "Largest shortfall below MinShares = 0",
          f"MAX(0,{intervals('MinShares')}-{SHARES})", "0", ORDER_TOLERANCE, "shares", "shares",
          "COUNT(tblIntervals[MinShares])>0", ORDER_FRESH),
    Check("Maximum shares kept", "Largest excess over MaxShares = 0",
          f"MAX(0,IF(ISNUMBER(chk_MaxShares),{SHARES}-chk_MaxShares,0))", "0", ORDER_TOLERANCE,
          "shares", "shares", "COUNT(tblIntervals[MaxShares])>0", ORDER_FRESH),
    Check("Participation cap kept", "Largest excess over participation cap x Volume = 0",
          f"MAX(0,{SHARES}-ta_participation*{intervals('Volume')})", "0", ORDER_TOLERANCE, "shares",
          "shares", "ISNUMBER(ta_participation)", ORDER_FRESH),
    Check("Impact cap kept", "Largest excess of an interval's slippage over the cap = 0",
          f"MAX(0,IF({SHARES}>{ORDER_TOLERANCE},{slippage(SHARES)}-ta_impact_cap,0))", "0",
          "chk_gap*N(ta_impact_cap)", "impact unit", "significant", "ISNUMBER(ta_impact_cap)"),
    Check("Whole lots", "Intervals off the lot = 0, or 1 where the order is not a whole number of lots",
          f"SUM(1*(ABS({SHARES}-ta_lot_size*ROUND({SHARES}/ta_lot_size,0))>{ORDER_TOLERANCE}))", "0",
          f"IF(ISNUMBER(ta_lot_size),IF(ABS(ta_shares-ta_lot_size*ROUND(ta_shares/ta_lot_size,0))>{ORDER_TOLERANCE},1,0),0)",
          "intervals", "intervals", "ISNUMBER(ta_lot_size)"),
    Check("Minimum clip kept", "Intervals that trade, but less than the clip, = 0",
          f"SUM(({SHARES}>{ORDER_TOLERANCE})*({SHARES}<ta_min_clip-{ORDER_TOLERANCE}))", "0", "0",
          "intervals", "intervals", "N(ta_min_clip)>0"),
    Check("Total impact", "Sum of x I(x) / S from intervals, model and allocation",
          stored("ta_total_impact"), "chk_impact", "chk_relative*ABS(chk_impact)", "impact unit", "significant"),
    Check("Total impact in bps", "The same, converted with the arrival price",
          stored("ta_total_impact_bps"), "chk_impact*chk_bps", "chk_relative*ABS(chk_impact*chk_bps)",
          "bps", "significant", "chk_bps>0"),
    Check("Total cost", "Total impact x order size, in currency",
          stored("ta_total_cost"), "chk_impact*ta_shares*chk_cash",
          "chk_relative*ABS(chk_impact*N(ta_shares)*chk_cash)", "currency", "currency", CASH),
    Check("Interval costs add up", "Sum of Cost = x I(x) over all intervals, in currency",
          f"SUM({SCHEDULE_COST})", "chk_impact*ta_shares*chk_cash",
          "chk_relative*ABS(chk_impact*N(ta_shares)*chk_cash)", "currency", "currency", CASH),
    Check("Improvement", "1 - total impact / impact of equal shares, both recomputed",
          stored("ta_improvement"), "1-chk_impact/chk_equal_impact", "chk_relative", "of equal", "of equal", "", 1e-9),
    Check("Saving", "Cost of equal shares - cost of the schedule, both recomputed",
          stored("ta_saving"), "(chk_equal_impact-chk_impact)*ta_shares*chk_cash",
          "chk_relative*chk_equal_impact*N(ta_shares)*chk_cash", "currency", "currency", CASH),
    Check("Sensitivity at the order size", "Row of the sensitivity table with the order size = total impact",
          AT_ORDER_SIZE, "ta_total_impact", "chk_kkt_tolerance*ABS(N(ta_total_impact))", "impact unit", "significant",
          f"{AT_ORDER_SIZE}>0"),
    Check("Optimal: nothing to sell back", "Above the minimum: largest marginal cost over the shadow price = 0",
          f"MAX(0,IF({SHARES}>{intervals('MinShares')}+chk_slack,{marginal(SHARES)}-ta_shadow_price,0))", "0",
          "chk_kkt_tolerance*ABS(N(ta_shadow_price))", "impact unit", "significant", EXACT_TRADE),
    Check("Optimal: nothing to add", "Below the caps: largest shadow price over the marginal cost = 0",
          f"MAX(0,IF({BELOW_CAPS}=1,ta_shadow_price-{marginal(SHARES)},0))", "0",
          "chk_kkt_tolerance*ABS(N(ta_shadow_price))", "impact unit", "significant", EXACT_TRADE),
    Check("KKT residual", "As proven by the run: largest distance from the optimality condition",
          stored("ta_kkt_residual"), "0", "chk_kkt_tolerance", "of S/N", "tolerance", "", 1e-6),
    Check("Duality gap", "As proven by the run: cost above the lower bound",
          stored("ta_duality_gap"), "0", "chk_gap", "of cost", "tolerance", "", 1e-6),
)  # fmt: skip


ORDER_CHECKS = CheckPlan(CHECKS, WORKINGS, INPUTS, (TBL_INTERVALS, TBL_SENSITIVITY), RANGES)
"""The checks of a workbook with one order."""


def slippage_of_equal(betas: list[float], shares: float) -> float:
    """Value of chk_equal_impact in a linear model without spread."""
    return math.fsum(betas) * shares / len(betas) ** 2
