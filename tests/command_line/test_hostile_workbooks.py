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
