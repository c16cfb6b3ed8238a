"""Tables (ListObjects) of a live Excel: everything is checked first, so that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl.styles.numbers import is_date_format, is_timedelta_format

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import Cell, CellValue, Headers, Table, header_key
from tradealloc.workbook.ooxml.addresses import MAX_COLUMN, MAX_ROW, Area, column_letters, parse_area, runs
from tradealloc.workbook.ooxml.values import are_moments

from .live_cells import LiveSheet, com_get
from .live_columns import copy_looks, refuse_lost_columns, refuse_named_columns, write_headers
from .live_guards import described, find_obstacle, refuse_formulas, refuse_obstacles
from .live_protection import Target

if TYPE_CHECKING:
    from xlwings.main import Table as ExcelTable

PLAIN_RANGE = 1
"""xlSrcRange: a table that no query or list feeds."""


class LiveTable:
    """A ListObject; where it lies is asked anew each time, since a run moves it."""

    def __init__(self, sheet: LiveSheet, table: ExcelTable) -> None:
        self.sheet = sheet
        self.table = table
        self.name = table.name

    @property
    def area(self) -> Area:
        """The whole table, headers and totals included."""
        return parse_area(self.table.range.address)

    @property
    def has_totals(self) -> bool:
        return bool(self.table.show_totals)

    @property
    def layout(self) -> Layout:
        return Layout(self.area, bool(self.table.show_headers), self.has_totals)

    @property
    def header_area(self) -> Area | None:
        area = self.area
        return Area(area.top, area.left, area.top, area.right) if self.table.show_headers else None

    @property
    def is_filtered(self) -> bool:
        own_filter = com_get(self.table.api, "AutoFilter")
        return com_get(own_filter, "FilterMode", False) is True

    @property
    def is_fed_from_outside(self) -> bool:
        return bool(com_get(self.table.api, "SourceType", PLAIN_RANGE) != PLAIN_RANGE)

    def read(self) -> Table:
        """Headers and columns, in one read."""
        layout = self.layout
        rows = self.sheet.cells(layout.area)
        body = rows[layout.first - layout.area.top : layout.last - layout.area.top + 1]
        columns = {
            header: tuple(row[number] for row in body) for number, header in enumerate(self.headers(layout, rows))
        }
        return Table(self.name, self.sheet.place(layout.area), Headers(columns), self._hides_rows(layout.body))

    def read_headers(self) -> tuple[str, ...]:
        """Names of the columns alone."""
        layout = self.layout
        return tuple(self.headers(layout, self.sheet.cells(layout.header_row) if layout.has_headers else ()))

    def _hides_rows(self, body: Area) -> bool:
        if body.bottom < body.top:
            return False
        rows = com_get(self.sheet.range(body).api, "EntireRow")
        return com_get(rows, "Hidden", False) is not False  # None: some of them

    def headers(self, layout: Layout, rows: Sequence[Sequence[Cell]]) -> list[str]:
        """Names of the columns, from the first row or, where that is hidden, from Excel's list."""
        if layout.has_headers:
            return [str(cell.value) for cell in rows[0]]
        return [str(column.Name) for column in self.table.api.ListColumns]

    def resize(self, area: Area) -> None:
        """Give the table an area without totals row; a totals row that it has comes back below the last row."""
        if area != self.layout.without_totals:
            self.table.resize(self.sheet.range(area))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a table lie."""

    area: Area
    has_headers: bool
    has_totals: bool

    @property
    def first(self) -> int:
        """First row of data."""
        return self.area.top + self.has_headers

    @property
    def last(self) -> int:
        """Last row of data."""
        return self.area.bottom - self.has_totals

    @property
    def without_totals(self) -> Area:
        return self.ending(self.last)

    @property
    def body(self) -> Area:
        return Area(self.first, self.area.left, self.last, self.area.right)

    @property
    def header_row(self) -> Area:
        return Area(self.area.top, self.area.left, self.area.top, self.area.right)

    def ending(self, row: int, right: int | None = None) -> Area:
        """The table with its last row of data moved, and its last column, without totals row."""
        return Area(self.area.top, self.area.left, row, self.area.right if right is None else right)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Rows to write, checked, and what becomes of the table."""

    table: LiveTable
    layout: Layout
    given: Mapping[int, Sequence[CellValue]]
    """Values by sheet column."""
    calculated: tuple[int, ...]
    """Sheet columns that the table fills with a formula of its own."""
    new_last: int
    known: tuple[str, ...] = ()
    """Headers before."""
    headers: tuple[str, ...] | None = None
    """All headers of the reshaped table; None where its columns stay."""

    @property
    def targets(self) -> list[Target]:
        return [(self.table.sheet, None)]

    @property
    def right(self) -> int:
        """Last column after the write."""
        area = self.layout.area
        return area.right if self.headers is None else area.left + len(self.headers) - 1

    @property
    def moved(self) -> list[str]:
        """Headers in whose place another column stands after the write, or none."""
        after = self.known if self.headers is None else self.headers
        return [header for index, header in enumerate(self.known) if header not in after[index : index + 1]]

    @property
    def grown(self) -> bool:
        return self.new_last > self.layout.last

    @property
    def shrunk(self) -> bool:
        return self.new_last < self.layout.last

    @property
    def area_after(self) -> Area:
        return self.layout.ending(self.new_last, self.right)

    @property
    def replaced(self) -> list[Area]:
        """Cells of the present rows that the run writes or empties."""
        if self.headers is not None:
            return [self.layout.body]
        areas = [Area(self.layout.first, left, self.layout.last, right) for left, right in runs(self.given)]
        return areas + (self._dropped(self.calculated) if self.shrunk else [])

    @property
    def added(self) -> list[Area]:
        """Cells below the present rows that the run fills; empty before."""
        if not self.grown:
            return []
        columns = [column for column in (*self.given, *self.calculated) if column <= self.layout.area.right]
        return [Area(self.layout.last + 1, left, self.new_last, right) for left, right in runs(columns)]

    @property
    def gained(self) -> Area | None:
        """Columns on the right that the table doesn't have yet, headers included; empty before."""
        return beyond(self.area_after, self.layout.area.right)

    @property
    def lost(self) -> Area | None:
        """Columns on the right that the table gives up, headers included."""
        return beyond(self.layout.area, self.right)

    def apply(self) -> None:
        """Resize and write: one block per run of neighbouring columns."""
        with TotalsAside(self.table):
            self.table.resize(self.area_after)
            if self.grown:
                self._fill_down()
            self._reshape()
            self._write()
            if self.shrunk:
                for area in self._dropped((*self.given, *self.calculated)):
                    self.table.sheet.clear(area)

    def _reshape(self) -> None:
        if self.headers is None:
            return
        sheet = self.table.sheet
        if self.lost is not None:
            sheet.clear_all(self.lost)
        if self.gained is not None:
            copy_looks(sheet, self.layout.ending(self.new_last), self.right)
            self._show_numbers(self.gained)
        write_headers(sheet, self.table.layout.header_row, self.headers)

    def _show_numbers(self, gained: Area) -> None:
        """Take a format that came from the last column away again where it would show numbers as times."""
        for column in range(gained.left, gained.right + 1):
            block = self.table.sheet.range(Area(self.layout.first, column, gained.bottom, column))
            shown = block.number_format
            if not isinstance(shown, str) or not (is_date_format(shown) or is_timedelta_format(shown)):
                break
            if not are_moments(self.given[column]):
                block.number_format = "General"

    def _write(self) -> None:
        for left, right in runs(self.given):
            columns = [self.given[column] for column in range(left, right + 1)]
            area = Area(self.layout.first, left, self.new_last, right)
            self.table.sheet.put(area, list(zip(*columns, strict=True)))

    def _fill_down(self) -> None:
        """Formats and formulas of the last row, for the new ones; given values follow."""
        for area in self.added:
            last = self.layout.last
            source = self.table.sheet.range(Area(last, area.left, last, area.right))
            source.autofill(self.table.sheet.range(Area(last, area.left, area.bottom, area.right)), "fill_copy")

    def _dropped(self, columns: Sequence[int]) -> list[Area]:
        columns = [column for column in columns if column <= self.layout.area.right]
        return [Area(self.new_last + 1, left, self.layout.last, right) for left, right in runs(columns)]


