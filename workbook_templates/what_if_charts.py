"""Charts of trade-offs: scenarios, curves and values of limits."""

from __future__ import annotations

from typing import Any

from charts import IMPACT_TICKS, Size, axis, bars, decorate, font, series, time_axis
from kit import BLUE, GREY, INK, PALE, SKY, VERMILION, Kit, Sheet, column_ref
from tables import Body

LINES = ((SKY, "solid", 1.0), (INK, "solid", 1.75), (VERMILION, "dash", 1.75))
"""Colour, dash and width of the schedules that are drawn."""


def by_scenario(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Impact of the optimum and of equal shares under each scenario's own model."""
    chart = kit.book.add_chart({"type": "bar"})
    equal = {"fill": {"color": PALE}, "border": {"color": GREY}}
    chart.add_series({**bars("Equal shares, same model", sheet, body, "Scenario", "EqualImpact"), **equal})
    chart.add_series(bars("Optimum", sheet, body, "Scenario", "TotalImpact", overlap=0))
    decorate(chart, size, "Total impact by scenario")
    chart.set_x_axis(axis("Impact unit (average slippage per share)", IMPACT_TICKS, min=0))
    chart.set_y_axis(_labels_from_the_top())
    return chart


def by_participation(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Impact, and what one more percentage point is worth, over the cap."""
    chart = kit.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    impact = series("Total impact (left)", sheet, body, "Participation", "OptimalImpact", color=BLUE, marker="circle")
    value = series(
        "Value of one more point (right)", sheet, body, "Participation", "MarginalValue",
        color=VERMILION, dash="dash", marker="square",
    )  # fmt: skip
    chart.add_series(impact)
    chart.add_series({**value, "y2_axis": True})
    decorate(chart, size, "Participation cap: impact and marginal value")
    chart.set_x_axis(axis("Participation cap (of volume)", "0%", min=0))
    chart.set_y_axis(axis("Impact unit (per share)", IMPACT_TICKS))
    chart.set_y2_axis(axis("Currency per percentage point", "#,##0", min=0, major_gridlines={"visible": False}))
    return chart


def by_exponent(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Impact of optimum and equal shares over the exponent."""
    chart = kit.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    chart.add_series(
        series("Equal shares", sheet, body, "Exponent", "EqualImpact", color=INK, dash="dash", marker="square")
    )
    chart.add_series(series("Optimum", sheet, body, "Exponent", "OptimalImpact", color=BLUE, marker="circle"))
    decorate(chart, size, "Exponent of the power model: impact")
    chart.set_x_axis(axis("Exponent p (all models agree at ReferenceShares)", "0.00", min=0))
    chart.set_y_axis(axis("Impact unit (per share)", IMPACT_TICKS))
    return chart


def cap_values(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Saving when each limit is relaxed by a tenth."""
    chart = kit.book.add_chart({"type": "bar"})
    labels = {"value": True, "num_format": "#,##0.0", "font": font(9)}
    chart.add_series(bars("Saving", sheet, body, "Label", "RelaxedSaving", data_labels=labels))
    decorate(chart, size, "Value of each limit: saving when relaxed by a tenth", legend=False)
    chart.set_x_axis(axis("Currency", "#,##0", min=0))
    chart.set_y_axis(_labels_from_the_top())
    return chart


def schedules(kit: Kit, sheet: Sheet, body: Body, shown: tuple[str, ...], size: Size) -> Any:
    """Shares per interval under several scenarios; names follow the table's headers."""
    chart = kit.book.add_chart({"type": "line"})
    for header, (color, dash, width) in zip(shown, LINES, strict=True):
        column = body.column(header)
        line = series("", sheet, body, "Start", header, color=color, dash=dash, width=width)
        chart.add_series({**line, "name": column_ref(sheet, body.top - 1, body.top - 1, column)})
    decorate(chart, size, "Shares per interval by scenario")
    time_axis(chart)
    chart.set_y_axis(axis("Shares per interval", "#,##0", min=0))
    return chart


def _labels_from_the_top() -> dict[str, Any]:
    """The axis of a bar chart whose first bar stands on top."""
    return {
        "reverse": True,
        "num_font": font(9),
        "line": {"color": GREY},
        "major_tick_mark": "none",
        "crossing": "max",
    }
