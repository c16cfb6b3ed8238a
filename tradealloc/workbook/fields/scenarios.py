"""The tables of a what-if workbook: one order under several models, caps and sizes."""

from __future__ import annotations

from .kinds import Column, Kind

TBL_SCENARIOS, TBL_SCENARIO_RESULTS = "tblScenarios", "tblScenarioResults"
TBL_SCENARIO_SCHEDULES, TBL_CAP_VALUES = "tblScenarioSchedules", "tblCapValues"
TBL_BY_PARTICIPATION, TBL_BY_EXPONENT = "tblByParticipation", "tblByExponent"

SCENARIO_COLUMNS: tuple[Column, ...] = (
    Column("Scenario", "scenario", "", "What the scenario is called; no two alike.", required=True, kind=Kind.TEXT),
    Column("Shares", "shares", "shares", "Order size; blank in this and the other columns: as the order.", minimum=0, above_minimum=True),
    Column("Model", "model", "", "linear, power or quadratic.", kind=Kind.CHOICE),
    Column("Exponent", "exponent", "", "Exponent of the power model.", minimum=0),
    Column("ReferenceShares", "reference_shares", "shares", "Shares per interval at which the nonlinear model agrees with the linear betas.", minimum=0, above_minimum=True),
    Column("Participation", "participation", "of volume", "Participation cap; 0: none.", minimum=0),
    Column("ImpactCap", "impact_cap", "impact unit", "Impact cap; 0: none.", minimum=0),
    Column("LotSize", "lot_size", "shares", "Lot size; 0: none.", minimum=0),
    Column("WindowStart", "window_start", "time", "Intervals that start earlier don't trade.", kind=Kind.TIME),
    Column("WindowEnd", "window_end", "time", "Intervals that start at or after this don't trade.", kind=Kind.TIME),
)  # fmt: skip

SCENARIO_RESULT_COLUMNS: tuple[Column, ...] = (
    Column("Scenario", "scenario", "", "As in the scenarios table, row by row.", kind=Kind.TEXT),
    Column("Model", "model", "", "The model that prices the row; impacts of different models can't be compared.", kind=Kind.TEXT),
    Column("Shares", "shares", "shares", "Shares to trade."),
    Column("TotalImpact", "total_impact", "impact unit", "Average slippage per share of the optimum."),
    Column("TotalImpactBps", "total_impact_bps", "bps", "The same in basis points of the arrival price."),
    Column("EqualImpact", "equal_impact", "impact unit", "Equal shares under the same model."),
    Column("Improvement", "improvement", "of equal", "1 - optimum / equal shares under the same model."),
    Column("TotalCost", "total_cost", "currency", "Slippage of the order in currency."),
    Column("ShadowPrice", "shadow_price", "impact unit", "Cost of one more share; blank: no room within the limits."),
    Column("AllocationStd", "allocation_std", "shares", "Population standard deviation of the allocation."),
    Column("AtLimit", "at_limit", "intervals", "Intervals held by a limit."),
    Column("KktResidual", "kkt_residual", "of S/N", "Largest distance from the optimality condition."),
    Column("DualityGap", "duality_gap", "of cost", "Cost above the proven lower bound."),
    Column("Method", "method", "", "How the schedule was computed: the cheapest exact method.", kind=Kind.TEXT),
    Column("Status", "status", "", "OK, or why the scenario can't be traded.", kind=Kind.TEXT),
)  # fmt: skip

SCENARIO_SCHEDULES_COLUMNS: tuple[Column, ...] = (
    Column("Interval", "interval", "", "Number or label of the interval.", kind=Kind.TEXT),
    Column("Start", "start", "time", "Start of the interval.", kind=Kind.TIME),
)  # fmt: skip
"""The columns on the left of tblScenarioSchedules; behind them stands one column a scenario, headed by its name."""

CAP_VALUE_COLUMNS: tuple[Column, ...] = (
    Column("Scenario", "scenario", "", "As in the scenarios table; Order where there is none.", kind=Kind.TEXT),
    Column("Limit", "limit", "", "The limit, with its value.", kind=Kind.TEXT),
    Column("IntervalsHeld", "intervals_held", "intervals", "Intervals that the limit holds."),
    Column("SharesHeld", "shares_held", "shares", "Shares traded in them."),
    Column("MarginalValue", "marginal_value", "currency", "Saved by relaxing the limit by one step, at the margin: the shadow price of the limit, in fractional shares."),
    Column("Step", "step", "", "The step: one percentage point, one share an interval, one basis point.", kind=Kind.TEXT),
    Column("RelaxedTo", "relaxed", "", "The limit relaxed by a tenth; the window: opened.", kind=Kind.TEXT),
    Column("RelaxedSaving", "relaxed_saving", "currency", "Saved under the relaxed limit, solved anew in fractional shares."),
    Column("Unit", "unit", "", "Unit of the two values: currency, or shares x impact unit where no arrival price is given.", kind=Kind.TEXT),
    Column("Note", "note", "", "Why a value is blank or zero: ties, closed intervals, no room.", kind=Kind.TEXT),
    Column("Label", "label", "", "Scenario and limit in one, for charts.", kind=Kind.TEXT),
)  # fmt: skip

BY_PARTICIPATION_COLUMNS: tuple[Column, ...] = (
    Column("Participation", "participation", "of volume", "Participation cap to price (input).", minimum=0, above_minimum=True),
    Column("OptimalImpact", "optimal_impact", "impact unit", "Total impact of the optimum under that cap."),
    Column("Improvement", "improvement", "of equal", "1 - optimal / equal."),
    Column("MarginalValue", "marginal_value", "currency", "Saved by one more percentage point, at the margin; in shares x impact unit where no arrival price is given."),
    Column("Status", "status", "", "OK, or why the order can't be traded.", kind=Kind.TEXT),
)  # fmt: skip

BY_EXPONENT_COLUMNS: tuple[Column, ...] = (
    Column("Exponent", "exponent", "", "Exponent of the power model to price (input).", minimum=0),
    Column("OptimalImpact", "optimal_impact", "impact unit", "Total impact of the optimum under that model."),
    Column("EqualImpact", "equal_impact", "impact unit", "Equal shares under the same model."),
    Column("Improvement", "improvement", "of equal", "1 - optimal / equal under the same model."),
    Column("ReferenceShares", "reference_shares", "shares", "Shares per interval at which the model agrees with the order's own; without ta_reference_shares the order over its tradable intervals."),
    Column("Status", "status", "", "OK, or why the order can't be traded.", kind=Kind.TEXT),
)  # fmt: skip

SCENARIO_TABLES: dict[str, tuple[Column, ...]] = {
    TBL_SCENARIOS: SCENARIO_COLUMNS,
    TBL_SCENARIO_RESULTS: SCENARIO_RESULT_COLUMNS,
    TBL_SCENARIO_SCHEDULES: SCENARIO_SCHEDULES_COLUMNS,
    TBL_CAP_VALUES: CAP_VALUE_COLUMNS,
    TBL_BY_PARTICIPATION: BY_PARTICIPATION_COLUMNS,
    TBL_BY_EXPONENT: BY_EXPONENT_COLUMNS,
}
