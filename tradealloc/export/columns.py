"""The columns of an export: names, types, units and meaning, whatever the format."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .child import ChildOrder

Value = str | int | float | dt.date | dt.time | None
"""What stands in a field of a child order."""


class Type(StrEnum):
    """How a column is written: text, whole number, float64, ISO date, ISO time of day."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"


class Level(StrEnum):
    """What a column belongs to: JSON says the run's and the order's once."""

    RUN = "run"
    ORDER = "order"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column: its name is the field of `ChildOrder`, the header in CSV and Parquet, and the key in JSON."""

    name: str
    type: Type
    unit: str
    help: str
    level: Level = Level.INTERVAL
    blank: bool = False
    """Whether it may be blank (null)."""


EXPORT_COLUMNS: tuple[ExportColumn, ...] = (
    ExportColumn(
        "order_id", Type.TEXT, "", "The order: OrderId of a blotter, --order-id, or symbol-side-run time.", Level.ORDER
    ),
    ExportColumn("symbol", Type.TEXT, "", "What is traded.", Level.ORDER, blank=True),
    ExportColumn("side", Type.TEXT, "", "buy or sell.", Level.ORDER),
    ExportColumn("interval", Type.INTEGER, "", "Number of the interval, 1 to N, intervals left out counted."),
    ExportColumn("label", Type.TEXT, "", "The interval as the workbook calls it."),
    ExportColumn(
        "date",
        Type.DATE,
        "local",
        "Day of the start: --date, and the days after past midnight; blank without --date.",
        blank=True,
    ),
    ExportColumn(
        "start", Type.TIME, "local", "Start of the interval; blank where the workbook has no start times.", blank=True
    ),
    ExportColumn(
        "end",
        Type.TIME,
        "local",
        "Start of the next interval, or the window's end if earlier; the last lasts as long as the one before.",
        blank=True,
    ),
    ExportColumn(
        "end_day",
        Type.INTEGER,
        "days",
        "Days from the start's date to the end's: 1 where the interval ends past midnight.",
        blank=True,
    ),
    ExportColumn(
        "shares", Type.NUMBER, "shares", "Shares to trade in the interval; whole where the order has a whole lot size."
    ),
    ExportColumn("cumulative", Type.NUMBER, "shares", "Traded up to and including the interval."),
    ExportColumn("participation", Type.NUMBER, "of volume", "Shares over forecast volume.", blank=True),
    ExportColumn(
        "impact", Type.NUMBER, "impact unit", "Expected average slippage per share; positive is a cost.", blank=True
    ),
    ExportColumn(
        "cost",
        Type.NUMBER,
        "currency",
        "Expected slippage in currency; blank where that needs an arrival price not given.",
        blank=True,
    ),
    ExportColumn("binding", Type.TEXT, "", "The limit that holds the interval.", blank=True),
    ExportColumn("order_shares", Type.NUMBER, "shares", "Size of the whole order.", Level.ORDER),
    ExportColumn("arrival_price", Type.NUMBER, "currency", "Mid price at the decision.", Level.ORDER, blank=True),
    ExportColumn(
        "impact_unit",
        Type.TEXT,
        "",
        "Unit of impact: price (currency per share), fraction or bps of the arrival price.",
        Level.RUN,
    ),
    ExportColumn(
        "run_at",
        Type.TEXT,
        "local",
        "When the schedule was computed, on the clock of the machine that ran it.",
        Level.RUN,
    ),
    ExportColumn(
        "fingerprint",
        Type.NUMBER,
        "",
        "Fingerprint of the run's inputs: equal exports come of equal inputs.",
        Level.RUN,
    ),
    ExportColumn("contract_version", Type.INTEGER, "", "Version of the workbook's names.", Level.RUN),
)


def values(child: ChildOrder) -> dict[str, Value]:
    """A child order by column, in order."""
    return {column.name: getattr(child, column.name) for column in EXPORT_COLUMNS}


def child_of(row: Mapping[str, Value]) -> ChildOrder:
    """The child order of a row; the inverse of `values`."""
    return ChildOrder(**{column.name: row[column.name] for column in EXPORT_COLUMNS})  # type: ignore[arg-type]
