"""The tables of post-trade analysis: fills and orders in; parts, results by order, groups and forecasts out."""

from __future__ import annotations

from .intraday import FILL_COLUMNS as DAY_FILL_COLUMNS
from .intraday import FILL_ORDER, TBL_FILLS
from .kinds import Column, Kind

TBL_TCA_ORDERS = "tblTcaOrders"
TBL_TCA_PARTS, TBL_TCA_RESULTS, TBL_TCA_GROUPS = "tblTcaParts", "tblTcaResults", "tblTcaGroups"

FILL_COLUMNS: tuple[Column, ...] = (
    *DAY_FILL_COLUMNS,
    FILL_ORDER,
    Column("Bid", "bid", "currency", "Best bid just before the fill.", minimum=0, above_minimum=True),
    Column("Ask", "ask", "currency", "Best ask just before the fill.", minimum=0, above_minimum=True),
    Column("MidAfter", "mid_after", "currency", "Mid a minute or so after the fill.", minimum=0, above_minimum=True),
    Column("Fees", "fees", "currency", "Fees and taxes of the fill; blank among others: none."),
    Column("Broker", "broker", "", "Who filled it; blank: the order's broker.", kind=Kind.TEXT),
)  # fmt: skip
"""The fills of the day, with what only the analysis after it needs."""

TCA_ORDER_COLUMNS: tuple[Column, ...] = (
    Column("OrderId", "order_id", "", "What the order is called; no two alike.", required=True, kind=Kind.TEXT),
    Column("Symbol", "symbol", "", "What was traded.", kind=Kind.TEXT),
    Column("Side", "side", "", "buy or sell.", required=True, kind=Kind.CHOICE),
    Column("Shares", "shares", "shares", "Shares that were to be traded.", required=True, minimum=0, above_minimum=True),
    Column("DecisionPrice", "decision_price", "currency", "Mid at the decision, where it is known apart from the arrival price.", minimum=0, above_minimum=True),
    Column("ArrivalPrice", "arrival_price", "currency", "Mid when the order reached the desk.", required=True, minimum=0, above_minimum=True),
    Column("EndPrice", "end_price", "currency", "Price at which what is unfilled is valued.", minimum=0, above_minimum=True),
    Column("Start", "start", "time", "Begin of the order's window.", kind=Kind.TIME),
    Column("End", "end", "time", "End of the order's window.", kind=Kind.TIME),
    Column("Broker", "broker", "", "Who worked it.", kind=Kind.TEXT),
    Column("Currency", "currency", "", "Of the prices.", kind=Kind.TEXT),
    Column("VWAP", "vwap", "currency", "Market's volume-weighted price over the execution.", minimum=0, above_minimum=True),
    Column("TWAP", "twap", "currency", "Market's mean price over the execution.", minimum=0, above_minimum=True),
    Column("Close", "close", "currency", "Close of the day.", minimum=0, above_minimum=True),
    Column("PredictedBps", "predicted_bps", "bps", "Slippage against arrival that was forecast."),
    Column("PredictedLow", "predicted_low", "bps", "Lower end of the forecast."),
    Column("PredictedHigh", "predicted_high", "bps", "Upper end of the forecast."),
)  # fmt: skip

TCA_PART_COLUMNS: tuple[Column, ...] = (
    Column("Currency", "currency", "", "Of the amounts.", kind=Kind.TEXT),
    Column("Part", "part", "", "Part of the shortfall; the last row of a currency is the whole.", kind=Kind.TEXT),
    Column("Cost", "cost", "currency", "What it cost, to the cent; the parts sum to the whole."),
    Column("Bps", "bps", "bps", "Cost over filled shares times arrival price."),
)  # fmt: skip

_PART = "Part of the shortfall; blank where the data doesn't tell it."

TCA_RESULT_COLUMNS: tuple[Column, ...] = (
    Column("OrderId", "order_id", "", "As in the orders.", kind=Kind.TEXT),
    Column("Symbol", "symbol", "", "As in the orders.", kind=Kind.TEXT),
    Column("Side", "side", "", "buy or sell.", kind=Kind.TEXT),
    Column("Currency", "currency", "", "Of the amounts.", kind=Kind.TEXT),
    Column("Filled", "filled", "shares", "Shares filled."),
    Column("Unfilled", "unfilled", "shares", "Shares left over."),
    Column("AveragePrice", "average_price", "currency", "Average price of the fills."),
    Column("Shortfall", "shortfall", "currency", "Implementation shortfall: the sum of the parts."),
    Column("ShortfallBps", "shortfall_bps", "bps", "Shortfall over filled shares times arrival price."),
    Column("Delay", "delay", "currency", _PART),
    Column("Timing", "timing", "currency", _PART),
    Column("Permanent", "permanent", "currency", _PART),
    Column("TimingAndPermanent", "drift", "currency", "Timing and permanent impact together, where they can't be told apart."),
    Column("Spread", "spread", "currency", _PART),
    Column("Temporary", "temporary", "currency", _PART),
    Column("SpreadAndTemporary", "trading", "currency", "Spread and temporary impact together, where they can't be told apart."),
    Column("Execution", "execution", "currency", "All from arrival to fill, where no mid is known at the fills."),
    Column("Opportunity", "opportunity", "currency", _PART),
    Column("Fees", "fees", "currency", _PART),
    Column("ArrivalBps", "arrival_bps", "bps", "Slippage against the arrival price."),
    Column("VwapBps", "vwap_bps", "bps", "Slippage against the interval's VWAP."),
    Column("TwapBps", "twap_bps", "bps", "Slippage against the interval's TWAP."),
    Column("CloseBps", "close_bps", "bps", "Slippage against the close."),
    Column("PredictedBps", "predicted_bps", "bps", "Slippage against arrival that was forecast."),
)  # fmt: skip

TCA_GROUP_COLUMNS: tuple[Column, ...] = (
    Column("By", "by", "", "What the fills are grouped by.", kind=Kind.TEXT),
    Column("Group", "name", "", "What they have in common.", kind=Kind.TEXT),
    Column("Currency", "currency", "", "Of the amounts.", kind=Kind.TEXT),
    Column("Orders", "orders", "orders", "Orders with fills in the group.", kind=Kind.INTEGER),
    Column("Fills", "fills", "fills", "Fills in the group.", kind=Kind.INTEGER),
    Column("Shares", "shares", "shares", "Shares filled."),
    Column("Notional", "notional", "currency", "Shares times arrival price."),
    Column("Slippage", "slippage", "currency", "Against arrival; the groups of a grouping sum to the whole."),
    Column("ArrivalBps", "arrival_bps", "bps", "Notional-weighted mean slippage against arrival."),
    Column("LowBps", "low_bps", "bps", "Lower end of its 95 % interval; blank for a single order."),
    Column("HighBps", "high_bps", "bps", "Upper end."),
    Column("VwapBps", "vwap_bps", "bps", "Mean against the interval's VWAP."),
    Column("TwapBps", "twap_bps", "bps", "Mean against the interval's TWAP."),
    Column("CloseBps", "close_bps", "bps", "Mean against the close."),
)  # fmt: skip

TCA_TABLES: dict[str, tuple[Column, ...]] = {
    TBL_FILLS: FILL_COLUMNS,
    TBL_TCA_ORDERS: TCA_ORDER_COLUMNS,
    TBL_TCA_PARTS: TCA_PART_COLUMNS,
    TBL_TCA_RESULTS: TCA_RESULT_COLUMNS,
    TBL_TCA_GROUPS: TCA_GROUP_COLUMNS,
}
