"""The functions' options: text "participation=0.1; lot=100" or two columns of keys and values."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell, CellError
from tradealloc.workbook.fields import INPUTS, PREFIX, Field, Kind
from tradealloc.workbook.parsing import parse_text

from .values import Area, Block, MissingDataError

ARGUMENT = "options"

OPTIONS: tuple[Field, ...] = tuple(field for field in INPUTS if field.option is not None)
"""The settings that are options."""

LEVELS: tuple[Field, ...] = (
    Field("level", Kind.NUMBER, "Level", "of the prior",
          "Of OPTALLOC_REOPT: how dear the rest of the day is; times the remaining betas and half-spreads.",
          default=1.0, option="level", minimum=0, above_minimum=True),
    Field("level_beta", Kind.NUMBER, "Level of betas", "of the prior",
          "Of OPTALLOC_REOPT: that of the betas (and gammas) alone; blank: level.",
          option="level_beta", minimum=0, above_minimum=True),
    Field("level_spread", Kind.NUMBER, "Level of half-spreads", "of the prior",
          "Of OPTALLOC_REOPT: that of the half-spreads alone; blank: level.",
          option="level_spread", minimum=0, above_minimum=True),
)  # fmt: skip
REOPT_OPTIONS: tuple[Field, ...] = (*OPTIONS, *LEVELS)

GROUPED_BY = ("order", "symbol", "side", "broker", "time")
TCA_OPTIONS: tuple[Field, ...] = (
    Field("by", Kind.CHOICE, "Grouped by", "", "Of OPTALLOC_TCA: slippage by group instead of the orders.",
          choices=GROUPED_BY, option="by"),
    Field("repeats", Kind.CHOICE, "Repeated fills", "", "Of OPTALLOC_TCA: fills that repeat others.",
          default="refuse", choices=("refuse", "drop"), option="repeats"),
)  # fmt: skip

COMMA_ADVICE = (
    'write decimals with a point and separate options by semicolons. "participation="&B5 gives a comma in some '
    "locales: give two columns of keys and values instead, or SUBSTITUTE the comma"
)


def parse_options(value: object, options: Sequence[Field] = OPTIONS) -> dict[str, Cell]:
    """The options given, by field key.

    Parameters
    ----------
    value
        Text, a grid of two columns, or blank.
    options
        Those that the function takes.

    Raises
    ------
    InputError
        A key that is no option (with the nearest), one given twice, or text that isn't "key=value; ...".
    """
    found: dict[str, Cell] = {}
    for field, cell in _pairs(_block(value), options):
        if field.key in found:
            raise InputError(f"gives {field.option} twice: keep one", where=ARGUMENT)
        found[field.key] = cell
    return found


def find_option(key: str, where: str = ARGUMENT, options: Sequence[Field] = OPTIONS) -> Field:
    """The setting behind an option's name; `InputError` with the nearest known."""
    plain = key.strip().casefold().removeprefix(PREFIX).replace(" ", "_")
    by_name = {name: field for field in options for name in (field.option, field.key) if name}
    if plain in by_name:
        return by_name[plain]
    near = difflib.get_close_matches(plain, by_name, n=1)
    known = ", ".join(str(field.option) for field in options)
    hint = f"did you mean {by_name[near[0]].option}?" if near else f"the options are {known}"
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


def _pairs(block: Block, options: Sequence[Field]) -> Iterator[tuple[Field, Cell]]:
    if block.columns == 2:
        yield from _from_columns(block, options)
    elif block.grid:
        yield from _from_text(block, options)


def _from_columns(block: Block, options: Sequence[Field]) -> Iterator[tuple[Field, Cell]]:
    for row in range(block.rows):
        key, value = block.cell(row, 0), block.cell(row, 1)
        if key.is_blank and value.is_blank:
            continue
        if not isinstance(key.value, str) or key.is_blank:
            raise InputError("is no option's name: give two columns, key and value", where=key.where, value=key.value)
        yield find_option(key.value, key.where, options), value


def _from_text(block: Block, options: Sequence[Field]) -> Iterator[tuple[Field, Cell]]:
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
        field = find_option(key, options=options)
        place = option_place(field)
        if "," in value and (field.kind is Kind.NUMBER or "=" in value):
            raise InputError(f"is {value.strip()!r}: {COMMA_ADVICE}", where=place, value=value)
        yield field, Cell(parse_text(field, value, place), place)
