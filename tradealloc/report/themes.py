"""Colours: Okabe-Ito hues, which the colour-blind tell apart, each with its own lightness, to differ in grey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .model import Ink


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a page, as ``#rrggbb``.

    Attributes
    ----------
    paper, ink, muted, rule, pale
        Background, text, quiet text, lines, quiet fills.
    accent, alarm, alarm_fill
        Titles; warnings.
    inks
        Of the series.
    """

    paper: str
    ink: str
    muted: str
    rule: str
    pale: str
    accent: str
    alarm: str
    alarm_fill: str
    inks: Mapping[Ink, str]

    def variables(self) -> dict[str, str]:
        """By the name that style sheets use."""
        own = {
            "paper": self.paper,
            "ink": self.ink,
            "muted": self.muted,
            "rule": self.rule,
            "pale": self.pale,
            "accent": self.accent,
            "alarm": self.alarm,
            "alarm-fill": self.alarm_fill,
        }
        return own | {f"series-{ink.value}": colour for ink, colour in self.inks.items()}


LIGHT = Theme(
    paper="#ffffff",
    ink="#1f2933",
    muted="#5f6b76",
    rule="#d5dbe1",
    pale="#f1f4f7",
    accent="#17375e",
    alarm="#b84700",
    alarm_fill="#fdf0e6",
    inks={
        Ink.OPTIMUM: "#0072b2",
        Ink.FILL: "#a9d3ee",
        Ink.EQUAL: "#20292f",
        Ink.OTHER: "#007a5a",
        Ink.MARKET: "#c24e00",
        Ink.SELL: "#cc79a7",
    },
)

DARK = Theme(
    paper="#12181f",
    ink="#e6ebf0",
    muted="#9aa7b4",
    rule="#33404d",
    pale="#1b232c",
    accent="#a8cdf0",
    alarm="#ff9d5c",
    alarm_fill="#3a2413",
    inks={
        Ink.OPTIMUM: "#5cb8f2",
        Ink.FILL: "#27516f",
        Ink.EQUAL: "#eef2f5",
        Ink.OTHER: "#4fc9a3",
        Ink.MARKET: "#ff9550",
        Ink.SELL: "#e8a3c6",
    },
)
