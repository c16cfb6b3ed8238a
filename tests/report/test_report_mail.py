"""The mail draft, read back; PNG charts; and that every rendering says the same."""

from __future__ import annotations

import email
import email.policy
import re
import struct
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from lxml import html
from report_cases import FULL, HOSTILE

from tradealloc.actions.report import Report
from tradealloc.report.eml import to_eml
from tradealloc.report.figures import shown
from tradealloc.report.html import to_html
from tradealloc.report.model import Facts, Table
from tradealloc.report.plain import to_text
from tradealloc.report.png import to_png
from tradealloc.report.renderings import Rendering, render

PDF = b"%PDF-1.4 pretended"


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text_of(message: EmailMessage, subtype: str) -> str:
    body = message.get_body((subtype,))
    assert body is not None
    content: str = body.get_content()
    return content


def test_parts(full_report: Report) -> None:
    message = read(to_eml(full_report, PDF, "day_report.pdf"))
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == f"Sell 1,234 ACME: total impact {shown(full_report.headline[0].value)} bps"
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html"),
        *(["image/png"] * 4),
        "application/pdf",
    ]
    (attachment,) = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("day_report.pdf", PDF)
    assert message["From"] is message["To"] is message["Bcc"] is None


def test_pictures_are_those_that_the_page_shows(full_report: Report) -> None:
    message = read(to_eml(full_report, PDF, "day_report.pdf"))
    page = html.fromstring(text_of(message, "html"))
    shown_ids = [image.get("src").removeprefix("cid:") for image in page.iter("img")]
    held = [part["Content-ID"].strip("<>") for part in message.walk() if part.get_content_type() == "image/png"]
    assert shown_ids == held
    assert all(image.get("alt") for image in page.iter("img"))
    for unwanted in ("script", "style", "svg", "link"):
        assert not list(page.iter(unwanted))


def test_lines_are_short_and_plain(full_report: Report) -> None:
    content = to_eml(full_report, PDF, "day_report.pdf")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.isascii()


@pytest.mark.parametrize("symbol", [HOSTILE, "X\r\nBcc: all@x.example", "株式会社", "a" * 5000])
def test_a_symbol_adds_no_header(report_of: Callable[..., Report], symbol: str) -> None:
    report = report_of(**{**FULL, "settings": {**FULL["settings"], "symbol": symbol}})
    message = read(to_eml(report, PDF, f"{symbol[:20]}.pdf"))
    assert sorted(message.keys()) == ["Content-Type", "MIME-Version", "Subject", "X-Unsent"]
    assert message["Subject"].startswith("Sell 1,234 " + symbol.split("\n")[0].split("\r")[0][:20])
    page = html.fromstring(text_of(message, "html"))
    assert not list(page.iter("script"))


def test_the_same_report_gives_the_same_mail(full_report: Report) -> None:
    assert to_eml(full_report, PDF, "x.pdf") == to_eml(full_report, PDF, "x.pdf")


def test_every_rendering_has_the_same_figures(full_report: Report, pdf_tool: Callable[..., str]) -> None:
    files = render(full_report, "day", list(Rendering))
    message = read(files["day_report.eml"])
    renderings = {
        "pdf": pdf_tool("pdftotext", files["day_report.pdf"], "-layout"),
        "html": html.fromstring(files["day_report.html"].decode()).text_content(),
        "mail": html.fromstring(text_of(message, "html")).text_content(),
        "plain": text_of(message, "plain"),
    }
    figures = [shown(fact.value) for fact in full_report.headline]
    for section in full_report.sections:
        if isinstance(section, Facts):
            figures += [shown(fact.value) for fact in section.facts]
        elif isinstance(section, Table) and section.page_rows != 0:
            figures += [shown(value) for row in section.rows for value in row]
    figures = [figure for figure in figures if figure]
    assert len(figures) > 50
    for name, text in renderings.items():
        squeezed = " ".join(text.split()).replace(",", "")
        missing = {figure for figure in figures if figure.replace(",", "") not in squeezed}
        assert missing == set(), name


def test_plain_text_columns_stand_below_each_other(full_report: Report) -> None:
    lines = to_text(full_report).splitlines()
    start = lines.index("COMPARISON") + 1
    table = lines[start : lines.index("", start)]
    assert len({len(line) for line in table}) == 1
    assert "! The workbook holds no results of a run yet" in to_text(full_report)


def test_png(full_report: Report) -> None:
    for chart in full_report.charts:
        content = to_png(chart)
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", content[16:24])
        assert width >= 540
        assert height >= 500
        assert content == to_png(chart)


def test_page_has_no_figure_that_the_model_lacks(full_report: Report) -> None:
    """Numbers of the tables in the page are those of the report, and no others."""
    page = html.fromstring(to_html(full_report))
    exact = {cell.get("value") for table in page.iter("table") for cell in table.iter("data")}
    known = {
        value.exact
        for section in full_report.sections
        if isinstance(section, Table)
        for row in section.rows
        for value in row
        if hasattr(value, "exact")
    }
    assert exact == known
    assert re.search(r"[\d]", "".join(known))
