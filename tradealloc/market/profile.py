"""A day profile: what each interval of a day costs and offers, with how well that is known."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError, WorkbookError

Floats = NDArray[np.float64]

LEVEL = 0.90
"""Probability that an interval of a profile holds the true value."""

COLUMNS: dict[str, str] = {
    "Beta": "beta",
    "HalfSpread": "half_spread",
    "Volume": "volume",
    "Volatility": "volatility",
    "MaxShares": "max_shares",
    "BetaError": "beta_error",
    "BetaLow": "beta_low",
    "BetaHigh": "beta_high",
    "HalfSpreadError": "half_spread_error",
    "HalfSpreadLow": "half_spread_low",
    "HalfSpreadHigh": "half_spread_high",
    "R2": "r_squared",
    "Samples": "samples",
}
"""Header in the file, and name here, of the numbers; the first five are columns of the workbook's intervals table."""

REQUIRED = ("Beta", "HalfSpread")


@dataclass(frozen=True, eq=False)
class DayProfile:
    """Costs and liquidity of N intervals of a day: I_t(x) = half_spread_t + beta_t x for x up to max_shares_t.

    Every array has shape (N,); NaN says "not known".

    Attributes
    ----------
    starts
        Start of each interval, local time.
    beta
        Slope of average slippage in the interval's shares, currency per share per share.
    half_spread
        Half the quoted spread, currency per share.
    volume
        Expected volume, shares.
    volatility
        Standard deviation of the mid's change over the interval, currency.
    max_shares
        Size up to which the costs were fitted: beyond it they aren't known, and a schedule should not go.
    beta_error, half_spread_error
        Standard errors.
    beta_low, beta_high, half_spread_low, half_spread_high
        Ends of the 90 % intervals.
    r_squared
        Share of slippage's variance that the fit explains.
    samples
        Books, or days, that the row rests on; 0 where it is filled in from the shape of the day.
    symbol
        What is traded; empty where unknown.
    sources
        What the profile was made from.
    warnings
        Sentences that the trader should read.
    """

    starts: tuple[dt.time, ...]
    beta: Floats
    half_spread: Floats
    volume: Floats
    volatility: Floats
    max_shares: Floats
    beta_error: Floats
    beta_low: Floats
    beta_high: Floats
    half_spread_error: Floats
    half_spread_low: Floats
    half_spread_high: Floats
    r_squared: Floats
    samples: Floats
    symbol: str = field(default="", kw_only=True)
    sources: tuple[str, ...] = field(default=(), kw_only=True)
    warnings: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        for name in COLUMNS.values():
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.shape != (self.intervals,):
                problem = f"has shape {values.shape}: give one number for each of {self.intervals} intervals"
                raise InputError(problem, argument=name)
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @classmethod
    def of(
        cls,
        starts: tuple[dt.time, ...],
        columns: Mapping[str, Floats],
        *,
        symbol: str = "",
        sources: tuple[str, ...] = (),
        warnings: tuple[str, ...] = (),
    ) -> DayProfile:
        """A profile of the columns that are known, by name; the others are NaN."""
        unknown = np.full(len(starts), np.nan)
        known = (columns.get(name, unknown) for name in COLUMNS.values())
        return cls(starts, *known, symbol=symbol, sources=sources, warnings=warnings)

    @property
    def intervals(self) -> int:
        """Number of intervals N."""
        return len(self.starts)

    def columns(self) -> Mapping[str, Floats]:
        """The numbers by their header in the file."""
        return {header: getattr(self, name) for header, name in COLUMNS.items()}

    def to_csv(self, *, known_only: bool = False, extra: Mapping[str, Sequence[str]] | None = None) -> str:
        """The profile as CSV text: first the columns of the workbook's intervals table, then what is known of them.

        Numbers are written so that they are read back to the last bit; NaN is blank. `known_only` leaves out columns
        that aren't known in any interval. `extra` are columns of text at the end, which readers pass over.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        kept = {header: v for header, v in self.columns().items() if not (known_only and np.isnan(v).all())}
        texts = extra or {}
        writer.writerow(("Interval", "Start", *kept, *texts))
        columns = [["" if math.isnan(v) else repr(v) for v in values.tolist()] for values in kept.values()]
        for number, (start, *row) in enumerate(zip(self.starts, *columns, *texts.values(), strict=True), start=1):
            writer.writerow((number, f"{start:%H:%M:%S}", *row))
        return text.getvalue()


def read_profile(path: Path) -> DayProfile:
    """Read a profile that `DayProfile.to_csv` wrote, or any table with the columns Start, Beta and HalfSpread.

    Raises
    ------
    WorkbookError
        The file can't be read.
    InputError
        A column is missing, or a cell isn't a number or time; with file, row and column.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if any(row)]
    except FileNotFoundError:
        raise WorkbookError(f"{path} doesn't exist: check the name of the profile") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WorkbookError(f"{path} can't be read as CSV ({error}): calibrate again") from None
    if len(rows) < 2:
        raise InputError("holds no intervals: calibrate again", where=path.name)
    headers = {header.strip().casefold(): position for position, header in enumerate(rows[0])}
    for header in ("Start", *REQUIRED):
        if header.casefold() not in headers:
            raise InputError(f"has no column {header}: it is no day profile", where=path.name)

    def cells(header: str) -> list[str]:
        position = headers[header.casefold()]
        return [row[position].strip() if position < len(row) else "" for row in rows[1:]]

    starts = tuple(_time(text, f"{path.name} row {row}, column Start") for row, text in enumerate(cells("Start"), 2))
    columns = {
        name: np.array(
            [
                _number(text, f"{path.name} row {row}, column {header}", header in REQUIRED)
                for row, text in enumerate(cells(header), 2)
            ]
        )
        for header, name in COLUMNS.items()
        if header.casefold() in headers
    }
    return DayProfile.of(starts, columns, sources=(path.name,))


def _time(text: str, where: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise InputError(f"is {text!r}: give a time such as 09:30", where=where) from None


def _number(text: str, where: str, required: bool) -> float:
    if not text and not required:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"is {text!r}: give a number", where=where)
    return value
