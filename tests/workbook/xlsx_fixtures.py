"""Workbooks for the tests, built by programs other than the one under test."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from tradealloc.workbook.book import Book

MakeBook = Callable[["Content"], Book]
Reopen = Callable[[Book], Book]
ROWS = 78
START = dt.time(9, 30)

# The smallest valid PNG: one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000"
    "000301010018dd8db00000000049454e44ae426082"
)

SCHEDULE_HEADERS = ["Interval", "Start", "Equal", "VWAP", "Allocation", "Note"]


def daily(path: Path, rows: int = ROWS, *, totals: bool = False, below: str | None = None) -> Path:
    """A trading workbook of six sheets, with everything on it that has to follow the schedule's rows."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "hh:mm"})
    time = book.add_format({"num_format": "hh:mm"})
    number = book.add_format({"num_format": "#,##0.0", "bg_color": "#FFFFCC"})
    bold = book.add_format({"bold": True})
    about = book.add_worksheet("About")
    inputs = book.add_worksheet("Inputs")
    schedule = book.add_worksheet("Schedule")
    summary = book.add_worksheet("Summary")
    market = book.add_worksheet("My market's data")
    book.add_worksheet("Notes")

    about.write("A1", "Daily schedule", bold)
    about.write_formula("A3", "=ta_status", None, "NOT RUN")
    about.write_rich_string("A4", "Buy ", bold, "and", " sell")

    inputs.write("A1", "Shares")
    inputs.write("B1", 100000, number)
    inputs.write("A2", "Symbol")
    inputs.write("B2", "ACME")
    inputs.write("A3", "Start")
    inputs.write_datetime("B3", START, time)
    inputs.write("A4", "Status")
    inputs.write_formula("B4", '=IF(B1>0,"OK","STALE")', None, "STALE")
    inputs.write("A5", "Total")
    inputs.write_blank("B5", None, number)
    inputs.write_boolean("B8", True)
    inputs.write_formula("B9", "=NA()", None, "#N/A")
    inputs.write_datetime("B10", dt.datetime(2026, 3, 2), book.add_format({"num_format": "yyyy-mm-dd"}))
    inputs.merge_range("D1:E2", "merged")
    inputs.data_validation("B1", {"validate": "decimal", "criteria": ">", "value": 0, "input_title": "Shares"})
    inputs.write_dynamic_array_formula("G1:H3", "=SEQUENCE(3,2)", None, 1)
    inputs.write_array_formula("G6:G8", "{=B1:B3*2}", None, 2)
    for key, cell in {
        "ta_shares": "$B$1", "ta_symbol": "$B$2", "ta_window_start": "$B$3", "ta_status": "$B$4",
        "ta_total_impact": "$B$5", "ta_flag": "$B$8", "ta_error": "$B$9", "ta_day": "$B$10", "ta_merged": "$D$1",
        "ta_in_merge": "$E$2", "ta_spill": "$H$2", "ta_array": "$G$7", "ta_area": "$A$1:$B$2",
    }.items():  # fmt: skip
        book.define_name(key, f"=Inputs!{cell}")
    book.define_name("ta_gone", "=Inputs!#REF!")
    book.define_name("ta_other_book", "='[other.xlsx]Sheet1'!$A$1")
    book.define_name("ta_constant", "=42")
    book.define_name("ta_formula", "=SUM(Inputs!$B$1:$B$2)")
    book.define_name("Inputs!ta_local", "=Inputs!$B$2")
    book.define_name("ta_in_header", "=Schedule!$B$8")

    last = 8 + rows
    end = last + (1 if totals else 0)
    schedule.write("B1", "Schedule of the day", bold)
    schedule.write_formula("B2", "=ta_status", None, "NOT RUN")
    columns: list[dict[str, object]] = [
        {"header": header, **({"total_function": "sum"} if header == "Allocation" else {})}
        for header in SCHEDULE_HEADERS
    ]
    columns[1]["format"] = time
    columns[4]["format"] = number
    data = [[i + 1, dt.time(9 + (30 + i % 300) // 60, (30 + i) % 60), 10.0, 11.0, 12.0 + i, None] for i in range(rows)]
    schedule.add_table(f"B8:G{end}", {"name": "tblSchedule", "columns": columns, "data": data, "total_row": totals})
    schedule.conditional_format(f"F9:F{last}", {"type": "data_bar", "data_bar_2010": True})
    schedule.conditional_format(f"F9:F{last}", {"type": "cell", "criteria": ">", "value": 5, "format": bold})
    schedule.conditional_format("B1:C2", {"type": "no_blanks", "format": bold})
    schedule.data_validation(f"G9:G{last}", {"validate": "list", "source": ["a", "b"]})
    schedule.print_area(f"A1:G{last}")
    schedule.repeat_rows(7)
    schedule.freeze_panes(8, 0)
    schedule.set_column("A:A", 3, None, {"level": 1})
    schedule.ignore_errors({"number_stored_as_text": f"B9:B{last}"})
    if below is not None:
        schedule.write(below, "Desk notes")
    schedule.insert_textbox("J2", "note", {"textlink": "=Schedule!$B$1"})
    schedule.insert_image("J10", "pixel.png", {"image_data": io.BytesIO(PIXEL)})
    schedule.write_comment("B1", "comment of the desk")
    book.define_name("Schedule_Allocation", f"=Schedule!$F$9:$F${last}")
    book.define_name("Summary!Schedule_Start", f"=Schedule!$C$9:$C${last}")

    for sheet, cell in ((schedule, "J20"), (summary, "D2")):
        chart = book.add_chart({"type": "column"})
        chart.add_series(
            {
                "name": "=Schedule!$F$8",
                "categories": f"=Schedule!$C$9:$C${last}",
                "values": f"=Schedule!$F$9:$F${last}",
            }
        )
        chart.set_title({"name": "=Schedule!$B$2"})
        sheet.insert_chart(cell, chart)
    summary.add_sparkline("B2", {"range": f"Schedule!F9:F{last}", "type": "column"})
    summary.write_formula("B4", f"=SUM(Schedule!F9:F{last})", None, 936)
    summary.write_formula("B5", "=SUM(tblSchedule[Allocation])", None, 936)
    summary.data_validation("B7", {"validate": "list", "source": f"=Schedule!$B$9:$B${last}"})
    summary.write_url("B9", "https://example.com/a?b=1&c=2")
    summary.insert_checkbox("B10", True)

    market.add_table(
        f"A1:C{1 + rows}",
        {
            "name": "tblIntervals",
            "columns": [{"header": "interval"}, {"header": "BETA"}, {"header": "Half\nSpread"}],
            "data": [[i + 1, 1e-5 * (i + 1), 0.01] for i in range(rows)],
        },
    )
    book.set_custom_property("Desk", "Cash equities")
    book.set_calc_mode("auto")
    book.close()
    inject(path, EXTRA_PARTS)
    return path


EXTRA_PARTS: dict[str, bytes] = {
    "customXml/item1.xml": b'<?xml version="1.0"?>\n<desk  a = "1"/>',
    "xl/printerSettings/printerSettings1.bin": bytes(range(256)),
    "xl/slicers/slicer1.xml": b"<slicers xmlns='http://schemas.microsoft.com/office/spreadsheetml/2009/9/main'/>",
    "xl/threadedComments/threadedComment1.xml": b"<ThreadedComments/>",
    "xl/calcChain.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="B4" i="2"/></calcChain>'
    ),
}


def inject(path: Path, parts: Mapping[str, bytes]) -> None:
    """Add parts as Excel would have, the calculation chain with its relationship and content type."""

    def change(name: str, data: bytes) -> bytes:
        if name == "xl/workbook.xml":
            return data.replace(b' fullCalcOnLoad="1"', b"")
        if name == "xl/_rels/workbook.xml.rels" and "xl/calcChain.xml" in parts:
            link = (
                b'<Relationship Id="rIdChain" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
                b'relationships/calcChain" Target="calcChain.xml"/></Relationships>'
            )
            return data.replace(b"</Relationships>", link)
        if name == "[Content_Types].xml" and "xl/calcChain.xml" in parts:
            override = (
                b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.'
                b'spreadsheetml.calcChain+xml"/></Types>'
            )
            return data.replace(b"</Types>", override)
        return data

    edit(path, change, parts)


def edit(path: Path, change: Callable[[str, bytes], bytes], added: Mapping[str, bytes] | None = None) -> Path:
    """Rewrite the parts of a zip file."""
    members = read_parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, change(name, data))
        for name, data in (added or {}).items():
            archive.writestr(name, data)
    return path


def replace_in(path: Path, part: str, old: str, new: str) -> Path:
    """Change the text of one part; the text must be there."""

    def change(name: str, data: bytes) -> bytes:
        if name != part:
            return data
        assert old.encode() in data, f"{old} is not in {part}"
        return data.replace(old.encode(), new.encode())

    return edit(path, change)


def read_parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula cell and the value it last had; no value means that it was never calculated."""

    text: str
    cached: object = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a workbook holds, whatever program makes it: cells, names and tables by address."""

    cells: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    merged: Sequence[str] = ()
    arrays: Mapping[str, str] = field(default_factory=dict)
    hidden_rows: Sequence[str] = ()


def build(path: Path, content: Content) -> Path:
    """A workbook file with that content; the headers of a table are its cells' texts."""
    book = xlsxwriter.Workbook(str(path))
    formats = {
        dt.time: book.add_format({"num_format": "hh:mm:ss"}),
        dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        dt.timedelta: book.add_format({"num_format": "[h]:mm:ss"}),
    }
    sheets: dict[str, xlsxwriter.worksheet.Worksheet] = {}

    def at(address: str) -> tuple[xlsxwriter.worksheet.Worksheet, str]:
        sheet, _, area = address.rpartition("!")
        name = sheet.strip("'").replace("''", "'")
        if name not in sheets:
            sheets[name] = book.add_worksheet(name)
        return sheets[name], area

    for address, value in content.cells.items():
        sheet, area = at(address)
        if isinstance(value, Formula):
            sheet.write_formula(area, f"={value.text}", None, "" if value.cached is None else value.cached)
        elif type(value) in formats:
            sheet.write_datetime(area, value, formats[type(value)])
        else:
            sheet.write(area, value)
    for address in content.merged:
        sheet, area = at(address)
        sheet.merge_range(area, "merged")
    for address, text in content.arrays.items():
        sheet, area = at(address)
        sheet.write_array_formula(area, f"{{={text}}}", None, 1)
    for name, address in content.tables.items():
        sheet, area = at(address)
        first = area.partition(":")[0]
        row, column = xl_cell_to_rowcol(first)
        width = xl_cell_to_rowcol(area.partition(":")[2])[1] - column + 1
        home = address.rpartition("!")[0]
        headers = [content.cells[f"{home}!{xl_rowcol_to_cell(row, column + i)}"] for i in range(width)]
        sheet.add_table(area, {"name": name, "columns": [{"header": header} for header in headers]})
    for address in content.hidden_rows:
        sheet, area = at(address)
        for row in range(xl_cell_to_rowcol(area)[0], xl_cell_to_rowcol(area.rpartition(":")[2])[0] + 1):
            sheet.set_row(row, None, None, {"hidden": True})
    for name, address in content.names.items():
        book.define_name(name, f"={address}")
    book.close()
    return path
