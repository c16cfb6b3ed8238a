"""The names and tables of one order: inputs, results, intervals, schedule, comparison, sizes."""

from __future__ import annotations

from .kinds import Column, Field, Kind, Role

CONTRACT_VERSION = 2
"""1: without run log; 2: with it."""

INPUTS: tuple[Field, ...] = (
    Field("contract_version", Kind.INTEGER, "Contract version", "", "Version of the names in this workbook.",
          default=float(CONTRACT_VERSION), minimum=1),
    Field("symbol", Kind.TEXT, "Symbol", "", "What is traded; shown on reports."),
    Field("side", Kind.CHOICE, "Side", "", "Buy or sell; costs are positive for both.",
          default="buy", choices=("buy", "sell"), short=("b", "s")),
    Field("shares", Kind.NUMBER, "Order size", "shares", "Shares to trade over the day.",
          minimum=0, above_minimum=True, required=True),
    Field("arrival_price", Kind.NUMBER, "Arrival price", "currency", "Mid price at the decision; turns slippage into bps and currency.",
          minimum=0, above_minimum=True),
    Field("impact_unit", Kind.CHOICE, "Impact unit", "", "Unit of beta, half-spreads and caps: price (currency per share), fraction or bps of the arrival price.",
          default="price", choices=("price", "fraction", "bps"), option="unit"),
    Field("model", Kind.CHOICE, "Impact model", "", "linear: h + beta x; power: h + beta x^p; quadratic: h + beta x + gamma x^2.",
          default="linear", choices=("linear", "power", "quadratic"), option="model"),
    Field("exponent", Kind.NUMBER, "Exponent p", "", "Exponent of the power model; 0 is a linear programme.",
          minimum=0, option="exponent"),
    Field("reference_shares", Kind.NUMBER, "Reference size", "shares", "Shares per interval at which the nonlinear model agrees with the linear betas; blank: betas are taken as they stand.",
          minimum=0, above_minimum=True, option="reference_shares"),
    Field("method", Kind.CHOICE, "Method", "", "auto picks the cheapest exact method.",
          default="auto", choices=("auto", "analytic", "dual", "cvxpy", "slsqp"), option="method"),
    Field("lot_size", Kind.NUMBER, "Lot size", "shares", "Trade whole lots; a remainder goes into one interval. Blank: fractional shares.",
          minimum=0, above_minimum=True, option="lot"),
    Field("min_clip", Kind.NUMBER, "Minimum clip", "shares", "An interval trades nothing or at least this. Blank: any size.",
          minimum=0, option="min_clip"),
    Field("participation", Kind.NUMBER, "Participation cap", "of volume", "Largest share of the interval's total forecast volume, our own shares in it.",
          minimum=0, above_minimum=True, maximum=1, option="participation"),
    Field("impact_cap", Kind.NUMBER, "Impact cap", "impact unit", "Largest slippage per share in any interval, half-spread included.",
          minimum=0, above_minimum=True, option="impact_cap"),
    Field("risk_aversion", Kind.NUMBER, "Risk aversion", "1/currency", "Weight of timing risk (Almgren-Chriss lambda); not built yet, leave blank.",
          minimum=0, option="risk_aversion"),
    Field("window_start", Kind.TIME, "Window start", "time", "Intervals that start earlier don't trade.", option="window_start"),
    Field("window_end", Kind.TIME, "Window end", "time", "Intervals that start at or after this don't trade.", option="window_end"),
)  # fmt: skip

OUTPUTS: tuple[Field, ...] = (
    Field("total_impact", Kind.NUMBER, "Total impact", "impact unit", "Average slippage per share of the whole order.", Role.OUTPUT),
    Field("total_impact_bps", Kind.NUMBER, "Total impact", "bps", "The same in basis points of the arrival price.", Role.OUTPUT),
    Field("total_cost", Kind.NUMBER, "Total cost", "currency", "Slippage of the whole order in currency.", Role.OUTPUT),
    Field("improvement", Kind.NUMBER, "Improvement", "of equal", "1 - total impact / total impact of equal shares, same model.", Role.OUTPUT),
    Field("saving", Kind.NUMBER, "Saving", "currency", "Cost of equal shares less cost of the schedule.", Role.OUTPUT),
    Field("shadow_price", Kind.NUMBER, "Shadow price", "impact unit", "Cost of one more share; blank where the limits leave no room for one.", Role.OUTPUT),
    Field("kkt_residual", Kind.NUMBER, "KKT residual", "of S/N", "Largest distance of an interval from its optimality condition.", Role.OUTPUT),
    Field("duality_gap", Kind.NUMBER, "Duality gap", "of cost", "Cost above the proven lower bound.", Role.OUTPUT),
    Field("status", Kind.TEXT, "Status", "", "OK, STALE after an input changed, or NOT RUN.", Role.OUTPUT, may_be_formula=True),
    Field("run_at", Kind.TEXT, "Run at", "", "When the results were computed.", Role.OUTPUT),
    Field("fingerprint", Kind.NUMBER, "Fingerprint", "", "Number computed from all inputs of the run; sheet formulas recompute it.", Role.OUTPUT),
    Field("checks", Kind.TEXT, "Checks", "", "OK when every check in the workbook passes.", Role.OUTPUT, may_be_formula=True),
)  # fmt: skip

