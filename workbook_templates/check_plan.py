"""What a Checks sheet is made of: checks, the cells they work with, and the inputs that make the live fingerprint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.fields import TBL_INTERVALS, TBL_SCHEDULE, Field

NEEDED = {TBL_INTERVALS, TBL_SCHEDULE}
"""Tables without which there is no run of an order; a user may delete the sheets of others."""

RELATIVE, GAP = 1e-9, 1e-6


@dataclass(frozen=True)
class Working:
    """A named cell that several checks use.

    `fresh` is its value in the template before any run. An input is given by `fresh` alone.
    """

    name: str
    label: str
    formula: str
    fresh: float | str
    number_format: str = "plain"
    is_input: bool = False


@dataclass(frozen=True)
class Check:
    """Compares a value in the workbook with what it should be.

    Formulas come without `=`. `when` says whether the check applies; elsewhere it shows n/a. Tolerances are absolute,
    in `unit`; `fresh_tolerance` is the tolerance's value in the template before any run.
    """

    label: str
    how: str
    value: str
    expected: str
    tolerance: str
    unit: str
    number_format: str
    when: str = ""
    fresh_tolerance: float = 0.0


@dataclass(frozen=True)
class CheckPlan:
    """The content of a Checks sheet.

    Attributes
    ----------
    checks
        Rows of verdicts; the first one should be `IS_CURRENT`.
    workings
        Named cells; `COMMON_WORKINGS` must be among them (every formula of the sheet uses ``chk_run``, and units
        beside numbers use ``ta_unit_label``).
    fields
        The single inputs that the workbook has cells for.
    tables
        The tables whose input columns (those in the registry's `INPUT_COLUMNS`) count in the fingerprint.
    ranges
        Further defined names, by name: formulas without `=`.
    """

    checks: Sequence[Check]
    workings: Sequence[Working]
    fields: Sequence[Field]
    tables: Sequence[str]
    ranges: Mapping[str, str] = field(default_factory=dict)


COMMON_WORKINGS: tuple[Working, ...] = (
    Working("chk_relative", "Tolerance of sums and recomputed figures, relative", "", RELATIVE, "tolerance", True),
    Working("chk_gap", "Tolerance of KKT residual and duality gap", "", GAP, "tolerance", True),
    Working("chk_run", "Has there been a run? 1: yes", 'IF(ta_run_at="",0,1)', 0),
    Working("chk_unit", "Impact unit", 'IF(ta_impact_unit="","price",LOWER(TRIM(ta_impact_unit)))', "price"),
    Working("ta_unit_label", "Impact unit as printed beside numbers",
            'IF(chk_unit="bps","bps",IF(chk_unit="fraction","of arrival price","currency/share"))', "currency/share"),
)  # fmt: skip


def stored(name: str) -> str:
    """A result that the run must have left."""
    return f'IF(ISNUMBER({name}),{name},"missing")'


IS_CURRENT = Check(
    "Result is current",
    "Fingerprint of today's inputs against the one stored by the run",
    stored("ta_fingerprint"),
    "ta_fingerprint_live",
    f"{fp.TOLERANCE:.0E}*ta_fingerprint_live",
    "",
    "fingerprint",
)


def number(cells: str, default: str = "0") -> str:
    """Numbers of a column or cell; blank cells count as `default`."""
    return f"IF(ISNUMBER({cells}),{cells},{default})"


def value_formula(check: Check) -> str:
    """The value found; n/a where the check doesn't apply, "error" where it can't be computed, blank before a run.

    A check of a table that was deleted doesn't apply: its references are then errors, and no references.
    """
    found = f'IFERROR({check.value},"error")'
    for condition in (check.when, *(f"ISREF({table})" for table in _tables(check))):
        if condition:
            found = f'IF({condition},{found},"n/a")'
    return f'IF(chk_run,{found},"")'


def expected_formula(check: Check) -> str:
    """What the value should be; blank before a run."""
    return f'IF(chk_run,IFERROR({check.expected},"error"),"")'


def tolerance_formula(check: Check) -> str:
    """The tolerance; blank where its table was deleted."""
    return f'IFERROR({check.tolerance},"")' if _tables(check) else check.tolerance


def _tables(check: Check) -> list[str]:
    """The tables of the check that may be absent."""
    formulas = " ".join((check.value, check.expected, check.tolerance, check.when))
    return sorted(set(re.findall(r"\btbl[A-Z]\w*", formulas)) - NEEDED)


def result_formula(value: str, difference: str, tolerance: str) -> str:
    """The verdict, given the addresses of the check's cells."""
    verdict = f'IF(ISNUMBER({difference}),IF(ABS({difference})<={tolerance},"OK","FAIL"),"FAIL")'
    return f'IF(NOT(chk_run),"NOT RUN",IF({value}="n/a","n/a",{verdict}))'
