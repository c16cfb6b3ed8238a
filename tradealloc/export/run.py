"""Which run a workbook's results come from, and whether they are still what the inputs say."""

from __future__ import annotations

from dataclasses import dataclass

from tradealloc.errors import InputError
from tradealloc.workbook.book import Book
from tradealloc.workbook.fields import BY_KEY, CONTRACT_VERSION
from tradealloc.workbook.fingerprint import TOLERANCE
from tradealloc.workbook.inputs import OrderSheet

from .cells import RUN_AGAIN, shown


@dataclass(frozen=True, slots=True)
class Run:
    """What is common to a run's child orders."""

    run_at: str
    fingerprint: float
    contract_version: int
    impact_unit: str

    @property
    def stamp(self) -> str:
        """The time of the run, fit for an order's id."""
        return "".join(mark for mark in self.run_at.replace(" ", "T") if mark.isalnum())


def current_run(book: Book, settings: OrderSheet, live: float, *, heed_checks: bool = True) -> Run:
    """The run whose results the workbook holds.

    Parameters
    ----------
    settings
        The workbook's single cells.
    live
        Fingerprint of its inputs as they stand.
    heed_checks
        Whether failing checks refuse the run; not where orders that have no schedule explain them.

    Raises
    ------
    InputError
        There was no run, inputs changed since, or the workbook's checks fail.
    """
    name = BY_KEY["fingerprint"].name
    cell = book.cell(name)
    if cell is None:
        problem = f"has no name {name}, and nothing else tells whether its schedule is current: add it and {RUN_AGAIN}"
        raise InputError(problem, where=book.label)
    stored = cell.value
    if cell.is_blank or not isinstance(stored, int | float):
        raise InputError("has no results yet: run it first (tradealloc run)", where=book.label)
    if not abs(live - stored) <= TOLERANCE * abs(live) or shown(book, "status") in ("STALE", "NOT RUN"):
        raise InputError(
            "holds STALE results: inputs were changed after the run, or given for that run only; "
            "run it first (tradealloc run)",
            where=book.label,
        )
    checks = book.cell(BY_KEY["checks"].name)
    if heed_checks and checks is not None and (verdict := shown(book, "checks")) not in (None, "OK"):
        raise InputError(
            f"says {verdict}, so the schedule isn't fit to trade: see which check fails, then {RUN_AGAIN}",
            where=checks.where,
        )
    return Run(
        run_at=shown(book, "run_at") or "",
        fingerprint=float(stored),
        contract_version=int(settings.number("contract_version") or CONTRACT_VERSION),
        impact_unit=settings.text("impact_unit"),
    )
