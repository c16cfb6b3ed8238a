"""Cells of a live Excel: what COM hands over becomes the port's values, and back, a block at a time."""

from __future__ import annotations

import datetime as dt
import numbers
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from openpyxl.styles.numbers import is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, to_excel

from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell, CellError, CellValue
from tradealloc.workbook.ooxml.addresses import Area, cell_name, column_letters, parse_area, quote_sheet

from .values import cell_value

if TYPE_CHECKING:
    import xlwings as xw

Stored = None | bool | float | str | dict[str, str]
"""A cell's content as JSON keeps it exactly: ``{"formula": ...}`` and ``{"error": ...}`` beside plain values."""

LARGEST_EXACT_INTEGER = 2**53

UNKNOWN_PROPERTY = -2147352570
"""DISP_E_UNKNOWNNAME: this Excel is older than the property asked for."""

REJECTED, BUSY = -2147418111, -2146777998
"""RPC_E_CALL_REJECTED and VBA_E_IGNORE: a cell is being edited, or a dialog is open."""

_ABSENT = object()

# Excel reads a text from a program as if it were typed; these it takes for nothing but text.
_PLAIN_TEXT = re.compile(r"(?!(?:true|false)$)[^\W\d_]+(?: [^\W\d_]+)*", re.IGNORECASE)


def is_busy(error: BaseException) -> bool:
    """Whether Excel refused the call because the user is typing or a dialog is open."""
    details: Any = getattr(error, "excepinfo", None)
    code = details[5] if isinstance(details, tuple) and len(details) > 5 else None
    return not {getattr(error, "hresult", None), code}.isdisjoint({REJECTED, BUSY})


def com_get(owner: Any, name: str, default: Any = None) -> Any:
    """A property of Excel's own object; the default where this Excel, or the Mac's bridge, has none."""
    try:
        return getattr(owner, name)
    except AttributeError:
        return default
    except Exception as error:
        if getattr(error, "hresult", None) is None or is_busy(error):
            raise
        return default


def rows_of(raw: object) -> Sequence[Sequence[object]]:
    """What Excel gives for a range, as rows: a single cell comes as a scalar, a single row on a Mac as a flat list."""
    if not isinstance(raw, tuple | list):
        return ((raw,),)
    if raw and not isinstance(raw[0], tuple | list):
        return (raw,)
    return raw


def is_formula(formula: object, value: object) -> bool:
    """Whether a cell holds a formula; text that looks like one has itself for its value."""
    return isinstance(formula, str) and formula.startswith("=") and formula != value


def text_for_cell(text: str) -> str:
    """A text so that Excel keeps it as text."""
    return text if _PLAIN_TEXT.fullmatch(text) else f"'{text}"


