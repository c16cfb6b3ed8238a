"""One number that changes when any input of a run changes, computed alike by Python and by plain sheet formulas.

A run stores `fingerprint` of its inputs in ``ta_fingerprint``. The workbook recomputes the same number with the
formulas given here, and shows STALE where the two differ by more than `TOLERANCE`, relative.

Definition. Every cell is worth h in [0, 1] (texts: up to about 3), and the fingerprint is::

    OFFSET + sum over single cells f of c_f h(v_f) + sum over columns f of c_f sum over rows t of w_t h(v_ft)

    number   h(v) = T(SLOPE ln|v| + NUMBER_PHASE + NEGATIVE_PHASE [v < 0]);  0: T(NUMBER_PHASE + ZERO_PHASE)
    text     h(v) = sqrt(length + SHIFT)/10 + sum over its characters j of
                    T(SLOPE ln(code_j) + NUMBER_PHASE) sqrt(j + SHIFT)/40
    blank    h = 0, and so for an absent name or column and for the empty text; error values: ERROR_TERM
    weights  w_t = 1/2 + sqrt((t + SHIFT)/(n + 1)), t = 1..n;  c_f in [3/4, 5/4) from the CRC-32 of the field's name

T(x) = |x mod 2 - 1| is the triangle wave. It is continuous, so a last-digit difference between two
implementations of the logarithm moves the sum by a last digit only (no rounding cliffs, no false STALE). Its slope is
+-1 everywhere, so a relative change d of a number moves its term by SLOPE d c_f w_t whatever the number's size: with
390 rows and every column filled, d = 1e-8 moves the sum by more than ten times the tolerance. All terms are positive:
no cancellation. Square roots make the weights free of the integer relations through which a symmetric exchange of rows
would go unseen. Constants hang on names rather than positions: a field added later changes no existing workbook.

Limits: of a text the length and the first 24 characters (UTF-16 units) count. Times count in whole milliseconds,
since readers of files round them so. A text with characters outside the basic plane (emoji) is stale in LibreOffice.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.workbook.book import CellError, CellValue, Missing
from tradealloc.workbook.fields import INPUT_COLUMNS, INPUTS, Column, Field, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TOLERANCE = 1e-12
"""Largest relative difference between stored and live fingerprint of a fresh result."""

OFFSET = 100.0
SLOPE = 16
NUMBER_PHASE, ZERO_PHASE, NEGATIVE_PHASE = 0.7, 0.9, 0.4
ERROR_TERM = 0.123
SHIFT = 0.3183
CHARACTERS = 24
MS_PER_DAY = 86_400_000
_BLANK, _NUMBER, _TEXT, _ERROR = range(4)
_POSITIONS = np.arange(1, CHARACTERS + 1)

SCALARS: tuple[Field, ...] = INPUTS
"""The single cells that count."""

COLUMNS: tuple[tuple[str, Column], ...] = INPUT_COLUMNS
"""The table columns that count, as (table, column)."""


def column_key(table: str, header: str) -> str:
    """How a column is called in the `columns` of `fingerprint`: ``tblIntervals[Beta]``."""
    return f"{table}[{header}]"


def fingerprint(scalars: Mapping[str, CellValue], columns: Mapping[str, Sequence[CellValue]]) -> float:
    """The fingerprint of a run's inputs.

    Parameters
    ----------
    scalars
        Values of the input cells by workbook name (``ta_shares``), as read from the cells; others are ignored.
    columns
        Values of the input columns by `column_key`, top to bottom.
    """
    terms = [scalar_term(field, scalars.get(field.name)) for field in SCALARS]
    terms += [
        column_term(table, column, columns.get(column_key(table, column.header), ())) for table, column in COLUMNS
    ]
    return OFFSET + math.fsum(terms)


def scalar_term(field: Field, value: CellValue) -> float:
    """What one single cell adds to the fingerprint."""
    return _constant(field.name) * float(_cell_terms([value], field.kind)[0])


def column_term(table: str, column: Column, values: Sequence[CellValue]) -> float:
    """What one column adds to the fingerprint."""
    n = len(values)
    weights = 0.5 + np.sqrt((np.arange(1, n + 1) + SHIFT) / (n + 1))
    return _constant(column_key(table, column.header)) * math.fsum(weights * _cell_terms(values, column.kind))


def _constant(name: str) -> float:
    """The field's own factor, six decimals in [0.75, 1.25)."""
    return round(0.75 + zlib.crc32(name.encode()) / 2**33, 6)


def _cell_terms(values: Sequence[CellValue], kind: Kind) -> Floats:
    """h of each cell, shape (len(values),)."""
    classes = np.array([_class(value) for value in values], dtype=np.int8)
    terms = np.zeros(len(values))
    terms[classes == _ERROR] = ERROR_TERM
    numbers = [_serial(value) for value, c in zip(values, classes, strict=True) if c == _NUMBER]
    terms[classes == _NUMBER] = _number_terms(np.array(numbers, dtype=float), kind)
    texts = [str(value) for value, c in zip(values, classes, strict=True) if c == _TEXT]
    terms[classes == _TEXT] = [_text_term(text) for text in texts]
    return terms


