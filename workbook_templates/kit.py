"""Shared parts of the templates: one look, one banner, validations and names from the registry.

Whatever is written is the same byte for byte on every build: fixed dates, no clock, files zipped from memory.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell

from tradealloc.workbook.fields import BY_KEY, Column, Field, Kind

CREATED = dt.datetime(2025, 1, 1)
FONT, SIZE = "Calibri", 10

# Okabe-Ito hues, which the colour-blind tell apart, each with its own lightness, so that they differ in grey.
NAVY, BLUE, SKY, VERMILION = "#17375E", "#0072B2", "#56B4E9", "#B84700"
INK, GREY, RULE, PALE, PAPER = "#1F2933", "#5F6B76", "#B8C1CA", "#E8ECF0", "#FFFFFF"
INPUT_FILL, INPUT_INK, OUTPUT_FILL, GOOD_FILL, GOOD_INK = "#FFF9DB", "#0000C0", "#EAF3FA", "#CFEADF", "#00543C"

NOT_RUN = "NOT RUN"
BANNER_ROW, UNIT_ROW, HEADER_ROW = 2, 4, 5
FIRST_ROW = HEADER_ROW + 1

NUMBER_FORMATS = {
    "shares": "#,##0",
    "impact unit": "0.000000",
    "impact unit/share": "0.000E+00",
    "impact unit/share^2": "0.000E+00",
    "bps": "0.00",
    "currency": "#,##0.00",
    "of equal": "0.00%",
    "of volume": "0.00%",
    "of notional": "0.00%",
    "of S/N": "0.0E+00",
    "of cost": "0.0E+00",
    "time": "hh:mm",
    "second": "hh:mm:ss",
    "intervals": "#,##0",
    "orders": "#,##0",
    "price": "#,##0.00##",
    "currency/share": "0.00000",
    "plain": "General",
    "tolerance": "0.0E+00",
    "significant": "0.000000E+00",
    "fingerprint": "0.0000000000",
}


@dataclass(frozen=True)
class Sheet:
    """A worksheet and the name it is referred by."""

    name: str
    page: Any

    def ref(self, row: int, column: int) -> str:
        """Absolute reference to a cell, with the sheet's name."""
        return f"={quote_sheetname(self.name)}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


