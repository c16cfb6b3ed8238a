"""The Checks sheet: verdicts on top, the cells they work with, and the live fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from check_plan import (
    IS_CURRENT,
    Check,
    CheckPlan,
    expected_formula,
    result_formula,
    tolerance_formula,
    value_formula,
)
from kit import GREY, HEADER_ROW, NAVY, NOT_RUN, RULE, Kit
from xlsxwriter.utility import xl_rowcol_to_cell

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue

NUMBER, LABEL, HOW, VALUE, EXPECTED, DIFFERENCE, TOLERANCE, UNIT, RESULT = range(1, 10)
WIDTHS = (2, 8, 34, 62, 16, 16, 13, 13, 14, 11)
HEADINGS = ("#", "Check", "How", "Found", "Expected", "Difference", "Tolerance", "Unit", "Result")
SUBTITLE = "Plain sheet formulas, independent of Python: they recompute the figures from the inputs and the allocation."


class ChecksSheet:
    """Writes the sheet and remembers where its parts are.

    Parameters
    ----------
    kit
        The workbook.
    plan
        What is checked.
    scalars, columns
        The inputs as the template leaves the builder, by name and by `fingerprint.column_key`, for the cached values
        of the fingerprint's terms; what the plan doesn't name doesn't count.
    fresh
        Cached values that depend on the data: of working cells by name, of tolerances by the check's label.
    """

    def __init__(
        self,
        kit: Kit,
        plan: CheckPlan,
        scalars: Mapping[str, CellValue],
        columns: Mapping[str, Sequence[CellValue]],
        fresh: Mapping[str, float | str],
    ) -> None:
        self._kit, self._plan = kit, plan
        self._fields = [field for field in fp.SCALARS if field in plan.fields]
        self._inputs = [(table, column) for table, column in fp.COLUMNS if table in plan.tables]
        self._scalars = {field.name: scalars.get(field.name) for field in self._fields}
        keys = [fp.column_key(table, column.header) for table, column in self._inputs]
        self._columns = {key: columns.get(key, ()) for key in keys}
        self._fresh = {IS_CURRENT.label: fp.TOLERANCE * self._live, **fresh}
        self._sheet = kit.sheet("Checks", SUBTITLE, WIDTHS, landscape=True, banner=(3, 5))
        self._first = HEADER_ROW + 1
        self._last = HEADER_ROW + len(plan.checks)

    @property
    def overall_formula(self) -> str:
        """``ta_checks``: CHECK where one check fails, or can't be computed."""
        cells = (
            self._sheet.ref(self._first, RESULT).lstrip("=") + ":" + xl_rowcol_to_cell(self._last, RESULT, True, True)
        )
        failed = f'COUNTIF({cells},"FAIL")+SUMPRODUCT(--ISERROR({cells}))'
        return f'=IF(chk_run,IF({failed}>0,"CHECK","OK"),"{NOT_RUN}")'

    def write(self) -> None:
        page = self._sheet.page
        for column, heading in enumerate(HEADINGS, start=NUMBER):
            page.write(HEADER_ROW, column, heading, self._kit.header())
        for offset, check in enumerate(self._plan.checks):
            self._check(offset + 1, self._first + offset, check)
        self._kit.colour_verdicts(page, self._first, RESULT, self._last, RESULT)
        after = self._workings(self._last + 2)
        last = self._fingerprint(after + 1)
        page.freeze_panes(HEADER_ROW + 1, 0)
        page.print_area(0, 0, last, RESULT)
        self._kit.protect(self._sheet)

    def _check(self, number: int, row: int, check: Check) -> None:
        kit, page = self._kit, self._sheet.page
        shown = kit.calc(check.number_format, align="right", shrink=True)
        value, expected, difference, tolerance = (
            xl_rowcol_to_cell(row, column) for column in (VALUE, EXPECTED, DIFFERENCE, TOLERANCE)
        )
        page.write(row, NUMBER, number, kit.calc(align="center"))
        page.write(row, LABEL, check.label, kit.calc(bold=True))
        page.write(row, HOW, check.how, kit.calc(font_size=9, font_color=GREY))
        kit.formula(self._sheet, row, VALUE, "=" + value_formula(check), shown, "")
        kit.formula(self._sheet, row, EXPECTED, "=" + expected_formula(check), shown, "")
        subtract = f'=IF(AND(ISNUMBER({value}),ISNUMBER({expected})),{value}-{expected},"")'
        kit.formula(self._sheet, row, DIFFERENCE, subtract, kit.calc("tolerance", align="right"), "")
        kit.formula(
            self._sheet,
            row,
            TOLERANCE,
            "=" + tolerance_formula(check),
            kit.calc("tolerance", align="right"),
            self._fresh.get(check.label, check.fresh_tolerance),
        )
        kit.unit(self._sheet, row, UNIT, check.unit, "currency/share", border=1, border_color=RULE, indent=1)
        kit.formula(
            self._sheet, row, RESULT, "=" + result_formula(value, difference, tolerance), kit.verdict(), NOT_RUN
        )

    def _workings(self, row: int) -> int:
        """The named working cells; the row after them."""
        kit, page = self._kit, self._sheet.page
        self._section(row, "Workings", "Cells that several checks use; the two tolerances may be changed.")
        for offset, working in enumerate(self._plan.workings, start=1):
            at, style = row + offset, kit.input if working.is_input else kit.calc
            page.write(at, LABEL, working.name, kit.calc())
            page.write(at, HOW, working.label, kit.calc(font_size=9, font_color=GREY))
            fresh = self._fresh.get(working.name, working.fresh)
            if working.is_input:
                page.write(at, VALUE, fresh, style(working.number_format, align="right"))
                page.data_validation(
                    at, VALUE, at, VALUE,
                    {"validate": "decimal", "criteria": "between", "minimum": 1e-15, "maximum": 1e-2,
                     "error_title": "Tolerance", "error_message": "Give a number above 0 and at most 0.01."},
                )  # fmt: skip
            else:
                kit.formula(
                    self._sheet, at, VALUE, "=" + working.formula, style(working.number_format, align="right"), fresh
                )
            kit.name(working.name, self._sheet, at, VALUE)
        for name, formula in self._plan.ranges.items():
            kit.book.define_name(name, "=" + formula)
        return row + len(self._plan.workings) + 1

    def _fingerprint(self, row: int) -> int:
        """The terms of the live fingerprint and their total; the last row."""
        kit, page = self._kit, self._sheet.page
        note = "One term per input, recomputed live; a run stores the total, and a different total means stale results."
        self._section(row, "Fingerprint", note)
        at = row
        for name, what, formula, term in self._terms():
            at += 1
            page.write(at, LABEL, name, kit.calc())
            page.write(at, HOW, what, kit.calc(font_size=9, font_color=GREY))
            kit.formula(self._sheet, at, VALUE, "=" + formula, kit.calc("fingerprint", align="right"), term)
        terms = f"{xl_rowcol_to_cell(row + 1, VALUE)}:{xl_rowcol_to_cell(at, VALUE)}"
        at += 1
        page.write(at, LABEL, "ta_fingerprint_live", kit.calc(bold=True))
        page.write(at, HOW, "Fingerprint of the inputs as they stand", kit.calc(font_size=9, font_color=GREY))
        style = kit.calc("fingerprint", bold=True, align="right")
        kit.formula(self._sheet, at, VALUE, "=" + fp.total_formula(terms), style, self._live)
        kit.name("ta_fingerprint_live", self._sheet, at, VALUE)
        return at

    def _section(self, row: int, title: str, note: str) -> None:
        page = self._sheet.page
        page.write(row, LABEL, title, self._kit.section())
        page.write(row, HOW, note, self._kit.style(font_size=9, font_color=GREY, bottom=1, bottom_color=NAVY))
        page.write_blank(row, VALUE, None, self._kit.section())

    def _terms(self) -> list[tuple[str, str, str, float]]:
        terms = [
            (field.name, field.label, fp.scalar_formula(field), fp.scalar_term(field, self._scalars[field.name]))
            for field in self._fields
        ]
        for table, column in self._inputs:
            key = fp.column_key(table, column.header)
            term = fp.column_term(table, column, self._columns[key])
            terms.append((key, column.help, fp.column_formula(table, column), term))
        return terms

    @property
    def _live(self) -> float:
        return fp.fingerprint(self._scalars, self._columns)
