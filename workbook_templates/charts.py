"""Native charts over the tables' cells."""

from __future__ import annotations

from typing import Any

from kit import BLUE, FONT, GREY, HEADER_ROW, INK, RULE, SKY, VERMILION, Kit, Sheet, column_ref

from tradealloc.workbook.fields import INTERVAL_COLUMNS, SCHEDULE_COLUMNS

HALF_HOUR = 30
FIRST = HEADER_ROW + 1
Size = tuple[int, int]


def allocation(kit: Kit, schedule: Sheet, intervals: Sheet, rows: int, size: Size) -> Any:
    """Optimal shares against equal shares, with the betas that explain them."""
    chart = kit.book.add_chart({"type": "area"})
    chart.add_series(_series("Optimal allocation", schedule, "Allocation", rows, fill=SKY, width=0.75, color=SKY))
    # An unfilled area draws the line: XlsxWriter combines two chart types, and the second one is needed for beta.
    equal = _series("Equal shares", schedule, "Equal", rows, color=INK, width=1.5, dash="dash")
    chart.add_series({**equal, "fill": {"none": True}})
    betas = kit.book.add_chart({"type": "line"})
    betas.add_series({**_beta_series(intervals, rows, 1.0), "name": "Beta (right axis)", "y2_axis": True})
    betas.set_y2_axis(_axis("Beta (impact unit per share)", "0.0E+00", min=0, major_gridlines={"visible": False}))
    chart.combine(betas)
    _decorate(chart, size, "Shares per interval")
    _time_axis(chart)
    chart.set_y_axis(_axis("Shares per interval", "#,##0", min=0))
    return chart


def cumulative(kit: Kit, schedule: Sheet, rows: int, size: Size) -> Any:
    """Shares traded so far and shares left."""
    chart = kit.book.add_chart({"type": "line"})
    chart.add_series(_series("Traded so far", schedule, "Cumulative", rows, color=BLUE, width=2.25))
    chart.add_series(_series("Remaining", schedule, "Remaining", rows, color=VERMILION, width=1.75, dash="dash"))
    _decorate(chart, size, "Progress of the order")
    _time_axis(chart)
    chart.set_y_axis(_axis("Shares", "#,##0", min=0))
    return chart


def beta(kit: Kit, intervals: Sheet, rows: int, size: Size) -> Any:
    """Impact coefficients over the day."""
    chart = kit.book.add_chart({"type": "line"})
    chart.add_series(_beta_series(intervals, rows, 1.5))
    _decorate(chart, size, "Beta: slope of slippage in the interval's shares")
    chart.set_legend({"none": True})
    _time_axis(chart)
    chart.set_y_axis(_axis("Impact unit per share", "0.0E+00", min=0))
    return chart


def comparison(kit: Kit, sheet: Sheet, first: int, rows: int, size: Size) -> Any:
    """Total impact of each strategy."""
    chart = kit.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "Total impact",
            "categories": column_ref(sheet, first, first + rows - 1, 1),
            "values": column_ref(sheet, first, first + rows - 1, 3),
            "fill": {"color": SKY},
            "border": {"color": BLUE},
            "gap": 60,
            "data_labels": {"value": True, "num_format": "0.000000", "font": _font(9)},
        }
    )
    _decorate(chart, size, "Total impact by strategy")
    chart.set_legend({"none": True})
    chart.set_x_axis(_axis("Impact unit (average slippage per share)", "General", min=0))
    chart.set_y_axis(
        {"reverse": True, "num_font": _font(9), "line": {"color": GREY}, "major_tick_mark": "none", "crossing": "max"}
    )
    return chart


def sensitivity(kit: Kit, sheet: Sheet, first: int, rows: int, size: Size) -> Any:
    """Impact of optimal and equal shares over the order size."""
    chart = kit.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for column, name, color, dash, marker in (
        (3, "Equal shares", INK, "dash", "square"),
        (2, "Optimal", BLUE, "solid", "circle"),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": column_ref(sheet, first, first + rows - 1, 1),
                "values": column_ref(sheet, first, first + rows - 1, column),
                "line": {"color": color, "width": 1.75, "dash_type": dash},
                "marker": {"type": marker, "size": 6, "fill": {"color": color}, "border": {"color": color}},
            }
        )
    _decorate(chart, size, "Total impact by order size")
    chart.set_x_axis(_axis("Order size (shares)", "#,##0", min=0))
    chart.set_y_axis(_axis("Impact unit (per share)", "General", min=0))
    return chart


def _series(
    name: str, schedule: Sheet, header: str, rows: int, *, color: str, width: float, dash: str = "solid", fill: str = ""
) -> dict[str, Any]:
    headers = [column.header for column in SCHEDULE_COLUMNS]
    series: dict[str, Any] = {
        "name": name,
        "categories": _cells(schedule, headers, "Start", rows),
        "values": _cells(schedule, headers, header, rows),
        "line": {"color": color, "width": width, "dash_type": dash},
    }
    return series | ({"fill": {"color": fill, "transparency": 45}} if fill else {})


def _beta_series(intervals: Sheet, rows: int, width: float) -> dict[str, Any]:
    headers = [column.header for column in INTERVAL_COLUMNS]
    return {
        "name": "Beta",
        "categories": _cells(intervals, headers, "Start", rows),
        "values": _cells(intervals, headers, "Beta", rows),
        "line": {"color": VERMILION, "width": width},
    }


def _cells(sheet: Sheet, headers: list[str], header: str, rows: int) -> str:
    return column_ref(sheet, FIRST, FIRST + rows - 1, 1 + headers.index(header))


def _decorate(chart: Any, size: Size, title: str) -> None:
    chart.set_title({"name": title, "name_font": {**_font(12), "bold": True, "color": INK}, "overlay": False})
    chart.set_legend({"position": "top", "font": _font(9)})
    chart.set_size({"width": size[0], "height": size[1]})
    chart.set_chartarea({"border": {"color": RULE}})
    chart.show_blanks_as("gap")


def _time_axis(chart: Any) -> None:
    chart.set_x_axis(
        {
            "name": "Start of interval",
            "name_font": {**_font(9), "bold": False},
            "num_font": _font(8),
            "num_format": "hh:mm",
            "text_axis": True,
            "interval_unit": HALF_HOUR,
            "interval_tick": HALF_HOUR,
            "line": {"color": GREY},
            "major_tick_mark": "none",
            "position_axis": "on_tick",
        }
    )


def _axis(name: str, num_format: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "name_font": {**_font(9), "bold": False},
        "num_font": _font(9),
        "num_format": num_format,
        "line": {"color": GREY},
        "major_gridlines": {"visible": True, "line": {"color": "#E1E5EA", "width": 0.5}},
        **more,
    }


def _font(size: int) -> dict[str, Any]:
    return {"name": FONT, "size": size, "color": INK}
