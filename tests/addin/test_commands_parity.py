"""The twenty cases through the ribbon's Optimise on a pretend Excel: the same shares, the same class of error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_books import desk_book
from tradealloc_addin import commands
from tradealloc_addin.xlwings_book import XlwingsBook

from addin.cases import ORDERS, Case, assert_same, workbook_of
from addin.stub_excel import from_xlsx
from tradealloc.errors import InfeasibleError, TradeallocError
from tradealloc.workbook.book import CellError


def cell(value: Any) -> Any:
    return value.code if isinstance(value, CellError) else value


@pytest.mark.parametrize("case", ORDERS, ids=str)
def test_parity(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    settings, columns = workbook_of(case)
    path = desk_book(tmp_path / "day.xlsx", settings, {h: [cell(v) for v in c] for h, c in columns.items()}, sizes=())
    book = from_xlsx(path)
    raised: list[Exception] = []
    explain = commands.explain
    monkeypatch.setattr(commands, "explain", lambda error, title: (raised.append(error), explain(error, title))[1])
    commands.run("optimise", book, home)
    table = XlwingsBook(book).table("tblSchedule")
    assert table is not None
    shares = [c.value for c in table.columns["Allocation"]]
    if isinstance(case.expect, int):
        (error,) = raised
        assert isinstance(error, TradeallocError)
        assert isinstance(error, InfeasibleError) == (case.expect == 2036)
        assert str(error)[1:] in book.impl.app.alerts[0]
        assert set(shares) == {None}
        return
    assert raised == []
    numbers = [float(share) for share in shares]  # type: ignore[arg-type]
    assert_same([numbers] if case.name == "row" else [[x] for x in numbers], case)
