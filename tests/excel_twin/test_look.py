"""Every sheet of every template as it leaves the printer: fresh and after a run, on A4 and on Letter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradealloc import cli
from tradealloc.templates import DESCRIPTIONS, template_path

from .calc import Book, page_texts, pages
from .conftest import OpenBook

PAPERS = {"A4": (21_000, 29_700), "Letter": (21_590, 27_940)}
"""Width and height in hundredths of a millimetre, upright."""
ERRORS = re.compile(r"###|#NAME|#VALUE|#REF|#DIV|#NUM|#NULL|#N/A|Err:\d")
LEAST_WORDS = 20
"""A page with fewer holds hardly more than header and footer."""
BLANK_PAGE_BYTES = 600


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each template after ``tradealloc run``."""
    folder = tmp_path_factory.mktemp("filled")
    found = {}
    for name in DESCRIPTIONS:
        found[name] = Path(shutil.copy(template_path(name), folder / f"{name}.xlsx"))
        assert cli.run_command(["run", str(found[name])]) == 0, name
    return found


@pytest.fixture(params=["fresh", "after a run"])
def shown(request: pytest.FixtureRequest, name: str, filled: dict[str, Path], open_book: OpenBook) -> Book:
    """A template, open in LibreOffice."""
    return open_book(template_path(name) if request.param == "fresh" else filled[name])


every_template = pytest.mark.parametrize("name", DESCRIPTIONS)


@every_template
def test_pages_are_whole_on_both_papers(shown: Book, name: str, tmp_path: Path) -> None:
    """One page wide, no page that is blank, no error, no number that doesn't fit its cell."""
    assert shown.error_cells() == []
    sheets = [sheet.Name for sheet in shown.sheets]
    for paper, size in PAPERS.items():
        load_paper(shown, size)
        pdf = shown.pdf(tmp_path / f"{paper}.pdf")
        texts = page_texts(pdf)
        printed = [sheet_of(text, sheets) for text in texts]
        assert sorted(set(printed)) == sorted(sheets), f"{paper}: a sheet isn't printed"
        for number, (text, sheet) in enumerate(zip(texts, printed, strict=True), start=1):
            place = f"{paper}, page {number} ({sheet})"
            assert not ERRORS.search(text), f"{place}: {ERRORS.search(text)}"
            assert len(text.split()) > LEAST_WORDS, f"{place}: nothing but header and footer"
        for page in pages(pdf, tmp_path, resolution=20):
            assert page.stat().st_size > BLANK_PAGE_BYTES, f"{paper}: {page.name} is blank"
        for sheet in sheets:
            assert printed.count(sheet) <= pages_needed(shown, sheet, size), f"{paper}: {sheet} has too many pages"


@every_template
def test_no_label_is_cut(shown: Book, name: str) -> None:
    """Text that doesn't wrap runs on over blank cells only, and never into a filled one."""
    assert list(cut_labels(shown)) == []


@pytest.mark.parametrize("name", ["daily_schedule"])
def test_a_narrow_column_is_noticed(shown: Book, name: str, tmp_path: Path) -> None:
    """The two tests above can fail."""
    for sheet in shown.sheets:
        sheet.Columns.Width = 700
    assert list(cut_labels(shown))
    assert ERRORS.search("".join(page_texts(shown.pdf(tmp_path / "narrow.pdf"))))


def load_paper(book: Book, size: tuple[int, int]) -> None:
    """Put every page style on that paper, keeping its orientation."""
    styles = book.document.StyleFamilies.getByName("PageStyles")
    for sheet in book.sheets:
        style = styles.getByName(sheet.PageStyle)
        wide = style.IsLandscape
        style.Width, style.Height = (size[1], size[0]) if wide else size


def sheet_of(text: str, sheets: list[str]) -> str:
    """Which sheet a page belongs to: its header ends with the name."""
    header = next(line for line in text.splitlines() if line.strip())
    return next(sheet for sheet in sorted(sheets, key=len, reverse=True) if header.rstrip().endswith(sheet))


