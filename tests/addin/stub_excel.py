"""A pretend Excel below xlwings' own front end: `xlwings.Book`, `Range` and `Table` are the real ones.

It imitates the objects that xlwings drives on Windows (`impl`, and the COM object behind `api`), and is strict where
Excel is unforgiving: values that COM can't carry, blocks of the wrong shape, protected cells, half of an array.
Written texts are read as typed input, the way Excel does it. Formulas aren't computed: `Stub.results` says what they
give.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel, to_excel
from openpyxl.worksheet.formula import ArrayFormula

from tradealloc.workbook.ooxml.addresses import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    cell_name,
    column_number,
    parse_area,
    quote_sheet,
    split_address,
)

ERRORS = {
    "#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042,
    "#SPILL!": 2045, "#CALC!": 2050,
}  # fmt: skip
ERROR_BASE = -2146828288
NO_PROTECTION = {
    "Contents": True, "DrawingObjects": False, "Scenarios": False, "UserInterfaceOnly": False,
    "AllowFormattingCells": False, "AllowFormattingColumns": False, "AllowFormattingRows": False,
    "AllowInsertingColumns": False, "AllowInsertingRows": False, "AllowInsertingHyperlinks": False,
    "AllowDeletingColumns": False, "AllowDeletingRows": False, "AllowSorting": False, "AllowFiltering": False,
    "AllowUsingPivotTables": False,
}  # fmt: skip
"""What Worksheet.Protect takes, besides the password."""
TRANSPARENT, XL_SRC_RANGE = -2147352567, 1


class ComError(Exception):
    """As pywin32 raises it."""

    def __init__(self, hresult: int = TRANSPARENT, text: str = "", scode: int = -2146827284) -> None:
        self.hresult = hresult
        self.excepinfo = (0, "Microsoft Excel", text, None, 0, scode)
        super().__init__(hresult, "Exception occurred.", self.excepinfo, None)


@dataclass
class Cell:
    value: Any = None
    """float, str, bool, None, or an error's text with `is_error`."""
    formula: str | None = None
    number_format: str = "General"
    is_error: bool = False
    locked: bool = True


class SheetApi:
    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def ProtectContents(self) -> bool:  # noqa: N802
        return self._sheet.protected

    @property
    def ProtectDrawingObjects(self) -> bool:  # noqa: N802
        return self._sheet.protected and self._sheet.protection["DrawingObjects"]

    @property
    def ProtectScenarios(self) -> bool:  # noqa: N802
        return self._sheet.protected and self._sheet.protection["Scenarios"]

    @property
    def ProtectionMode(self) -> bool:  # noqa: N802
        return self._sheet.protected and self._sheet.protection["UserInterfaceOnly"]

    @property
    def Protection(self) -> Any:  # noqa: N802
        allowed = {name: on and self._sheet.protected for name, on in self._sheet.protection.items()}
        return type("Protection", (), {name: on for name, on in allowed.items() if name.startswith("Allow")})()

    @property
    def EnableSelection(self) -> int:  # noqa: N802
        return self._sheet.selectable

    @EnableSelection.setter
    def EnableSelection(self, which: int) -> None:  # noqa: N802
        self._sheet.selectable = which

    def Unprotect(self, Password: str) -> None:  # noqa: N802
        """Without the argument Excel would ask the user, so the stub insists on it."""
        if self._sheet.protected and self._sheet.password not in ("", Password):
            raise ComError(text="The password you supplied is not correct.")
        if self._sheet.protected:
            self._sheet.book.calls["unprotect"] += 1
        self._sheet.protected, self._sheet.selectable = False, 0

    def Protect(self, **options: bool) -> None:  # noqa: N802
        assert options.keys() == NO_PROTECTION.keys(), "an argument left out gets Excel's own default"
        if self._sheet.book.never_protects:
            raise ComError(text="Protect method of Worksheet class failed")
        self._sheet.book.calls["protect"] += 1
        self._sheet.protected, self._sheet.protection = True, dict(options)

    @property
    def FilterMode(self) -> bool:  # noqa: N802
        return self._sheet.filtered

    @property
    def Name(self) -> str:  # noqa: N802
        return self._sheet.name

    @property
    def Parent(self) -> BookApi:  # noqa: N802
        return self._sheet.book.api

    def PivotTables(self) -> list[Any]:  # noqa: N802
        return self._sheet.pivots


