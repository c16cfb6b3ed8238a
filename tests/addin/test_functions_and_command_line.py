"""The same cases through the command line: a workbook of the same order, the same shares, the same class of error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_books import desk_book
from openpyxl import load_workbook
from tradealloc_addin.values import NUM

from addin.cases import CASES, ORDERS, Case, assert_same, workbook_of
from tradealloc.cli import run_command
from tradealloc.workbook.book import CellError


def cell(value: Any) -> Any:
    return value.code if isinstance(value, CellError) else value


@pytest.mark.parametrize("case", ORDERS, ids=str)
def test_parity(case: Case, tmp_path: Path) -> None:
    settings, columns = workbook_of(case)
    path = desk_book(tmp_path / "day.xlsx", settings, {h: [cell(v) for v in c] for h, c in columns.items()}, sizes=())
    before = path.read_bytes()
    status = run_command(["run", str(path)])
    if isinstance(case.expect, int):
        assert status == (3 if case.expect == NUM else 2)
        assert path.read_bytes() == before
        return
    assert status == 0
    sheet = load_workbook(path)["Schedule"]
    header, *rows = sheet.iter_rows(values_only=True)
    shares = [float(row[header.index("Allocation")]) for row in rows]  # type: ignore[arg-type]
    assert_same([shares] if case.name == "row" else [[x] for x in shares], case)


def test_an_unknown_option(tmp_path: Path) -> None:
    (unknown,) = (case for case in CASES if case.name == "unknown option")
    assert run_command(["run", str(desk_book(tmp_path / "day.xlsx")), "--set", unknown.arguments[2]]) == 2
