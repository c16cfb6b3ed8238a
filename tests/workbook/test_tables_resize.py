"""Tables of N rows, back and forth: what refers to the rows follows, and nothing of the user's is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from test_lossless import canonical, changed_parts, load
from xlsx_fixtures import SCHEDULE_HEADERS, Content, Formula, build, daily, edit, read_parts, replace_in

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.ooxml.addresses import parse_area
from tradealloc.workbook.ooxml.follow import Resize
from tradealloc.workbook.ooxml.structure import Sheet
from tradealloc.workbook.xlsx_book import XlsxBook

SHEET = "xl/worksheets/sheet3.xml"
SUMMARY = "xl/worksheets/sheet4.xml"
TABLE = "xl/tables/table1.xml"
WORKBOOK = "xl/workbook.xml"
CHART = "xl/charts/chart1.xml"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def resize(path: Path, rows: int, table: str = "tblSchedule") -> XlsxBook:
    """Write as many rows into all columns but Note, save, and open again."""
    book = XlsxBook.open(path)
    columns: dict[str, Sequence[CellValue]] = {
        "Interval": list(range(1, rows + 1)),
        "Equal": [10.0] * rows,
        "VWAP": [None] * rows,
        "Start": [index / 1440 for index in range(rows)],
        "Allocation": [float(index) for index in range(rows)],
    }
    assert book.write_table(table, columns)
    book.save()
    return XlsxBook.open(path)


def text(path: Path, part: str) -> str:
    return read_parts(path)[part].decode()


def series(path: Path, part: str = CHART) -> dict[str, tuple[int, list[str]]]:
    """Reference of each series of numbers, with the points it keeps."""
    root = etree.fromstring(read_parts(path)[part])
    return {
        element.findtext(f"{C}f"): (
            int(element.find(f"{C}numCache/{C}ptCount").get("val")),
            [value.text for value in element.iter(f"{C}v")],
        )
        for element in root.iter(f"{C}numRef")
    }


def check_everything_follows(path: Path, rows: int) -> None:
    last = 8 + rows
    sheet, summary, workbook = text(path, SHEET), text(path, SUMMARY), text(path, WORKBOOK)
    assert f'ref="B8:G{last}"' in text(path, TABLE)
    assert f'<autoFilter ref="B8:G{last}"' in text(path, TABLE)
    assert f'<conditionalFormatting sqref="F9:F{last}">' in sheet
    assert '<conditionalFormatting sqref="B1:C2">' in sheet
    assert f"<xm:sqref>F9:F{last}</xm:sqref>" in sheet
    assert f'sqref="G9:G{last}"' in sheet
    assert f'<ignoredError sqref="B9:B{last}"' in sheet
    assert f"Schedule!$A$1:$G${last}<" in workbook
    assert "Schedule!$8:$8<" in workbook
    assert f"Schedule!$F$9:$F${last}<" in workbook
    assert f"Schedule!$C$9:$C${last}<" in workbook
    assert f"<xm:f>Schedule!F9:F{last}</xm:f><xm:sqref>B2</xm:sqref>" in summary
    assert f"<formula1>Schedule!$B$9:$B${last}</formula1>" in summary
    for chart in (CHART, "xl/charts/chart2.xml"):
        assert series(path, chart) == {
            f"Schedule!$C$9:$C${last}": (rows, [repr(index / 1440 if index else 0.0) for index in range(rows)]),
            f"Schedule!$F$9:$F${last}": (rows, [repr(float(index)) for index in range(rows)]),
        }


def test_rows_back_and_forth(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx")
    for rows in (1, 78, 390, 1000, 2, 1, 1000, 78):
        book = resize(path, rows)
        table = book.table("tblSchedule")
        assert table is not None
        assert table.rows == rows
        assert list(table.columns) == SCHEDULE_HEADERS
        check_everything_follows(path, rows)
    opened = load(path)
    assert opened["Schedule"].tables["tblSchedule"].ref == "B8:G86"
    assert opened["Schedule"]["F1008"].value is None
    assert opened["Schedule"]["F1008"].number_format == "#,##0.0"


def test_new_rows_take_the_style_of_the_last(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    resize(path, 5)
    sheet = load(path)["Schedule"]
    assert [sheet[f"C{row}"].number_format for row in (11, 12, 13)] == ["hh:mm"] * 3
    assert [sheet[f"F{row}"].fill.fgColor.rgb for row in (11, 12, 13, 14)] == ["FFFFFFCC"] * 3 + ["00000000"]


def test_same_size_refreshes_caches_and_touches_no_table(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx")
    before = path.with_name("before.xlsx")
    before.write_bytes(path.read_bytes())
    resize(path, 78)
    changed = changed_parts(before, path)
    assert changed == {SHEET, WORKBOOK, CHART, "xl/charts/chart2.xml"}
    check_everything_follows(path, 78)


def test_cell_formulas_stay_and_are_reported(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx")
    book = XlsxBook.open(path)
    book.write_table("tblSchedule", {"Allocation": [1.0] * 10})
    assert book.warnings == [
        "1 formula refers to rows of tblSchedule by cell address (Summary!B4) and was not changed; "
        "use tblSchedule[Allocation] instead"
    ]
    book.save()
    assert "<f>SUM(Schedule!F9:F86)</f>" in text(path, SUMMARY)
    again = XlsxBook.open(path)
    again.write_table("tblSchedule", {"Allocation": [1.0] * 10})
    assert again.warnings == []


def test_many_formulas_are_counted(tmp_path: Path) -> None:
    cells: dict[str, object] = {"S!A1": "X", **{f"S!A{row}": row for row in range(2, 6)}}
    cells |= {f"O!B{row}": Formula(f"SUM(S!$A$2:$A$5)+{row}", 1) for row in range(1, 6)}
    path = build(tmp_path / "book.xlsx", Content(cells, tables={"tblX": "S!A1:A5"}))
    book = XlsxBook.open(path)
    book.write_table("tblX", {"X": [1, 2]})
    assert book.warnings == [
        "5 formulas refer to rows of tblX by cell address (O!B1, O!B2, O!B3, ...) and were not changed; "
        "use tblX[X] instead"
    ]


def test_running_sums_are_not_reported(tmp_path: Path) -> None:
    cells: dict[str, object] = {"S!A1": "X", "S!B1": "Sum", "S!C1": "Share"}
    for row in range(2, 5):
        cells |= {f"S!A{row}": row, f"S!B{row}": Formula(f"SUM(A$2:A{row})", 1)}
    path = build(tmp_path / "book.xlsx", Content(cells, tables={"tblX": "S!A1:B4"}))
    book = XlsxBook.open(path)
    book.write_table("tblX", {"X": [1, 2]})
    assert book.warnings == []


class TestTotals:
    def test_totals_row_stays_below_the_last(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", totals=True)
        replace_in(
            path, WORKBOOK, "<definedNames>", '<definedNames><definedName name="a_total">Schedule!$F$87</definedName>'
        )
        for rows in (1, 78, 390, 3):
            book = resize(path, rows)
            total = 9 + rows
            ((cell,),) = book.range(f"Schedule!F{total}")
            assert cell.is_formula
            table = book.table("tblSchedule")
            assert table is not None
            assert table.rows == rows
            assert f'ref="B8:G{total}"' in text(path, TABLE)
            assert f'<autoFilter ref="B8:G{total - 1}"' in text(path, TABLE)
            assert f"Schedule!$F${total}<" in text(path, WORKBOOK)
            assert f"Schedule!$A$1:$G${total - 1}<" in text(path, WORKBOOK)
            formulas = re.findall(
                r'<c r="(F\d+)"[^>]*><f>SUBTOTAL\(109,(?:tblSchedule)?\[Allocation\]\)</f>', text(path, SHEET)
            )
            assert formulas == [f"F{total}"]
            assert "xl/calcChain.xml" not in read_parts(path)
            assert "calcChain" not in text(path, "[Content_Types].xml")
            assert "calcChain" not in text(path, "xl/_rels/workbook.xml.rels")
        load(path)

    def test_other_cells_of_the_row_stay(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 5, totals=True)
        book = XlsxBook.open(path)
        book.write_range("Schedule!I14", [[99]])
        book.save()
        book = resize(path, 8)
        assert book.range("Schedule!I14")[0][0].value == 99

    def test_hand_filled_cell_in_the_way_is_refused(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 5, totals=True)
        book = XlsxBook.open(path)
        with pytest.raises(WorkbookError, match=r"Schedule!B11 is filled by hand.*totals row"):
            book.write_table("tblSchedule", {"Allocation": [1.0, 2.0]})

    def test_content_below_the_totals_row_is_refused(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 5, totals=True, below="E16")
        resize(path, 6)
        with pytest.raises(WorkbookError, match=r"Schedule!E16 holds 'Desk notes'"):
            resize(path, 7)


class TestRefusals:
    """Each refusal leaves the book as it was: it can be saved, and is unchanged."""

    @staticmethod
    def refused(path: Path, rows: int, message: str, columns: tuple[str, ...] = ("Allocation",)) -> None:
        before = path.with_name("before.xlsx")
        before.write_bytes(path.read_bytes())
        book = XlsxBook.open(path)
        with pytest.raises(WorkbookError, match=message):
            book.write_table("tblSchedule", {column: [1.0] * rows for column in columns})
        book.save()
        assert changed_parts(before, path) == set()

    def test_cell_below(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", below="C99")
        resize(path, 90)
        message = (
            r"^Schedule!C99 holds 'Desk notes', which the growing table tblSchedule \(Schedule!B8:G398\) "
            r"would overwrite: move it to the right or below row 398$"
        )
        self.refused(path, 390, message)

    def test_cell_beside_is_no_obstacle(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", below="H99")
        resize(path, 390)
        assert XlsxBook.open(path).range("Schedule!H99")[0][0].value == "Desk notes"

    def test_merged_area_below(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx")
        merged = '</sheetData><mergeCells count="1"><mergeCell ref="A95:B96"/></mergeCells>'
        replace_in(path, SHEET, "</sheetData>", merged)
        self.refused(path, 100, "Schedule!A95:B96 is the merged area")

    def test_array_formula_below(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx")
        row = '<row r="95"><c r="A95"><f t="array" ref="A95:C96">X</f></c></row></sheetData>'
        replace_in(path, SHEET, "</sheetData>", row)
        self.refused(path, 100, "Schedule!A95:C96 is the array formula")

    def test_formula_below(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx")
        replace_in(path, SHEET, "</sheetData>", '<row r="95"><c r="B95"><f>1+1</f></c></row></sheetData>')
        self.refused(path, 100, "Schedule!B95 holds a formula, which the growing")

    def test_other_table_below(self, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        made = xlsxwriter.Workbook(str(path))
        sheet = made.add_worksheet("Schedule")
        columns = [{"header": "Allocation"}, {"header": "B"}]
        sheet.add_table("A1:B3", {"name": "tblSchedule", "columns": columns})
        sheet.add_table("B10:C12", {"name": "tblOther", "columns": [{"header": "x"}, {"header": "y"}]})
        made.close()
        self.refused(path, 20, "Schedule!B10:C12 is table tblOther")

    def test_formula_in_a_written_column(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx")
        sheet = re.sub(r'(<c r="F12"[^>]*>)', r"\1<f>1+1</f>", text(path, SHEET))
        edit(path, lambda name, data: sheet.encode() if name == SHEET else data)
        self.refused(path, 78, "Schedule!F12 holds a formula where the run writes table tblSchedule")
        self.refused(path, 2, "Schedule!F12 holds a formula")

    def test_table_of_a_query(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx")
        replace_in(path, TABLE, 'ref="B8:G86" totals', 'ref="B8:G86" tableType="queryTable" totals')
        self.refused(path, 2, "query")

    def test_edge_of_the_sheet(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 2)
        replace_in(path, TABLE, 'ref="B8:G10" totals', 'ref="B1048574:G1048576" totals')
        self.refused(path, 3, "last row of the sheet")


class TestCalculatedColumns:
    @staticmethod
    def with_formula(path: Path, rows: int = 3) -> Path:
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("S")
        columns = [{"header": "X"}, {"header": "Twice", "formula": "=2*tblX[[#This Row],[X]]"}, {"header": "Sum"}]
        sheet.add_table(f"A1:C{1 + rows}", {"name": "tblX", "columns": columns})
        for row in range(rows):
            sheet.write(row + 1, 0, row)
        book.close()
        return path

    def test_formula_is_filled_down_and_cleared(self, tmp_path: Path) -> None:
        path = self.with_formula(tmp_path / "book.xlsx")
        for rows in (6, 2, 1, 4):
            book = XlsxBook.open(path)
            book.write_table("tblX", {"X": [1.0] * rows})
            book.save()
            sheet = load(path)["S"]
            texts = [sheet[f"B{row}"].value for row in range(2, 10)]
            assert texts == ["=2*tblX[[#This Row],[X]]"] * rows + [None] * (8 - rows)

    def test_number_typed_over_a_formula_stays(self, tmp_path: Path) -> None:
        path = self.with_formula(tmp_path / "book.xlsx")
        part = "xl/worksheets/sheet1.xml"
        sheet = re.sub(r'(<c r="B4"[^>]*>)<f>[^<]*</f><v>[^<]*</v>', r"\1<v>77</v>", text(path, part))
        edit(path, lambda name, data: sheet.encode() if name == part else data)
        book = XlsxBook.open(path)
        book.write_table("tblX", {"X": [1.0]})
        assert [row[0].value for row in book.range("S!B3:B4")] == [None, 77]

    def test_relative_addresses_move(self, tmp_path: Path) -> None:
        path = self.with_formula(tmp_path / "book.xlsx")
        part = "xl/worksheets/sheet1.xml"
        formulas = iter(["A2*$A$2", "A3*$A$2", "A4*$A$2"])
        sheet = re.sub(r"<f>[^<]*</f>", lambda _: f"<f>{next(formulas)}</f>", text(path, part))
        edit(path, lambda name, data: sheet.encode() if name == part else data)
        book = XlsxBook.open(path)
        book.write_table("tblX", {"X": [1.0] * 5})
        book.save()
        opened = load(path)["S"]
        assert [opened[f"B{row}"].value for row in (4, 5, 6)] == ["=A4*$A$2", "=A5*$A$2", "=A6*$A$2"]

    def test_shared_formula_is_filled_down(self, tmp_path: Path) -> None:
        path = self.with_formula(tmp_path / "book.xlsx")
        part = "xl/worksheets/sheet1.xml"
        formulas = iter(
            ['<f t="shared" ref="B2:B4" si="0">A2+1</f>', '<f t="shared" si="0"/>', '<f t="shared" si="0"/>']
        )
        sheet = re.sub(r"<f>[^<]*</f>", lambda _: next(formulas), text(path, part))
        edit(path, lambda name, data: sheet.encode() if name == part else data)
        book = XlsxBook.open(path)
        book.write_table("tblX", {"X": [1.0] * 5})
        book.save()
        opened = load(path)["S"]
        assert [opened[f"B{row}"].value for row in (5, 6)] == ["=A5+1", "=A6+1"]


class TestOtherCharts:
    def test_new_style_chart(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 3)
        chart = (
            '<cx:chartSpace xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex">'
            '<cx:chartData><cx:data id="0">'
            '<cx:strDim type="cat"><cx:f>Schedule!$B$9:$B$11</cx:f><cx:lvl ptCount="1">'
            '<cx:pt idx="0">x</cx:pt></cx:lvl></cx:strDim>'
            '<cx:numDim type="val"><cx:f dir="row">Schedule_Allocation</cx:f>'
            '<cx:lvl ptCount="1" formatCode="0.0"/></cx:numDim>'
            "</cx:data></cx:chartData></cx:chartSpace>"
        )
        override = (
            '<Override PartName="/xl/charts/chartEx1.xml" ContentType="application/vnd.ms-office.chartex+xml"/></Types>'
        )
        replace_in(path, "[Content_Types].xml", "</Types>", override)
        edit(path, lambda name, data: data, {"xl/charts/chartEx1.xml": chart.encode()})
        resize(path, 2)
        written = text(path, "xl/charts/chartEx1.xml")
        assert (
            '<cx:f>Schedule!$B$9:$B$10</cx:f><cx:lvl ptCount="2"><cx:pt idx="0">1</cx:pt><cx:pt idx="1">2</cx:pt>'
            in written
        )
        assert 'formatCode="0.0"' in written
        assert "Schedule_Allocation" in written

    def test_caches_of_every_kind(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 3)
        new = (
            "<c:cat><c:multiLvlStrRef><c:f>Schedule!$B$9:$C$11</c:f></c:multiLvlStrRef></c:cat>"
            "<c:val><c:numRef><c:f>[0]!Schedule_Allocation</c:f></c:numRef></c:val>"
            "<c:tx><c:strRef><c:f>(Schedule!$F$9:$F$9,Schedule!$F$11)</c:f></c:strRef></c:tx>"
        )
        chart = re.sub(r"<c:cat>.*</c:val>", new, text(path, CHART))
        edit(path, lambda name, data: chart.encode() if name == CHART else data)
        book = XlsxBook.open(path)
        book.write_table("tblSchedule", {"Allocation": [1.5, None, 2.0], "Start": ["a", "b", None]})
        book.save()
        written = text(path, CHART)
        assert (
            '<c:multiLvlStrCache><c:ptCount val="3"/><c:lvl><c:pt idx="0"><c:v>a</c:v></c:pt>'
            '<c:pt idx="1"><c:v>b</c:v></c:pt></c:lvl>'
            '<c:lvl><c:pt idx="0"><c:v>1</c:v></c:pt>'
        ) in written
        assert (
            '<c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="3"/><c:pt idx="0"><c:v>1.5</c:v></c:pt>'
            '<c:pt idx="2"><c:v>2.0</c:v></c:pt></c:numCache>'
        ) in written
        assert (
            '<c:strCache><c:ptCount val="2"/><c:pt idx="0"><c:v>1.5</c:v></c:pt>'
            '<c:pt idx="1"><c:v>2</c:v></c:pt></c:strCache>'
        ) in written

    def test_chart_of_other_cells_is_untouched(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 3)
        before = read_parts(path)["xl/charts/chart2.xml"]
        book = XlsxBook.open(path)
        book.write_cell("ta_total_impact", 3)
        book.save()
        assert read_parts(path)["xl/charts/chart2.xml"] == before

    def test_one_row_as_excel_writes_it(self, tmp_path: Path) -> None:
        """Excel saves a range of one cell as the cell; values follow it, a title doesn't."""
        path = daily(tmp_path / "book.xlsx", 1)
        chart = text(path, CHART).replace("$F$9:$F$9", "$F$9").replace("Schedule!$B$2", "Schedule!$B$9")
        edit(path, lambda name, data: chart.encode() if name == CHART else data)
        resize(path, 3)
        written = text(path, CHART)
        assert "<c:f>Schedule!$F$9:$F$11</c:f>" in written
        assert "<c:f>Schedule!$B$9</c:f>" in written

    def test_title_that_echoes_a_name(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 3)
        book = XlsxBook.open(path)
        book.write_cell("ta_status", "OK at 10:31", keep_formula=True)
        book.save()
        assert "<c:v>OK at 10:31</c:v>" in text(path, CHART)


