"""What isn't written stays: parts byte for byte, touched sheets but for the cells written."""

from __future__ import annotations

import copy
import datetime as dt
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from xlsx_fixtures import EXTRA_PARTS, PIXEL, Content, Formula, build, daily, edit, inject, read_parts, replace_in

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import CellError, Missing
from tradealloc.workbook.xlsx_book import XlsxBook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parse(data: bytes) -> etree._Element:
    return etree.fromstring(data)


def canonical(data: bytes) -> bytes:
    return etree.tostring(parse(data).getroottree(), method="c14n")


def masked(data: bytes, cells: set[str]) -> bytes:
    """The canonical form of a sheet without the contents of the cells, its extent and the hints on rows."""
    root = copy.deepcopy(parse(data))
    for cell in root.iter(f"{MAIN}c"):
        if cell.get("r") in cells:
            for child in list(cell):
                cell.remove(child)
            cell.attrib.pop("t", None)
            cell.attrib.pop("s", None)
    for row in list(root.iter(f"{MAIN}row")):
        row.attrib.pop("spans", None)
        for cell in list(row):
            if cell.get("r") in cells:
                row.remove(cell)
        if len(row) == 0 and set(row.attrib) <= {"r"}:
            row.getparent().remove(row)
    for dimension in root.iter(f"{MAIN}dimension"):
        dimension.attrib.pop("ref")
    return etree.tostring(root, method="c14n")


