"""Which kind of market data files hold, by name and header; and the source that reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from tradealloc.errors import InputError
from tradealloc.market.book import BookSource
from tradealloc.market.quality import GAP
from tradealloc.market.session import Session

from .bars import BarsFile
from .lobster import FileName, LobsterFiles, sorted_pairs
from .mbp10 import Mbp10File
from .stream import first_rows
from .table import BAR_COLUMNS, PRINT_COLUMNS, found_columns
from .timing import SessionHours
from .trades import PrintsFile

MarketData = BookSource | PrintsFile | BarsFile


def open_market_data(
    paths: Path | str | Sequence[Path | str],
    session: Session | None = None,
    *,
    hours: SessionHours | None = None,
    tick: float = 0.01,
    gap: dt.timedelta = GAP,
) -> list[MarketData]:
    """The sources behind files of market data, one a symbol and day.

    LOBSTER pairs are known by ``message`` and ``orderbook`` in their names (one of a pair finds the other beside it),
    MBP-10 by its headers, bars by volume without a price for each row, prints by time, price and size.

    Parameters
    ----------
    paths
        Files, in any order; .csv, .csv.gz or .csv.zst.
    session
        The hours of the one day that all files are of. Otherwise file names, first times and `hours` say them.
    hours
        Open, close, time zone, date and interval where they differ from 09:30 to 16:00 New York in minutes.
    tick
        Smallest price step, currency.
    gap
        Silences longer than this are reported.

    Returns
    -------
    list
        Headed files in the order of the paths, then LOBSTER pairs.
        `LobsterFiles` and `Mbp10File` are `BookSource`; `PrintsFile` has ``prints()``,
        `BarsFile` has ``bars()``; all have symbol, session and ``quality()``.

    Raises
    ------
    InputError, WorkbookError
        No file is given, or one can't be read or isn't any of these.
    """
    files = [Path(path) for path in ([paths] if isinstance(paths, Path | str) else paths)]
    if not files:
        raise InputError("is missing: give files of market data", argument="paths")
    wish = hours or SessionHours()
    headed: dict[int, MarketData] = {}
    lobster = []
    for position, path in enumerate(files):
        if _is_lobster(path):
            lobster.append(path)
        else:
            headed[position] = _headed(path, session, wish, tick, gap)
    sources = [source for _, source in sorted(headed.items())]
    for message, orderbook in sorted_pairs(lobster):
        sources.append(_lobster(message, orderbook, session, wish, tick, gap))
    return sources


def _is_lobster(path: Path) -> bool:
    if FileName.of(path) is not None:
        return True
    rows = first_rows(path, 1)
    named = "message" in path.name.lower() or "orderbook" in path.name.lower()
    return named and bool(rows) and all(_is_number(cell) for cell in rows[0])


def _lobster(
    message: Path | None,
    orderbook: Path | None,
    session: Session | None,
    wish: SessionHours,
    tick: float,
    gap: dt.timedelta,
) -> LobsterFiles:
    if session is None:
        name = FileName.of(message or orderbook or Path())
        if name is not None:
            session = wish.on(wish.date or name.date, name.open, name.close)
        elif wish.date is not None:
            session = wish.on(wish.date)
    return LobsterFiles(message, orderbook, session=session, tick=tick, gap=gap)


def _headed(path: Path, session: Session | None, wish: SessionHours, tick: float, gap: dt.timedelta) -> MarketData:
    rows = first_rows(path, 1)
    headers = rows[0] if rows else []
    if not headers:
        raise InputError("is empty: give a file of market data", where=path.name)
    if "ts_event" in headers and any(header.startswith(("bid_px_", "ask_px_")) for header in headers):
        return Mbp10File(path, session=session, hours=wish, tick=tick, gap=gap)
    prints, bars = found_columns(headers, PRINT_COLUMNS), found_columns(headers, BAR_COLUMNS)
    if {"time", "price", "size"} <= prints.keys():
        return PrintsFile(path, session=session, hours=wish, gap=gap)
    if {"time", "volume"} <= bars.keys():
        return BarsFile(path, session=session, hours=wish)
    raise InputError(
        f"isn't market data that is known here (it begins {', '.join(headers)[:60]}): give LOBSTER message and "
        "orderbook files, MBP-10, prints (time, price, size, side) or bars (time, volume), with headers",
        where=path.name,
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
