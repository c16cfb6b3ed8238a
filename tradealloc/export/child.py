"""One interval of one order: the child order that an order-management system works."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """A row of an export; what each field means is said once, in `columns.EXPORT_COLUMNS`."""

    order_id: str
    symbol: str | None
    side: str
    interval: int
    label: str
    date: dt.date | None
    start: dt.time | None
    end: dt.time | None
    end_day: int | None
    shares: float
    cumulative: float
    participation: float | None
    impact: float | None
    cost: float | None
    binding: str | None
    order_shares: float
    arrival_price: float | None
    impact_unit: str
    run_at: str
    fingerprint: float
    contract_version: int
