"""The port on Excel, beyond the contract suite (tests/workbook, adapter "excel"): what only a live workbook has."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tradealloc_addin.freeze import plan_freeze
from tradealloc_addin.live_cells import is_busy, text_for_cell
from tradealloc_addin.snapshot import UndoStore, carry_out, workbook_key
from tradealloc_addin.xlwings_book import Plan, Rehearsal, XlwingsBook

from addin.stub_excel import NO_PROTECTION, Area, Cell, ComError, Pivot, Stub, Table, book_of, from_content
from tradealloc.errors import InputError, WorkbookError
from tradealloc.workbook.book import CellError, CellValue

HEADERS = ("Interval", "Start", "Mine", "Allocation", "Cost")
COLUMNS: dict[str, list[CellValue]] = {
    "Interval": [1, 2, 3],
    "Start": [dt.time(9, 30), dt.time(9, 31), None],
    "Allocation": [1.5, 2.5, 3.5],
    "Cost": [0.1, 0.2, 0.3],
}


class Text:
    """A formula of the stub's content."""

    def __init__(self, text: str, cached: object = None) -> None:
        self.text, self.cached = text, cached


class Content:
    def __init__(self, cells: dict[str, Any], **parts: Any) -> None:
        self.cells = cells
        self.names = parts.get("names", {})
        self.tables = parts.get("tables", {})
        self.merged = parts.get("merged", ())
        self.arrays = parts.get("arrays", {})


def table_book(rows: int = 3, **more: Any) -> tuple[XlwingsBook, Stub]:
    """A table at Plan!B2:F5 with a column of the user's in the middle."""
    cells: dict[str, Any] = {f"Plan!{column}2": header for column, header in zip("BCDEF", HEADERS, strict=True)}
    for row in range(3, 3 + rows):
        cells |= {f"Plan!B{row}": row - 2, f"Plan!D{row}": f"mine {row}", f"Plan!E{row}": 0.25 * row}
        cells[f"Plan!C{row}"] = dt.time(9, row % 60)
    content = Content({**cells, **more.pop("cells", {})}, tables={"tblPlan": f"Plan!B2:F{2 + rows}"}, **more)
    book = from_content(content)
    return XlwingsBook(book), book.impl


def one_cell(value: object = None, **attributes: Any) -> tuple[XlwingsBook, Cell]:
    book = from_content(Content({"Order!B2": value}, names={"ta_shares": "Order!$B$2"}))
    cell = book.impl.cell("Order!B2")
    for name, setting in attributes.items():
        setattr(cell, name, setting)
    return XlwingsBook(book), cell


def shares(book: XlwingsBook) -> CellValue:
    cell = book.cell("ta_shares")
    assert cell is not None
    return cell.value


