"""The run log: one row for each run that wrote results."""

from __future__ import annotations

from .kinds import Column, Kind

TBL_RUN_LOG = "tblRunLog"

RUN_LOG_COLUMNS: tuple[Column, ...] = (
    Column("RunAt", "run_at", "", "When the results were computed.", kind=Kind.TEXT),
    Column("User", "user", "", "Who ran it: the name of the user's account.", kind=Kind.TEXT),
    Column("Command", "command", "", "What was run.", kind=Kind.TEXT),
    Column("Method", "method", "", "How the schedule was computed.", kind=Kind.TEXT),
    Column("Orders", "orders", "orders", "Orders optimised.", kind=Kind.INTEGER),
    Column("Shares", "shares", "shares", "Shares of the order, or of all orders."),
    Column("TotalImpact", "total_impact", "impact unit", "Average slippage per share."),
    Column("TotalImpactBps", "total_impact_bps", "bps", "The same in basis points of the arrival price."),
    Column("TotalCost", "total_cost", "currency", "Slippage of all shares in currency."),
    Column("Improvement", "improvement", "of equal", "1 - cost / cost of equal shares."),
    Column("KktResidual", "kkt_residual", "of S/N", "Largest KKT residual of the run."),
    Column("DualityGap", "duality_gap", "of cost", "Largest duality gap of the run."),
    Column("Result", "result", "", "OK, or what is wrong.", kind=Kind.TEXT),
)  # fmt: skip
