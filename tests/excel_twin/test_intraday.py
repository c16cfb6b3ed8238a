"""The Intraday sheet in a real spreadsheet: pasted fills leave the morning's result fresh; the plan's verdict."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pytest
from intraday_desk import STARTS

from tradealloc import actions
from tradealloc.actions.day_inputs import DayInputs
from tradealloc.actions.monitor import monitor
from tradealloc.actions.reoptimise import reoptimise
from tradealloc.templates import template_path
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book, page_texts
from .conftest import OpenBook
from .test_look import ERRORS, LEAST_WORDS, cut_labels, pages_needed, sheet_of

A4 = (21_000, 29_700)
VERDICT = "S24"
"""Whether the plan came from the schedule as it stands."""
ALERTS_FLAG = "G3"
"""How many alerts there are."""


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The daily schedule with an hour of fills, twice the same without ids, re-optimised at half past ten."""
    path = Path(shutil.copy(template_path("daily_schedule"), tmp_path_factory.mktemp("traded") / "day.xlsx"))
    book = XlsxBook.open(path)
    planned = actions.optimise(book).schedule.shares  # type: ignore[union-attr]
    rows = [(start.replace(second=30), round(shares)) for start, shares in zip(STARTS[:60], planned, strict=False)]
    rows += [(dt.time(10, 29, 50), 12_345), (dt.time(10, 29, 50), 12_345)]
    columns = {
        "Time": [time for time, _ in rows], "Shares": [shares for _, shares in rows],
        "Price": [1234.5678] * len(rows), "Mid": [1234.5432] * len(rows),
    }  # fmt: skip
    assert book.write_table("tblFills", columns)
    reoptimise(book, DayInputs(now=dt.time(10, 30)))
    book.save()
    return path


def verdict(book: Book, address: str = VERDICT) -> str:
    found = book.document.Sheets.getByName("Intraday").getCellRangeByName(address)
    return str(found.String)


def alert_kinds(path: Path) -> list[str]:
    """Kind of every row of the alerts' table, as it stands in the file."""
    table = XlsxBook.open(path).table("tblAlerts")
    assert table is not None
    return [str(cell.value) for cell in table.columns["Kind"]]


def test_fills_leave_the_morning_fresh_and_another_schedule_makes_the_plan_stale(
    open_book: OpenBook, traded: Path
) -> None:
    opened = open_book(traded)
    assert opened.error_cells() == []
    assert (opened.get("ta_status"), opened.get("ta_checks"), verdict(opened)) == ("OK", "OK", "OK")
    opened.set_item("tblFills", "Shares", 3, 1.0)
    opened.recalculate()
    assert (opened.get("ta_status"), opened.get("ta_checks")) == ("OK", "OK")
    opened.set_item("tblSchedule", "Allocation", 200, 1.0)
    opened.recalculate()
    assert verdict(opened) == "STALE"


def test_before_a_plan(open_book: OpenBook) -> None:
    path = template_path("daily_schedule")
    opened = open_book(path)
    assert verdict(opened) == "NOT RUN"
    assert verdict(opened, ALERTS_FLAG) == "-"
    assert openpyxl.load_workbook(path, data_only=True)["Intraday"][ALERTS_FLAG].value == "-"


def test_the_banner_counts_the_alerts_and_leaves_out_the_plans_reasons(open_book: OpenBook, traded: Path) -> None:
    kinds = alert_kinds(traded)
    count = sum(kind != "plan" for kind in kinds)
    assert "plan" in kinds
    assert 1 < count < len(kinds)
    opened = open_book(traded)
    assert verdict(opened, ALERTS_FLAG) == f"{count} alerts"
    for row in range(count - 1):
        opened.set_item("tblAlerts", "Kind", row, "plan")
    opened.recalculate()
    assert verdict(opened, ALERTS_FLAG) == "1 alert"
    opened.set_item("tblAlerts", "Kind", count - 1, "none")
    opened.recalculate()
    assert verdict(opened, ALERTS_FLAG) == "none"


def test_the_banner_after_monitor(open_book: OpenBook, tmp_path: Path) -> None:
    path = Path(shutil.copy(template_path("daily_schedule"), tmp_path / "day.xlsx"))
    book = XlsxBook.open(path)
    actions.optimise(book)
    book.save()
    shown = [verdict(open_book(Path(shutil.copy(path, tmp_path / "run.xlsx"))), ALERTS_FLAG)]
    for now in (dt.time(9, 30), dt.time(10, 30)):
        monitor(book, DayInputs(now=now))
        book.save()
        shown.append(verdict(open_book(Path(shutil.copy(path, tmp_path / f"{now:%H%M}.xlsx"))), ALERTS_FLAG))
    kinds = alert_kinds(path)
    assert "none" not in kinds
    assert shown == ["-", "none", f"{len(kinds)} alerts" if len(kinds) > 1 else "1 alert"]


def test_its_pages(open_book: OpenBook, traded: Path, tmp_path: Path) -> None:
    opened = open_book(traded)
    assert [label for label in cut_labels(opened) if label.startswith("Intraday")] == []
    texts = page_texts(opened.pdf(tmp_path / "day.pdf"))
    sheets = [sheet.Name for sheet in opened.sheets]
    own = [text for text in texts if sheet_of(text, sheets) == "Intraday"]
    assert 1 < len(own) <= pages_needed(opened, "Intraday", A4)
    for text in own:
        assert not ERRORS.search(text)
        assert len(text.split()) > LEAST_WORDS
    assert "behind schedule" not in own[0]
    assert "ahead" in own[0]
    assert "both count" in own[0]
