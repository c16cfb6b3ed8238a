"""The HTML page, in Chromium: looks at nothing else, says nothing to the console, and its tables can be copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html
from report_cases import FULL, HOSTILE

from tradealloc.actions.report import Report
from tradealloc.report.figures import Figure, shown
from tradealloc.report.html import environment_of, to_html
from tradealloc.report.model import Table
from tradealloc.report.svg import to_svg


class Visit:
    """A page opened in the browser, with all that it said and asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def open_report(report: Report, **options: Any) -> Visit:
        path = tmp_path / "report.html"
        path.write_text(to_html(report), encoding="utf-8")
        visits.append(Visit(browser, path, **options))
        assert visits[-1].said == []
        assert visits[-1].asked == [path.as_uri()]
        return visits[-1]

    yield open_report
    for each in visits:
        each.context.close()


def tables(report: Report) -> list[Table]:
    return [section for section in report.sections if isinstance(section, Table)]


def test_tables_are_found_by_role_with_their_captions(full_report: Report, visit: Callable[..., Visit]) -> None:
    page = visit(full_report).page
    for table in tables(full_report):
        found = page.get_by_role("table", name=table.title, exact=True)
        assert found.count() == 1
        headers = found.get_by_role("columnheader").all_inner_texts()
        assert [text.split("\n")[0].strip() for text in headers] == [column.header for column in table.columns]
        assert found.get_by_role("rowheader").count() == len(table.rows)
    images = [page.get_by_role("img", name=chart.title, exact=True) for chart in full_report.charts]
    assert [image.count() for image in images] == [1] * 4
    assert page.get_by_role("heading", level=1).inner_text() == "Sell 1,234 ACME"
    assert "no results of a run yet" in page.get_by_role("note").inner_text()


def test_a_copied_table_pastes_as_numbers(full_report: Report, visit: Callable[..., Visit]) -> None:
    opened = visit(full_report)
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened.page
    for table in tables(full_report):
        page.evaluate(
            """title => {
                const table = [...document.querySelectorAll("table")].find(t => t.caption.innerText === title);
                getSelection().selectAllChildren(table.tBodies[0]);
                document.execCommand("copy");
            }""",
            table.title,
        )
        copied = page.evaluate("navigator.clipboard.readText()")
        rows = [line.split("\t") for line in copied.strip("\r\n").split("\n")]
        expected = [[cell.pasted if isinstance(cell, Figure) else shown(cell) for cell in row] for row in table.rows]
        assert [[cell.strip() for cell in row] for row in rows] == expected, table.title
        numbers = [cell for row in table.rows for cell in row if isinstance(cell, Figure)]
        assert all(float(cell.pasted.removesuffix("%")) is not None for cell in numbers)


def test_every_digit_is_in_the_page(full_report: Report) -> None:
    page = html.fromstring(to_html(full_report))
    exact = {element.get("value") for element in page.iter("data")}
    for table in tables(full_report):
        for row in table.rows:
            assert {cell.exact for cell in row if isinstance(cell, Figure)} <= exact


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_the_page(full_report: Report, visit: Callable[..., Visit], scheme: str) -> None:
    """Contrast of at least 4.5 to 1 (WCAG AA), drawings included."""
    page = visit(full_report, color_scheme=scheme).page
    low = page.evaluate(
        r"""() => {
            const rgb = text => text.match(/[\d.]+/g).slice(0, 3).map(Number);
            const light = colour => rgb(colour).map(v => v / 255)
                .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = e => { while (e) { const c = getComputedStyle(e).backgroundColor;
                if (c !== "rgba(0, 0, 0, 0)") return c; e = e.parentElement; } };
            const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            const out = [];
            for (const e of document.querySelectorAll("h1, h2, p, dt, dd, th, td, caption, summary, svg text")) {
                const colour = e.closest("svg") ? getComputedStyle(e).fill : getComputedStyle(e).color;
                const r = ratio(light(colour), light(behind(e)));
                if (r < 4.5) out.push([e.tagName, e.textContent.trim().slice(0, 30), r]);
            }
            return out;
        }"""
    )
    assert low == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark is (scheme == "dark")


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_nothing_sticks_out(full_report: Report, visit: Callable[..., Visit], width: int) -> None:
    page = visit(full_report, viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg.chart text')].map(t => t.getBoundingClientRect().height).filter(h => h > 0)"
    )
    assert min(sizes) >= 9


def test_prints_on_few_pages(full_report: Report, visit: Callable[..., Visit], pdf_tool: Callable[..., str]) -> None:
    page = visit(full_report, color_scheme="dark").page
    for width in ("A4", "Letter"):
        printed = page.pdf(format=width, prefer_css_page_size=True)
        assert int(re.search(r"Pages:\s+(\d+)", pdf_tool("pdfinfo", printed))[1]) <= 2  # type: ignore[index]
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_hostile_text_stays_text(report_of: Callable[..., Report], visit: Callable[..., Visit]) -> None:
    columns = {**FULL["columns"], "Interval": [HOSTILE, "</svg><b>", "'\"", "&amp;", "]]>", "<!--"]}
    report = report_of(**{**FULL, "settings": {**FULL["settings"], "symbol": HOSTILE}, "columns": columns})
    page = visit(report).page
    assert "<script>alert('x')</script>\"& Bcc: all@x.example" in page.get_by_role("heading", level=1).inner_text()
    assert page.locator("script").count() == 0
    assert page.locator("b").count() == 1
    assert "\u202e" not in page.content()
    cells = page.get_by_role("table", name="Every interval").get_by_role("rowheader").all_inner_texts()
    assert cells[1:] == ["</svg><b>", "'\"", "&amp;", "]]>", "<!--"]


def test_hostile_names_inside_a_drawing(report_of: Callable[..., Report]) -> None:
    chart = report_of().charts[0]
    names = ("<script>", "$x^2$", "a&b\x0b", "\ud800")
    svg = to_svg(replace(chart, x=replace(chart.x, names=names)))
    root = etree.fromstring(svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    texts = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"<script>", "$x^2$", "a&b", "\ufffd"} <= {text.strip() for text in texts}
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_no_id_twice_and_no_address_at_all(full_report: Report) -> None:
    page = to_html(full_report)
    tree = html.fromstring(page)
    ids = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r"url\(#([^)]+)\)", page)) | set(re.findall(r'href="#([^"]+)"', page))
    targets |= {each for labels in re.findall(r'aria-labelledby="([^"]+)"', page) for each in labels.split()}
    assert targets <= set(ids)
    assert set(re.findall(r"https?://[^\"' <]+", page)) <= {"http://www.w3.org/1999/xlink"}
    assert "default-src 'none'" in page


def test_the_same_report_gives_the_same_page(full_report: Report) -> None:
    assert to_html(full_report) == to_html(full_report)


def test_a_name_that_a_template_lacks_is_an_error() -> None:
    import jinja2

    with pytest.raises(jinja2.UndefinedError):
        environment_of().from_string("{{ missing }}").render()
    assert environment_of().from_string("{{ text }}").render(text="<&>") == "&lt;&amp;&gt;"
