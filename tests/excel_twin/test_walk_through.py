"""What a new user does with each template, step by step, each step's result checked.

Copy it, type other inputs, paste other betas, run it by the command line and by the ribbon (on the stub of Excel), see
in LibreOffice that both say the same and that all checks hold, print it, make the report, export the schedule.

``TRADEALLOC_PICTURES=workbook_templates/pictures`` keeps the pictures that the README shows.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xlwings as xw
from addin.stub_excel import from_xlsx
from tradealloc_addin import commands
from tradealloc_addin.xlwings_book import XlwingsBook

from tradealloc.cli import run_command
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.xlsx_book import XlsxBook

from .calc import Book, page_texts, pages
from .conftest import OpenBook
from .office import Office

N = 78
STARTS = [dt.time(9 + (30 + 5 * t) // 60, (30 + 5 * t) % 60) for t in range(N)]
RNG = np.random.default_rng(11)
BETAS = np.exp(RNG.normal(np.log(2e-5), 0.4, N))
SPREADS = RNG.uniform(0.004, 0.01, N)
VOLUMES = RNG.uniform(20_000, 90_000, N)
PASTED: dict[str, Sequence[CellValue]] = {
    "Interval": list(range(1, N + 1)),
    "Start": STARTS,
    "Beta": BETAS.tolist(),
    "HalfSpread": SPREADS.tolist(),
    "Volume": VOLUMES.tolist(),
}
ORDER: dict[str, CellValue] = {
    "ta_symbol": "WALK", "ta_side": "sell", "ta_shares": 90_000, "ta_arrival_price": 42.5, "ta_participation": 0.1,
    "ta_lot_size": 1,
}  # fmt: skip
RESULTS = ("ta_total_cost", "ta_total_impact_bps", "ta_improvement", "ta_saving", "ta_status", "ta_checks")


def type_an_order(book: XlsxBook | XlwingsBook) -> None:
    """Other inputs in the cells, other betas pasted over the example's."""
    for name, value in ORDER.items():
        assert book.write_cell(name, value), name
    assert book.write_table("tblIntervals", PASTED)


def type_a_blotter(book: XlsxBook | XlwingsBook) -> None:
    """Another profile pasted, three orders on it: one whose window is at the end of the day, one that can't be done."""
    assert book.write_table("tblProfiles", {"Profile": ["walk"] * N, **PASTED})
    orders: dict[str, Sequence[CellValue]] = {
        "OrderId": ["W-1", "W-2", "W-3"],
        "Symbol": ["WALK", "שלום", "=2+3"],
        "Side": ["sell", "buy", "buy"],
        "Shares": [90_000, 12_000, 10_000_000],
        "Profile": ["walk"] * 3,
        "ArrivalPrice": [42.5, 10, 20],
        "WindowStart": [None, dt.time(14, 0), None],
        "Participation": [0.1] * 3,
        "LotSize": [1] * 3,
    }
    blank = {"WindowEnd": [None] * 3, "ImpactCap": [None] * 3, "MaxShares": [None] * 3, "MinClip": [None] * 3}
    assert book.write_table("tblOrders", {**orders, **blank})


@dataclass(frozen=True)
class Walk:
    """What differs between templates: how a user fills it, how its run ends, which sheet stands for it."""

    fill: Callable[[XlsxBook | XlwingsBook], None]
    status: int
    checks: str
    shares: float
    symbols: set[str]
    picture: str


WALKS = {
    "daily_schedule": Walk(type_an_order, 0, "OK", 90_000, {"WALK"}, "Order"),
    "what_if": Walk(type_an_order, 0, "OK", 90_000, {"WALK"}, "Trade-offs"),
    "live_functions": Walk(type_an_order, 0, "OK", 90_000, {"WALK"}, "Live schedule"),
    "blotter": Walk(type_a_blotter, 3, "CHECK", 102_000, {"WALK", "שלום"}, "Summary"),
}


