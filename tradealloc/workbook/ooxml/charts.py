"""Charts: the references of their series, and the copies of the values that they keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from lxml import etree

from tradealloc.errors import TradeallocError
from tradealloc.workbook.book import CellError, CellValue, Missing
from tradealloc.workbook.ooxml.addresses import Area, Reference, references
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.names import find_name
from tradealloc.workbook.ooxml.namespaces import CHART, CHART15, CHARTEX
from tradealloc.workbook.ooxml.package import Package
from tradealloc.workbook.ooxml.structure import Sheet

_CONTENT_TYPES = (
    "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    "application/vnd.ms-office.chartex+xml",
)
_MOST_POINTS = 1_000_000


def _c(tag: str) -> str:
    return f"{{{CHART}}}{tag}"


def _cx(tag: str) -> str:
    return f"{{{CHARTEX}}}{tag}"


_FORMULAS = (_c("f"), _cx("f"), f"{{{CHART15}}}f", f"{{{CHART15}}}sqref")
_LABELS_15 = f"{{{CHART15}}}datalabelsRange"
_LABELS_CACHE_15 = f"{{{CHART15}}}dlblRangeCache"


def chart_parts(package: Package) -> list[str]:
    """The chart parts of the workbook, classic and new."""
    types = package.content_types()
    return [part for part, kind in types.items() if kind.casefold() in _CONTENT_TYPES and package.has(part)]


def chart_formulas(root: etree._Element) -> Iterator[etree._Element]:
    """The elements of a chart that hold a reference to cells."""
    return root.iter(*_FORMULAS)


def is_title(formula: etree._Element) -> bool:
    """Whether the reference is the text of a title or of a series' name, which is one cell whatever a table does."""
    return any(ancestor.tag in (_c("tx"), _cx("tx")) for ancestor in formula.iterancestors())


def refresh_caches(document: Document) -> None:
    """Bring the values kept in every chart up to date with the cells written."""
    if not document.written:
        return
    for part in chart_parts(document.package):
        root = document.package.root(part)
        before = etree.tostring(root)
        for formula in list(chart_formulas(root)):
            _refresh(document, formula)
        if etree.tostring(root) != before:
            document.package.touch(part)


def _refresh(document: Document, formula: etree._Element) -> None:
    holder = formula.getparent()
    areas = _areas(document, formula.text or "")
    if holder is None or not areas or not any(_is_written(document, sheet, area) for sheet, area in areas):
        return
    if holder.tag == _c("numRef"):
        values = _flat(document, areas)
        if _is_category(holder) and any(isinstance(value, str) and value for value in values):
            _turn_into_texts(holder)
            _fill_texts(_cache(holder, _c("strCache")), values)
        else:
            _fill_numbers(_cache(holder, _c("numCache")), values)
    elif holder.tag == _c("strRef"):
        _fill_texts(_cache(holder, _c("strCache")), _flat(document, areas))
    elif holder.tag == _c("multiLvlStrRef"):
        _fill_levels(_cache(holder, _c("multiLvlStrCache")), _block(document, areas[0]))
    elif holder.tag == _LABELS_15:
        _fill_texts(_cache(holder, _LABELS_CACHE_15), _flat(document, areas))
    elif holder.tag in (_cx("numDim"), _cx("strDim")):
        _fill_dimension(holder, formula, _block(document, areas[0]))


def _areas(document: Document, formula: str) -> list[tuple[Sheet, Area]]:
    """The areas a series formula means, directly or through a defined name."""
    sheets = {sheet.name.casefold(): sheet for sheet in document.structure.worksheets}
    found = [
        (sheets[reference.sheet.casefold()], reference.area)
        for reference in references(formula)
        if reference.sheet.casefold() in sheets
    ]
    if found:
        return found
    return [
        (sheets[named.sheet.casefold()], named.area)
        for named in _named(document, formula)
        if named.sheet.casefold() in sheets
    ]


def _named(document: Document, formula: str) -> list[Reference]:
    name = formula.rpartition("!")[2].strip()
    try:
        named = find_name(document.structure, name) if name else None
    except TradeallocError:
        return []
    return [] if named is None else [Reference(named.sheet, named.area, is_range=True)]


def _is_written(document: Document, sheet: Sheet, area: Area) -> bool:
    return any(area.overlaps(written) for written in document.written.get(sheet.part, ()))


