"""Draws a chart of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .canvas import cut, text_width
from .figures import Figure, Layout, one_line
from .model import Axis, Chart, Ink, Mark, Series
from .pen import Box, Pen, Type, without_ligatures
from .ticks import clock_ticks, enclosing_ticks, inner_ticks, tick_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHES = (0, (4, 2.2))


def draw_chart(pen: Pen, chart: Chart, box: Box, type_: Type) -> None:
    """Draw a chart with its title, legend and axes inside the box."""
    _ChartDrawing(pen, chart, box, type_).draw()


class _ChartDrawing:
    def __init__(self, pen: Pen, chart: Chart, box: Box, type_: Type) -> None:
        self.pen, self.chart, self.box, self.type = pen, chart, box, type_
        self.theme = pen.theme
        self.is_bars = any(series.mark is Mark.BARS for series in chart.series)

    def draw(self) -> None:
        """The whole chart."""
        axes = self._picture()
        for each in axes:
            without_ligatures(*each.get_xticklabels(), *each.get_yticklabels(), *each.texts)

    def _picture(self) -> list[Axes]:
        box, small = self.box, self.type.small
        under_title = box.top + self.type.title * 1.5
        self.pen.text(
            self.chart.title, box.left, box.top + self.type.title, self.type.title, self.theme.accent, is_bold=True
        )
        top = self._legend(under_title) + small * 1.9
        self._axis_names(top - small * 0.75)
        bottom = box.bottom - (2.0 if self.is_bars else small * 1.9)
        ticks = enclosing_ticks(
            self._extent([s for s in self.chart.series if not s.on_right], self.chart.y), box.height
        )
        names = [one_line(name) for name in self.chart.y.names]
        labels = names or [tick_text(tick, self.chart.y.layout) for tick in ticks]
        widest = max((text_width(label, small) for label in labels), default=0.0)
        left = box.left + min(widest + 1, 0.4 * box.width) + 5
        right = box.right
        right_ticks: list[float] = []
        if self.chart.right is not None:
            right_ticks = enclosing_ticks(
                self._extent([s for s in self.chart.series if s.on_right], self.chart.right), box.height
            )
            right -= max(text_width(tick_text(t, self.chart.right.layout), small) for t in right_ticks) + 5
        elif self.is_bars:
            right -= max(map(self._label_width, self.chart.series), default=0.0) + 4
        elif not self.chart.x.names:
            right -= text_width("00:00", small) / 2
        axes = self.pen.axes(Box(left, top, right - left, max(bottom - top, 10.0)))
        self._bare(axes)
        if self.is_bars:
            self._bars(axes, [cut(name, left - box.left - 5, small) for name in names])
            return [axes]
        over = self._over(axes, right_ticks)
        for series in self.chart.series:
            self._draw_series(over if series.on_right and over is not None else axes, series)
        self._x_axis(axes, right - left)
        axes.set_ylim(ticks[0], ticks[-1])
        axes.set_yticks(ticks, labels)
        axes.yaxis.grid(True, color=self.theme.rule, linewidth=0.5)
        axes.set_axisbelow(True)
        return [axes] if over is None else [axes, over]

    def _legend(self, top: float) -> float:
        """Names of the series beside the title where there is room, else below; returns where the picture starts."""
        shown = self.chart.series if len(self.chart.series) > 1 and not self.is_bars else ()
        small, swatch, gap = self.type.small, 14.0, 10.0
        widths = [swatch + 3 + text_width(series.label, small) for series in shown]
        needed = sum(widths) + gap * max(len(widths) - 1, 0)
        title = text_width(self.chart.title, self.type.title, is_bold=True)
        is_beside = title + 2 * gap + needed <= self.box.width
        baseline = self.box.top + self.type.title if is_beside else top + small
        x = self.box.right - needed if is_beside else self.box.left
        for series, width in zip(shown, widths, strict=True):
            self._swatch(series, x, baseline - small * 0.36, swatch)
            self.pen.text(series.label, x + swatch + 3, baseline, small, self.theme.ink)
            x += width + gap
        return top if is_beside or not shown else baseline + 3

    def _swatch(self, series: Series, x: float, y: float, width: float) -> None:
        from matplotlib.lines import Line2D

        colour = self.theme.inks[series.ink]
        if series.mark is Mark.AREA:
            self.pen.fill(Box(x, y - 2.6, width, 5.2), self.theme.inks[Ink.FILL])
        ends = [x / self.pen.width, (x + width) / self.pen.width]
        height = 1 - (y - 2.6 if series.mark is Mark.AREA else y) / self.pen.height
        self.pen.canvas.add_artist(
            Line2D(
                ends, [height, height], color=colour, transform=self.pen.canvas.transFigure, **_line(series.mark)
            )
        )  # fmt: skip

    def _axis_names(self, baseline: float) -> None:
        small, muted, chart = self.type.small, self.theme.muted, self.chart
        left = chart.x.label if self.is_bars else chart.y.label
        self.pen.text(left, self.box.left, baseline, small, muted)
        if chart.right is not None:
            self.pen.text(chart.right.label, self.box.right, baseline, small, muted, align="right")
        elif not self.is_bars and chart.x.layout is not Layout.CLOCK:
            over = f"over {chart.x.label[:1].lower()}{chart.x.label[1:]}"
            if text_width(left + over, small) + 10 <= self.box.width:
                self.pen.text(over, self.box.right, baseline, small, muted, align="right")

    def _bare(self, axes: Axes) -> None:
        axes.set_facecolor("none")
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom" and not self.is_bars)
            spine.set_color(self.theme.muted)
            spine.set_linewidth(0.6)
        axes.tick_params(length=0, pad=2.5, labelsize=self.type.small, labelcolor=self.theme.ink)

    def _over(self, axes: Axes, ticks: list[float]) -> Axes | None:
        if self.chart.right is None:
            return None
        over = axes.twinx()
        self._bare(over)
        over.set_ylim(ticks[0], ticks[-1])
        over.set_yticks(ticks, [tick_text(tick, self.chart.right.layout) for tick in ticks])
        over.tick_params(labelcolor=self.theme.inks[Ink.MARKET])
        return over

    def _draw_series(self, axes: Axes, series: Series) -> None:
        colour = self.theme.inks[series.ink]
        y = [math.nan if value is None else value for value in series.y]
        line = _line(series.mark)
        if len(series.x) == len(y) + 1:
            line["drawstyle"] = "steps-post"
            if series.mark is Mark.AREA:
                axes.stairs(y, series.x, fill=True, color=self.theme.inks[Ink.FILL], linewidth=0)
            y.append(y[-1])
        if series.mark is Mark.STEMS:
            axes.bar(series.x, y, width=0.7, color=colour)
            return
        dots: dict[str, Any] = {"marker": "o", "markersize": 3.2} if series.mark is Mark.POINTS else {}
        axes.plot(series.x, y, color=colour, solid_joinstyle="miter", **line, **dots)

    def _bars(self, axes: Axes, names: list[str]) -> None:
        small = self.type.small
        for series in self.chart.series:
            lengths = [0.0 if value is None else value for value in series.y]
            axes.barh(series.x, lengths, height=0.62, color=self.theme.inks[series.ink])
            ranges = series.ranges or (None,) * len(lengths)
            for at, length, value, ends in zip(series.x, lengths, series.y, ranges, strict=True):
                if ends is not None:
                    axes.plot(ends, (at, at), color=self.theme.ink, linewidth=0.9, marker="|", markersize=5)
                if self.chart.value_layout is not None and value is not None:
                    text = Figure(value, self.chart.value_layout).text
                    axes.annotate(
                        text, (max(length, 0.0, *(ends or ())), at), (3, 0), textcoords="offset points", va="center",
                        fontsize=small, color=self.theme.ink, annotation_clip=False,
                    )  # fmt: skip
        values = [value for series in self.chart.series for value in series.y if value is not None]
        values += [end for series in self.chart.series for ends in series.ranges if ends is not None for end in ends]
        axes.set_xlim(min(0.0, *values), max(0.0, *values) or 1.0)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xticks([])
        axes.set_yticks(range(len(names)), names)
        axes.axvline(0.0, color=self.theme.muted, linewidth=0.8)

    def _label_width(self, series: Series) -> float:
        layout = self.chart.value_layout
        if layout is None:
            return 0.0
        return max((text_width(Figure(v, layout).text, self.type.small) for v in series.y if v is not None), default=0)

    def _x_axis(self, axes: Axes, width: float) -> None:
        x, small = self.chart.x, self.type.small
        values = [value for series in self.chart.series for value in series.x]
        low, high = min(values), max(values)
        if x.from_zero:
            low = min(0.0, low)
        elif low == high:
            low, high = low - 0.5, high + 0.5
        if x.names:
            room = width / len(x.names)
            names = [cut(one_line(name), room - 2, small) for name in x.names]
            axes.set_xticks(range(len(names)), names)
        else:
            most = max(2, int(width // (text_width("00,000", small) * 2.2)))
            ticks = clock_ticks(low, high, most) if x.layout is Layout.CLOCK else inner_ticks(low, high, most)
            axes.set_xticks(ticks, [tick_text(tick, x.layout) for tick in ticks])
            if x.layout is Layout.CLOCK and ticks and ticks[0] == low:  # centred, it would run into the other axis
                axes.get_xticklabels()[0].set_horizontalalignment("left")
        margin = 0.02 * (high - low) if x.from_zero else 0.0
        axes.set_xlim(low, high + margin)

    def _extent(self, series: Sequence[Series], axis: Axis) -> tuple[float, float]:
        values = [value for each in series for value in each.y if value is not None and math.isfinite(value)]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if axis.from_zero:
            low, high = min(0.0, low), max(0.0, high)
        return (low, high) if high > low else (low - 0.5, high + 0.5) if low else (0.0, 1.0)


def _line(mark: Mark) -> dict[str, Any]:
    if mark is Mark.DASHED:
        return {"linestyle": DASHES, "linewidth": 1.1}
    if mark is Mark.STEPS:
        return {"linewidth": 0.5, "zorder": 0.5}  # under the filled steps, so that it shows where it lies above them
    return {"linewidth": {Mark.AREA: 0.7, Mark.LINE: 1.3}.get(mark, 1.5)}
