"""OPTALLOC_REOPT: the schedule that finishes an order of which some intervals are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tradealloc.errors import InputError
from tradealloc.workbook.fields import Column
from tradealloc.workbook.parsing import parse_cell

from .intervals import ArgumentSheet, numbers_of, refuse_missing
from .options import LEVELS
from .values import Block, MissingDataError, is_blank

if TYPE_CHECKING:
    from tradealloc.model.arrays import Floats

ARGUMENT = "filled"
FILLED = Column("Filled", ARGUMENT, "shares", "Give the shares filled in each interval that is done.", minimum=0)


def read_filled(value: object, rows: int) -> Floats:
    """The shares filled in the intervals that are done; none where the argument is blank.

    Parameters
    ----------
    value
        As `neutral` leaves it: a row or column, with or without blanks for what is to come.
    rows
        Intervals of the order.

    Raises
    ------
    MissingDataError
        A blank before the last number.
    InputError
        More numbers than intervals, or something that is none.
    """
    block = Block.of(ARGUMENT, value)
    if not block.grid:
        return np.zeros(0)
    line = block.line()
    first = line.values[0]
    if isinstance(first, str) and first.strip().casefold() == ARGUMENT:  # the header of its column
        line = line.without_first()
    if not line:
        return np.zeros(0)
    if len(line) > rows:
        raise InputError(
            f"has {len(line)} values where beta has {rows}: give one per interval, from the first on", where=ARGUMENT
        )
    for cell in line:
        if is_blank(cell.value):
            raise MissingDataError(
                "is blank before intervals that are filled: give 0 where nothing was filled", where=cell.where
            )
    return numbers_of(line, FILLED)


def finished(sheet: ArgumentSheet, filled: Floats) -> list[float]:
    """Shares of every interval: what was filled, then the optimum of what remains."""
    from tradealloc.desk.remaining import finish

    level, beta, spread = (_level(sheet, number) for number in range(len(LEVELS)))
    both = 1.0 if level is None else level
    shares: list[float] = finish(
        sheet.problem,
        filled,
        sheet.text("method"),
        level_beta=both if beta is None else beta,
        level_spread=both if spread is None else spread,
    ).tolist()
    return shares


def _level(sheet: ArgumentSheet, number: int) -> float | None:
    field = LEVELS[number]
    cell = sheet.cells.get(field.key)
    if cell is None:
        return None
    refuse_missing(cell)
    value = parse_cell(field, cell)
    return value if isinstance(value, float) else None