def _block(document: Document, where: tuple[Sheet, Area]) -> list[list[CellValue]]:
    """Rows of the values in an area; dates as their serial numbers."""
    sheet, area = where
    if area.cells > _MOST_POINTS:
        return []
    grid = document.grid(sheet)
    rows = []
    for row in range(area.top, area.bottom + 1):
        cells = grid.cells_of(row)
        rows.append(
            [
                None if (cell := cells.get(column)) is None else document.values.read(cell, grid.where(row, column))
                for column in range(area.left, area.right + 1)
            ]
        )
    return [[_serial(document, value) for value in row] for row in rows]


def _serial(document: Document, value: CellValue) -> CellValue:
    number = document.values.number_of(value)
    return value if number is None else number


def _flat(document: Document, areas: list[tuple[Sheet, Area]]) -> list[CellValue]:
    return [value for where in areas for row in _block(document, where) for value in row]


def _cache(holder: etree._Element, tag: str) -> etree._Element:
    cache = holder.find(tag)
    if cache is None:
        cache = holder.makeelement(tag)
        holder.insert(1, cache)
        if tag == _c("numCache"):
            etree.SubElement(cache, _c("formatCode")).text = "General"
    return cache


def _is_category(holder: etree._Element) -> bool:
    parent = holder.getparent()
    return parent is not None and parent.tag == _c("cat")


def _turn_into_texts(holder: etree._Element) -> None:
    """Labels that were numbers and are texts now, as Excel stores them."""
    holder.tag = _c("strRef")
    for cache in holder.findall(_c("numCache")):
        holder.remove(cache)


def _clear(cache: etree._Element, *tags: str) -> int:
    """Remove the old points; returns where the new ones go."""
    for element in [child for child in cache if child.tag in tags]:
        cache.remove(element)
    kept = [child for child in cache if child.tag == _c("formatCode")]
    return len(kept)


def _fill_numbers(cache: etree._Element, values: list[CellValue]) -> None:
    _fill_points(cache, [_number_text(value) for value in values])


def _fill_texts(cache: etree._Element, values: list[CellValue]) -> None:
    _fill_points(cache, [_text(value) for value in values])


def _fill_points(cache: etree._Element, texts: list[str | None]) -> None:
    position = _clear(cache, _c("ptCount"), _c("pt"))
    for element in reversed(_points(cache, texts)):
        cache.insert(position, element)
    cache.insert(position, cache.makeelement(_c("ptCount"), {"val": str(len(texts))}))


def _points(cache: etree._Element, texts: list[str | None]) -> list[etree._Element]:
    points = []
    for index, text in enumerate(texts):
        if text is None:
            continue
        point = cache.makeelement(_c("pt"), {"idx": str(index)})
        etree.SubElement(point, _c("v")).text = text
        points.append(point)
    return points


def _fill_levels(cache: etree._Element, rows: list[list[CellValue]]) -> None:
    """Labels on several levels: the innermost is the last column, and comes first."""
    _clear(cache, _c("ptCount"), _c("lvl"))
    columns = [list(column) for column in zip(*rows, strict=True)]
    levels = []
    for column in reversed(columns):
        level = cache.makeelement(_c("lvl"))
        for point in _points(level, [_text(value) for value in column]):
            level.append(point)
        levels.append(level)
    for level in reversed(levels):
        cache.insert(0, level)
    cache.insert(0, cache.makeelement(_c("ptCount"), {"val": str(len(rows))}))


def _fill_dimension(holder: etree._Element, formula: etree._Element, rows: list[list[CellValue]]) -> None:
    """The levels of a new-style chart; its direction says whether they are columns or rows."""
    old = holder.findall(_cx("lvl"))
    by_row = formula.get("dir") == "row"
    lines = rows if by_row else [list(column) for column in zip(*rows, strict=True)]
    is_number = holder.tag == _cx("numDim")
    attributes = [dict(level.attrib) for level in old]
    for level in old:
        holder.remove(level)
    for index, line in enumerate(reversed(lines)):
        kept = attributes[min(index, len(attributes) - 1)] if attributes else {}
        level = etree.SubElement(holder, _cx("lvl"), {str(key): str(value) for key, value in kept.items()})
        level.set("ptCount", str(len(line)))
        if is_number and level.get("formatCode") is None:
            level.set("formatCode", "General")
        for number, value in enumerate(line):
            text = _number_text(value) if is_number else _text(value)
            if text is not None:
                etree.SubElement(level, _cx("pt"), {"idx": str(number)}).text = text


def _number_text(value: CellValue) -> str | None:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, CellError) and value.code == "#N/A":
        return value.code
    return None


def _text(value: CellValue) -> str | None:
    if value is None or isinstance(value, Missing) or value == "":
        return None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return value.isoformat() if not isinstance(value, dt.timedelta) else str(value)
    return str(value)
