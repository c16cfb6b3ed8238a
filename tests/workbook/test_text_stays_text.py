"""Text that begins like a formula is written as text, whatever the adapter: labels, symbols and ids come from users."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from addin.stub_excel import from_content
from tradealloc_addin.xlwings_book import XlwingsBook
from xlsx_fixtures import Content, MakeBook, Reopen, build

from tradealloc import actions
from tradealloc.workbook.xlsx_book import XlsxBook

RISKY = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|'/c calc'!A1", "\t=1", " =1", "＝1", "'=1", "=", "-", "1/2", "TRUE",
    "1e5",
]  # fmt: skip
ROWS = len(RISKY)
CONTENT = Content(
    cells={
        "Desk!A1": 1000.0,
        "Intervals!A1": "Interval", "Intervals!B1": "Beta", "Schedule!A1": "Interval", "Schedule!B1": "Allocation",
        **{f"Intervals!B{row}": 1e-5 * row for row in range(2, ROWS + 2)},
        **{f"Schedule!B{row}": 0.0 for row in range(2, ROWS + 2)},
    },
    names={"ta_shares": "Desk!$A$1", "ta_symbol": "Desk!$A$2"},
    tables={"tblIntervals": f"Intervals!A1:B{ROWS + 1}", "tblSchedule": f"Schedule!A1:B{ROWS + 1}"},
)  # fmt: skip


@pytest.mark.parametrize("text", RISKY)
def test_a_cell(make_book: MakeBook, reopen: Reopen, text: str) -> None:
    book = make_book(CONTENT)
    book.write_cell("ta_symbol", text)
    cell = reopen(book).cell("ta_symbol")
    assert cell is not None
    assert (cell.value, cell.is_formula) == (text, False)


def test_labels_go_from_the_intervals_to_the_schedule(make_book: MakeBook, reopen: Reopen) -> None:
    book = make_book(CONTENT)
    book.write_table("tblIntervals", {"Interval": RISKY})
    book = reopen(book)
    actions.optimise(book, now=dt.datetime(2025, 3, 3))
    table = reopen(book).table("tblSchedule")
    assert table is not None
    assert [(cell.value, cell.is_formula) for cell in table.columns["Interval"]] == [(text, False) for text in RISKY]


def test_a_block_at_an_address(make_book: MakeBook, reopen: Reopen) -> None:
    book = make_book(CONTENT)
    book.write_range("Desk!C1", [[text] for text in RISKY])
    rows = reopen(book).range(f"Desk!C1:C{ROWS}")
    assert [(row[0].value, row[0].is_formula) for row in rows] == [(text, False) for text in RISKY]


def test_ids_as_headers(make_book: MakeBook, reopen: Reopen) -> None:
    book = make_book(CONTENT)
    ids = ["=B+2", "+A", "-1", "@x"]
    book.write_table("tblSchedule", {"Interval": [1, 2], **{name: [1.0, 2.0] for name in ids}}, reshape=True)
    again = reopen(book)
    table = again.table("tblSchedule")
    assert table is not None
    assert list(table.columns) == ["Interval", *ids]
    assert not any(cell.is_formula for cell in again.range("Schedule!A1:E1")[0])


def test_the_file_holds_no_formula(tmp_path: Path) -> None:
    book = XlsxBook.open(build(tmp_path / "book.xlsx", CONTENT))
    book.write_table("tblSchedule", {"Interval": RISKY})
    book.save()
    with zipfile.ZipFile(tmp_path / "book.xlsx") as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f" in sheet for sheet in sheets)


def test_excel_is_given_an_apostrophe() -> None:
    """Excel reads what a program gives as if it were typed."""
    book = from_content(CONTENT)
    XlwingsBook(book).write_cell("ta_symbol", "=1+1")
    assert book.impl.cell("Desk!A2").value == "=1+1"
    assert not book.impl.cell("Desk!A2").formula
