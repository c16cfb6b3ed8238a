"""Damaged templates: `tradealloc run` works and is right, or says one sentence and leaves the file alone."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import DAMAGES, Damage, Desk, N, small_day
from hostile_many import BLOTTER_DAMAGES, WHAT_IF_DAMAGES, small_blotter, small_what_if
from openpyxl import load_workbook

import tradealloc as ta
from tradealloc.export import ChildOrder, read_csv
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_day(tmp_path_factory.mktemp("base") / "day.xlsx")


@pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl")
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage(tradealloc: Callable[..., Any], base: Path, day: Path, damage: Damage) -> None:
    shutil.copyfile(base, day)
    desk = Desk(day)
    damage.do(desk)
    desk.save()
    original = day.read_bytes()
    outcome = tradealloc("run", day)
    assert outcome.status == damage.status, outcome.err
    if damage.status:
        assert damage.sentence in outcome.err
        assert outcome.err.count("\n") == 1, "one line"
        assert day.read_bytes() == original
        assert [path.name for path in day.parent.iterdir()] == ["day.xlsx"]
        return
    assert damage.note in outcome.err
    assert bool(damage.note) == ("note" in outcome.err), outcome.err
    _check_result(day)


def _check_result(path: Path) -> None:
    """The allocation that stands in the file is the optimum of the inputs that stand in it."""
    book = XlsxBook.open(path)
    sheet = OrderSheet.read(book)
    betas = np.array([cell.value for cell in sheet.columns["beta"] if not cell.is_blank], dtype=float)
    size = sheet.cells["shares"].value
    assert isinstance(size, int | float)
    wanted = ta.solve(ta.Problem(size, ta.LinearImpact(betas))).shares
    table = book.table("tblSchedule")
    assert table is not None
    found = [cell.value for cell in table.columns["Allocation"]]
    np.testing.assert_allclose(np.array(found, dtype=float), wanted, rtol=1e-9)
    stored = book.cell("ta_fingerprint")
    assert stored is not None
    assert stored.value == OrderSheet.read(book).fingerprint


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("many")
    return {"blotter": small_blotter(folder / "blotter.xlsx"), "what_if": small_what_if(folder / "what_if.xlsx")}


@pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl")
@pytest.mark.parametrize(
    ("template", "damage"),
    [("blotter", damage) for damage in BLOTTER_DAMAGES] + [("what_if", damage) for damage in WHAT_IF_DAMAGES],
    ids=lambda value: getattr(value, "name", value),
)
def test_damage_of_many(
    tradealloc: Callable[..., Any], many: dict[str, Path], tmp_path: Path, template: str, damage: Damage
) -> None:
    path = tmp_path / "many.xlsx"
    shutil.copyfile(many[template], path)
    desk = Desk(path)
    damage.do(desk)
    desk.save()
    original = path.read_bytes()
    outcome = tradealloc("run", path)
    if damage.status:
        assert outcome.status == damage.status
        assert damage.sentence in outcome.err
        assert outcome.err.count("\n") == 1, "one line"
        assert path.read_bytes() == original
        assert [found.name for found in tmp_path.iterdir()] == ["many.xlsx"]
        return
    failed = "not optimised" in outcome.err
    assert outcome.status == (2 if failed else 0), "an order that is wrong reports, the others run"
    assert damage.note in outcome.err
    assert bool(damage.note) == ("note" in outcome.err), outcome.err
    (_check_orders if template == "blotter" else _check_scenarios)(path)


def _numbers(book: XlsxBook, table: str) -> dict[str, list[Any]]:
    found = book.table(table)
    assert found is not None
    return {header: [cell.value for cell in cells] for header, cells in found.columns.items()}


def _check_orders(path: Path) -> None:
    """Each order that is OK has a schedule of its size, cheaper than equal shares or as cheap; the rest have none."""
    book = XlsxBook.open(path)
    results, schedules = _numbers(book, "tblOrderResults"), _numbers(book, "tblSchedules")
    assert "OK" in results["Status"]
    optimised = [row for row, status in enumerate(results["Status"]) if status == "OK"]
    assert list(schedules)[2:] == [results["OrderId"][row] for row in optimised]
    for row in optimised:
        shares = np.array([value or 0.0 for value in schedules[results["OrderId"][row]]])
        assert shares.sum() == pytest.approx(results["Shares"][row], rel=1e-9)
        assert (shares >= 0).all()
        assert results["Improvement"][row] >= -1e-12
    if book.table("tblByTime") is not None:
        by_time = _numbers(book, "tblByTime")
        assert sum(by_time["BuyShares"]) + sum(by_time["SellShares"]) == pytest.approx(
            sum(results["Shares"][row] for row in optimised)
        )


def _check_scenarios(path: Path) -> None:
    """Schedules and results, where they are, name the same scenarios, and each schedule is whole."""
    book = XlsxBook.open(path)
    if book.table("tblScenarioResults") is None or book.table("tblScenarioSchedules") is None:
        return
    results, schedules = _numbers(book, "tblScenarioResults"), _numbers(book, "tblScenarioSchedules")
    solved = [name for name, status in zip(results["Scenario"], results["Status"], strict=True) if status == "OK"]
    filled = [name for name, values in list(schedules.items())[2:] if values[0] is not None]
    assert filled == solved
    if book.table("tblScenarios") is None:
        assert not solved
    for name in solved:
        size = results["Shares"][results["Scenario"].index(name)]
        assert sum(schedules[name]) == pytest.approx(size, rel=1e-9)


def test_the_undamaged_day_is_small(base: Path) -> None:
    table = XlsxBook.open(base).table("tblIntervals")
    assert table is not None
    assert table.rows == N


@pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl")
def test_saved_with_macros_enabled(tradealloc: Callable[..., Any], base: Path, tmp_path: Path) -> None:
    """Saved as .xlsm: the content type differs."""
    path = tmp_path / "day.xlsm"
    shutil.copyfile(base, tmp_path / "day.xlsx")
    desk = Desk(tmp_path / "day.xlsx")
    desk.book = load_workbook(tmp_path / "day.xlsx", keep_vba=True)
    desk.book.save(path)
    with zipfile.ZipFile(path) as package:
        assert b"macroEnabled" in package.read("[Content_Types].xml")
    assert tradealloc("run", path, "--shares", "50000").status == 0
    _check_result(path)
    with zipfile.ZipFile(path) as package:
        assert b"macroEnabled" in package.read("[Content_Types].xml")


def test_the_shipped_size_exports_after_a_run(tradealloc: Callable[..., Any], day: Path) -> None:
    assert tradealloc("new", "daily_schedule", day).status == 0
    assert tradealloc("export", day, "--csv").status == 2, "never run"
    assert tradealloc("run", day, "--set", "lot_size=1").status == 0
    outcome = tradealloc("export", day, "--csv", "--fix-csv", "--date", "2025-03-03", "--timezone", "America/New_York")
    assert outcome.status == 0, outcome.err
    children = read_csv(day.with_name("day-schedule.csv"))
    assert sum(child.shares for child in children) == 100_000
    _check_lots(day, children)


def _check_lots(path: Path, children: list[ChildOrder]) -> None:
    table = XlsxBook.open(path).table("tblSchedule")
    assert table is not None
    allocation = [cell.value for cell in table.columns["Allocation"]]
    assert [child.shares for child in children] == [value for value in allocation if value]