class TestPivots:
    def test_source_follows_by_address_only(self, tmp_path: Path) -> None:
        path = daily(tmp_path / "book.xlsx", 3)
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        cache = (
            f'<pivotCacheDefinition xmlns="{main}"><cacheSource type="worksheet">'
            '<worksheetSource ref="B8:G11" sheet="Schedule"/>'
            "</cacheSource></pivotCacheDefinition>"
        )
        other = cache.replace('sheet="Schedule"', 'sheet="Summary"')
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml"
        overrides = "".join(f'<Override PartName="/xl/pivot{i}.xml" ContentType="{kind}"/>' for i in (1, 2))
        replace_in(path, "[Content_Types].xml", "</Types>", f"{overrides}</Types>")
        edit(path, lambda name, data: data, {"xl/pivot1.xml": cache.encode(), "xl/pivot2.xml": other.encode()})
        resize(path, 7)
        assert 'ref="B8:G15"' in text(path, "xl/pivot1.xml")
        assert text(path, "xl/pivot2.xml") == other


@pytest.mark.parametrize(
    ("area", "after"),
    [
        ("F9:F18", "F9:F98"),
        ("F8:F18", "F8:F98"),
        ("A1:Z18", "A1:Z98"),
        ("F9:F19", "F9:F99"),
        ("F19:G19", "F99:G99"),
        ("F19", "F99"),
        ("F10:F18", None),
        ("F9:F17", None),
        ("F9:F20", None),
        ("A9:A18", None),
        ("M9:M18", None),
        ("F9", None),
        ("F18", None),
    ],
)
def test_rule_of_what_follows(area: str, after: str | None) -> None:
    moved = Resize(Sheet("S", 0, "s.xml"), left=2, right=12, first=9, old_last=18, new_last=98, has_totals=True)
    followed = moved.follow(parse_area(area), is_range=":" in area, cell_follows=True)
    assert (None if followed is None else str(followed)) == after