TBL_INTERVALS, TBL_SCHEDULE = "tblIntervals", "tblSchedule"
TBL_COMPARISON, TBL_SENSITIVITY = "tblComparison", "tblSensitivity"

INTERVAL_COLUMNS: tuple[Column, ...] = (
    Column("Interval", "interval", "", "Number or label of the interval.", kind=Kind.TEXT),
    Column("Start", "start", "time", "Start of the interval.", kind=Kind.TIME),
    Column("Beta", "beta", "impact unit/share", "Slope of slippage in the interval's shares.", required=True, minimum=0, above_minimum=True),
    Column("Gamma", "gamma", "impact unit/share^2", "Curvature of the quadratic model; negative only where the cost stays convex."),
    Column("HalfSpread", "half_spread", "impact unit", "Half the quoted spread, paid by every share.", minimum=0),
    Column("Volume", "volume", "shares", "Total forecast volume, our own shares in it; 0: no trade under a participation cap.", minimum=0),
    Column("Volatility", "volatility", "impact unit", "Standard deviation of the price change per interval.", minimum=0),
    Column("MinShares", "min_shares", "shares", "At least this many shares; blank: 0.", minimum=0),
    Column("MaxShares", "max_shares", "shares", "At most this many shares; blank: no limit.", minimum=0),
)  # fmt: skip

SCHEDULE_COLUMNS: tuple[Column, ...] = (
    Column("Interval", "interval", "", "As in the intervals table.", kind=Kind.TEXT),
    Column("Start", "start", "time", "As in the intervals table.", kind=Kind.TIME),
    Column("Equal", "equal", "shares", "Equal shares over the tradable intervals."),
    Column("VWAP", "vwap", "shares", "Shares in proportion to forecast volume; blank without volumes."),
    Column("Allocation", "allocation", "shares", "The optimal schedule."),
    Column("Cumulative", "cumulative", "shares", "Traded up to and including the interval."),
    Column("Remaining", "remaining", "shares", "Left after the interval."),
    Column("Participation", "participation", "of volume", "Allocation over forecast volume."),
    Column("Impact", "impact", "impact unit", "Average slippage per share in the interval."),
    Column("Cost", "cost", "currency", "Allocation x impact; in shares x impact unit where no arrival price is given."),
    Column("Binding", "binding", "", "The limit that holds the interval, if any.", kind=Kind.TEXT),
)  # fmt: skip

COMPARISON_COLUMNS: tuple[Column, ...] = (
    Column("Strategy", "strategy", "", "How the shares are split.", kind=Kind.TEXT),
    Column("Method", "method", "", "How the split was computed.", kind=Kind.TEXT),
    Column("TotalImpact", "total_impact", "impact unit", "Average slippage per share."),
    Column("Improvement", "improvement", "of equal", "Against equal shares under the row's own model."),
    Column("AllocationStd", "allocation_std", "shares", "Population standard deviation of the allocation."),
    Column("LimitsBroken", "limits_broken", "intervals", "Intervals in which the row breaks a limit."),
)  # fmt: skip

SENSITIVITY_COLUMNS: tuple[Column, ...] = (
    Column("TotalShares", "total_shares", "shares", "Order size to price (input).", minimum=0),
    Column("OptimalImpact", "optimal_impact", "impact unit", "Total impact of the optimum at that size."),
    Column("EqualImpact", "equal_impact", "impact unit", "Total impact of equal shares at that size."),
    Column("Improvement", "improvement", "of equal", "1 - optimal / equal."),
    Column("Status", "status", "", "OK, or why the size can't be traded.", kind=Kind.TEXT),
)  # fmt: skip
