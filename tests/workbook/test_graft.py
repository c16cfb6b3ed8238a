"""Sheets of a template in a desk's workbook: nothing of the desk's changes, nothing of the template is lost."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from xlsx_fixtures import EXTRA_PARTS, edit, inject, read_parts, replace_in

from tradealloc.errors import WorkbookError
from tradealloc.templates import template_path
from tradealloc.workbook.ooxml.addresses import quote_sheet
from tradealloc.workbook.ooxml.graft import Link
from tradealloc.workbook.ooxml.graft.formulas import rename_sheets, sheets_of, words_of
from tradealloc.workbook.xlsx_book import XlsxBook

SHEETS = ("Order", "Intervals", "Schedule", "Comparison", "Intraday", "Run log", "Checks")
MAY_CHANGE = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def desk(path: Path, names: Mapping[str, str] | None = None, sheets: tuple[str, ...] = ("Day", "Schedule")) -> Path:
    """A desk's workbook with formats, a table, a chart and a print area; one sheet has a name of the template's."""
    book = xlsxwriter.Workbook(path)
    pages = [book.add_worksheet(name) for name in sheets]
    day = pages[0]
    loud = book.add_format({"bold": True, "bg_color": "#FFCC00", "font_name": "Georgia", "num_format": '0.0" kg"'})
    day.write("A1", "Order", loud)
    day.write("B1", 12_000)
    day.write_column("C2", [2e-5, 1e-5, 4e-5], loud)
    day.add_table("E1:F4", {"name": "tblDesk", "columns": [{"header": "a"}, {"header": "b"}]})
    day.conditional_format("C2:C4", {"type": "cell", "criteria": ">", "value": 3e-5, "format": loud})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": f"={quote_sheet(sheets[0])}!$C$2:$C$4"})
    day.insert_chart("H2", chart)
    day.print_area("A1:F9")
    pages[-1].write_formula("A1", f"={quote_sheet(sheets[0])}!B1*2", None, 24_000)
    for name, text in (names or {"chosen": f"={quote_sheet(sheets[0])}!$B$1"}).items():
        book.define_name(name, text)
    book.close()
    inject(path, EXTRA_PARTS)
    return path


def grafted(path: Path, sheets: tuple[str, ...] = SHEETS) -> dict[str, str]:
    book = XlsxBook.open(path)
    names = book.graft(template_path("daily_schedule"), sheets)
    book.save()
    return names


def load(path: Path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path)


def formats(styles: etree._Element) -> list[etree._Element]:
    return styles.findall(f"{MAIN}cellXfs/{MAIN}xf")


def conditional_formats(page: Any) -> list[Any]:
    """Areas, formulas and looks; numbers of formats may differ."""
    return [
        (
            str(block.sqref),
            rule.formula,
            rule.dxf and (repr(rule.dxf.font), repr(rule.dxf.fill), rule.dxf.numFmt and rule.dxf.numFmt.formatCode),
        )
        for block in page.conditional_formatting
        for rule in block.rules
    ]


class TestNothingOfTheDesksChanges:
    def test_all_other_parts_stay_byte_for_byte(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        before = read_parts(path)
        grafted(path)
        after = read_parts(path)
        changed = {name for name in before if after.get(name) != before[name]}
        assert changed == MAY_CHANGE | {"xl/calcChain.xml"}
        assert "xl/calcChain.xml" not in after

    def test_formats_are_appended_and_none_is_renumbered(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        before = etree.fromstring(read_parts(path)["xl/styles.xml"])
        grafted(path)
        after = etree.fromstring(read_parts(path)["xl/styles.xml"])
        for old in before:
            new = after.find(old.tag)
            assert new is not None
            assert [etree.tostring(child) for child in old] == [etree.tostring(child) for child in new[: len(old)]]
            if new.get("count") is not None:
                assert int(new.get("count", "")) == len(new)
        assert len(formats(after)) > len(formats(before))

    def test_a_second_graft_adds_no_format_twice(self, tmp_path: Path) -> None:
        path, other = desk(tmp_path / "desk.xlsx"), tmp_path / "again.xlsx"
        grafted(path)
        desk(other, {"another": "=More!$B$1"}, ("More", "Again"))
        counts = []
        for sheet in ("More", "Again"):
            book = XlsxBook.open(path)
            other = replace_in(other, "xl/tables/table1.xml", "tblDesk", "tblMore") if sheet == "More" else other
            book.graft(other, [sheet])
            book.save()
            counts.append(len(formats(etree.fromstring(read_parts(path)["xl/styles.xml"]))))
        assert counts[0] == counts[1]

    def test_names_and_sheets_of_the_desk_come_first_and_as_they_were(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        before = etree.fromstring(read_parts(path)["xl/workbook.xml"])
        grafted(path)
        after = etree.fromstring(read_parts(path)["xl/workbook.xml"])
        for holder in ("sheets", "definedNames"):
            old, new = before.find(f"{MAIN}{holder}"), after.find(f"{MAIN}{holder}")
            assert old is not None
            assert new is not None
            assert [etree.tostring(child) for child in old] == [etree.tostring(child) for child in new[: len(old)]]
        assert before.find(f"{MAIN}bookViews") is not None
        assert "tabSelected" not in "".join(
            data.decode()
            for name, data in read_parts(path).items()
            if re.fullmatch("xl/worksheets/sheet[3-9].xml", name)
        )


class TestEverythingOfTheTemplateIsThere:
    def test_a_clashing_sheet_gets_another_name_and_what_refers_to_it_follows(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        names = grafted(path)
        assert names["Schedule"] == "Schedule (tradealloc)"
        assert names["Order"] == "Order"
        parts = read_parts(path)
        charts = [etree.fromstring(data) for name, data in parts.items() if name.startswith("xl/charts/chart")]
        formulas = [f.text or "" for chart in charts for f in chart.iter("{*}f")]
        assert sum("'Schedule (tradealloc)'!" in formula for formula in formulas) > 5
        assert not any(formula.startswith("Schedule!") for formula in formulas)
        areas = {
            element.get("localSheetId"): element.text
            for element in etree.fromstring(parts["xl/workbook.xml"]).iter("{*}definedName")
            if element.get("name") == "_xlnm.Print_Area"
        }
        assert areas["0"] == "Day!$A$1:$F$9"
        assert (areas["4"] or "").startswith("'Schedule (tradealloc)'!$A$1:")

    def test_every_cell_has_the_value_formula_and_look_of_the_template(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        names = grafted(path)
        template, ours = load(template_path("daily_schedule")), load(path)
        for sheet in SHEETS:
            for row in template[sheet].iter_rows(max_row=60):
                for there in row:
                    here = ours[names[sheet]].cell(there.row, there.column)
                    formula, expected = (getattr(value, "text", value) for value in (here.value, there.value))
                    if isinstance(expected, str) and expected.startswith("="):
                        expected = expected.replace("Schedule!", "'Schedule (tradealloc)'!")
                    assert formula == expected, (sheet, there.coordinate)
                    assert here.number_format == there.number_format
                    assert (here.font.color and here.font.color.rgb) == (there.font.color and there.font.color.rgb)
                    assert (here.font.b, here.font.sz, here.font.name) == (there.font.b, there.font.sz, there.font.name)
                    for look in ("fill", "border", "alignment", "protection"):
                        assert repr(getattr(here, look)) == repr(getattr(there, look))

    def test_tables_formats_validations_panes_and_pages_survive(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        names = grafted(path)
        template, ours = load(template_path("daily_schedule")), load(path)
        for sheet in SHEETS:
            there, here = template[sheet], ours[names[sheet]]
            assert dict(here.tables.items()) == dict(there.tables.items())
            assert here.freeze_panes == there.freeze_panes
            assert here.protection.sheet == there.protection.sheet
            assert here.print_title_rows == there.print_title_rows
            assert len(here._charts) == len(there._charts)
            assert [str(rule.sqref) for rule in here.data_validations.dataValidation] == [
                str(rule.sqref) for rule in there.data_validations.dataValidation
            ]
            assert conditional_formats(here) == conditional_formats(there)

    def test_numbers_of_tables_sheets_and_parts_are_unique(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        grafted(path)
        parts = read_parts(path)
        tables = [etree.fromstring(data) for name, data in parts.items() if name.startswith("xl/tables/")]
        assert len({table.get("id") for table in tables}) == len(tables) == 9
        sheets = etree.fromstring(parts["xl/workbook.xml"]).find(f"{MAIN}sheets")
        assert sheets is not None
        assert len({sheet.get("sheetId") for sheet in sheets}) == len(sheets) == 9
        types = [e.get("PartName") for e in etree.fromstring(parts["[Content_Types].xml"]) if e.get("PartName")]
        assert len(types) == len(set(types))
        assert {name.lstrip("/") for name in types if name} <= set(parts)

    def test_no_shared_string_of_the_template_is_asked_of_the_desk(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        before = {name for name in read_parts(path) if name.startswith("xl/worksheets/sheet")}
        grafted(path)
        for name, data in read_parts(path).items():
            if name.startswith("xl/worksheets/sheet") and name not in before:
                assert 't="s"' not in data.decode()

    def test_a_macro_workbook_keeps_its_macros(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        macro = f"{SPREADSHEET}.sheet.main+xml".encode(), b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        edit(path, lambda _, data: data.replace(*macro), {"xl/vbaProject.bin": b"macros"})
        path = path.rename(path.with_suffix(".xlsm"))
        grafted(path)
        assert read_parts(path)["xl/vbaProject.bin"] == b"macros"
        assert macro[1] in read_parts(path)["[Content_Types].xml"]

    def test_a_workbook_without_formats_gets_them(self, tmp_path: Path) -> None:
        path = tmp_path / "bare.xlsx"
        book = openpyxl.Workbook()
        book.active["A1"] = 5
        book.save(path)

        parts = read_parts(path)
        with zipfile.ZipFile(path, "w") as archive:
            for name in parts.keys() - {"xl/styles.xml"}:
                data = parts[name]
                if name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
                    data = re.sub(rb"<(Relationship|Override) [^>]*styles[^>]*/>", b"", data)
                archive.writestr(name, data)
        grafted(path)
        assert load(path)["Order"]["B1"].font.b

    def test_only_what_a_sheet_needs_comes_along(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        grafted(path, ("Run log",))
        root = etree.fromstring(read_parts(path)["xl/workbook.xml"])
        names = {e.get("name") for e in root.iter("{*}definedName")}
        assert not any((name or "").startswith(("chk_", "ta_")) for name in names)
        log = load(path)["Run log"]
        formulas = [c.value for row in log.iter_rows() for c in row if str(c.value).startswith("=")]
        assert formulas == [], "a formula that uses a name which isn't there would show #NAME?"


class TestRefusals:
    @pytest.mark.parametrize(
        ("names", "sentence"),
        [
            ({"ta_status": "=Day!$A$1"}, "desk.xlsx has a name ta_status already"),
            ({"CHK_ROWS": "=Day!$A$1"}, "desk.xlsx has a name chk_rows already"),
            ({"tblschedule": "=Day!$A$1"}, "desk.xlsx has a name tblSchedule already"),
        ],
    )
    def test_a_name_that_is_taken(self, tmp_path: Path, names: dict[str, str], sentence: str) -> None:
        self._refused(desk(tmp_path / "desk.xlsx", names), sentence)

    def test_a_table_that_is_taken(self, tmp_path: Path) -> None:
        path = replace_in(desk(tmp_path / "desk.xlsx"), "xl/tables/table1.xml", "tblDesk", "tblComparison")
        self._refused(path, "desk.xlsx has a table tblComparison already on sheet Day")

    def test_a_protected_structure(self, tmp_path: Path) -> None:
        protection = '<workbookProtection lockStructure="1"/><bookViews>'
        path = replace_in(desk(tmp_path / "desk.xlsx"), "xl/workbook.xml", "<bookViews>", protection)
        self._refused(path, "lets nobody add sheets")

    @staticmethod
    def _refused(path: Path, sentence: str) -> None:
        before = path.read_bytes()
        book = XlsxBook.open(path)
        with pytest.raises(WorkbookError, match=re.escape(sentence)):
            book.graft(template_path("daily_schedule"), SHEETS)
        with pytest.raises(WorkbookError, match="was not saved"):
            book.save()
        assert path.read_bytes() == before


class TestLinks:
    def test_a_linked_cell_holds_formula_value_and_the_look_of_a_calculation(self, tmp_path: Path) -> None:
        path = desk(tmp_path / "desk.xlsx")
        book = XlsxBook.open(path)
        book.graft(template_path("daily_schedule"), SHEETS)
        book.link_cell("ta_shares", Link("Day!B1", 12_000))
        book.link_column("tblIntervals", "start", [Link(f"Day!A{row}", row / 1000) for row in range(2, 392)])
        found = book.cell("ta_shares")
        assert found is not None
        assert (found.value, found.is_formula) == (12_000, True)
        book.save()
        page = load(path)
        cell, start = page["Order"][found.where.partition("!")[2]], page["Intervals"]["C7"]
        assert (cell.value, start.value, page["Intervals"]["C396"].value) == ("=Day!B1", "=Day!A2", "=Day!A391")
        for linked in (cell, start):
            assert linked.fill.patternType is None
            assert linked.font.color.rgb == "FF1F2933"
            assert linked.protection.locked
        assert start.number_format == "hh:mm"
        again = XlsxBook.open(path).table("tblIntervals")
        assert again is not None
        assert again.columns["Start"][1].value == dt.time(0, 4, 19, 200000)  # read as the time that its format shows


LETTERS = st.characters(codec="utf-8", exclude_characters='[]:*?/\\"', exclude_categories=("C", "Z"))
SHEET_NAMES = st.text(LETTERS, min_size=1, max_size=20).filter(lambda name: name.strip("'") == name)


class TestFormulas:
    @given(SHEET_NAMES, SHEET_NAMES)
    def test_a_sheet_is_renamed_wherever_it_is_named_and_nowhere_else(self, old: str, new: str) -> None:
        formula = f'IF(A1="{quote_sheet(old)}!A1",SUM({quote_sheet(old)}!$A$1:$B$2)+Other!C3,x.{1}+tbl[Old])'
        renamed = rename_sheets(formula, {old.casefold(): new})
        if old.casefold() == "other":
            return
        expected = f'IF(A1="{quote_sheet(old)}!A1",SUM({quote_sheet(new)}!$A$1:$B$2)+Other!C3,x.{1}+tbl[Old])'
        assert renamed == expected
        assert sheets_of(formula) == {old.casefold(), "other"}

    def test_words_are_names_and_tables_only(self) -> None:
        formula = 'IF(ta_run_at="",SUM(tblA[Col],Sheet!A1),\'My chk_x\'!B2+_xlfn.UNICODE(chk_rows))&"ta_no"'
        assert {"ta_run_at", "tbla", "chk_rows"} <= words_of(formula)
        assert not {"ta_no", "sum", "col", "sheet", "chk_x", "_xlfn.unicode"} & words_of(formula)

    @pytest.mark.parametrize(
        "formula", ["[1]Order!A1", "'[Book.xlsx]Order'!A1", "Order2!A1", "MyOrder!A1", '"Order!A1"', "tbl[Order]"]
    )
    def test_what_only_looks_like_the_sheet_stays(self, formula: str) -> None:
        assert rename_sheets(formula, {"order": "New"}) == formula

    def test_whole_rows_follow_too(self) -> None:
        assert rename_sheets("Intervals!$5:$6,order!A:B", {"intervals": "A b", "order": "X"}) == "'A b'!$5:$6,X!A:B"