def test_one_row_follows_where_a_cell_may() -> None:
    moved = Resize(Sheet("My 'S'", 0, "s.xml"), left=2, right=12, first=9, old_last=9, new_last=11, has_totals=False)
    assert moved.rewrite("'My ''S'''!$F$9", "", cell_follows=True) == "'My ''S'''!$F$9:$F$11"
    assert moved.rewrite("'My ''S'''!$F$9", "") == "'My ''S'''!$F$9"
    assert moved.rewrite("'My ''S'''!$F$9:$F$9", "") == "'My ''S'''!$F$9:$F$11"
    assert moved.rewrite("F9", "Elsewhere", cell_follows=True) == "F9"
    assert moved.rewrite_sqref("F9 A1 F8:F9") == "F9:F11 A1 F8:F11"


@pytest.mark.parametrize(
    ("formula", "after"),
    [
        ("SUM(S!$F$9:$F$18)", "SUM(S!$F$9:$F$20)"),
        ("s!F9:F18,S!$A$1:$L$18", "s!F9:F20,S!$A$1:$L$20"),
        ('"S!F9:F18"&S!F9:F18', '"S!F9:F18"&S!F9:F20'),
        ("[1]S!F9:F18", "[1]S!F9:F18"),
        ("'[book.xlsx]S'!F9:F18", "'[book.xlsx]S'!F9:F18"),
        ("S:T!F9:F18", "S:T!F9:F18"),
        ("T!F9:F18", "T!F9:F18"),
        ("tbl[[F9:F18]]+F9:F18", "tbl[[F9:F18]]+F9:F20"),
        ("F$9:$F18*LOG10(F9)", "F$9:$F20*LOG10(F9)"),
        ("_F9:F18", "_F9:F18"),
        ("OFFSET(S!$F$9,0,0,COUNT(S!F:F))", "OFFSET(S!$F$9,0,0,COUNT(S!F:F))"),
    ],
)
def test_references_inside_formulas(formula: str, after: str) -> None:
    moved = Resize(Sheet("S", 0, "s.xml"), left=2, right=12, first=9, old_last=18, new_last=20, has_totals=False)
    assert moved.rewrite(formula, "S") == after


