"""What every adapter of the port must do; a new adapter joins by a parameter of the fixture `adapter`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from xlsx_fixtures import Content, Formula, MakeBook, Reopen

from tradealloc.errors import InputError, WorkbookError
from tradealloc.workbook.book import Book, CellError, CellValue, Missing

NAMES = {
    "ta_shares": "Inputs!$B$1",
    "ta_status": "Inputs!$B$4",
    "ta_total": "Inputs!$B$5",
    "ta_day": "Inputs!$B$6",
    "ta_window_start": "Inputs!$B$7",
    "ta_lasting": "Inputs!$B$8",
    "ta_unknown": "Inputs!$B$9",
    "ta_blank": "Inputs!$Z$99",
    "ta_merged": "Inputs!$D$1",
    "ta_in_merge": "Inputs!$E$2",
    "ta_in_array": "Inputs!$G$7",
    "ta_header": "'My market''s'!$B$2",
    "ta_gone": "Inputs!#REF!",
    "ta_other_book": "'[other.xlsx]Sheet1'!$A$1",
    "ta_several": "Inputs!$A$1:$B$2",
    "ta_constant": "42",
}
HEADERS = {"'My market''s'!B2": "Interval", "'My market''s'!C2": "beta", "'My market''s'!D2": "Note"}
ROWS = {
    f"'My market''s'!{column}{row}": value
    for row in range(3, 8)
    for column, value in (("B", row - 2), ("C", row / 1024), ("D", f"note {row}"))
}
CELLS: dict[str, object] = {
    "Inputs!B1": 100000,
    "Inputs!B2": 0.25,
    "Inputs!B3": "ACME",
    "Inputs!B4": Formula('IF(B1>0,"OK","STALE")', "STALE"),
    "Inputs!B6": dt.datetime(2026, 3, 2, 15, 30),
    "Inputs!B7": dt.time(9, 30),
    "Inputs!B8": dt.timedelta(hours=30),
    "Inputs!B9": Formula("1+1"),
    "Inputs!B10": True,
    "Inputs!B11": Formula("NA()", "#N/A"),
    "Summary!A1": Formula("ta_status", "STALE"),
    "Summary!A2": Formula("+TA_STATUS", "STALE"),
    "Summary!A3": Formula('ta_status&"!"', "STALE!"),
    **HEADERS,
    **ROWS,
}
CONTENT = Content(
    cells=CELLS,
    names=NAMES,
    tables={"tblIntervals": "'My market''s'!B2:D7"},
    merged=["Inputs!D1:E2"],
    arrays={"Inputs!G6:G8": "B1:B3*2"},
    hidden_rows=["Inputs!A2"],
)
MANY: list[CellValue] = [float(index) for index in range(20)]


class TestReading:
    @pytest.mark.parametrize(
        ("address", "value"),
        [
            ("Inputs!B1", 100000),
            ("Inputs!B2", 0.25),
            ("Inputs!B3", "ACME"),
            ("Inputs!B4", "STALE"),
            ("Inputs!B6", dt.datetime(2026, 3, 2, 15, 30)),
            ("Inputs!B7", dt.time(9, 30)),
            ("Inputs!B8", dt.timedelta(hours=30)),
            ("Inputs!B10", True),
            ("Inputs!B11", CellError("#N/A")),
            ("Inputs!Z99", None),
        ],
    )
    def test_value_of_each_kind(self, make_book: MakeBook, address: str, value: CellValue) -> None:
        ((cell,),) = make_book(CONTENT).range(address)
        assert cell.value == value
        assert type(cell.value) is type(value)
        assert cell.where == address
        assert cell.is_formula == isinstance(CELLS.get(address), Formula)

    def test_formula_without_a_value_is_not_calculated(self, make_book: MakeBook) -> None:
        ((cell,),) = make_book(CONTENT).range("Inputs!B9")
        assert (cell.value, cell.is_formula) == (Missing.NOT_CALCULATED, True)

    def test_name_is_found_whatever_its_case(self, make_book: MakeBook) -> None:
        cell = make_book(CONTENT).cell("TA_Shares")
        assert cell is not None
        assert (cell.value, cell.where) == (100000, "Inputs!B1")

    def test_unknown_name_and_table_are_none(self, make_book: MakeBook) -> None:
        book = make_book(CONTENT)
        assert book.cell("ta_nothing") is None
        assert book.table("tblNothing") is None

    @pytest.mark.parametrize("name", ["ta_gone", "ta_other_book", "ta_several", "ta_constant"])
    def test_name_without_a_cell_is_refused(self, make_book: MakeBook, name: str) -> None:
        book = make_book(CONTENT)
        with pytest.raises(InputError, match="Name Manager") as caught:
            book.cell(name)
        assert caught.value.where == name

    def test_table_by_header_whatever_its_case(self, make_book: MakeBook) -> None:
        table = make_book(CONTENT).table("TBLINTERVALS")
        assert table is not None
        assert table.where == "'My market''s'!B2:D7"
        assert list(table.columns) == ["Interval", "beta", "Note"]
        assert table.rows == 5
        assert [cell.value for cell in table.columns["BETA"]] == [row / 1024 for row in range(3, 8)]
        assert table.columns["Beta"][1].where == "'My market''s'!C4"
        assert "Gamma" not in table.columns

    def test_headers_of_all_tables(self, make_book: MakeBook) -> None:
        assert make_book(CONTENT).tables() == {"tblIntervals": ("Interval", "beta", "Note")}

    @pytest.mark.parametrize(
        ("rows", "hides"), [("A2", False), ("A3", True), ("A5:A6", True), ("A3:A7", True), ("A8", False)]
    )
    def test_hidden_rows_of_a_table(self, make_book: MakeBook, rows: str, hides: bool) -> None:
        table = make_book(replace(CONTENT, hidden_rows=[f"'My market''s'!{rows}"])).table("tblIntervals")
        assert table is not None
        assert table.has_hidden_rows is hides

    def test_range_by_rows(self, make_book: MakeBook) -> None:
        rows = make_book(CONTENT).range("'my market''s'!$B$3:$C$4")
        assert [[cell.value for cell in row] for row in rows] == [[1, 3 / 1024], [2, 4 / 1024]]

    @pytest.mark.parametrize("address", ["Nowhere!A1", "A1", "Inputs!", "Inputs!A1:", "Inputs!A0", "Inputs!XFE1", ""])
    def test_bad_address_is_refused(self, make_book: MakeBook, address: str) -> None:
        book = make_book(CONTENT)
        with pytest.raises(InputError):
            book.range(address)

    def test_label_is_the_name_of_the_workbook(self, make_book: MakeBook) -> None:
        assert make_book(CONTENT).label == "book.xlsx"


class TestWritingCells:
    @pytest.mark.parametrize(
        "value",
        [1, 0.1, -2.5e-12, True, False, "text", " spaces ", "=A1", "_x0041_", "two\nlines",
         "ümlaut <&>", CellError("#N/A"), None],
    )  # fmt: skip
    def test_value_comes_back(self, make_book: MakeBook, reopen: Reopen, value: CellValue) -> None:
        book = make_book(CONTENT)
        assert book.write_cell("ta_total", value)
        assert book.write_cell("TA_SHARES", value)
        for again in (book, reopen(book)):
            for name in ("ta_total", "ta_shares"):
                cell = again.cell(name)
                assert cell is not None
                assert cell.value == value
                assert type(cell.value) is type(value)
                assert not cell.is_formula

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ta_day", dt.datetime(2031, 1, 2, 3, 4, 5)),
            ("ta_window_start", dt.time(16, 5)),
            ("ta_lasting", dt.timedelta(hours=49)),
        ],
    )
    def test_moment_comes_back_from_a_cell_with_its_format(
        self, make_book: MakeBook, reopen: Reopen, name: str, value: CellValue
    ) -> None:
        book = make_book(CONTENT)
        book.write_cell(name, value)
        cell = reopen(book).cell(name)
        assert cell is not None
        assert cell.value == value

    def test_cell_that_the_file_lacks_is_made(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        assert book.write_cell("ta_blank", 7)
        ((cell,),) = reopen(book).range("Inputs!Z99")
        assert cell.value == 7

    def test_unknown_name_is_false(self, make_book: MakeBook) -> None:
        assert not make_book(CONTENT).write_cell("ta_nothing", 1)

    def test_formula_is_refused(self, make_book: MakeBook) -> None:
        book = make_book(CONTENT)
        with pytest.raises(WorkbookError, match=r"Inputs!B4 .*formula"):
            book.write_cell("ta_status", "OK")

    def test_kept_formula_takes_the_value_and_so_do_its_echoes(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        assert book.write_cell("ta_status", "OK", keep_formula=True)
        rows = reopen(book).range("Summary!A1:A3")
        assert [row[0].value for row in rows] == ["OK", "OK", "STALE!"]
        assert all(row[0].is_formula for row in rows)
        cell = book.cell("ta_status")
        assert cell is not None
        assert (cell.value, cell.is_formula) == ("OK", True)

    def test_keep_formula_writes_a_plain_cell(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        book.write_cell("ta_total", 3, keep_formula=True)
        cell = reopen(book).cell("ta_total")
        assert cell is not None
        assert (cell.value, cell.is_formula) == (3, False)

    @pytest.mark.parametrize(
        ("name", "problem"),
        [("ta_in_merge", "E2 .*merged"), ("ta_in_array", "G7 .*array formula"), ("ta_header", "B2 .*header")],
    )
    def test_part_of_something_larger_is_refused(self, make_book: MakeBook, name: str, problem: str) -> None:
        book = make_book(CONTENT)
        with pytest.raises(WorkbookError, match=problem):
            book.write_cell(name, 1)

    def test_first_cell_of_a_merged_area_is_written(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        assert book.write_cell("ta_merged", "head")
        cell = reopen(book).cell("ta_merged")
        assert cell is not None
        assert cell.value == "head"

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
    def test_not_a_number_is_refused(self, make_book: MakeBook, value: float) -> None:
        book = make_book(CONTENT)
        with pytest.raises(ValueError, match="CellError"):
            book.write_cell("ta_total", value)


class TestWritingTables:
    @pytest.mark.parametrize("rows", [1, 2, 5, 20])
    def test_rows_are_replaced(self, make_book: MakeBook, reopen: Reopen, rows: int) -> None:
        book = make_book(CONTENT)
        assert book.write_table("tblINTERVALS", {"BETA": MANY[:rows], "Unknown": MANY[:rows]})
        for again in (book, reopen(book)):
            table = again.table("tblIntervals")
            assert table is not None
            assert table.rows == rows
            assert table.where == f"'My market''s'!B2:D{2 + rows}"
            assert [cell.value for cell in table.columns["beta"]] == MANY[:rows]
            kept = [f"note {row}" for row in range(3, 8)]
            assert [cell.value for cell in table.columns["Note"]] == (kept + [None] * rows)[:rows]

    def test_dropped_rows_are_emptied_where_written(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        book.write_table("tblIntervals", {"beta": MANY[:2]})
        ((beta, note),) = reopen(book).range("'My market''s'!C5:D5")
        assert (beta.value, note.value) == (None, "note 5")

    def test_unknown_table_is_false(self, make_book: MakeBook) -> None:
        assert not make_book(CONTENT).write_table("tblNothing", {"Beta": [1.0]})

    @pytest.mark.parametrize("columns", [{}, {"Beta": []}, {"Beta": [1.0], "Note": ["a", "b"]}])
    def test_columns_must_have_rows_and_one_length(
        self, make_book: MakeBook, columns: dict[str, list[CellValue]]
    ) -> None:
        book = make_book(CONTENT)
        with pytest.raises(ValueError, match="equal length"):
            book.write_table("tblIntervals", columns)

    def test_growing_never_overwrites(self, make_book: MakeBook) -> None:
        below = {**CELLS, "'My market''s'!D12": "Desk notes"}
        book = make_book(Content(below, NAMES, CONTENT.tables))
        assert book.write_table("tblIntervals", {"Beta": MANY[:9]})
        with pytest.raises(WorkbookError, match=r"D12 holds 'Desk notes'.*below row 22"):
            book.write_table("tblIntervals", {"Beta": MANY})
        table = book.table("tblIntervals")
        assert table is not None
        assert table.rows == 9


ORDERS = Content(
    cells={
        "S!B1": "Schedules",
        "S!B3": "Interval", "S!C3": "Start", "S!D3": "ORD-1", "S!E3": "ORD-2", "S!F3": "ORD-3",
        **{f"S!B{row}": row - 3 for row in range(4, 8)},
        **{f"S!C{row}": dt.time(9, 26 + row) for row in range(4, 8)},
        **{f"S!{column}{row}": row * 1.5 for row in range(4, 8) for column in "DEF"},
    },
    tables={"tblSchedules": "S!B3:F7"},
)  # fmt: skip


def orders(*ids: str, rows: int = 4) -> dict[str, list[CellValue]]:
    """Columns as a blotter writes them: two on the left, and one an order."""
    left: dict[str, list[CellValue]] = {
        "Interval": list(range(1, rows + 1)),
        "Start": [dt.time(9, 30 + row % 30) for row in range(rows)],
    }
    return left | {order: [index + row / 8 for row in range(rows)] for index, order in enumerate(ids)}


class TestReshaping:
    @staticmethod
    def assert_holds(book: Book, columns: dict[str, list[CellValue]]) -> None:
        table = book.table("tblSchedules")
        assert table is not None
        assert list(table.columns) == list(columns)
        for header, values in columns.items():
            assert [cell.value for cell in table.columns[header]] == values

    @pytest.mark.parametrize("rows", [1, 4, 9])
    @pytest.mark.parametrize(
        "ids",
        [
            (),
            ("ORD-1",),
            ("ORD-1", "ORD-2", "ORD-3"),
            ("ORD-3", "ORD-1"),
            ("ORD-1", "new", "ORD-2", "ORD-3"),
            tuple(f"N-{n}" for n in range(30)),
            ("ORD-1", "17", "1e5", "=A1", "+x", "09:30", "TRUE", "#N/A", " x", "a'b", "[1]", "Größe 価格", "x" * 255),
        ],
    )
    def test_exactly_the_given_columns_in_their_order(
        self, make_book: MakeBook, reopen: Reopen, ids: tuple[str, ...], rows: int
    ) -> None:
        book = make_book(ORDERS)
        columns = orders(*ids, rows=rows)
        assert book.write_table("TBLSCHEDULES", columns, reshape=True)
        for again in (book, reopen(book)):
            self.assert_holds(again, columns)

    def test_wide_and_narrow_in_turn(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(ORDERS)
        for width, rows in ((40, 6), (2, 2), (0, 9), (80, 1), (3, 4)):
            columns = orders(*(f"O-{width}-{n}" for n in range(width)), rows=rows)
            assert book.write_table("tblSchedules", columns, reshape=True)
            book = reopen(book)
            self.assert_holds(book, columns)
            outside = book.range("S!A1:CZ20")
            filled = {cell.where for row in outside for cell in row if cell.value is not None}
            assert len(filled) == 1 + (rows + 1) * (width + 2)

    def test_headers_of_the_workbook_keep_their_spelling(self, make_book: MakeBook) -> None:
        book = make_book(ORDERS)
        columns = {header.upper(): values for header, values in orders("ord-1", "ORD-9").items()}
        assert book.write_table("tblSchedules", columns, reshape=True)
        table = book.table("tblSchedules")
        assert table is not None
        assert list(table.columns) == ["Interval", "Start", "ORD-1", "ORD-9"]

    def test_unknown_table_is_false(self, make_book: MakeBook) -> None:
        assert not make_book(ORDERS).write_table("tblNothing", orders("A"), reshape=True)

    @pytest.mark.parametrize(
        ("ids", "problem"),
        [
            (("ORD-1", "ord-1"), r"two columns that Excel doesn't tell apart \('ORD-1' and 'ord-1'\)"),
            (("start",), r"\('Start' and 'start'\): rename one"),
            (("a", " A "), "doesn't tell apart"),
            (("x" * 256,), "has 256 characters .*shorten it to 255"),
            (("",), "can't head a column"),
            (("a\x07",), "can't head a column"),
        ],
    )
    def test_headers_that_excel_does_not_take(
        self, make_book: MakeBook, reopen: Reopen, ids: tuple[str, ...], problem: str
    ) -> None:
        book = make_book(ORDERS)
        with pytest.raises(WorkbookError, match=problem):
            book.write_table("tblSchedules", orders(*ids), reshape=True)
        table = reopen(book).table("tblSchedules")
        assert table is not None
        assert list(table.columns) == ["Interval", "Start", "ORD-1", "ORD-2", "ORD-3"]

    @pytest.mark.parametrize(
        ("cells", "problem"),
        [
            ({"S!H5": "mine"}, r"S!H5 holds 'mine', .*\(S!B3:K7\) would overwrite.*right of column K or below row 7"),
            ({"S!K3": 5}, "S!K3 holds 5"),
            ({"S!I7": Formula("1+1", 2)}, "S!I7 holds a formula"),
            ({"S!E5": "note"}, "S!E5 holds 'note' in column ORD-2 of table tblSchedules, .*move the column out"),
            ({"S!E5": Formula("1+1", 2)}, "S!E5 holds a formula in column ORD-2 .*move the column out"),
            ({"S!F5": Formula("1+1", 2)}, "S!F5 holds a formula"),
            ({"Own!A1": Formula("SUM(tblSchedules[ORD-2])", 2)}, r"Own!A1 refers to tblSchedules\[ORD-2\]"),
        ],
    )
    def test_what_is_the_users_is_refused(
        self, make_book: MakeBook, reopen: Reopen, cells: dict[str, object], problem: str
    ) -> None:
        content = Content({**ORDERS.cells, **cells}, tables=ORDERS.tables)
        book = make_book(content)
        before = [[cell.value for cell in row] for row in book.range("S!A1:M12")]
        with pytest.raises(WorkbookError, match=problem):
            book.write_table("tblSchedules", orders("ORD-1", *(f"N-{n}" for n in range(6)), "ORD-3"), reshape=True)
        again = reopen(book)
        assert [[cell.value for cell in row] for row in again.range("S!A1:M12")] == before
        table = again.table("tblSchedules")
        assert table is not None
        assert table.where == "S!B3:F7"

    def test_tables_and_merged_cells_on_the_right(self, make_book: MakeBook) -> None:
        headers = {"S!J6": "Other", "S!J7": 1}
        book = make_book(Content({**ORDERS.cells, **headers}, tables={**ORDERS.tables, "tblOther": "S!J6:J7"}))
        assert book.write_table("tblSchedules", orders("a", "b", "c", "d", "e", "f"), reshape=True)
        with pytest.raises(WorkbookError, match="S!J6:J7 is table tblOther, which the growing table"):
            book.write_table("tblSchedules", orders(*"abcdefgh"), reshape=True)
        book = make_book(Content(ORDERS.cells, tables=ORDERS.tables, merged=["S!K5:L6"]))
        with pytest.raises(WorkbookError, match="S!K5"):
            book.write_table("tblSchedules", orders(*"abcdefgh"), reshape=True)

    def test_cells_beside_rows_that_go_stay(self, make_book: MakeBook, reopen: Reopen) -> None:
        """A table that gets shorter and wider at once passes above them."""
        book = make_book(Content({**ORDERS.cells, "S!H7": "mine"}, tables=ORDERS.tables))
        assert book.write_table("tblSchedules", orders(*"abcdefgh", rows=2), reshape=True)
        assert reopen(book).range("S!H7")[0][0].value == "mine"

    def test_beyond_the_last_column(self, make_book: MakeBook) -> None:
        book = make_book(ORDERS)
        with pytest.raises(WorkbookError, match="beyond the last column"):
            book.write_table("tblSchedules", orders(*map(str, range(16_385)), rows=1), reshape=True)


LOG_HEADERS = ("Time", "Method", "Result", "Note")


class TestLog:
    """A row is added by writing all columns one row longer."""

    @staticmethod
    def log(rows: int, **more: object) -> Content:
        cells: dict[str, object] = {f"Log!{c}4": header for c, header in zip("BCDE", LOG_HEADERS, strict=True)}
        for row in range(5, 5 + rows):
            cells |= {f"Log!B{row}": row, f"Log!C{row}": "dual", f"Log!D{row}": row / 8, f"Log!E{row}": f"mine {row}"}
        return Content(cells | more, tables={"tblRunLog": f"Log!B4:E{4 + max(rows, 1)}"})

    @staticmethod
    def append(book: Book, time: float) -> None:
        table = book.table("tblRunLog")
        assert table is not None
        is_fresh = all(cell.is_blank for cells in table.columns.values() for cell in cells)
        columns = {
            header: [*([] if is_fresh else [cell.value for cell in table.columns[header]]), value]
            for header, value in zip(LOG_HEADERS[:3], (time, "analytic", time / 4), strict=True)
        }
        assert book.write_table("tblRunLog", columns)

    @pytest.mark.parametrize("rows", [0, 1, 5])
    def test_row_by_row(self, make_book: MakeBook, reopen: Reopen, rows: int) -> None:
        book = make_book(self.log(rows))
        for run in range(3):
            self.append(book, 100.0 + run)
            book = reopen(book)
        table = book.table("tblRunLog")
        assert table is not None
        assert table.where == f"Log!B4:E{7 + rows}"
        assert [cell.value for cell in table.columns["Time"]] == [*range(5, 5 + rows), 100, 101, 102]
        assert [cell.value for cell in table.columns["Method"]] == ["dual"] * rows + ["analytic"] * 3
        assert [cell.value for cell in table.columns["Note"]] == [f"mine {5 + n}" for n in range(rows)] + [None] * 3

    def test_filled_cells_below_are_refused(self, make_book: MakeBook) -> None:
        book = make_book(self.log(2, **{"Log!C7": "mine"}))
        with pytest.raises(WorkbookError, match="Log!C7 holds 'mine'"):
            self.append(book, 9.0)

    def test_formula_in_a_column_of_the_log(self, make_book: MakeBook) -> None:
        book = make_book(self.log(2, **{"Log!D6": Formula("1+1", 2)}))
        with pytest.raises(WorkbookError, match="Log!D6 holds a formula"):
            self.append(book, 9.0)

    def test_formula_in_a_column_of_the_users_stays(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(self.log(2, **{"Log!E6": Formula("D6*2", 1)}))
        self.append(book, 9.0)
        assert reopen(book).range("Log!E6")[0][0].is_formula


class TestWritingRanges:
    def test_block_comes_back(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        assert book.write_range("Inputs!AA5", [[1, "a"], [2.5, None], [None, True]]) == "Inputs!AA5:AB7"
        rows = reopen(book).range("Inputs!AA5:AB7")
        assert [[cell.value for cell in row] for row in rows] == [[1, "a"], [2.5, None], [None, True]]

    def test_numbers_are_replaced(self, make_book: MakeBook, reopen: Reopen) -> None:
        book = make_book(CONTENT)
        assert book.write_range("inputs!$B$1", [[1], [2]]) == "Inputs!B1:B2"
        assert [row[0].value for row in reopen(book).range("Inputs!B1:B2")] == [1, 2]

    @pytest.mark.parametrize(
        ("address", "problem"),
        [
            ("Inputs!B3", "B3 holds 'ACME'"),
            ("Inputs!B4", "B4 holds a formula"),
            ("Inputs!E1", "E1 is part of the merged"),
            ("Inputs!G6", "G6 is part of the array"),
            ("'My market''s'!B1", "B2 is a header"),
        ],
    )
    def test_what_is_there_is_refused(self, make_book: MakeBook, address: str, problem: str) -> None:
        book = make_book(CONTENT)
        with pytest.raises(WorkbookError, match=problem):
            book.write_range(address, [[1], [2]])

    def test_edge_of_the_sheet(self, make_book: MakeBook) -> None:
        book = make_book(CONTENT)
        with pytest.raises(InputError, match="edge"):
            book.write_range("Inputs!XFD1048576", [[1], [2]])
