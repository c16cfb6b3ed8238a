"""Charts as pictures of pixels, for mails and slides."""

from __future__ import annotations

import io
from dataclasses import replace

from .canvas import POINTS_PER_INCH, drawable, drawing, families_for
from .charts import draw_chart
from .figures import one_line
from .model import ACROSS, Chart
from .pdf import AUTHOR
from .pen import Box, Pen, Type
from .themes import LIGHT

PAD, GAP, FULL = 8.0, 12.0, 660.0
HEIGHTS = (240.0, 185.0)
"""Of charts across the page, and of narrower ones."""


def size_of(chart: Chart) -> tuple[float, float]:
    """Width and height of a chart's own picture, in points: letters are of one size whatever the width."""
    width = FULL * chart.span / ACROSS - (GAP if chart.span < ACROSS else 0.0)
    return width, HEIGHTS[0] if chart.span == ACROSS else HEIGHTS[1]


def to_png(chart: Chart, *, dpi: int = 200) -> bytes:
    """One chart as PNG on white."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    width, height = size_of(chart)
    texts = [one_line(text) for text in (*chart.x.names, *chart.y.names, *(each.label for each in chart.series))]
    with drawing(families := families_for(texts)):
        canvas = Canvas(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), facecolor=LIGHT.paper)
        FigureCanvasAgg(canvas)
        named = replace(
            chart,
            x=replace(chart.x, names=tuple(drawable(one_line(name), families) for name in chart.x.names)),
            y=replace(chart.y, names=tuple(drawable(one_line(name), families) for name in chart.y.names)),
        )
        box = Box(PAD, PAD, width - 2 * PAD, height - 2 * PAD)
        draw_chart(Pen(canvas, width, height, LIGHT), named, box, Type(11.0, 8.5))
        content = io.BytesIO()
        canvas.savefig(content, format="png", dpi=dpi, metadata={"Software": AUTHOR, "Title": one_line(chart.title)})
    return content.getvalue()
