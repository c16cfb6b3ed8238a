"""Colours of a calibration's pictures, on white and on the dark of the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    paper, ink, title, rule
        Background, texts and axes, the picture's title, lines of the grid.
    estimate, other, quiet
        Series: the estimate and its interval, what stands against it, and what it rests on.
    """

    paper: str
    ink: str
    title: str
    rule: str
    estimate: str
    other: str
    quiet: str

    def settings(self) -> dict[str, str]:
        """Matplotlib's settings for what isn't a series."""
        inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
        return {
            **dict.fromkeys(inked, self.ink),
            **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), self.paper),
        }


LIGHT = Palette("#ffffff", "#1f2933", "#17375e", "#d5dbe1", "#0072b2", "#b84700", "#5f6b76")
DARK = Palette("#12181f", "#dde4ea", "#9cc4ee", "#36414d", "#5cb8f2", "#ff9550", "#9aa7b4")
