"""Columns that a table gains and loses: checked before, and carried out in its part, its header row and the widths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy

from lxml import etree

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import CellValue, header_key
from tradealloc.workbook.ooxml.addresses import Area
from tradealloc.workbook.ooxml.cells import Grid, has_formula
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.names import DEFINED_NAME
from tradealloc.workbook.ooxml.namespaces import main
from tradealloc.workbook.ooxml.tables import TablePart
from tradealloc.workbook.ooxml.trees import drop_attribute
from tradealloc.workbook.ooxml.values import escape

_SLICERS = "application/vnd.ms-excel.slicercache+xml"
# What the format of a new column is made of; all else of the last column is its own.
_LOOKS = ("headerRowDxfId", "dataDxfId", "totalsRowDxfId", "headerRowCellStyle", "dataCellStyle", "totalsRowCellStyle")


def has_headers(table: TablePart, headers: Iterable[str]) -> bool:
    """Whether the table's columns are these, in this order."""
    return [header_key(header) for header in headers] == [header_key(header) for header in table.headers]


def headers_after(table: TablePart, headers: Iterable[str]) -> tuple[str, ...]:
    """The new headers; one that stays in its place keeps the workbook's spelling."""
    return tuple(
        table.headers[index] if index < len(table.headers) and header_key(table.headers[index]) == header_key(header)
        else header
        for index, header in enumerate(headers)
    )  # fmt: skip


def refuse_lost_columns(document: Document, table: TablePart, headers: Iterable[str]) -> None:
    """WorkbookError where the new columns would take something of the user's away.

    A column that isn't among the new ones is taken for an earlier run's where it holds nothing but numbers.
    """
    if table.header_rows != 1:
        raise WorkbookError(f"table {table.name} hides its header row, which the run has to write: show it")
    if table.totals_rows:
        raise WorkbookError(f"table {table.name} has a totals row, which can't follow its columns: switch it off")
    kept = {header_key(header) for header in headers}
    lost = {index: header for index, header in enumerate(table.headers) if header_key(header) not in kept}
    _refuse_users_cells(document, table, lost)
    if lost:
        _refuse_slicers(document, table)
        _refuse_references(document, table, lost.values())


def is_users_value(value: CellValue) -> bool:
    """Whether a cell of a column that isn't written any more holds anything but an earlier run's number."""
    return value not in (None, "") and type(value) not in (int, float)


def _refuse_users_cells(document: Document, table: TablePart, lost: Mapping[int, str]) -> None:
    area, grid = table.area, document.grid(table.sheet)
    for row in range(table.first_data_row, table.last_data_row + 1):
        cells = grid.cells_of(row)
        for index, header in lost.items():
            cell = cells.get(area.left + index)
            if cell is None:
                continue
            where = grid.where(row, area.left + index)
            value = document.values.read(cell, where)
            if has_formula(cell) or is_users_value(value):
                what = "a formula" if has_formula(cell) else f"'{str(value)[:40]}'"
                raise WorkbookError(
                    f"{where} holds {what} in column {header} of table {table.name}, which the run replaces: "
                    "move the column out of the table"
                )


def _refuse_slicers(document: Document, table: TablePart) -> None:
    types = document.package.content_types()
    for part in (part for part, kind in types.items() if kind.casefold() == _SLICERS and document.package.has(part)):
        for element in document.package.root(part).iter("{*}tableSlicerCache"):
            if element.get("tableId") == table.root.get("id"):
                raise WorkbookError(f"table {table.name} has a slicer, which a change of its columns breaks: remove it")


