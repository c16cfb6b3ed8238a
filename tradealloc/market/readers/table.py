"""Headed tables whose columns go by several names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tradealloc.errors import InputError

PRINT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "ts_event", "datetime"),
    "price": ("price", "px"),
    "size": ("size", "qty", "quantity", "shares", "volume"),
    "side": ("side",),
    "symbol": ("symbol", "ticker"),
}
BAR_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "time": ("start", "time", "timestamp", "ts_event", "datetime"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
    "symbol": ("symbol", "ticker"),
}


def found_columns(headers: list[str], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Which header of the file each column goes by; absent where there is none."""
    by_key = {header.casefold(): header for header in headers}
    return {
        key: by_key[next(name for name in known if name in by_key)]
        for key, known in names.items()
        if any(name in by_key for name in known)
    }


def require(path: Path, found: Mapping[str, str], names: Mapping[str, tuple[str, ...]], *wanted: str) -> None:
    """InputError naming what is missing."""
    if missing := [f"{key} ({', '.join(names[key])})" for key in wanted if key not in found]:
        raise InputError(f"lacks the column {'; '.join(missing)}: add it", where=path.name)
