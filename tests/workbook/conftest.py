"""The books that the contract suite runs on."""

from __future__ import annotations

from pathlib import Path

import pytest
from addin.stub_excel import from_content
from tradealloc_addin.xlwings_book import XlwingsBook
from xlsx_fixtures import Content, MakeBook, Reopen, build

from tradealloc.workbook.book import Book
from tradealloc.workbook.xlsx_book import XlsxBook

# A live Excel computes its formulas itself, and has none without a value.
FILE_ONLY = {
    "test_kept_formula_takes_the_value_and_so_do_its_echoes",
    "test_formula_without_a_value_is_not_calculated",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "adapter" in metafunc.fixturenames:
        only_file = metafunc.definition.originalname in FILE_ONLY
        metafunc.parametrize("adapter", ["xlsx"] if only_file else ["xlsx", "excel"])


@pytest.fixture
def make_book(adapter: str, tmp_path: Path) -> MakeBook:
    """A workbook with the content, opened through the adapter."""

    def make(content: Content) -> Book:
        if adapter == "excel":
            return XlwingsBook(from_content(content))
        return XlsxBook.open(build(tmp_path / "book.xlsx", content))

    return make


@pytest.fixture
def reopen(adapter: str) -> Reopen:
    """The same workbook, as the next program sees it."""

    def again(book: Book) -> Book:
        if isinstance(book, XlwingsBook):
            return XlwingsBook(book.book)
        assert isinstance(book, XlsxBook), adapter
        book.save()
        return XlsxBook.open(book.path)

    return again
