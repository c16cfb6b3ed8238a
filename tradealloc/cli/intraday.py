"""Commands of the trading day: monitor, reoptimise."""

from __future__ import annotations

import datetime as dt
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradealloc.errors import InputError, WorkbookError

from .market import session_hours
from .options import Json, Output, Workbook
from .replays import Day, Hours, Tick, Zone

if TYPE_CHECKING:
    from tradealloc.actions.monitor import DayInputs, DaySoFar, MonitorResult
    from tradealloc.actions.reoptimise import ReoptimiseResult
    from tradealloc.desk.feed import RecordedFeed
    from tradealloc.desk.monitor import Monitored

app = typer.Typer()

Fills = Annotated[
    Path | None,
    typer.Option("--fills", metavar="FILE.csv", help="Fills: Time, Shares, Price, ...; default: tblFills."),
]
Market = Annotated[
    list[Path] | None,
    typer.Option(
        "--market", metavar="DATA", help="Today's book (LOBSTER pair, MBP-10) or a profile made from it; repeat."
    ),
]
Now = Annotated[str | None, typer.Option("--now", metavar="HH:MM", help="Local time; default: this computer's clock.")]
Plan = Annotated[
    Path | None,
    typer.Option("--plan", metavar="PLAN.csv", help="Plan in force; default: tblProgress, or the morning's schedule."),
]


@app.command()
def reoptimise(
    workbook: Workbook,
    fills: Fills = None,
    market: Market = None,
    now: Now = None,
    plan: Plan = None,
    save_plan: Annotated[
        Path | None, typer.Option("--save-plan", metavar="PLAN.csv", help="Write the plan here too: Start, Allocation.")
    ] = None,
    output: Output = None,
    session: Hours = None,
    timezone: Zone = None,
    date: Day = None,
    tick: Tick = 0.01,
    json_: Json = False,
) -> None:
    """Plan again what remains of the order, with what the day has shown.

    The day's level is estimated from all minutes so far under the profile's time-of-day prior; the plan changes where \
the expected saving is clearly above its uncertainty, and says why. What is filled stays as it is, and so does the \
morning's tblSchedule: the plan in force goes to tblProgress.
    """
    from tradealloc.actions import reoptimise as action
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .console import progress, show_notes, show_written

    if save_plan is not None and any(
        save_plan.resolve() == path.resolve() for path in (workbook, output, fills, plan, *(market or ())) if path
    ):
        raise InputError("is another file of this command: give another name", where=f"--save-plan {save_plan}")
    inputs = _inputs(fills, market, now, plan, session, timezone, date, tick)
    with progress("Re-optimising") as say:
        book = XlsxBook.open(workbook)
        result = action.reoptimise(book, inputs, progress=say)
        backup = action.save(book, result, output, save_plan)
    show_notes((*result.notes, *book.warnings))
    if json_:
        print(json.dumps(_plan_json(result)))
        return
    _show_plan(result)
    if result.is_written or output is not None:
        show_written(str(output or workbook), backup.name if backup else None)
    if save_plan is not None:
        show_written(str(save_plan), None)


@app.command()
def monitor(
    workbook: Workbook,
    fills: Fills = None,
    market: Market = None,
    now: Now = None,
    plan: Plan = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: refresh the workbook whenever the fills change, until Ctrl+C.")
    ] = False,
    every: Annotated[float, typer.Option("--every", metavar="S", help="Seconds between looks.")] = 5.0,
    speed: Annotated[
        float | None,
        typer.Option("--speed", metavar="X", help="Play the recorded book from --now at this speed, as if live."),
    ] = None,
    looks: Annotated[
        int | None, typer.Option("--looks", metavar="N", help="With --watch: stop after so many looks.")
    ] = None,
    session: Hours = None,
    timezone: Zone = None,
    date: Day = None,
    tick: Tick = 0.01,
    json_: Json = False,
) -> None:
    """Compare the day so far with the plan: progress, slippage against the model, alerts.

    Slippage has control limits (CUSUM, a false alarm once in 465 intervals on average). Alerts: behind or ahead of \
schedule, over participation or maximum, slippage beyond the cap, over-fill, wrong side or symbol, fills outside the \
window, duplicates. With [bold]--watch[/] the workbook is refreshed as the file of fills grows, and left alone while \
Excel has it open.
    """
    inputs = _inputs(fills, market, now, plan, session, timezone, date, tick)
    if not (math.isfinite(every) and every > 0):
        raise InputError(f"is {every:g}: give seconds above 0", where="--every")
    if speed is not None:
        inputs = _with_feed(inputs, speed)
    if not watch:
        _report(_look(workbook, inputs), json_)
        return
    if fills is None:
        raise InputError("is missing: --watch needs a file of fills to watch", where="--fills")
    _watch(workbook, fills, inputs, every, looks, json_)


