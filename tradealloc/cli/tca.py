"""The command after the day: what did the execution cost, and why."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradealloc.errors import InputError

from .options import Json

if TYPE_CHECKING:
    from tradealloc.desk.tca import Analysis, PredictionCheck

app = typer.Typer()

EPILOG = """[bold]Examples[/]

tradealloc tca fills.csv --orders orders.csv -o costs

tradealloc tca fills.csv --orders orders.csv --market prints.csv --profile profile.csv --timezone America/New_York

tradealloc tca post_trade.xlsx

[bold]Exit status[/]  0 done, 2 bad input or usage, 4 a file can't be read or written.
"""


@app.command(epilog=EPILOG)
def tca(
    fills: Annotated[
        Path, typer.Argument(metavar="FILLS", help="Fills as CSV, or a workbook with tblFills to be analysed in place.")
    ],
    orders: Annotated[Path | None, typer.Option("--orders", metavar="ORDERS.csv", help="The orders.")] = None,
    market: Annotated[
        list[Path] | None,
        typer.Option("--market", metavar="DATA", help="Book, prints or bars of the day; repeat for more."),
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", metavar="PROFILE.csv", help="What the day was planned with: compared and refined."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Write tables (CSV) and page (PDF, HTML) here.")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="WORKBOOK", help="Write fills, orders and results into this workbook."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME,...", help="Group by order, symbol, side, broker, time; default: all."),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="Zone to show times in, and of times that name none."),
    ] = None,
    drop_repeats: Annotated[
        bool, typer.Option("--drop-repeats", help="Leave out fills that repeat others instead of refusing them.")
    ] = False,
    json_: Json = False,
) -> None:
    """What an execution cost: implementation shortfall, its parts, slippage by group.

    The shortfall of each order is split into delay, timing, permanent and temporary impact, spread, opportunity and \
