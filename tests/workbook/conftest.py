"""The books that the contract suite runs on."""

from __future__ import annotations

from pathlib import Path

import pytest
from xlsx_fixtures import Content, MakeBook, Reopen, build

from tradealloc.workbook.book import Book
from tradealloc.workbook.xlsx_book import XlsxBook


@pytest.fixture(params=["xlsx"])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_book(adapter: str, tmp_path: Path) -> MakeBook:
    """A workbook with the content, opened through the adapter."""

    def make(content: Content) -> Book:
        assert adapter == "xlsx"
        return XlsxBook.open(build(tmp_path / "book.xlsx", content))

    return make


@pytest.fixture
def reopen(adapter: str) -> Reopen:
    """The same workbook, as the next program sees it."""

    def again(book: Book) -> Book:
        assert isinstance(book, XlsxBook), adapter
        book.save()
        return XlsxBook.open(book.path)

    return again