@dataclass
class Pivot:
    Name: str
    TableRange2: RangeApi


class Sheet:
    """impl of xlwings.Sheet."""

    def __init__(self, book: Stub, name: str) -> None:
        self.book = book
        self.name = name
        self.grid: dict[tuple[int, int], Cell] = {}
        self.merged: list[Area] = []
        self.arrays: dict[Area, str] = {}
        self.spills: dict[tuple[int, int], Area] = {}
        self.tables = Collection()
        self.pivots: list[Pivot] = []
        self.hidden_rows: set[int] = set()
        self.protected = self.filtered = False
        self.password = ""
        self.protection = dict(NO_PROTECTION)
        self.selectable = 0
        self.widths: dict[int, float] = {}
        self.api = SheetApi(self)

    def protect(self, password: str = "", **options: bool) -> None:
        """As the user does it in the dialog."""
        self.protected, self.password, self.protection = True, password, NO_PROTECTION | options

    def at(self, row: int, column: int) -> Cell:
        return self.grid.setdefault((row, column), Cell())

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        assert arg2 is None
        assert isinstance(arg1, str)
        return Range(self, _area(arg1))

    @property
    def used_range(self) -> Range:
        filled = [at for at, cell in self.grid.items() if cell.value is not None or cell.formula]
        if not filled:
            return Range(self, Area(1, 1, 1, 1))
        rows, columns = [row for row, _ in filled], [column for _, column in filled]
        return Range(self, Area(min(rows), min(columns), max(rows), max(columns)))

    def spill_at(self, row: int, column: int) -> tuple[tuple[int, int], Area] | None:
        return next((item for item in self.spills.items() if item[1].holds(row, column)), None)


class Collection(list[Any]):
    """impl of xlwings' collections: called with a name or an index from 1."""

    def __call__(self, key: int | str) -> Any:
        if isinstance(key, int):
            return self[key - 1]
        for item in self:
            if item.name.casefold() == key.casefold():
                return item
        raise KeyError(key)


class RangeApi:
    """The COM object of a range."""

    def __init__(self, impl: Range) -> None:
        self._impl = impl
        self.Worksheet = impl.sheet.api

    @property
    def Address(self) -> str:  # noqa: N802
        return self._impl.address

    @property
    def Value2(self) -> Any:  # noqa: N802
        return self._impl.read(_number_alone)

    @property
    def Formula2(self) -> Any:  # noqa: N802
        if not self._impl.sheet.book.dynamic:
            raise ComError(-2147352570)
        return self._impl.formula

    @Formula2.setter
    def Formula2(self, value: Any) -> None:  # noqa: N802
        if not self._impl.sheet.book.dynamic:
            raise ComError(-2147352570)
        self._impl.write(value)

    @property
    def FormulaArray(self) -> str:  # noqa: N802
        return str(self._impl.formula if self._impl.area.is_cell else self._impl.first.formula)

    @FormulaArray.setter
    def FormulaArray(self, text: str) -> None:  # noqa: N802
        impl = self._impl
        impl.sheet.arrays[impl.area] = text
        rows = impl.sheet.book.results.get(text, [[0.0]])
        for row, column in _positions(impl.area):
            cell = impl.sheet.at(row, column)
            cell.formula = text
            _set_value(cell, _element(rows, row - impl.area.top, column - impl.area.left))

    @property
    def HasSpill(self) -> bool | None:  # noqa: N802
        if not self._impl.sheet.book.dynamic:
            raise ComError(-2147352570)
        return self._impl.some(lambda row, column: self._impl.sheet.spill_at(row, column) is not None)

    @property
    def SpillParent(self) -> RangeApi:  # noqa: N802
        found = self._impl.sheet.spill_at(self._impl.area.top, self._impl.area.left)
        if found is None:
            raise ComError
        row, column = found[0]
        return Range(self._impl.sheet, Area(row, column, row, column)).api

    @property
    def SpillingToRange(self) -> RangeApi:  # noqa: N802
        found = self._impl.sheet.spills.get((self._impl.area.top, self._impl.area.left))
        if found is None:
            raise ComError
        return Range(self._impl.sheet, found).api

    @property
    def CurrentArray(self) -> RangeApi:  # noqa: N802
        for area in self._impl.sheet.arrays:
            if area.holds(self._impl.area.top, self._impl.area.left):
                return Range(self._impl.sheet, area).api
        raise ComError

    @property
    def EntireRow(self) -> Any:  # noqa: N802
        hidden = self._impl.some(lambda row, _: row in self._impl.sheet.hidden_rows)
        return type("EntireRow", (), {"Hidden": hidden})()

    @property
    def Locked(self) -> bool | None:  # noqa: N802
        return self._impl.some(lambda row, column: self._impl.sheet.at(row, column).locked)


