"""Native charts over the tables' cells.

The parts (`series`, `axis`, `time_axis`, `decorate`) serve any table; the charts of one order stand below them.
Series differ by lightness and by dash, not by hue alone, so that they can be told apart in grey.
"""

from __future__ import annotations

from typing import Any

from kit import BLUE, FONT, GREY, INK, RULE, SKY, VERMILION, Kit, Sheet, column_ref
from tables import Body

HALF_HOUR = 30
GRID = "#E1E5EA"
IMPACT_FORMAT = "[<0.5]0.000000;0.00"
"""Prices and fractions with six decimals, bps with two."""
IMPACT_TICKS = "[=0]0;[<0.002]0.000000;0.0##"
"""As many decimals as ticks of prices, fractions and bps need."""
Size = tuple[int, int]
"""Width and height in pixels."""


# Parts


def cells(sheet: Sheet, body: Body, header: str) -> str:
    """Reference to a table's column, for a series."""
    return column_ref(sheet, body.top, body.bottom, body.column(header))


def series(
    name: str,
    sheet: Sheet,
    body: Body,
    category: str,
    header: str,
    *,
    color: str,
    width: float = 1.75,
    dash: str = "solid",
    fill: str = "",
    marker: str = "",
) -> dict[str, Any]:
    """A series of a table's column over another one; `fill` colours an area, `marker` sets points on a line."""
    found: dict[str, Any] = {
        "name": name,
        "categories": cells(sheet, body, category),
        "values": cells(sheet, body, header),
        "line": {"color": color, "width": width, "dash_type": dash},
    }
    if fill:
        found["fill"] = {"color": fill, "transparency": 45}
    if marker:
        found["marker"] = {"type": marker, "size": 6, "fill": {"color": color}, "border": {"color": color}}
    return found


def bars(name: str, sheet: Sheet, body: Body, category: str, header: str, **more: Any) -> dict[str, Any]:
    """A series of bars or columns."""
    found = series(name, sheet, body, category, header, color=BLUE)
    del found["line"]
    return {**found, "fill": {"color": SKY}, "border": {"color": BLUE}, "gap": 60, **more}


def decorate(chart: Any, size: Size, title: str, *, legend: bool = True) -> None:
    """Title, legend and frame."""
    chart.set_title({"name": title, "name_font": {**font(12), "bold": True, "color": INK}, "overlay": False})
    chart.set_legend({"position": "top", "font": font(9)} if legend else {"none": True})
    chart.set_size({"width": size[0], "height": size[1]})
    chart.set_chartarea({"border": {"color": RULE}})
    chart.show_blanks_as("gap")


def time_axis(chart: Any, every: int = HALF_HOUR) -> None:
    """Starts of intervals along the x axis, one label in so many, upright so that they never overlap."""
    chart.set_x_axis(
        {
            "name": "Start of interval",
            "name_font": {**font(9), "bold": False},
            "num_font": {**font(8), "rotation": -90},
            "num_format": "hh:mm",
            "text_axis": True,
            "interval_unit": every,
            "interval_tick": every,
            "line": {"color": GREY},
            "major_tick_mark": "none",
            "position_axis": "on_tick",
        }
    )


def axis(name: str, num_format: str, **more: Any) -> dict[str, Any]:
    """An axis with its name (say the unit) and light grid lines."""
    return {
        "name": name,
        "name_font": {**font(9), "bold": False},
        "num_font": font(9),
        "num_format": num_format,
        "line": {"color": GREY},
        "major_gridlines": {"visible": True, "line": {"color": GRID, "width": 0.5}},
        **more,
    }


def font(size: int) -> dict[str, Any]:
    """Text of a chart."""
    return {"name": FONT, "size": size, "color": INK}


# Charts of one order


