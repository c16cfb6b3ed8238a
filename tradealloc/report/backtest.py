"""The page on a backtest: what the model promised, what came of it out of sample, what hindsight would have saved."""

from __future__ import annotations

import datetime as dt
import math

from tradealloc import __version__
from tradealloc.market.backtest import CAUSAL, HINDSIGHT, TWAP, Backtest, DayResult, Saving
from tradealloc.market.profile import LEVEL

from .figures import Figure, Layout, Value
from .model import Axis, Chart, Column, Fact, Ink, Mark, Note, Report, Series, Table, Text

CAVEAT = (
    "Only the savings out of sample could have been had. The model's are what its profile promised, hindsight's are "
    "under the day's own costs, which nobody knew. Days differ: the intervals say how much the mean may owe to chance."
)
INKS = {"model": Ink.OTHER, "out of sample": Ink.OPTIMUM, "hindsight": Ink.MARKET}
PAGE_DAYS, MOST_NOTES = 12, 10


def backtest_report(found: Backtest, symbol: str, source: str, now: dt.datetime) -> Report:
    """The report on a backtest.

    Parameters
    ----------
    found
        What was found.
    symbol
        Of the stock; "" where unknown.
    source
        Files that the days are from.
    now
        When it was computed.
    """
    days = found.days
    counted = f"{len(days)} day{'s' * (len(days) > 1)}"
    side = "Buying" if found.rules.side > 0 else "Selling"
    chief = [row for row in found.savings if row.strategy in (CAUSAL, HINDSIGHT)]
    texts = [f"{day.label}: {note}" for day in days for note in day.notes]
    more = [f"{len(texts) - MOST_NOTES} more notes"] if len(texts) > MOST_NOTES else []
    return Report(
        title=f"Backtest of {symbol or 'schedules'} over {counted}",
        subtitle=f"{side} {found.rules.shares:,.0f} shares a day, against equal shares over the day (TWAP)",
        headline=tuple(_headline(row) for row in chief),
        notes=tuple(Note(text) for text in (*texts[:MOST_NOTES], *more)),
        sections=(
            _savings_chart(found.savings),
            _savings_table(found.savings),
            *((_days_chart(days),) if len(days) > 1 else ()),
            _days_table(days),
            Text("Assumptions", tuple(f"{text[:1].upper()}{text[1:]}." for text in found.assumptions())),
        ),
        provenance=(
            Fact("Data", source),
            Fact("Computed", now.strftime("%Y-%m-%d %H:%M:%S")),
            Fact("tradealloc", __version__),
        ),
        caveat=CAVEAT,
        run_at=now,
    )


def _headline(row: Saving) -> Fact:
    detail = "one day: no interval" if math.isnan(row.low) else f"{row.low:.1%} to {row.high:.1%}, {LEVEL:.0%} interval"
    return Fact(f"Saved, {row.kind}", Figure(row.mean, Layout.PERCENT), "", detail)


def _name(row: Saving) -> str:
    return row.strategy if row.strategy == HINDSIGHT else f"{row.strategy}, {row.kind}"


def _savings_chart(savings: tuple[Saving, ...]) -> Chart:
    series = []
    for kind, ink in INKS.items():
        rows = [(float(at), row) for at, row in enumerate(savings) if row.kind == kind]
        ranges = tuple(None if math.isnan(row.low) else (row.low, row.high) for _, row in rows)
        at, values = tuple(at for at, _ in rows), tuple(row.mean for _, row in rows)
        series.append(Series(kind.capitalize(), at, values, Mark.BARS, ink, ranges=ranges))
    written = "; ".join(f"{_name(row)} {row.mean:.1%}" for row in savings)
    return Chart(
        "savings",
        "Savings against TWAP",
        f"Mean over days, the line is the {LEVEL:.0%} interval: {written}.",
        tuple(series),
        Axis(f"Mean saving; the line is its {LEVEL:.0%} interval", Layout.PERCENT),
        Axis("", names=tuple(_name(row) for row in savings)),
        value_layout=Layout.PERCENT,
    )


def _savings_table(savings: tuple[Saving, ...]) -> Table:
    return Table(
        "Savings",
        (
            Column("Schedule", is_text=True),
            Column("Kind", is_text=True),
            Column("Saving", "of TWAP"),
            Column("from"),
            Column("to"),
            Column("Days won"),
            Column("Cost", "per share"),
        ),
        tuple(
            (
                row.strategy,
                row.kind,
                Figure(row.mean, Layout.PERCENT),
                _known(row.low, Layout.PERCENT),
                _known(row.high, Layout.PERCENT),
                Figure(row.won, Layout.PART),
                _known(row.cost, Layout.SLOPE),
            )
            for row in savings
        ),
        note=f"From and to: {LEVEL:.0%} interval of the mean over days. Cost against the mid at each decision.",
        strong_row=next(at for at, row in enumerate(savings) if row.kind == "out of sample"),
    )


def _days_chart(days: tuple[DayResult, ...]) -> Chart:
    # Dates where there is room for them, else the number of the day; a blank place at both ends leaves room for them.
    dates = tuple(day.label.partition(" (")[0][-5:] for day in days)
    names = ("", *dates, "") if len(days) <= PAGE_DAYS else ()
    at = tuple(float(number) for number in range(len(days) + 2))

    def line(label: str, savings: list[float], mark: Mark) -> Series:
        return Series(label, at, (None, *savings, None), mark, INKS[label.lower()])

    return Chart(
        "days",
        "Savings day by day",
        "What the model promised each morning, what came of it, and what hindsight would have saved.",
        (
            line("Model", [day.model_saving for day in days], Mark.DASHED),
            line("Out of sample", [day.saving(CAUSAL) for day in days], Mark.POINTS),
            line("Hindsight", [day.saving(HINDSIGHT) for day in days], Mark.LINE),
        ),
        Axis("Day traded", Layout.COUNT, names, from_zero=False),
        Axis("Saving against TWAP", Layout.PART),
    )


def _days_table(days: tuple[DayResult, ...]) -> Table:
    return Table(
        "Days",
        (
            Column("Day", is_text=True),
            Column("Level"),
            Column("Model"),
            Column("Out of sample"),
            Column("Hindsight"),
            Column("Cost", "per share"),
            Column("of TWAP", "per share"),
            Column("Unfilled", "shares"),
        ),
        tuple(
            (
                day.label,
                Figure(day.level, Layout.SLOPE),
                Figure(day.model_saving, Layout.PERCENT),
                Figure(day.saving(CAUSAL), Layout.PERCENT),
                Figure(day.saving(HINDSIGHT), Layout.PERCENT),
                Figure(day.costs[CAUSAL], Layout.SLOPE),
                Figure(day.costs[TWAP], Layout.SLOPE),
                Figure(day.unfilled[CAUSAL], Layout.SHARES),
            )
            for day in days
        ),
        note="Level: half-spread expected after the look, as a multiple of the profile's. Costs and shares unfilled of "
        "the causal schedule.",
        page_rows=PAGE_DAYS,
    )


def _known(value: float, layout: Layout) -> Value:
    return None if math.isnan(value) else Figure(value, layout)