class Range:
    """impl of xlwings.Range."""

    options: Mapping[str, Any]

    def __init__(self, sheet: Sheet, area: Area) -> None:
        self.sheet = sheet
        self.area = area

    @property
    def api(self) -> RangeApi:
        return RangeApi(self)

    @property
    def first(self) -> Range:
        return Range(self.sheet, Area(self.area.top, self.area.left, self.area.top, self.area.left))

    @property
    def address(self) -> str:
        ends = ((self.area.top, self.area.left), (self.area.bottom, self.area.right))
        texts = [re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", cell_name(row, column)) for row, column in ends]
        return texts[0] if self.area.is_cell else ":".join(texts)

    @property
    def row(self) -> int:
        return self.area.top

    @property
    def column(self) -> int:
        return self.area.left

    @property
    def shape(self) -> tuple[int, int]:
        return self.area.bottom - self.area.top + 1, self.area.right - self.area.left + 1

    def __len__(self) -> int:
        return self.area.cells

    @property
    def raw_value(self) -> Any:
        return self.read(_com_value)

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self.write(data)

    @property
    def formula(self) -> Any:
        return self.read(_formula_text)

    @formula.setter
    def formula(self, data: Any) -> None:
        self.write(data)

    @property
    def formula_array(self) -> str:
        return self.api.FormulaArray

    @formula_array.setter
    def formula_array(self, text: str) -> None:
        self.api.FormulaArray = text

    def read(self, ask: Callable[[Cell], Any]) -> Any:
        self.sheet.book.calls["read"] += 1
        rows, columns = range(self.area.top, self.area.bottom + 1), range(self.area.left, self.area.right + 1)
        grid, empty = self.sheet.grid, Cell()
        block = tuple(tuple(ask(grid.get((row, column), empty)) for column in columns) for row in rows)
        return block[0][0] if self.area.is_cell else block

    def write(self, data: Any) -> None:
        self.sheet.book.calls["write"] += 1
        self._refuse()
        scalar = not isinstance(data, list | tuple)
        if not scalar:
            assert isinstance(data[0], list | tuple), "Excel fills a column with the first element of a flat list"
            assert (len(data), {len(row) for row in data}) == (self.shape[0], {self.shape[1]}), "#N/A fills the rest"
        for row, column in _positions(self.area):
            value = data if scalar else data[row - self.area.top][column - self.area.left]
            self._enter(row, column, value)

    def clear_contents(self) -> None:
        self.sheet.book.calls["clear"] += 1
        self._refuse()
        for array in [array for array in self.sheet.arrays if array.overlaps(self.area)]:
            del self.sheet.arrays[array]
        for row, column in _positions(self.area):
            self._enter(row, column, "")

    def clear(self) -> None:
        """Contents and formats."""
        self.clear_contents()
        for position in _positions(self.area):
            self.sheet.grid.pop(position, None)

    @property
    def column_width(self) -> float | None:
        widths = {self.sheet.widths.get(column, 8.43) for column in range(self.area.left, self.area.right + 1)}
        return widths.pop() if len(widths) == 1 else None

    @column_width.setter
    def column_width(self, width: float) -> None:
        self._refuse_protected()
        self.sheet.widths |= dict.fromkeys(range(self.area.left, self.area.right + 1), width)

    def _refuse_protected(self) -> None:
        if self.sheet.protected and self.api.Locked is not False:
            raise ComError(text="The cell or chart you're trying to change is on a protected sheet.")

    def _refuse(self) -> None:
        """What Excel answers with an error 1004."""
        if self.sheet.book.broken_after is not None:
            self.sheet.book.broken_after -= 1
            if self.sheet.book.broken_after < 0:
                self.sheet.book.broken_after = None
                raise ComError(text="Application-defined or object-defined error")
        self._refuse_protected()
        for array in self.sheet.arrays:
            if array.overlaps(self.area) and not _covers(self.area, array):
                raise ComError(text="You can't change part of an array.")
        for area in self.sheet.merged:
            inside = area.overlaps(self.area) and not self.area.is_cell and not _covers(self.area, area)
            if inside or (self.area.is_cell and area.overlaps(self.area) and self.area != _corner(area)):
                raise ComError(text="To do this, all the merged cells need to be the same size.")

    def _enter(self, row: int, column: int, value: Any) -> None:
        cell = self.sheet.at(row, column)
        spill = self.sheet.spill_at(row, column)
        assert spill is None or _covers(self.area, spill[1]) or self.area == _corner(spill[1]), "#SPILL!"
        if spill is not None and spill[0] == (row, column):
            area = self.sheet.spills.pop(spill[0])
            for position in _positions(area):
                self.sheet.grid[position].value = self.sheet.grid[position].formula = None
        _type_in(cell, value, self.sheet.book.results)
        for table in self.sheet.tables:
            table.name_column(row, column)
        rows = self.sheet.book.results.get(cell.formula or "")
        if rows is not None and (len(rows) > 1 or len(rows[0]) > 1):
            self._spill(row, column, rows)

    def _spill(self, row: int, column: int, rows: Sequence[Sequence[Any]]) -> None:
        area = Area(row, column, row + len(rows) - 1, column + len(rows[0]) - 1)
        self.sheet.spills[row, column] = area
        for r, c in _positions(area):
            child = self.sheet.at(r, c)
            assert (r, c) == (row, column) or child.value is None, "#SPILL!"
            _set_value(child, rows[r - row][c - column])

    def some(self, has: Callable[[int, int], bool]) -> bool | None:
        """True or False where all cells agree, else None: Excel's Null."""
        found = {has(row, column) for row, column in _positions(self.area)}
        return found.pop() if len(found) == 1 else None

    @property
    def merge_cells(self) -> bool | None:
        if not self.sheet.merged:
            return False
        return self.some(lambda row, column: any(area.holds(row, column) for area in self.sheet.merged))

    @property
    def merge_area(self) -> Range:
        covering = [area for area in self.sheet.merged if area.holds(self.area.top, self.area.left)]
        return Range(self.sheet, covering[0] if covering else self.first.area)

    @property
    def has_array(self) -> bool | None:
        if not self.sheet.arrays:
            return False
        return self.some(lambda row, column: any(area.holds(row, column) for area in self.sheet.arrays))

    @property
    def number_format(self) -> str | None:
        found = {self.sheet.grid.get(at, Cell()).number_format for at in _positions(self.area)}
        return found.pop() if len(found) == 1 else None

    @number_format.setter
    def number_format(self, value: str) -> None:
        for row, column in _positions(self.area):
            self.sheet.at(row, column).number_format = value

    def autofill(self, destination: Any, type_: str) -> None:
        self._refuse_protected()
        target = destination.impl.area if hasattr(destination, "impl") else destination.area
        assert _covers(target, self.area), "the destination holds the source"
        if type_ == "fill_formats":
            assert (target.top, target.bottom) == (self.area.top, self.area.bottom), "to the right"
            for row, column in _positions(target):
                self.sheet.at(row, column).number_format = self.sheet.at(row, self.area.right).number_format
            return
        assert type_ == "fill_copy"
        for row, column in _positions(target):
            source = self.sheet.at(self.area.bottom, column)
            cell = self.sheet.at(row, column)
            cell.value, cell.is_error, cell.number_format = source.value, source.is_error, source.number_format
            if source.formula:
                origin, goal = cell_name(self.area.bottom, column), cell_name(row, column)
                cell.formula = Translator(source.formula, origin=origin).translate_formula(goal)


class TableApi:
    def __init__(self, table: Table) -> None:
        self._table = table

    @property
    def AutoFilter(self) -> Any:  # noqa: N802
        return type("AutoFilter", (), {"FilterMode": self._table.filtered})()

    @property
    def SourceType(self) -> int:  # noqa: N802
        return self._table.source_type

    @property
    def ListColumns(self) -> list[Any]:  # noqa: N802
        return [type("ListColumn", (), {"Name": name})() for name in self._table.column_names]


class Table:
    """impl of xlwings.Table."""

    def __init__(self, sheet: Sheet, name: str, area: Area, totals: bool = False, headers: bool = True) -> None:
        self.sheet = sheet
        self.name = self.display_name = name
        self.area = area
        self.show_headers = headers
        self._totals = totals
        self._hidden_totals: list[Cell] = []
        self.filtered = False
        self.source_type = XL_SRC_RANGE
        self.column_names: list[str] = []

    @property
    def api(self) -> TableApi:
        return TableApi(self)

    @property
    def range(self) -> Range:
        return Range(self.sheet, self.area)

    @property
    def show_totals(self) -> bool:
        return self._totals

    @show_totals.setter
    def show_totals(self, shown: bool) -> None:
        columns = range(self.area.left, self.area.right + 1)
        if self._totals and not shown:
            self._hidden_totals = [self.sheet.grid.pop((self.area.bottom, column), Cell()) for column in columns]
            self.area = Area(self.area.top, self.area.left, self.area.bottom - 1, self.area.right)
        if shown and not self._totals:
            self.area = Area(self.area.top, self.area.left, self.area.bottom + 1, self.area.right)
            for column, cell in zip(columns, self._hidden_totals, strict=True):
                there = self.sheet.grid.get((self.area.bottom, column), Cell())
                assert there.value is None, "Excel would push the cells below down"
                self.sheet.grid[self.area.bottom, column] = cell
        self._totals = shown

    def resize(self, target: Any) -> None:
        new: Area = target.impl.area
        has_moved = (new.top, new.left) != (self.area.top, self.area.left)
        if self.sheet.protected or self._totals or has_moved or new.bottom <= new.top:
            raise ComError(text="Resize method of ListObject class failed")
        if any(other is not self and other.area.overlaps(new) for other in self.sheet.tables):
            raise ComError(text="A table can't overlap another table.")
        self.sheet.book.calls["resize"] += 1
        self.area = new
        for column in range(new.left, new.right + 1):
            self.name_column(new.top, column)

    def name_column(self, row: int, column: int) -> None:
        """What Excel makes of a header: always a text, never blank, never one that another column has."""
        if not self.show_headers or row != self.area.top or not self.area.holds(row, column):
            return
        columns = range(self.area.left, self.area.right + 1)
        others = {str(self.sheet.at(row, other).value).casefold() for other in columns if other != column}
        cell = self.sheet.at(row, column)
        assert cell.formula is None, "Excel makes a text of it"
        wanted = f"Column{column - self.area.left + 1}" if cell.value is None else str(cell.value)
        endings = itertools.chain([""], map(str, itertools.count(2)))
        cell.value = next(name for ending in endings if (name := wanted + ending).casefold() not in others)


@dataclass
class Name:
    """impl of xlwings.Name."""

    name: str
    refers_to: str


class Names:
    """impl of xlwings.Names."""

    def __init__(self) -> None:
        self.known: list[Name] = []

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name.name, name) for name in self.known]

    def __call__(self, index: int) -> Name:
        return self.known[index - 1]

    def __len__(self) -> int:
        return len(self.known)