class TotalsAside:
    """Hides the totals row while rows come and go: Excel puts it back below the last."""

    def __init__(self, table: LiveTable) -> None:
        self._table = table.table
        self._shown = table.has_totals

    def __enter__(self) -> None:
        if self._shown:
            self._table.show_totals = False

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._table.show_totals = True


def beyond(area: Area, right: int) -> Area | None:
    """The columns of an area to the right of a column."""
    return None if area.right <= right else Area(area.top, right + 1, area.bottom, area.right)


def plan_rows(
    table: LiveTable,
    columns: Mapping[str, Sequence[CellValue]],
    neighbours: Sequence[LiveTable],
    *,
    reshape: bool = False,
) -> TablePlan:
    """Check that the table can take the rows, and with `reshape` the columns; changes nothing.

    Raises
    ------
    WorkbookError
        They don't fit without losing something of the user's, or Excel wouldn't take them.
    """
    refuse_unwritable(table)
    layout = table.layout
    length = len(next(iter(columns.values())))
    if layout.first + length - 1 + layout.has_totals > MAX_ROW:
        raise WorkbookError(f"table {table.name} would end below the last row of the sheet: move it up")
    rows = table.sheet.cells(layout.area)
    body = rows[layout.first - layout.area.top : layout.last - layout.area.top + 1]
    known = tuple(table.headers(layout, rows))
    if reshape and list(map(header_key, known)) != list(map(header_key, columns)):
        plan = _plan_columns(table, layout, known, columns)
        refuse_lost_columns(table.name, known, columns, body)
    else:
        plan = _plan_rows(table, layout, known, columns, body)
    present = [column for column in plan.given if column <= layout.area.right]
    if plan.lost is not None:
        present = list(range(layout.area.left, layout.area.right + 1))
    for left, right in runs(present):
        refuse_obstacles(table.sheet, Area(layout.first, left, layout.last, right), ())
        cells = (row[left - layout.area.left : right - layout.area.left + 1] for row in body)
        refuse_formulas(cells, f"table {table.name}")
    _check_growth(plan, neighbours)
    if plan.shrunk:
        _check_shrinking(plan, body)
    return plan


