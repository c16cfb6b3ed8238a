"""The Order sheet: single inputs on the left, results on the right, the schedule's chart below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kit import NOT_RUN, NUMBER_FORMATS, Kit, lines, validation

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import BY_KEY, FIELDS, Field

LABEL, VALUE, UNIT, HELP, _GAP, OUT_LABEL, OUT_VALUE, OUT_UNIT = range(1, 9)
WIDTHS = (2, 18, 14, 14, 66, 3, 17, 22, 15)
TOP = 4
LINE_HEIGHT = 13.0
SUBTITLE = "Inputs in blue on yellow; results appear on the right after a run. Figures and prices are an example."

Groups = tuple[tuple[str, tuple[str, ...]], ...]
"""Titles, each with the keys of the registry's fields below it."""

INPUT_GROUPS: Groups = (
    ("Order", ("symbol", "side", "shares", "arrival_price")),
    ("Impact model", ("impact_unit", "model", "exponent", "reference_shares")),
    ("Limits", ("participation", "impact_cap", "lot_size", "min_clip", "window_start", "window_end")),
    ("Solver", ("method", "risk_aversion", "contract_version")),
)
OUTPUT_GROUPS: Groups = (
    ("Result", ("status", "checks", "run_at")),
    ("Cost", ("total_impact", "total_impact_bps", "total_cost", "improvement", "saving")),
    ("Certificate", ("shadow_price", "kkt_residual", "duality_gap", "fingerprint")),
)
EXAMPLE_NOTES = {"arrival_price": "Example value. "}
FORMATS = {
    "shares": "shares",
    "arrival_price": "price",
    "reference_shares": "shares",
    "lot_size": "shares",
    "min_clip": "shares",
    "participation": "of volume",
    "window_start": "time",
    "window_end": "time",
    "fingerprint": "fingerprint",
}
FRESH = fp.matches_formula("ta_fingerprint_live", "ta_fingerprint")
STATUS_FORMULA = f'=IF(ta_run_at="","{NOT_RUN}",IF({FRESH},"OK","STALE"))'


@dataclass(frozen=True)
class OrderPlan:
    """What an order sheet is called and holds.

    Attributes
    ----------
    name, subtitle
        Of the sheet.
    inputs, outputs
        Groups of the registry's fields; ``status`` and ``checks`` must be among the outputs. Others are left out of
        the workbook, and count as blank.
    chart_rows
        Rows below the inputs that are printed with them; 0 where there is no chart.
    least_rows
        Rows above the chart, where the workbook writes more than the fields there.
    """

    name: str = "Order"
    subtitle: str = SUBTITLE
    inputs: Groups = INPUT_GROUPS
    outputs: Groups = OUTPUT_GROUPS
    chart_rows: int = 18
    least_rows: int = 0

    @property
    def input_fields(self) -> tuple[Field, ...]:
        """The single inputs that the sheet has cells for."""
        return tuple(BY_KEY[key] for key in _keys(self.inputs))

    @property
    def fields(self) -> tuple[Field, ...]:
        """Inputs and outputs."""
        return (*self.input_fields, *(BY_KEY[key] for key in _keys(self.outputs)))


WHOLE_ORDER = OrderPlan()
"""Every input and every output of the registry."""


class OrderSheet:
    """Writes the sheet.

    Parameters
    ----------
    kit
        The workbook.
    values
        Example inputs by workbook name.
    plan
        What the sheet holds.
    """

    def __init__(self, kit: Kit, values: Mapping[str, CellValue], plan: OrderPlan = WHOLE_ORDER) -> None:
        self._kit, self._values, self._plan = kit, values, plan
        self.sheet = kit.sheet(plan.name, plan.subtitle, WIDTHS, landscape=True, banner=(1, 6))
        rows = max(sum(1 + len(keys) for _, keys in groups) for groups in (plan.inputs, plan.outputs))
        self._chart_row = TOP + max(rows, plan.least_rows) + 1

    @property
    def chart_cell(self) -> str:
        """Where the chart goes."""
        return f"B{self._chart_row + 1}"

    def write(self, checks_formula: str) -> None:
        """Write everything; `checks_formula` gives the overall verdict of the checks."""
        page = self.sheet.page
        row = TOP
        for title, keys in self._plan.inputs:
            self._heading(row, title, LABEL, HELP)
            for key in keys:
                row += 1
                self._input(row, BY_KEY[key])
            row += 1
        row = TOP
        for title, keys in self._plan.outputs:
            self._heading(row, title, OUT_LABEL, OUT_UNIT)
            for key in keys:
                row += 1
                self._output(row, BY_KEY[key], checks_formula)
            row += 1
        page.freeze_panes(TOP - 1, 0)
        page.print_area(0, 0, self._chart_row + self._plan.chart_rows, OUT_UNIT)
        page.fit_to_pages(1, 1)
        page.activate()
        page.set_selection(TOP + 3, VALUE, TOP + 3, VALUE)
        self._kit.protect(self.sheet)

    def _heading(self, row: int, title: str, first: int, last: int) -> None:
        page = self.sheet.page
        page.set_row(row, 19)
        page.write(row, first, title, self._kit.section())
        for column in range(first + 1, last + 1):
            page.write_blank(row, column, None, self._kit.section())

    def _input(self, row: int, field: Field) -> None:
        kit, page = self._kit, self.sheet.page
        text = EXAMPLE_NOTES.get(field.key, "") + field.help
        page.set_row(row, 4 + LINE_HEIGHT * lines(text, WIDTHS[HELP]))
        page.write(row, LABEL, field.label + (" *" if field.required else ""), kit.style())
        cell_format = kit.input(_format(field), align="right")
        value = self._values.get(field.name)
        page.write(row, VALUE, "" if value is None else value, cell_format)
        kit.unit(self.sheet, row, UNIT, field.unit, "currency/share", indent=1)
        page.write(row, HELP, text, kit.small(text_wrap=True))
        rule = validation(field)
        if rule:
            page.data_validation(row, VALUE, row, VALUE, rule)
        if field.unit == "impact unit":
            kit.bps_look(self.sheet, row, VALUE, row, VALUE)
        kit.name(field.name, self.sheet, row, VALUE)

    def _output(self, row: int, field: Field, checks_formula: str) -> None:
        kit, page = self._kit, self.sheet.page
        page.write(row, OUT_LABEL, field.label, kit.style())
        formulas = {"status": STATUS_FORMULA, "checks": checks_formula}
        if field.key in formulas:
            page.write_formula(row, OUT_VALUE, formulas[field.key], kit.verdict(), NOT_RUN)
            kit.colour_verdicts(page, row, OUT_VALUE, row, OUT_VALUE)
        else:
            page.write_blank(row, OUT_VALUE, None, kit.output(_format(field), align="right", shrink=True))
        kit.unit(self.sheet, row, OUT_UNIT, field.unit, "currency/share", indent=1)
        if field.unit == "impact unit":
            kit.bps_look(self.sheet, row, OUT_VALUE, row, OUT_VALUE)
        kit.name(field.name, self.sheet, row, OUT_VALUE)


def _format(field: Field) -> str:
    return FORMATS.get(field.key) or (field.unit if field.unit in NUMBER_FORMATS else "plain")


def _keys(groups: Groups) -> tuple[str, ...]:
    return tuple(key for _, keys in groups for key in keys)


assert set(WHOLE_ORDER.fields) == set(FIELDS), "a name of the registry has no place on the sheet"