class BookApi:
    def __init__(self, book: Stub) -> None:
        self._book = book
        self.Date1904 = False

    @property
    def FullName(self) -> str:  # noqa: N802
        return self._book.fullname


class AppApi:
    def __init__(self, app: App) -> None:
        self._app = app
        self.Ready = True

    def InputBox(self, Prompt: str, Title: str, Type: int) -> Any:  # noqa: N802
        assert Type == 8
        assert self._app.screen_updating
        self._app.prompts.append(Prompt)
        return self._app.answers.pop(0)

    def GetSaveAsFilename(self, InitialFilename: str, FileFilter: str, Title: str) -> Any:  # noqa: N802
        self._app.prompts.append(InitialFilename)
        return self._app.answers.pop(0)


class App:
    """impl of xlwings.App."""

    pids = itertools.count(4000)
    engine = type("Engine", (), {"name": "stub", "type": "desktop"})()

    def __init__(self) -> None:
        self.pid = next(self.pids)
        self.api = AppApi(self)
        self.books = Books(self)
        self.selection: Range | None = None
        self.screen_updating = True
        self.answers: list[Any] = []
        self.prompts: list[str] = []
        self.alerts: list[str] = []
        self.said: list[str] = []
        self.modes: list[str] = []
        self._status: str | bool = False
        self._calculation = "automatic"

    @property
    def status_bar(self) -> str | bool:
        return self._status

    @status_bar.setter
    def status_bar(self, text: str | bool) -> None:
        self._status = text
        if isinstance(text, str):
            self.said.append(text)

    @property
    def calculation(self) -> str:
        return self._calculation

    @calculation.setter
    def calculation(self, mode: str) -> None:
        self._calculation = mode
        self.modes.append(mode)

    def alert(self, prompt: str, title: str, buttons: str, mode: str | None, callback: Any) -> str:
        assert title == "TradeAlloc"
        assert self.screen_updating, "the sheet behind the message would be frozen"
        self.alerts.append(prompt)
        return "ok"


