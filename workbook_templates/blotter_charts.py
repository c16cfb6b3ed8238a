"""The charts of a blotter."""

from __future__ import annotations

from typing import Any

from charts import Size, axis, bars, decorate, font, series, time_axis
from kit import BLUE, GREY, INK, SKY, VERMILION, Kit, Sheet
from tables import Body


def by_time(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Shares bought and sold over the day, one above the other."""
    chart = kit.book.add_chart({"type": "area", "subtype": "stacked"})
    for name, header, color in (("Buy", "BuyShares", SKY), ("Sell", "SellShares", VERMILION)):
        chart.add_series(series(name, sheet, body, "Start", header, color=color, width=0.75, fill=color))
    decorate(chart, size, "Shares by time, all orders")
    time_axis(chart)
    chart.set_y_axis(axis("Shares per interval", "#,##0", min=0))
    return chart


def cumulative(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Share of the notional traded by the end of each interval."""
    chart = kit.book.add_chart({"type": "line"})
    chart.add_series(series("Traded", sheet, body, "Start", "CumulativeShare", color=BLUE, width=2.25))
    decorate(chart, size, "Cumulative share of the notional", legend=False)
    time_axis(chart)
    chart.set_y_axis(axis("Of notional", "0%", min=0, max=1))
    return chart


def cost_by_symbol(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Cost and saving of each symbol."""
    chart = kit.book.add_chart({"type": "column"})
    chart.add_series(bars("Cost", sheet, body, "Symbol", "TotalCost"))
    saved = bars("Saved against equal shares", sheet, body, "Symbol", "Saving")
    chart.add_series({**saved, "fill": {"color": INK}, "border": {"color": INK}})
    decorate(chart, size, "Cost by symbol")
    chart.set_x_axis({"num_font": font(9), "line": {"color": GREY}, "label_position": "low"})
    chart.set_y_axis(axis("Currency", "#,##0"))
    return chart


def view(kit: Kit, sheet: Sheet, points: Body, size: Size) -> Any:
    """The schedule of one order, with the betas of its profile."""
    chart = kit.book.add_chart({"type": "area"})
    chart.add_series(series("Shares", sheet, points, "Start", "Shares", color=SKY, width=0.75, fill=SKY))
    line = kit.book.add_chart({"type": "line"})
    beta = series("Beta (right axis)", sheet, points, "Start", "Beta", color=VERMILION, width=1.0)
    line.add_series({**beta, "y2_axis": True})
    line.set_y2_axis(axis("Beta (impact unit per share)", "0.0E+00", min=0, major_gridlines={"visible": False}))
    chart.combine(line)
    decorate(chart, size, "Shares per interval, against the profile's beta")
    time_axis(chart)
    chart.set_y_axis(axis("Shares per interval", "#,##0", min=0))
    return chart