def test_table_without_rows(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 1)
    replace_in(path, TABLE, 'ref="B8:G9" totals', 'ref="B8:G8" insertRow="1" totals')
    table = XlsxBook.open(path).table("tblSchedule")
    assert table is not None
    assert table.rows == 0
    book = XlsxBook.open(path)
    with pytest.raises(WorkbookError, match="B9 holds 1"):
        book.write_table("tblSchedule", {"Allocation": [1.0, 2.0]})


def test_headers_with_line_breaks(tmp_path: Path) -> None:
    table = XlsxBook.open(daily(tmp_path / "book.xlsx", 3)).table("tblIntervals")
    assert table is not None
    assert list(table.columns) == ["interval", "BETA", "Half\nSpread"]


def test_rows_of_openpyxl_workbook_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    made = openpyxl.Workbook()
    sheet = made.active
    for row in [["X"], [1], [2]]:
        sheet.append(row)
    sheet["C200"] = "far below, beside"
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="tblX", ref="A1:A3"))
    made.save(path)
    book = XlsxBook.open(path)
    book.write_table("tblX", {"X": list(range(300))})
    book.save()
    sheet = load(path).active
    assert [sheet[f"A{row}"].value for row in (2, 200, 301)] == [0, 198, 299]
    assert sheet["C200"].value == "far below, beside"
    numbers = [int(number) for number in re.findall(r'<row r="(\d+)"', text(path, "xl/worksheets/sheet1.xml"))]
    assert numbers == list(range(1, 302))


