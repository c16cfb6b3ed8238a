"""The tables of a blotter: many orders, one schedule each, totals by symbol and by time."""

from __future__ import annotations

from .kinds import Column, Kind
from .order import INTERVAL_COLUMNS

TBL_ORDERS, TBL_PROFILES = "tblOrders", "tblProfiles"
TBL_ORDER_RESULTS, TBL_SCHEDULES = "tblOrderResults", "tblSchedules"
TBL_BY_SYMBOL, TBL_BY_TIME = "tblBySymbol", "tblByTime"

ORDER_COLUMNS: tuple[Column, ...] = (
    Column("OrderId", "order_id", "", "What the order is called; no two alike.", required=True, kind=Kind.TEXT),
    Column("Symbol", "symbol", "", "What is traded; blank: as the workbook says.", kind=Kind.TEXT),
    Column("Side", "side", "", "buy or sell (B or S); blank: as the workbook says.", kind=Kind.CHOICE),
    Column("Shares", "shares", "shares", "Shares to trade over the day.", required=True, minimum=0, above_minimum=True),
    Column("Profile", "profile", "", "Name of the order's profile in tblProfiles.", required=True, kind=Kind.TEXT),
    Column("ArrivalPrice", "arrival_price", "currency", "Mid price at the decision, all in one currency; blank: as the workbook says.", minimum=0, above_minimum=True),
    Column("WindowStart", "window_start", "time", "Intervals that start earlier don't trade; blank: as the workbook says.", kind=Kind.TIME),
    Column("WindowEnd", "window_end", "time", "Intervals that start at or after this don't trade; blank: as the workbook says.", kind=Kind.TIME),
    Column("Participation", "participation", "of volume", "Largest share of an interval's volume; blank: as the workbook says.", minimum=0, above_minimum=True),
    Column("ImpactCap", "impact_cap", "impact unit", "Largest slippage per share in any interval; blank: as the workbook says.", minimum=0, above_minimum=True),
    Column("MaxShares", "max_shares", "shares", "At most this many shares in any interval, beside the profile's own limits; blank: no limit.", minimum=0, above_minimum=True),
    Column("LotSize", "lot_size", "shares", "Trade whole lots; blank: as the workbook says.", minimum=0, above_minimum=True),
    Column("MinClip", "min_clip", "shares", "An interval trades nothing or at least this; blank: as the workbook says.", minimum=0),
)  # fmt: skip

PROFILE_COLUMNS: tuple[Column, ...] = (
    Column("Profile", "profile", "", "Name of the profile that the row belongs to.", required=True, kind=Kind.TEXT),
    *INTERVAL_COLUMNS,
)

ORDER_RESULT_COLUMNS: tuple[Column, ...] = (
    Column("OrderId", "order_id", "", "As in the orders table.", kind=Kind.TEXT),
    Column("Symbol", "symbol", "", "As in the orders table.", kind=Kind.TEXT),
    Column("Side", "side", "", "buy or sell.", kind=Kind.TEXT),
    Column("Shares", "shares", "shares", "Shares to trade."),
    Column("Notional", "notional", "currency", "Shares times arrival price."),
    Column("Status", "status", "", "OK, or the sentence that says why the order was not optimised.", kind=Kind.TEXT),
    Column("TotalImpact", "total_impact", "impact unit", "Average slippage per share."),
    Column("TotalImpactBps", "total_impact_bps", "bps", "The same in basis points of the arrival price."),
    Column("TotalCost", "total_cost", "currency", "Slippage of the order in currency."),
    Column("Improvement", "improvement", "of equal", "1 - total impact / total impact of equal shares."),
    Column("Saving", "saving", "currency", "Cost of equal shares less cost of the schedule."),
    Column("ShadowPrice", "shadow_price", "impact unit", "Cost of one more share; blank: no room within the limits."),
    Column("Intervals", "intervals", "intervals", "Intervals in which the order trades."),
    Column("AtLimit", "at_limit", "intervals", "Intervals held by a limit."),
    Column("PeakParticipation", "peak_participation", "of volume", "Largest share of an interval's volume; blank without volumes."),
    Column("KktResidual", "kkt_residual", "of S/N", "Largest distance from the optimality condition."),
    Column("DualityGap", "duality_gap", "of cost", "Cost above the proven lower bound."),
    Column("Method", "method", "", "How the schedule was computed.", kind=Kind.TEXT),
)  # fmt: skip

SCHEDULES_COLUMNS: tuple[Column, ...] = (
    Column("Interval", "interval", "", "Number of the interval in the day.", kind=Kind.INTEGER),
    Column("Start", "start", "time", "Start of the interval; blank where a profile gives no start times.", kind=Kind.TIME),
)  # fmt: skip
"""The columns on the left of tblSchedules; behind them stands one column an order, headed by its OrderId."""

BY_SYMBOL_COLUMNS: tuple[Column, ...] = (
    Column("Symbol", "symbol", "", "What is traded.", kind=Kind.TEXT),
    Column("Orders", "orders", "orders", "Orders optimised in the symbol.", kind=Kind.INTEGER),
    Column("BuyShares", "buy_shares", "shares", "Shares bought over the day."),
    Column("SellShares", "sell_shares", "shares", "Shares sold over the day."),
    Column("Notional", "notional", "currency", "Shares times arrival price, both sides."),
    Column("TotalCost", "total_cost", "currency", "Slippage in currency."),
    Column("ImpactBps", "impact_bps", "bps", "Slippage over notional, of the orders with an arrival price."),
    Column("Saving", "saving", "currency", "Cost of equal shares less cost of the schedules."),
    Column("PeakParticipation", "peak_participation", "of volume", "Largest share of an interval's volume, all orders in the symbol together."),
)  # fmt: skip

BY_TIME_COLUMNS: tuple[Column, ...] = (
    Column("Interval", "interval", "", "Number of the interval in the day.", kind=Kind.INTEGER),
    Column("Start", "start", "time", "Start of the interval; blank where a profile gives no start times.", kind=Kind.TIME),
    Column("BuyShares", "buy_shares", "shares", "Shares bought in the interval, all orders."),
    Column("SellShares", "sell_shares", "shares", "Shares sold in the interval, all orders."),
    Column("Notional", "notional", "currency", "Shares times arrival price, both sides."),
    Column("TotalCost", "total_cost", "currency", "Slippage in currency."),
    Column("CumulativeShare", "cumulative_share", "of notional", "Part of the notional traded by the end of the interval."),
)  # fmt: skip

BLOTTER_TABLES: dict[str, tuple[Column, ...]] = {
    TBL_ORDERS: ORDER_COLUMNS,
    TBL_PROFILES: PROFILE_COLUMNS,
    TBL_ORDER_RESULTS: ORDER_RESULT_COLUMNS,
    TBL_SCHEDULES: SCHEDULES_COLUMNS,
    TBL_BY_SYMBOL: BY_SYMBOL_COLUMNS,
    TBL_BY_TIME: BY_TIME_COLUMNS,
}
