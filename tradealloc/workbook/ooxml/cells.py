"""The rows and cells of one worksheet part, found and placed by number."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from lxml import etree

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.addresses import Area, cell_name, column_letters, parse_area, parse_cell, quote_sheet
from tradealloc.workbook.ooxml.namespaces import CELL, FORMULA, INLINE, ROW, SHEET_DATA, VALUE, main
from tradealloc.workbook.ooxml.package import Package
from tradealloc.workbook.ooxml.structure import Sheet, is_true
from tradealloc.workbook.ooxml.trees import drop_attribute, set_or_drop

_SPAN = re.compile(r"(\d+):(\d+)")


class Grid:
    """Cells of a worksheet; rows are indexed once, the cells of a row when it is asked for."""

    def __init__(self, package: Package, sheet: Sheet) -> None:
        self.sheet = sheet
        self.root = package.root(sheet.part)
        self._package = package
        self._prefix = f"{quote_sheet(sheet.name)}!"
        data = self.root.find(SHEET_DATA)
        if self.root.tag != main("worksheet") or data is None:
            raise self._damaged("its data are missing")
        self._data: etree._Element = data
        self._rows: dict[int, etree._Element] = {}
        self._cells: dict[int, dict[int, etree._Element]] = {}
        self._columns: dict[str, int] = {}
        self._column_styles: list[tuple[int, int, str | None]] = []
        self.read_column_styles()
        self._index_rows()
        self._order = list(self._rows)

    def read_column_styles(self) -> None:
        """Learn anew what the file says of whole columns."""
        self._column_styles = [
            (int(element.get("min") or 0), int(element.get("max") or 0), element.get("style"))
            for element in self.root.iterfind(f"{main('cols')}/{main('col')}")
        ]

    def where(self, row: int, column: int) -> str:
        return f"{self._prefix}{cell_name(row, column)}"

    def where_column(self, column: int) -> str:
        """What `where` begins with for the cells of a column; their row follows."""
        return f"{self._prefix}{column_letters(column)}"

    def _damaged(self, what: str) -> WorkbookError:
        return WorkbookError(
            f"{self._package.label} is damaged (sheet {self.sheet.name}: {what}): open it in Excel, repair and save it"
        )

    def _index_rows(self) -> None:
        last = 0
        for row in self._data.iterchildren(ROW):
            text = row.get("r")
            if text is None:
                number = last + 1
            elif text.isdecimal():
                number = int(text)
            else:
                raise self._damaged(f"row number {text!r}")
            if number <= last:
                raise self._damaged(f"row {number} comes after row {last}")
            self._rows[number] = row
            last = number

    def cells_of(self, row: int) -> dict[int, etree._Element]:
        """The cells of a row by column, in order."""
        found = self._cells.get(row)
        if found is not None:
            return found
        found = {}
        element = self._rows.get(row)
        last = 0
        ending = str(row)
        known, digits = self._columns, -len(ending)
        for cell in () if element is None else element.iterchildren(CELL):
            text = cell.get("r")
            # Sheets repeat few column letters many times, so these are looked up rather than parsed.
            column = known.get(text[:digits]) if text is not None and text.endswith(ending) else None
            if column is None:
                column = last + 1 if text is None else self._column(text, row)
            if column <= last:
                raise self._damaged(f"the cells of row {row} are out of order")
            found[column] = cell
            last = column
        self._cells[row] = found
        return found

    def _column(self, text: str, row: int) -> int:
        try:
            found_row, column = parse_cell(text)
        except ValueError as error:
            raise self._damaged(f"cell address {text!r}") from error
        if found_row != row:
            raise self._damaged(f"cell {text} stands in row {row}")
        self._columns[text.rstrip("0123456789")] = column
        return column

    def find(self, row: int, column: int) -> etree._Element | None:
        return self.cells_of(row).get(column)

    def rows_between(self, top: int, bottom: int) -> list[int]:
        """Numbers of the rows that the file holds, ends included."""
        return self._order[bisect_left(self._order, top) : bisect_right(self._order, bottom)]

    def hides_rows(self, top: int, bottom: int) -> bool:
        """Whether one of the rows is hidden, ends included."""
        return any(is_true(self._rows[row].get("hidden")) for row in self.rows_between(top, bottom))

    def filled(self, area: Area) -> Iterator[tuple[int, int, etree._Element]]:
        """Cells of the area with a value or a formula, row by row."""
        for row in self.rows_between(area.top, area.bottom):
            for column, cell in self.cells_of(row).items():
                if area.left <= column <= area.right and is_filled(cell):
                    yield row, column, cell

    def place(self, row: int, column: int) -> etree._Element:
        """The cell at that position, made where the file has none."""
        cells = self.cells_of(row)
        cell = cells.get(column)
        if cell is not None:
            return cell
        return self._insert(row, column, cells, self._inherited_style(self._rows.get(row), column))

    def place_styled(self, row: int, column: int, style: str | None) -> etree._Element:
        """`place`, with a format of its own."""
        cells = self.cells_of(row)
        cell = cells.get(column)
        if cell is None:
            return self._insert(row, column, cells, style)
        set_or_drop(cell, "s", style)
        return cell

    def _insert(self, row: int, column: int, cells: dict[int, etree._Element], style: str | None) -> etree._Element:
        # Rows and cells without an address count on from the one before, so there is no gap in front of them
        # into which an insertion could fall.
        element = self._place_row(row)
        place = {"r": cell_name(row, column)}
        cell = element.makeelement(CELL, place if style is None else {**place, "s": style})
        last = next(reversed(cells), 0)
        if column > last > 0:
            cells[last].addnext(cell)
            cells[column] = cell
        else:
            before = max((known for known in cells if known < column), default=None)
            if before is None:
                element.insert(0, cell)
            else:
                cells[before].addnext(cell)
            self._cells[row] = dict(sorted({**cells, column: cell}.items()))
        _widen_spans(element, column)
        return cell

    def remove(self, row: int, column: int) -> None:
        """Take the cell out of the file."""
        self.remove_between(row, column, column)

    def remove_between(self, row: int, left: int, right: int) -> None:
        """Take cells of a row out of the file, ends included."""
        cells = self.cells_of(row)
        gone = [column for column in cells if left <= column <= right]
        if not gone:
            return
        for column in gone:
            self._rows[row].remove(cells.pop(column))
        for column, kept in cells.items():
            kept.set("r", cell_name(row, column))

    def style_of(self, row: int, column: int) -> str | None:
        """Index of the format that the cell shows; of its row or column where the file has no cell."""
        cell = self.find(row, column)
        if cell is not None:
            return cell.get("s")
        element = self._rows.get(row)
        return self._inherited_style(element, column)

    def _place_row(self, number: int) -> etree._Element:
        row = self._rows.get(number)
        if row is not None:
            return row
        row = self._data.makeelement(ROW, {"r": str(number)})
        index = bisect_left(self._order, number)
        if index == 0:
            self._data.insert(0, row)
        else:
            self._rows[self._order[index - 1]].addnext(row)
        self._rows[number] = row
        insort(self._order, number)
        return row

    def _inherited_style(self, row: etree._Element | None, column: int) -> str | None:
        if row is not None and is_true(row.get("customFormat")) and row.get("s") is not None:
            return row.get("s")
        return next((style for first, last, style in self._column_styles if first <= column <= last), None)

    def formulas(self) -> Iterator[etree._Element]:
        return self._data.iter(FORMULA)

    def formulas_in(self, area: Area) -> Iterator[tuple[int, int]]:
        """Row and column of the formula cells of the area, row by row."""
        for formula in self.formulas():
            cell = formula.getparent()
            if cell is not None and area.holds(*(position := self.position(cell))):
                yield position

    def position(self, cell: etree._Element) -> tuple[int, int]:
        """Row and column of a cell element of this sheet."""
        text = cell.get("r")
        if text is not None:
            try:
                return parse_cell(text)
            except ValueError as error:
                raise self._damaged(f"cell address {text!r}") from error
        for row, element in self._rows.items():
            if element is cell.getparent():
                return row, next(column for column, known in self.cells_of(row).items() if known is cell)
        raise self._damaged("a cell stands outside its rows")

    def touch(self, area: Area) -> None:
        """Have the sheet written, and let its stated extent cover the area."""
        self._package.touch(self.sheet.part)
        dimension = self.root.find(main("dimension"))
        if dimension is None:
            return
        try:
            known = parse_area(dimension.get("ref") or "")
        except ValueError:
            return
        union = Area(
            min(known.top, area.top),
            min(known.left, area.left),
            max(known.bottom, area.bottom),
            max(known.right, area.right),
        )
        if union != known:
            dimension.set("ref", str(union))


def is_filled(cell: etree._Element) -> bool:
    """Whether the cell holds a value or a formula."""
    return any(
        child.tag in (FORMULA, INLINE) or (child.tag == VALUE and (child.text or "").strip() != "") for child in cell
    )


def has_formula(cell: etree._Element | None) -> bool:
    return cell is not None and cell.find(FORMULA) is not None


def _widen_spans(row: etree._Element, column: int) -> None:
    spans = row.get("spans")
    if spans is None:
        return
    match = _SPAN.fullmatch(spans)
    if match is None:
        # Several spans are only a hint for reading; without them nothing is lost.
        drop_attribute(row, "spans")
    elif not int(match[1]) <= column <= int(match[2]):
        row.set("spans", f"{min(int(match[1]), column)}:{max(int(match[2]), column)}")
