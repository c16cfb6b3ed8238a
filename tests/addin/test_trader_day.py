"""A trader's day: install, open the template, type, =OPTALLOC, Optimise, read, freeze, undo, remove.

Excel itself is pretended: the installer works on a pretend Windows home, the workbook lives in the stub below xlwings'
own classes, and the function goes through xlwings' real `call_udf`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xlwings as xw
from tradealloc_addin import commands
from tradealloc_addin.install import Machine, has_errors, install, remove
from tradealloc_addin.install.paths import places
from tradealloc_addin.xlwings_book import XlwingsBook

from addin.fakewin import excel, rows
from addin.stub_excel import Area, Range, from_xlsx
from tradealloc.templates import new_workbook

BETAS = [3e-5, 1e-5, 2e-5, 4e-5, 5e-5, 1.5e-5]
SHARES = 12_000.0
BY_HAND = SHARES / np.array(BETAS) / sum(1 / beta for beta in BETAS)
FORMULA = "=OPTALLOC(ta_shares,tblIntervals[Beta])"


def column(book: xw.Book, table: str, header: str) -> list[float]:
    found = XlwingsBook(book).table(table)
    assert found is not None
    return [float(cell.value) for cell in found.columns[header]]  # type: ignore[arg-type]


def named(book: xw.Book, name: str) -> object:
    cell = XlwingsBook(book).cell(name)
    assert cell is not None
    return cell.value


def test_a_day(windows: Machine, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(windows.home))
    before = {path for path in windows.home.rglob("*") if path.is_file()}
    assert not has_errors(install(windows, content))
    assert places(windows).addin.is_file()

    book = from_xlsx(new_workbook("daily_schedule", tmp_path / "day.xlsx"))
    stub = book.impl
    live = XlwingsBook(book)
    live.write_cell("ta_shares", SHARES)
    live.write_table("tblIntervals", {"Interval": [1, 2, 3, 4, 5, 6], "Start": [None] * 6, "Beta": BETAS})

    with excel() as office:
        spilled = rows(office.call("OPTALLOC", SHARES, [[beta] for beta in BETAS]))
    np.testing.assert_allclose([row[0] for row in spilled], BY_HAND, rtol=1e-12)
    stub.results = {FORMULA: spilled}
    beside = Range(stub.sheet("Comparison"), Area(80, 8, 80, 8))
    beside.write(FORMULA)

    commands.run("optimise", book, windows.home)
    assert stub.app.alerts == []
    np.testing.assert_allclose(column(book, "tblSchedule", "Allocation"), BY_HAND, rtol=1e-12)
    impact = float(np.sum(np.array(BETAS) * BY_HAND**2)) / SHARES
    assert named(book, "ta_total_impact") == pytest.approx(impact, rel=1e-12)
    assert column(book, "tblSchedule", "Remaining")[-1] == 0

    commands.run("undo", book, windows.home)
    assert "restored" in stub.app.alerts.pop()
    assert named(book, "ta_total_impact") is None

    commands.run("optimise", book, windows.home)
    commands.run("freeze", book, windows.home)
    assert "replaced by values" in stub.app.alerts.pop()
    assert not str(stub.cell("Comparison!H80").formula).startswith("=")
    assert stub.cell("Comparison!H81").value == pytest.approx(BY_HAND[1], rel=1e-12)

    assert not has_errors(remove(windows))
    assert {path for path in windows.home.rglob("*") if path.is_file()} == before