def load(path: Path) -> openpyxl.Workbook:
    """A second opinion on whether the file is a workbook."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")


def changed_parts(before: Path, after: Path) -> set[str]:
    old, new = read_parts(before), read_parts(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return daily(tmp_path / "book.xlsx")


def test_stale_size_fields_go(book: Path, tmp_path: Path) -> None:
    stamped = tmp_path / "stamped.xlsx"
    sizes, other = b"\x01\x00\x08\x00" + b"\xff" * 8, b"\x20\xa2\x04\x00abcd"
    with zipfile.ZipFile(stamped, "w") as archive:
        for name, data in read_parts(book).items():
            info = zipfile.ZipInfo(name)
            info.extra = sizes + other
            archive.writestr(info, data)
    XlsxBook.open(stamped).save()
    with zipfile.ZipFile(stamped) as archive:
        assert {info.extra for info in archive.infolist()} == {other}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (10**400, ValueError),
        (CellError("#OOPS!"), ValueError),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), ValueError),
        (Missing.NOT_CALCULATED, TypeError),
        (object(), TypeError),
        ("x" * 32_768, WorkbookError),
    ],
)
def test_values_that_no_cell_holds(book: Path, value: object, problem: type[Exception]) -> None:
    opened = XlsxBook.open(book)
    for write in (
        lambda: opened.write_cell("ta_total_impact", value),
        lambda: opened.write_table("tblSchedule", {"Equal": [1.0, value]}),
        lambda: opened.write_range("Notes!A1", [[1, value]]),
    ):
        with pytest.raises(problem):
            write()
    before = read_parts(book)
    opened.save()
    assert read_parts(book) == before


def test_nothing_written_leaves_every_part(book: Path, tmp_path: Path) -> None:
    opened = XlsxBook.open(book)
    opened.cell("ta_shares")
    opened.table("tblSchedule")
    opened.save(tmp_path / "out.xlsx")
    assert changed_parts(book, tmp_path / "out.xlsx") == set()


def test_one_cell_touches_its_sheet_and_the_calculation_settings_only(book: Path, tmp_path: Path) -> None:
    opened = XlsxBook.open(book)
    opened.write_cell("ta_total_impact", 0.25)
    out = tmp_path / "out.xlsx"
    opened.save(out)
    assert changed_parts(book, out) == {"xl/worksheets/sheet2.xml", "xl/workbook.xml"}
    before, after = read_parts(book)["xl/worksheets/sheet2.xml"], read_parts(out)["xl/worksheets/sheet2.xml"]
    assert masked(before, {"B5"}) == masked(after, {"B5"})
    assert masked(before, set()) != masked(after, set())
    cell = next(cell for cell in parse(after).iter(f"{MAIN}c") if cell.get("r") == "B5")
    old = next(cell for cell in parse(before).iter(f"{MAIN}c") if cell.get("r") == "B5")
    assert cell.get("s") == old.get("s") != None  # noqa: E711
    assert after.startswith(b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet')


def test_extra_parts_survive_a_whole_run(book: Path, tmp_path: Path) -> None:
    opened = XlsxBook.open(book)
    opened.write_cell("ta_status", "OK", keep_formula=True)
    opened.write_table("tblSchedule", {"Allocation": [1.0] * 390})
    out = tmp_path / "out.xlsx"
    opened.save(out)
    parts = read_parts(out)
    assert {name: parts[name] for name in EXTRA_PARTS} == EXTRA_PARTS
    expected = {f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3, 4)}
    expected |= {"xl/workbook.xml", "xl/tables/table1.xml", "xl/charts/chart1.xml", "xl/charts/chart2.xml"}
    assert changed_parts(book, out) == expected
    load(out)


def test_members_keep_order_date_and_attributes(book: Path, tmp_path: Path) -> None:
    stamped = tmp_path / "stamped.xlsx"
    with zipfile.ZipFile(stamped, "w") as archive:
        archive.comment = b"of the archive"
        for index, (name, data) in enumerate(reversed(read_parts(book).items())):
            info = zipfile.ZipInfo(name, (1990 + index, 1, 2, 3, 4, 6))
            info.compress_type = zipfile.ZIP_STORED if index % 2 else zipfile.ZIP_DEFLATED
            info.comment, info.external_attr, info.create_system = b"of the member", 0o640 << 16, 3
            info.extra = b"\x20\xa2\x04\x00abcd"
            archive.writestr(info, data, info.compress_type)
    opened = XlsxBook.open(stamped)
    opened.write_cell("ta_total_impact", 0.25)
    opened.save(tmp_path / "out.xlsx")

    def described(path: Path) -> list[object]:
        with zipfile.ZipFile(path) as archive:
            members = [
                (i.filename, i.date_time, i.compress_type, i.comment, i.external_attr, i.create_system, i.extra)
                for i in archive.infolist()
            ]
            return [archive.comment, *members]

    assert described(stamped) == described(tmp_path / "out.xlsx")


def test_macro_workbook_keeps_its_macros(tmp_path: Path) -> None:
    path = tmp_path / "macros.xlsm"
    vba = tmp_path / "vbaProject.bin"
    vba.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 8)
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet()
    sheet.insert_button("B3", {"macro": "Run", "caption": "Run"})
    made.add_vba_project(str(vba))
    made.define_name("ta_shares", "=Sheet1!$A$1")
    made.close()
    opened = XlsxBook.open(path)
    assert opened.write_cell("ta_shares", 5)
    backup = opened.save()
    assert backup == tmp_path / "macros.xlsm.bak"
    parts = read_parts(path)
    assert parts["xl/vbaProject.bin"] == vba.read_bytes()
    assert changed_parts(backup, path) == {"xl/worksheets/sheet1.xml"}
    again = XlsxBook.open(path).cell("ta_shares")
    assert again is not None
    assert again.value == 5


def test_extension_lists_prefixes_and_spaces_are_kept(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", Content({"Sheet1!A1": 1, "Sheet1!C1": 2}, {"ta_x": "Sheet1!$B$1"}))
    sheet = (
        '<?xml version="1.0" encoding="utf-8"?>\r\n<!-- by hand --><x:worksheet '
        'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
        'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" xr:uid="{0}">\n  <x:sheetData>\n'
        '    <x:row r="1" x14ac:dyDescent="0.25" spans="1:1"><x:c r="A1"><x:v>1</x:v></x:c> <x:c r="C1"/></x:row>\n'
        '  </x:sheetData><x:extLst><x:ext uri="{1}"> <a xmlns="urn:a"/> </x:ext></x:extLst></x:worksheet>'
    )
    edit(path, lambda name, data: sheet.encode() if name == "xl/worksheets/sheet1.xml" else data)
    opened = XlsxBook.open(path)
    opened.write_cell("ta_x", 7)
    opened.save()
    written = read_parts(path)["xl/worksheets/sheet1.xml"]
    new = '<x:c r="A1"><x:v>1</x:v></x:c> <x:c r="B1"><x:v>7</x:v></x:c><x:c r="C1"/>'
    expected = sheet.replace('<x:c r="A1"><x:v>1</x:v></x:c> <x:c r="C1"/>', new).replace("1:1", "1:2")
    assert canonical(written) == canonical(expected.encode())
    assert written.startswith(sheet.encode()[:58])
    assert b"ns0" not in written


def test_calculation_chain_goes_only_with_a_formula(book: Path, tmp_path: Path) -> None:
    opened = XlsxBook.open(book)
    opened.write_cell("ta_status", "OK", keep_formula=True)
    opened.save(tmp_path / "out.xlsx")
    assert read_parts(tmp_path / "out.xlsx")["xl/calcChain.xml"] == EXTRA_PARTS["xl/calcChain.xml"]


def test_calculation_settings_are_made_where_they_belong(book: Path) -> None:
    replace_in(book, "xl/workbook.xml", '<calcPr calcId="124519"/>', "<oleSize ref='A1'/>")
    opened = XlsxBook.open(book)
    opened.write_cell("ta_total_impact", 1)
    opened.save()
    text = read_parts(book)["xl/workbook.xml"].decode()
    assert '</definedNames><calcPr fullCalcOnLoad="1"/><oleSize' in text


class TestSheetsOfOtherPrograms:
    """Layouts that the standard allows and Excel never writes."""

    @staticmethod
    def of_rows(path: Path, rows: str, name: str = "Sheet1!$B$2", *, prolog: str = "") -> Path:
        build(path, Content({"Sheet1!A1": 1}, {"ta_x": name}))
        sheet = (
            f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{prolog}'
            f"<sheetData>{rows}</sheetData></worksheet>"
        )
        return edit(path, lambda part, data: sheet.encode() if part == "xl/worksheets/sheet1.xml" else data)

    def test_cells_without_addresses(self, tmp_path: Path) -> None:
        path = self.of_rows(tmp_path / "a.xlsx", "<row><c><v>1</v></c></row><row><c><v>2</v></c></row><row><c/></row>")
        opened = XlsxBook.open(path)
        opened.write_cell("ta_x", 9)
        opened.save()
        rows = XlsxBook.open(path).range("Sheet1!A1:B3")
        assert [[cell.value for cell in row] for row in rows] == [[1, None], [2, 9], [None, None]]
        assert load(path)["Sheet1"]["B2"].value == 9

    def test_row_put_before_rows_without_number(self, tmp_path: Path) -> None:
        path = self.of_rows(tmp_path / "a.xlsx", '<row r="4"><c><v>4</v></c></row><row><c><v>5</v></c></row>')
        opened = XlsxBook.open(path)
        opened.write_cell("ta_x", 9)
        opened.save()
        rows = XlsxBook.open(path).range("Sheet1!A1:B5")
        assert [row[0].value for row in rows] == [None, None, None, 4, 5]
        assert rows[1][1].value == 9

    @pytest.mark.parametrize(
        "rows",
        [
            '<row r="2"/><row r="1"/>',
            '<row r="1"/><row r="1"/>',
            '<row r="2"><c r="B2"/><c r="A2"/></row>',
            '<row r="2"><c r="B3"/></row>',
            '<row r="x"/>',
            '<row r="2"><c r="2B"/></row>',
        ],
    )
    def test_disorder_is_refused(self, tmp_path: Path, rows: str) -> None:
        opened = XlsxBook.open(self.of_rows(tmp_path / "a.xlsx", rows))
        with pytest.raises(WorkbookError, match="damaged"):
            opened.write_cell("ta_x", 9)

    def test_new_cell_takes_the_style_of_row_or_column(self, tmp_path: Path) -> None:
        columns = '<cols><col min="2" max="3" width="9" style="4"/></cols>'
        rows = '<row r="2"/><row r="3" s="5" customFormat="1"/>'
        path = self.of_rows(tmp_path / "a.xlsx", rows, prolog=columns)
        opened = XlsxBook.open(path)
        opened.write_range("Sheet1!B2", [[1], [2]])
        opened.save()
        cells = {
            cell.get("r"): cell.get("s")
            for cell in parse(read_parts(path)["xl/worksheets/sheet1.xml"]).iter(f"{MAIN}c")
        }
        assert cells == {"B2": "4", "B3": "5"}

    def test_values_of_every_type(self, tmp_path: Path) -> None:
        rows = (
            '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r>'
            "<rPh><t>no</t></rPh></is></c>"
            '<c r="B1" t="str"><f>""</f><v></v></c><c r="C1"><f>1+1</f></c><c r="D1"><f>1+1</f><v/></c>'
            '<c r="E1" t="d"><v>2026-03-02T15:30:00</v></c><c r="F1" t="str"><v>x_x000A_y</v></c>'
            '<c r="G1"><v>1E-5</v></c><c r="H1" t="b"><v>0</v></c><c r="I1" s="3"/>'
            '<c r="J1"><f t="shared" si="0"/><v>5</v></c></row>'
        )
        (cells,) = XlsxBook.open(self.of_rows(tmp_path / "a.xlsx", rows)).range("Sheet1!A1:J1")
        missing = Missing.NOT_CALCULATED
        assert [cell.value for cell in cells] == [
            "a b", "", missing, missing, dt.datetime(2026, 3, 2, 15, 30), "x\ny", 1e-5, False, None, 5,
        ]  # fmt: skip
        assert [cell.is_formula for cell in cells] == [False, True, True, True, *[False] * 5, True]

    @pytest.mark.parametrize(
        "cell",
        ['<c r="A1"><v>1_0</v></c>', '<c r="A1"><v>abc</v></c>',
         '<c r="A1" t="s"><v>99</v></c>', '<c r="A1" t="s"><v>-1</v></c>'],
    )  # fmt: skip
    def test_nonsense_is_refused_with_its_place(self, tmp_path: Path, cell: str) -> None:
        opened = XlsxBook.open(self.of_rows(tmp_path / "a.xlsx", f'<row r="1">{cell}</row>'))
        with pytest.raises(WorkbookError, match="Sheet1!A1"):
            opened.range("Sheet1!A1")

    def test_extent_grows_with_the_cells(self, tmp_path: Path) -> None:
        path = self.of_rows(tmp_path / "a.xlsx", "", prolog='<dimension ref="B2:C3"/>')
        opened = XlsxBook.open(path)
        opened.write_range("Sheet1!E1", [[1]])
        opened.save()
        assert b'<dimension ref="B1:E3"/>' in read_parts(path)["xl/worksheets/sheet1.xml"]

    def test_value_stands_before_extensions_and_keeps_its_spaces(self, tmp_path: Path) -> None:
        path = self.of_rows(tmp_path / "a.xlsx", '<row r="2"><c r="B2"><v>1</v><extLst/></c></row>')
        opened = XlsxBook.open(path)
        opened.write_cell("ta_x", " a ")
        opened.save()
        expected = b'<c r="B2" t="inlineStr"><is><t xml:space="preserve"> a </t></is><extLst/></c>'
        assert expected in read_parts(path)["xl/worksheets/sheet1.xml"]

    def test_kept_formula_loses_what_belonged_to_its_old_value(self, tmp_path: Path) -> None:
        cell = '<c r="B2" s="0" t="e" cm="1" vm="2"><f t="array" ref="B2">X</f><v>#VALUE!</v></c>'
        path = self.of_rows(tmp_path / "a.xlsx", f'<row r="2">{cell}</row>')
        opened = XlsxBook.open(path)
        opened.write_cell("ta_x", 5, keep_formula=True)
        opened.save()
        expected = b'<c r="B2" s="0" cm="1"><f t="array" ref="B2">X</f><v>5</v></c>'
        assert expected in read_parts(path)["xl/worksheets/sheet1.xml"]
        with pytest.raises(WorkbookError, match="array formula"):
            opened.write_cell("ta_x", 5)

    def test_part_of_a_longer_array_is_never_kept(self, tmp_path: Path) -> None:
        cell = '<c r="B2" cm="1"><f t="array" ref="B2:B3">X</f><v>1</v></c>'
        opened = XlsxBook.open(self.of_rows(tmp_path / "a.xlsx", f'<row r="2">{cell}</row>'))
        with pytest.raises(WorkbookError, match="array formula in B2:B3"):
            opened.write_cell("ta_x", 5, keep_formula=True)

    @pytest.mark.parametrize(("format_number", "expected"), [("27", dt.datetime(1900, 1, 3)), ("49", 3)])
    def test_date_formats_without_a_code(self, tmp_path: Path, format_number: str, expected: object) -> None:
        path = self.of_rows(tmp_path / "a.xlsx", '<row r="2"><c r="B2" s="0"><v>3</v></c></row>')
        replace_in(
            path,
            "xl/styles.xml",
            '<cellXfs count="1"><xf numFmtId="0"',
            f'<cellXfs count="1"><xf numFmtId="{format_number}"',
        )
        cell = XlsxBook.open(path).cell("ta_x")
        assert cell is not None
        assert cell.value == expected

    @pytest.mark.parametrize("number", ["-1", "1e300"])
    def test_date_outside_the_calendar_stays_a_number(self, tmp_path: Path, number: str) -> None:
        path = self.of_rows(tmp_path / "a.xlsx", f'<row r="2"><c r="B2" s="0"><v>{number}</v></c></row>')
        replace_in(path, "xl/styles.xml", '<cellXfs count="1"><xf numFmtId="0"', '<cellXfs count="1"><xf numFmtId="14"')
        cell = XlsxBook.open(path).cell("ta_x")
        assert cell is not None
        assert isinstance(cell.value, float | dt.datetime)

    def test_echoes_that_share_a_formula(self, tmp_path: Path) -> None:
        rows = (
            '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">ta_x</f><v>1</v></c></row>'
            '<row r="2"><c r="A2"><f t="shared" si="0"/><v>1</v></c></row>'
            '<row r="3"><c r="A3"><f t="shared" si="0"/><v>1</v></c></row>'
        )
        opened = XlsxBook.open(self.of_rows(tmp_path / "a.xlsx", rows))
        opened.write_cell("ta_x", 8)
        assert [row[0].value for row in opened.range("Sheet1!A1:A3")] == [8, 8, 8]


def test_both_date_systems(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 3, 2, 15, 30)
    path = tmp_path / "mac.xlsx"
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active["A1"] = moment
    made.defined_names["ta_day"] = openpyxl.workbook.defined_name.DefinedName("ta_day", attr_text="Sheet!$A$1")
    made.save(path)
    opened = XlsxBook.open(path)
    cell = opened.cell("ta_day")
    assert cell is not None
    assert cell.value == moment
    opened.write_cell("ta_day", moment + dt.timedelta(days=1))
    opened.save()
    assert load(path).active["A1"].value == moment + dt.timedelta(days=1)


def test_workbook_of_another_program(tmp_path: Path) -> None:
    """openpyxl writes what XlsxWriter doesn't: absolute targets, no shared formulas, other prefixes."""
    path = tmp_path / "book.xlsx"
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["Beta", "Note"])
    for row in range(5):
        sheet.append([row / 1024, f"note {row}"])
    sheet.add_table(openpyxl.worksheet.table.Table(displayName="tblIntervals", ref="A1:B6"))
    sheet["D1"] = "=SUM(A2:A6)"
    made.save(path)
    opened = XlsxBook.open(path)
    table = opened.table("tblIntervals")
    assert table is not None
    assert [cell.value for cell in table.columns["beta"]] == [row / 1024 for row in range(5)]
    assert opened.range("Sheet!D1")[0][0].value is Missing.NOT_CALCULATED
    opened.write_table("tblIntervals", {"Beta": [1.0, 2.0]})
    assert opened.warnings == [
        "1 formula refers to rows of tblIntervals by cell address (Sheet!D1) and was not changed; "
        "use tblIntervals[Beta] instead"
    ]
    opened.save()
    assert load(path).active.tables["tblIntervals"].ref == "A1:B3"


