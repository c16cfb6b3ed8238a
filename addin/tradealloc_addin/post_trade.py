"""OPTALLOC_TCA: what an execution cost and why, from blocks of fills and orders."""

from __future__ import annotations

from collections.abc import Mapping

from tradealloc.errors import InputError
from tradealloc.workbook.parsing import parse_cell

from .intervals import refuse_missing
from .options import TCA_OPTIONS, parse_options
from .tables import Result, table
from .values import MissingDataError

IN_A_CELL = {"say --drop-repeats": 'give the option "repeats=drop"', "--by": "options: by"}
"""What the command line advises, and what a formula has instead."""

UNKNOWN = ""
"""Stands where the data doesn't tell, as blanks do in a workbook: which parts are known depends on the columns given,
and #N/A in the others would keep a trader from summing any."""


def post_trade_costs(arguments: Mapping[str, object]) -> Result:
    """One row an order and one a currency for the whole; with the option ``by`` one row a group."""
    from tradealloc.desk.tca import analyse, read_fills
    from tradealloc.workbook.fields.intraday import TBL_FILLS
    from tradealloc.workbook.fields.tca import FILL_COLUMNS, TBL_TCA_ORDERS, TCA_GROUP_COLUMNS, TCA_ORDER_COLUMNS
    from tradealloc.workbook.fields.tca import TCA_RESULT_COLUMNS as RESULTS
    from tradealloc.workbook.tca_outputs import group_columns
    from tradealloc.workbook.tca_totals import columns_with_totals

    from .headed import headed_table

    settings = _settings(arguments["options"])
    fills = headed_table("fills", arguments["fills"], FILL_COLUMNS, TBL_FILLS)
    if fills is None:
        raise MissingDataError("is blank: give a block headed as tblFills (Shares, Price, ...)", where="fills")
    orders = headed_table("orders", arguments["orders"], TCA_ORDER_COLUMNS, TBL_TCA_ORDERS)
    by = settings["by"]
    try:
        read = read_fills(fills, orders, drop_repeats=settings["repeats"] == "drop")
        analysis = analyse(read.orders, read.fills, by=() if by is None else (by,), notes=read.notes)
    except InputError as error:
        raise _in_formula_words(error) from error
    if by is not None:
        return table(TCA_GROUP_COLUMNS, group_columns(analysis.groups), UNKNOWN)
    return table(RESULTS, columns_with_totals(analysis), UNKNOWN)


def _in_formula_words(error: InputError) -> InputError:
    texts = [error.problem, error.where]
    for typed, in_a_cell in IN_A_CELL.items():
        texts = [text.replace(typed, in_a_cell) for text in texts]
    problem, where = texts
    return InputError(problem, argument=error.argument, position=error.position, value=error.value, where=where)


def _settings(options: object) -> dict[str, str | None]:
    given = parse_options(options, TCA_OPTIONS)
    found: dict[str, str | None] = {}
    for field in TCA_OPTIONS:
        cell = given.get(field.key)
        if cell is not None:
            refuse_missing(cell)
        value = None if cell is None else parse_cell(field, cell)
        chosen = field.default if value is None else value
        found[field.key] = None if chosen is None else str(chosen)
    return found
