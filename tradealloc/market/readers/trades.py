"""Trade prints: time, price, size, and the side where it is known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.prints import Prints
from tradealloc.market.quality import GAP, KEPT_PLACES, Kind, QualityMeter, QualityReport
from tradealloc.market.session import Session

from .stream import Column, blocks, first_rows, floats, refuse_rows, texts
from .table import PRINT_COLUMNS, found_columns, require
from .timing import SessionHours, TimeColumn

if TYPE_CHECKING:
    import pyarrow as pa

_BUY = frozenset({"b", "buy", "buyer", "1", "+1"})
_SELL = frozenset({"s", "a", "sell", "seller", "-1"})
_UNKNOWN = frozenset({"", "n", "0", "unknown", "none"})


class PrintsFile:
    """A day of one symbol's trades from a headed CSV file, .csv, .csv.gz or .csv.zst.

    Columns time, price, size, and side and symbol where there are any, in any order. Sides: B, buy, 1 for a buyer who
    came to the book; S, A, sell, -1 for a seller; blank, N, 0 where unknown.

    Parameters
    ----------
    path
        The file.
    session
        The hours.
    hours
        What to make the session of, where none is given; times without a zone need its timezone.
    gap
        Silences longer than this are reported.
    """

    def __init__(
        self,
        path: Path,
        *,
        session: Session | None = None,
        hours: SessionHours | None = None,
        gap: dt.timedelta = GAP,
    ) -> None:
        rows = first_rows(path)
        self._names = found_columns(rows[0] if rows else [], PRINT_COLUMNS)
        require(path, self._names, PRINT_COLUMNS, "time", "price", "size")
        if len(rows) < 2:
            raise InputError("has headers but no trades: give a day of data", where=path.name)
        first = dict(zip(rows[0], rows[1], strict=False))
        self._time = TimeColumn.found(path, self._names["time"], first[self._names["time"]], session, hours)
        self._width, self._gap = len(rows[0]), gap
        self.path = path
        self.session = self._time.session
        self.symbol = first.get(self._names.get("symbol", ""), "")
        self._report: QualityReport | None = None

    def prints(self) -> Prints:
        """The trades within the session, in order of time.

        Raises
        ------
        InputError
            With file, row and column.
        WorkbookError
            The file is missing, truncated or damaged.
        """
        names = self._names
        columns = [self._time.column, Column(names["price"], "float"), Column(names["size"], "float")]
        columns += [Column(names[key], "text", blank=True) for key in ("side", "symbol") if key in names]
        parts = [self._part(row, batch) for row, batch in blocks(self.path, columns, header=True, width=self._width)]
        rows = np.concatenate([part.row for part in parts])
        prints = Prints(
            *(
                np.concatenate([getattr(part.prints, name) for part in parts])
                for name in ("time", "price", "size", "side")
            )
        )
        meter = QualityMeter(self.path.name, self.session, self._gap)
        prints, rows = _ordered(meter, prints, rows)
        inside = self.session.interval_of(prints.time) >= 0
        out = np.flatnonzero(~inside)
        meter.note(Kind.OUTSIDE, len(out), prints.time[out[:KEPT_PLACES]], rows[out[:KEPT_PLACES]])
        if not inside.any():
            session = self.session
            raise InputError(
                f"has no trade on {session.date} from {session.open:%H:%M} to {session.close:%H:%M} "
                f"{session.timezone}: check date, hours and time zone",
                where=self.path.name,
            )
        kept = prints.take(inside)
        meter.observe_times(kept.time, rows[inside], trades=len(kept))
        self._report = meter.report()
        return kept

    def quality(self) -> QualityReport:
        """What is wrong with the data; reads the file where it hasn't been read yet."""
        if self._report is None:
            self.prints()
        assert self._report is not None
        return self._report

    def _part(self, row: int, batch: pa.RecordBatch) -> _Part:
        path, names = self.path, self._names
        price, size = floats(batch, names["price"]), floats(batch, names["size"])
        refuse_rows(
            path, row, ~((price > 0) & np.isfinite(price)), lambda i: f"has the price {price[i]:g}: give one above 0"
        )
        refuse_rows(
            path, row, ~((size > 0) & np.isfinite(size)), lambda i: f"has the size {size[i]:g}: give one above 0"
        )
        if "symbol" in names:
            codes, symbols = texts(batch, names["symbol"])
            other = np.array([symbol != self.symbol for symbol in symbols], dtype=bool)[codes]
            refuse_rows(
                path,
                row,
                other,
                lambda i: (
                    f"is of {symbols[codes[i]]}, the rows before it of {self.symbol}: give one file for each symbol"
                ),
            )
        side = self._sides(row, batch) if "side" in names else np.zeros(batch.num_rows, np.int8)
        rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
        return _Part(Prints(self._time.local(path, row, batch), price, size, side), rows)

    def _sides(self, row: int, batch: pa.RecordBatch) -> NDArray[np.int8]:
        codes, values = texts(batch, self._names["side"])
        keys = [value.strip().casefold() for value in values]
        table = np.array(
            [1 if k in _BUY else -1 if k in _SELL else 0 if k in _UNKNOWN else 9 for k in keys], dtype=np.int8
        )
        side = table[codes]
        refuse_rows(
            self.path,
            row,
            side == 9,
            lambda i: f"has the side {values[codes[i]]!r}: give B, S or nothing where unknown",
        )
        return side


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    prints: Prints
    row: NDArray[np.int64]


def _ordered(meter: QualityMeter, prints: Prints, rows: NDArray[np.int64]) -> tuple[Prints, NDArray[np.int64]]:
    """The trades sorted by time, stably; what was late and what is doubled is noted."""
    late = np.flatnonzero(prints.time < np.maximum.accumulate(prints.time))
    meter.note(Kind.OUT_OF_ORDER, len(late), prints.time[late[:KEPT_PLACES]], rows[late[:KEPT_PLACES]])
    if len(late):
        order = np.argsort(prints.time, kind="stable")
        prints, rows = prints.take(order), rows[order]
    same = np.zeros(len(prints), dtype=bool)
    same[1:] = (
        (np.diff(prints.time) == 0)
        & (np.diff(prints.price) == 0)
        & (np.diff(prints.size) == 0)
        & (np.diff(prints.side) == 0)
    )
    found = np.flatnonzero(same)[:KEPT_PLACES]
    meter.note(Kind.DUPLICATE, int(same.sum()), prints.time[found], rows[found])
    return prints, rows
