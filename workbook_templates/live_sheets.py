"""The sheets with live formulas: Functions (single values and small tables), Live schedule (by interval), Stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import charts
import live_formulas as lf
from kit import BANNER_ROW, BLUE, GREY, HEADER_ROW, INK, NAVY, SKY, UNIT_ROW, VERMILION, Kit, Sheet, column_ref
from live_formulas import DESCRIPTIONS, LIVE_ON, Grid, Live
from tables import number_format
from tradealloc_addin.options import OPTIONS
from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell

from tradealloc.workbook import fingerprint as fp
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import COMPARISON_COLUMNS, SENSITIVITY_COLUMNS, Column

STATE_ROW, FIRST = 4, 6
WIDTHS = (2, 26, 17, 15, 15, 15, 15, 3, 20, 16, 16, 18, 2)
RIGHT, LAST = 8, 12
CHART = (505, 330)
NOTES = (
    ("LIVE", "The add-in answers: change an input on Order or Intervals and watch."),
    ("STORED", "The add-in isn't loaded: these are the example's stored values."),
    ("OFF", "The add-in isn't loaded and the inputs have changed: no values. See tradealloc addin doctor."),
)
SCHEDULE_HEADS = (
    ("Start", "time", "center"),
    ("Beta", "impact unit/share", "right"),
    ("Equal", "shares", "right"),
    ("Betas alone", "shares", "right"),
    ("As the order", "shares", "right"),
)
MOST_INTERVALS = 5_000
"""Rows that the names for the live schedules can reach."""


class LiveSheets:
    """Writes the three sheets.

    Parameters
    ----------
    kit
        The workbook.
    settings
        The example's single inputs, by workbook name.
    stored
        What each formula shows for the example, by its key.
    starts, betas
        Of the example's intervals.
    """

    def __init__(
        self,
        kit: Kit,
        settings: Mapping[str, CellValue],
        stored: Mapping[str, Grid],
        starts: Sequence[float],
        betas: Sequence[float],
    ) -> None:
        self._kit, self._settings, self._stored = kit, settings, stored
        self._starts, self._betas = starts, betas
        self.functions = kit.sheet(
            "Functions", "Every spreadsheet function with a live formula; the formula stands above its values.",
            WIDTHS, landscape=True,
        )  # fmt: skip
        self.schedule = kit.sheet(
            "Live schedule", "OPTALLOC by interval: the chart moves when an input on Order or Intervals changes.",
            (2, 10, 12, 13, 13, 13, 3), landscape=True, band=19,
        )  # fmt: skip

    def write(self) -> None:
        """Fill Functions and Live schedule."""
        self._write_schedule()
        page = self.functions.page
        self.write_state(self.functions, STATE_ROW)
        row = self._write_single(FIRST)
        row = self._write_stats(row)
        self._write_options(FIRST)
        breaks = [row - 1]
        compare = row
        row = self._write_block(row, lf.COMPARE, COMPARISON_COLUMNS, spare=1)
        sizes = row
        row = self._write_block(row, lf.SIZES, SENSITIVITY_COLUMNS, spare=0)
        self._write_charts(compare, sizes)
        page.set_h_pagebreaks(breaks)
        page.freeze_panes(BANNER_ROW + 1, 0)
        page.print_area(0, 0, max(row, sizes + 20), LAST)

    def write_stored(self, example: float) -> None:
        """The stored values, and the cells that decide whether they are shown; `example` is their fingerprint."""
        kit = self._kit
        sheet = kit.sheet(
            "Stored", "What the live formulas give for the example: shown where the add-in isn't loaded.",
            (2, 24, *(14,) * 17), landscape=True,
        )  # fmt: skip
        same = fp.matches_formula("ta_fingerprint_live", "live_example")
        day = "+".join(f"SUMPRODUCT(1-EXACT(live_{key},given_{key}))" for key in lf.DAY_INPUTS)
        settings = (
            (LIVE_ON, "Does the add-in answer? 1: yes", "=IF(ISERROR(OPTALLOC_VERSION()),0,1)", 1),
            ("live_same", "The example's inputs? 1: yes", f"=IF({same},1,0)", 1),
            ("live_day", "Its trading day as well? 1: yes", f"=IF(live_same*({day}=0),1,0)", 1),
        )
        row = HEADER_ROW - 1
        for name, label, formula, value in settings:
            sheet.page.write(row, 1, label, kit.style())
            kit.formula(sheet, row, 2, formula, kit.calc(align="center"), value)
            kit.name(name, sheet, row, 2)
            row += 1
        sheet.page.write(row, 1, "Fingerprint of the example", kit.style())
        sheet.page.write(row, 2, example, kit.calc("fingerprint", align="right", shrink=True))
        kit.name("live_example", sheet, row, 2)
        top, left, bottom = row + 3, 1, row
        for live in lf.ALL:
            grid = self._stored[live.key]
            if left + len(grid[0]) > 19:
                top, left = bottom + 3, 1
            sheet.page.write(top - 1, left, live.key, kit.style(bold=True, font_color=NAVY))
            for down, values in enumerate(grid):
                for across, value in enumerate(values):
                    look = kit.calc(align="left" if isinstance(value, str) else "right", shrink=live is not lf.CHECK)
                    if value == "":  # a blank cell would be shown as 0
                        kit.formula(sheet, top + down, left + across, '=""', look, "")
                    else:
                        sheet.page.write(top + down, left + across, value, look)
            area = xl_range_abs(top, left, top + len(grid) - 1, left + len(grid[0]) - 1)
            same_inputs = "live_day" if live in lf.OF_THE_DAY else "live_same"
            kit.book.define_name(f"stored_{live.key}", f'=IF({same_inputs},Stored!{area},"no add-in")')
            bottom = max(bottom, top + len(grid))
            left += len(grid[0]) + 1 if live is not lf.CHECK else 9
        for key, given in lf.DAY_INPUTS.items():
            if left + len(given[0]) > 19:
                top, left = bottom + 3, 1
            sheet.page.write(top - 1, left, f"given: {key}", kit.style(bold=True, font_color=NAVY))
            for down, cells in enumerate(given):
                for across, cell in enumerate(cells):
                    look = kit.calc(align="left" if isinstance(cell, str) else "right", shrink=True)
                    sheet.page.write(top + down, left + across, cell, look)
            area = xl_range_abs(top, left, top + len(given) - 1, left + len(given[0]) - 1)
            kit.book.define_name(f"given_{key}", f"=Stored!{area}")
            bottom = max(bottom, top + len(given))
            left += len(given[0]) + 1
        sheet.page.freeze_panes(BANNER_ROW + 1, 0)
        sheet.page.print_area(0, 0, bottom, 18)
        sheet.page.fit_to_pages(1, 1)
        kit.protect(sheet)

    # Parts of Functions

    def write_state(self, sheet: Sheet, row: int) -> None:
        kit, page = self._kit, sheet.page
        page.write(row, 1, "Add-in", kit.style(bold=True))
        kit.formula(sheet, row, 2, f'=IF({LIVE_ON},"LIVE",IF(live_same,"STORED","OFF"))', kit.verdict(), "LIVE")
        kit.colour_verdicts(page, row, 2, row, 2)
        cell = xl_rowcol_to_cell(row, 2)
        text = f'=IF({cell}="LIVE","{NOTES[0][1]}",IF({cell}="STORED","{NOTES[1][1]}","{NOTES[2][1]}"))'
        kit.formula(sheet, row, 3, text, kit.small(indent=1), NOTES[0][1])

    def _write_single(self, row: int) -> int:
        """Functions that give one value; the row after them."""
        kit, sheet = self._kit, self.functions
        for live in (lf.VERSION, lf.CHECK):
            row = self.heading(row, live)
            self.spill(sheet, row, 1, live, [[kit.style(bold=True, indent=1)]])  # no box: the text runs on
            row += 2
        for live in (lf.IMPACT, lf.EQUAL_IMPACT):
            row = self.heading(row, live)
            self.spill(sheet, row, 1, live, [[kit.calc("impact unit", align="right")]])
            kit.bps_look(sheet, row, 1, row, 1)
            kit.unit(sheet, row, 2, "impact unit", "currency/share", indent=1)
            row += 2
        return row

    def _write_stats(self, row: int) -> int:
        row = self.heading(row, lf.STATS)
        units = ("shares", "shares", "of mean", "shares", "shares", "of the order", "intervals")
        formats = ("shares", "shares", "of volume", "shares", "shares", "of volume", "shares")
        label = self._kit.calc(align="left")
        self.spill(
            self.functions, row, 1, lf.STATS, [[label, self._kit.calc(number, align="right")] for number in formats]
        )
        for offset, unit in enumerate(units):
            self.functions.page.write(row + offset, 3, unit, self._kit.small(indent=1))
        return row + len(units) + 1

    def _write_options(self, row: int) -> None:
        """The range ``live_options``: the order's settings as keys and values."""
        kit, page = self._kit, self.functions.page
        self._title(row, "live_options", "Settings of the order as keys and values.", RIGHT, LAST - 1)
        row += 1
        for at, field in enumerate(OPTIONS, start=row):
            page.write(at, RIGHT, field.option, kit.calc())
            number = "time" if field.kind == "time" else "plain"
            if field.unit in ("shares", "of volume"):
                number = field.unit
            value = self._settings.get(field.name)
            shown = "" if value is None else value
            look = kit.calc(number, align="right")
            kit.formula(self.functions, at, RIGHT + 1, f'=IF({field.name}="","",{field.name})', look, shown)
            kit.unit(self.functions, at, RIGHT + 2, field.unit, "currency/share", indent=1)
        area = xl_range_abs(row, RIGHT, row + len(OPTIONS) - 1, RIGHT + 1)
        kit.book.define_name("live_options", f"={self.functions.name}!{area}")

    def _write_block(self, row: int, live: Live, columns: Sequence[Column], spare: int) -> int:
        """A function that gives a table with headers; `spare` rows stay free for it to grow."""
        kit = self._kit
        row = self.heading(row, live)
        kit.units(self.functions, row, 1, columns)
        row += 1
        heads = [kit.header() for _ in columns]
        cells = [
            kit.calc(number_format(column), align="left" if column.kind == "text" else "right") for column in columns
        ]
        grid = self._stored[live.key]
        self.spill(self.functions, row, 1, live, [heads, *([cells] * (len(grid) - 1))])
        for offset, column in enumerate(columns):
            if column.unit == "impact unit":
                kit.bps_look(self.functions, row + 1, 1 + offset, row + len(grid) - 1 + spare, 1 + offset)
        return row + len(grid) + spare + 1

    def heading(
        self, row: int, live: Live, sheet: Sheet | None = None, left: int = 1, right: int = 6, gap: int = 1
    ) -> int:
        """Name, description (`gap` columns further) and formula, on Functions unless said; the row for the result."""
        page = (sheet or self.functions).page
        self._title(row, live.function, DESCRIPTIONS[live.function], left, right, page, gap)
        page.write(row + 1, left, live.note, self._kit.small())
        page.write_string(row + 2, left, "=" + live.call, self._kit.style(font_name="Consolas", font_size=9))
        return row + 3

    def _title(
        self, row: int, title: str, note: str, left: int = 1, right: int = 6, page: Any = None, gap: int = 1
    ) -> None:
        kit, page = self._kit, page or self.functions.page
        for column in range(left + 1, right + 1):
            page.write_blank(row, column, None, kit.section())
        page.write(row, left, title, kit.section())
        page.write(row, left + gap, note, kit.style(font_size=9, font_color=GREY, bottom=1, bottom_color=NAVY))

    # Live schedule

    def _write_schedule(self) -> None:
        kit, sheet, rows = self._kit, self.schedule, len(self._betas)
        page = sheet.page
        self.write_state(sheet, UNIT_ROW - 1)
        page.write(STATE_ROW, 1, DESCRIPTIONS["OPTALLOC"], kit.small())
        calls = ((4, lf.FREE), (5, lf.ORDER))
        for offset, (_, live) in enumerate(calls):
            page.write_string(STATE_ROW + 1 + offset, 1, f"{SCHEDULE_HEADS[3 + offset][0]}: ={live.call}", kit.small())
        units, header = STATE_ROW + 4, STATE_ROW + 5
        columns = [Column(head, head, unit, "") for head, unit, _ in SCHEDULE_HEADS]
        kit.units(sheet, units, 1, columns)
        for offset, column in enumerate(columns):
            page.write(header, 1 + offset, column.header, kit.header())
        top = header + 1
        looks = [kit.calc(number, align=align) for _, number, align in SCHEDULE_HEADS]
        equal = float(self._settings["ta_shares"]) / rows  # type: ignore[arg-type]
        plain = (
            ("=tblIntervals[Start]", self._starts),
            ("=tblIntervals[Beta]", self._betas),
            ("=ta_shares/chk_rows+0*tblIntervals[Beta]", [equal] * rows),
        )
        for offset, (formula, values) in enumerate(plain):
            self.array(sheet, top, 1 + offset, formula, [[look] for look in [looks[offset]] * rows], _column(values))
        for column, live in calls:
            self.spill(sheet, top, column, live, [[looks[column - 1]]] * rows)
        for name, column in (("live_equal", 3), ("live_free", 4), ("live_shares", 5)):
            reach = xl_range_abs(top, column, top + MOST_INTERVALS - 1, column)
            first = xl_rowcol_to_cell(top, column, True, True)
            quoted = quote_sheetname(sheet.name)
            kit.book.define_name(name, f"={quoted}!{first}:INDEX({quoted}!{reach},chk_rows)")
        last = top + rows - 1
        page.insert_chart(BANNER_ROW + 2, 7, self._allocation_chart(top, last))
        page.freeze_panes(header + 1, 0)
        page.repeat_rows(units, header)
        page.fit_to_pages(1, 0)

    def _allocation_chart(self, top: int, last: int) -> Any:
        sheet, book = self.schedule, self._kit.book
        chart = book.add_chart({"type": "area"})
        times = column_ref(sheet, top, last, 1)
        for name, column, color, dash, fill in (
            ("As the order", 5, SKY, "solid", {"color": SKY, "transparency": 45}),
            ("Betas alone", 4, NAVY, "solid", {"none": True}),
            ("Equal shares", 3, INK, "dash", {"none": True}),
        ):
            line = {"color": color, "width": 1.5, "dash_type": dash}
            values = column_ref(sheet, top, last, column)
            chart.add_series({"name": name, "categories": times, "values": values, "line": line, "fill": fill})
        lines = book.add_chart({"type": "line"})
        lines.add_series(
            {
                "name": "Beta (right axis)",
                "categories": times,
                "values": column_ref(sheet, top, last, 2),
                "line": {"color": VERMILION, "width": 1.5},
                "y2_axis": True,
            }
        )
        name = "Beta (impact unit per share)"
        lines.set_y2_axis(charts.axis(name, "0.0E+00", min=0, major_gridlines={"visible": False}))
        chart.combine(lines)
        charts.decorate(chart, (800, 430), "Shares per interval, live")
        charts.time_axis(chart, every=1)
        chart.set_y_axis(charts.axis("Shares per interval", "#,##0", min=0))
        return chart

    def _write_charts(self, compare: int, sizes: int) -> None:
        """Bars of the strategies and lines of the sizes, over the live cells."""
        sheet, book = self.functions, self._kit.book
        top, last = compare + 5, compare + 3 + len(self._stored[lf.COMPARE.key])
        bar = book.add_chart({"type": "bar"})
        bar.add_series(
            {
                "name": "Total impact",
                "categories": column_ref(sheet, top, last, 1),
                "values": column_ref(sheet, top, last, 3),
                "fill": {"color": SKY},
                "border": {"color": BLUE},
                "gap": 60,
                "data_labels": {"value": True, "num_format": charts.IMPACT_FORMAT, "font": charts.font(9)},
            }
        )
        charts.decorate(bar, CHART, "OPTALLOC_COMPARE: total impact by strategy", legend=False)
        bar.set_x_axis(charts.axis("Impact unit (average slippage per share)", charts.IMPACT_TICKS, min=0))
        bar.set_y_axis({"reverse": True, "num_font": charts.font(9), "line": {"color": GREY}, "crossing": "max"})
        sheet.page.insert_chart(compare, RIGHT, bar)
        top, last = sizes + 5, sizes + 3 + len(self._stored[lf.SIZES.key])
        line = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
        for name, column, color, dash, marker in (
            ("Equal shares", 3, INK, "dash", "square"),
            ("Optimal", 2, BLUE, "solid", "circle"),
        ):
            line.add_series(
                {
                    "name": name,
                    "categories": column_ref(sheet, top, last, 1),
                    "values": column_ref(sheet, top, last, column),
                    "line": {"color": color, "width": 1.75, "dash_type": dash},
                    "marker": {"type": marker, "size": 6, "fill": {"color": color}, "border": {"color": color}},
                }
            )
        charts.decorate(line, CHART, "OPTALLOC_SENSITIVITY: total impact by order size")
        line.set_x_axis(charts.axis("Order size (shares)", "#,##0", min=0))
        line.set_y_axis(charts.axis("Impact unit (per share)", charts.IMPACT_TICKS, min=0))
        sheet.page.insert_chart(sizes + 3, RIGHT, line)

    def spill(self, sheet: Sheet, row: int, column: int, live: Live, looks: Sequence[Sequence[Any]]) -> None:
        """A live formula with the example's values in the cells that it fills; named after its key."""
        self.array(sheet, row, column, live.formula, looks, self._stored[live.key])
        if live not in (lf.FREE, lf.ORDER):
            self._kit.name(f"live_{live.key}", sheet, row, column)

    def array(
        self,
        sheet: Sheet,
        row: int,
        column: int,
        formula: str,
        looks: Sequence[Sequence[Any]],
        values: Sequence[Sequence[float | str]],
    ) -> None:
        """A dynamic-array formula; XlsxWriter caches 0 in all cells but the first, so the values are written over."""
        bottom, right = row + len(values) - 1, column + len(values[0]) - 1
        sheet.page.write_dynamic_array_formula(row, column, bottom, right, formula, looks[0][0], values[0][0])
        for down, cells in enumerate(values):
            for across, value in enumerate(cells):
                if down or across:
                    sheet.page.write(row + down, column + across, value, looks[down][across])


def _column(values: Sequence[float]) -> list[list[float | str]]:
    return [[value] for value in values]
