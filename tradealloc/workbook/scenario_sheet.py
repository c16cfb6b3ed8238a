"""From the tables of a what-if workbook to scenarios, with every error placed at its cell.

A scenario is the order with the row's filled cells in place of its own: one reading, one validation for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradealloc.analysis.scenarios import Scenario, ScenarioRow
from tradealloc.errors import InputError
from tradealloc.model.limits import plain

from .below import notes_below, notes_hidden
from .book import Book, Cell, header_key
from .fields import BY_KEY, Kind
from .fields.kinds import Column
from .fields.scenarios import (
    BY_EXPONENT_COLUMNS,
    BY_PARTICIPATION_COLUMNS,
    SCENARIO_COLUMNS,
    SCENARIO_SCHEDULES_COLUMNS,
    TBL_BY_EXPONENT,
    TBL_BY_PARTICIPATION,
    TBL_SCENARIOS,
)
from .fingerprint import column_key
from .inputs import OrderSheet
from .parsing import parse_cell

ZERO_IS_NONE = ("participation", "impact_cap", "lot_size")
"""Limits that a 0 takes away, since a blank leaves them as the order has them."""

LONGEST_NAME = 255
"""Characters of a table's header."""

_NAME = SCENARIO_COLUMNS[0]
_HEADERS = {column.key: column.header for column in SCENARIO_COLUMNS}
_INPUT_TABLES = {
    TBL_SCENARIOS: SCENARIO_COLUMNS,
    TBL_BY_PARTICIPATION: BY_PARTICIPATION_COLUMNS[:1],
    TBL_BY_EXPONENT: BY_EXPONENT_COLUMNS[:1],
}
_RESERVED = {header_key(column.header) for column in SCENARIO_SCHEDULES_COLUMNS}


@dataclass(frozen=True, kw_only=True)
class ScenarioSheet(OrderSheet):
    """The order with a scenario's cells in place of its own.

    Attributes
    ----------
    row
        The scenario's filled cells by column key.
    """

    row: Mapping[str, Cell]

    @classmethod
    def of(cls, sheet: OrderSheet, row: Mapping[str, Cell]) -> ScenarioSheet:
        """`row` holds the filled cells of a row of tblScenarios."""
        given = {key: _limit(key, cell) for key, cell in row.items() if key in BY_KEY}
        return cls(sheet.label, {**sheet.cells, **given}, sheet.columns, table=sheet.table, row=row)

    def where(self, key: str) -> str:
        cell = self.row.get(key)
        return super().where(key) if cell is None else f"{cell.where} ({_HEADERS[key]})"


Row = Scenario | ScenarioRow | None
"""A row of tblScenarios: a scenario, one refused with its status, or a blank row."""

Point = float | InputError | None
"""A point of a trade-off curve: a number, a cell that holds none, or a blank."""


def scenario_rows(sheet: OrderSheet) -> list[Row]:
    """The rows of tblScenarios, from top to bottom; none where the workbook has no such table.

    Raises
    ------
    InputError
        The table lacks the column Scenario.
    """
    columns = _columns(sheet, TBL_SCENARIOS, SCENARIO_COLUMNS)
    if not columns:
        return []
    if _NAME.key not in columns:
        raise InputError("has no column Scenario: add it", where=TBL_SCENARIOS)
    taken: dict[str, str] = {}
    return [_row(sheet, cells, taken) for cells in _by_row(columns)]


def notes_on_rows(book: Book) -> list[str]:
    """Where the eye takes rows of the what-if inputs otherwise than a run does: below their tables, or hidden."""
    notes: list[str] = []
    for name, columns in _INPUT_TABLES.items():
        table = book.table(name)
        if table is not None:
            words = [column.header for column in columns if column.kind in (Kind.TEXT, Kind.CHOICE)]
            numbers = [column.header for column in columns if column.header not in words]
            notes += (*notes_below(book, table, numbers, words), *notes_hidden(table))
    return notes