def allocation(
    kit: Kit, schedule: Sheet, shares: Body, intervals: Sheet, betas: Body, size: Size, every: int = HALF_HOUR
) -> Any:
    """Optimal shares against equal shares and VWAP, with the betas that explain them."""
    chart = kit.book.add_chart({"type": "area"})
    chart.add_series(
        series("Optimal allocation", schedule, shares, "Start", "Allocation", color=SKY, width=0.75, fill=SKY)
    )
    # Unfilled areas draw the lines: XlsxWriter combines two chart types, and the second one is needed for beta.
    for name, header, dash, width in (("Equal shares", "Equal", "dash", 1.5), ("VWAP", "VWAP", "solid", 1.0)):
        line = series(name, schedule, shares, "Start", header, color=INK, width=width, dash=dash)
        chart.add_series({**line, "fill": {"none": True}})
    line_chart = kit.book.add_chart({"type": "line"})
    line_chart.add_series({**_beta_series(intervals, betas, 1.0), "name": "Beta (right axis)", "y2_axis": True})
    line_chart.set_y2_axis(axis("Beta (impact unit per share)", "0.0E+00", min=0, major_gridlines={"visible": False}))
    chart.combine(line_chart)
    decorate(chart, size, "Shares per interval")
    time_axis(chart, every)
    chart.set_y_axis(axis("Shares per interval", "#,##0", min=0))
    return chart


def cumulative(kit: Kit, schedule: Sheet, body: Body, size: Size, every: int = HALF_HOUR) -> Any:
    """Share of the order traded and remaining by the end of each interval.

    The two always sum to the order, so that percentages of their sum are shares of it.
    """
    chart = kit.book.add_chart({"type": "area", "subtype": "percent_stacked"})
    chart.add_series(series("Traded", schedule, body, "Start", "Cumulative", color=BLUE, width=2.0, fill=BLUE))
    chart.add_series({**series("Remaining", schedule, body, "Start", "Remaining", color=RULE, width=0.5, fill=RULE)})
    decorate(chart, size, "Cumulative share of the order")
    time_axis(chart, every)
    chart.set_y_axis(axis("Share of the order", "0%", min=0, max=1))
    return chart


def beta(kit: Kit, intervals: Sheet, body: Body, size: Size, every: int = HALF_HOUR) -> Any:
    """Impact coefficients over the day."""
    chart = kit.book.add_chart({"type": "line"})
    chart.add_series(_beta_series(intervals, body, 1.5))
    decorate(chart, size, "Beta: slope of slippage in the interval's shares", legend=False)
    time_axis(chart, every)
    chart.set_y_axis(axis("Impact unit per share", "0.0E+00", min=0))
    return chart


def comparison(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Total impact of each strategy."""
    chart = kit.book.add_chart({"type": "bar"})
    labels = {"value": True, "num_format": IMPACT_FORMAT, "font": font(9)}
    chart.add_series(bars("Total impact", sheet, body, "Strategy", "TotalImpact", data_labels=labels))
    decorate(chart, size, "Total impact by strategy", legend=False)
    chart.set_x_axis(axis("Impact unit (average slippage per share)", IMPACT_TICKS, min=0))
    chart.set_y_axis(
        {"reverse": True, "num_font": font(9), "line": {"color": GREY}, "major_tick_mark": "none", "crossing": "max"}
    )
    return chart


def sensitivity(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Impact of optimal and equal shares over the order size."""
    chart = kit.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    chart.add_series(
        series("Equal shares", sheet, body, "TotalShares", "EqualImpact", color=INK, dash="dash", marker="square")
    )
    chart.add_series(series("Optimal", sheet, body, "TotalShares", "OptimalImpact", color=BLUE, marker="circle"))
    decorate(chart, size, "Total impact by order size")
    chart.set_x_axis(axis("Order size (shares)", "#,##0", min=0))
    chart.set_y_axis(axis("Impact unit (per share)", IMPACT_TICKS, min=0))
    return chart


def _beta_series(intervals: Sheet, body: Body, width: float) -> dict[str, Any]:
    return series("Beta", intervals, body, "Start", "Beta", color=VERMILION, width=width)
