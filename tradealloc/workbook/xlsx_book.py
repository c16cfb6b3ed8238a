"""The port on an .xlsx or .xlsm file: what isn't written stays byte for byte."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from lxml import etree

from tradealloc.errors import InputError, TradeallocError, WorkbookError
from tradealloc.workbook.book import Cell, CellValue, Headers, Table, header_key
from tradealloc.workbook.ooxml import disk
from tradealloc.workbook.ooxml.addresses import MAX_COLUMN, MAX_ROW, Area, parse_area, place, split_address
from tradealloc.workbook.ooxml.cells import Grid, has_formula
from tradealloc.workbook.ooxml.charts import refresh_caches
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.echoes import Echoes
from tradealloc.workbook.ooxml.graft import Link, Linker, graft_sheets
from tradealloc.workbook.ooxml.guards import refuse_contents, refuse_formulas, refuse_obstacles
from tradealloc.workbook.ooxml.names import find_name
from tradealloc.workbook.ooxml.package import Package
from tradealloc.workbook.ooxml.structure import Sheet, Structure
from tradealloc.workbook.ooxml.table_plan import plan_rows
from tradealloc.workbook.ooxml.table_rows import apply_rows
from tradealloc.workbook.ooxml.values import check_headers, check_values, put, put_cached

MAX_CELLS_READ = 4_000_000

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_UNFORESEEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


def _explained(
    method: Callable[Concatenate[XlsxBook, _Arguments], _Result],
) -> Callable[Concatenate[XlsxBook, _Arguments], _Result]:
    """Whatever a malformed part trips up becomes a sentence; a write that stops halfway can't be saved."""

    @functools.wraps(method)
    def explained(self: XlsxBook, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except TradeallocError:
            raise
        except (*_UNFORESEEN, etree.LxmlError) as error:
            raise _damaged(self.label, error) from error

    return explained


def _damaged(label: str, error: Exception) -> WorkbookError:
    return WorkbookError(
        f"{label} is put together in an unexpected way ({type(error).__name__}: {error}): "
        "open it in Excel, save it and try again"
    )


class XlsxBook:
    """A workbook file as a `Book`.

    Writes stay in memory until `save`. Use `XlsxBook.open`.
    """

    def __init__(self, path: Path, document: Document, signature: disk.Signature) -> None:
        self.path = path
        self.warnings: list[str] = []
        self._document = document
        self._signature = signature
        self._echoes = Echoes(document)
        self._half_written = False

    @classmethod
    def open(cls, path: Path) -> XlsxBook:
        """Open a workbook.

        Raises
        ------
        WorkbookError
            The file is missing, damaged, encrypted, or in a format other than .xlsx or .xlsm.
        """
        path = Path(path)
        data, signature = disk.read_file(path)
        try:
            return cls(path, Document(Package.from_bytes(data, path.name)), signature)
        except TradeallocError:
            raise
        except (*_UNFORESEEN, etree.LxmlError) as error:
            raise _damaged(path.name, error) from error

    @property
    def label(self) -> str:
        """The file's name."""
        return self.path.name

    @_explained
    def cell(self, name: str) -> Cell | None:
        """The cell behind a defined name; None where the workbook has no such name."""
        found = self._named_cell(name)
        if found is None:
            return None
        sheet, row, column = found
        return self._read(self._document.grid(sheet), row, column)

    @_explained
    def table(self, name: str) -> Table | None:
        """The table of that name; None where there is none."""
        part = self._document.table(name)
        if part is None:
            return None
        grid, area = self._document.grid(part.sheet), part.area
        body = Area(part.first_data_row, area.left, part.last_data_row, area.right)
        columns = zip(*self._rows(grid, body), strict=True) if part.last_data_row >= part.first_data_row else repeat(())
        headers = Headers(dict(zip(part.headers, columns, strict=False)))
        return Table(part.name, place(part.sheet.name, area), headers, grid.hides_rows(body.top, body.bottom))

    @_explained
    def tables(self) -> dict[str, tuple[str, ...]]:
        """Headers of every table, by the table's name."""
        return {part.name: tuple(part.headers) for part in self._document.tables}

    @_explained
    def range(self, address: str) -> tuple[tuple[Cell, ...], ...]:
        """Rows of cells at an address like ``Sheet1!C2:C391``."""
        sheet, area = self._located(address)
        if area.cells > MAX_CELLS_READ:
            raise InputError("covers too many cells; name the rows that hold the numbers", where=address)
        grid = self._document.grid(sheet)
        return tuple(self._rows(grid, area))

    def write_cell(self, name: str, value: CellValue, *, keep_formula: bool = False) -> bool:
        """Put a value into a named cell; False where the workbook has no such name."""
        check_values([value])
        return self._write_cell(name, value, keep_formula)

    @_explained
    def _write_cell(self, name: str, value: CellValue, keep_formula: bool) -> bool:
        found = self._named_cell(name)
        if found is None:
            return False
        self._document.refuse_if_signed()
        sheet, row, column = found
        area = Area(row, column, row, column)
        refuse_obstacles(self._document, sheet, area, keep_formula=keep_formula)
        if not keep_formula:
            refuse_formulas(self._document, sheet, area, f"the name {name}")
        with _Applying(self):
            cell = self._document.grid(sheet).place(row, column)
            if has_formula(cell):
                put_cached(cell, value, self._document.values)
            else:
                put(cell, value, self._document.values)
            self._document.mark_written(sheet, area)
            self._echoes.refresh(name, value)
        return True

    def write_table(self, name: str, columns: Mapping[str, Sequence[CellValue]], *, reshape: bool = False) -> bool:
        """Replace a table's rows, with `reshape` its columns too; False where there is no such table."""
        lengths = {len(values) for values in columns.values()}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError("a table is written with columns of equal length, at least one row")
        for values in columns.values():
            check_values(list(values))
        if reshape:
            check_headers(name, list(columns))
        return self._write_table(name, columns, reshape)

    @_explained
    def _write_table(self, name: str, columns: Mapping[str, Sequence[CellValue]], reshape: bool) -> bool:
        part = self._document.table(name)
        if part is None:
            return False
        self._document.refuse_if_signed()
        plan = plan_rows(self._document, part, columns, reshape=reshape)
        with _Applying(self):
            self.warnings.extend(apply_rows(self._document, plan))
        return True

    def write_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> str:
        """Write a block at an address; returns the address written."""
        if not rows or not all(rows):
            raise ValueError("a block is written with at least one row of at least one cell")
        for row in rows:
            check_values(list(row))
        return self._write_range(top_left, rows)

    @_explained
    def _write_range(self, top_left: str, rows: Sequence[Sequence[CellValue]]) -> str:
        sheet, start = self._located(top_left)
        area = Area(start.top, start.left, start.top + len(rows) - 1, start.left + max(map(len, rows)) - 1)
        if area.bottom > MAX_ROW or area.right > MAX_COLUMN:
            raise InputError("would make the block reach beyond the edge of the sheet", where=top_left)
        self._document.refuse_if_signed()
        refuse_obstacles(self._document, sheet, area)
        refuse_contents(self._document, sheet, area)
        with _Applying(self):
            grid = self._document.grid(sheet)
            for row, values in enumerate(rows, start=area.top):
                for column, value in enumerate(values, start=area.left):
                    if value is not None or grid.find(row, column) is not None:
                        put(grid.place(row, column), value, self._document.values)
            self._document.mark_written(sheet, area)
        return place(sheet.name, area)

    @_explained
    def graft(self, donor: Path, sheets: Sequence[str], wording: Mapping[str, str] | None = None) -> dict[str, str]:
        """Copy worksheets of another workbook to the end of this one, with their tables, charts, formats and names.

        Parameters
        ----------
        donor
            The other workbook.
        sheets
            Names of its worksheets.
        wording
            Pieces of text to replace in the copies.

        Returns
        -------
        dict of str to str
            What the new sheets are called here, by their names in the donor.

        Raises
        ------
        WorkbookError
            This workbook has a table or name of the same name, is signed, or lets nobody add sheets.
        """
        self._document.refuse_if_signed()
        data, _ = disk.read_file(donor)
        with _Applying(self):
            source = Structure(Package.from_bytes(data, donor.name))
            names = graft_sheets(self._document.structure, source, sheets, wording)
            refresh_caches(self._document)
            self._document = Document(Package.from_bytes(self._document.package.to_bytes(), self.label))
            self._echoes = Echoes(self._document)
        return names

    @_explained
    def link_cell(self, name: str, link: Link) -> None:
        """Let a named cell repeat a cell elsewhere; its format becomes that of a calculation."""
        found = self._named_cell(name)
        if found is None:
            raise InputError("is no name of the workbook", where=name)
        sheet, row, column = found
        refuse_obstacles(self._document, sheet, Area(row, column, row, column))
        with _Applying(self):
            Linker(self._document).put(sheet, row, column, [link])

    @_explained
    def link_column(self, table: str, header: str, links: Sequence[Link]) -> None:
        """Let a table's column repeat cells elsewhere, one per row."""
        part = self._document.table(table)
        if part is None or header_key(header) not in map(header_key, part.headers):
            raise InputError(f"is no column of a table {table} of the workbook", where=header)
        if len(links) != part.last_data_row - part.first_data_row + 1:
            raise ValueError("a column is linked row by row")
        column = part.area.left + [header_key(known) for known in part.headers].index(header_key(header))
        with _Applying(self):
            Linker(self._document).put(part.sheet, part.first_data_row, column, links)

    def save(self, target: Path | None = None) -> Path | None:
        """Write the file in one step, in place or to `target`.

        Returns
        -------
        Path or None
            Where a file was replaced, the backup of it (``NAME.xlsx.bak`` beside it).

        Raises
        ------
        WorkbookError
            The target is open, read-only or out of reach, or the file changed since it was opened; nothing is written.
        """
        if self._half_written:
            raise WorkbookError(f"{self.label} was not saved, since an earlier write stopped halfway: run again")
        path = self.path if target is None else Path(target)
        if path.suffix.casefold() != self.path.suffix.casefold():
            raise WorkbookError(f"{path.name} must end in {self.path.suffix}, as {self.label} does: rename the output")
        real = disk.check_writable(path)
        in_place = real == self.path.resolve()
        if in_place:
            disk.refuse_changed(real, self._signature)
        backup = disk.replace_file(real, self._content())
        if in_place:
            self._signature = disk.Signature.of(real.stat())
        return backup

    @_explained
    def _content(self) -> bytes:
        refresh_caches(self._document)
        return self._document.package.to_bytes()

    def _read(self, grid: Grid, row: int, column: int) -> Cell:
        ((cell,),) = self._rows(grid, Area(row, column, row, column))
        return cell

    def _rows(self, grid: Grid, area: Area) -> Iterator[tuple[Cell, ...]]:
        read = self._document.values.read_cell
        columns = [(column, grid.where_column(column)) for column in range(area.left, area.right + 1)]
        for row in range(area.top, area.bottom + 1):
            cells = grid.cells_of(row)
            yield tuple(
                [
                    Cell(None, f"{place}{row}") if (cell := cells.get(column)) is None else read(cell, f"{place}{row}")
                    for column, place in columns
                ]
            )

    def _named_cell(self, name: str) -> tuple[Sheet, int, int] | None:
        named = find_name(self._document.structure, name)
        if named is None:
            return None
        try:
            sheet = self._document.structure.worksheet(named.sheet)
        except InputError as error:
            raise InputError(
                f"points to the sheet {named.sheet}, which has no cells here; point it to a cell in the Name Manager",
                where=name,
            ) from error
        area = named.area
        is_merged = any(known.merged and known.area == area for known in self._document.obstacles(sheet))
        if not area.is_cell and not is_merged:
            raise InputError(
                f"covers several cells ({place(sheet.name, area)}); point it to one in the Name Manager",
                where=name,
            )
        return sheet, area.top, area.left

    def _located(self, address: str) -> tuple[Sheet, Area]:
        parts = split_address(address)
        if parts is None:
            raise InputError("is no address of cells; write it like Sheet1!C2:C391", where=address)
        sheet = self._document.structure.worksheet(parts[0])
        try:
            return sheet, parse_area(parts[1])
        except ValueError as error:
            raise InputError("is no address of cells; write it like Sheet1!C2:C391", where=address) from error


class _Applying:
    """Marks the book as half written until the block is left without an error."""

    def __init__(self, book: XlsxBook) -> None:
        self._book = book

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._book._half_written = True