def _look(workbook: Path, inputs: DayInputs) -> MonitorResult:
    """One look; the workbook is written only where it has a table for it."""
    from tradealloc.actions.monitor import monitor as action
    from tradealloc.workbook.xlsx_book import XlsxBook

    book = XlsxBook.open(workbook)
    result = action(book, inputs)
    if result.is_written:
        book.save()
    return result


def _watch(workbook: Path, fills: Path, inputs: DayInputs, every: float, looks: int | None, as_json: bool) -> None:
    """Look after look; an error holds the last state on disk and is said once."""
    from .console import ERR

    seen: tuple[int, int] | None = None
    last_error = ""
    count = 0
    while looks is None or count < looks:
        if count:
            time.sleep(every)
        count += 1
        try:
            status = fills.stat()
            state = status.st_size, status.st_mtime_ns
        except OSError:
            state = (-1, -1)
        if state == seen and inputs.feed is None:
            continue
        try:
            result = _look(workbook, inputs)
        except (InputError, WorkbookError) as error:
            if str(error) != last_error:
                ERR.print(f"held: {error}", style="yellow", soft_wrap=True, markup=False)
            last_error = str(error)
            continue
        seen, last_error = state, ""
        _report(result, as_json)


def _inputs(
    fills: Path | None,
    market: list[Path] | None,
    now: str | None,
    plan: Path | None,
    session: str | None,
    timezone: str | None,
    date: str | None,
    tick: float,
) -> DayInputs:
    from tradealloc.actions.monitor import DayInputs

    hours = session_hours(session, timezone, date, 1.0)
    return DayInputs(fills, tuple(market or ()), _time(now), plan, tick=tick, hours=hours)


def _time(text: str | None) -> dt.time | None:
    if text is None:
        return None
    try:
        found = dt.time.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise InputError(f"is {text!r}: give a local time such as 11:15", where="--now")
    return found


def _with_feed(inputs: DayInputs, speed: float) -> DayInputs:
    from dataclasses import replace

    from tradealloc.actions.monitor import recorded_feed

    if inputs.now is None or not inputs.market:
        raise InputError("needs --market with a recorded book and --now, where it starts", where="--speed")
    feed: RecordedFeed = recorded_feed(inputs, speed)
    return replace(inputs, feed=feed, now=None)


def _report(result: MonitorResult, as_json: bool) -> None:
    from .console import OUT, show_notes

    show_notes(result.notes)
    if as_json:
        print(json.dumps(_progress_json(result.day, result.found)), flush=True)
        return
    _show_progress(result.day, result.found)
    if result.is_written:
        OUT.print("tblProgress and tblAlerts are up to date", style="dim")


def _progress_json(day: DaySoFar, found: Monitored) -> dict[str, Any]:
    return {
        "first_open": day.first + 1,
        "filled": found.done,
        "due": found.due,
        "remaining": day.problem.shares - found.done,
        "alerts": [{"kind": alert.kind, "text": alert.text, "is_error": alert.is_error} for alert in found.alerts],
        "signal": found.chart.signal + 1 or None,
    }


def _show_progress(day: DaySoFar, found: Monitored) -> None:
    from rich.text import Text

    from .console import OUT

    order = day.problem.shares
    OUT.print()
    OUT.print(f"{found.done:,.0f} of {order:,.0f} shares are filled; the plan has {found.due:,.0f} by now")
    if not found.alerts:
        OUT.print("No alerts", style="green")
    for alert in found.alerts:
        OUT.print(Text(f"! {alert.kind}: {alert.text}"), style="bold red" if alert.is_error else "red", soft_wrap=True)


def _plan_json(result: ReoptimiseResult) -> dict[str, Any]:
    plan = result.plan
    certificate = None if plan.schedule is None else plan.schedule.certificate
    return {
        **_progress_json(result.day, result.found),
        "is_changed": plan.is_changed,
        "saving": plan.saving,
        "saving_error": plan.saving_error,
        "remaining_cost": plan.remaining_cost,
        "half_spread_level": plan.half_spread.day,
        "slope_level": plan.slope.day,
        "reasons": list(plan.reasons),
        "kkt_residual": None if certificate is None else certificate.kkt_residual,
        "duality_gap": None if certificate is None else certificate.duality_gap,
        "plan": plan.plan.tolist(),
    }


def _show_plan(result: ReoptimiseResult) -> None:
    from .console import OUT

    _show_progress(result.day, result.found)
    OUT.print()
    for reason in result.plan.reasons:
        OUT.print(f"- {reason}")
    if result.plan.schedule is not None:
        certificate = result.plan.schedule.certificate
        OUT.print(
            f"Certificate of the optimum: KKT residual {certificate.kkt_residual:.1e}, duality gap "
            f"{certificate.duality_gap:.1e}"
        )
