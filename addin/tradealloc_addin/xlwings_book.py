"""The port on a workbook that is open in Excel: cells by name, tables by header, a block a read and a block a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell, CellValue, Table
from tradealloc.workbook.ooxml.addresses import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    parse_area,
    split_address,
)
from tradealloc.workbook.ooxml.names import named_area
from tradealloc.workbook.ooxml.values import check_headers, check_values

from .live_cells import LiveSheet, com_get
from .live_guards import refuse_contents, refuse_filtered_sheet, refuse_formulas, refuse_obstacles
from .live_protection import Target, lifted
from .live_tables import LiveTable, TablePlan, plan_rows, refuse_references

if TYPE_CHECKING:
    import xlwings as xw

MAX_CELLS_READ = 4_000_000


class Plan(Protocol):
    """A write that was checked and not made yet."""

    @property
    def targets(self) -> list[Target]:
        """What it reaches, for the protection that has to be lifted first."""

    def apply(self) -> None:
        """Make it."""


@dataclass(frozen=True, slots=True)
class CellPlan:
    """A value for a named cell; a formula that stays computes its value itself, so there is nothing to write."""

    name: str
    sheet: LiveSheet
    area: Area
    value: CellValue
    stays: bool = False

    @property
    def targets(self) -> list[Target]:
        return [] if self.stays else [(self.sheet, self.area)]

    def apply(self) -> None:
        if not self.stays:
            self.sheet.put(self.area, [[self.value]])


@dataclass(frozen=True, slots=True)
class RangePlan:
    """A block at an address."""

    sheet: LiveSheet
    area: Area
    rows: Sequence[Sequence[CellValue]]

    @property
    def targets(self) -> list[Target]:
        return [(self.sheet, self.area)]

    @property
    def where(self) -> str:
        return self.sheet.place(self.area)

    def apply(self) -> None:
        width = self.area.right - self.area.left + 1
        self.sheet.put(self.area, [[*row, *[None] * (width - len(row))] for row in self.rows])


class XlwingsBook:
    """An open workbook as a `Book`.

    Reading asks Excel once per block; what is asked of the workbook itself (sheets, names, tables) is asked once per
    instance, so make a new one for each command and keep none.

    Parameters
    ----------
    book
        The workbook as xlwings has it.
    """

    def __init__(self, book: xw.Book) -> None:
        self.book = book

    @property
    def label(self) -> str:
        """The workbook's name as its title bar shows it."""
        return self.book.name

    def cell(self, name: str) -> Cell | None:
        """The cell behind a defined name; None where the workbook has no such name."""
        found = self.named_cell(name)
        if found is None:
            return None
        sheet, area = found
        return sheet.cells(area)[0][0]

    def table(self, name: str) -> Table | None:
        """The table of that name; None where there is none."""
        table = self.live_table(name)
        return None if table is None else table.read()

    def tables(self) -> dict[str, tuple[str, ...]]:
        """Headers of every table, by the table's name."""
        return {table.name: table.read_headers() for table in self._tables.values()}

    def range(self, address: str) -> tuple[tuple[Cell, ...], ...]:
        """Rows of cells at an address like ``Sheet1!C2:C391``."""
        sheet, area = self._located(address)
        if area.cells > MAX_CELLS_READ:
            raise InputError("covers too many cells; name the rows that hold the numbers", where=address)
        return sheet.cells(area)

    def write_cell(self, name: str, value: CellValue, *, keep_formula: bool = False) -> bool:
        """Put a value into a named cell; False where the workbook has no such name."""
        return _done(self.plan_cell(name, value, keep_formula=keep_formula))

    def write_table(self, name: str, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False) -> bool:
        """Replace a table's rows, with `reshape` its columns too; False where there is no such table."""
        return _done(self.plan_table(name, columns, reshape=reshape))

    def write_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> str:
        """Write a block at an address; returns the address written."""
        plan = self.plan_range(top_left, rows)
        _done(plan)
        return plan.where

    def plan_cell(self, name: str, value: CellValue, *, keep_formula: bool = False) -> CellPlan | None:
        """`write_cell`, checked and not made."""
        check_values([value])
        found = self.named_cell(name)
        if found is None:
            return None
        sheet, area = found
        if keep_formula and sheet.cells(area)[0][0].is_formula:
            return CellPlan(name, sheet, area, value, stays=True)
        refuse_obstacles(sheet, area, self._headers_on(sheet))
        refuse_formulas(sheet.cells(area), f"the name {name}")
        return CellPlan(name, sheet, area, value)

    def plan_table(
        self, name: str, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False
    ) -> TablePlan | None:
        """`write_table`, checked and not made."""
        lengths = {len(values) for values in columns.values()}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError("a table is written with columns of equal length, at least one row")
        for values in columns.values():
            check_values(list(values))
        if reshape:
            check_headers(name, list(columns))
        table = self.live_table(name)
        if table is None:
            return None
        plan = plan_rows(table, columns, self.tables_on(table.sheet), reshape=reshape)
        refuse_references(plan, self.sheets)
        return plan

    def plan_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> RangePlan:
        """`write_range`, checked and not made."""
        if not rows or not all(rows):
            raise ValueError("a block is written with at least one row of at least one cell")
        for row in rows:
            check_values(list(row))
        sheet, start = self._located(top_left)
        area = Area(start.top, start.left, start.top + len(rows) - 1, start.left + max(map(len, rows)) - 1)
        if area.bottom > MAX_ROW or area.right > MAX_COLUMN:
            raise InputError("the block would reach beyond the edge of the sheet", where=top_left)
        refuse_filtered_sheet(sheet)
        refuse_obstacles(sheet, area, self._headers_on(sheet))
        refuse_contents(sheet.cells(area))
        return RangePlan(sheet, area, rows)

    def sheet(self, name: str) -> LiveSheet | None:
        """The worksheet of that name, whatever its case."""
        return self._sheets.get(name.casefold())

    @property
    def sheets(self) -> tuple[LiveSheet, ...]:
        return tuple(self._sheets.values())

    def live_table(self, name: str) -> LiveTable | None:
        """The ListObject of that name, whatever its case."""
        return self._tables.get(name.casefold())

    def tables_on(self, sheet: LiveSheet) -> list[LiveTable]:
        return [table for table in self._tables.values() if table.sheet is sheet]

    def named_cell(self, name: str) -> tuple[LiveSheet, Area] | None:
        """Where a name points to, the first cell of a merged area; None where there is no such name.

        Raises
        ------
        InputError
            It points to no single cell of this workbook.
        """
        text = self._refers_to(name)
        if text is None:
            return None
        target = named_area(name, text)
        sheet_name, area = target.sheet, target.area
        sheet = self.sheet(sheet_name)
        if sheet is None:
            raise InputError(
                f"points to the sheet {sheet_name}, which has no cells here; point it to a cell in the Name Manager",
                where=name,
            )
        first = Area(area.top, area.left, area.top, area.left)
        if not area.is_cell and parse_area(sheet.range(first).merge_area.address) != area:
            raise InputError(
                f"covers several cells ({sheet.place(area)}); point it to one in the Name Manager", where=name
            )
        return sheet, first

    @cached_property
    def _sheets(self) -> dict[str, LiveSheet]:
        starts_1904 = bool(com_get(self.book.api, "Date1904", False))
        live = (LiveSheet(sheet, starts_1904=starts_1904) for sheet in self.book.sheets)
        return {sheet.name.casefold(): sheet for sheet in live}

    @cached_property
    def _tables(self) -> dict[str, LiveTable]:
        live = (LiveTable(sheet, table) for sheet in self._sheets.values() for table in sheet.sheet.tables)
        return {table.name.casefold(): table for table in live}

    @cached_property
    def _names(self) -> dict[str, list[tuple[str, Callable[[], str | None]]]]:
        """By local name: sheet ("" for the workbook's own), and how to ask what it refers to."""
        found: dict[str, list[tuple[str, Callable[[], str | None]]]] = {}
        for name in self.book.names:
            sheet, _, local = name.name.rpartition("!")
            found.setdefault(local.casefold(), []).append((sheet, _asker(name)))
        return found

    def _refers_to(self, name: str) -> str | None:
        known = self._names.get(name.casefold(), [])
        own = [ask for sheet, ask in known if not sheet]
        if not own and len(known) > 1:
            sheets = ", ".join(sheet.strip("'").replace("''", "'") for sheet, _ in known)
            raise InputError(
                f"is defined on several sheets ({sheets}); keep one, or define it for the workbook", where=name
            )
        asked = own or [ask for _, ask in known]
        return (asked[0]() or "") if asked else None

    def _headers_on(self, sheet: LiveSheet) -> list[tuple[str, Area]]:
        return [(table.name, area) for table in self.tables_on(sheet) if (area := table.header_area) is not None]

    def _located(self, address: str) -> tuple[LiveSheet, Area]:
        parts = split_address(address)
        if parts is None:
            raise InputError("is no address of cells; write it like Sheet1!C2:C391", where=address)
        sheet = self.sheet(parts[0])
        if sheet is None:
            known = ", ".join(known.name for known in self.sheets)
            raise InputError(f"{self.label} has no sheet of that name; it has {known}", where=parts[0])
        try:
            return sheet, parse_area(parts[1])
        except ValueError as error:
            raise InputError("is no address of cells; write it like Sheet1!C2:C391", where=address) from error