def pages_needed(book: Book, sheet: str, size: tuple[int, int]) -> int:
    """Pages that the printed rows fill as wide as the style says, with one to spare for headers repeated and breaks."""
    found = book.document.Sheets.getByName(sheet)
    style = book.document.StyleFamilies.getByName("PageStyles").getByName(found.PageStyle)
    if style.ScaleToPagesX == style.ScaleToPagesY == 1:
        return 1
    areas = found.getPrintAreas()
    if areas:
        area = found.getCellRangeByPosition(
            areas[0].StartColumn, areas[0].StartRow, areas[0].EndColumn, areas[0].EndRow
        )
    else:
        cursor = found.createCursor()
        cursor.gotoEndOfUsedArea(True)
        area = cursor
    width, height = (size[1], size[0]) if style.IsLandscape else size
    across = max(1, style.ScaleToPagesX)
    scale = min(1.0, across * (width - style.LeftMargin - style.RightMargin) / area.Size.Width)
    if not style.ScaleToPagesX:  # wider than a page by design: a scale of its own
        printable = (width - style.LeftMargin - style.RightMargin) * 100 / style.PageScale
        scale = style.PageScale / 100
        side_breaks = sum(
            bool(found.Columns.getByIndex(column).IsManualPageBreak) for column in range(area.Columns.Count)
        )
        across = int(area.Size.Width / (0.8 * printable)) + 1 + side_breaks
    room = (height - style.TopMargin - style.BottomMargin - style.HeaderHeight - style.FooterHeight) / scale
    breaks = sum(bool(found.Rows.getByIndex(row).IsManualPageBreak) for row in range(area.Rows.Count))
    return across * (int(area.Size.Height / (0.9 * room)) + 1 + breaks)


def cut_labels(book: Book) -> Iterator[str]:
    """Cells whose text is wider than the cell where the neighbour is filled, or wraps into more than the row holds."""
    for sheet in book.sheets:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(True)
        values = cursor.getDataArray()
        widths = [sheet.Columns.getByIndex(column).Width for column in range(len(values[0]) + RUN_OVER)]
        for row, cells in enumerate(values):
            for column, text in enumerate(cells):
                if not isinstance(text, str) or not text:
                    continue
                cell = sheet.getCellByPosition(column, row)
                points = cell.CharHeight
                needed = text_width(text, points, cell.CharWeight > 100)
                if needed <= widths[column] or cell.ShrinkToFit:
                    continue
                if cell.IsTextWrapped:
                    parts = [text_width(part, points, False) for part in text.split("\n")]
                    lines = sum(max(1, -(-int(part) // widths[column])) for part in parts)
                    fits = lines * points * LINE <= sheet.Rows.getByIndex(row).Height
                else:
                    fits = needed <= room_for(widths, cells, column, cell.HoriJustify.value)
                if not fits:
                    yield f"{sheet.Name}!{cell.AbsoluteName.rpartition('.')[2]}: {text}"


RUN_OVER = 30
"""Columns beyond the used ones that a text may run over."""
LINE = 39.0
"""Height of a line in hundredths of a millimetre per point of its font."""


def text_width(text: str, points: float, bold: bool) -> float:
    """Width in hundredths of a millimetre, a little less than the true one: letters of Calibri by class."""
    narrow = sum(letter in "iIjlt.,:;!'|()[] f-r" for letter in text)
    wide = sum(letter in "mwMW@%" for letter in text)
    ems = 0.27 * narrow + 0.80 * wide + 0.49 * (len(text) - narrow - wide)
    return ems * points * 35.28 * (1.03 if bold else 1.0)


def room_for(widths: list[int], row: tuple[Any, ...], column: int, align: str) -> float:
    """Width of the cell and of the blank ones that its text may run over."""
    filled = [value != "" for value in row] + [False] * RUN_OVER
    rightwards = next((at for at in range(column + 1, len(filled)) if filled[at]), len(filled))
    leftwards = next((at for at in range(column - 1, -1, -1) if filled[at]), -1)
    if align == "RIGHT":
        return sum(widths[leftwards + 1 : column + 1])
    if align == "CENTER":
        return sum(widths[max(leftwards + 1, column - 1) : min(rightwards, column + 2)])
    return sum(widths[column:rightwards])