def _class(value: CellValue) -> int:
    if value is None or value == "":
        return _BLANK
    if isinstance(value, str):
        return _TEXT
    return _ERROR if isinstance(value, CellError | Missing) else _NUMBER


def _number_terms(v: Floats, kind: Kind) -> Floats:
    if kind is Kind.TIME:
        v = np.round(v * MS_PER_DAY)
    zero = v == 0
    return _triangle(SLOPE * np.log(np.abs(v) + zero) + NUMBER_PHASE + ZERO_PHASE * zero + NEGATIVE_PHASE * (v < 0))


@functools.lru_cache(maxsize=4096)
def _text_term(text: str) -> float:
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    codes = units[:CHARACTERS].astype(float)
    lone = (codes >= 0xD800) & (codes < 0xE000)  # Excel's UNICODE fails on half a surrogate pair
    waves = _triangle(SLOPE * np.log(codes + (codes == 0)) + NUMBER_PHASE) * ~lone
    return math.sqrt(len(units) + SHIFT) / 10 + float(waves @ np.sqrt(_POSITIONS[: len(codes)] + SHIFT)) / 40


def _triangle(x: Floats) -> Floats:
    wave: Floats = np.abs(np.mod(x, 2) - 1)
    return wave


def _serial(value: CellValue) -> float:
    """The number that a sheet formula sees in the cell (1900 date system)."""
    if isinstance(value, dt.datetime):
        return _day_number(value.date()) + _serial(value.time())
    if isinstance(value, dt.date):
        return float(_day_number(value))
    if isinstance(value, dt.time):
        since_midnight = dt.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
        )
        return since_midnight / dt.timedelta(days=1)
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(days=1)
    assert isinstance(value, float | int)
    return float(value)


def _day_number(day: dt.date) -> int:
    days = (day - dt.date(1899, 12, 30)).days
    return days - 1 if 0 < days <= 60 else days  # Excel believes in 29 February 1900


# The same in the workbook's formulas: no `=` in front; to be entered as array formulas.


def scalar_formula(field: Field) -> str:
    """Formula of `scalar_term`, reading the cell by its name."""
    return f"{_constant(field.name):.6f}*({_value_formula(field.name, field.kind)}+SUM({_text_formula(field.name)}))"


def column_formula(table: str, column: Column) -> str:
    """Formula of `column_term`, reading the column by a structured reference; follows the table's rows.

    0 where the table was deleted, as for an absent one.
    """
    cells = f"{table}[{column.header}]"
    row = f"ROW({cells})-ROW({table}[[#Headers],[{column.header}]])"
    weight = f"(0.5+SQRT(({row}+{SHIFT})/(ROWS({cells})+1)))"
    values, texts = _value_formula(cells, column.kind), _text_formula(cells)
    factor = f"{_constant(column_key(table, column.header)):.6f}"
    return f"IFERROR({factor}*(SUM({weight}*{values})+SUM({weight}*{texts})),0)"


def total_formula(terms: str) -> str:
    """Formula of the live fingerprint, given the range that holds all its terms.

    Every term is positive or 0; one that is an error reads what was deleted, and an absent input counts nothing.
    """
    return f'{OFFSET:g}+SUMIF({terms},">0")'


def matches_formula(live: str, stored: str) -> str:
    """Formula that is TRUE where the stored fingerprint is that of the present inputs; never an error."""
    return f"IF(ISNUMBER({stored}),ABS({live}-{stored})<={TOLERANCE:.0E}*ABS({live}),FALSE)"


def _value_formula(cells: str, kind: Kind) -> str:
    """h of numbers and errors, and the length part of texts; elementwise."""
    number = f"({cells}*1)" if kind is not Kind.TIME else f"ROUND({cells}*{MS_PER_DAY},0)"
    wave = _triangle_formula(
        f"{SLOPE}*LN(ABS({number})+({number}=0))+{NUMBER_PHASE}+{ZERO_PHASE}*({number}=0)+{NEGATIVE_PHASE}*({number}<0)"
    )
    length = f"IF(LEN({cells})=0,0,SQRT(LEN({cells})+{SHIFT})/10)"
    return f"IFERROR(IF(ISTEXT({cells}),{length},IF(ISBLANK({cells}),0,{wave})),{ERROR_TERM})"


def _text_formula(cells: str) -> str:
    """The characters' part of h of texts: one row per cell, one column per character; 0 where there is none."""
    positions = "{" + ",".join(str(p) for p in _POSITIONS) + "}"
    wave = _triangle_formula(f"{SLOPE}*LN(_xlfn.UNICODE(MID({cells},{positions},1)))+{NUMBER_PHASE}")
    return f"IFERROR(IF(ISTEXT({cells}),{wave}*SQRT({positions}+{SHIFT})/40,0),0)"


def _triangle_formula(x: str) -> str:
    return f"ABS(MOD({x},2)-1)"