class Books(Collection):
    def __init__(self, app: App) -> None:
        super().__init__()
        self.app = app
        self.opened: list[str] = []

    @property
    def active(self) -> Stub:
        return self[-1]

    def open(self, fullname: str, *_: Any, **__: Any) -> Stub:
        self.opened.append(str(fullname))
        return from_xlsx(Path(fullname), self.app).impl


@dataclass
class Stub:
    """impl of xlwings.Book."""

    app: App
    name: str = "book.xlsx"
    fullname: str = "C:\\desk\\book.xlsx"
    dynamic: bool = True
    """Whether this Excel knows dynamic arrays."""
    results: dict[str, list[list[Any]]] = field(default_factory=dict)
    """What formulas give, by their text."""
    calls: Counter[str] = field(default_factory=Counter)
    never_protects: bool = False
    """Whether Excel fails to protect a sheet."""
    broken_after: int | None = None
    """Number of writes after which one fails."""

    def __post_init__(self) -> None:
        self.sheets = Collection()
        self.names = Names()
        self.api = BookApi(self)
        self.app.books.append(self)

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name; made where there is none."""
        with contextlib.suppress(KeyError):
            found: Sheet = self.sheets(name)
            return found
        self.sheets.append(Sheet(self, name))
        made: Sheet = self.sheets[-1]
        return made

    def cell(self, address: str) -> Cell:
        sheet, area = self.located(address)
        return sheet.at(area.top, area.left)

    def located(self, address: str) -> tuple[Sheet, Area]:
        parts = split_address(address)
        assert parts is not None
        return self.sheet(parts[0]), parse_area(parts[1])

    def range(self, address: str) -> RangeApi:
        """As a user's selection in a dialog arrives."""
        sheet, _, area = address.rpartition("!")
        return Range(self.sheet(sheet.strip("'")), _area(area)).api

    def table(self, name: str) -> Table:
        return next(table for sheet in self.sheets for table in sheet.tables if table.name == name)

    def dump(self) -> dict[str, tuple[Any, ...]]:
        """Everything that stands in cells, and where tables lie."""
        cells = {
            f"{quote_sheet(sheet.name)}!{cell_name(*at)}": (cell.value, cell.formula, cell.is_error)
            for sheet in self.sheets
            for at, cell in sheet.grid.items()
            if cell.value is not None or cell.formula
        }
        return cells | {table.name: (str(table.area),) for sheet in self.sheets for table in sheet.tables}


