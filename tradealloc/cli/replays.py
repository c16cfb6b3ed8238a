"""Commands that send schedules through recorded books: replay, backtest."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradealloc.errors import InputError

from .market import session_hours
from .options import Json, examples

if TYPE_CHECKING:
    from tradealloc.actions.replay import DataOptions, ReplayedDay
    from tradealloc.market.backtest import Backtest
    from tradealloc.market.replay import ReplayRules

app = typer.Typer()

Data = Annotated[list[Path], typer.Argument(metavar="DATA...", help="LOBSTER pairs or MBP-10 files.")]
Slices = Annotated[int, typer.Option(metavar="N", help="Equal slices that each interval's shares are cut into.")]
Latency = Annotated[float, typer.Option(metavar="MS", help="Milliseconds from decision to fill.")]
Hours = Annotated[
    str | None,
    typer.Option("--session", metavar="HH:MM-HH:MM", help="Hours, local; default 09:30-16:00 or the file's."),
]
Zone = Annotated[str | None, typer.Option("--timezone", metavar="ZONE", help="Such as America/New_York.")]
Day = Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Day, where the files don't say it.")]
Minutes = Annotated[float, typer.Option("--interval", metavar="MINUTES", help="Length of the intervals.")]
Tick = Annotated[float, typer.Option("--tick", help="Smallest price step.")]


@app.command(
    epilog=examples(
        "tradealloc replay day.xlsx data/*2025-06-09*",
        "tradealloc replay day.xlsx data/*2025-06-09* --until 11:00 --fills fills.csv --orders orders.csv",
    )
)
def replay(
    schedule: Annotated[
        Path, typer.Argument(metavar="SCHEDULE", help="Workbook after a run, or CSV: Start, Allocation.")
    ],
    data: Data,
    side: Annotated[
        str | None, typer.Option(metavar="SIDE", help="buy or sell; default: the workbook's, or buy.")
    ] = None,
    slices: Slices = 1,
    latency: Latency = 0.0,
    start: Annotated[str | None, typer.Option("--from", metavar="HH:MM", help="Trade from this time on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="HH:MM", help="Trade before this time.")] = None,
    fills: Annotated[
        Path | None,
        typer.Option("--fills", metavar="FILE.csv", help="Add the fills to this file: reoptimise and tca take it."),
    ] = None,
    orders: Annotated[
        Path | None, typer.Option("--orders", metavar="FILE.csv", help="Write the order, with its arrival price, too.")
    ] = None,
    session: Hours = None,
    timezone: Zone = None,
    date: Day = None,
    interval: Minutes = 1.0,
    tick: Tick = 0.01,
    json_: Json = False,
) -> None:
    """Send a schedule through a recorded day, or a part of one.

    What it would have paid, interval by interval: spread, impact, delay by latency and the market's drift, and what \
fills were worth 1 s, 10 s, 1 min and 5 min later. The assumptions are printed with the result.
    """
    from tradealloc.actions.replay import replay as run_replay
    from tradealloc.actions.replayed_fills import check_fill_targets, record, refuse_repeated

    from .console import OUT, progress, show_notes

    if orders is not None and fills is None:
        raise InputError("needs --fills: the order belongs to its fills", where="--orders")
    if fills is not None:
        check_fill_targets(fills, orders, (schedule, *data))
    begin, end = _time(start, "--from"), _time(until, "--until")
    rules, options = _rules(slices, latency), _options(session, timezone, date, interval, tick)
    if fills is not None:
        refuse_repeated(fills, data, options=options, start=begin, end=end, latency=rules.latency)
    with progress("Replaying") as say:
        found = run_replay(schedule, data, side=side, rules=rules, options=options, start=begin, end=end, progress=say)
    added = None if fills is None else record(found, fills, orders)
    show_notes(found.notes)
    if json_:
        print(json.dumps(_replay_json(found)))
    else:
        _show_replay(found)
        if added is not None:
            OUT.print(f"{added} fills added to {fills}" + ("" if orders is None else f", the order is in {orders}"))


@app.command(
    epilog=examples(
        "tradealloc backtest data/*.csv.gz",
        "tradealloc backtest data/*.csv.gz --shares 60000 --history 5 --report backtest.html",
    )
)
def backtest(
    data: Data,
    shares: Annotated[float, typer.Option("--shares", metavar="S", help="Order of each day, shares.")] = 100_000.0,
    side: Annotated[str, typer.Option(metavar="SIDE", help="buy or sell.")] = "buy",
    history: Annotated[int, typer.Option(metavar="D", help="First days that only make the profile.")] = 1,
    look: Annotated[
        float, typer.Option(metavar="MIN", help="First minutes, by whose level the rest is planned again.")
    ] = 5.0,
    slices: Slices = 1,
    latency: Latency = 0.0,
    session: Hours = None,
    timezone: Zone = None,
    date: Day = None,
    interval: Minutes = 1.0,
    tick: Tick = 0.01,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Page of it, .html or .pdf.")] = None,
    json_: Json = False,
) -> None:
    """Trade many days with only what was known then, against TWAP, VWAP, POV and hindsight.

    Savings of the model, out of sample and of hindsight stand side by side, each called what it is.
    """
    from tradealloc.actions.replay import SIDES, check_page, write_backtest
    from tradealloc.actions.replay import backtest as run_backtest
    from tradealloc.market.backtest import BacktestRules

    from .console import OUT, progress

    if side not in SIDES:
        raise InputError(f"is {side!r}: give buy or sell", where="--side")
    rules = BacktestRules(
        shares=shares,
        side=SIDES[side],
        history=history,
        most_history=max(20, history),
        look=_span(look, "--look", dt.timedelta(minutes=1)),
        replay=_rules(slices, latency),
    )
    options = _options(session, timezone, date, interval, tick)
    if report is not None:
        check_page(report, data)
    with progress("Backtesting") as say:
        found = run_backtest(data, rules, options=options, progress=say)
    if report is not None:
        write_backtest(found, report, data)
    if json_:
        print(json.dumps(_backtest_json(found)))
    else:
        _show_backtest(found)
        if report is not None:
            OUT.print(f"Written {report}", soft_wrap=True, markup=False)


def _time(text: str | None, option: str) -> dt.time | None:
    try:
        return None if text is None else dt.time.fromisoformat(text)
    except ValueError:
        raise InputError(f"is {text!r}: give a time such as 11:30", where=option) from None


def _rules(slices: int, latency: float) -> ReplayRules:
    from tradealloc.market.replay import ReplayRules

    delay = _span(latency, "--latency", dt.timedelta(milliseconds=1))
    try:
        return ReplayRules(slices, delay)
    except InputError as error:
        raise error.at(f"--{error.argument}") from None


def _span(value: float, where: str, unit: dt.timedelta) -> dt.timedelta:
    if not (math.isfinite(value) and 0 <= value * unit.total_seconds() <= 86_400):
        raise InputError(f"is {value:g}: give 0 or more, within a day", where=where)
    return value * unit


def _options(session: str | None, timezone: str | None, date: str | None, interval: float, tick: float) -> DataOptions:
    from tradealloc.actions.replay import DataOptions

    return DataOptions(session_hours(session, timezone, date, interval), tick)


def _replay_json(found: ReplayedDay) -> dict[str, object]:
    from tradealloc.market.replay import HORIZONS

    done = found.result
    return {
        "symbol": found.symbol,
        "date": str(done.session.date),
        "side": "buy" if done.side > 0 else "sell",
        "planned": float(done.planned.sum()),
        "filled": float(done.filled.sum()),
        "unfilled": done.unfilled,
        "arrival_price": done.arrival,
        "timing": float(done.timing.sum()),
        "delay": float(done.delay.sum()),
        "spread": float(done.spread.sum()),
        "impact": float(done.impact.sum()),
        "shortfall": done.shortfall,
        "markouts": {
            f"{horizon.total_seconds():g}s": None if math.isnan(value) else value
            for horizon, value in zip(HORIZONS, done.markouts.tolist(), strict=True)
        },
        "assumptions": list(done.rules.assumptions()),
        "intervals": [
            {
                "start": f"{done.session.starts[index]:%H:%M:%S}",
                "planned": float(done.planned[index]),
                "filled": float(done.filled[index]),
                "carried": float(done.carried[index]),
                "price": None if math.isnan(done.average_price[index]) else float(done.average_price[index]),
                "timing": float(done.timing[index]),
                "delay": float(done.delay[index]),
                "spread": float(done.spread[index]),
                "impact": float(done.impact[index]),
            }
            for index in range(done.session.intervals)
            if done.planned[index] or done.filled[index]
        ],
    }


def _show_replay(found: ReplayedDay) -> None:
    from rich import box
    from rich.table import Table

    from tradealloc.market.replay import HORIZONS

    from .console import OUT

    done = found.result
    bought = "bought" if done.side > 0 else "sold"
    OUT.print()
    OUT.print(
        f"{found.symbol or 'Order'} {done.session.date}: {done.filled.sum():,.0f} of {done.planned.sum():,.0f} shares "
        f"{bought}, arrival mid {done.arrival:.4f}"
    )
    parts = Table(box=box.SIMPLE_HEAD, title="Costs (positive costs)", title_justify="left")
    for head in ("", "Currency", "A share", "bps"):
        parts.add_column(head, justify="left" if not head else "right")
    filled = float(done.filled.sum())
    for name, value in (
        ("Spread", float(done.spread.sum())),
        ("Impact", float(done.impact.sum())),
        ("Delay by latency", float(done.delay.sum())),
        ("= against mid at decision", done.decision_cost),
        ("Timing: drift since arrival", float(done.timing.sum())),
        ("= against arrival mid", done.shortfall),
    ):
        each = value / filled if filled else math.nan
        parts.add_row(name, f"{value:,.2f}", f"{each:.5f}", f"{each / done.arrival * 1e4:.2f}")
    OUT.print(parts)
    OUT.print("Interval by interval: --json", style="dim")
    texts = [
        f"{horizon.total_seconds():g} s " + ("-" if math.isnan(value) else f"{value:+.5f}")
        for horizon, value in zip(HORIZONS, done.markouts.tolist(), strict=True)
    ]
    OUT.print(f"Markouts a share (mid after the fill less price paid, positive gains): {', '.join(texts)}")
    _show_assumptions(done.rules.assumptions())


def _show_assumptions(texts: tuple[str, ...]) -> None:
    from .console import OUT

    OUT.print("Assumptions:", style="dim")
    for text in texts:
        OUT.print(f"- {text}", style="dim")


def _backtest_json(found: Backtest) -> dict[str, object]:
    return {
        "days": len(found.days),
        "shares": found.rules.shares,
        "savings": [
            {
                "strategy": row.strategy,
                "kind": row.kind,
                "saving": row.mean,
                "low": None if math.isnan(row.low) else row.low,
                "high": None if math.isnan(row.high) else row.high,
                "won": row.won,
                "cost": None if math.isnan(row.cost) else row.cost,
            }
            for row in found.savings
        ],
        "assumptions": list(found.assumptions()),
    }


def _show_backtest(found: Backtest) -> None:
    from rich import box
    from rich.table import Table

    from .console import OUT, show_notes

    days = len(found.days)
    title = f"Savings against TWAP, {days} day{'s' * (days > 1)}, {found.rules.shares:,.0f} shares a day"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=(0, 0, 0, 1))
    for head in ("Schedule", "Kind", "Saving", "90 % interval", "Days won", "Cost a share"):
        table.add_column(head, justify="left" if head in ("Schedule", "Kind") else "right", no_wrap=True)
    for row in found.savings:
        interval = "-" if math.isnan(row.low) else f"{row.low:.1%} to {row.high:.1%}"
        cost = "-" if math.isnan(row.cost) else f"{row.cost:.5f}"
        table.add_row(row.strategy, row.kind, f"{row.mean:.1%}", interval, f"{row.won:.0%}", cost)
    OUT.print(table)
    show_notes([f"{day.label}: {note}" for day in found.days for note in day.notes][:20])
    _show_assumptions(found.assumptions())