@pytest.mark.parametrize("name", WALKS)
def test_a_new_user_gets_from_the_template_to_the_report(
    name: str, tmp_path: Path, office: Office, open_book: OpenBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk, day = WALKS[name], tmp_path / "day.xlsx"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert run_command(["new", name, str(day)]) == 0
    typed = XlsxBook.open(day)
    walk.fill(typed)
    typed.save()
    by_ribbon = from_xlsx(day)
    fresh = Book(office, day)
    assert said(fresh) == ("NOT RUN", "NOT RUN")
    fresh.close()

    assert run_command(["run", str(day)]) == walk.status
    commands.run("optimise", by_ribbon, tmp_path)
    assert commands.outcome == "undoable", by_ribbon.impl.app.alerts
    np.testing.assert_array_equal(allocations(XlsxBook.open(day)), allocations(XlwingsBook(by_ribbon)))
    for result in RESULTS[:4]:
        assert number(by_ribbon, result) == pytest.approx(number(XlsxBook.open(day), result), rel=1e-12), result

    shown = open_book(day)
    assert shown.error_cells() == []
    assert said(shown) == ("OK", walk.checks)
    assert allocations(XlsxBook.open(day)).sum() == pytest.approx(walk.shares, rel=1e-12)
    printed = shown.pdf(tmp_path / "day.pdf")
    assert all("###" not in text for text in page_texts(printed))

    assert run_command(["report", str(day), "--pdf", "--html", "-o", str(tmp_path / "page")]) == 0
    assert "WALK" in "".join(page_texts(tmp_path / "page" / "day_report.pdf"))
    exported = tmp_path / "orders.csv"
    assert run_command(["export", str(day), "--csv", "-o", str(exported)]) == 0
    with exported.open(newline="", encoding="utf-8") as file:
        children = list(csv.DictReader(file))
    assert sum(float(child["shares"]) for child in children) == walk.shares
    assert {child["symbol"] for child in children} == walk.symbols

    type_something_else(shown)
    assert said(shown) == ("STALE", "CHECK")


def test_the_pictures_of_the_readme(tmp_path: Path, open_book: OpenBook) -> None:
    """Each template's example after a run, and the report's page; kept where ``TRADEALLOC_PICTURES`` says."""
    kept = Path(os.environ.get("TRADEALLOC_PICTURES", tmp_path / "pictures"))
    kept.mkdir(parents=True, exist_ok=True)
    for name, walk in WALKS.items():
        day = tmp_path / f"{name}.xlsx"
        assert run_command(["new", name, str(day)]) == 0
        assert run_command(["run", str(day)]) == 0
        printed = open_book(day).pdf(tmp_path / f"{name}.pdf")
        titles = [text.splitlines()[0] for text in page_texts(printed)]
        page = next(n for n, title in enumerate(titles, start=1) if title.endswith(walk.picture))
        [drawn] = pages(printed, tmp_path, 100, only=page)
        shutil.copy(drawn, kept / f"{name}.png")
    assert run_command(["report", str(tmp_path / "daily_schedule.xlsx"), "--pdf", "-o", str(tmp_path)]) == 0
    [page_of_report] = pages(tmp_path / "daily_schedule_report.pdf", tmp_path, 90)
    shutil.copy(page_of_report, kept / "report.png")
    assert {path.stem for path in kept.glob("*.png")} >= {*WALKS, "report"}
    assert all(path.stat().st_size > 20_000 for path in kept.glob("*.png"))


def test_json_says_what_the_workbook_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = tmp_path / "day.xlsx"
    assert run_command(["new", "daily_schedule", str(day)]) == 0
    capsys.readouterr()
    assert run_command(["run", str(day), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total_cost"] == number(XlsxBook.open(day), "ta_total_cost")


def said(book: Book) -> tuple[object, object]:
    """The two flags that every sheet shows."""
    return book.get("ta_status"), book.get("ta_checks")


def allocations(book: XlsxBook | XlwingsBook) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """All shares of the schedules, blanks as 0."""
    schedules = book.table("tblSchedules")
    single = book.table("tblSchedule")
    if schedules is None:
        assert single is not None
        columns = [single.columns["Allocation"]]
    else:
        columns = [cells for header, cells in schedules.columns.items() if header not in ("Interval", "Start")]
    return np.array([float(cell.value or 0) for cells in columns for cell in cells])  # type: ignore[arg-type]


def number(book: XlsxBook | xw.Book, name: str) -> float:
    cell = (book if isinstance(book, XlsxBook) else XlwingsBook(book)).cell(name)
    assert cell is not None
    assert isinstance(cell.value, float | int), (name, cell)
    return float(cell.value)


def type_something_else(book: Book) -> None:
    table, header = ("tblProfiles", "Beta") if book.document.DatabaseRanges.hasByName("tblProfiles") else (
        "tblIntervals", "Beta"
    )  # fmt: skip
    book.set_item(table, header, 3, 9e-5)
    book.recalculate()