def test_written_cells_are_valid_for_openpyxl(book: Path) -> None:
    opened = XlsxBook.open(book)
    opened.write_cell("ta_symbol", "a\x00b\x1f_x000D_\ud800é")
    opened.save()
    cell = XlsxBook.open(book).cell("ta_symbol")
    assert cell is not None
    assert cell.value == "ab_x000D_é"
    assert load(book)["Inputs"]["B2"].value in ("ab_x000D_é", "ab_x005F_x000D_é")


def test_formula_template_can_be_filled(tmp_path: Path) -> None:
    content = Content({"S!A1": Formula("B1", 1)}, {"ta_a": "S!$A$1", "ta_b": "S!$B$1"})
    opened = XlsxBook.open(build(tmp_path / "a.xlsx", content))
    opened.write_cell("ta_b", 2.5)
    cell = opened.cell("ta_a")
    assert cell is not None
    assert cell.value == 1  # Excel recomputes it on opening


def test_pixel_is_a_png(tmp_path: Path) -> None:
    assert PIXEL.startswith(b"\x89PNG")
    inject(build(tmp_path / "a.xlsx", Content({"S!A1": 1})), {"xl/media/extra.png": PIXEL})
    XlsxBook.open(tmp_path / "a.xlsx").save()
    assert read_parts(tmp_path / "a.xlsx")["xl/media/extra.png"] == PIXEL
