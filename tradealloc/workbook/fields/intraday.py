"""The tables of the trading day: fills (input), progress with the plan in force, alerts.

tblSchedule stays the morning's schedule, so that its fingerprint and checks keep their meaning; the plan in force is the
column Plan of tblProgress.
"""

from __future__ import annotations

from .kinds import Column, Kind

TBL_FILLS, TBL_PROGRESS, TBL_ALERTS = "tblFills", "tblProgress", "tblAlerts"

FILL_COLUMNS: tuple[Column, ...] = (
    Column("Time", "time", "time", "When it was filled, local.", required=True, kind=Kind.TIME),
    Column("Shares", "shares", "shares", "Shares filled.", required=True, minimum=0, above_minimum=True),
    Column("Price", "price", "currency", "Price of the fill.", required=True, minimum=0, above_minimum=True),
    Column("Side", "side", "", "buy or sell; blank: the order's.", kind=Kind.TEXT),
    Column("Symbol", "symbol", "", "What was traded; blank: the order's.", kind=Kind.TEXT),
    Column("Mid", "mid", "currency", "Mid just before the fill; blank: from market data, where they are given.", minimum=0, above_minimum=True),
    Column("FillId", "identity", "", "The execution's id: two rows with one id are one fill.", kind=Kind.TEXT),
)  # fmt: skip

FILL_ORDER = Column("OrderId", "order_id", "", "Order that it belongs to.", kind=Kind.TEXT)
FILL_CHECKS: tuple[Column, ...] = (
    Column("Currency", "currency", "", "Of the price.", kind=Kind.TEXT),
    FILL_ORDER,
)
"""Columns of fills that the templates' table lacks: where a desk's file has them, all fills must agree in them."""

PROGRESS_COLUMNS: tuple[Column, ...] = (
    Column("Interval", "interval", "", "As in the intervals table.", kind=Kind.TEXT),
    Column("Start", "start", "time", "As in the intervals table.", kind=Kind.TIME),
    Column("Morning", "morning", "shares", "The morning's schedule, from which the plan came: Allocation in the schedule's table."),
    Column("Scheduled", "scheduled", "shares", "The plan that was in force before."),
    Column("Filled", "filled", "shares", "Shares done."),
    Column("Plan", "plan", "shares", "The plan in force: what was filled in the past, what is to trade from now on."),
    Column("Remaining", "remaining", "shares", "Left after the interval, by this plan."),
    Column("Slippage", "slippage", "currency/share", "Average of fills against mids; positive costs."),
    Column("Predicted", "predicted", "currency/share", "What the morning's model gives for what was filled."),
    Column("LowLimit", "low_limit", "currency/share", "Lower control limit: slippage is between the limits in 99.7 % of intervals while the morning's model holds."),
    Column("HighLimit", "high_limit", "currency/share", "Upper control limit."),
    Column("Status", "status", "", "done, now or open.", kind=Kind.TEXT),
)  # fmt: skip

ALERT_COLUMNS: tuple[Column, ...] = (
    Column("Kind", "kind", "", "What it is about.", kind=Kind.TEXT),
    Column("Alert", "alert", "", "The sentence.", kind=Kind.TEXT),
)

INTRADAY_TABLES: dict[str, tuple[Column, ...]] = {
    TBL_FILLS: FILL_COLUMNS,
    TBL_PROGRESS: PROGRESS_COLUMNS,
    TBL_ALERTS: ALERT_COLUMNS,
}
"""The tables of the trading day."""
