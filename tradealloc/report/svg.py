"""Charts as SVG inside a page: accessible, and coloured by the page's style sheet."""

from __future__ import annotations

import io
import re

from lxml import etree

from .canvas import FONT, POINTS_PER_INCH, drawing
from .charts import draw_chart
from .figures import one_line
from .model import Chart
from .pen import Box, Pen, Type
from .png import size_of
from .themes import LIGHT

_SVG = "{http://www.w3.org/2000/svg}"


def to_svg(chart: Chart) -> str:
    """The chart as an ``<svg>`` element with title and description; its colours are the variables of `Theme`."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    width, height = size_of(chart)
    with drawing():
        canvas = Canvas(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), facecolor="none")
        FigureCanvasSVG(canvas)
        draw_chart(Pen(canvas, width, height, LIGHT), chart, Box(1, 1, width - 2, height - 2), Type(11.0, 8.5))
        content = io.BytesIO()
        canvas.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return _embedded(content.getvalue(), chart)


def _embedded(drawn: bytes, chart: Chart) -> str:
    """Matplotlib's file as part of a page: no prolog, own ids, no style of its own, words for those who can't see."""
    root = etree.fromstring(drawn)
    for unwanted in [*root.iter(f"{_SVG}metadata"), *root.iter(f"{_SVG}style"), *root.iter(etree.Comment)]:
        parent = unwanted.getparent()
        if parent is not None:
            parent.remove(unwanted)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, "")
    root.set("role", "img")
    root.set("class", "chart")
    root.set("aria-labelledby", "title")
    root.set("aria-describedby", "description")
    for tag, identity, words in (
        ("desc", "description", chart.description),
        ("title", "title", chart.title),
    ):
        element = etree.Element(f"{_SVG}{tag}", id=identity)
        element.text = one_line(words)
        root.insert(0, element)
    _prefix_ids(root, chart.name)
    etree.cleanup_namespaces(root)
    text = etree.tostring(root, encoding="unicode").replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return _coloured(text)


def _prefix_ids(root: etree._Element, prefix: str) -> None:
    """Ids of several drawings on a page mustn't meet."""
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            key, text = str(name), str(value)
            if key == "id":
                element.set(name, f"{prefix}-{text}")
            elif key.startswith("aria-"):
                element.set(name, " ".join(f"{prefix}-{each}" for each in text.split()))
            elif key.endswith("href") and text.startswith("#"):
                element.set(name, f"#{prefix}-{text[1:]}")
            elif "url(#" in text:
                element.set(name, text.replace("url(#", f"url(#{prefix}-"))


def _coloured(svg: str) -> str:
    """Colours and font by the names of the style sheet, in style attributes only."""
    names = {colour: name for name, colour in LIGHT.variables().items()}

    def styled(match: re.Match[str]) -> str:
        style = re.sub(
            r"#[0-9a-f]{6}", lambda found: f"var(--{names[found[0]]})" if found[0] in names else found[0], match[0]
        )
        return style.replace(f"'{FONT}'", "var(--sans)")

    return re.sub(r' style="[^"]*"', styled, svg)
