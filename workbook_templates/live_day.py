"""The sheet Trading day: OPTALLOC_REOPT by interval, and OPTALLOC_TCA of a few fills, with the inputs of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import live_formulas as lf
from kit import UNIT_ROW, Kit
from live_sheets import LiveSheets
from tables import alignment, number_format
from xlsxwriter.utility import quote_sheetname, xl_range_abs

from tradealloc.workbook.fields import Column
from tradealloc.workbook.fields.tca import FILL_COLUMNS, TCA_ORDER_COLUMNS, TCA_RESULT_COLUMNS

NAME = "Trading day"
SUBTITLE = "The order half way, and what an execution cost: change a yellow cell and watch."
WIDTHS = (2, 10, 13, 14, 3, 21, 11, 11, 14, 13, 11, 11, 11, 2)
LEFT, RIGHT = 1, 5
PRICES = ("price", "average_price", "decision_price", "arrival_price", "end_price", "bid", "ask", "mid_after", "vwap")
FILLED_HEADS = (
    Column("Start", "start", "time", ""),
    Column("Filled", "filled", "shares", ""),
    Column("To the end", "reopt", "shares", ""),
)


class LiveDay:
    """Writes the sheet.

    Parameters
    ----------
    kit
        The workbook.
    live
        Writes live formulas and their state.
    starts
        Of the example's intervals.
    """

    def __init__(self, kit: Kit, live: LiveSheets, starts: Sequence[float]) -> None:
        self._kit, self._live, self._starts = kit, live, starts
        self.sheet = kit.sheet(NAME, SUBTITLE, WIDTHS, landscape=True, banner=(1, 5))

    def write(self) -> None:
        """Fill the sheet, and name its inputs."""
        page = self.sheet.page
        self._live.write_state(self.sheet, UNIT_ROW - 1)
        row = UNIT_ROW + 1
        self._live.heading(row, lf.REOPT, self.sheet, LEFT, RIGHT + 7, gap=2)
        self._write_order(row + 4)
        row = self._block(row + 4, "fills", "Fills", lf.FILLS, FILL_COLUMNS)
        row = self._block(row, "orders", "Orders", lf.ORDERS, TCA_ORDER_COLUMNS)
        row = self._write_costs(row)
        page.freeze_panes(UNIT_ROW, 0)
        page.print_area(0, 0, row, len(WIDTHS) - 1)
        page.fit_to_pages(1, 1)

    def _write_order(self, row: int) -> None:
        kit, page, rows = self._kit, self.sheet.page, len(self._starts)
        kit.units(self.sheet, row, LEFT, FILLED_HEADS)
        for offset, column in enumerate(FILLED_HEADS):
            page.write(row + 1, LEFT + offset, column.header, kit.header())
        top = row + 2
        times = [[start] for start in self._starts]
        look = kit.calc("time", align="center")
        self._live.array(self.sheet, top, LEFT, "=tblIntervals[Start]", [[look]] * rows, times)
        for offset, (shares,) in enumerate(lf.FILLED):
            page.write(top + offset, LEFT + 1, shares, kit.input("shares", align="right"))
        self._name("filled", top, LEFT + 1, rows, 1)
        self._live.spill(self.sheet, top, LEFT + 2, lf.REOPT, [[kit.calc("shares", align="right")]] * rows)

    def _block(self, row: int, key: str, title: str, grid: lf.Inputs, registry: Sequence[Column]) -> int:
        """A headed block of inputs; the row after it and a blank one."""
        kit, page = self._kit, self.sheet.page
        page.write(row, RIGHT, title, kit.style(bold=True, valign="bottom"))
        known = {column.header: column for column in registry}
        columns = [known[str(header)] for header in grid[0]]
        for offset, column in enumerate(columns):
            page.write(row + 1, RIGHT + offset, column.header, kit.header())
        for down, values in enumerate(grid[1:], start=row + 2):
            for offset, (column, value) in enumerate(zip(columns, values, strict=True)):
                page.write(down, RIGHT + offset, value, kit.input(_number(column), align=alignment(column)))
        self._name(key, row + 1, RIGHT, len(grid), len(columns))
        return row + len(grid) + 2

    def _write_costs(self, row: int) -> int:
        kit = self._kit
        row = self._live.heading(row, lf.TCA, self.sheet, RIGHT, RIGHT + 7)
        label = kit.calc(bold=True)
        looks: list[list[Any]] = []
        for column in TCA_RESULT_COLUMNS:
            cell = kit.calc(_number(column), align="right")
            looks.append([label, *[cell] * (len(lf.ORDERS[1:]) + 1)])
        self._live.spill(self.sheet, row, RIGHT, lf.TCA, looks)
        for offset, column in enumerate(TCA_RESULT_COLUMNS):
            self.sheet.page.write(row + offset, RIGHT + len(looks[0]), column.unit, kit.small(indent=1))
        return row + len(looks)

    def _name(self, key: str, row: int, left: int, rows: int, columns: int) -> None:
        area = xl_range_abs(row, left, row + rows - 1, left + columns - 1)
        self._kit.book.define_name(f"live_{key}", f"={quote_sheetname(NAME)}!{area}")


def _number(column: Column) -> str:
    return "price" if column.key in PRICES else number_format(column)
