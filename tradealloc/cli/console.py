"""What the command line shows: a summary for the trader's terminal, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tradealloc.actions import Progress, RunResult
from tradealloc.analysis import Comparison, Sensitivity, allocation_pattern, equal
from tradealloc.analysis.strategies import improvement
from tradealloc.model import Schedule
from tradealloc.model.limits import plain
from tradealloc.units import to_currency

PROVEN = 1e-6
"""Gap of a mixed-integer search at which the schedule counts as the best."""

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


@contextmanager
def progress(title: str) -> Iterator[Progress]:
    """A spinner on the terminal that says what is being done; silent where there is no terminal."""
    with ERR.status(f"{title} ...") as status:
        yield lambda step: status.update(f"{title}: {step} ...")


def show_result(result: RunResult, notes: Sequence[str], output: str, backup: str | None) -> None:
    """Summary of a run: order, totals, certificate, comparison."""
    sheet, schedule = result.sheet, result.schedule
    symbol = sheet.text("symbol")
    show_schedule(schedule, f"{sheet.text('side')} {plain(schedule.problem.shares)} {symbol or 'shares'}")
    OUT.print(comparison_table(result.comparison, schedule.problem.unit.label))
    if result.sensitivity is not None:
        OUT.print()
        OUT.print(sensitivity_table(result.sensitivity, schedule.problem.unit.label))
    if result.what_if is not None:
        from .what_if_console import show_what_if

        show_what_if(result.what_if, schedule.problem.unit.label)
    show_notes(notes)
    show_written(output, backup)


def show_schedule(schedule: Schedule, order: str) -> None:
    """The totals of a schedule and its certificate."""
    problem, certificate = schedule.problem, schedule.certificate
    baseline = equal(problem)
    unit = problem.unit.label
    bps = schedule.total_impact_bps
    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="dim")
    grid.add_column()
    grid.add_row("Order", Text(f"{order} over {problem.intervals:,} interval{'s' * (problem.intervals > 1)}"))
    grid.add_row(
        "Total impact",
        f"[bold]{schedule.total_impact:.6f}[/] {unit}"
        + (f" = {bps:.2f} bps" if bps is not None and problem.unit.value != "bps" else ""),
    )
    if schedule.spread_impact:
        grid.add_row("", f"{schedule.spread_impact:.6f} spread + {schedule.size_impact:.6f} size")
    grid.add_row(
        "Improvement",
        f"{improvement(schedule.total_impact, baseline.total_impact):.2%} of equal shares"
        + _saving(schedule, baseline.cost),
    )
    if schedule.total_cost is not None:
        grid.add_row("Total cost", f"{schedule.total_cost:,.2f} currency")
    pattern = allocation_pattern(schedule.shares)
    spread = f"{plain(round(pattern.minimum, 1))} to {plain(round(pattern.maximum, 1))}"
    grid.add_row("Per interval", f"{spread} shares, std {pattern.std:,.1f} (CV {pattern.cv:.0%})")
    grid.add_row("", f"best half {pattern.best_half:.1%}, {pattern.effective_intervals:,.0f} effective intervals")
    shadow = certificate.shadow_price
    fractional = " in fractional shares" if certificate.integer_gap is not None else ""
    grid.add_row(
        "One more share", "no room within the limits" if shadow is None else f"costs {shadow:.6f} {unit}{fractional}"
    )
    grid.add_row("Certificate", _certificate(schedule))
    grid.add_row("Method", f"{schedule.method}, {schedule.seconds * 1000:.1f} ms")
    OUT.print()
    OUT.print(grid)
    OUT.print()


def comparison_table(comparison: Comparison, unit: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=f"Comparison (impact in {unit})", title_justify="left", title_style="bold")
    table.caption, table.caption_justify = "Std in shares; broken: intervals in which a limit is broken", "left"
    table.add_column("Strategy")
    table.add_column("Method", no_wrap=True, min_width=12)
    for heading, width in (("Impact", 8), ("Improvement", 11), ("Std", 7), ("Broken", 6)):
        table.add_column(heading, justify="right", no_wrap=True, min_width=width)
    for row in comparison.rows:
        table.add_row(
            Text(row.strategy),
            Text(row.method),
            f"{row.total_impact:.6f}",
            f"{row.improvement:z.2%}",
            f"{row.allocation_std:,.1f}",
            str(row.limits_broken) if row.limits_broken else "-",
        )
    return table


def sensitivity_table(sensitivity: Sensitivity, unit: str) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, title=f"Sensitivity (impact in {unit})", title_justify="left", title_style="bold"
    )
    for heading in ("Shares", "Optimal", "Equal", "Improvement"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Status", overflow="fold")
    for row in sensitivity.rows:
        table.add_row(
            plain(row.total_shares),
            _or_dash(row.optimal_impact, ".6f"),
            _or_dash(row.equal_impact, ".6f"),
            _or_dash(row.improvement, ".2%"),
            Text(row.status),
        )
    return table


def show_notes(notes: Sequence[str]) -> None:
    """Things to know, on stderr."""
    for note in notes:
        ERR.print(Text(f"note: {note}"), style="yellow", soft_wrap=True)


def show_written(output: str, backup: str | None) -> None:
    OUT.print(Text(f"Written to {output}" + (f" (the file as it was: {backup})" if backup else "")), soft_wrap=True)


def as_json(schedule: Schedule, output: str, more: Mapping[str, object] | None = None) -> str:
    """The contract's JSON object; `more` adds members."""
    problem, certificate = schedule.problem, schedule.certificate
    equal_impact = equal(problem).total_impact
    return json.dumps(
        {
            "shares": problem.shares,
            "intervals": problem.intervals,
            "method": schedule.method,
            "total_impact": schedule.total_impact,
            "total_impact_bps": schedule.total_impact_bps,
            "total_cost": schedule.total_cost,
            "improvement": improvement(schedule.total_impact, equal_impact),
            "equal_impact": equal_impact,
            "kkt_residual": certificate.kkt_residual,
            "duality_gap": certificate.duality_gap,
            "shadow_price": certificate.shadow_price,
            "seconds": schedule.seconds,
            "output": output,
            **(more or {}),
        }
    )


def _certificate(schedule: Schedule) -> str:
    certificate = schedule.certificate
    text = f"KKT residual {certificate.kkt_residual:.1e}, duality gap {certificate.duality_gap:.1e}"
    if certificate.integer_gap is not None:
        text += f"; lots and clips cost {certificate.integer_gap:.3%} over fractional shares"
    if certificate.mip_gap is not None:
        proven = certificate.mip_gap <= PROVEN
        text += ", the best there is" if proven else f", at most {certificate.mip_gap:.2%} above the best there is"
    return text


def _saving(schedule: Schedule, equal_cost: float) -> str:
    problem = schedule.problem
    saved = to_currency(equal_cost - schedule.cost, problem.unit, problem.arrival_price)
    return "" if saved is None else f", {saved:,.2f} currency under the model"


def _or_dash(value: float | None, layout: str) -> str:
    return "-" if value is None else format(value, layout)
