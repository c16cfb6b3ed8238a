"""The report as a draft of a mail: the page inline, the PDF attached, ready to be addressed and sent."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP

from .figures import one_line, shown
from .html import environment_of
from .model import Chart, Report
from .plain import to_text
from .png import size_of, to_png
from .themes import LIGHT

PIXELS_PER_POINT = 1.0
SUBJECT = 150
"""Most characters of a subject."""


def to_eml(report: Report, pdf: bytes, name: str) -> bytes:
    """The report as a mail that Outlook and others open for editing.

    Parameters
    ----------
    report
        The report.
    pdf
        The same as a PDF, which is attached.
    name
        File name of the attachment.
    """
    pictures = {chart.name: to_png(chart, dpi=144) for chart in report.charts}
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _subject(report)
    message["X-Unsent"] = "1"
    message.set_content(to_text(report), cte="quoted-printable")
    message.add_alternative(_page(report), subtype="html", cte="quoted-printable")
    page = message.get_payload()[1]  # type: ignore[index]
    assert isinstance(page, EmailMessage)
    for chart, picture in pictures.items():
        page.add_related(picture, "image", "png", cid=f"<{_cid(chart)}>", disposition="inline", filename=f"{chart}.png")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=one_line(name))
    _same_every_time(message)
    return message.as_bytes()


def _subject(report: Report) -> str:
    first = report.headline[0] if report.headline else None
    figure = "" if first is None else f": {first.label.lower()} {shown(first.value)} {first.unit}".rstrip()
    return one_line(report.title + figure)[:SUBJECT]


def _page(report: Report) -> str:
    template = environment_of(theme=LIGHT.variables(), cid=_cid, width_of=_width).get_template("mail.html.j2")
    return template.render(report=report, rows=list(report.rows_of_sections()))


def _cid(chart: str) -> str:
    return f"{chart}@tradealloc"


def _width(chart: Chart) -> int:
    return round(size_of(chart)[0] * PIXELS_PER_POINT)


def _same_every_time(message: EmailMessage) -> None:
    """Boundaries that follow from the content, in place of random ones."""
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            body = b"".join(each.get_payload(decode=True) or b"" for each in part.walk() if not each.is_multipart())  # type: ignore[misc]
            part.set_boundary(f"=_tradealloc_{number}_{hashlib.sha256(body).hexdigest()[:24]}")
