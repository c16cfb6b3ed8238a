"""What users do to a workbook before they run it, done with openpyxl: each damage works, or gives one sentence."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.filters import AutoFilter, FilterColumn, Filters
from openpyxl.worksheet.worksheet import Worksheet

from tradealloc import actions
from tradealloc.templates import template_path
from tradealloc.workbook.xlsx_book import XlsxBook

N = 12
NOW = dt.datetime(2025, 3, 3, 9, 15)
BETAS = [5e-5, 8e-5, 7e-5, 9e-5, 1e-4, 1.1e-4, 1.2e-4, 1e-4, 9e-5, 7e-5, 6e-5, 4e-5]


def small_day(path: Path) -> Path:
    """The daily schedule with twelve intervals of half an hour, after a run."""
    shutil.copyfile(template_path("daily_schedule"), path)
    book = XlsxBook.open(path)
    starts = [dt.time(9 + (30 + 30 * t) // 60, (30 * t + 30) % 60) for t in range(N)]
    book.write_table("tblIntervals", {"Interval": list(range(1, N + 1)), "Start": starts, "Beta": BETAS})
    actions.optimise(book, now=NOW)
    book.save()
    path.with_name(f"{path.name}.bak").unlink()
    return path


class Desk:
    """The workbook as the user's hands see it: single cells by name, columns by table and header."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book: Workbook = load_workbook(path, keep_vba=path.suffix == ".xlsm")

    def save(self) -> None:
        self.book.save(self.path)

    def sheet_of(self, table: str) -> Worksheet:
        return next(sheet for sheet in self.book.worksheets if table in sheet.tables)

    def place(self, table: str, header: str, row: int) -> Any:
        """The cell of a table's row, counted from 0."""
        sheet = self.sheet_of(table)
        left, top, right, _ = range_boundaries(sheet.tables[table].ref)
        headers = [sheet.cell(top, column).value for column in range(left, right + 1)]
        return sheet.cell(top + 1 + row, left + headers.index(header))

    def put(self, header: str, row: int, value: Any) -> None:
        self.place("tblIntervals", header, row).value = value

    def fill(self, header: str, values: Sequence[Any]) -> None:
        for row, value in enumerate(values):
            self.put(header, row, value)

    def resize(self, table: str, rows: int) -> None:
        """Drag the table's corner."""
        sheet = self.sheet_of(table)
        left, top, right, _ = range_boundaries(sheet.tables[table].ref)
        ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{top + rows}"
        sheet.tables[table].ref = ref
        sheet.tables[table].autoFilter = AutoFilter(ref=ref)

    def named(self, name: str) -> Any:
        sheet, _, address = self.book.defined_names[name].attr_text.rpartition("!")
        return self.book[sheet.strip("'")][address.replace("$", "")]


@dataclass(frozen=True)
class Damage:
    """One thing that users do.

    Attributes
    ----------
    name
        Of the test.
    do
        Does it.
    status, sentence
        What `tradealloc run` gives: 0, or the exit status and a part of its sentence.
    note
        Part of a note beside a run that works.
    confirmed
        Whether the template's own formulas confirm the result; not where the user took them out.
    """

    name: str
    do: Callable[[Desk], object]
    status: int = 0
    sentence: str = ""
    note: str = ""
    confirmed: bool = True


def _delete(sheet: str) -> Callable[[Desk], None]:
    return lambda desk: desk.book.remove(desk.book[sheet])


def _delete_order_sheet(desk: Desk) -> None:
    """As Excel does it: the names go on, pointing to #REF!."""
    desk.book.remove(desk.book["Order"])
    for name in desk.book.defined_names.values():
        if name.attr_text.startswith("Order!"):
            name.attr_text = "#REF!"


def _rename_table(desk: Desk) -> None:
    table = desk.sheet_of("tblIntervals").tables["tblIntervals"]
    table.name = table.displayName = "tblBetas"


