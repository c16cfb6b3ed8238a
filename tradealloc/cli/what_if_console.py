"""What the command line shows of a what-if workbook: scenarios, trade-offs and values of limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from tradealloc.actions import WhatIf
from tradealloc.analysis.scenarios import Priced
from tradealloc.analysis.sensitivity import OK
from tradealloc.errors import InputError
from tradealloc.model.limits import plain

from .console import OUT


def show_what_if(found: WhatIf, unit: str) -> None:
    """The tables that the run filled; `unit` is the impact unit as printed."""
    if any(found.scenarios):
        OUT.print(_scenarios([p for p in found.scenarios if p is not None], unit))
    if any(values.rows for values in found.cap_values.values()):
        OUT.print(_cap_values(found))
    if found.participations:
        OUT.print(_by_participation(found, unit))
    if found.exponents:
        OUT.print(_by_exponent(found, unit))


def what_if_json(found: WhatIf | None) -> dict[str, Any]:
    """Members for the JSON object: lists of rows, each with its status; empty without what-if tables."""
    if found is None:
        return {}
    return {
        "scenarios": [asdict(priced.row) for priced in found.scenarios if priced is not None],
        "cap_values": [
            {"scenario": name, **asdict(row)} for name, values in found.cap_values.items() for row in values.rows
        ],
        "by_participation": _rows(found.participations),
        "by_exponent": [
            {**row, "reference_shares": found.reference_shares if row["status"] == OK else None}
            for row in _rows(found.exponents)
        ],
    }


def _rows(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"status": str(row)} if isinstance(row, InputError) else asdict(row) for row in rows if row is not None]


def _scenarios(scenarios: Sequence[Priced], unit: str) -> Table:
    table = _table(
        f"Scenarios (impact in {unit}, improvement under the row's own model)",
        ("Scenario", "Model"),
        ("Shares", "Impact", "Improvement"),
    )
    for priced in scenarios:
        row = priced.row
        numbers = (
            "-" if row.shares is None else plain(row.shares),
            _shown(row.total_impact, ".6f"),
            _shown(row.improvement, ".2%"),
        )
        _add(table, (row.scenario, row.model or "-"), numbers, row.status)
    return table


def _cap_values(found: WhatIf) -> Table:
    rows = [(name, row) for name, values in found.cap_values.items() for row in values.rows]
    unit = rows[0][1].unit
    table = _table(
        f"Values of limits (in {unit}, fractional shares)",
        ("Scenario", "Limit"),
        ("Held", "One step", "Relaxed"),
        "Step; relaxed to; note",
    )
    for name, row in rows:
        numbers = (str(row.intervals_held), _shown(row.marginal_value, ",.2f"), _shown(row.relaxed_saving, ",.2f"))
        words = "; ".join(part for part in (row.step, row.relaxed, row.note) if part)
        _add(table, (name, row.limit), numbers, words)
    return table


def _by_participation(found: WhatIf, unit: str) -> Table:
    table = _table(f"By participation cap (impact in {unit})", (), ("Cap", "Impact", "Improvement", "1 more point"))
    for row in found.participations:
        if isinstance(row, InputError):
            _add(table, (), ("-",) * 4, str(row))
        elif row is not None:
            numbers = (
                f"{row.participation:.4g}",
                _shown(row.optimal_impact, ".6f"),
                _shown(row.improvement, ".2%"),
                _shown(row.marginal_value, ",.2f"),
            )
            _add(table, (), numbers, row.status)
    return table


def _by_exponent(found: WhatIf, unit: str) -> Table:
    title = f"By exponent (impact in {unit}; models agree at {plain(found.reference_shares)} shares an interval)"
    table = _table(title, (), ("Exponent", "Optimal", "Equal", "Improvement"))
    for row in found.exponents:
        if isinstance(row, InputError):
            _add(table, (), ("-",) * 4, str(row))
        elif row is not None:
            numbers = (
                f"{row.exponent:.4g}",
                _shown(row.optimal_impact, ".6f"),
                _shown(row.equal_impact, ".6f"),
                _shown(row.improvement, ".2%"),
            )
            _add(table, (), numbers, row.status)
    return table


def _table(title: str, texts: Iterable[str], numbers: Iterable[str], words: str = "Status") -> Table:
    """A table that ends in a column for words."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for heading in texts:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(words, overflow="fold")
    return table


def _add(table: Table, texts: Iterable[str], numbers: Iterable[str], words: str) -> None:
    table.add_row(*map(Text, texts), *numbers, Text(words))


def _shown(value: float | None, layout: str) -> str:
    return "-" if value is None else format(value, layout)