class Kit:
    """A workbook in the making, and its styles.

    Parameters
    ----------
    path
        File to write.
    title
        For the document properties and every page's footer.
    """

    def __init__(self, path: Path, title: str) -> None:
        self.title = title
        self.book = xlsxwriter.Workbook(path, {"in_memory": True})
        self.book.set_properties({"title": title, "author": "tradealloc", "created": CREATED, "comments": ""})
        self.book.set_size(1800, 1100)
        self.sheets: list[Sheet] = []
        self.protected: list[str] = []
        """Names of the sheets that `protect` guards."""
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def close(self) -> None:
        """Write the file."""
        self.book.close()

    # Styles

    def style(self, **properties: Any) -> Any:
        """A cell format; equal properties give the same format."""
        full = {"font_name": FONT, "font_size": SIZE, "font_color": INK, "valign": "vcenter", **properties}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(full)
        return self._formats[key]

    def small(self, **properties: Any) -> Any:
        """Help and units."""
        return self.style(**{"font_size": 9, "font_color": GREY, **properties})

    def input(self, number_format: str = "plain", **properties: Any) -> Any:
        """Cells that the user fills: blue on pale yellow, never locked."""
        return self.style(
            font_color=INPUT_INK,
            bg_color=INPUT_FILL,
            locked=False,
            **{"num_format": NUMBER_FORMATS[number_format], **_box(), **_padded(properties)},
        )

    def calc(self, number_format: str = "plain", **properties: Any) -> Any:
        """Formulas."""
        return self.style(**{"num_format": NUMBER_FORMATS[number_format], **_box(), **_padded(properties)})

    def output(self, number_format: str = "plain", **properties: Any) -> Any:
        """Cells that a run fills."""
        return self.style(
            **{"bg_color": OUTPUT_FILL, "num_format": NUMBER_FORMATS[number_format], **_box(), **_padded(properties)}
        )

    def header(self, **properties: Any) -> Any:
        return self.style(
            **{"bold": True, "font_color": PAPER, "bg_color": NAVY, "align": "center", **_box(), **properties}
        )

    def section(self) -> Any:
        return self.style(bold=True, font_size=11, font_color=NAVY, bottom=1, bottom_color=NAVY)

    def verdict(self) -> Any:
        """Cells that say OK, STALE, CHECK, FAIL, NOT RUN: wording first, colour by `colour_verdicts`."""
        return self.style(bold=True, align="center", **_box())

    # Sheets

    def sheet(
        self,
        name: str,
        subtitle: str,
        widths: Sequence[float],
        *,
        landscape: bool,
        banner: tuple[int, int] = (1, 3),
        band: int = 0,
    ) -> Sheet:
        """A worksheet with title, subtitle and banner; prints on A4, one page wide.

        `banner` gives the columns of the two labels, `band` the width of the title's band where it isn't that of
        the columns.
        """
        page = self.book.add_worksheet(name)
        page.hide_gridlines(2)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        for column in range(band or len(widths)):
            page.write_blank(0, column, None, self.style(bg_color=NAVY))
        page.set_row(0, 26)
        title = f"{self.title}: {name}" if name != "Cover" else self.title
        page.write(0, 1, title, self.style(bold=True, font_size=16, font_color=PAPER, bg_color=NAVY))
        page.write(1, 1, subtitle, self.small())
        self._banner(page, banner)
        page.set_paper(9)
        page.set_landscape() if landscape else page.set_portrait()
        page.fit_to_pages(1, 0)
        page.center_horizontally()
        page.set_margins(left=0.4, right=0.4, top=0.55, bottom=0.6)
        page.set_header("&L&9&K5F6B76" + self.title + "&R&9&K5F6B76&A")
        page.set_footer("&L&9&K5F6B76&F&C&9&K5F6B76Page &P of &N&R&9&K5F6B76&D &T")
        self.sheets.append(Sheet(name, page))
        return self.sheets[-1]

    def _banner(self, page: Any, columns: tuple[int, int]) -> None:
        """Status and overall check, as formulas that are exactly the name."""
        page.set_row(BANNER_ROW, 18)
        for column, label, name in zip(columns, ("Status", "Checks"), ("ta_status", "ta_checks"), strict=True):
            page.write(BANNER_ROW, column, label, self.style(bold=True, align="right", indent=1))
            page.write_formula(BANNER_ROW, column + 1, "=" + name, self.verdict(), NOT_RUN)
            self.colour_verdicts(page, BANNER_ROW, column + 1, BANNER_ROW, column + 1)

    def colour_verdicts(self, page: Any, top: int, left: int, bottom: int, right: int) -> None:
        """Pale with dark text when fine, dark with white text when not, grey when there is nothing yet."""
        cell = xl_rowcol_to_cell(top, left)
        rules = (
            (f'OR({cell}="OK",{cell}="LIVE")', {"bg_color": GOOD_FILL, "font_color": GOOD_INK}),
            (f'OR({cell}="STALE",{cell}="CHECK",{cell}="FAIL")', {"bg_color": VERMILION, "font_color": PAPER}),
            (
                f'OR({cell}="{NOT_RUN}",{cell}="n/a",{cell}="STORED",{cell}="OFF")',
                {"bg_color": PALE, "font_color": GREY},
            ),
        )
        for criteria, look in rules:
            options = {"type": "formula", "criteria": "=" + criteria, "format": self.book.add_format(look)}
            page.conditional_format(top, left, bottom, right, options)

    def protect(self, sheet: Sheet) -> None:
        """Guard against slips, without password; inputs, selecting and column widths stay free.

        Not for sheets whose tables grow: Excel neither pastes below a table nor resizes it on a protected sheet.
        """
        self.protected.append(sheet.name)
        sheet.page.protect("", {"format_columns": True, "format_rows": True, "objects": False, "scenarios": False})

    # Names, tables, validations

    def name(self, name: str, sheet: Sheet, row: int, column: int) -> None:
        self.book.define_name(name, sheet.ref(row, column))

    def table(
        self,
        sheet: Sheet,
        name: str,
        columns: Sequence[Column],
        rows: int,
        formats: Sequence[Any],
        row: int = HEADER_ROW,
        left: int = 1,
    ) -> tuple[int, int, int, int]:
        """An empty table under a row of units; returns first row, first column, last row, last column of its body."""
        first, last = row + 1, row + rows
        right = left + len(columns) - 1
        header = self.header(text_wrap=False)
        entries = [
            {"header": column.header, "format": cell_format, "header_format": header}
            for column, cell_format in zip(columns, formats, strict=True)
        ]
        options = {"name": name, "columns": entries, "style": "Table Style Light 1", "banded_rows": False}
        sheet.page.add_table(row, left, last, right, options)
        for offset, cell_format in enumerate(formats):
            for body_row in range(first, last + 1):
                sheet.page.write_blank(body_row, left + offset, None, cell_format)
            if columns[offset].unit == "impact unit":
                self.bps_look(sheet, first, left + offset, last, left + offset)
        sheet.page.set_row(row, 18)
        return first, left, last, right

    def bps_look(self, sheet: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        """Numbers in the impact unit show two decimals where the workbook's unit is bps."""
        rule = {
            "type": "formula",
            "criteria": '=ta_unit_label="bps"',
            "format": self.book.add_format({"num_format": NUMBER_FORMATS["bps"]}),
        }
        sheet.page.conditional_format(top, left, bottom, right, rule)

    def unit(self, sheet: Sheet, row: int, column: int, unit: str, label: str, **properties: Any) -> None:
        """A unit beside or above a number; the impact unit's name follows the workbook's choice."""
        cell_format = self.small(**properties)
        if not unit.startswith("impact unit"):
            sheet.page.write(row, column, unit, cell_format)
            return
        tail = unit.removeprefix("impact unit/").replace("^2", "\u00b2") if "/" in unit else ""
        formula = "=ta_unit_label" + (f'&CHAR(10)&"per {tail}"' if tail else "")
        self.formula(sheet, row, column, formula, cell_format, label + (f"\nper {tail}" if tail else ""))

    def formula(self, sheet: Sheet, row: int, column: int, formula: str, cell_format: Any, value: float | str) -> None:
        """A formula, entered as array formula.

        LibreOffice recalculates array formulas when it opens a file, and trusts the stored values of others: after
        a run from the command line these would be old.
        """
        sheet.page.write_array_formula(row, column, row, column, formula, cell_format, value)

    def units(self, sheet: Sheet, row: int, left: int, columns: Sequence[Column]) -> None:
        """The units above a table's headers."""
        sheet.page.set_row(row, 25)
        for offset, column in enumerate(columns):
            self.unit(
                sheet, row, left + offset, column.unit, "currency/share",
                align="center", valign="bottom", font_size=8, text_wrap=True,
            )  # fmt: skip


def _box() -> dict[str, Any]:
    return {"border": 1, "border_color": RULE}


def _padded(properties: dict[str, Any]) -> dict[str, Any]:
    """Room between text and border; alignment is left unless given."""
    aligned = {"align": "left", **properties}
    return aligned if aligned["align"] == "center" else {**aligned, "indent": 1}


def validation(field: Field | Column) -> dict[str, Any] | None:
    """Data validation of an input, from its registry entry; None where anything goes."""
    choices = choices_of(field)
    if choices:
        rule: dict[str, Any] = {"validate": "list", "source": list(choices)}
    elif field.kind is Kind.TIME and isinstance(field, Field):
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    elif field.kind in (Kind.NUMBER, Kind.INTEGER):
        rule = _number_rule(field)
    else:
        return None
    title, allowed = _title(field), allowed_text(field)
    rule |= {"error_title": title, "error_message": f"Give {allowed}" + _or_blank(field), "error_type": "stop"}
    if isinstance(field, Field):
        rule |= {"input_title": title, "input_message": field.help[:200] + f" Allowed: {allowed}" + _or_blank(field)}
    return rule


def choices_of(field: Field | Column) -> tuple[str, ...]:
    """The texts to choose from; a column takes those of the single input with its key."""
    if isinstance(field, Field):
        return field.choices
    return BY_KEY[field.key].choices if field.kind is Kind.CHOICE else ()


def allowed_text(field: Field | Column) -> str:
    """The values an input takes, in words."""
    choices = choices_of(field)
    if choices:
        return " / ".join(choices)
    if field.kind is Kind.TEXT:
        return "text"
    if field.kind is Kind.TIME:
        return "a time such as 09:30"
    noun = "a whole number" if field.kind is Kind.INTEGER else "a number"
    maximum = getattr(field, "maximum", math.inf)
    parts = (
        [] if field.minimum == -math.inf else [f"{'above' if field.above_minimum else 'of at least'} {field.minimum:g}"]
    )
    parts += [] if maximum == math.inf else [f"at most {maximum:g}"]
    return " ".join((noun, " and ".join(parts))).strip()


def _number_rule(field: Field | Column) -> dict[str, Any]:
    validate = "integer" if field.kind is Kind.INTEGER else "decimal"
    maximum = getattr(field, "maximum", math.inf)
    tiny = 1e-15 if field.above_minimum else 0.0
    if maximum < math.inf:
        return {"validate": validate, "criteria": "between", "minimum": field.minimum + tiny, "maximum": maximum}
    if field.minimum == -math.inf:
        return {"validate": validate, "criteria": "between", "minimum": -1e100, "maximum": 1e100}
    return {"validate": validate, "criteria": ">" if field.above_minimum else ">=", "value": field.minimum}


def _or_blank(field: Field | Column) -> str:
    return "." if field.required else ", or leave blank."


def _title(field: Field | Column) -> str:
    return (field.label if isinstance(field, Field) else field.header)[:32]


def default_text(field: Field) -> str:
    """A field's default as it is written in a cell."""
    if field.default is None:
        return ""
    return field.default if isinstance(field.default, str) else f"{field.default:g}"


def column_ref(sheet: Sheet, first: int, last: int, column: int) -> str:
    """Absolute reference to part of a column, for charts."""
    return f"={quote_sheetname(sheet.name)}!{xl_range_abs(first, column, last, column)}"


def lines(text: str, width: float) -> int:
    """How many lines a wrapped 9-point text takes in a column of that width."""
    return max(1, math.ceil(len(text) / (width * 1.22)))