class LiveSheet:
    """A worksheet of an open workbook.

    Parameters
    ----------
    sheet
        The sheet as xlwings has it.
    starts_1904
        Whether the workbook counts its days from 1904.
    """

    def __init__(self, sheet: xw.Sheet, *, starts_1904: bool = False) -> None:
        self.sheet = sheet
        self.name = sheet.name
        self._prefix = f"{quote_sheet(self.name)}!"
        self._epoch = CALENDAR_MAC_1904 if starts_1904 else CALENDAR_WINDOWS_1900

    def range(self, area: Area) -> xw.Range:
        return self.sheet.range(str(area))

    def where(self, row: int, column: int) -> str:
        """Where the user finds a cell."""
        return f"{self._prefix}{cell_name(row, column)}"

    def place(self, area: Area) -> str:
        """Where the user finds an area."""
        return f"{self._prefix}{area}"

    @property
    def used(self) -> Area:
        """The part of the sheet that holds anything."""
        return parse_area(self.sheet.used_range.address)

    def cells(self, area: Area) -> tuple[tuple[Cell, ...], ...]:
        """Rows of cells.

        Raises
        ------
        InputError
            Excel cut a currency-formatted number to four decimals.
        """
        block = self.range(area)
        raw = rows_of(block.raw_value)
        formulas = rows_of(block.formula)
        exact = self._exact(block, raw)
        durations = self._duration_columns(area, raw)
        names = [self._prefix + column_letters(column) for column in range(area.left, area.right + 1)]

        def cell(index: int, number: int, value: object) -> Cell:
            where = f"{names[number]}{area.top + index}"
            decoded = self._decode(value, exact[index][number], where, number in durations)
            return Cell(decoded, where, is_formula(formulas[index][number], value))

        return tuple(
            tuple(cell(index, number, value) for number, value in enumerate(row)) for index, row in enumerate(raw)
        )

    def put(self, area: Area, rows: Sequence[Sequence[CellValue]]) -> None:
        """Write a block at once."""
        self._write(area, [[self._encode(value) for value in row] for row in rows])

    def clear(self, area: Area) -> None:
        self.range(area).clear_contents()

    def clear_all(self, area: Area) -> None:
        """Contents and formats."""
        self.range(area).clear()

    def contents(self, area: Area) -> list[list[Stored]]:
        """What stands in the cells, formulas as such, so that `put_contents` restores it to the last digit."""
        block = self.range(area)
        raw = self._shown(block)
        formulas = com_get(block.api, "Formula2", _ABSENT)
        formulas = rows_of(block.formula if formulas is _ABSENT else formulas)
        return [
            [_stored(value, formulas[index][number]) for number, value in enumerate(row)]
            for index, row in enumerate(raw)
        ]

    def values(self, area: Area) -> list[list[Stored]]:
        """What the cells show, formulas by their results."""
        return [[_stored(value, None) for value in row] for row in self._shown(self.range(area))]

    def put_contents(self, area: Area, rows: Sequence[Sequence[Stored]]) -> None:
        """Write back what `contents` gave."""
        block = [[_restored(value) for value in row] for row in rows]
        if any(isinstance(value, dict) and "formula" in value for row in rows for value in row):
            self._write_formulas(area, block)
        else:
            self._write(area, block)

    def _write(self, area: Area, block: list[list[object]]) -> None:
        self.range(area).raw_value = block[0][0] if area.is_cell else block

    def _write_formulas(self, area: Area, block: list[list[object]]) -> None:
        target, content = self.range(area), block[0][0] if area.is_cell else block
        if com_get(target.api, "Formula2") is None:
            target.formula = content
        else:
            target.api.Formula2 = content

    def _shown(self, block: xw.Range) -> Sequence[Sequence[object]]:
        """The numbers behind all formats."""
        exact = com_get(block.api, "Value2", _ABSENT)
        return rows_of(block.raw_value if exact is _ABSENT else exact)

    def _exact(self, block: xw.Range, raw: Sequence[Sequence[object]]) -> Sequence[Sequence[object]]:
        """The numbers behind dates and currencies: Value cuts a currency to four decimals, Value2 doesn't."""
        if not any(isinstance(value, dt.datetime | Decimal) for row in raw for value in row):
            return raw
        return rows_of(com_get(block.api, "Value2", raw))

    def _duration_columns(self, area: Area, raw: Sequence[Sequence[object]]) -> set[int]:
        found = set()
        for number in range(area.right - area.left + 1):
            if any(isinstance(row[number], dt.datetime) for row in raw):
                column = area.left + number
                shown = self.range(Area(area.top, column, area.bottom, column)).number_format
                if isinstance(shown, str) and is_timedelta_format(shown):
                    found.add(number)
        return found

    def _decode(self, raw: object, exact: object, where: str, is_duration: bool) -> CellValue:
        if isinstance(raw, dt.datetime):
            return self._moment(raw, exact, is_duration)
        if isinstance(raw, Decimal):
            if isinstance(exact, Decimal):
                raise InputError(
                    f"arrived as the decimal {raw}: currency-formatted cells are cut to four decimals; "
                    "format it as Number",
                    where=where,
                    value=raw,
                )
            raw = exact
        if isinstance(raw, float):
            return int(raw) if raw.is_integer() and abs(raw) <= LARGEST_EXACT_INTEGER else raw
        return cell_value(raw)

    def _moment(self, raw: dt.datetime, exact: object, is_duration: bool) -> CellValue:
        serial = exact if isinstance(exact, float) else _serial(raw.replace(tzinfo=None), self._epoch)
        try:
            return cast(CellValue, from_excel(serial, self._epoch, timedelta=is_duration))
        except (OverflowError, ValueError):
            return serial

    def _encode(self, value: object) -> object:
        if type(value) is float:
            return value + 0.0
        if value is None:
            return ""
        if isinstance(value, str):
            return text_for_cell(value)
        if isinstance(value, bool):
            return value
        if isinstance(value, CellError):
            return value.code
        if isinstance(value, numbers.Real):
            return float(value)
        # The number alone: a date would make Excel choose a format.
        return _serial(value, self._epoch)


def _serial(moment: object, epoch: dt.datetime = CALENDAR_WINDOWS_1900) -> float:
    return float(to_excel(moment, epoch))  # type: ignore[no-untyped-call]


def as_stored(value: CellValue) -> Stored:
    """What `LiveSheet.contents` gives once the value has been written; dates aside."""
    return _stored(float(value) if type(value) is int else value, None)


def _stored(value: object, formula: object) -> Stored:
    if is_formula(formula, value):
        return {"formula": str(formula)}
    plain = cell_value(value)
    if plain == "":
        return None
    if isinstance(plain, CellError):
        return {"error": plain.code}
    if isinstance(plain, bool | str | None):
        return plain
    if isinstance(plain, dt.datetime):
        return _serial(plain.replace(tzinfo=None))
    return float(cast(float, plain))


def _restored(stored: Stored) -> object:
    if stored is None:
        return ""
    if isinstance(stored, str):
        return text_for_cell(stored)
    if isinstance(stored, dict):
        return stored.get("formula") or stored["error"]
    return stored
