"""Tables of a report from the columns of the registry: their units say how the figures are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from tradealloc.workbook import fields
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.outputs import TableColumns

from .figures import Figure, Layout, Value, shares
from .model import ACROSS, Column, Table

LAYOUTS = {
    "bps": Layout.BPS,
    "currency": Layout.MONEY,
    "of equal": Layout.PERCENT,
    "of volume": Layout.PERCENT,
    "of notional": Layout.PERCENT,
    "impact unit": Layout.IMPACT,
    "of S/N": Layout.RESIDUAL,
    "of cost": Layout.RESIDUAL,
    "intervals": Layout.COUNT,
    "orders": Layout.COUNT,
}
"""By the unit of a registered column; shares have a layout of their own."""


def registered_table(
    title: str,
    columns: Sequence[fields.Column],
    values: TableColumns,
    wanted: Mapping[str, str],
    unit: str,
    *,
    rows: Sequence[int] | None = None,
    note: str = "",
    span: int = ACROSS,
    page_rows: int | None = None,
) -> Table:
    """Some columns of a table of results; those that are blank throughout are left out.

    Parameters
    ----------
    title, note, span, page_rows
        As of `Table`.
    columns
        The table's columns in the registry.
    values
        Their cells, by header.
    wanted
        What to show: key of the column, and how it is called here.
    unit
        Name of the impact unit.
    rows
        Which rows, in this order; None: all.
    """
    by_key = {column.key: column for column in columns}
    chosen = range(len(next(iter(values.values())))) if rows is None else rows
    shown = {
        key: by_key[key] for key in wanted if any(values[by_key[key].header][row] not in (None, "") for row in chosen)
    }
    return Table(
        title,
        tuple(
            Column(wanted[key], column.unit.replace("impact unit", unit), is_text=column.kind is fields.Kind.TEXT)
            for key, column in shown.items()
        ),
        tuple(tuple(_value(values[c.header][row], c) for c in shown.values()) for row in chosen),
        note,
        span,
        page_rows,
    )


def _value(value: CellValue, column: fields.Column) -> Value:
    if value is None or isinstance(value, dt.time):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if column.kind is fields.Kind.TEXT:
            return f"{value:.10g}"
        return (
            shares(float(value)) if column.unit == "shares" else Figure(value, LAYOUTS.get(column.unit, Layout.SLOPE))
        )
    return str(value)
