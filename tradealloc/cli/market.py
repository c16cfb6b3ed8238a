"""Commands on market data: calibrate a day profile, and make data to try it on."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradealloc.errors import InputError

from .options import examples

if TYPE_CHECKING:
    from tradealloc.actions.calibrate import Calibration
    from tradealloc.market.calibration.forms import FormComparison
    from tradealloc.market.calibration.regimes import Regimes
    from tradealloc.market.readers.timing import SessionHours

app = typer.Typer()

CALIBRATE_EPILOG = """[bold]Examples[/]

tradealloc calibrate data/*.csv.gz -o profile.csv --report profile.html

tradealloc calibrate AMZN_2012-06-21_34200000_57600000_message_1.csv.gz --method ofi -o profile.csv

tradealloc calibrate monday.csv tuesday.csv -o profile.csv --into day.xlsx

tradealloc calibrate monday.csv --forms

tradealloc calibrate data/*.csv.gz --regimes --learn -o profile.csv

tradealloc calibrate FILLS.csv --method fills

The profile is a table that [bold]tradealloc run --beta[/] takes. MaxShares is the size up to which the costs are \
known: a schedule doesn't go beyond it. A table of fills (shares, ADV, sigma, POV, cost_bps; an order a row) gives \
the parameters of a power law and of I-Star.
"""

ONE_DAY = (
    "one day: table and profile show it as it was, and most of its ups and downs from minute to minute were chance; "
    "to plan another day, calibrate several or use --into, which writes the smooth day to expect"
)


@app.command(epilog=CALIBRATE_EPILOG)
def calibrate(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="LOBSTER pairs or MBP-10 files, a day or several; or a table of fills."),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PROFILE.csv", help="Write the profile here.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="WORKBOOK", help="Write it into the intervals of a workbook, too.")
    ] = None,
    method: Annotated[
        str, typer.Option(metavar="M", help="book (walk the book), ofi (order flow at the best quotes) or fills.")
    ] = "book",
    session: Annotated[
        str | None, typer.Option(metavar="HH:MM-HH:MM", help="Hours, local; default 09:30-16:00 or the file's.")
    ] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="Such as America/New_York.")] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Day, where the files don't say it.")] = None,
    interval: Annotated[float, typer.Option(metavar="MINUTES", help="Length of the intervals.")] = 1.0,
    tick: Annotated[float, typer.Option(help="Smallest price step.")] = 0.01,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Page (.html) or picture (.png) of it.")
    ] = None,
    forms: Annotated[
        bool, typer.Option("--forms", help="Show which form of slippage fits the walked books best.")
    ] = False,
    regimes: Annotated[
        bool, typer.Option("--regimes", help="Find calm, volatile and event times; a column Regime in the profile.")
    ] = False,
    learn: Annotated[
        bool, typer.Option("--learn", help="Say whether a learned forecast beats the prior on days held out.")
    ] = False,
) -> None:
    """Find what trading costs, minute by minute, from recorded order books.

    For each interval the half-spread and the slope of slippage together, with 90 % intervals. One day is given as it \
was; several become the day to expect, and so does what --into writes.
    """
    from tradealloc.actions import calibrate as calibration
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .console import progress, show_notes

    if method == "fills":
        files = {"--output": output, "--into": into, "--report": report}
        asked = {"--forms": forms or None, "--regimes": regimes or None, "--learn": learn or None}
        _refuse_for_fills(data, {**files, **asked})
        show_fills(data[0])
        return
    if output is None and into is None and not (forms or regimes or learn):
        raise InputError("is missing: say where to write, -o PROFILE.csv or --into WORKBOOK", where="--output")
    try:
        chosen = calibration.CalibrationMethod(method)
    except ValueError:
        raise InputError(f"is {method!r}: give book, ofi or fills", where="--method") from None
    if forms and chosen is not calibration.CalibrationMethod.BOOK:
        raise InputError("compares walks through the book: leave it out, or use --method book", where="--forms")
    options = calibration.CalibrationOptions(chosen, session_hours(session, timezone, date, interval), tick)
    calibration.check_targets(output, report, data, into)
    notes: list[str] = []
    with progress("Calibrating") as say:
        book = None if into is None else XlsxBook.open(into)
        found = calibration.calibrate(data, options, progress=say)
        in_regimes = calibration.regimes_of(found, options) if regimes else None
        learned = calibration.learn_from(found, options) if learn else None
        if book is not None:
            notes += calibration.put_into(book, found.expected)
        say("writing")
        backup = calibration.write_calibration(
            found, output, report, inputs=data, regimes=in_regimes, learned=learned, into=book
        )
    show_calibration(found)
    if len(found.days) == 1:
        print(_sentence(ONE_DAY))
    if found.coverage is not None:
        print(_sentence(found.coverage.sentence))
    if forms and found.forms is not None:
        show_forms(found.forms)
        if found.isotonic is not None:
            print(_sentence(found.isotonic.sentence))
    if in_regimes is not None:
        show_regimes(in_regimes)
    for verdict in () if learned is None else learned.verdicts:
        print(_sentence(verdict.sentence))
    show_notes((*found.notes, *notes, *(book.warnings if book is not None else ())))
    for path in (output, report):
        if path is not None:
            print(f"written: {path}")
    if into is not None:
        kept = "" if backup is None else f" (the file as it was: {backup.name})"
        print(f"written: {len(found.profile.starts):,} intervals into {into}{kept}; run it: tradealloc run {into}")


@app.command(
    epilog=examples("tradealloc synthetic data --days 6 --seed 1", "tradealloc synthetic data --format lobster")
)
def synthetic(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files; made where it is missing.")],
    days: Annotated[int, typer.Option(metavar="D", help="Number of days.")] = 1,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the first day; the next day has the next one.")] = 0,
    first: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Date of the first day.")] = "2025-06-02",
    form: Annotated[str, typer.Option("--format", metavar="F", help="mbp10 or lobster.")] = "mbp10",
    flat: Annotated[bool, typer.Option("--flat", help="No shape over the day.")] = False,
    noon_shift: Annotated[
        float | None, typer.Option(metavar="X", help="From noon on costs are multiplied by this.")
    ] = None,
    regimes: Annotated[bool, typer.Option("--regimes", help="Calm and volatile minutes alternate.")] = False,
    events: Annotated[int | None, typer.Option(metavar="E", help="Book events a minute (120).")] = None,
    symbol: Annotated[str | None, typer.Option(metavar="TICKER", help="Name of the stock (SYNTH).")] = None,
) -> None:
    """Make days of a market whose true costs are known, to try everything on.

    Ten levels, half-spread and slope three times their noon level at the open and 1.2 times at the close.
    """
    from tradealloc.actions.calibrate import market_parameters, synthesise

    from .console import progress

    parameters = market_parameters(
        flat=flat, noon_shift=noon_shift, regimes=regimes, events_per_minute=events, symbol=symbol
    )
    with progress("Writing") as say:
        made = synthesise(folder, days, seed, first=_date(first, "--first"), form=form, parameters=parameters,
                          progress=say)  # fmt: skip
    print(f"{len(made.files)} files, {made.dates[0]} to {made.dates[-1]}, in {folder}")
    print(f"calibrate them: tradealloc calibrate {folder}/*.csv.gz -o profile.csv")


def show_calibration(found: Calibration) -> None:
    """The table by half hours."""
    from rich import box
    from rich.table import Table

    from .console import OUT

    profile = found.profile
    count = len(found.days)
    what = f"{found.dates[0]} as it was" if count == 1 else f"day to expect, from {count} days"
    table = Table(
        box=box.SIMPLE_HEAD, title=f"{profile.symbol or 'Book'}: {what}", title_justify="left", padding=(0, 0, 0, 1)
    )
    for head in ("From", "Spread/2", "±90 %", "Slope", "±90 %", "R²", "Volume", "Up to", "Fits"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in found.rows:
        table.add_row(
            f"{row.start:%H:%M}",
            f"{row.half_spread:.5f}",
            _shown(row.half_spread_width, ".1%"),
            f"{row.beta * 1e6:.4g}",
            _shown(row.beta_width, ".1%"),
            _shown(row.r_squared, ".2f"),
            _shown(row.volume, ",.0f"),
            _shown(row.max_shares, ",.0f"),
            f"{row.fitted:.0%}",
        )
    OUT.print(table)
    OUT.print(
        "Spread/2 in currency per share; slope in millionths of it per share; volume in "
        "shares in the half hour; up to: shares in an interval for which costs are known; "
        "fits: intervals with an estimate of their own",
        style="dim",
    )


def show_forms(forms: FormComparison) -> None:
    """The table of the forms of slippage."""
    from rich import box
    from rich.table import Table

    from .console import OUT

    title = f"Form of slippage: {forms.best} fits best, from {forms.intervals:,} intervals"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=(0, 0, 0, 1))
    table.add_column("Form", no_wrap=True)
    for head in ("AICc", "R²", "h", "p", "Wins", "Of two"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in forms.rows:
        table.add_row(
            row.form,
            f"{row.aicc:,.1f}",
            f"{row.r_squared:.3f}",
            f"{row.half_spread:.3f}",
            _shown(row.exponent, ".2f"),
            f"{row.wins:.0%}",
            _shown(row.wins_of_two, ".0%"),
        )
    OUT.print(table)
    OUT.print(
        "I(x) = h + b x^p + c x², in units of the largest size and the mean slippage; AICc "
        "above the best form's over the whole day; wins: intervals that choose it; of two: "
        "among the forms with two parameters; b and c: in the --report page",
        style="dim",
    )


def show_regimes(found: Regimes) -> None:
    """The table of the regimes."""
    from rich import box
    from rich.table import Table

    from .console import OUT

    count = len(found.names)
    title = "One regime: costs follow the time of day" if count == 1 else f"{count} regimes"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=(0, 0, 0, 1), min_width=48)
    table.add_column("Regime", no_wrap=True)
    for head in ("Level", "Of the day", "Minutes"):
        table.add_column(head, justify="right", no_wrap=True)
    for name, level, share, minutes in zip(found.names, found.level, found.share, found.minutes, strict=True):
        table.add_row(name, f"{level:.2f}", f"{share:.0%}", "-" if math.isinf(minutes) else f"{minutes:.0f}")
    OUT.print(table)
    OUT.print("Level: cost over the usual one at that time; minutes: expected length of a stay", style="dim")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _refuse_for_fills(data: list[Path], options: dict[str, object]) -> None:
    for name, value in options.items():
        if value is not None:
            raise InputError("has no use with --method fills, which prints parameters: leave it out", where=name)
    if len(data) != 1:
        raise InputError(f"holds {len(data)} files: --method fills takes one table", where="DATA")


def show_fills(path: Path) -> None:
    """The parameters of the power law and of I-Star."""
    from rich import box
    from rich.table import Table

    from tradealloc.actions.fit_fills import fit_fills

    from .console import OUT, show_notes

    found = fit_fills(path)
    for fit in found:
        table = Table(
            box=box.SIMPLE_HEAD, title=f"{fit.name}: {fit.formula}", title_justify="left", padding=(0, 0, 0, 1)
        )
        for head in ("Parameter", "Estimate", "Std error", "90 % from", "to"):
            table.add_column(head, justify="right", no_wrap=True)
        for row in fit.estimates:
            table.add_row(row.name, *(_shown(value, ".5g") for value in (row.value, row.error, row.low, row.high)))
        OUT.print(table)
        OUT.print(
            f"{fit.orders:,} orders, R² {fit.r_squared:.3f}, left over {fit.error:.3g} bp an order",
            style="dim",
        )
    OUT.print("MI in bp of arrival; sigma yearly, a fraction; POV a fraction", style="dim")
    show_notes(tuple(note for fit in found for note in fit.notes))


def _shown(value: float, form: str) -> str:
    return "-" if math.isnan(value) else f"{value:{form}}"


def session_hours(session: str | None, timezone: str | None, date: str | None, minutes: float) -> SessionHours:
    from tradealloc.market.readers.timing import SessionHours
    from tradealloc.market.session import zone

    opening = closing = None
    if session is not None:
        try:
            opening, closing = (dt.time.fromisoformat(text.strip()) for text in session.split("-"))
        except ValueError:
            raise InputError(f"is {session!r}: write the hours as 09:30-16:00", where="--session") from None
        if closing <= opening:
            raise InputError(f"is {session!r}: the close isn't after the open", where="--session")
    if timezone is not None:
        zone(timezone)
    if not (math.isfinite(minutes) and 0.5 <= minutes <= 1440):
        raise InputError(f"is {minutes:g}: give 0.5 to 1,440 minutes", where="--interval")
    day = None if date is None else _date(date, "--date")
    return SessionHours(opening, closing, timezone, day, dt.timedelta(minutes=minutes))


def _date(text: str, where: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(f"is {text!r}: write the day as YYYY-MM-DD", where=where) from None
