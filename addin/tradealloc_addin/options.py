"""The functions' options: text "participation=0.1; lot=100" or two columns of keys and values."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell, CellError
from tradealloc.workbook.fields import INPUTS, PREFIX, Field, Kind
from tradealloc.workbook.parsing import parse_text

from .values import Area, Block, MissingDataError

ARGUMENT = "options"

OPTIONS: tuple[Field, ...] = tuple(field for field in INPUTS if field.option is not None)
"""The settings that are options."""

_BY_NAME: dict[str, Field] = {name: field for field in OPTIONS for name in (field.option, field.key) if name}

COMMA_ADVICE = (
    'write decimals with a point and separate options by semicolons. "participation="&B5 gives a comma in some '
    "locales: give two columns of keys and values instead, or SUBSTITUTE the comma"
)


def parse_options(value: object) -> dict[str, Cell]:
    """The options given, by field key.

    Parameters
    ----------
    value
        Text, a grid of two columns, or blank.

    Raises
    ------
    InputError
        A key that is no option (with the nearest), one given twice, or text that isn't "key=value; ...".
    """
    found: dict[str, Cell] = {}
    for field, cell in _pairs(_block(value)):
        if field.key in found:
            raise InputError(f"gives {field.option} twice: keep one", where=ARGUMENT)
        found[field.key] = cell
    return found


def find_option(key: str, where: str = ARGUMENT) -> Field:
    """The setting behind an option's name; `InputError` with the nearest known."""
    plain = key.strip().casefold().removeprefix(PREFIX).replace(" ", "_")
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    near = difflib.get_close_matches(plain, _BY_NAME, n=1)
    known = ", ".join(str(field.option) for field in OPTIONS)
    hint = f"did you mean {_BY_NAME[near[0]].option}?" if near else f"the options are {known}"
    raise InputError(f"has no option {key.strip()!r}: {hint}", where=where, value=key)


def option_place(field: Field) -> str:
    """How messages call an option given as text, or not given."""
    return f"{ARGUMENT}: {field.option}"


def _block(value: object) -> Block:
    """The argument; two columns stay two where all values are blank, which means defaults."""
    is_text = isinstance(value, Area) and any(isinstance(row[0], str) and "=" in row[0] for row in value.grid)
    if isinstance(value, Area) and value.columns == 2 and not is_text:
        return Block(ARGUMENT, value.grid)
    return Block.of(ARGUMENT, value)


def _pairs(block: Block) -> Iterator[tuple[Field, Cell]]:
    if block.columns == 2:
        yield from _from_columns(block)
    elif block.grid:
        yield from _from_text(block)


def _from_columns(block: Block) -> Iterator[tuple[Field, Cell]]:
    for row in range(block.rows):
        key, value = block.cell(row, 0), block.cell(row, 1)
        if key.is_blank and value.is_blank:
            continue
        if not isinstance(key.value, str) or key.is_blank:
            raise InputError("is no option's name: give two columns, key and value", where=key.where, value=key.value)
        yield find_option(key.value, key.where), value


def _from_text(block: Block) -> Iterator[tuple[Field, Cell]]:
    text = block.single().value if block.is_single else None
    if text == CellError("#N/A"):
        raise MissingDataError("holds the error #N/A: the data is missing there", where=ARGUMENT)
    if not isinstance(text, str):
        raise InputError(
            'needs text such as "participation=0.1; lot=100", or two columns of keys and values',
            where=ARGUMENT,
            value=text,
        )
    for part in text.split(";"):
        if not part.strip():
            continue
        key, equals, value = part.partition("=")
        if not equals:
            raise InputError(f"has {part.strip()!r} without =: write key=value; key=value", where=ARGUMENT, value=part)
        field = find_option(key)
        place = option_place(field)
        if "," in value and (field.kind is Kind.NUMBER or "=" in value):
            raise InputError(f"is {value.strip()!r}: {COMMA_ADVICE}", where=place, value=value)
        yield field, Cell(parse_text(field, value, place), place)
