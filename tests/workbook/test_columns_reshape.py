"""A table that gains and loses columns, and everything in the file that refers to them."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from xlsx_fixtures import read_parts, replace_in

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.ooxml.addresses import column_letters
from tradealloc.workbook.ooxml.follow import Resize
from tradealloc.workbook.ooxml.structure import Sheet
from tradealloc.workbook.xlsx_book import XlsxBook

SHEET, TABLE, WORKBOOK, CHART = (
    "xl/worksheets/sheet1.xml", "xl/tables/table1.xml", "xl/workbook.xml", "xl/charts/chart1.xml",
)  # fmt: skip
LAST = 13
"""Last row of the table: four headers and ten intervals."""


def blotter(path: Path, **table: object) -> Path:
    """Schedules at B3:F13 (Interval, Start, ORD-1..3), with formats, charts and names that cover them."""
    book = xlsxwriter.Workbook(path)
    sheet, other = book.add_worksheet("Schedules"), book.add_worksheet("Overview")
    head = book.add_format({"bold": True, "bg_color": "#1F4E79"})
    shares = book.add_format({"num_format": "#,##0", "bg_color": "#F2F2F2"})
    bold = book.add_format({"bold": True})
    columns: list[dict[str, object]] = [{"header": "Interval"}, {"header": "Start"}]
    columns += [{"header": f"ORD-{n}", "format": shares, "header_format": head} for n in (1, 2, 3)]
    data = [[t, 0.4 + t / 1440, 10 * t, 20 * t, 30 * t] for t in range(1, 11)]
    sheet.add_table(f"B3:F{LAST}", {"name": "tblSchedules", "columns": columns, "data": data, **table})
    sheet.set_column("B:C", 9)
    sheet.set_column("F:F", 13.5, None, {"level": 1})
    sheet.conditional_format(f"D4:F{LAST}", {"type": "cell", "criteria": ">", "value": 5, "format": bold})
    sheet.conditional_format(f"F4:F{LAST}", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(f"D4:D{LAST}", {"type": "cell", "criteria": "<", "value": 1, "format": bold})
    sheet.conditional_format("B1:F1", {"type": "no_blanks", "format": bold})
    sheet.data_validation(f"D4:F{LAST}", {"validate": "decimal", "criteria": ">=", "value": 0})
    sheet.print_area(f"A1:F{LAST}")
    book.define_name("All_shares", f"=Schedules!$D$4:$F${LAST}")
    book.define_name("Order_ids", "=Schedules!$D$3:$F$3")
    book.define_name("Third", f"=Schedules!$F$4:$F${LAST}")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"categories": "=Schedules!$D$3:$F$3", "values": f"=Schedules!$D${LAST}:$F${LAST}"})
    chart.add_series({"name": "=Schedules!$F$3", "values": f"=Schedules!$F$4:$F${LAST}"})
    other.insert_chart("A1", chart)
    other.write_formula("A30", f"=SUM(Schedules!D4:F{LAST})", None, 1)
    other.write("A31", "untouched")
    book.close()
    return path


def write(path: Path, ids: list[str], rows: int = 10) -> XlsxBook:
    """Write the orders, save, and open again."""
    columns: dict[str, list[CellValue]] = {"Interval": list(range(rows)), "Start": [0.4] * rows}
    columns |= {order: [index + row / 8 for row in range(rows)] for index, order in enumerate(ids)}
    book = XlsxBook.open(path)
    assert book.write_table("tblSchedules", columns, reshape=True)
    book.save()
    again = XlsxBook.open(path)
    again.warnings += book.warnings
    return again


def text(path: Path, part: str) -> str:
    return read_parts(path)[part].decode()


@pytest.mark.parametrize("orders", [2, 3, 7, 60])
@pytest.mark.parametrize("rows", [10, 4, 25])
def test_everything_follows(tmp_path: Path, orders: int, rows: int) -> None:
    path = blotter(tmp_path / "book.xlsx")
    for width, length in ((orders, rows), (9, 10), (orders, rows)):
        write(path, [f"N-{n}" for n in range(width)], length)
        right, last = column_letters(3 + width), 3 + length
        sheet, names, chart = text(path, SHEET), text(path, WORKBOOK), text(path, CHART)
        assert f'<conditionalFormatting sqref="D4:{right}{last}">' in sheet
        assert f'<conditionalFormatting sqref="D4:D{last}">' in sheet
        assert '<conditionalFormatting sqref="B1:F1">' in sheet
        assert re.search(rf'<dataValidation [^>]*sqref="D4:{right}{last}"', sheet)
        assert f"Schedules!$A$1:${right}${last}<" in names
        assert f">Schedules!$D$4:${right}${last}<" in names
        assert f">Schedules!$D$3:${right}$3<" in names
        assert f">Schedules!$F$4:$F${last}<" in names, "one column is one column"
        assert f"<c:f>Schedules!$D$3:${right}$3</c:f>" in chart
        assert f"<c:f>Schedules!$F$4:$F${last}</c:f>" in chart
        assert f'ref="B3:{right}{last}"' in text(path, TABLE)
        assert f'<autoFilter ref="B3:{right}{last}"' in text(path, TABLE)
        ids = re.search(r"<c:cat>.*?</c:cat>", chart, re.S)
        assert ids is not None
        assert re.findall(r"<c:v>([^<]*)</c:v>", ids[0]) == [f"N-{n}" for n in range(width)]


def test_one_order_and_many_again(tmp_path: Path) -> None:
    """Formats and print areas spread again; a name of the one column that was left stays with it."""
    path = blotter(tmp_path / "book.xlsx")
    write(path, ["only"])
    write(path, [f"N-{n}" for n in range(5)])
    assert text(path, SHEET).count(f'<conditionalFormatting sqref="D4:H{LAST}">') == 2
    assert f"Schedules!$A$1:$H${LAST}<" in text(path, WORKBOOK)
    assert f">Schedules!$D$4:$D${LAST}<" in text(path, WORKBOOK)


def test_last_column_alone_spreads_its_formats(tmp_path: Path) -> None:
    """New columns look like the last one: its own conditional format is part of its looks."""
    path = blotter(tmp_path / "book.xlsx")
    write(path, [f"N-{n}" for n in range(5)])
    assert f'<conditionalFormatting sqref="F4:H{LAST}">' in text(path, SHEET)
    assert f"<xm:sqref>F4:H{LAST}</xm:sqref>" in text(path, SHEET)


def test_columns_of_the_part(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    before = {element.get("name"): dict(element.attrib) for element in columns_of(path)}
    write(path, ["ORD-3", "new", "ORD-1", "17"])
    elements = columns_of(path)
    assert [element.get("name") for element in elements] == ["Interval", "Start", "ORD-3", "new", "ORD-1", "17"]
    assert len({element.get("id") for element in elements}) == 6
    for element in elements:
        if element.get("name") in before:
            assert dict(element.attrib) == before[element.get("name")]
        else:
            assert int(element.get("id") or 0) > 5
            assert set(element.attrib) <= {"id", "name", "dataDxfId", "headerRowDxfId"}
            assert element.get("dataDxfId") == before["ORD-3"]["dataDxfId"]
    assert re.search(r'<tableColumns count="6">', text(path, TABLE))


def columns_of(path: Path) -> list[etree._Element]:
    return list(etree.fromstring(read_parts(path)[TABLE]).iter("{*}tableColumn"))


def test_cells_and_widths_look_like_the_last_column(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    write(path, [f"N-{n}" for n in range(6)], 14)
    sheet = openpyxl.load_workbook(path)["Schedules"]
    for column in "GHI":
        assert [sheet[f"{column}{row}"].number_format for row in (4, 13, 17)] == ["#,##0"] * 3
        assert sheet[f"{column}3"].font.bold
        assert sheet[f"{column}3"].fill.fgColor.rgb == "FF1F4E79"
        assert sheet[f"{column}3"].data_type in ("inlineStr", "s")
    widths = re.search(r"<cols>.*?</cols>", text(path, SHEET))
    assert widths is not None
    last = re.search(r'<col min="7" max="9" [^>]*width="([0-9.]+)"[^>]*>', widths[0])
    first = re.search(r'<col min="6" max="6" [^>]*width="([0-9.]+)"[^>]*>', widths[0])
    assert last is not None
    assert first is not None
    assert last[1] == first[1]
    assert "outlineLevel" not in last[0]
    write(path, ["A"])
    sheet = openpyxl.load_workbook(path)["Schedules"]
    left = [sheet.cell(row, column) for row in range(3, 18) for column in range(5, 10)]
    assert all(cell.value is None and not cell.has_style for cell in left if cell.row > 3)


def test_widths_that_are_set_stay(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    replace_in(path, SHEET, "</cols>", '<col min="8" max="8" width="3" customWidth="1"/></cols>')
    write(path, [f"N-{n}" for n in range(6)])
    found = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]*width="([0-9]+)', text(path, SHEET))
    assert [(int(a), int(b)) for a, b, _ in found] == [(2, 3), (6, 6), (7, 7), (8, 8), (9, 9)]
    assert found[3][2] == "3"


def test_only_what_changes_is_touched(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    before = read_parts(path)
    book = write(path, [f"N-{n}" for n in range(5)])
    after = read_parts(path)
    assert {name for name in before if before[name] != after[name]} == {SHEET, TABLE, WORKBOOK, CHART}
    assert before.keys() == after.keys()
    assert book.warnings == [
        "1 formula refers to rows of tblSchedules by cell address (Overview!A30) and was not changed; "
        "use tblSchedules[ORD-1] instead"
    ]


def test_same_columns_leave_the_part_alone(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    before = read_parts(path)[TABLE]
    write(path, ["ORD-1", "ORD-2", "ORD-3"])
    assert read_parts(path)[TABLE] == before


def test_filters_of_columns_that_are_others_are_forgotten(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    filters = "".join(
        f'<filterColumn colId="{n}"><filters><filter val="1"/></filters></filterColumn>' for n in (0, 3, 4)
    )
    sort = f'<sortState ref="B4:F{LAST}"><sortCondition ref="F4:F{LAST}"/></sortState>'
    bare = f'<autoFilter ref="B3:F{LAST}"'
    replace_in(path, TABLE, f"{bare}/>", f"{bare}>{filters}</autoFilter>{sort}")
    write(path, ["ORD-1", "other"])
    assert re.findall(r'colId="(\d)"', text(path, TABLE)) == ["0"]
    assert "sortState" not in text(path, TABLE)


def test_headers_are_written_as_texts(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    ids = ["17", "=A1", "1e5", "a & b", "two\nlines", "_x0041_", "TRUE"]
    book = write(path, ids)
    sheet = openpyxl.load_workbook(path)["Schedules"]
    assert [sheet.cell(3, 4 + n).value for n in range(2)] == ["17", "=A1"]
    assert all(re.search(rf'<c r="{c}3"[^>]* t="inlineStr"', text(path, SHEET)) for c in "DEFGHIJ")
    assert [cell.value for cell in book.range("Schedules!D3:J3")[0]] == ids
    assert [element.get("name") for element in columns_of(path)][6] == "two_x000a_lines"
    assert write(path, ids).table("tblSchedules") is not None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"total_row": True}, "has a totals row, which can't follow its columns: switch it off"),
        ({"header_row": False}, "hides its header row, which the run has to write: show it"),
    ],
)
def test_tables_that_keep_their_columns(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    path = blotter(tmp_path / "book.xlsx", **change)
    before = path.read_bytes()
    book = XlsxBook.open(path)
    with pytest.raises(WorkbookError, match=problem):
        book.write_table("tblSchedules", {"Interval": [1], "A": [2.0]}, reshape=True)
    book.save()
    assert read_parts(path)[SHEET] == read_parts_of(before)[SHEET]


def read_parts_of(data: bytes) -> dict[str, bytes]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_slicer_of_the_table_is_refused(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    kind = "application/vnd.ms-excel.slicerCache+xml"
    override = f'<Override PartName="/xl/slicerCaches/s1.xml" ContentType="{kind}"/></Types>'
    replace_in(path, "[Content_Types].xml", "</Types>", override)
    import zipfile

    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/slicerCaches/s1.xml", '<a xmlns="urn:x"><tableSlicerCache tableId="1" column="4"/></a>')
    with pytest.raises(WorkbookError, match="has a slicer"):
        write(path, ["A"])
    write(path, ["ORD-1", "ORD-2", "ORD-3", "ORD-4"])


@pytest.mark.parametrize(
    ("formula", "is_refused"),
    [
        ("SUM(tblSchedules[ORD-2])", True),
        ("SUM(tblSchedules[[#Data],[ORD-1]:[ORD-2]])", True),
        ("SUM(tblSchedules[[ord-2]:[ORD-3]])", True),
        ("tblSchedules[[#This Row],[ORD-2]]", True),
        ("SUM(tblSchedules[ORD-22])", False),
        ("SUM(tblSchedules[ORD-1])", False),
        ("SUM(tblSchedules2[ORD-2])", False),
        ("INDEX(tblSchedules,1,MATCH(A1,tblSchedules[#Headers],0))", False),
    ],
)
def test_formulas_that_name_a_lost_column(tmp_path: Path, formula: str, is_refused: bool) -> None:
    """Excel would repair the file and drop the formula."""
    path = blotter(tmp_path / "book.xlsx")
    replace_in(path, "xl/worksheets/sheet2.xml", f"SUM(Schedules!D4:F{LAST})", formula)
    if is_refused:
        with pytest.raises(WorkbookError, match=r"Overview!A30 refers to tblSchedules\[ORD-[23]\], .*takes away"):
            write(path, ["ORD-1", "ORD-9"])
    else:
        write(path, ["ORD-1", "ORD-9"])


def test_name_of_a_lost_column(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    replace_in(path, WORKBOOK, f"Schedules!$F$4:$F${LAST}", "tblSchedules[ORD-3]")
    with pytest.raises(WorkbookError, match=r"the name Third refers to tblSchedules\[ORD-3\]"):
        write(path, ["ORD-1"])


def test_a_column_computed_by_excel_gives_its_formula_to_no_other(tmp_path: Path) -> None:
    path = blotter(tmp_path / "book.xlsx")
    formula = "<calculatedColumnFormula>1+1</calculatedColumnFormula>"
    part = text(path, TABLE)
    element = re.search(r'<tableColumn id="5"[^>]*/>', part)
    assert element is not None
    replace_in(path, TABLE, element[0], f"{element[0][:-2]}>{formula}</tableColumn>")
    write(path, ["ORD-1", "a", "b"])
    assert "calculatedColumnFormula" not in text(path, TABLE)


@pytest.mark.parametrize(
    ("area", "new_right", "followed"),
    [
        ("D4:F13", 8, "D4:H13"),
        ("B3:F13", 8, "B3:H13"),
        ("A1:F13", 5, "A1:E13"),
        ("D3:F3", 8, "D3:H3"),
        ("F4:F13", 8, None),
        ("D4:F13", 3, None),
        ("D4:G13", 8, None),
        ("D4:E13", 8, None),
        ("B1:F2", 8, None),
        ("B14:F20", 8, None),
        ("F5", 8, None),
    ],
)
def test_which_areas_follow_to_the_right(area: str, new_right: int, followed: str | None) -> None:
    sheet = Sheet("S", 0, "s.xml")
    resize = Resize(sheet, 2, 6, first=4, old_last=13, new_last=13, has_totals=False, new_right=new_right)
    assert resize.rewrite(f"SUM(S!{area})", "") == f"SUM(S!{followed or area})"


def test_rows_and_columns_at_once() -> None:
    resize = Resize(
        Sheet("S", 0, "s.xml"), left=2, right=6, first=4, old_last=13, new_last=20, has_totals=False, new_right=9
    )
    assert resize.rewrite("S!$D$4:$F$13+S!F4:F13+S!D13:F13", "") == "S!$D$4:$I$20+S!F4:F20+S!D13:I13"
    assert resize.rewrite_sqref("F4:F13 F5 D4:F13 F5:F9") == "F4:I20 F5 D4:I20 F5:F9"
