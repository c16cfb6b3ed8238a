"""Reports on small desk workbooks, PDF as text, and a browser that is allowed no network."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_books import desk_book
from report_cases import FULL, NOW

from tradealloc.actions.report import Report, make_report
from tradealloc.workbook.xlsx_book import XlsxBook


def _missing(reason: str) -> None:
    pytest.fail(reason) if os.environ.get("TRADEALLOC_REQUIRE_ALL") else pytest.skip(reason)


@pytest.fixture
def report_of(tmp_path: Path) -> Callable[..., Report]:
    """The report on a desk workbook."""

    def make(**arguments: Any) -> Report:
        return make_report(XlsxBook.open(desk_book(tmp_path / "day.xlsx", **arguments)), now=NOW)

    return make


@pytest.fixture
def full_report(report_of: Callable[..., Report]) -> Report:
    """An order with volumes, spreads, limits and a size that can't be traded."""
    return report_of(**FULL)


@pytest.fixture
def pdf_tool(tmp_path: Path) -> Callable[..., str]:
    """Runs one of poppler's programs on a PDF."""

    def call(program: str, content: bytes, *options: str) -> str:
        if shutil.which(program) is None:
            _missing(f"{program} (poppler-utils) isn't installed")
        path = tmp_path / "page.pdf"
        path.write_bytes(content)
        output = ["-"] if program == "pdftotext" else []
        done = subprocess.run([program, *options, str(path), *output], capture_output=True, text=True, check=True)
        return done.stdout

    return call


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium of this computer; none is downloaded."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        _missing("chromium isn't installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()
