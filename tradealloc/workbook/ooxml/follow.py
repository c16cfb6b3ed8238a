"""What refers to a table's rows follows when their number changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from tradealloc.workbook.ooxml.addresses import Area, Reference, parse_area, references, rewrite
from tradealloc.workbook.ooxml.charts import chart_formulas, chart_parts, is_title
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.names import DEFINED_NAME
from tradealloc.workbook.ooxml.namespaces import EXCEL_FORMULA, EXCEL_SQREF, X14, main
from tradealloc.workbook.ooxml.structure import Sheet

_SQREF_HOLDERS = tuple(
    main(tag) for tag in ("conditionalFormatting", "dataValidation", "ignoredError", "protectedRange")
)
_FORMAT_AND_VALIDATION_FORMULAS = (main("formula"), main("formula1"), main("formula2"))
_WITH_SQREF_14 = (f"{{{X14}}}conditionalFormatting", f"{{{X14}}}dataValidation")
_SPARKLINE = f"{{{X14}}}sparkline"
_PIVOT_CACHE = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotcachedefinition+xml"
_CONTROL = "application/vnd.ms-excel.controlproperties+xml"
_FORMULA_LIKE = re.compile(rb"<(?:\w+:)?(?:f|formula|formula1|formula2)[ >/]")


@dataclass(frozen=True, slots=True)
class Resize:
    """A table's rows and columns before and after.

    The totals row, where there is one, stays below the last data row. `new_right` is None where the columns stay.
    """

    sheet: Sheet
    left: int
    right: int
    first: int
    old_last: int
    new_last: int
    has_totals: bool
    new_right: int | None = None

    @property
    def right_after(self) -> int:
        return self.right if self.new_right is None else self.new_right

    @property
    def changes_size(self) -> bool:
        return (self.old_last, self.right) != (self.new_last, self.right_after)

    def follow(
        self, area: Area, *, is_range: bool, cell_follows: bool = False, column_follows: bool = False
    ) -> Area | None:
        """The area after the resize; None where it stays as it is.

        A range that ends with the table's data and starts at or above its first row ends with the data again;
        one that ends with the totals row ends there again. A single cell counts as such a range only where
        `cell_follows`, and only if it was the one row that the table had.

        A range of several columns that ends with the table's last column ends with its last again; the whole of that
        column alone only where `column_follows`, as a series of a chart is one column whatever stands beside it.
        """
        longer = self._follow_rows(area, is_range=is_range, cell_follows=cell_follows)
        ends_with_table = area.right == self.right and area.left <= self.right_after
        meets_rows = area.bottom >= self.first - 1 and area.top <= self.old_last
        is_column = column_follows and area.top <= self.first and area.bottom >= self.old_last
        is_wide = area.right > area.left or is_column
        if self.right_after == self.right or not (ends_with_table and meets_rows and is_wide):
            return longer
        followed = longer or area
        return Area(followed.top, followed.left, followed.bottom, self.right_after)

    def _follow_rows(self, area: Area, *, is_range: bool, cell_follows: bool) -> Area | None:
        beside = area.right < self.left or area.left > max(self.right, self.right_after)
        if beside or self.old_last == self.new_last or self.old_last < self.first:
            return None
        moved = self.new_last - self.old_last
        old_totals = self.old_last + 1
        if self.has_totals and area.top == area.bottom == old_totals:
            return Area(area.top + moved, area.left, area.bottom + moved, area.right)
        if area.top > self.first:
            return None
        if self.has_totals and area.bottom == old_totals:
            return Area(area.top, area.left, area.bottom + moved, area.right)
        if area.bottom != self.old_last:
            return None
        if not is_range and not (cell_follows and area.top == self.first and self._holds_column(area)):
            return None
        return Area(area.top, area.left, self.new_last, area.right)

    @property
    def last_row(self) -> Area:
        return Area(self.old_last, self.left, self.old_last, self.right)

    def _holds_column(self, area: Area) -> bool:
        return self.left <= area.left <= self.right

    def rewrite(self, formula: str, home: str, *, cell_follows: bool = False) -> str:
        """The formula, as it stands on the sheet `home`, with the references that follow."""

        def change(reference: Reference) -> Area | None:
            if (reference.sheet or home).casefold() != self.sheet.name.casefold():
                return None
            return self.follow(reference.area, is_range=reference.is_range, cell_follows=cell_follows)

        return rewrite(formula, change)

    def rewrite_sqref(self, sqref: str) -> str:
        """A list of areas of the table's own sheet."""
        return " ".join(self._rewrite_item(item) for item in sqref.split())

    def _rewrite_item(self, item: str) -> str:
        try:
            area = parse_area(item)
        except ValueError:
            return item
        is_range = ":" in item
        followed = self.follow(area, is_range=is_range, cell_follows=True, column_follows=True)
        if followed is None:
            return item
        return followed.spelled_out if is_range else str(followed)

    def column_meant(self, formula: str, home: str) -> int | None:
        """The table's column that the formula refers to by cell address; None where it refers to none."""
        for reference in references(formula):
            if (reference.sheet or home).casefold() != self.sheet.name.casefold():
                continue
            if self.follow(reference.area, is_range=reference.is_range) is not None:
                return max(reference.area.left, self.left)
        return None


