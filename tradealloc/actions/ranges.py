"""Optimising any workbook by address, no names needed."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError
from ..model import Schedule
from ..solve import solve
from ..workbook.book import Book
from ..workbook.inputs import OrderSheet
from ..workbook.ooxml.addresses import Area, parse_area, split_address
from .overrides import Overrides, parsed_settings


def optimise_ranges(
    book: Book, betas: str, shares: str, target: str, overrides: Overrides | None = None
) -> tuple[Schedule, str]:
    """Optimise any workbook, no names needed: betas and size by address, the allocation written at an address.

    Returns
    -------
    schedule : Schedule
    written : str
        Address of the allocation, which lies as the betas do.
    """
    given = overrides or Overrides()
    if given.betas is not None:
        raise InputError("can't go with --beta-range: give one of the two", where="--beta")
    rows = book.range(betas)
    if len(rows) > 1 and len(rows[0]) > 1:
        raise InputError(f"spans {len(rows)} rows and {len(rows[0])} columns: give one row or one column", where=betas)
    cells = tuple(cell for row in rows for cell in row)
    settings = dict(parsed_settings(given.settings))
    if "shares" not in settings:
        size = book.range(shares)
        if len(size) != 1 or len(size[0]) != 1:
            raise InputError("is more than one cell: give the one that holds the order size", where=shares)
        settings["shares"] = size[0][0]
    _refuse_overlap(target, len(rows), len(rows[0]), (betas, shares))
    sheet = OrderSheet(book.label, settings, {"beta": cells})
    if sheet.rows != len(cells):
        raise InputError("is blank: give the interval's beta", where=cells[sheet.rows].where)
    schedule = solve(sheet.problem, sheet.text("method"))
    values = schedule.shares.tolist()
    block = [[value] for value in values] if len(rows) > 1 else [values]
    return schedule, book.write_range(target, block)


def _refuse_overlap(target: str, rows: int, columns: int, inputs: Sequence[str]) -> None:
    """Raise where a block of results at an address would replace the inputs it comes from."""
    start = _rectangle(target)
    if start is None:
        return
    sheet, corner = start
    block = Area(corner.top, corner.left, corner.top + rows - 1, corner.left + columns - 1)
    for address in inputs:
        other = _rectangle(address)
        if other is not None and other[0].casefold() == sheet.casefold() and block.overlaps(other[1]):
            raise InputError(
                f"would put the allocation over the inputs in {address}: choose cells beside", where=target
            )


def _rectangle(address: str) -> tuple[str, Area] | None:
    """Sheet and cells of an address; None where the book has yet to say what is wrong with it."""
    parts = split_address(address)
    try:
        return None if parts is None else (parts[0], parse_area(parts[1]))
    except ValueError:
        return None