def book_of(stub: Stub) -> xw.Book:
    """The workbook as a command gets it."""
    return xw.Book(impl=stub)


def from_content(content: Any, name: str = "book.xlsx") -> xw.Book:
    """A workbook with the content that the contract suite asks for."""
    stub = Stub(App(), name, f"C:\\desk\\{name}")
    formats = {dt.time: "hh:mm:ss", dt.datetime: "yyyy-mm-dd hh:mm", dt.timedelta: "[h]:mm:ss"}
    for address, value in content.cells.items():
        cell = stub.cell(address)
        formula = getattr(value, "text", None)
        cell.number_format = formats.get(type(value), "General")
        _set_value(cell, getattr(value, "cached", value))
        cell.formula = None if formula is None else f"={formula}"
    for address in content.merged:
        sheet, area = stub.located(address)
        sheet.merged.append(area)
        sheet.at(area.top, area.left).value = "merged"
    for address, text in content.arrays.items():
        sheet, area = stub.located(address)
        Range(sheet, area).api.FormulaArray = f"={text}"
    for table, address in content.tables.items():
        sheet, area = stub.located(address)
        sheet.tables.append(Table(sheet, table, area))
    for address in getattr(content, "hidden_rows", ()):
        sheet, area = stub.located(address)
        sheet.hidden_rows.update(range(area.top, area.bottom + 1))
    stub.names.known += [Name(key, f"={address}") for key, address in content.names.items()]
    return book_of(stub)