def test_two_runs_give_the_same_file(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx")
    resize(path, 390)
    first = read_parts(path)
    resize(path, 390)
    second = read_parts(path)
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == set()
    assert canonical(first[SHEET]) == canonical(second[SHEET])


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_sort_order_and_protected_ranges_follow(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    replace_in(
        path,
        SHEET,
        "</sheetData>",
        '</sheetData><protectedRanges><protectedRange sqref="B9:G11" name="x"/></protectedRanges>',
    )
    sort = '</autoFilter><sortState ref="B9:G11"><sortCondition ref="F9:F11"/></sortState>'
    replace_in(path, TABLE, '<autoFilter ref="B8:G11"/>', f'<autoFilter ref="B8:G11">{sort}')
    resize(path, 6)
    assert 'sqref="B9:G14" name="x"' in text(path, SHEET)
    assert '<autoFilter ref="B8:G14"/>' in text(path, TABLE)
    assert '<sortState ref="B9:G14"><sortCondition ref="F9:F14"/>' in text(path, TABLE)


def test_formulas_of_formats_and_validations_follow_on_every_sheet(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    replace_in(path, SHEET, "<formula>5</formula>", "<formula>AVERAGE($F$9:$F$11)</formula>")
    replace_in(path, SUMMARY, "</formula1>", "</formula1><formula2>MAX(Schedule!$F$9:$F$11)</formula2>")
    rule = (
        '<conditionalFormatting sqref="B4"><cfRule type="expression" priority="9">'
        "<formula>B4&lt;SUM(Schedule!$F$9:$F$11)</formula>"
    )
    replace_in(path, SUMMARY, "<dataValidations", f"{rule}</cfRule></conditionalFormatting><dataValidations")
    resize(path, 6)
    assert "<formula>AVERAGE($F$9:$F$14)</formula>" in text(path, SHEET)
    assert "<formula2>MAX(Schedule!$F$9:$F$14)</formula2>" in text(path, SUMMARY)
    assert "<formula>B4&lt;SUM(Schedule!$F$9:$F$14)</formula>" in text(path, SUMMARY)
    assert '<conditionalFormatting sqref="B4">' in text(path, SUMMARY)


def test_drop_down_box_follows(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    control = (
        '<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="Drop" '
        'fmlaRange="Schedule!$B$9:$B$11" fmlaLink="$A$1"/>'
    )
    kind = "application/vnd.ms-excel.controlproperties+xml"
    override = f'<Override PartName="/xl/ctrlProps/c1.xml" ContentType="{kind}"/></Types>'
    replace_in(path, "[Content_Types].xml", "</Types>", override)
    edit(path, lambda name, data: data, {"xl/ctrlProps/c1.xml": control.encode()})
    resize(path, 6)
    assert text(path, "xl/ctrlProps/c1.xml") == control.replace("$B$11", "$B$14")


def test_labels_that_turn_from_numbers_into_texts(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    book = XlsxBook.open(path)
    book.write_table("tblSchedule", {"Start": ["open", "noon"], "Allocation": [1.0, 2.0]})
    book.save()
    labels = (
        "<c:cat><c:strRef><c:f>Schedule!$C$9:$C$10</c:f><c:strCache>"
        '<c:ptCount val="2"/><c:pt idx="0"><c:v>open</c:v></c:pt><c:pt idx="1"><c:v>noon</c:v></c:pt>'
        "</c:strCache></c:strRef></c:cat>"
    )
    assert labels in text(path, CHART)


def test_data_labels_from_cells(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    labels = (
        '<c:extLst><c:ext uri="{02D57815-91ED-43cb-92C2-25804820EDAC}" '
        'xmlns:c15="http://schemas.microsoft.com/office/drawing/2012/chart"><c15:datalabelsRange>'
        '<c15:f>Schedule!$D$9:$D$11</c15:f><c15:dlblRangeCache><c:ptCount val="1"/><c:pt idx="0"><c:v>x</c:v></c:pt>'
        "</c15:dlblRangeCache></c15:datalabelsRange></c:ext></c:extLst></c:ser>"
    )
    replace_in(path, CHART, "</c:ser>", labels)
    resize(path, 2)
    cache = (
        '<c15:dlblRangeCache><c:ptCount val="2"/><c:pt idx="0"><c:v>10</c:v></c:pt>'
        '<c:pt idx="1"><c:v>10</c:v></c:pt></c15:dlblRangeCache>'
    )
    assert f"<c15:f>Schedule!$D$9:$D$10</c15:f>{cache}" in text(path, CHART)


def test_table_without_rows_takes_rows(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 1)
    part = text(path, SHEET)
    emptied = re.sub(r'<row r="9".*?</row>', "", part)
    assert emptied != part
    edit(path, lambda name, data: emptied.encode() if name == SHEET else data)
    replace_in(path, TABLE, 'ref="B8:G9" totals', 'ref="B8:G8" insertRow="1" totals')
    table = resize(path, 3).table("tblSchedule")
    assert table is not None
    assert table.rows == 3
    assert "insertRow" not in text(path, TABLE)


def test_pivot_table_in_the_way(tmp_path: Path) -> None:
    path = daily(tmp_path / "book.xlsx", 3)
    links = "xl/worksheets/_rels/sheet3.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotTable"
    link = f'<Relationship Id="rP" Type="{kind}" Target="../pivotTables/p1.xml"/></Relationships>'
    replace_in(path, links, "</Relationships>", link)
    pivot = f'<pivotTableDefinition xmlns="{MAIN}" name="Pivot1"><location ref="D15:E20"/></pivotTableDefinition>'
    edit(path, lambda name, data: data, {"xl/pivotTables/p1.xml": pivot.encode()})
    resize(path, 6)
    with pytest.raises(WorkbookError, match="Schedule!D15:E20 is the pivot table Pivot1"):
        resize(path, 7)
    with pytest.raises(WorkbookError, match=r"Schedule!D20 is part of the pivot table Pivot1"):
        XlsxBook.open(path).write_range("Schedule!D20", [[1]])


class TestCalculatedColumnsThatStay:
    @staticmethod
    def opened(path: Path, formulas: list[str]) -> XlsxBook:
        TestCalculatedColumns.with_formula(path)
        part = "xl/worksheets/sheet1.xml"
        replacements = iter(formulas)
        sheet = re.sub(r"<f>[^<]*</f>", lambda _: next(replacements), text(path, part))
        edit(path, lambda name, data: sheet.encode() if name == part else data)
        return XlsxBook.open(path)

    def test_formula_shared_upwards_is_refused(self, tmp_path: Path) -> None:
        formulas = ['<f t="shared" si="0"/>', '<f t="shared" si="0"/>', '<f t="shared" ref="B2:B4" si="0">A4+1</f>']
        book = self.opened(tmp_path / "book.xlsx", formulas)
        with pytest.raises(WorkbookError, match="S!B2 shares its formula"):
            book.write_table("tblX", {"X": [1.0, 2.0]})

    def test_formula_shared_downwards_goes(self, tmp_path: Path) -> None:
        formulas = ["<f>A2+1</f>", '<f t="shared" ref="B3:B4" si="0">A3+1</f>', '<f t="shared" si="0"/>']
        book = self.opened(tmp_path / "book.xlsx", formulas)
        assert book.write_table("tblX", {"X": [1.0]})
        assert [row[0].is_formula for row in book.range("S!B2:B4")] == [True, False, False]

    @pytest.mark.parametrize("rows", [1, 5])
    def test_array_column_is_refused(self, tmp_path: Path, rows: int) -> None:
        path = TestCalculatedColumns.with_formula(tmp_path / "book.xlsx")
        replace_in(path, TABLE, "<calculatedColumnFormula>", '<calculatedColumnFormula array="1">')
        with pytest.raises(WorkbookError, match="array formulas"):
            XlsxBook.open(path).write_table("tblX", {"X": [1.0] * rows})
        assert XlsxBook.open(path).write_table("tblX", {"X": [1.0] * 3})
