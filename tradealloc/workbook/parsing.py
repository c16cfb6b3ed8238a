"""From what stands in a cell, or was typed as ``--set NAME=VALUE``, to a checked value of a registered field."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from decimal import Decimal

from tradealloc.errors import InputError

from .book import Cell, CellError, CellValue, Missing
from .fields import BY_KEY, PREFIX, Column, Field, Kind, Role

Parsed = float | str | dt.time | None

_TIME_LAYOUTS = (
    "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p",
    "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f",
)  # fmt: skip


def find_input(key: str) -> Field:
    """The input field of that key (``participation`` or ``ta_participation``); InputError with the nearest known."""
    plain = key.strip().lower().removeprefix(PREFIX)
    field = BY_KEY.get(plain)
    if field is not None and field.role is Role.INPUT:
        return field
    known = [field.key for field in BY_KEY.values() if field.role is Role.INPUT]
    near = difflib.get_close_matches(plain, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}"
    raise InputError(f"is no setting: {hint}", where=key)


def parse_cell(field: Field | Column, cell: Cell) -> Parsed:
    """The value of a cell as its field wants it; None where the cell is blank.

    Raises
    ------
    InputError
        With the cell, what stands in it and what should.
    """
    value = present_value(cell)
    if value is None:
        return None
    if field.kind is Kind.TIME:
        return _time(value, cell.where)
    if field.kind is Kind.CHOICE:
        return _choice(field, value, cell.where)
    if field.kind is Kind.TEXT:
        if isinstance(value, dt.date | dt.time | dt.timedelta):
            raise InputError(
                f"holds a date or time ({value}), which Excel makes of some texts: type it with ' in front",
                where=cell.where,
                value=value,
            )
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    number = _number(value, cell.where)
    _check_range(field, number, cell.where)
    if field.kind is Kind.INTEGER and not number.is_integer():
        raise InputError(f"is {number:g}: give a whole number", where=cell.where, value=number)
    return number


def parse_text(field: Field | Column, text: str, where: str) -> CellValue:
    """A typed value as it would stand in the cell: a number where the field is one, a time, or the text."""
    text = text.strip()
    if text and field.kind in (Kind.NUMBER, Kind.INTEGER):
        return _number(text.replace("_", ""), where, typed=True)
    if text and field.kind is Kind.TIME:
        return _time(text, where)
    return text or None


def present_value(cell: Cell) -> float | int | bool | str | dt.datetime | dt.date | dt.time | dt.timedelta | None:
    """What stands in a cell; None where it is blank.

    Raises
    ------
    InputError
        The cell holds an error, or a formula without a computed value.
    """
    value = cell.value
    if isinstance(value, CellError):
        raise InputError(f"holds the error {value.code}: correct the formula or type a value", where=cell.where)
    if isinstance(value, Missing):
        raise InputError(
            "holds a formula that was never calculated: open the workbook in Excel, save it, and run again",
            where=cell.where,
        )
    if isinstance(value, str) and not value.strip():
        return None
    return value


def _number(value: object, where: str, *, typed: bool = False) -> float:
    if isinstance(value, bool):
        raise InputError(f"is {str(value).upper()}: give a number", where=where, value=value)
    if isinstance(value, Decimal):
        raise InputError(
            f"arrived as the decimal {value}: currency-formatted cells are cut to four decimals; format it as Number",
            where=where,
            value=value,
        )
    if isinstance(value, (int, float)):
        number = float(value)
    elif typed and isinstance(value, str):
        number = _typed_number(value, where)
    elif isinstance(value, str):
        raise InputError(f"holds the text {value!r}: give a number", where=where, value=value)
    else:
        raise InputError(
            f"holds a date or time ({value}): give a number, in a cell formatted as Number",
            where=where,
            value=value,
        )
    if not math.isfinite(number):
        raise InputError(f"is {number:g}: give a finite number", where=where, value=number)
    return number


def _typed_number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        advice = "; write decimals with a point" if "," in text else ""
        raise InputError(f"is {text!r}: give a number{advice}", where=where, value=text) from None


def _check_range(field: Field | Column, number: float, where: str) -> None:
    maximum = field.maximum if isinstance(field, Field) else math.inf
    too_low = number <= field.minimum if field.above_minimum else number < field.minimum
    if not too_low and number <= maximum:
        return
    floor = (
        "" if math.isinf(field.minimum) else f"{'above' if field.above_minimum else 'of at least'} {field.minimum:g}"
    )
    roof = "" if math.isinf(maximum) else f"at most {maximum:g}"
    raise InputError(
        f"is {number:g}: give a number {floor}{' and ' if floor and roof else ''}{roof}", where=where, value=number
    )


def _choice(field: Field | Column, value: object, where: str) -> str:
    choices, short = (field.choices, field.short) if isinstance(field, Field) else ((), ())
    text = str(value).strip().lower()
    if text in choices:
        return text
    if text in short:
        return choices[short.index(text)]
    near = difflib.get_close_matches(text, choices, n=1)
    hint = f"did you mean {near[0]}?" if near else f"give {', '.join(choices[:-1])} or {choices[-1]}"
    raise InputError(f"is {value!r}: {hint}", where=where, value=value)


def _time(value: object, where: str) -> dt.time:
    if isinstance(value, dt.datetime):
        return value.time()
    if isinstance(value, dt.time):
        return value
    if isinstance(value, dt.timedelta):
        return _from_fraction(value / dt.timedelta(days=1))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return _from_fraction(value)
    if isinstance(value, str):
        for layout in _TIME_LAYOUTS:
            try:
                return dt.datetime.strptime(value.strip(), layout).time()
            except ValueError:
                continue
    raise InputError(f"is {value!r}: give a time such as 09:30", where=where, value=value)


def _from_fraction(days: float) -> dt.time:
    seconds = round((days % 1.0) * 86_400) % 86_400
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)
