"""What functions give back: scalars, and tables with their headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradealloc.workbook.fields import Column

from .values import NOT_AVAILABLE, ExcelError

Scalar = float | str | ExcelError
Row = tuple[Scalar, ...]
Result = Scalar | list[Row]

MISSING_NUMBER = ExcelError(NOT_AVAILABLE)


def table(
    columns: Sequence[Column], values: Mapping[str, Sequence[object]], missing: Scalar = MISSING_NUMBER
) -> list[Row]:
    """A table with its headers; what isn't there is `missing`."""
    headers: Row = tuple(column.header for column in columns)
    rows = zip(*(values[column.header] for column in columns), strict=True)
    return [headers, *(tuple(_cell(value, missing) for value in row) for row in rows)]


def _cell(value: object, missing: Scalar) -> Scalar:
    if isinstance(value, str):
        return value
    return float(value) if isinstance(value, float | int) else missing
