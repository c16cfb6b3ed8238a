"""One child order a row under FIX field names, for a system that stages orders from CSV.

Names, tags and values are those of FIX 4.4 (NewOrderSingle). TransactTime (60), SendingTime (52) and session fields
aren't here: whoever sends the order stamps them.
"""

from __future__ import annotations

import base64
import datetime as dt
import difflib
import hashlib
import zoneinfo
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tradealloc.errors import InputError

from .child import ChildOrder
from .csv_file import number_text, table_bytes
from .text import neutral

SIDES = {"buy": "1", "sell": "2"}
MARKET, GOOD_TILL_DATE = "1", "6"


@dataclass(frozen=True, slots=True)
class FixColumn:
    """A FIX field: its name is the CSV header."""

    name: str
    tag: int
    help: str


FIX_COLUMNS: tuple[FixColumn, ...] = (
    FixColumn("ClOrdID", 11, "Unique; the same for the same run, date and interval: a file sent twice is caught."),
    FixColumn("ClOrdLinkID", 583, "The order's id, common to its child orders."),
    FixColumn("Symbol", 55, "Symbol."),
    FixColumn("Side", 54, "1 buy, 2 sell."),
    FixColumn("OrderQty", 38, "Whole shares."),
    FixColumn("OrdType", 40, "1 market: limits of price are the system's."),
    FixColumn("TimeInForce", 59, "6 good till date: until ExpireTime."),
    FixColumn("EffectiveTime", 168, "Start of the interval in UTC, YYYYMMDD-HH:MM:SS."),
    FixColumn("ExpireTime", 126, "End of the interval in UTC."),
    FixColumn("Text", 58, "Order and interval, to read."),
)  # fmt: skip


def fix_bytes(children: Sequence[ChildOrder], timezone: str) -> bytes:
    """The child orders that trade, under FIX names; children must carry dates.

    Parameters
    ----------
    children
        The rows; those of zero shares are left out.
    timezone
        Name of the zone that the start times are in, such as America/New_York. Summer time is heeded.

    Raises
    ------
    InputError
        Fractional shares, a symbol or a time missing, a time that the zone's clock skips or repeats on that day.
    """
    zone = find_zone(timezone)
    rows = [_row(child, zone) for child in children if child.shares > 0]
    twice = [name for name, count in Counter(row[0] for row in rows).items() if count > 1]
    if twice:
        raise InputError(f"comes out twice ({twice[0]}): give orders of the same symbol different ids", where="ClOrdID")
    return table_bytes([column.name for column in FIX_COLUMNS], rows)


def find_zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name; InputError with the nearest known."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        if not known:
            raise InputError("needs the time zone data: pip install tzdata", where="--timezone") from None
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "give a name such as America/New_York"
        raise InputError(f"is {name!r}: {hint}", where="--timezone") from None


def _row(child: ChildOrder, zone: zoneinfo.ZoneInfo) -> list[str]:
    place = f"{child.order_id}, interval {child.interval}"
    if not child.shares.is_integer():
        raise InputError(
            f"trades {child.shares:g} shares, and FIX takes whole ones: set a lot size of 1 and run again", where=place
        )
    if child.start is None or child.end is None or child.end_day is None:
        missing, remedy = ("start", "fill the column Start") if child.start is None else ("end", "fill ta_window_end")
        raise InputError(f"has no {missing} time, and FIX needs it: {remedy} and run again", where=place)
    if child.date is None:
        raise InputError("is missing: FIX times carry a date", where="--date")
    start = dt.datetime.combine(child.date, child.start)
    end = dt.datetime.combine(child.date + dt.timedelta(days=child.end_day), child.end)
    return [
        order_id(child),
        neutral(_printable(child.order_id)),
        _symbol(child),
        SIDES[child.side],
        number_text(child.shares),
        MARKET,
        GOOD_TILL_DATE,
        utc_text(start, zone, place),
        utc_text(end, zone, place),
        neutral(f"{_printable(child.order_id)} interval {child.interval}"),
    ]


def order_id(child: ChildOrder) -> str:
    """ClOrdID: ten letters of a hash over order, run and date, a dash, and the interval's number.

    At most 20 characters. Another run or another date gives other ids; the same export gives the same.
    """
    parts = (child.order_id, child.symbol, child.side, child.run_at, repr(child.fingerprint), child.date)
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return f"{base64.b32encode(digest).decode()[:10]}-{child.interval:04d}"


def utc_text(local: dt.datetime, zone: zoneinfo.ZoneInfo, place: str) -> str:
    """A local time as FIX's UTCTimestamp.

    Raises
    ------
    InputError
        The clock skips the time or shows it twice on that day.
    """
    aware = local.replace(tzinfo=zone)
    utc = aware.astimezone(dt.UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != local:
        raise InputError(
            f"is at {local}, which the clock of {zone.key} skips: correct the time or the date", where=place
        )
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        raise InputError(
            f"is at {local}, which the clock of {zone.key} shows twice: give the start times in UTC and --timezone UTC",
            where=place,
        )
    text = f"{utc:%Y%m%d-%H:%M:%S}"
    return f"{text}.{utc.microsecond // 1000:03d}" if utc.microsecond else text


def _symbol(child: ChildOrder) -> str:
    symbol = child.symbol or ""
    if not symbol:
        raise InputError("has no symbol, and FIX needs it: fill ta_symbol or the order's Symbol and run again",
                         where=child.order_id)  # fmt: skip
    if _printable(symbol) != symbol or neutral(symbol) != symbol:
        raise InputError(
            f"has the symbol {symbol!r}, which FIX can't carry: give the ticker in plain letters and run again",
            where=child.order_id,
        )
    return symbol


def _printable(text: str) -> str:
    """The text as FIX's ASCII strings hold it, other characters as ?."""
    return "".join(mark if " " <= mark <= "~" else "?" for mark in text)
