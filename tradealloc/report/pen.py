"""Text, lines and axes on a figure of Matplotlib, placed in points from the top left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .themes import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points, from the top left of the page."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes of text in points."""

    title: float = 9.0
    small: float = 7.0


class Pen:
    """Draws on a page by points from its top left.

    Parameters
    ----------
    canvas
        Figure of matplotlib.
    width, height
        Its size in points.
    theme
        Colours.
    """

    def __init__(self, canvas: Canvas, width: float, height: float, theme: Theme) -> None:
        self.canvas, self.width, self.height, self.theme = canvas, width, height, theme

    def text(
        self,
        text: str,
        x: float,
        baseline: float,
        size: float,
        colour: str,
        *,
        align: str = "left",
        is_bold: bool = False,
    ) -> None:
        """One line of text."""
        if text:
            drawn = self.canvas.text(
                x / self.width,
                1 - baseline / self.height,
                text,
                fontsize=size,
                color=colour,
                ha=align,
                va="baseline",
                fontweight="bold" if is_bold else "normal",
            )
            without_ligatures(drawn)

    def rule(self, box: Box, colour: str, thickness: float = 0.6) -> None:
        """A line along the top of a box."""
        from matplotlib.lines import Line2D

        y = 1 - box.top / self.height
        ends = [box.left / self.width, box.right / self.width]
        self.canvas.add_artist(
            Line2D(ends, [y, y], color=colour, linewidth=thickness, transform=self.canvas.transFigure)
        )

    def fill(self, box: Box, colour: str) -> None:
        from matplotlib.patches import Rectangle

        corner = (box.left / self.width, 1 - box.bottom / self.height)
        self.canvas.add_artist(
            Rectangle(
                corner,
                box.width / self.width,
                box.height / self.height,
                facecolor=colour,
                edgecolor="none",
                transform=self.canvas.transFigure,
                zorder=-1,
            )
        )

    def axes(self, box: Box) -> Axes:
        return self.canvas.add_axes(
            (
                box.left / self.width,
                1 - box.bottom / self.height,
                box.width / self.width,
                box.height / self.height,
            )
        )


def without_ligatures(*texts: Any) -> None:
    """Since Matplotlib 3.11 a ligature would embed the whole font once more."""
    for text in texts:
        if hasattr(text, "set_fontfeatures"):
            text.set_fontfeatures(("-liga",))