def participation_points(sheet: OrderSheet) -> list[Point]:
    """The caps to price in tblByParticipation."""
    return _points(sheet, TBL_BY_PARTICIPATION, BY_PARTICIPATION_COLUMNS[0])


def exponent_points(sheet: OrderSheet) -> list[Point]:
    """The exponents to price in tblByExponent."""
    return _points(sheet, TBL_BY_EXPONENT, BY_EXPONENT_COLUMNS[0])


def _row(sheet: OrderSheet, cells: Mapping[str, Cell], taken: dict[str, str]) -> Row:
    filled = {key: cell for key, cell in cells.items() if not cell.is_blank}
    if not filled:
        return None
    name = ""
    try:
        name = _spelling(cells[_NAME.key])
        _check_name(name, cells[_NAME.key].where, taken)
        variant = ScenarioSheet.of(sheet, filled)
        _check_model(variant, cells, filled)
        return Scenario(name, variant.problem, model_text(variant))
    except InputError as error:
        return ScenarioRow(name, None, None, str(error))


def _spelling(cell: Cell) -> str:
    """The scenario's name; empty where blank."""
    parsed = parse_cell(_NAME, cell)
    return "" if parsed is None else " ".join(str(parsed).split())


def _check_name(name: str, where: str, taken: dict[str, str]) -> None:
    """Refuse a name that can't head a column of its own."""
    if not name:
        raise InputError("is blank: give the scenario a name", where=where)
    if len(name) > LONGEST_NAME:
        raise InputError(f"has {len(name)} characters: give at most {LONGEST_NAME}", where=where)
    key = header_key(name)
    if key in _RESERVED:
        raise InputError(f"is {name!r}, which heads a column already: give another name", where=where)
    if key in taken:
        raise InputError(f"is {name!r}, as {taken[key]} is: give another name", where=where)
    taken[key] = where


def _limit(key: str, cell: Cell) -> Cell:
    none = key in ZERO_IS_NONE and not isinstance(cell.value, bool) and cell.value == 0
    return Cell(None, cell.where) if none else cell


def _check_model(variant: OrderSheet, cells: Mapping[str, Cell], filled: Mapping[str, Cell]) -> None:
    """Refuse what the scenario's model wouldn't look at, and a power model without exponent."""
    model = variant.text("model")
    unused = {"exponent": ("power",), "reference_shares": ("power", "quadratic")}
    for key, models in unused.items():
        if key in filled and model not in models:
            raise InputError(
                f"is {filled[key].value}, which a {model} model doesn't use: set Model to {' or '.join(models)}, or "
                "clear it",
                where=filled[key].where,
            )
    if model == "power" and variant.number("exponent") is None:
        place = cells["exponent"].where if "exponent" in cells else variant.where("exponent")
        raise InputError("is blank: the power model needs its exponent", where=place)


def model_text(sheet: OrderSheet) -> str:
    """The model in words: "power 0.6, linear at 256 shares"."""
    model, reference = sheet.text("model"), sheet.number("reference_shares")
    if model == "linear":
        return model
    name = f"power {sheet.number('exponent'):g}" if model == "power" else model
    return f"{name}, betas as given" if reference is None else f"{name}, linear at {plain(reference)} shares"


def _points(sheet: OrderSheet, table: str, column: Column) -> list[Point]:
    return [_point(column, cell) for cell in sheet.others.get(column_key(table, column.header), ())]


def _point(column: Column, cell: Cell) -> Point:
    try:
        value = parse_cell(column, cell)
    except InputError as error:
        return error
    return value if isinstance(value, float) else None


def _columns(sheet: OrderSheet, table: str, columns: Sequence[Column]) -> dict[str, tuple[Cell, ...]]:
    """The table's input columns by key; absent ones are absent."""
    keys = ((column.key, column_key(table, column.header)) for column in columns)
    return {key: sheet.others[place] for key, place in keys if place in sheet.others}


def _by_row(columns: Mapping[str, tuple[Cell, ...]]) -> list[dict[str, Cell]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