def from_xlsx(path: Path, app: App | None = None) -> xw.Book:
    """A workbook file, as Excel would hold it."""
    stub = Stub(app or App(), path.name, str(path))
    with_formulas, with_values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    for page in with_formulas:
        sheet = stub.sheet(page.title)
        values = with_values[page.title]
        for row in page.iter_rows():
            for there in row:
                if there.value is not None or there.has_style:
                    _load(sheet, there, values.cell(there.row, there.column).value)
        sheet.merged += [parse_area(str(area)) for area in page.merged_cells.ranges]
        sheet.hidden_rows = {row for row, look in page.row_dimensions.items() if look.hidden}
        sheet.protected = bool(page.protection.sheet)
        for table in page.tables.values():
            totals = bool(table.totalsRowCount)
            sheet.tables.append(Table(sheet, table.displayName, parse_area(table.ref), totals))
        stub.names.known += [
            Name(f"{quote_sheet(page.title)}!{k}", f"={v.attr_text}") for k, v in page.defined_names.items()
        ]
    stub.names.known += [Name(key, f"={name.attr_text}") for key, name in with_formulas.defined_names.items()]
    return book_of(stub)


def _load(sheet: Sheet, there: Any, value: Any) -> None:
    if type(there).__name__ == "MergedCell":
        return
    cell = sheet.at(there.row, there.column)
    cell.number_format, cell.locked = there.number_format, there.protection.locked
    _set_value(cell, value)
    if isinstance(there.value, ArrayFormula):
        sheet.arrays[parse_area(there.value.ref)] = there.value.text
        cell.formula = there.value.text
    elif there.data_type == "f":
        cell.formula = there.value