class TestReading:
    def test_currency_is_read_to_its_last_digit(self) -> None:
        """Value would give Decimal('0.0001')."""
        book, _ = one_cell(0.00008, number_format="$#,##0.00")
        assert shares(book) == 0.00008

    def test_currency_cut_by_excel_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is no Value2."""
        from addin.stub_excel import RangeApi

        book, _ = one_cell(0.00008, number_format="$#,##0.00")
        monkeypatch.delattr(RangeApi, "Value2")
        with pytest.raises(InputError, match=r"Order!B2 arrived as the decimal 0\.0001: .* format it as Number"):
            book.cell("ta_shares")

    @pytest.mark.parametrize("code", ["#N/A", "#SPILL!", "#CALC!", "#DIV/0!", "#NAME?"])
    def test_errors_old_and_new(self, code: str) -> None:
        book, _ = one_cell(code)
        assert shares(book) == CellError(code)

    def test_number_that_looks_like_no_error_stays(self) -> None:
        book, _ = one_cell(-2146826246.0)
        assert shares(book) == -2146826246

    def test_formula_gives_its_value(self) -> None:
        book, cell = one_cell(1000.0, formula="=Inputs!A1*10")
        found = book.cell("ta_shares")
        assert found is not None
        assert (found.value, found.is_formula) == (1000, True)
        cell.formula, cell.value = None, "=Inputs!A1*10"
        found = book.cell("ta_shares")
        assert found is not None
        assert (found.value, found.is_formula) == ("=Inputs!A1*10", False)

    def test_dates_of_the_1904_calendar(self) -> None:
        book, cell = one_cell(44623.5, number_format="yyyy-mm-dd hh:mm")
        book.book.api.Date1904 = True
        assert shares(book) == dt.datetime(2026, 3, 4, 12)
        assert book.write_cell("ta_shares", dt.datetime(2026, 3, 5, 12))
        assert cell.value == 44624.5

    def test_a_table_is_one_read(self) -> None:
        book, stub = table_book(300)
        stub.calls.clear()
        table = book.table("tblPlan")
        assert table is not None
        assert table.rows == 300
        # Values, formulas, and the numbers behind the times.
        assert stub.calls == {"read": 3}

    def test_hidden_headers_come_from_the_list_of_columns(self) -> None:
        book, stub = table_book()
        own: Table = stub.table("tblPlan")
        own.show_headers, own.column_names = False, list(HEADERS)
        own.area = Area(3, 2, 5, 6)
        table = book.table("tblPlan")
        assert table is not None
        assert list(table.columns) == list(HEADERS)
        assert [cell.value for cell in table.columns["Interval"]] == [1, 2, 3]

    def test_sheet_names(self) -> None:
        content = Content({"A!A1": 1, "B!A1": 2}, names={"A!ta_x": "A!$A$1", "B!ta_x": "B!$A$1", "B!ta_y": "B!$A$1"})
        book = XlwingsBook(from_content(content))
        with pytest.raises(InputError, match=r"several sheets \(A, B\)"):
            book.cell("ta_x")
        cell = book.cell("ta_y")
        assert cell is not None
        assert cell.value == 2

    def test_name_of_the_workbook_wins(self) -> None:
        content = Content({"A!A1": 1, "B!A1": 2}, names={"A!ta_x": "A!$A$1", "ta_x": "B!$A$1"})
        cell = XlwingsBook(from_content(content)).cell("ta_x")
        assert cell is not None
        assert cell.value == 2

    def test_never_saved(self) -> None:
        book = from_content(Content({"Order!B2": 5}, names={"ta_shares": "Order!$B$2"}), "Book1")
        book.impl.fullname = "Book1"
        assert (shares(XlwingsBook(book)), XlwingsBook(book).label) == (5, "Book1")


class TestTexts:
    @pytest.mark.parametrize("text", ["OK", "Equal within limits", "dual", "größer"])
    def test_plain_words_stay_bare(self, text: str) -> None:
        assert text_for_cell(text) == text

    @pytest.mark.parametrize(
        "text",
        ["1", "1,5", "09:30", "=A1", "+5", "-", "@x", "TRUE", "false", "#N/A", "1e5", " OK", "Mar-5", "'x", "5%"],
    )
    def test_all_else_is_marked_as_text(self, text: str) -> None:
        book, cell = one_cell()
        book.write_cell("ta_shares", text)
        assert (cell.value, cell.formula, cell.is_error) == (text, None, False)


class TestWritingTables:
    def test_one_write_for_neighbouring_columns(self) -> None:
        book, stub = table_book()
        stub.calls.clear()
        assert book.write_table("tblPlan", COLUMNS)
        assert (stub.calls["write"], stub.calls["clear"], stub.calls["resize"]) == (2, 0, 0)
        assert [stub.cell(f"Plan!{column}4").value for column in "BDEF"] == [2.0, "mine 4", 2.5, 0.2]
        assert stub.cell("Plan!C4").value == pytest.approx((9 * 60 + 31) / 1440, abs=1e-15)
        assert stub.cell("Plan!C5").value is None

    def test_growing_takes_format_and_formulas_along(self) -> None:
        book, stub = table_book(cells={f"Plan!D{row}": Text(f"E{row}*2", 1.0) for row in range(3, 6)})
        stub.cell("Plan!E5").number_format = "0.00"
        assert book.write_table("tblPlan", {"Allocation": [float(row) for row in range(30)]})
        table = book.table("tblPlan")
        assert table is not None
        assert (table.where, table.rows) == ("Plan!B2:F32", 30)
        assert stub.cell("Plan!D32").formula == "=E32*2"
        assert (stub.cell("Plan!E32").value, stub.cell("Plan!E32").number_format) == (29.0, "0.00")
        assert stub.cell("Plan!B32").value is None

    def test_shrinking_empties_what_the_run_writes_and_the_table_computes(self) -> None:
        book, stub = table_book(cells={f"Plan!F{row}": Text(f"E{row}*2", 1.0) for row in range(3, 6)})
        assert book.write_table("tblPlan", {"Allocation": [1.0]})
        assert str(stub.table("tblPlan").area) == "B2:F3"
        left = {address for address in stub.dump() if address.endswith("4")}
        assert left == {"Plan!B4", "Plan!C4", "Plan!D4"}

    @pytest.mark.parametrize("rows", [1, 3, 8])
    def test_totals_row_stays_last(self, rows: int) -> None:
        book, stub = table_book(cells={"Plan!E6": Text("SUBTOTAL(109,[Allocation])", 3.0)})
        table = stub.table("tblPlan")
        table.area, table._totals = Area(2, 2, 6, 6), True
        stub.cell("Plan!D4").value = stub.cell("Plan!D3").value = None
        columns: dict[str, list[CellValue]] = {**{key: [1.0] * rows for key in COLUMNS}}
        assert book.write_table("tblPlan", columns)
        assert (str(table.area), table.show_totals) == (f"B2:F{3 + rows}", True)
        assert stub.cell(f"Plan!E{3 + rows}").formula == "=SUBTOTAL(109,[Allocation])"
        assert [cell.formula for cell in stub.sheet("Plan").grid.values()].count("=SUBTOTAL(109,[Allocation])") == 1

    def test_hand_filled_cell_under_the_totals_row_is_refused(self) -> None:
        book, stub = table_book()
        table = stub.table("tblPlan")
        table.area, table._totals = Area(2, 2, 6, 6), True
        with pytest.raises(WorkbookError, match=r"Plan!D4 is filled by hand.*totals row"):
            book.write_table("tblPlan", {key: [1.0] for key in COLUMNS})

    def test_room_for_the_totals_row_counts(self) -> None:
        book, stub = table_book(cells={"Plan!E8": "Desk notes"})
        table = stub.table("tblPlan")
        table.area, table._totals = Area(2, 2, 6, 6), True
        with pytest.raises(WorkbookError, match=r"Plan!E8 holds 'Desk notes'.*\(Plan!B2:F8\).*below row 8"):
            book.write_table("tblPlan", {"Allocation": [1.0] * 5})

    @pytest.mark.parametrize(
        ("attribute", "value", "message"),
        [
            ("filtered", True, r"table tblPlan is filtered: clear the filter"),
            ("source_type", 3, "filled by a query"),
        ],
    )
    def test_table_that_excel_would_not_let_write(self, attribute: str, value: object, message: str) -> None:
        book, stub = table_book()
        setattr(stub.table("tblPlan"), attribute, value)
        before = stub.dump()
        with pytest.raises(WorkbookError, match=message):
            book.write_table("tblPlan", COLUMNS)
        assert stub.dump() == before

    def test_protected_sheet(self) -> None:
        book, stub = table_book()
        stub.sheet("Plan").protect("secret")
        before = stub.dump()
        with pytest.raises(WorkbookError, match=r"sheet Plan is protected: .*Unprotect Sheet"):
            book.write_table("tblPlan", COLUMNS)
        assert stub.dump() == before
        assert stub.sheet("Plan").protected

    def test_formula_in_a_column_to_write(self) -> None:
        book, _ = table_book(cells={"Plan!E4": Text("1+1", 2.0)})
        with pytest.raises(WorkbookError, match=r"Plan!E4 holds a formula where the run writes table tblPlan"):
            book.write_table("tblPlan", COLUMNS)

    def test_growing_onto_a_formula_a_spill_a_merge_a_table_a_pivot(self) -> None:
        grown = {"Allocation": [1.0] * 10}
        book, _ = table_book(cells={"Plan!F9": Text('""', "")})
        with pytest.raises(WorkbookError, match="F9 holds a formula, which the growing table"):
            book.write_table("tblPlan", grown)
        book, stub = table_book()
        stub.sheet("Plan").spills[9, 1] = Area(9, 1, 11, 2)
        with pytest.raises(WorkbookError, match="Plan!A9:B11 is the spilled formula in A9:B11, which the growing"):
            book.write_table("tblPlan", grown)
        book, stub = table_book()
        stub.sheet("Plan").merged.append(Area(9, 5, 9, 8))
        with pytest.raises(WorkbookError, match="Plan!E9:H9 is the merged area E9:H9, which the growing"):
            book.write_table("tblPlan", grown)
        book, stub = table_book()
        stub.sheet("Plan").tables.append(Table(stub.sheet("Plan"), "tblOther", Area(10, 6, 12, 9)))
        with pytest.raises(WorkbookError, match="Plan!F10:I12 is table tblOther, which the growing"):
            XlwingsBook(book.book).write_table("tblPlan", grown)
        book, stub = table_book()
        stub.sheet("Plan").pivots.append(Pivot("Turnover", stub.range("Plan!E10:H14")))
        with pytest.raises(WorkbookError, match="Plan!E10:H14 is the pivot table Turnover, which the growing"):
            book.write_table("tblPlan", grown)
        assert book.write_table("tblPlan", {"Allocation": [1.0] * 7})


class TestWritingCellsAndRanges:
    def test_formula_that_stays_is_left_to_excel(self) -> None:
        book, cell = one_cell("STALE", formula='=IF(A1,"OK","STALE")')
        assert book.write_cell("ta_shares", "OK", keep_formula=True)
        assert (cell.value, cell.formula) == ("STALE", '=IF(A1,"OK","STALE")')

    def test_unlocked_cell_of_a_protected_sheet(self) -> None:
        book, cell = one_cell(1.0, locked=False)
        book.book.impl.sheet("Order").protect("secret")
        assert book.write_cell("ta_shares", 2)
        cell.locked = True
        with pytest.raises(WorkbookError, match="sheet Order is protected"):
            book.write_cell("ta_shares", 3)
        with pytest.raises(WorkbookError, match="sheet Order is protected"):
            book.write_range("Order!B2", [[3]])
        assert cell.value == 2.0

    def test_part_of_a_spill(self) -> None:
        book, _ = one_cell()
        stub: Stub = book.book.impl
        stub.sheet("Order").spills[4, 2] = Area(4, 2, 8, 2)
        with pytest.raises(WorkbookError, match="Order!B4 is part of the spilled formula in B4:B8: write elsewhere"):
            book.write_range("Order!B2", [[1], [2], [3]])

    def test_older_excel_knows_no_spills(self) -> None:
        book, _ = one_cell()
        book.book.impl.dynamic = False
        assert book.write_range("Order!B2", [[1], [2]]) == "Order!B2:B3"

    def test_filtered_sheet(self) -> None:
        book, _ = one_cell()
        book.book.impl.sheet("Order").filtered = True
        with pytest.raises(WorkbookError, match="sheet Order is filtered: clear the filter"):
            book.write_range("Order!B2", [[1], [2]])

    def test_ragged_rows(self) -> None:
        book, _ = one_cell()
        assert book.write_range("Order!B2", [[1], [2, 3]]) == "Order!B2:C3"
        assert [[cell.value for cell in row] for row in book.range("Order!B2:C3")] == [[1, None], [2, 3]]

    def test_name_of_a_whole_merged_area(self) -> None:
        content = Content({"Order!A1": 1}, names={"ta_x": "Order!$B$2:$C$3"}, merged=["Order!B2:C3"])
        book = XlwingsBook(from_content(content))
        assert book.write_cell("ta_x", "written")
        cell = book.cell("ta_x")
        assert cell is not None
        assert (cell.value, cell.where) == ("written", "Order!B2")

    def test_name_on_a_chart_sheet(self) -> None:
        book = XlwingsBook(from_content(Content({"A!A1": 1}, names={"ta_x": "Chart1!$A$1"})))
        with pytest.raises(InputError, match=r"Chart1, which has no cells.*Name Manager"):
            book.cell("ta_x")


HOW = {"AllowFormattingCells": True, "AllowFiltering": True, "DrawingObjects": True, "Scenarios": True}


class TestProtection:
    """Protected without a password: a run opens the sheet and leaves it as it was."""

    @staticmethod
    def protected(**options: bool) -> tuple[XlwingsBook, Stub]:
        book, stub = table_book(names={"ta_shares": "Plan!$I$1"})
        stub.sheet("Plan").protect(**options)
        stub.sheet("Plan").selectable = 1
        return book, stub

    @staticmethod
    def assert_as_before(stub: Stub, options: dict[str, bool]) -> None:
        sheet = stub.sheet("Plan")
        assert (sheet.protected, sheet.password, sheet.selectable) == (True, "", 1)
        assert sheet.protection == NO_PROTECTION | options

    @pytest.mark.parametrize("options", [{}, HOW, {"UserInterfaceOnly": True, "AllowDeletingRows": True}])
    def test_written_and_protected_again_with_the_same_options(self, options: dict[str, bool]) -> None:
        book, stub = self.protected(**options)
        assert book.write_table("tblPlan", {"Allocation": [1.0] * 8})
        assert book.write_cell("ta_shares", 7)
        assert book.write_range("Plan!K1", [[1]]) == "Plan!K1"
        assert (stub.cell("Plan!E10").value, stub.cell("Plan!I1").value) == (1.0, 7.0)
        self.assert_as_before(stub, options)
        assert stub.calls["unprotect"] == stub.calls["protect"] == 3

    def test_reading_and_refusing_leave_the_protection_alone(self) -> None:
        book, stub = self.protected(**HOW)
        stub.cell("Plan!E4").formula = "=1+1"
        with pytest.raises(WorkbookError, match="E4 holds a formula"):
            book.write_table("tblPlan", COLUMNS)
        assert book.table("tblPlan") is not None
        assert stub.calls["unprotect"] == 0

    def test_unlocked_cells_need_no_lifting(self) -> None:
        book, stub = self.protected()
        stub.cell("Plan!I1").locked = False
        assert book.write_cell("ta_shares", 7)
        assert stub.calls["unprotect"] == 0

    def test_a_write_that_fails_protects_again(self) -> None:
        book, stub = self.protected(**HOW)
        stub.broken_after = 1
        with pytest.raises(ComError):
            book.write_table("tblPlan", COLUMNS)
        self.assert_as_before(stub, HOW)

    def test_a_run_lifts_each_sheet_once_and_undo_too(self, tmp_path: Path) -> None:
        book, stub = self.protected(**HOW)
        before = stub.dump()
        store = UndoStore(tmp_path)
        carry_out(book, "Optimise", plans_of(book), store)
        assert stub.dump() != before
        assert (stub.calls["unprotect"], stub.calls["protect"]) == (1, 1)
        self.assert_as_before(stub, HOW)
        snapshot = store.load(workbook_key(book.book))
        assert snapshot is not None
        snapshot.restore(XlwingsBook(book.book))
        assert stub.dump() == before
        self.assert_as_before(stub, HOW)

    def test_a_run_that_fails_halfway_puts_back_and_protects(self, tmp_path: Path) -> None:
        book, stub = self.protected(**HOW)
        before = stub.dump()
        plans = plans_of(book)
        stub.broken_after = 1
        with pytest.raises(ComError):
            carry_out(book, "Optimise", plans, UndoStore(tmp_path))
        assert stub.dump() == before
        self.assert_as_before(stub, HOW)

    def test_a_password_on_one_of_two_sheets_leaves_both_alone(self, tmp_path: Path) -> None:
        book, stub = table_book(names={"ta_shares": "Order!$A$1"}, cells={"Order!A1": 1})
        stub.sheet("Plan").protect(**HOW)
        stub.sheet("Plan").selectable = 1
        stub.sheet("Order").protect("secret")
        before = stub.dump()
        store = UndoStore(tmp_path)
        with pytest.raises(WorkbookError, match="sheet Order is protected"):
            carry_out(book, "Optimise", plans_of(book), store)
        assert stub.dump() == before
        self.assert_as_before(stub, HOW)
        assert stub.sheet("Order").password == "secret"
        assert not store.has_kept

    def test_freeze(self, tmp_path: Path) -> None:
        book, stub = self.protected(**HOW)
        stub.cell("Plan!K3").formula, stub.cell("Plan!K3").value = "=OPTALLOC_VERSION()", "1.0"
        sheet = book.sheet("Plan")
        assert sheet is not None
        found = plan_freeze([(sheet, Area(1, 1, 9, 12))])
        carry_out(book, "Freeze to values", found.plans, UndoStore(tmp_path))
        assert (stub.cell("Plan!K3").formula, stub.cell("Plan!K3").value) == (None, "1.0")
        self.assert_as_before(stub, HOW)

    def test_excel_that_does_not_protect_again_is_said(self) -> None:
        book, stub = self.protected()
        stub.never_protects = True
        with pytest.raises(WorkbookError, match=r"didn't protect Plan again .*Protect Sheet"):
            book.write_cell("ta_shares", 7)


def plans_of(book: XlwingsBook) -> list[Plan]:
    rehearsal = Rehearsal(book)
    assert rehearsal.write_table("tblPlan", {"Allocation": [9.0] * 6})
    assert rehearsal.write_cell("ta_shares", 5)
    return [*rehearsal.plans]


class TestReshaping:
    """Beyond the contract: what Excel makes of headers, formats, and undo."""

    NEW: ClassVar[dict[str, list[CellValue]]] = {
        "Interval": [1, 2, 3, 4],
        "Start": [dt.time(9, 30)] * 4,
        **{f"ORD-{n}": [float(n)] * 4 for n in (3, 1, 2, 7)},
    }

    @staticmethod
    def orders_book(**more: Any) -> tuple[XlwingsBook, Stub]:
        cells: dict[str, Any] = dict(
            zip((f"Plan!{c}2" for c in "BCDEF"), ("Interval", "Start", "ORD-1", "ORD-2", "ORD-3"), strict=True)
        )
        for row in range(3, 6):
            cells |= {f"Plan!{column}{row}": row / 4 for column in "BDEF"} | {f"Plan!C{row}": dt.time(9, row)}
        content = Content({**cells, **more.pop("cells", {})}, tables={"tblPlan": "Plan!B2:F5"}, **more)
        book = from_content(content)
        for row in range(3, 6):
            book.impl.cell(f"Plan!F{row}").number_format = "#,##0"
        book.impl.sheet("Plan").widths[6] = 14.0
        return XlwingsBook(book), book.impl

    def test_headers_that_change_places_keep_their_names(self) -> None:
        book, stub = self.orders_book()
        assert book.write_table("tblPlan", self.NEW, reshape=True)
        assert [stub.cell(f"Plan!{c}2").value for c in "BCDEFG"] == list(self.NEW)
        assert [stub.cell(f"Plan!{c}6").value for c in "DEFG"] == [3.0, 1.0, 2.0, 7.0]
        assert {stub.cell(f"Plan!G{row}").number_format for row in range(3, 7)} == {"#,##0"}
        assert stub.sheet("Plan").widths[7] == 14.0

    @pytest.mark.parametrize("orders", [["ORD-1"], ["ORD-3", "ORD-2", "ORD-1"], [f"NEW-{n}" for n in range(9)]])
    @pytest.mark.parametrize("rows", [1, 3, 6])
    def test_undo_restores_the_former_columns(self, tmp_path: Path, orders: list[str], rows: int) -> None:
        book, stub = self.orders_book(cells={"Plan!Q9": "mine"})
        stub.sheet("Plan").protect(**HOW)
        before = stub.dump()
        columns: dict[str, list[CellValue]] = {"Interval": [1] * rows, "Start": [None] * rows}
        rehearsal, store = Rehearsal(book), UndoStore(tmp_path)
        assert rehearsal.write_table("tblPlan", columns | {order: [9.0] * rows for order in orders}, reshape=True)
        assert stub.dump() == before
        carry_out(book, "Optimise", rehearsal.plans, store)
        table = XlwingsBook(book.book).table("tblPlan")
        assert table is not None
        assert list(table.columns) == ["Interval", "Start", *orders]
        snapshot = store.load(workbook_key(book.book))
        assert snapshot is not None
        snapshot.restore(XlwingsBook(book.book))
        assert stub.dump() == before
        assert stub.sheet("Plan").protection == NO_PROTECTION | HOW

    def test_undo_overwrites_nothing_that_came_since(self, tmp_path: Path) -> None:
        book, stub = self.orders_book()
        rehearsal, store = Rehearsal(book), UndoStore(tmp_path)
        rehearsal.write_table("tblPlan", {"Interval": [1], "Start": [None]}, reshape=True)
        carry_out(book, "Optimise", rehearsal.plans, store)
        stub.cell("Plan!E2").value = "mine"
        snapshot = store.load(workbook_key(book.book))
        assert snapshot is not None
        with pytest.raises(WorkbookError, match="Plan!E2 has been filled since the run"):
            snapshot.restore(XlwingsBook(book.book))

    @pytest.mark.parametrize("writes", range(1, 8))
    def test_a_run_that_fails_at_any_write_is_put_back(self, tmp_path: Path, writes: int) -> None:
        book, stub = self.orders_book()
        before = stub.dump()
        rehearsal = Rehearsal(book)
        rehearsal.write_table("tblPlan", self.NEW, reshape=True)
        stub.broken_after = writes
        try:
            carry_out(book, "Optimise", rehearsal.plans, UndoStore(tmp_path))
        except ComError:
            assert stub.dump() == before
        else:
            assert writes >= 3

    @pytest.mark.parametrize("formula", ["SUM(tblPlan[ORD-2])", "tblPlan[[#Headers],[ord-2]]", "tblPlan[@[ORD-2]]"])
    def test_formula_that_would_show_another_order(self, formula: str) -> None:
        """Excel follows a header that changes, and the formula would mean the order that takes its place."""
        book, stub = self.orders_book(cells={"Own!B9": Text(formula, 1.0)})
        before = stub.dump()
        with pytest.raises(WorkbookError, match=r"Own!B9 refers to tblPlan\[ORD-2\], a column that the run moves"):
            book.write_table("tblPlan", self.NEW, reshape=True)
        assert stub.dump() == before
        same: dict[str, list[CellValue]] = {key: [None] for key in ("Interval", "Start", "ORD-1", "ORD-2", "ORD-9")}
        assert XlwingsBook(book.book).write_table("tblPlan", same, reshape=True)


class TestRehearsal:
    def test_nothing_is_written_before_the_plans_are_applied(self) -> None:
        book, stub = table_book(names={"ta_shares": "Plan!$I$1"})
        before = stub.dump()
        rehearsal = Rehearsal(book)
        assert rehearsal.write_table("tblPlan", {"Allocation": [9.0]})
        assert rehearsal.write_cell("ta_shares", 5)
        assert rehearsal.write_range("Plan!K1", [[1]]) == "Plan!K1"
        assert not rehearsal.write_table("tblNone", {"A": [1]})
        assert not rehearsal.write_cell("ta_none", 1)
        assert stub.dump() == before
        assert (stub.calls["write"], stub.calls["resize"]) == (0, 0)
        for plan in rehearsal.plans:
            plan.apply()
        assert [stub.cell(f"Plan!{cell}").value for cell in ("E3", "E4", "I1", "K1")] == [9.0, None, 5.0, 1.0]

    def test_refusals_come_at_once(self) -> None:
        book, _ = table_book(cells={"Plan!E9": "Desk notes"})
        with pytest.raises(WorkbookError, match="E9"):
            Rehearsal(book).write_table("tblPlan", {"Allocation": [1.0] * 10})


def test_busy_is_told_from_other_errors() -> None:
    assert is_busy(ComError(-2147418111))
    assert is_busy(ComError(scode=-2146777998))
    assert not is_busy(ComError())
    assert not is_busy(KeyError("x"))


def test_stub_is_as_strict_as_excel() -> None:
    """Each of these would be a silent fault in Excel, so the stub must stop it."""
    book, stub = table_book()
    block = book_of(stub).sheets[0].range("J1:J2")
    for value in (None, 5, CellError("#N/A"), float("nan")):
        with pytest.raises(AssertionError):
            block.raw_value = [[1.0], [value]]
    for shape in ([1.0, 2.0], [[1.0]], [[1.0, 2.0], [1.0, 2.0]]):
        with pytest.raises(AssertionError):
            block.raw_value = shape
    for text, value in (("1.5", 1.5), ("TRUE", True), ("'1.5", "1.5"), ("09:30", 0.395833), ("", None)):
        block.raw_value = [[text], [text]]
        found = stub.cell("Plan!J2").value
        assert found == (pytest.approx(value, abs=1e-6) if type(value) is float else value)
    assert replace(stub.cell("Plan!J2")).formula is None
    assert book.label == "book.xlsx"
