"""The charts of a report on one order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradealloc.analysis import Comparison, Sensitivity, equal, vwap
from tradealloc.model import Schedule
from tradealloc.model.arrays import Floats
from tradealloc.model.limits import plain

from .figures import Figure, Layout
from .model import Axis, Chart, Ink, Mark, Series
from .timeline import Timeline


def schedule_chart(schedule: Schedule, timeline: Timeline) -> Chart:
    """Shares per interval beside equal shares and VWAP, over the betas that explain them."""
    problem, shares = schedule.problem, schedule.shares
    series = [
        _steps("This schedule", timeline, shares, Mark.AREA, Ink.OPTIMUM),
        _steps("Equal shares", timeline, equal(problem).shares, Mark.DASHED, Ink.EQUAL),
    ]
    by_volume = vwap(problem)
    if by_volume is not None:
        series.insert(1, _steps("VWAP", timeline, by_volume.shares, Mark.STEPS, Ink.OTHER))
    beta = np.broadcast_to(problem.impact.vectors["beta"], shares.shape)
    series.append(_steps("Beta (right)", timeline, beta, Mark.LINE, Ink.MARKET, on_right=True))
    traded = int((shares > problem.tolerance / problem.intervals).sum())
    return Chart(
        "schedule",
        "Schedule",
        f"Shares in each interval: {plain(float(shares.min()))} to {plain(float(shares.max()))} shares, trading in "
        f"{traded:,} of {problem.intervals:,} intervals, against equal shares"
        f"{' and VWAP' if by_volume is not None else ''}; beta runs from {beta.min():.3g} to {beta.max():.3g}.",
        tuple(series),
        timeline.axis,
        Axis("Shares per interval"),
        Axis("Beta, per share", Layout.SLOPE),
        weight=1.25,
    )


def progress_chart(schedule: Schedule, timeline: Timeline) -> Chart:
    """Share of the order that is traded by each time."""
    problem = schedule.problem
    series = [_running("This schedule", timeline, schedule.shares, Mark.LINE, Ink.OPTIMUM)]
    by_volume = vwap(problem)
    if by_volume is not None:
        series.append(_running("VWAP", timeline, by_volume.shares, Mark.LINE, Ink.OTHER))
    series.append(_running("Equal shares", timeline, equal(problem).shares, Mark.DASHED, Ink.EQUAL))
    half = int(np.argmax(np.cumsum(schedule.shares) >= 0.5 * problem.shares))
    return Chart(
        "progress",
        "Progress of the order",
        f"Part of the order traded by the end of each interval; half of it after interval {half + 1:,} of "
        f"{problem.intervals:,}.",
        tuple(series),
        timeline.axis,
        Axis("Traded so far", Layout.PART),
        span=6,
    )


def comparison_chart(comparison: Comparison, unit: str) -> Chart:
    """Total impact of each strategy as bars."""
    names = tuple(row.strategy for row in comparison.rows)
    best = len(names) - 1
    bars = [
        Series("Benchmarks", *_bars(comparison, range(best)), Mark.BARS, Ink.FILL),
        Series("This schedule", *_bars(comparison, [best]), Mark.BARS, Ink.OPTIMUM),
    ]
    written = "; ".join(f"{row.strategy} {Figure(row.total_impact, Layout.IMPACT).text}" for row in comparison.rows)
    return Chart(
        "comparison",
        "Total impact by strategy",
        f"Average slippage per share ({unit}): {written}.",
        tuple(bars),
        Axis(f"Total impact, {unit}", Layout.SLOPE),
        Axis("", Layout.COUNT, names),
        value_layout=Layout.IMPACT,
        span=6,
    )


def sensitivity_chart(sensitivity: Sensitivity, unit: str) -> Chart | None:
    """Impact over the size of the order; None where no two sizes can be traded."""
    is_fine = all(row.optimal_impact is not None for row in sensitivity.rows)
    rows = sorted((row for row in sensitivity.rows if row.optimal_impact is not None), key=lambda r: r.total_shares)
    if len(rows) < 2:
        return None
    sizes = tuple(row.total_shares for row in rows)
    return Chart(
        "sensitivity",
        "Total impact by order size",
        f"Average slippage per share ({unit}) of the optimum and of equal shares, for orders of "
        f"{plain(sizes[0])} to {plain(sizes[-1])} shares.",
        (
            Series("Equal shares", sizes, tuple(row.equal_impact for row in rows), Mark.DASHED, Ink.EQUAL),
            Series("Optimum", sizes, tuple(row.optimal_impact for row in rows), Mark.POINTS, Ink.OPTIMUM),
        ),
        Axis("Order size, shares"),
        Axis(f"Total impact, {unit}", Layout.SLOPE),
        span=6 if is_fine else 4,
    )


def _steps(label: str, timeline: Timeline, values: Floats, mark: Mark, ink: Ink, *, on_right: bool = False) -> Series:
    x, y = timeline.steps(values.tolist())
    return Series(label, x, y, mark, ink, on_right)


def _running(label: str, timeline: Timeline, shares: Floats, mark: Mark, ink: Ink) -> Series:
    x, y = timeline.running((np.cumsum(shares) / shares.sum()).tolist())
    return Series(label, x, y, mark, ink)


def _bars(comparison: Comparison, rows: Sequence[int]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(float(row) for row in rows), tuple(comparison.rows[row].total_impact for row in rows)
