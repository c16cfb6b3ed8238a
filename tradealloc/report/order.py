"""The report on one order: inputs and results in, a report out."""

from __future__ import annotations

import datetime as dt

from tradealloc import __version__
from tradealloc.analysis import Comparison, Sensitivity, equal
from tradealloc.analysis.strategies import improvement
from tradealloc.model import Schedule
from tradealloc.model.limits import plain
from tradealloc.units import to_currency
from tradealloc.workbook.inputs import OrderSheet

from .figures import Figure, Layout
from .model import Chart, Fact, Note, Report, Section, Text
from .order_charts import comparison_chart, progress_chart, schedule_chart, sensitivity_chart
from .order_tables import (
    certificate_facts,
    comparison_table,
    intervals_table,
    limits_table,
    order_facts,
    sensitivity_table,
    totals,
    verdict,
)
from .timeline import Timeline

CAVEAT = (
    "Positive impact and cost are bad, for buys and sells alike. An improvement is what the model says of itself, "
    "under the same betas: a forecast only as good as they are."
)


def order_report(
    sheet: OrderSheet,
    schedule: Schedule,
    comparison: Comparison,
    sensitivity: Sensitivity,
    notes: tuple[Note, ...],
    now: dt.datetime,
    more: tuple[Section, ...] = (),
) -> Report:
    """The report on one order.

    Parameters
    ----------
    sheet
        The inputs.
    schedule, comparison, sensitivity
        The results; the comparison's last row is the schedule.
    notes
        What to say before the figures: how the workbook's own results stand, and others.
    now
        When it was computed.
    more
        Sections that the workbook adds.
    """
    unit = schedule.problem.unit.label
    starts = [None if start is None else start.elapsed for start in sheet.starts()]
    timeline = Timeline.of(starts, sheet.labels())
    limits = limits_table(schedule)
    picture = sensitivity_chart(sensitivity, unit)
    sections: list[Section | None] = [
        schedule_chart(schedule, timeline),
        progress_chart(schedule, timeline),
        comparison_chart(comparison, unit),
        comparison_table(comparison, unit),
        limits or Text("Limits that bind", ("No limit holds any interval.",), span=5),
        *(section for section in more if not isinstance(section, Chart)),
        picture,
        *(section for section in more if isinstance(section, Chart)),
        sensitivity_table(sensitivity, unit),
        totals(schedule),
        order_facts(sheet, schedule),
        certificate_facts(schedule),
        intervals_table(sheet, schedule),
    ]
    return Report(
        title=_title(sheet, schedule),
        subtitle=_subtitle(sheet, schedule),
        headline=_headline(schedule),
        notes=(*notes, *(Note(text) for text in schedule.warnings)),
        sections=tuple(section for section in sections if section is not None),
        provenance=(
            Fact("Workbook", sheet.label),
            Fact("Computed", now.strftime("%Y-%m-%d %H:%M:%S")),
            Fact("tradealloc", __version__),
            Fact("Fingerprint of inputs", f"{sheet.fingerprint:.10f}"),
        ),
        caveat=CAVEAT,
        run_at=now,
    )


def _title(sheet: OrderSheet, schedule: Schedule) -> str:
    size = plain(schedule.problem.shares)
    return f"{sheet.text('side').capitalize()} {size} {sheet.text('symbol') or 'shares'}".strip()


def _subtitle(sheet: OrderSheet, schedule: Schedule) -> str:
    problem = schedule.problem
    times = [time for time in sheet.times() if time is not None]
    when = f", {times[0]:%H:%M} to {times[-1]:%H:%M}" if len(times) == sheet.rows > 1 else ""
    price = (
        "" if problem.arrival_price is None else f", arrival price {Figure(problem.arrival_price, Layout.PRICE).text}"
    )
    count = f"{problem.intervals:,} interval{'' if problem.intervals == 1 else 's'}"
    return f"Schedule of least market impact over {count}{when}{price}"


def _headline(schedule: Schedule) -> tuple[Fact, ...]:
    problem, baseline, unit = schedule.problem, equal(schedule.problem), schedule.problem.unit.label
    impact = Figure(schedule.total_impact, Layout.IMPACT)
    facts = [Fact("Total impact", impact, unit, "average per share")]
    if schedule.total_impact_bps is not None:
        bps = Figure(schedule.total_impact_bps, Layout.BPS)
        detail = f"{impact.text} {unit}" if unit != "bps" else "average per share"
        facts = [Fact("Total impact", bps, "bps", detail)]
    if schedule.total_cost is not None:
        facts.append(Fact("Total cost", Figure(schedule.total_cost, Layout.MONEY), "currency", "slippage of the order"))
    better = improvement(schedule.total_impact, baseline.total_impact)
    facts.append(Fact("Improvement", Figure(better, Layout.PERCENT), "", "against equal shares"))
    saved = to_currency(baseline.cost - schedule.cost, problem.unit, problem.arrival_price)
    if saved is not None:
        facts.append(Fact("Saving", Figure(saved, Layout.MONEY), "currency", "under the model"))
    gap = Figure(schedule.certificate.duality_gap, Layout.RESIDUAL)
    detail = f"duality gap {gap.text} of cost"
    if schedule.certificate.integer_gap is not None:
        detail = "in whole lots and clips"
    facts.append(Fact("Certificate", verdict(schedule), "", detail))
    return tuple(facts)