fees, to the cent. Parts that the data can't tell apart stay together and are named so. Slippage is against arrival, \
interval VWAP, TWAP and close. Forecasts are compared with what came of them; with --profile the next day's profile \
is written too.
    """
    from tradealloc.actions.tca import analyse_book, analyse_files, analyse_into, write_analysis
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .console import OUT, progress, show_notes

    names = None if by is None else [name.strip() for name in by.split(",") if name.strip()]
    is_book = fills.suffix.lower() in (".xlsx", ".xlsm")
    if is_book:
        for option, value in (
            ("--orders", orders),
            ("--market", market),
            ("--into", into),
            ("--profile", profile),
            ("--timezone", timezone),
        ):
            if value:
                raise InputError("goes with fills in a CSV file, not with a workbook", where=option)
    written: list[str] = []
    with progress("Analysing") as say:
        book = XlsxBook.open(fills) if is_book else None if into is None else XlsxBook.open(into)
        if is_book:
            assert book is not None
            analysis = analyse_book(book, by=names, drop_repeats=drop_repeats, progress=say)
        else:
            analysis = analyse_files(
                fills,
                orders,
                market or (),
                by=names,
                profile=profile,
                timezone=timezone,
                drop_repeats=drop_repeats,
                progress=say,
            )
            if book is not None:
                analyse_into(book, analysis)
        if output is not None:
            written += [str(file.path) for file in write_analysis(analysis, output, fills.name, progress=say)]
        if book is not None:
            book.save(None)
            written.append(str(fills if is_book else into))
    show_notes([*analysis.notes, *(book.warnings if book is not None else ())])
    if json_:
        print(analysis_json(analysis, written))
        return
    show_analysis(analysis)
    for name in written:
        OUT.print(f"Written {name}", soft_wrap=True, markup=False)


def analysis_json(analysis: Analysis, written: list[str]) -> str:
    """One JSON object, with the files written."""
    return json.dumps(_plain({**_object(analysis), "output": written}), allow_nan=False)


def _object(analysis: Analysis) -> dict[str, Any]:
    from dataclasses import asdict

    from tradealloc.workbook.tca_outputs import group_columns, result_columns

    refined = analysis.refined
    return {
        "orders": len(analysis.orders),
        "fills": len(analysis.fills),
        "totals": [
            {
                "currency": total.currency,
                "notional": total.notional,
                "shortfall": total.shortfall / 100,
                "shortfall_bps": total.shortfall_bps,
                "parts": {part: cents / 100 for part, cents in total.parts.items()},
                "slippage_bps": total.slippage,
            }
            for total in analysis.totals
        ],
        "by_order": _rows(result_columns(analysis)),
        "groups": _rows(group_columns(analysis.groups)),
        "prediction": None if analysis.check is None else asdict(analysis.check),
        "profile": None
        if refined is None
        else {
            **asdict(refined.check),
            "noise": refined.noise,
            "level": refined.level,
            "level_error": refined.level_error,
        },
        "notes": list(analysis.notes),
    }


def _rows(columns: Any) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    """NaN is null in JSON."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def show_analysis(analysis: Analysis) -> None:
    """Parts, groups and forecasts as tables on the terminal."""
    from rich import box
    from rich.table import Table

    from tradealloc.desk.tca import GROUPINGS, PARTS

    from .console import OUT

    for total in analysis.totals:
        unit = total.currency or "currency"
        table = Table(box=box.SIMPLE_HEAD, title=f"Shortfall of {_orders(total.orders)}, {unit}", title_justify="left")
        table.add_column("Part")
        for heading in ("Cost", "bps"):
            table.add_column(heading, justify="right", no_wrap=True)
        for name, cents in [
            *((PARTS[part], cents) for part, cents in total.parts.items()),
            ("Shortfall", total.shortfall),
        ]:
            bps = cents / 100 / total.notional * 1e4 if total.notional else math.nan
            table.add_row(name, f"{cents / 100:,.2f}", _bps(bps))
        OUT.print(table)
    for by, label in GROUPINGS.items():
        groups = analysis.of(by)
        if by == "order" or not any(one.name for one in groups):
            continue
        table = Table(box=box.SIMPLE_HEAD, title=f"Slippage by {label.lower()}, bps", title_justify="left")
        table.add_column(label, no_wrap=True, min_width=7)
        columns: list[tuple[str, list[str]]] = [
            ("In", [one.currency if len(analysis.totals) > 1 else "" for one in groups]),
            ("Orders", [f"{one.orders:,}" for one in groups]),
            ("Fills", [f"{one.fills:,}" for one in groups]),
            ("Arrival", [_bps(one.arrival_bps) for one in groups]),
            ("± 95 %", [_bps(one.high_bps - one.arrival_bps) for one in groups]),
            ("VWAP", [_bps(one.vwap_bps) for one in groups]),
            ("TWAP", [_bps(one.twap_bps) for one in groups]),
            ("Close", [_bps(one.close_bps) for one in groups]),
        ]
        told = [(heading, texts) for heading, texts in columns if any(text not in ("", "-") for text in texts)]
        for heading, _ in told:
            table.add_column(heading, justify="right", no_wrap=True)
        for row, one in enumerate(groups):
            table.add_row(one.name or "-", *(texts[row] for _, texts in told))
        OUT.print(table)
    _show_check(analysis.check, "Forecast against outcome, bps")
    if analysis.refined is not None:
        _show_check(analysis.refined.check, "Profile against fills, currency per share", "90 % interval")
        if analysis.refined.check.covered:
            OUT.print(
                f"The intervals hold the profile's errors and {analysis.refined.noise:.0%} noise of a single "
                "execution, estimated from the fills of the day's other half hours",
                soft_wrap=True,
            )
        OUT.print(f"The day's level: {analysis.refined.level:.3f} ± {analysis.refined.level_error:.3f} of the profile")


def _show_check(check: PredictionCheck | None, title: str, interval: str = "interval") -> None:
    from .console import OUT

    if check is None:
        return
    coverage = "" if not check.covered else f", {check.coverage:.0%} of {check.covered:,} within their {interval}"
    OUT.print(
        f"{title}: {check.count:,} pairs, bias {check.bias:.4g} ± {check.bias_error:.2g}, "
        f"slope {check.slope:.3g} ± {check.slope_error:.2g}, R² {check.r_squared:.2f}{coverage}",
        soft_wrap=True,
    )


def _orders(count: int) -> str:
    return f"{count:,} order{'s' * (count != 1)}"


def _bps(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.2f}"