def _plan_columns(
    table: LiveTable, layout: Layout, known: tuple[str, ...], columns: Mapping[str, Sequence[CellValue]]
) -> TablePlan:
    if not layout.has_headers:
        raise WorkbookError(f"table {table.name} hides its header row, which the run has to write: show it")
    if layout.has_totals:
        raise WorkbookError(f"table {table.name} has a totals row, which can't follow its columns: switch it off")
    if layout.area.left + len(columns) - 1 > MAX_COLUMN:
        raise WorkbookError(f"table {table.name} would end beyond the last column of the sheet: write fewer")
    headers = tuple(
        known[index] if header_key(header) in map(header_key, known[index : index + 1]) else header
        for index, header in enumerate(columns)
    )
    given = dict(enumerate(columns.values(), start=layout.area.left))
    length = len(next(iter(columns.values())))
    return TablePlan(table, layout, given, (), layout.first + length - 1, known, headers)


def _plan_rows(
    table: LiveTable,
    layout: Layout,
    known: tuple[str, ...],
    columns: Mapping[str, Sequence[CellValue]],
    body: Sequence[Sequence[Cell]],
) -> TablePlan:
    by_header = {header_key(header): values for header, values in columns.items()}
    given = {
        layout.area.left + number: by_header[header_key(header)]
        for number, header in enumerate(known)
        if header_key(header) in by_header
    }
    calculated = tuple(
        layout.area.left + number
        for number, cell in enumerate(body[-1])
        if cell.is_formula and layout.area.left + number not in given
    )
    length = len(next(iter(columns.values())))
    return TablePlan(table, layout, given, calculated, layout.first + length - 1, known)


def refuse_references(plan: TablePlan, sheets: Sequence[LiveSheet]) -> None:
    """WorkbookError where a formula names a column that the plan moves or takes away."""
    refuse_named_columns(plan.table.name, plan.moved, sheets)


def refuse_unwritable(table: LiveTable) -> None:
    """WorkbookError where Excel wouldn't let the table's rows be written."""
    if table.is_fed_from_outside:
        raise WorkbookError(
            f"table {table.name} is filled by a query, which would undo the run's rows: use a plain table"
        )
    if table.is_filtered:
        raise WorkbookError(f"table {table.name} is filtered: clear the filter (Data > Clear) and run again")


def _check_growth(plan: TablePlan, neighbours: Sequence[LiveTable]) -> None:
    table, sheet, old = plan.table, plan.table.sheet, plan.layout.area
    bottom = plan.new_last + plan.layout.has_totals
    below = Area(old.bottom + 1, old.left, bottom, min(old.right, plan.right))
    whole = sheet.place(Area(old.top, old.left, bottom, plan.right))
    aside = "to the right" if plan.gained is None else f"to the right of column {column_letters(plan.right)}"
    doom = f"which the growing table {table.name} ({whole}) would overwrite: move it {aside} or below row {bottom}"
    for gained in ([below] if plan.grown else []) + ([plan.gained] if plan.gained is not None else []):
        for other in neighbours:
            area = other.area
            if other.name != table.name and area.overlaps(gained):
                raise WorkbookError(f"{sheet.place(area)} is table {other.name}, {doom}")
        for row in sheet.cells(gained):
            for cell in row:
                if cell.is_formula or cell.value is not None:
                    raise WorkbookError(f"{cell.where} holds {described(cell)}, {doom}")
        obstacle = find_obstacle(sheet, gained)
        if obstacle is not None:
            raise WorkbookError(f"{sheet.place(obstacle.area)} is {obstacle.what}, {doom}")


def _check_shrinking(plan: TablePlan, body: Sequence[Sequence[Cell]]) -> None:
    table, layout = plan.table, plan.layout
    for left, right in runs(plan.calculated):
        refuse_obstacles(table.sheet, Area(plan.new_last + 1, left, layout.last, right), ())
    if not layout.has_totals:
        return
    for number, cell in enumerate(body[plan.new_last + 1 - layout.first]):
        column = layout.area.left + number
        if cell.value is not None and column not in plan.given and column not in plan.calculated:
            raise WorkbookError(
                f"{cell.where} is filled by hand, and the totals row of the shrinking table {table.name} "
                "would overwrite it: clear it or move the column out of the table"
            )
