"""What a name or a column is: kind of value, unit, help and range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "ta_"


class Kind(StrEnum):
    """How a value is written in a cell or on the command line."""

    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    CHOICE = "choice"
    TIME = "time"


class Role(StrEnum):
    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Field:
    """A single value with a name: a workbook cell, a ``--set`` key and, where `option` is set, a function option."""

    key: str
    kind: Kind
    label: str
    unit: str
    help: str
    role: Role = Role.INPUT
    default: float | str | None = None
    option: str | None = None
    choices: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    """Other ways to write the choices, one each, in their order."""
    minimum: float = -math.inf
    maximum: float = math.inf
    above_minimum: bool = False
    required: bool = False
    may_be_formula: bool = False

    @property
    def name(self) -> str:
        """The workbook's defined name."""
        return PREFIX + self.key


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one of the four tables, found by its header."""

    header: str
    key: str
    unit: str
    help: str
    required: bool = False
    kind: Kind = Kind.NUMBER
    minimum: float = -math.inf
    above_minimum: bool = False