def _refuse_references(document: Document, table: TablePart, lost: Iterable[str]) -> None:
    """Excel repairs a file in which a formula names a column that no table has."""
    patterns = {header: naming(table.name, header) for header in lost}
    start = f"{table.name}[".casefold()

    def refuse(where: str, formula: str) -> None:
        if start not in formula.casefold():
            return
        for header, pattern in patterns.items():
            if pattern.search(formula):
                raise WorkbookError(
                    f"{where} refers to {table.name}[{header}], a column that the run takes away: change the formula"
                )

    structure = document.structure
    for element in document.package.root(structure.part).iterfind(DEFINED_NAME):
        refuse(f"the name {element.get('name')}", element.text or "")
    for sheet in structure.worksheets:
        original = document.package.original(sheet.part)
        if start.encode() not in original.lower() and original[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        grid = document.grid(sheet)
        for formula in grid.formulas():
            cell = formula.getparent()
            if formula.text and cell is not None:
                refuse(grid.where(*grid.position(cell)), formula.text)


def naming(table: str, header: str) -> re.Pattern[str]:
    """A pattern for a structured reference to the column, alone or among others."""
    escaped = re.escape(re.sub(r"(['#\[\]@])", r"'\1", header))
    return re.compile(rf"{re.escape(table)}\[(?:[^\[\]]*\[[^\[\]]*\][,:])*[@\[]*{escaped}\]", re.IGNORECASE)


def rename_columns(document: Document, table: TablePart, headers: tuple[str, ...]) -> None:
    """Give the table's part the columns: known ones keep their element, new ones look like the last."""
    holder = table.root.find(main("tableColumns"))
    assert holder is not None
    old = table.column_elements
    keys = [header_key(header) for header in table.headers]
    known = dict(zip(keys, old, strict=True))
    changed = {index for index, key in enumerate(keys) if index >= len(headers) or header_key(headers[index]) != key}
    last_id = max(int(element.get("id") or 0) for element in old)
    elements = []
    for header in headers:
        element = known.pop(header_key(header), None)
        if element is None:
            last_id += 1
            element = _new_column(old[-1], last_id, header)
        elements.append(element)
    for element in old:
        holder.remove(element)
    holder.extend(elements)
    holder.set("count", str(len(elements)))
    _forget_filters(table, changed)
    document.package.touch(table.part)


def _new_column(like: etree._Element, identifier: int, header: str) -> etree._Element:
    element = like.makeelement(like.tag, {"id": str(identifier), "name": escape(header).replace("\n", "_x000a_")})
    for name in _LOOKS:
        look = like.get(name)
        if look is not None:
            element.set(name, look)
    element.tail = like.tail
    return element


def _forget_filters(table: TablePart, changed: set[int]) -> None:
    """Filters of columns that are others now, and the order that the rows were sorted in."""
    for element in table.root.findall(f"{main('autoFilter')}/{main('filterColumn')}"):
        if not element.get("colId", "").isdecimal() or int(element.get("colId", "")) in changed:
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
    for parent in (table.root, table.root.find(main("autoFilter"))):
        state = None if parent is None else parent.find(main("sortState"))
        if parent is not None and state is not None and changed:
            parent.remove(state)


def empty_columns(grid: Grid, area: Area) -> None:
    """Take the cells of lost columns out of the file, format included, as it came with them."""
    for row in grid.rows_between(area.top, area.bottom):
        grid.remove_between(row, area.left, area.right)


def widen_columns(grid: Grid, like: int, gained: range) -> None:
    """Give new columns the width and format of the column `like`, where nothing is set for them yet."""
    holder = grid.root.find(main("cols"))
    known = [] if holder is None else holder.findall(main("col"))
    model = next((col for col in known if _first(col) <= like <= _last(col)), None)
    if holder is None or model is None:
        return
    for first, last in _free(gained, known):
        element = deepcopy(model)
        for name in ("hidden", "collapsed", "outlineLevel"):
            drop_attribute(element, name)
        element.set("min", str(first))
        element.set("max", str(last))
        before = sum(_last(col) < first for col in holder.findall(main("col")))
        holder.insert(before, element)
    grid.read_column_styles()


def _free(gained: range, known: list[etree._Element]) -> list[tuple[int, int]]:
    """The parts of the columns that no element covers."""
    found, start = [], gained.start
    for col in known:
        if _last(col) < start:
            continue
        if _first(col) >= gained.stop:
            break
        if _first(col) > start:
            found.append((start, _first(col) - 1))
        start = _last(col) + 1
    return [*found, (start, gained.stop - 1)] if start < gained.stop else found


def _first(col: etree._Element) -> int:
    return int(col.get("min") or 0)


def _last(col: etree._Element) -> int:
    return int(col.get("max") or 0)
