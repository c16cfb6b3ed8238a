"""The PDF: one page, the report's figures as text, whatever the order looks like."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from report_cases import FULL, HOSTILE

from tradealloc.actions.report import Report
from tradealloc.report.canvas import cut, drawable, families_for, text_width, wrapped
from tradealloc.report.figures import shown
from tradealloc.report.model import Facts, Table
from tradealloc.report.pdf import to_pdf
from tradealloc.report.renderings import Paper

Pdf = Callable[..., str]


def figures_on_the_page(report: Report) -> set[str]:
    """Every figure of the report that belongs on one page."""
    found = {shown(fact.value) for fact in report.headline}
    for section in report.sections:
        if isinstance(section, Facts):
            found |= {shown(fact.value) for fact in section.facts}
        elif isinstance(section, Table):
            found |= {shown(value) for row in section.rows[: section.page_rows] for value in row}
    return found - {""}


def test_every_figure_can_be_selected(full_report: Report, pdf_tool: Pdf) -> None:
    text = " ".join(pdf_tool("pdftotext", to_pdf(full_report), "-layout").split())
    assert {figure for figure in figures_on_the_page(full_report) if figure not in text} == set()
    for section in full_report.sections:
        assert (section.title in text) is (section.title != "Every interval")
    assert "Sell 1,234 ACME" in text
    assert "The workbook holds no results of a run yet" in text


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, "595.28 x 841.89"), (Paper.LETTER, "612 x 792")])
def test_one_page_with_its_data(full_report: Report, pdf_tool: Pdf, paper: Paper, size: str) -> None:
    facts = pdf_tool("pdfinfo", to_pdf(full_report, paper))
    assert re.search(r"Pages:\s+1$", facts, re.MULTILINE)
    assert re.search(rf"Page size:\s+{size}", facts)
    assert re.search(r"Title:\s+Sell 1,234 ACME: Schedule of least market impact", facts)
    assert re.search(r"Author:\s+tradealloc", facts)
    assert re.search(r"CreationDate:\s+Mon Mar\s+2 17:05:09 2026", facts)


@pytest.mark.parametrize("symbol", ["ACME", "W" * 300])
def test_letters_are_letters(report_of: Callable[..., Report], pdf_tool: Pdf, symbol: str) -> None:
    """Embedded TrueType with a way back to text; two faces, each once, also where a text is cut."""
    report = report_of(**{**FULL, "settings": {**FULL["settings"], "symbol": symbol}})
    fonts = pdf_tool("pdffonts", to_pdf(report)).splitlines()[2:]
    assert all("CID TrueType" in line and " yes yes yes " in line for line in fonts)
    assert len(fonts) == 2


def test_the_same_report_gives_the_same_bytes(full_report: Report) -> None:
    assert to_pdf(full_report) == to_pdf(full_report)


CASES: dict[str, dict[str, Any]] = {
    "one interval": {"columns": {"Beta": [1e-5]}},
    "no sizes": {"sizes": []},
    "forty sizes": {"sizes": [100.0 * size for size in range(1, 41)]},
    "hostile": {**FULL, "settings": {**FULL["settings"], "symbol": HOSTILE}},
    "long": {"settings": {"symbol": "W" * 3000}},
    "letters no font has": {"settings": {"symbol": "\U00020000\U0001f9ff"}},
    "right to left": {"settings": {"symbol": "שלום"}},
    "dollar signs": {"settings": {"symbol": "$A_B$ \\frac{1}{2}"}},
    "names": {"columns": {"Interval": ["<b>open</b>", "n" * 200, "株", "close"]}},
    "many limits": {
        "settings": {"shares": 30_000.0},
        "columns": {
            "Beta": [1e-5 + 1e-8 * row for row in range(390)],
            "MaxShares": [78.0 + row for row in range(390)],
            "MinShares": [row / 8 for row in range(390)],
        },
    },
    "5,000 intervals": {"settings": {"shares": 1e9}, "columns": {"Beta": [1e-9] * 5000}},
    "a pause": {
        "columns": {"Start": [dt.time(9), dt.time(9, 30), dt.time(13), dt.time(13, 30)]},
        "settings": {"min_clip": 100.0},
    },
}


@pytest.mark.parametrize("case", CASES)
def test_any_order_is_one_page(report_of: Callable[..., Report], pdf_tool: Pdf, case: str) -> None:
    """A warning about a glyph or a layout would be an error here."""
    report = report_of(**CASES[case])
    content = to_pdf(report)
    assert re.search(r"Pages:\s+1$", pdf_tool("pdfinfo", content), re.MULTILINE)
    text = pdf_tool("pdftotext", content)
    assert "Certificate of optimality" in text
    assert "Fingerprint of inputs" in text
    assert ("33 more in the HTML report." in text) is (case == "forty sizes")
    if case == "letters no font has":
        assert "stands for characters that no font here has" in text


def test_user_settings_of_matplotlib_stay(full_report: Report) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 33.0, "text.usetex": True, "figure.figsize": (1, 1)}):
        first = to_pdf(full_report)
        assert matplotlib.rcParams["font.size"] == 33.0
        assert matplotlib.rcParams["text.usetex"] is True
    assert first == to_pdf(full_report)


class TestText:
    def test_width_grows_with_size(self) -> None:
        assert text_width("1,234.5", 20) == pytest.approx(2 * text_width("1,234.5", 10))
        assert text_width("Impact", 10, is_bold=True) > text_width("Impact", 10)
        assert text_width("0" * 10, 10) == pytest.approx(10 * 6.36, rel=0.01)

    @pytest.mark.parametrize("text", ["short", "rather a long text that needs more room", "W" * 5000, ""])
    def test_cut(self, text: str) -> None:
        done = cut(text, 60, 10)
        assert text_width(done, 10) <= 60
        assert done == text or (done.endswith("...") and text.startswith(done[:-3]))

    def test_wrapped(self) -> None:
        text = "one two three four five six seven eight nine ten"
        lines = wrapped(text, 80, 10, lines=10)
        assert " ".join(lines) == text
        assert all(text_width(line, 10) <= 80 for line in lines)
        assert len(wrapped(text, 80, 10, lines=2)) == 2
        assert wrapped(text, 80, 10, lines=2)[1].endswith("...")

    def test_what_no_font_has_is_marked(self) -> None:
        families = families_for(["abc", "\U00020000"])
        assert drawable("a\U00020000", families).startswith("a")
        assert drawable("\U000e0041x", ("DejaVu Sans",)) == "\ufffdx"
