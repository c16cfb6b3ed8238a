"""Between the XML of a cell and its value.

Cells are read from the tree that the patcher needs anyway rather than through openpyxl: one parse, one truth
before and after a write, formula and cached value at once. openpyxl contributes its knowledge of dates.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from collections.abc import Iterable, Sequence

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, from_ISO8601, to_excel

from tradealloc.errors import WorkbookError
from tradealloc.workbook.book import Cell, CellError, CellValue, Missing, header_key
from tradealloc.workbook.ooxml.namespaces import FORMULA, INLINE, RUN, TEXT, VALUE, XML_SPACE, main
from tradealloc.workbook.ooxml.structure import Structure
from tradealloc.workbook.ooxml.trees import drop_attribute, set_or_drop

MAX_TEXT = 32_767
MAX_HEADER = 255
_LARGEST_EXACT_INTEGER = 2**53
# Number formats that East Asian versions of Excel show as dates, whatever the file's language.
_EAST_ASIAN_DATES = {*range(27, 32), *range(34, 37), *range(50, 59)}
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN, _DATE, _DURATION = range(3)


def unescape(text: str) -> str:
    """Text with the file format's ``_x000A_`` escapes resolved."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def escape(text: str) -> str:
    """Text as the file format holds it: no control characters, and nothing that would read as an escape."""
    return _ESCAPED.sub(r"_x005F_x\1_", _UNWRITABLE.sub("", text.replace("\r\n", "\n")))


def rich_text(item: etree._Element) -> str:
    """The text of a shared or inline string; phonetic hints aren't part of it."""
    parts = []
    for child in item:
        if child.tag == TEXT:
            parts.append(child.text or "")
        elif child.tag == RUN:
            parts.extend(text.text or "" for text in child.iterfind(TEXT))
    return unescape("".join(parts))