def _rename(table: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        found = desk.sheet_of(table).tables[table]
        found.name = found.displayName = f"{table}2"

    return do


def _rename_column(table: str, old: str, new: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        sheet = desk.sheet_of(table)
        found = sheet.tables[table]
        next(column for column in found.tableColumns if column.name == old).name = new
        first = desk.place(table, old, 0)
        sheet.cell(first.row - 1, first.column).value = new

    return do


def _rename_sheets(desk: Desk) -> None:
    for old, new in (("Run log", "Läufe & Co"), ("Cover", "צוות")):
        desk.book[old].title = new


def _rows(count: int) -> Callable[[Desk], None]:
    """As many intervals as that, a second each."""

    def do(desk: Desk) -> None:
        desk.resize("tblIntervals", count)
        for row in range(count):
            desk.put("Interval", row, row + 1)
            desk.put("Start", row, dt.time(9 + row // 3600, row // 60 % 60, row % 60))
            desk.put("Beta", row, BETAS[row % N])
        for row in range(count, N):
            for header in ("Interval", "Start", "Beta"):
                desk.put(header, row, None)

    return do


def _spare_rows(desk: Desk) -> None:
    desk.resize("tblIntervals", N + 5)


def _gap(desk: Desk) -> None:
    for header in ("Interval", "Start", "Beta"):
        desk.put(header, 4, None)


def _column_inside(desk: Desk) -> None:
    """A column of the desk's own among ours."""
    sheet = desk.sheet_of("tblIntervals")
    left, top, right, bottom = range_boundaries(sheet.tables["tblIntervals"].ref)
    for row in range(top, bottom + 1):
        moved = [sheet.cell(row, column).value for column in range(left + 1, right + 1)]
        sheet.cell(row, left + 1).value = "Note" if row == top else "desk's own"
        for column, value in enumerate(moved, start=left + 2):
            sheet.cell(row, column).value = value
    table = sheet.tables["tblIntervals"]
    columns = [column.name for column in table.tableColumns]
    table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right + 1)}{bottom}"
    table.autoFilter = AutoFilter(ref=table.ref)
    names = [columns[0], "Note", *columns[1:]]
    column = table.tableColumns[-1].__copy__()
    column.id = len(names)
    table.tableColumns.append(column)
    for column, name in zip(table.tableColumns, names, strict=True):
        column.name = name


def _shift_right(desk: Desk) -> None:
    """A column inserted left of the table."""
    sheet = desk.sheet_of("tblIntervals")
    left, top, right, bottom = range_boundaries(sheet.tables["tblIntervals"].ref)
    sheet.move_range(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}", cols=1)
    ref = f"{get_column_letter(left + 1)}{top}:{get_column_letter(right + 1)}{bottom}"
    sheet.tables["tblIntervals"].ref = ref
    sheet.tables["tblIntervals"].autoFilter = AutoFilter(ref=ref)


def _respell_headers(desk: Desk) -> None:
    for column, name in zip(desk.sheet_of("tblIntervals").tables["tblIntervals"].tableColumns, _HEADERS, strict=True):
        column.name = name
    for number, name in enumerate(_HEADERS):
        desk.sheet_of("tblIntervals").cell(6, 2 + number).value = name


_HEADERS = ("INTERVAL", "start", "beta", "gamma", "halfspread", "VOLUME", "volatility", "minshares", "MAXSHARES")


def _format(header: str, number_format: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        for row in range(N):
            desk.place("tblIntervals", header, row).number_format = number_format

    return do


def _format_named(name: str, number_format: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        desk.named(name).number_format = number_format

    return do


def _texts(header: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        for row in range(N):
            cell = desk.place("tblIntervals", header, row)
            cell.value, cell.number_format = str(cell.value), "@"

    return do


def _hide(desk: Desk) -> None:
    sheet = desk.sheet_of("tblIntervals")
    for row in range(9, 12):
        sheet.row_dimensions[row].hidden = True
    for column in "EFG":
        sheet.column_dimensions[column].hidden = True
    desk.book["Comparison"].sheet_state = "hidden"


def _filter(table: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        sheet = desk.sheet_of(table)
        found = sheet.tables[table]
        shown = FilterColumn(colId=0, filters=Filters(filter=["1", "2"]))
        found.autoFilter = AutoFilter(ref=found.ref, filterColumn=[shown])
        _, top, _, bottom = range_boundaries(found.ref)
        for row in range(top + 3, bottom + 1):
            sheet.row_dimensions[row].hidden = True

    return do


def _merge_shares(desk: Desk) -> None:
    cell = desk.named("ta_shares")
    cell.parent.merge_cells(start_row=cell.row, end_row=cell.row, start_column=cell.column, end_column=cell.column + 1)


def _merge_betas(desk: Desk) -> None:
    first = desk.place("tblIntervals", "Beta", 2)
    first.parent.merge_cells(
        start_row=first.row, end_row=first.row + 1, start_column=first.column, end_column=first.column
    )


def _merge_schedule(desk: Desk) -> None:
    first = desk.place("tblSchedule", "Allocation", 2)
    first.parent.merge_cells(
        start_row=first.row, end_row=first.row + 1, start_column=first.column, end_column=first.column
    )


def _name(desk: Desk, name: str, text: str | None) -> None:
    if text is None:
        del desk.book.defined_names[name]
    else:
        desk.book.defined_names[name].attr_text = text


def _no_headers(desk: Desk) -> None:
    sheet = desk.sheet_of("tblIntervals")
    table = sheet.tables["tblIntervals"]
    left, top, right, bottom = range_boundaries(table.ref)
    table.headerRowCount = 0
    table.autoFilter = None
    table.ref = f"{get_column_letter(left)}{top + 1}:{get_column_letter(right)}{bottom}"
    for column in range(left, right + 1):
        sheet.cell(top, column).value = None


def _protect(desk: Desk) -> None:
    for sheet in desk.book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.set_password("desk")


def _below(value: Any) -> Callable[[Desk], None]:
    """Pasted or typed below the table, which doesn't grow."""

    def do(desk: Desk) -> None:
        desk.put("Beta", N, value)

    return do


def _starts(*texts: str) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        desk.resize("tblIntervals", len(texts))
        for row in range(len(texts), N):
            for header in ("Interval", "Start", "Beta"):
                desk.put(header, row, None)
        desk.fill("Start", [dt.time.fromisoformat(text) for text in texts])

    return do


def _labels(desk: Desk) -> None:
    desk.fill(
        "Interval", ["פתיחה", "افتتاح", "始値", "Öffnung", "открытие", "=1+1", "+2", "-3", "@x", "a\u200fb", "ก", "é"]
    )
    desk.place("tblIntervals", "Interval", 5).data_type = "s"
    desk.named("ta_symbol").value = "טבע"


def _emoji(desk: Desk) -> None:
    desk.fill("Interval", ["🚀", "📉 open"])
    desk.named("ta_symbol").value = "🍎"


def put_named(name: str, value: Any) -> Callable[[Desk], None]:
    def do(desk: Desk) -> None:
        desk.named(name).value = value

    return do


def put_in(header: str, row: int, value: Any) -> Callable[[Desk], None]:
    return lambda desk: desk.put(header, row, value)


def _nothing(_: Desk) -> None:
    """Saved by openpyxl: values of formulas, charts' styling and more are gone."""


DAMAGES: tuple[Damage, ...] = (
    Damage("saved by openpyxl", _nothing),
    Damage("Comparison deleted", _delete("Comparison"), confirmed=False),
    Damage("Checks deleted", _delete("Checks"), note="(Checks) is gone", confirmed=False),
    Damage("Run log deleted", _delete("Run log")),
    Damage("Cover deleted", _delete("Cover")),
    Damage("Intervals deleted", _delete("Intervals"), 2, "day.xlsx has no table tblIntervals"),
    Damage("Schedule deleted", _delete("Schedule"), 2, "day.xlsx has no table tblSchedule"),
    Damage("Order deleted", _delete_order_sheet, 2, "ta_"),
    Damage("table renamed", _rename_table, 2, "day.xlsx has no table tblIntervals"),
    Damage("sheets renamed", _rename_sheets),
    Damage("progress' table renamed", _rename("tblProgress"), 2, "is called tblProgress2 and has the columns of tblP"),
    Damage("result's column renamed", _rename_column("tblComparison", "Improvement", "Gain"),
           note="tblComparison has no column Improvement, which isn't shown; what stands in its column Gain isn't of"),
    Damage("one interval", _rows(1)),
    Damage("5,000 intervals", _rows(5_000)),
    Damage("blank rows at the end", _spare_rows),
    Damage("blank row in between", _gap, 2, "Intervals!D11 is blank: give the interval's Beta"),
    Damage("betas below the table", _below(7e-5), note="Intervals!D19"),
    Damage("words below the table", _below("average above")),
    Damage("column inside the table", _column_inside),
    Damage("table moved to the right", _shift_right),
    Damage("headers in other case", _respell_headers, confirmed=False),
    Damage("betas as text", _texts("Beta"), 2, "Intervals!D7 holds the text '5e-05': give a number"),
    Damage("size as text", put_named("ta_shares", "100000"), 2, "holds the text '100000': give a number"),
    Damage("size in words", put_named("ta_shares", "100k"), 2, "holds the text '100k': give a number"),
    Damage("text format on numbers", _format("Beta", "@")),
    Damage("betas as currency", _format("Beta", '"$"#,##0.00')),
    Damage("betas as dates", _format("Beta", "dd/mm/yyyy"), 2, "Intervals!D7 holds a date or time"),
    Damage("size as a date", _format_named("ta_shares", "yyyy-mm-dd"), 2, "holds a date or time"),
    Damage("starts as numbers", _format("Start", "0.000000")),
    Damage("starts as text", _texts("Start")),
    Damage("rows, columns and a sheet hidden", _hide, note="tblIntervals hides rows"),
    Damage("intervals filtered", _filter("tblIntervals"), note="tblIntervals hides rows"),
    Damage("schedule filtered", _filter("tblSchedule")),
    Damage("formula without value as beta", put_in("Beta", 3, "=1/10000"), 2,
           "Intervals!D10 holds a formula that was never calculated"),
    Damage("formula without value as size", put_named("ta_shares", "=2*50000"), 2,
           "holds a formula that was never calculated"),
    Damage("error as beta", put_in("Beta", 3, "#N/A"), 2, "Intervals!D10 holds the error #N/A"),
    Damage("error as symbol", put_named("ta_symbol", "#REF!"), 2, "holds the error #REF!"),
    Damage("error in an unused column", put_in("Volatility", 0, "#DIV/0!"), confirmed=False),
    Damage("size merged with its neighbour", _merge_shares),
    Damage("betas merged", _merge_betas, 2, "Intervals!D10 is blank"),
    Damage("schedule merged", _merge_schedule, 4, "Schedule!"),
    Damage("size's name deleted", lambda desk: _name(desk, "ta_shares", None), 2, "has no name ta_shares"),
    Damage("size's name on #REF!", lambda desk: _name(desk, "ta_shares", "#REF!"), 2, "ta_shares"),
    Damage("size's name on a deleted sheet", lambda desk: _name(desk, "ta_shares", "Gone!$A$1"), 2, "ta_shares"),
    Damage("size's name on many cells", lambda desk: _name(desk, "ta_shares", "Order!$C$8:$C$9"), 2, "ta_shares"),
    Damage("result's name on #REF!", lambda desk: _name(desk, "ta_saving", "#REF!"), 2, "ta_saving"),
    Damage("result's name deleted", lambda desk: _name(desk, "ta_saving", None), confirmed=False),
    Damage("no header row", _no_headers, confirmed=False),
    Damage("sheets protected with a password", _protect),
    Damage("starts out of order", _starts("09:30", "10:30", "10:00"), 2,
           "Intervals!C9 is 10:00, before 10:30 in Intervals!C8: sort"),
    Damage("starts twice", _starts("09:30", "10:00", "10:00"), 2, "Intervals!C9 is 10:00, as Intervals!C8 is"),
    Damage("starts past midnight", _starts("22:00", "23:00", "00:00", "01:00")),
    Damage("starts of two days", _starts("09:30", "15:30", "09:30", "15:30"), 2, "Intervals!C9 is 09:30, before 15:30"),
    Damage("letters of the world", _labels),
    Damage("emoji", _emoji, confirmed=False),
    Damage("symbol of 30 characters", put_named("ta_symbol", "ABCDEFGHIJKLMNOPQRSTUVWXYZ1234")),
    Damage("blanks instead of empty cells", put_in("MaxShares", 2, "   ")),
    Damage("a caption in a number column", put_in("MaxShares", 2, "none"), 2, "Intervals!J9 holds the text 'none'"),
)  # fmt: skip
