"""Tables (ListObjects) of a live Excel: everything is checked first, so that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import Cell, CellValue, Headers, Table, header_key
from tradealloc.workbook.ooxml.addresses import MAX_ROW, Area, parse_area

from .live_cells import LiveSheet, com_get
from .live_guards import described, find_obstacle, refuse_formulas, refuse_obstacles, refuse_protected

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
        return Table(self.name, self.sheet.place(layout.area), Headers(columns))

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

    def ending(self, row: int) -> Area:
        """The table with its last row of data moved, without totals row."""
        return Area(self.area.top, self.area.left, row, self.area.right)


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

    @property
    def grown(self) -> bool:
        return self.new_last > self.layout.last

    @property
    def shrunk(self) -> bool:
        return self.new_last < self.layout.last

    @property
    def area_after(self) -> Area:
        return self.layout.ending(self.new_last)

    @property
    def replaced(self) -> list[Area]:
        """Cells of the present rows that the run writes or empties."""
        areas = [Area(self.layout.first, left, self.layout.last, right) for left, right in groups(self.given)]
        return areas + (self._dropped(self.calculated) if self.shrunk else [])

    @property
    def added(self) -> list[Area]:
        """Cells below the present rows that the run fills; empty before."""
        if not self.grown:
            return []
        columns = (*self.given, *self.calculated)
        return [Area(self.layout.last + 1, left, self.new_last, right) for left, right in groups(columns)]

    def apply(self) -> None:
        """Resize and write: one block per run of neighbouring columns."""
        with TotalsAside(self.table):
            self.table.resize(self.area_after)
            if self.grown:
                self._fill_down()
            self._write()
            if self.shrunk:
                for area in self._dropped((*self.given, *self.calculated)):
                    self.table.sheet.clear(area)

    def _write(self) -> None:
        for left, right in groups(self.given):
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
        return [Area(self.new_last + 1, left, self.layout.last, right) for left, right in groups(columns)]


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


def groups(columns: Sequence[int] | Mapping[int, object]) -> list[tuple[int, int]]:
    """Runs of neighbouring columns, as (first, last)."""
    found: list[tuple[int, int]] = []
    for column in sorted(columns):
        if found and found[-1][1] == column - 1:
            found[-1] = (found[-1][0], column)
        else:
            found.append((column, column))
    return found


def plan_rows(
    table: LiveTable, columns: Mapping[str, Sequence[CellValue]], neighbours: Sequence[LiveTable]
) -> TablePlan:
    """Check that the table can take the rows; changes nothing.

    Raises
    ------
    WorkbookError
        The rows don't fit without losing something of the user's, or Excel wouldn't take them.
    """
    refuse_unwritable(table)
    layout = table.layout
    length = len(next(iter(columns.values())))
    if layout.first + length - 1 + layout.has_totals > MAX_ROW:
        raise WorkbookError(f"table {table.name} would end below the last row of the sheet: move it up")
    rows = table.sheet.cells(layout.area)
    by_header = {header_key(header): values for header, values in columns.items()}
    given = {
        layout.area.left + number: by_header[header_key(header)]
        for number, header in enumerate(table.headers(layout, rows))
        if header_key(header) in by_header
    }
    body = rows[layout.first - layout.area.top : layout.last - layout.area.top + 1]
    calculated = tuple(
        layout.area.left + number
        for number, cell in enumerate(body[-1])
        if cell.is_formula and layout.area.left + number not in given
    )
    plan = TablePlan(table, layout, given, calculated, layout.first + length - 1)
    for left, right in groups(given):
        refuse_obstacles(table.sheet, Area(layout.first, left, layout.last, right), ())
        cells = (row[left - layout.area.left : right - layout.area.left + 1] for row in body)
        refuse_formulas(cells, f"table {table.name}")
    if plan.grown:
        _check_growth(plan, neighbours)
    if plan.shrunk:
        _check_shrinking(plan, body)
    return plan


def refuse_unwritable(table: LiveTable) -> None:
    """WorkbookError where Excel wouldn't let the table's rows be written."""
    refuse_protected(table.sheet)
    if table.is_fed_from_outside:
        raise WorkbookError(
            f"table {table.name} is filled by a query, which would undo the run's rows: use a plain table"
        )
    if table.is_filtered:
        raise WorkbookError(f"table {table.name} is filtered: clear the filter (Data > Clear) and run again")


def _check_growth(plan: TablePlan, neighbours: Sequence[LiveTable]) -> None:
    table, sheet, old = plan.table, plan.table.sheet, plan.layout.area
    bottom = plan.new_last + plan.layout.has_totals
    below = Area(old.bottom + 1, old.left, bottom, old.right)
    whole = sheet.place(Area(old.top, old.left, bottom, old.right))
    doom = f"which the growing table {table.name} ({whole}) would overwrite: move it to the right or below row {bottom}"
    for other in neighbours:
        area = other.area
        if other.name != table.name and area.overlaps(below):
            raise WorkbookError(f"{sheet.place(area)} is table {other.name}, {doom}")
    for row in sheet.cells(below):
        for cell in row:
            if cell.is_formula or cell.value is not None:
                raise WorkbookError(f"{cell.where} holds {described(cell)}, {doom}")
    obstacle = find_obstacle(sheet, below)
    if obstacle is not None:
        raise WorkbookError(f"{sheet.place(obstacle.area)} is {obstacle.what}, {doom}")


def _check_shrinking(plan: TablePlan, body: Sequence[Sequence[Cell]]) -> None:
    table, layout = plan.table, plan.layout
    for left, right in groups(plan.calculated):
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