class Values:
    """Reads and writes the values of cell elements of one workbook."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._label = structure.package.label
        self._epoch = CALENDAR_MAC_1904 if structure.starts_1904 else CALENDAR_WINDOWS_1900
        self._strings: list[etree._Element] | None = None
        self._kinds: dict[str | None, int] | None = None

    def read(self, cell: etree._Element, where: str) -> CellValue:
        """The value, of a formula the cached one."""
        return self.read_cell(cell, where).value

    def read_cell(self, cell: etree._Element, where: str) -> Cell:
        """The value, its place, and whether a formula stands there, in one look."""
        text, has_value, has_formula = "", False, False
        item: etree._Element | None = None
        for child in cell:
            tag = child.tag
            if tag == VALUE:
                text, has_value = child.text or "", True
            elif tag == FORMULA:
                has_formula = True
            elif tag == INLINE:
                item = child
        kind = cell.get("t", "n")
        try:
            if kind == "inlineStr":
                return Cell(None if item is None else rich_text(item), where, has_formula)
            if not has_value or (kind != "str" and (not text or text.isspace())):
                return Cell(Missing.NOT_CALCULATED if has_formula else None, where, has_formula)
            return Cell(self._value(cell, kind, text), where, has_formula)
        except (ValueError, LookupError, ArithmeticError) as error:
            raise WorkbookError(
                f"{where}: {self._label} holds something there that Excel doesn't write: open it in Excel and save it"
            ) from error

    def _value(self, cell: etree._Element, kind: str, text: str) -> CellValue:
        if kind == "n":
            return self._number(text, cell.get("s"))
        if kind == "str":
            return unescape(text)
        if kind == "s":
            return rich_text(self._string(int(text)))
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind == "e":
            return CellError(text.strip())
        if kind == "d":
            moment: CellValue = from_ISO8601(text.strip())  # type: ignore[no-untyped-call]
            return moment
        return self._number(text, cell.get("s"))

    def _number(self, text: str, style: str | None) -> CellValue:
        # Python reads more than the file format knows: "nan", "1_000", digits of other scripts.
        if not (text[-1].isdigit() and text.isascii() and "_" not in text) and _NUMBER.fullmatch(text) is None:
            raise ValueError(text)
        number: float | int = float(text)
        kind = self._kind(style)
        if not math.isfinite(number):
            return CellError("#NUM!")
        if kind == _PLAIN:
            if "." in text:
                return number
            is_integer = text.strip().lstrip("+-").isdigit() and abs(number) <= _LARGEST_EXACT_INTEGER
            return int(text) if is_integer else number
        try:
            moment: CellValue = from_excel(number, self._epoch, timedelta=kind == _DURATION)
        except (OverflowError, ValueError):
            # Excel shows ##### for a date before its calendar; the number is still there.
            return number
        return moment

    def _string(self, index: int) -> etree._Element:
        if self._strings is None:
            part = self._structure.linked_part("sharedStrings")
            self._strings = [] if part is None else self._structure.package.root(part).findall(main("si"))
        if index < 0:
            raise IndexError(index)
        return self._strings[index]

    def shows_moments(self, style: str | None) -> bool:
        """Whether the format shows a number as a date, time or duration."""
        return self._kind(style) != _PLAIN

    def _kind(self, style: str | None) -> int:
        if self._kinds is None:
            kinds = self._style_kinds()
            self._kinds = {str(index): kind for index, kind in enumerate(kinds)}
            self._kinds[None] = kinds[0] if kinds else _PLAIN
        kind = self._kinds.get(style)
        if kind is None:
            kind = self._kinds[style] = self._kinds.get(str(int(style or 0)), _PLAIN)
        return kind

    def _style_kinds(self) -> list[int]:
        part = self._structure.linked_part("styles")
        if part is None:
            return []
        root = self._structure.package.root(part)
        formats = {
            element.get("numFmtId"): element.get("formatCode") or ""
            for element in root.iterfind(f"{main('numFmts')}/{main('numFmt')}")
        }
        return [
            _kind_of_format(element.get("numFmtId"), formats)
            for element in root.iterfind(f"{main('cellXfs')}/{main('xf')}")
        ]

    def number_of(self, value: object) -> float | int | None:
        """The number that stands in the cell for a number, date or time; None for all else."""
        # Nearly every value is one of these two, and the abstract number types are slow to ask for.
        if type(value) is float:
            return value + 0.0
        if type(value) is int:
            return value
        if isinstance(value, bool):
            return None
        if isinstance(value, numbers.Integral):
            return int(value)
        if isinstance(value, numbers.Real):
            return float(value) + 0.0
        if isinstance(value, dt.date | dt.time | dt.timedelta):
            serial: float = to_excel(value, self._epoch)  # type: ignore[no-untyped-call]
            return serial
        return None

    def content(self, value: CellValue) -> tuple[str | None, str]:
        """Cell type and text of ``<v>``; type "inlineStr" for text that isn't a formula's."""
        if type(value) is float:
            return None, repr(value + 0.0)
        if isinstance(value, str):
            return "inlineStr", escape(value)
        if isinstance(value, CellError):
            return "e", value.code
        if isinstance(value, bool):
            return "b", "1" if value else "0"
        number = self.number_of(value)
        if number is None:
            raise TypeError(f"a cell can't hold a {type(value).__name__}")
        return None, repr(number)


_WRITABLE = (numbers.Real, str, dt.date, dt.time, dt.timedelta, CellError)
_ERROR_CODES = {"#N/A", "#VALUE!", "#NUM!", "#DIV/0!", "#REF!", "#NAME?", "#NULL!"}


def check_values(values: Iterable[object]) -> None:
    """Refuse what no cell can hold, before anything is written."""
    for value in values:
        # Columns are made of these two, nearly all of them.
        if value is None or (type(value) is float and math.isfinite(value)):
            continue
        if isinstance(value, Missing) or not isinstance(value, _WRITABLE):
            raise TypeError(f"a cell can't hold a {type(value).__name__}; pass None to empty it")
        if isinstance(value, numbers.Real) and not _is_finite(value):
            raise ValueError(f"{value} can't be written into a cell; pass None or a CellError")
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise WorkbookError(f"a text of {len(value):,} characters doesn't fit into a cell: shorten it")
        if isinstance(value, CellError) and value.code not in _ERROR_CODES:
            raise ValueError(f"{value.code} is no error value that a file can hold; use one of {sorted(_ERROR_CODES)}")
        if isinstance(value, dt.datetime | dt.time) and value.tzinfo is not None:
            raise ValueError("a cell can't hold a time zone; pass the local time without one")


def are_moments(values: Iterable[object]) -> bool:
    """Whether a column holds dates, times or durations."""
    return any(isinstance(value, dt.date | dt.time | dt.timedelta) for value in values)


def check_headers(table: str, headers: Sequence[str]) -> None:
    """Refuse headers that Excel wouldn't take for the columns of one table, before anything is written."""
    known: dict[str, str] = {}
    for header in headers:
        if not header.strip() or _UNWRITABLE.search(header):
            raise WorkbookError(f"{header!r} can't head a column of table {table}: give it a name in plain letters")
        if len(header) > MAX_HEADER:
            raise WorkbookError(
                f"'{header[:40]}...' has {len(header)} characters and can't head a column of table {table}: "
                f"shorten it to {MAX_HEADER}"
            )
        twin = known.setdefault(header_key(header), header)
        if twin is not header:
            raise WorkbookError(
                f"table {table} would have two columns that Excel doesn't tell apart ('{twin}' and '{header}'): "
                "rename one"
            )