def _set_value(cell: Cell, value: Any) -> None:
    cell.is_error = isinstance(value, str) and value in ERRORS
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        value = float(to_excel(value))
    cell.value = float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _type_in(cell: Cell, value: Any, results: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    """What Excel makes of a value from a program: texts are read as if they were typed."""
    assert type(value) in (float, str, bool), f"COM can't carry {value!r}, or carries it wrongly"
    cell.formula = None
    cell.is_error = False
    if not isinstance(value, str):
        assert value == value, "NaN"
        cell.value = value
    elif not value:
        cell.value = None
    elif value.startswith("'"):
        cell.value = value[1:]
    elif value.startswith(("=", "+", "-", "@")):
        assert value.startswith("="), "Excel takes it for a formula"
        cell.formula = value
        _set_value(cell, results.get(value, [[0.0]])[0][0])
    elif value in ERRORS:
        cell.value, cell.is_error = value, True
    elif value.casefold() in ("true", "false"):
        cell.value = value.casefold() == "true"
    elif re.search(r"\d", value):
        cell.value = _typed_number(value)
    else:
        cell.value = value


def _typed_number(text: str) -> Any:
    for read in (float, lambda t: to_excel(dt.datetime.fromisoformat(t)), lambda t: to_excel(dt.time.fromisoformat(t))):
        with contextlib.suppress(ValueError):
            return float(read(text.strip().rstrip("%")))
    return text


def _com_value(cell: Cell) -> Any:
    """Value: dates as moments with a time zone, currencies as decimals of four places, errors as numbers."""
    value = cell.value
    if isinstance(value, float):
        if is_date_format(cell.number_format):
            moment = from_excel(value)
            if isinstance(moment, dt.time):
                moment = dt.datetime.combine(dt.date(1899, 12, 30), moment)
            return moment.replace(tzinfo=dt.UTC)
        if re.search(r"[$€£]", cell.number_format):
            return Decimal(repr(value)).quantize(Decimal("0.0001"))
    return _number_alone(cell)


def _number_alone(cell: Cell) -> Any:
    return ERROR_BASE + ERRORS[cell.value] if cell.is_error else cell.value


def _formula_text(cell: Cell) -> str:
    if cell.formula:
        return cell.formula
    if isinstance(cell.value, bool):
        return str(cell.value).upper()
    return "" if cell.value is None else str(cell.value)


def _positions(area: Area) -> Iterator[tuple[int, int]]:
    return itertools.product(range(area.top, area.bottom + 1), range(area.left, area.right + 1))


def _element(rows: Sequence[Sequence[Any]], row: int, column: int) -> Any:
    return rows[min(row, len(rows) - 1)][min(column, len(rows[0]) - 1)]


def _covers(outer: Area, inner: Area) -> bool:
    return outer.holds(inner.top, inner.left) and outer.holds(inner.bottom, inner.right)


def _corner(area: Area) -> Area:
    return Area(area.top, area.left, area.top, area.left)


def _area(text: str) -> Area:
    """An address, whole columns and rows included."""
    columns = re.fullmatch(r"\$?([A-Z]+):\$?([A-Z]+)", text)
    rows = re.fullmatch(r"\$?([0-9]+):\$?([0-9]+)", text)
    if columns:
        return Area(1, column_number(columns[1]), MAX_ROW, column_number(columns[2]))
    if rows:
        return Area(int(rows[1]), 1, int(rows[2]), MAX_COLUMN)
    return parse_area(text)
