"""JSON: one object; run, orders, and the intervals of each; every float to its last bit.

::

    {"format": "tradealloc schedule", "units": {"shares": "shares", ...},
     "impact_unit": "price", "run_at": "...", "fingerprint": ..., "contract_version": 1,
     "orders": [{"order_id": "...", "symbol": "...", "side": "buy", "order_shares": ..., "arrival_price": ...,
                 "intervals": [{"interval": 1, "start": "09:30:00", "shares": 250, ...}, ...]}, ...]}

Keys are the columns of `columns.EXPORT_COLUMNS`; dates and times are ISO texts, a blank is null.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tradealloc.errors import InputError, WorkbookError

from .child import ChildOrder
from .columns import EXPORT_COLUMNS, ExportColumn, Level, Type, Value, child_of
from .csv_file import WHOLE

FORMAT = "tradealloc schedule"
_OF = {level: [column for column in EXPORT_COLUMNS if column.level is level] for level in Level}

Plain = str | int | float | None


def json_bytes(children: Sequence[ChildOrder]) -> bytes:
    """The rows as one JSON object; at least one row."""
    orders = [
        {**order, "intervals": [_part(child, Level.INTERVAL) for child in group]}
        for order, group in _grouped(children, Level.ORDER)
    ]
    content = {
        "format": FORMAT,
        "units": {column.name: column.unit for column in EXPORT_COLUMNS if column.unit},
        **_part(children[0], Level.RUN),
        "orders": orders,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _grouped(children: Sequence[ChildOrder], level: Level) -> list[tuple[dict[str, Plain], list[ChildOrder]]]:
    groups = groupby(children, key=lambda child: child.order_id)
    return [(_part(rows[0], level), rows) for rows in (list(group) for _, group in groups)]


def _part(child: ChildOrder, level: Level) -> dict[str, Plain]:
    return {column.name: _plain(getattr(child, column.name)) for column in _OF[level]}


def _plain(value: Value) -> Plain:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE:
        return int(value)
    return value


def read_json(path: Path) -> list[ChildOrder]:
    """The rows of a file that `json_bytes` made.

    Raises
    ------
    WorkbookError
        The file can't be read.
    InputError
        It isn't such a file.
    """
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkbookError(f"{path} can't be read as JSON ({error}): export it again") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("isn't a schedule that tradealloc exported", where=path.name)
    try:
        run = _values(content, Level.RUN)
        return [
            child_of({**run, **_values(order, Level.ORDER), **_values(interval, Level.INTERVAL)})
            for order in content["orders"]
            for interval in order["intervals"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"lacks or spoils a field ({error}): export it again", where=path.name) from None


def _values(part: Mapping[str, Plain], level: Level) -> dict[str, Value]:
    return {column.name: _value(column, part[column.name]) for column in _OF[level]}


def _value(column: ExportColumn, plain: Plain) -> Value:
    if plain is None and column.blank:
        return None
    if isinstance(plain, str):
        return _PARSERS[column.type](plain)
    if plain is None or isinstance(plain, bool) or column.type not in (Type.INTEGER, Type.NUMBER):
        raise ValueError(f"{column.name} is {plain!r}")
    return float(plain) if column.type is Type.NUMBER else int(plain)


_PARSERS: dict[Type, Callable[[str], Value]] = {
    Type.TEXT: str,
    Type.DATE: dt.date.fromisoformat,
    Type.TIME: dt.time.fromisoformat,
}
