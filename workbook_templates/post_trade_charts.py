"""The charts of a post-trade workbook."""

from __future__ import annotations

from typing import Any

from charts import Size, axis, bars, decorate, font
from kit import BLUE, GREY, INK, NAVY, RULE, SKY, VERMILION, Kit, Sheet
from tables import Body

PARTS: tuple[tuple[str, str, str, str], ...] = (
    ("Delay", "Delay", GREY, ""),
    ("Timing", "Timing", "#F0C987", ""),
    ("Permanent impact", "Permanent", VERMILION, ""),
    ("Timing and permanent", "TimingAndPermanent", VERMILION, "wide_upward_diagonal"),
    ("Spread", "Spread", SKY, ""),
    ("Temporary impact", "Temporary", BLUE, ""),
    ("Spread and temporary", "SpreadAndTemporary", BLUE, "wide_upward_diagonal"),
    ("Execution, not split", "Execution", INK, "wide_upward_diagonal"),
    ("Opportunity", "Opportunity", NAVY, ""),
    ("Fees", "Fees", RULE, ""),
)
"""Parts by name, column, colour and pattern: what couldn't be told apart is hatched."""


def by_order(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """The parts of each order's shortfall, one above the other."""
    chart = kit.book.add_chart({"type": "column", "subtype": "stacked"})
    for name, header, color, pattern in PARTS:
        one = bars(name, sheet, body, "OrderId", header, border={"none": True}, gap=50)
        if pattern:
            del one["fill"]
            one["pattern"] = {"pattern": pattern, "fg_color": color, "bg_color": "#FFFFFF"}
        else:
            one["fill"] = {"color": color}
        chart.add_series(one)
    decorate(chart, size, "Shortfall by order and part")
    chart.set_legend({"position": "right", "font": font(8)})
    chart.set_x_axis(_names())
    chart.set_y_axis(axis("Currency", "#,##0"))
    return chart


def parts(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """The parts in total, the whole below them."""
    chart = kit.book.add_chart({"type": "bar"})
    labels = {"value": True, "num_format": "#,##0", "font": font(9)}
    chart.add_series(bars("Cost", sheet, body, "Part", "Cost", data_labels=labels, gap=40))
    decorate(chart, size, "Parts of the shortfall, all orders", legend=False)
    chart.set_x_axis(axis("Currency", "#,##0"))
    chart.set_y_axis({**_names(), "reverse": True, "crossing": "max"})
    return chart


def by_time(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Mean slippage by half hour."""
    chart = kit.book.add_chart({"type": "column"})
    chart.add_series(bars("Slippage", sheet, body, "Start", "ArrivalBps", gap=40))
    decorate(chart, size, "Slippage by half hour", legend=False)
    chart.set_x_axis({**_names(), "num_font": {**font(8), "rotation": -90}, "text_axis": True})
    chart.set_y_axis(axis("Against arrival, bps", "0"))
    return chart


def by_group(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Mean slippage by broker, side and symbol."""
    chart = kit.book.add_chart({"type": "bar"})
    labels = {"value": True, "num_format": "0.0;-0.0;0.0", "font": font(9)}
    chart.add_series(bars("Slippage", sheet, body, "Group", "ArrivalBps", data_labels=labels, gap=40))
    decorate(chart, size, "Slippage by broker, side and symbol", legend=False)
    chart.set_x_axis(axis("Against arrival, bps", "0"))
    chart.set_y_axis({**_names(), "reverse": True, "crossing": "max"})
    return chart


def forecasts(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Forecast slippage of each order beside what came of it."""
    chart = kit.book.add_chart({"type": "column"})
    predicted = bars("Predicted", sheet, body, "OrderId", "PredictedBps", gap=80)
    chart.add_series({**predicted, "fill": {"color": RULE}, "border": {"color": GREY}})
    realised = bars("Realised", sheet, body, "OrderId", "ArrivalBps")
    chart.add_series({**realised, "fill": {"color": BLUE}})
    decorate(chart, size, "Predicted against realised slippage")
    chart.set_x_axis(_names())
    chart.set_y_axis(axis("Against arrival, bps", "0"))
    return chart


def benchmarks(kit: Kit, sheet: Sheet, body: Body, size: Size) -> Any:
    """Each order against arrival, VWAP, TWAP and close."""
    chart = kit.book.add_chart({"type": "column"})
    for name, header, color in (
        ("Arrival", "ArrivalBps", BLUE),
        ("VWAP", "VwapBps", SKY),
        ("TWAP", "TwapBps", RULE),
        ("Close", "CloseBps", INK),
    ):
        one = bars(name, sheet, body, "OrderId", header, gap=80)
        chart.add_series({**one, "fill": {"color": color}, "border": {"color": INK, "width": 0.25}})
    decorate(chart, size, "Slippage against benchmarks")
    chart.set_x_axis(_names())
    chart.set_y_axis(axis("bps", "0"))
    return chart


def _names() -> dict[str, Any]:
    """An axis of names, below negative bars too."""
    return {"num_font": font(9), "line": {"color": GREY}, "major_tick_mark": "none", "label_position": "low"}
