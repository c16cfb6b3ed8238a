"""Figures and the one way each is written, so that all renderings say the same."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
REPLACED = "\N{REPLACEMENT CHARACTER}"


class Layout(StrEnum):
    """How a figure is written, as a Python format."""

    SHARES = ",.0f"
    FRACTIONAL = ",.1f"
    EXACT_SHARES = ",.4f"
    COUNT = ",d"
    IMPACT = ",.6f"
    BPS = ",.2f"
    MONEY = ",.2f"
    PRICE = ",.4g"
    """At least two decimals, at most four."""
    PERCENT = ".2%"
    PART = ".0%"
    RESIDUAL = ".1e"
    SLOPE = ".3g"
    CLOCK = "%H:%M"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and how it is written.

    Attributes
    ----------
    value
        The number; NaN and infinity are written in words.
    layout
        How it is written.
    """

    value: float
    layout: Layout

    @property
    def text(self) -> str:
        """As people read it: ``12,345.6``."""
        if not math.isfinite(self.value):
            return "not a number" if math.isnan(self.value) else "unlimited"
        if self.layout is Layout.RESIDUAL and self.value == 0:
            return "0"
        if self.layout is Layout.COUNT:
            written = f"{round(self.value):,d}"
        elif self.layout is Layout.PRICE:
            whole, _, decimals = f"{self.value:,.4f}".partition(".")
            written = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
        else:
            written = format(self.value, self.layout)
        if not written.startswith("-"):
            return written
        return written if any(digit in written for digit in "123456789") else written[1:]

    @property
    def pasted(self) -> str:
        """As a spreadsheet takes it: no thousands separators."""
        return self.text.replace(",", "")

    @property
    def exact(self) -> str:
        """All digits."""
        return repr(float(self.value))


Value = Figure | str | dt.time | None
"""What stands in a cell of a report."""


def shown(value: Value) -> str:
    """A value as people read it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Figure):
        return value.text
    return one_line(value) if isinstance(value, str) else clock(value)


def clock(time: dt.time) -> str:
    """``09:30``, with seconds where there are any."""
    return time.isoformat("minutes" if time.second == time.microsecond == 0 else "auto")


def name_text(label: object) -> str:
    """What an interval is called: 7 rather than 7.0, as CSV files and spreadsheets have it."""
    return f"{label:.10g}" if isinstance(label, float) else str(label)


def one_line(text: str) -> str:
    """A user's text on one line: control characters, half characters and marks that turn the writing direction go."""
    kept = (
        char
        if char.isprintable() or char in JOINERS
        else " "
        if char.isspace() or ord(char) < ord(" ")
        else REPLACED
        if "\ud800" <= char <= "\udfff"
        else ""
        for char in text
    )
    return " ".join("".join(kept).split())


def shares(value: float) -> Figure:
    """Shares: whole ones without decimals, others with one."""
    return Figure(value, Layout.SHARES if value == round(value) else Layout.FRACTIONAL)