def _is_finite(value: object) -> bool:
    try:
        return math.isfinite(value)  # type: ignore[arg-type]
    except OverflowError:
        return False


def put(cell: etree._Element, value: CellValue, values: Values) -> None:
    """Replace the content of a cell; its style stays."""
    if type(value) is float and _put_number(cell, value):
        return
    empty(cell)
    if value is None:
        return
    kind, text = values.content(value)
    if kind is not None:
        cell.set("t", kind)
    if kind == "inlineStr":
        element = etree.SubElement(etree.SubElement(cell, INLINE), TEXT)
        if text != text.strip() or "\n" in text:
            element.set(XML_SPACE, "preserve")
    else:
        element = etree.SubElement(cell, VALUE)
    element.text = text
    if len(cell) > 1:
        _keep_extensions_last(cell)


def _put_number(cell: etree._Element, number: float) -> bool:
    """The short way for a number in place of a number or of nothing, which nearly every write is."""
    if cell.get("t") is not None or cell.get("cm") is not None or cell.get("vm") is not None or len(cell) > 1:
        return False
    element = cell[0] if len(cell) else etree.SubElement(cell, VALUE)
    if element.tag != VALUE:
        return False
    element.text = repr(number + 0.0)
    return True


def put_cached(cell: etree._Element, value: CellValue, values: Values) -> None:
    """Replace the cached value of a formula cell; the formula stays."""
    kind, text = ("str", "") if value is None else values.content(value)
    set_or_drop(cell, "t", "str" if kind == "inlineStr" else kind)
    # Metadata of the old value, such as the reason of an error; the formula's own (cm) stays.
    drop_attribute(cell, "vm")
    for old in cell.findall(VALUE) + cell.findall(INLINE):
        cell.remove(old)
    formula = cell.find(FORMULA)
    element = etree.Element(VALUE)
    element.text = text
    if formula is None:
        cell.insert(0, element)
    else:
        formula.addnext(element)


def empty(cell: etree._Element) -> None:
    """Take formula and value out of a cell."""
    for child in list(cell):
        if child.tag in (FORMULA, VALUE, INLINE):
            cell.remove(child)
    for attribute in ("t", "cm", "vm"):
        drop_attribute(cell, attribute)


def _keep_extensions_last(cell: etree._Element) -> None:
    for child in list(cell)[:-1]:
        if child.tag not in (VALUE, INLINE):
            cell.append(child)


def _kind_of_format(number: str | None, formats: dict[str | None, str]) -> int:
    identifier = int(number or "0")
    code = formats.get(number) or BUILTIN_FORMATS.get(identifier)
    if code is None:
        return _DATE if identifier in _EAST_ASIAN_DATES else _PLAIN
    if is_timedelta_format(code):
        return _DURATION
    return _DATE if is_date_format(code) else _PLAIN
