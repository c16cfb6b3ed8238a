"""A block of cells with headers as the raw table that the analysis of fills reads."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tradealloc.desk.tca.table import RawTable, plain_header
from tradealloc.errors import InputError
from tradealloc.workbook.book import Cell
from tradealloc.workbook.fields import Column
from tradealloc.workbook.fields.kinds import Kind
from tradealloc.workbook.parsing import parse_cell, present_value

from .intervals import refuse_missing
from .values import Block, Line, MissingDataError, is_blank


def headed_table(argument: str, value: object, registry: Sequence[Column], table: str) -> RawTable | None:
    """The table in an argument; None where it is blank.

    Columns that nobody asks for are left alone, as in a workbook; blank rows are left out.

    Parameters
    ----------
    argument
        Its name.
    value
        As `neutral` leaves it.
    registry
        The columns that `table` has in a workbook.

    Raises
    ------
    InputError
        The first row isn't headers, repeats one, or a cell holds an error or a number that Excel has cut.
    MissingDataError
        There are no rows below the headers, or a cell holds #N/A.
    """
    block = Block.of(argument, value)
    if not block.grid:
        return None
    kinds = {plain_header(column.header): column.kind for column in registry}
    lines: dict[str, Line] = {}
    numbers: dict[str, int] = {}
    filled = [row for row in range(1, block.rows) if not all(map(is_blank, block.grid[row]))]
    for number, header in enumerate(block.grid[0]):
        line = block.column(number, first_row=1)
        if is_blank(header) and line.is_blank:
            continue
        name = _header(block.cell(0, number), table, registry)
        if name in lines:
            raise InputError(f"repeats the header {header}: keep one", where=block.where(0, number))
        lines[name], numbers[name] = line, number
    if not filled:
        raise MissingDataError("has headers but no rows: include the rows below them", where=argument)
    columns = {
        name: [_plain(line, row - 1, kinds.get(name)) for row in filled]
        if _needs_care(line)
        else [line.values[row - 1] for row in filled]
        for name, line in lines.items()
    }

    def place(row: int, header: str) -> str:
        return block.where(filled[row], numbers[header]) if header in numbers else f"{argument} row {filled[row] + 1}"

    return RawTable(argument, columns, place, [row + 1 for row in filled], may_be_local=True)


def _header(cell: Cell, table: str, registry: Sequence[Column]) -> str:
    refuse_missing(cell)
    header = present_value(cell)
    if not isinstance(header, str):
        found = "is blank" if header is None else f"is {header}"
        known = ", ".join(column.header for column in registry[:3])
        problem = f"{found} in a row of headers: give a block with the headers of {table} ({known}, ...)"
        raise InputError(problem, where=cell.where, value=header)
    return plain_header(header)


def _needs_care(line: Line) -> bool:
    """Whether a column holds anything but numbers and texts with something in them."""
    return not {float, str}.issuperset(map(type, line.values)) or any(
        isinstance(value, str) and not value.strip() for value in line.values
    )


def _plain(line: Line, row: int, kind: Kind | None) -> object:
    """A value as the reader wants it: None where blank; what can't be trusted is refused."""
    value = line.values[row]
    if is_blank(value):
        return None
    if isinstance(value, float | str):
        return value
    cell = line[row]
    refuse_missing(cell)
    if isinstance(value, Decimal) or (isinstance(value, bool) and kind is Kind.NUMBER):
        parse_cell(Column("", "", "", ""), cell)  # which says what is wrong with it
    return present_value(cell)
