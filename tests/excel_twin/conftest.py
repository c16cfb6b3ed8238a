"""One LibreOffice for the session; missing is a skip, or a failure under TRADEALLOC_REQUIRE_ALL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .calc import Book
from .office import Office, OfficeMissingError

TEMPLATE = Path(__file__).parents[2] / "workbook_templates" / "daily_schedule.xlsx"
OpenBook = Callable[[Path | None], Book]


def _need(profile: Path) -> Office:
    try:
        for tool in ("pdftoppm", "pdftotext"):
            if shutil.which(tool) is None:
                raise OfficeMissingError(f"{tool} (poppler-utils) isn't installed")
        return Office(profile)
    except OfficeMissingError as reason:
        if os.environ.get("TRADEALLOC_REQUIRE_ALL"):
            pytest.fail(f"TRADEALLOC_REQUIRE_ALL is set, but {reason}")
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running LibreOffice that recalculates whatever it opens."""
    running = _need(tmp_path_factory.mktemp("libreoffice"))
    yield running
    running.stop()


@pytest.fixture
def open_book(office: Office) -> Iterator[OpenBook]:
    """Opens workbooks (None: an empty one) and closes them after the test."""
    books: list[Book] = []

    def open_one(path: Path | None = None) -> Book:
        books.append(Book(office, path))
        return books[-1]

    yield open_one
    for book in books:
        book.close()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the daily schedule template."""
    return Path(shutil.copy(TEMPLATE, tmp_path / "day.xlsx"))
