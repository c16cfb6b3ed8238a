"""What a report says, apart from how it is drawn: one model, several renderings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .figures import Layout, Value

ACROSS = 12
"""Width of the page, in the unit of `span`."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value.

    Attributes
    ----------
    label, value, unit
        What it is, the value, and its unit as it is printed behind it.
    detail
        A few words more, printed small.
    """

    label: str
    value: Value
    unit: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A list of facts."""

    title: str
    facts: tuple[Fact, ...]
    span: int = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; text stands left, numbers stand right."""

    header: str
    unit: str = ""
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values.

    Attributes
    ----------
    title, columns, rows
        The table; each row has one value a column.
    note
        A sentence below it.
    span
        Width in twelfths of the page.
    page_rows
        Rows that the one-page PDF and the mail show at most; the rest is left to the HTML, and the page says so.
        0 leaves the whole table to the HTML. None: all.
    strong_row
        Row to set in bold; None for none.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    span: int = ACROSS
    page_rows: int | None = None
    strong_row: int | None = None

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"each row of {self.title} needs {len(self.columns)} values")


class Ink(Enum):
    """Colours by what they stand for; renderings give them their hue."""

    OPTIMUM = "optimum"
    FILL = "fill"
    EQUAL = "equal"
    OTHER = "other"
    MARKET = "market"
    SELL = "sell"


class Mark(Enum):
    """How a series is drawn."""

    AREA = "area"
    """Filled steps between edges: x has one value more than y."""
    STEPS = "steps"
    """The same, not filled."""
    LINE = "line"
    DASHED = "dashed"
    POINTS = "points"
    """A line with a mark at each point."""
    BARS = "bars"
    """Horizontal bars; x are positions 0, 1, ... from the top."""
    STEMS = "stems"
    """Upright bars; x are positions 0, 1, ..."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers to draw; a y that is None leaves a gap.

    Attributes
    ----------
    ranges
        Of bars: the ends of each value's interval, None where it has none.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    mark: Mark
    ink: Ink
    on_right: bool = False
    ranges: tuple[tuple[float, float] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis measures, and how its ticks are written.

    Attributes
    ----------
    label, layout
        With `Layout.CLOCK` the numbers are minutes after midnight.
    names
        Words at the positions 0, 1, ... in place of numbers.
    from_zero
        Whether the axis starts at zero.
    """

    label: str
    layout: Layout = Layout.SHARES
    names: tuple[str, ...] = ()
    from_zero: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of numbers.

    Attributes
    ----------
    name
        For file names: letters, digits and underscores.
    title, description
        The description says in words what the picture shows, for those who can't see it.
    series, x, y, right
        What is drawn over which axes; `right` is the axis of the series that are `on_right`.
    value_layout
        Bars are labelled with their values in this layout; None: no labels.
    span
        Width in twelfths of the page.
    weight
        Height relative to the other charts of the page.
    """

    name: str
    title: str
    description: str
    series: tuple[Series, ...]
    x: Axis
    y: Axis
    right: Axis | None = None
    value_layout: Layout | None = None
    span: int = ACROSS
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs."""

    title: str
    paragraphs: tuple[str, ...]
    span: int = ACROSS


Section = Facts | Table | Chart | Text


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader should know; a warning is shown before everything else."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A page about a run.

    Attributes
    ----------
    title, subtitle
        What was traded, in a few words.
    headline
        The figures that count most, three to five.
    notes
        Warnings and remarks.
    sections
        In the order in which they are read.
    provenance
        Where the figures come from: workbook, version, fingerprint.
    caveat
        What the figures don't say.
    run_at
        When they were computed.
    """

    title: str
    subtitle: str
    headline: tuple[Fact, ...]
    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    provenance: tuple[Fact, ...]
    caveat: str
    run_at: dt.datetime

    @property
    def charts(self) -> tuple[Chart, ...]:
        return tuple(section for section in self.sections if isinstance(section, Chart))

    def rows_of_sections(self) -> Iterator[tuple[Section, ...]]:
        """Sections as they stand on the page, side by side while there is room."""
        row: list[Section] = []
        for section in self.sections:
            if sum(each.span for each in row) + section.span > ACROSS:
                yield tuple(row)
                row = []
            row.append(section)
        if row:
            yield tuple(row)
