"""From a workbook's names and tables to a `Problem`, with every error placed at its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tradealloc.errors import InputError
from tradealloc.model import ImpactModel, Limits, LinearImpact, PowerImpact, Problem, QuadraticImpact
from tradealloc.model.arrays import Floats
from tradealloc.units import ImpactUnit

from .below import notes_below, notes_hidden
from .book import Book, Cell, CellValue
from .fields import (
    BY_KEY,
    CONTRACT_VERSION,
    INPUT_COLUMNS,
    INPUTS,
    INTERVAL_COLUMNS,
    SCENARIO_TABLES,
    TBL_INTERVALS,
    TBL_SENSITIVITY,
    Column,
)
from .fingerprint import column_key, fingerprint
from .parsing import Parsed, parse_cell, present_value
from .session import Moment, session_starts
from .versions import notes_on_version, refuse_unreadable

BLANK_MEANS: dict[str, float] = {"gamma": 0.0, "half_spread": 0.0, "min_shares": 0.0, "max_shares": np.inf}
"""What a blank cell means in a column that is used."""


@dataclass(frozen=True)
class OrderSheet:
    """The inputs of one order as they stand in a workbook (or were given on the command line in their place).

    Attributes
    ----------
    label
        Name of the workbook, for messages.
    cells
        Input cells by field key; absent names are absent.
    columns
        Cells of tblIntervals by column key; absent columns are absent.
    sizes
        Cells of the order sizes in tblSensitivity.
    table
        The table that `columns` come from, for messages.
    others
        Cells of the input columns of the what-if tables, by `column_key`; absent columns are absent.
    notes
        What the trader should know of the inputs.
    """

    label: str
    cells: Mapping[str, Cell]
    columns: Mapping[str, Sequence[Cell]]
    sizes: tuple[Cell, ...] = ()
    table: str = TBL_INTERVALS
    others: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, book: Book) -> OrderSheet:
        """Read every registered input that the workbook has.

        Raises
        ------
        InputError
            tblIntervals is missing, or it lacks the column Beta.
        """
        cells = {field.key: cell for field in INPUTS if (cell := book.cell(field.name)) is not None}
        table = book.table(TBL_INTERVALS)
        if table is None:
            raise InputError(
                f"has no table {TBL_INTERVALS}: add one with a column Beta, or name the range with --beta-range",
                where=book.label,
            )
        columns = {c.key: table.columns[c.header] for c in INTERVAL_COLUMNS if c.header in table.columns}
        if "beta" not in columns:
            raise InputError(f"{table.where} has no column Beta: add it", where=TBL_INTERVALS)
        sizes = book.table(TBL_SENSITIVITY)
        return cls(
            book.label,
            cells,
            columns,
            () if sizes is None else sizes.columns.get("TotalShares", ()),
            others=_what_if_inputs(book),
            notes=(*notes_below(book, table, ["Beta"]), *notes_hidden(table), *notes_on_version(book)),
        )

    def with_cells(self, cells: Mapping[str, Cell]) -> OrderSheet:
        return replace(self, cells={**self.cells, **cells})

    def with_columns(self, columns: Mapping[str, Sequence[Cell]]) -> OrderSheet:
        return replace(self, columns=dict(columns), notes=())

    def with_sizes(self, sizes: Sequence[Cell]) -> OrderSheet:
        return replace(self, sizes=tuple(sizes))

    @cached_property
    def fingerprint(self) -> float:
        """The number by which the workbook tells whether its results are still current.

        Blank order sizes are left out: the run writes the sensitivity table back without them.
        """
        scalars = {BY_KEY[key].name: cell.value for key, cell in self.cells.items()}
        columns: dict[str, list[CellValue]] = {
            column_key(TBL_INTERVALS, column.header): [cell.value for cell in self.columns[column.key]]
            for column in INTERVAL_COLUMNS
            if column.key in self.columns
        }
        sizes = [cell.value for cell in self.sizes if not cell.is_blank]
        columns[column_key(TBL_SENSITIVITY, "TotalShares")] = sizes
        columns |= {key: [cell.value for cell in cells] for key, cells in self.others.items()}
        return fingerprint(scalars, columns)

    @cached_property
    def rows(self) -> int:
        """Number of intervals: rows of the table up to the last that isn't blank."""
        length = len(self.columns["beta"])
        filled = [row for row in range(length) if not all(column[row].is_blank for column in self.columns.values())]
        if not filled:
            raise InputError("has no rows: paste the betas into its column Beta", where=self.table)
        return filled[-1] + 1

    def setting(self, key: str) -> Parsed:
        """The value of an input field, or its default."""
        field, cell = BY_KEY[key], self.cells.get(key)
        value = None if cell is None else parse_cell(field, cell)
        return field.default if value is None else value

    def number(self, key: str) -> float | None:
        value = self.setting(key)
        return value if isinstance(value, float) else None

    def text(self, key: str) -> str:
        value = self.setting(key)
        return "" if value is None else str(value)

    def where(self, key: str) -> str:
        """Where the user finds a field."""
        cell = self.cells.get(key)
        return BY_KEY[key].name if cell is None else f"{cell.where} ({BY_KEY[key].name})"

    def column(self, key: str) -> Floats | None:
        """A numeric column of shape (N,); None where it is absent or blank throughout.

        Raises
        ------
        InputError
            A cell that isn't a number in range, or is blank where the column needs one.
        """
        cells = self.columns.get(key, ())[: self.rows]
        if all(cell.is_blank for cell in cells):
            if key == "beta":
                raise InputError("is blank: give the interval's beta", where=cells[0].where)
            return None
        definition = _COLUMN[key]
        return np.array([self._element(definition, cell) for cell in cells], dtype=np.float64)

    def times(self) -> list[dt.time | None]:
        """Start times of the intervals; None where blank."""
        cells = self.columns.get("start", ())[: self.rows] or (Cell(None, ""),) * self.rows
        parsed = (parse_cell(_COLUMN["start"], cell) for cell in cells)
        return [value if isinstance(value, dt.time) else None for value in parsed]

    def starts(self) -> list[Moment | None]:
        """When the intervals start, day by day; None where blank.

        Raises
        ------
        InputError
            A start isn't after the one before.
        """
        cells = self.columns.get("start", ())[: self.rows] or (Cell(None, ""),) * self.rows
        return session_starts(cells, self.times())

    def labels(self) -> list[CellValue]:
        """What the intervals are called: the column Interval as it stands, row numbers where it is blank."""
        cells = self.columns.get("interval", ())[: self.rows] or (Cell(None, ""),) * self.rows
        labels = (present_value(cell) for cell in cells)
        return [row if label is None else label for row, label in enumerate(labels, start=1)]

    def _element(self, definition: Column, cell: Cell) -> float:
        value = parse_cell(definition, cell)
        if isinstance(value, float):
            return value
        if definition.key in BLANK_MEANS:
            return BLANK_MEANS[definition.key]
        raise InputError(f"is blank: give the interval's {definition.header}", where=cell.where)

    @cached_property
    def problem(self) -> Problem:
        """The order as the solvers want it.

        Raises
        ------
        InputError
            Placed at the cell that is wrong.
        """
        self.check_supported()
        for key in ("symbol", "side"):
            self.setting(key)  # shown with the results, so they must be readable before anything is written
        try:
            problem = Problem(
                self._order_size(),
                self._impact(),
                self._limits(),
                unit=ImpactUnit(self.text("impact_unit")),
                arrival_price=self.number("arrival_price"),
            )
        except InputError as error:
            raise self._placed(error) from None
        self.starts()  # out of order, the cumulative columns and the window would mean nothing
        return problem

    @cached_property
    def nonlinear(self) -> ImpactModel | None:
        """The model of the report's nonlinear row beside a linear order, where gamma or an exponent is given."""
        self.check_supported()
        if self.text("model") != "linear":
            return None
        try:
            if self.column("gamma") is not None:
                return self._quadratic()
            return self._power() if self.number("exponent") is not None else None
        except InputError as error:
            raise self._placed(error) from None

    def order_sizes(self) -> list[float]:
        """The sizes to price in the sensitivity table, blanks left out."""
        parsed = (parse_cell(_SIZE, cell) for cell in self.sizes)
        return [value for value in parsed if isinstance(value, float)]

    def check_supported(self) -> None:
        """InputError where the workbook asks for what this tradealloc can't do: another version, timing risk."""
        version = self.number("contract_version") or CONTRACT_VERSION
        if version > CONTRACT_VERSION:
            raise InputError(
                f"says contract version {version:g}, and this tradealloc knows {CONTRACT_VERSION}: update tradealloc",
                where=self.where("contract_version"),
            )
        refuse_unreadable(version, self.where("contract_version"), self.label)
        if self.number("risk_aversion"):
            raise InputError("asks for timing risk, which isn't built yet: clear it", where=self.where("risk_aversion"))

    def _order_size(self) -> float:
        size = self.number("shares")
        if size is None:
            place = self.where("shares") if "shares" in self.cells else self.label
            problem = "is blank: give the shares to trade" if "shares" in self.cells else (
                "has no name ta_shares: name the cell that holds the order size"
            )  # fmt: skip
            raise InputError(problem, where=place)
        return size

    def _impact(self) -> ImpactModel:
        model = self.text("model")
        if model == "power":
            return self._power()
        if model == "quadratic":
            return self._quadratic()
        return LinearImpact(self._beta(), self._half_spread())

    def _beta(self) -> Floats:
        beta = self.column("beta")
        assert beta is not None
        return beta

    def _half_spread(self) -> Floats | float:
        spread = self.column("half_spread")
        return 0.0 if spread is None else spread

    def _power(self) -> PowerImpact:
        exponent, reference = self.number("exponent"), self.number("reference_shares")
        if exponent is None:
            raise InputError("is blank: the power model needs its exponent", where=self.where("exponent"))
        if reference is None:
            return PowerImpact(self._beta(), exponent, self._half_spread())
        return PowerImpact.from_linear(self._beta(), exponent, reference, self._half_spread())

    def _quadratic(self) -> QuadraticImpact:
        gamma, reference = self.column("gamma"), self.number("reference_shares")
        if gamma is None:
            raise InputError("needs a column Gamma with numbers: the quadratic model asks for it", where=self.table)
        if reference is None:
            return QuadraticImpact(self._beta(), gamma, self._half_spread())
        return QuadraticImpact.from_linear(self._beta(), gamma, reference, self._half_spread())

    def _limits(self) -> Limits:
        minimum, maximum = self.column("min_shares"), self.column("max_shares")
        clip = self.number("min_clip")
        participation = self.number("participation")
        if participation is not None and self.column("volume") is None:
            raise InputError(
                f"needs volumes: fill the column Volume of {self.table} or clear the cap",
                where=self.where("participation"),
            )
        return Limits(
            min_shares=0.0 if minimum is None else minimum,
            max_shares=np.inf if maximum is None else maximum,
            participation=participation,
            volume=self.column("volume"),
            impact_cap=self.number("impact_cap"),
            lot_size=self.number("lot_size"),
            min_clip=clip or None,
            tradable=self._in_window(),
        )

    def _in_window(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]] | None:
        first, end = self.setting("window_start"), self.setting("window_end")
        if not isinstance(first, dt.time) and not isinstance(end, dt.time):
            return None
        start_of_window = first if isinstance(first, dt.time) else dt.time.min
        if isinstance(end, dt.time) and start_of_window >= end:
            problem = f"is {end:%H:%M}, not after the window's start {start_of_window:%H:%M}: give a later time"
            raise InputError(problem, where=self.where("window_end"))
        inside = np.zeros(self.rows, dtype=np.bool_)
        for row, start in enumerate(self.times()):
            if start is None:
                cells = self.columns.get("start")
                place = cells[row].where if cells else f"{self.table} column Start"
                raise InputError("is blank: the trading window needs every interval's start time", where=place)
            inside[row] = start >= start_of_window and (not isinstance(end, dt.time) or start < end)
        if not inside.any():
            bound = "window_start" if isinstance(first, dt.time) else "window_end"
            raise InputError("leaves no interval open: widen the window", where=self.where(bound))
        return inside

    def _placed(self, error: InputError) -> InputError:
        """An error of the model, placed at the cell it comes from."""
        if error.where:
            return error
        if error.position is not None and error.argument in self.columns:
            return error.at(self.columns[error.argument][error.position].where)
        return error.at(self.where(error.argument)) if error.argument in BY_KEY else error


def _what_if_inputs(book: Book) -> dict[str, tuple[Cell, ...]]:
    columns = [(name, column.header) for name, column in INPUT_COLUMNS if name in SCENARIO_TABLES]
    tables = {name: found for name in {name for name, _ in columns} if (found := book.table(name)) is not None}
    return {
        column_key(name, header): tables[name].columns[header]
        for name, header in columns
        if name in tables and header in tables[name].columns
    }


_COLUMN: dict[str, Column] = {column.key: column for column in INTERVAL_COLUMNS}
_SIZE = Column("TotalShares", "total_shares", "shares", "", minimum=0, above_minimum=True)