def follow_everywhere(document: Document, resize: Resize) -> None:
    """Rewrite every reference that follows; parts without one aren't touched."""
    _follow_names(document, resize)
    for sheet in _sheets_concerned(document, resize):
        _follow_on_sheet(document, resize, sheet)
    _follow_in_charts(document, resize)
    _follow_in_pivot_caches(document, resize)
    _follow_in_controls(document, resize)


def formulas_left_behind(document: Document, resize: Resize) -> dict[str, int]:
    """Formula cells that refer to the table's rows by cell address, with the column meant; they aren't rewritten."""
    found = {}
    for sheet in _sheets_concerned(document, resize):
        grid = document.grid(sheet)
        for formula in grid.formulas():
            cell = formula.getparent()
            column = resize.column_meant(formula.text or "", sheet.name)
            if cell is None or column is None:
                continue
            position = grid.position(cell)
            # A running sum refers to the whole column in the table's last row, and means just that row.
            if sheet != resize.sheet or not resize.last_row.holds(*position):
                found[grid.where(*position)] = column
    return found


def _sheets_concerned(document: Document, resize: Resize) -> Iterator[Sheet]:
    """The table's sheet, and those whose bytes name it in a formula of any kind."""
    name = _as_written(resize.sheet.name)
    for sheet in document.structure.worksheets:
        original = document.package.original(sheet.part)
        is_wide = original[:2] in (b"\xff\xfe", b"\xfe\xff")
        names_it = name.search(original) is not None and _FORMULA_LIKE.search(original) is not None
        if sheet == resize.sheet or is_wide or names_it:
            yield sheet


def _as_written(sheet: str) -> re.Pattern[bytes]:
    """A pattern for the sheet's name in front of an address, as XML bytes hold it.

    Letters that XML may spell in more than one way match anything.
    """
    pieces = re.split(r"[^A-Za-z0-9_. ]+", sheet)
    return re.compile(b"[^<]*?".join(re.escape(piece.encode()) for piece in pieces) + b"[^<]{0,6}!", re.IGNORECASE)


def _follow_names(document: Document, resize: Resize) -> None:
    part = document.structure.part
    for element in document.package.root(part).iterfind(DEFINED_NAME):
        _set_text(document, part, element, resize.rewrite(element.text or "", ""))


def _follow_on_sheet(document: Document, resize: Resize, sheet: Sheet) -> None:
    root = document.grid(sheet).root
    if sheet == resize.sheet:
        for element in root.iter(*_SQREF_HOLDERS):
            _set_attribute(document, sheet.part, element, "sqref", resize.rewrite_sqref)
        for element in root.iter(EXCEL_SQREF):
            parent = element.getparent()
            if parent is not None and parent.tag in _WITH_SQREF_14:
                _set_text(document, sheet.part, element, resize.rewrite_sqref(element.text or ""))
    for element in root.iter(*_FORMAT_AND_VALIDATION_FORMULAS):
        _set_text(document, sheet.part, element, resize.rewrite(element.text or "", sheet.name))
    for element in root.iter(EXCEL_FORMULA):
        parent = element.getparent()
        is_sparkline = parent is not None and parent.tag == _SPARKLINE
        text = resize.rewrite(element.text or "", sheet.name, cell_follows=is_sparkline)
        _set_text(document, sheet.part, element, text)


def _follow_in_charts(document: Document, resize: Resize) -> None:
    for part in chart_parts(document.package):
        for element in chart_formulas(document.package.root(part)):
            text = resize.rewrite(element.text or "", "", cell_follows=not is_title(element))
            _set_text(document, part, element, text)


def _follow_in_pivot_caches(document: Document, resize: Resize) -> None:
    for part in _parts_of_type(document, _PIVOT_CACHE):
        for element in document.package.root(part).iter(main("worksheetSource"), main("rangeSet")):
            if (element.get("sheet") or "").casefold() == resize.sheet.name.casefold():
                _set_attribute(document, part, element, "ref", resize.rewrite_sqref)


def _follow_in_controls(document: Document, resize: Resize) -> None:
    """Lists behind drop-down boxes; a range without a sheet lies on the control's own, which isn't known here."""
    for part in _parts_of_type(document, _CONTROL):
        element = document.package.root(part)
        _set_attribute(document, part, element, "fmlaRange", lambda text: resize.rewrite(text, ""))


def _parts_of_type(document: Document, content_type: str) -> Iterable[str]:
    types = document.package.content_types()
    return (part for part, kind in types.items() if kind.casefold() == content_type and document.package.has(part))


def _set_text(document: Document, part: str, element: etree._Element, text: str) -> None:
    if text != (element.text or ""):
        element.text = text
        document.package.touch(part)


def _set_attribute(
    document: Document, part: str, element: etree._Element, name: str, change: Callable[[str], str]
) -> None:
    old = element.get(name)
    if old is not None and (new := change(old)) != old:
        element.set(name, new)
        document.package.touch(part)