class Rehearsal:
    """A `Book` that checks every write and keeps it for later: a run that fails on the way has changed nothing.

    Reading goes to the workbook, so a write isn't seen before it is made.

    Attributes
    ----------
    plans
        The writes, in order.
    """

    def __init__(self, book: XlwingsBook) -> None:
        self._book = book
        self.plans: list[CellPlan | TablePlan | RangePlan] = []

    @property
    def label(self) -> str:
        return self._book.label

    def cell(self, name: str) -> Cell | None:
        return self._book.cell(name)

    def table(self, name: str) -> Table | None:
        return self._book.table(name)

    def tables(self) -> dict[str, tuple[str, ...]]:
        return self._book.tables()

    def range(self, address: str) -> tuple[tuple[Cell, ...], ...]:
        return self._book.range(address)

    def write_cell(self, name: str, value: CellValue, *, keep_formula: bool = False) -> bool:
        return self._kept(self._book.plan_cell(name, value, keep_formula=keep_formula))

    def write_table(self, name: str, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False) -> bool:
        return self._kept(self._book.plan_table(name, columns, reshape=reshape))

    def write_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> str:
        plan = self._book.plan_range(top_left, rows)
        self.plans.append(plan)
        return plan.where

    def _kept(self, plan: CellPlan | TablePlan | None) -> bool:
        if plan is not None:
            self.plans.append(plan)
        return plan is not None


def _done(plan: Plan | None) -> bool:
    if plan is not None:
        with lifted(plan.targets):
            plan.apply()
    return plan is not None


def _asker(name: xw.Name) -> Callable[[], str | None]:
    return lambda: name.refers_to
