"""The files of a report, by name."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from .model import Report


class Rendering(StrEnum):
    """What a report can be made into."""

    PDF = "pdf"
    HTML = "html"
    PNG = "png"
    EML = "eml"


class Paper(StrEnum):
    """Paper of the PDF."""

    A4 = "a4"
    LETTER = "letter"


USUAL = (Rendering.PDF, Rendering.HTML)


def render(
    report: Report, stem: str, renderings: Collection[Rendering] = USUAL, paper: Paper = Paper.A4
) -> dict[str, bytes]:
    """The contents of the files, by name: ``STEM_report.pdf``, ``STEM_report_schedule.png``, ..."""
    name = f"{stem}_report"
    files: dict[str, bytes] = {}
    pdf = b""
    if Rendering.PDF in renderings or Rendering.EML in renderings:
        from .pdf import to_pdf

        pdf = to_pdf(report, paper)
    if Rendering.PDF in renderings:
        files[f"{name}.pdf"] = pdf
    if Rendering.HTML in renderings:
        from .html import to_html

        files[f"{name}.html"] = to_html(report).encode("utf-8")
    if Rendering.PNG in renderings:
        from .png import to_png

        files |= {f"{name}_{chart.name}.png": to_png(chart) for chart in report.charts}
    if Rendering.EML in renderings:
        from .eml import to_eml

        files[f"{name}.eml"] = to_eml(report, pdf, f"{name}.pdf")
    return files
