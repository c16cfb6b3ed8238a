"""Round numbers for axes, and how they are written."""

from __future__ import annotations

import math

from .figures import Layout

CLOCK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720)
"""Minutes between ticks of a clock axis."""


def tick_text(value: float, layout: Layout) -> str:
    """A round number on an axis."""
    if layout is Layout.CLOCK:
        minutes = round(value)
        return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
    if layout in (Layout.PART, Layout.PERCENT):
        return f"{value * 100:.6g}%"
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:,.6g}"


def enclosing_ticks(extent: tuple[float, float], height: float) -> list[float]:
    """Round numbers that enclose the extent, more of them where there is more height."""
    bins = max(2, min(6, int(height // 26)))
    ticks = _round(bins, *extent)
    low = max((t for t in ticks if t <= extent[0] + 1e-9 * (extent[1] - extent[0])), default=ticks[0])
    high = min((t for t in ticks if t >= extent[1] - 1e-9 * (extent[1] - extent[0])), default=ticks[-1])
    return [tick for tick in ticks if low <= tick <= high]


def inner_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers within a range, at most about so many."""
    ticks = _round(most, low, high)
    return [tick for tick in ticks if low <= tick <= high]


def clock_ticks(low: float, high: float, most: int) -> list[float]:
    """Round times within a range of minutes, at most about so many."""
    step = next((step for step in CLOCK_STEPS if (high - low) / step <= most), CLOCK_STEPS[-1])
    first = math.ceil(low / step)
    return [float(step * count) for count in range(first, math.floor(high / step) + 1)]


def _round(most: int, low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return [float(tick) for tick in MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
