"""The checks of what_if.xlsx: those of the order, and what ties scenarios, curves and values of limits to it."""

from __future__ import annotations

from dataclasses import replace

from check_formulas import BELOW_CAPS, CASH, EXACT_TRADE, ORDER_CHECKS, SHARES, intervals, marginal, slippage
from check_plan import Check, number

from tradealloc.workbook.fields.scenarios import TBL_BY_EXPONENT, TBL_BY_PARTICIPATION, TBL_SCENARIOS

SOLVED = '(tblScenarioResults[Status]="OK")'
ANY_SOLVED = 'COUNTIF(tblScenarioResults[Status],"OK")>0'
RELATIVE = "chk_relative"


def result(header: str) -> str:
    """A column of the scenarios' results; 0 where a scenario has none."""
    return number(f"tblScenarioResults[{header}]")


def at(table: str, header: str, where: str) -> str:
    """The value in a curve's row that meets a condition; 0 where no row does."""
    return f"SUM(IF({where},{number(f'{table}[{header}]')},0))"


def one_line(table: str) -> str:
    """Names of scenarios without breaks of lines and needless spaces, as a run writes them."""
    return f'TRIM(SUBSTITUTE({table}[Scenario]&"",CHAR(10)," "))'


ORDER_CAP = f"{number('tblByParticipation[Participation]', '-1')}=ta_participation"
LINEAR_ROW = f"{number('tblByExponent[Exponent]', '-1')}=1"
AT_CAP, AT_ONE = (
    at(TBL_BY_PARTICIPATION, "OptimalImpact", ORDER_CAP),
    at(TBL_BY_EXPONENT, "OptimalImpact", LINEAR_ROW),
)
CAP = f"ta_participation*{intervals('Volume')}"
HELD_ALONE = "*".join(
    (
        f"({SHARES}>={CAP}-chk_slack)",
        f"IF(ISNUMBER(chk_MaxShares),chk_MaxShares>{CAP}+chk_slack,1)",
        f"IF(ISNUMBER(ta_impact_cap),{slippage(CAP)}<ta_impact_cap*(1-chk_kkt_tolerance),1)",
    )
)
"""Intervals that the participation cap holds and no other cap."""
SOME_FREE = f"SUM({BELOW_CAPS}*({SHARES}>{intervals('MinShares')}+chk_slack))>0"
"""Only then is there one multiplier, and the shadow price is it."""
POINT_VALUE = f"0.01*SUM({HELD_ALONE}*(ta_shadow_price-{marginal(SHARES)})*{intervals('Volume')})*IF({CASH},chk_cash,1)"

CHECKS: tuple[Check, ...] = (
    Check("Scenarios and results agree", "Rows whose names differ = 0",
          f"SUM(1*({one_line('tblScenarios')}<>{one_line('tblScenarioResults')}))", "0", "0", "scenarios", "intervals",
          ANY_SOLVED),
    Check("Scenario schedules sum to their orders", "Sum of all schedules = sum of Shares of the solved scenarios",
          "SUM(tblScenarioSchedules)-SUM(tblScenarioSchedules[Interval])-SUM(tblScenarioSchedules[Start])",
          f"SUM({SOLVED}*{result('Shares')})", f"{RELATIVE}*SUM({result('Shares')})", "shares", "shares", ANY_SOLVED),
    Check("Scenario costs", "Sum of TotalCost = sum of TotalImpact x Shares, in currency",
          f"SUM({result('TotalCost')})", f"SUM({result('TotalImpact')}*{result('Shares')})*chk_cash",
          f"{RELATIVE}*SUM({result('TotalCost')})", "currency", "currency", f"AND({ANY_SOLVED},{CASH})"),
    Check("Scenario improvements", "Largest difference from 1 - TotalImpact / EqualImpact = 0",
          f"MAX(IF({SOLVED},ABS({result('Improvement')}-1+{result('TotalImpact')}/tblScenarioResults[EqualImpact]),0))",
          "0", RELATIVE, "of equal", "tolerance", ANY_SOLVED, 1e-9),
    Check("Scenario certificates", "Largest KKT residual or duality gap of all scenarios",
          "MAX(tblScenarioResults[KktResidual],tblScenarioResults[DualityGap])", "0", "chk_gap", "", "tolerance",
          ANY_SOLVED, 1e-6),
    Check("Curve at the order's cap", "Row of the participation table with the order's cap = total impact",
          AT_CAP, "ta_total_impact", "chk_kkt_tolerance*ABS(N(ta_total_impact))", "impact unit", "significant",
          f"AND(ISNUMBER(ta_participation),{AT_CAP}>0)"),
    Check("Curve at exponent 1", "Row of the exponents table with p = 1 = total impact, where the model is linear",
          AT_ONE, "ta_total_impact", "chk_kkt_tolerance*ABS(N(ta_total_impact))", "impact unit", "significant",
          f'AND(chk_model="linear",{AT_ONE}>0)'),
    Check("Value of the participation cap",
          "0.01 x sum of (shadow price - marginal cost) x Volume over the intervals that it alone holds",
          at(TBL_BY_PARTICIPATION, "MarginalValue", ORDER_CAP), POINT_VALUE,
          f"chk_kkt_tolerance*N(ta_shadow_price)*SUM({intervals('Volume')})", "currency", "significant",
          f"AND({EXACT_TRADE},{AT_CAP}>0,{SOME_FREE})"),
)  # fmt: skip

WHAT_IF_CHECKS = replace(
    ORDER_CHECKS,
    checks=(*ORDER_CHECKS.checks, *CHECKS),
    tables=(*ORDER_CHECKS.tables, TBL_SCENARIOS, TBL_BY_PARTICIPATION, TBL_BY_EXPONENT),
)
"""The checks of a what-if workbook."""
