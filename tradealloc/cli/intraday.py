"""Commands of the trading day: monitor, reoptimise."""

from __future__ import annotations

import datetime as dt
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradealloc.errors import InputError, TradeallocError, WorkbookError

from .market import session_hours
from .options import Json, Output, Workbook, examples
from .replays import Day, Hours, Tick, Zone

if TYPE_CHECKING:
    from tradealloc.actions.day_inputs import DayInputs
    from tradealloc.actions.day_so_far import DaySoFar
    from tradealloc.actions.monitor import MonitorResult
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


@app.command(
    epilog=examples(
        "tradealloc reoptimise day.xlsx --fills fills.csv --market data/*2025-06-09* --now 11:00 --save-plan plan1.csv",
        "tradealloc reoptimise day.xlsx --fills fills.csv --now 13:30 --plan plan1.csv",
    )
)
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


@app.command(
    epilog=examples(
        "tradealloc monitor day.xlsx --fills fills.csv --market data/*2025-06-09* --now 11:00",
        "tradealloc monitor day.xlsx --fills fills.csv --market data/*2025-06-09* --watch",
    )
)
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
window, duplicates, stale market data, no room left. The cap of slippage is the workbook's ta_impact_cap. With \
[bold]--watch[/] the workbook is refreshed when the fills, the market data or the plan change, and every minute by \
this computer's clock; what can't be read, or a workbook that Excel has open, is said and waited for.
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
    if looks is not None and looks < 1:
        raise InputError(f"is {looks}: give 1 or more", where="--looks")
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
    """Look after look until Ctrl+C, or the end of a recorded day; an error holds the state on disk and is said once."""
    from .console import ERR

    watched = (fills, *inputs.market, *([inputs.plan] if inputs.plan else []))
    seen: object = None
    stamp_before: Stamp | None = None
    said = last_look = ""
    count = 0
    try:
        while looks is None or count < looks:
            if count:
                time.sleep(every)
            count += 1
            stamps = tuple(map(_stamp, watched))
            state = stamps, None if inputs.now else time.localtime()[3:5]
            is_growing, stamp_before = _ends_amid_line(fills) and stamps[0] != stamp_before, stamps[0]
            if inputs.feed is None and (state, _stamp(workbook)) == seen:
                continue
            try:
                if is_growing:
                    raise WorkbookError(f"{fills.name} ends amid a line: waiting for the rest of it")
                result = _look(workbook, inputs)
            except TradeallocError as error:
                if str(error) != said:
                    ERR.print(f"held: {error}", style="yellow", soft_wrap=True, markup=False)
                said = str(error)
                continue
            seen, said, last_look = (state, _stamp(workbook)), "", f"{result.day.now:%H:%M:%S}"
            _report(result, as_json)
            if inputs.feed is not None and result.day.first >= len(result.day.starts):
                ERR.print("the recorded day is over", style="dim")
                return
    except KeyboardInterrupt:
        state_on_disk = f"{workbook.name} holds the day as of {last_look}" if last_look else "nothing was written"
        ERR.print(f"stopped: {state_on_disk}", style="dim", soft_wrap=True, markup=False)


Stamp = tuple[int, int, int]


def _stamp(path: Path) -> Stamp:
    """What tells one state of a file from another; no file is a state, too."""
    try:
        status = path.stat()
    except OSError:
        return (-1, -1, -1)
    return status.st_size, status.st_mtime_ns, status.st_ino


def _ends_amid_line(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            if not file.tell():
                return False
            file.seek(-1, 2)
            return file.read(1) not in b"\r\n"
    except OSError:
        return False  # the look says what is wrong with it


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
    from tradealloc.actions.day_inputs import DayInputs

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
        "now": f"{day.now:%H:%M:%S}",
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
    filled = f"{found.done:,.0f} of {order:,.0f} shares are filled"
    OUT.print(f"{day.now:%H:%M:%S}: {filled}; the plan has {found.due:,.0f} by now")
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
