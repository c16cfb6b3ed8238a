"""Commands that optimise a workbook: run, compare, sensitivity."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradealloc.errors import InputError, WorkbookError
from tradealloc.model.arrays import numbers

from .options import Beta, Json, Method, Output, Settings, Shares, Workbook, examples

if TYPE_CHECKING:
    from tradealloc.actions import BlotterResult, Overrides, RunResult
    from tradealloc.desk.tca import Analysis

app = typer.Typer()

RUN_EPILOG = """[bold]Examples[/]

tradealloc run day.xlsx

tradealloc run day.xlsx --shares 20000 --beta profile.csv --set participation=0.1 -o plan.xlsx

tradealloc run any.xlsx --beta-range 'Sheet1!C2:C391' --shares-range 'Sheet1!B1' --write-to 'Sheet1!D2'

tradealloc run blotter.xlsx --set participation=0.1

[bold]Exit status[/]  0 done, 2 bad input or usage, 3 infeasible, 4 a file can't be read or written. Of a blotter the \
orders that can be traded are written even where others can't: the status is then 2 or 3, and Status says why.
"""


@app.command(epilog=RUN_EPILOG)
def run(
    workbook: Workbook,
    output: Output = None,
    method: Method = None,
    shares: Shares = None,
    beta: Beta = None,
    set_: Settings = None,
    json_: Json = False,
    beta_range: Annotated[
        str | None, typer.Option(metavar="RANGE", help="Any workbook, no names needed: where the betas are.")
    ] = None,
    shares_range: Annotated[str | None, typer.Option(metavar="CELL", help="... where the order size is.")] = None,
    write_to: Annotated[str | None, typer.Option(metavar="CELL", help="... where the allocation starts.")] = None,
) -> None:
    """Optimise the order in a workbook, or all orders of a blotter: the ribbon's Optimise, headless.

    Reads the inputs by name (ta_shares, tblIntervals, ...), solves, and writes tblSchedule, the totals, the \
comparison with equal shares and VWAP, and the sensitivity table. Options change inputs in the workbook too, so that \
what it shows belongs together.

    A blotter has its orders in tblOrders and their profiles in tblProfiles; written are one schedule each \
(tblSchedules), results by order, and totals by symbol and by time.

    A what-if workbook is one order with tables of scenarios (tblScenarios), participation caps and exponents to \
price; written are their results, all schedules side by side, and what each limit costs.

    A post-trade workbook has orders (tblTcaOrders) and their fills (tblFills); they are analysed as by \
[bold]tca[/].
    """
    from tradealloc import actions

    if beta_range or shares_range or write_to:
        return _run_ranges(workbook, output, beta_range, shares_range, write_to, method, shares, beta, set_, json_)
    return _on_workbook(workbook, output, _overrides(method, shares, beta, set_), json_, "Optimising", actions.optimise)


@app.command(
    epilog=examples(
        "tradealloc compare day.xlsx",
        "tradealloc compare day.xlsx --set exponent=0.5 -o compared.xlsx",
    )
)
def compare(
    workbook: Workbook,
    output: Output = None,
    method: Method = None,
    shares: Shares = None,
    beta: Beta = None,
    set_: Settings = None,
    json_: Json = False,
) -> None:
    """Let independent solvers agree on the optimum.

    As [bold]run[/], with the report's rows in tblComparison: closed form (or the exact dual), CVXPY, SciPy, and \
the nonlinear model by SciPy where the workbook gives Gamma or an exponent.
    """
    from tradealloc import actions

    _on_workbook(workbook, output, _overrides(method, shares, beta, set_), json_, "Comparing", actions.compare_solvers)


@app.command(
    epilog=examples(
        "tradealloc sensitivity day.xlsx",
        "tradealloc sensitivity day.xlsx --sizes 50000,100000,200000",
    )
)
def sensitivity(
    workbook: Workbook,
    output: Output = None,
    sizes: Annotated[
        str | None, typer.Option(metavar="S,S,...", help="Order sizes, e.g. 50000,100000; default: those in the sheet.")
    ] = None,
    method: Method = None,
    shares: Shares = None,
    beta: Beta = None,
    set_: Settings = None,
    json_: Json = False,
) -> None:
    """Price the order at other sizes.

    As [bold]run[/], with tblSensitivity for the given sizes, those in the table, or half to twice the order.
    """
    from tradealloc import actions

    overrides = _overrides(method, shares, beta, set_, _sizes(sizes))
    _on_workbook(workbook, output, overrides, json_, "Pricing sizes", actions.price_sizes)


def _on_workbook(
    workbook: Path,
    output: Path | None,
    overrides: Overrides,
    as_json: bool,
    title: str,
    verb: Callable[..., RunResult | BlotterResult | Analysis],
) -> None:
    from tradealloc.actions import BlotterResult, RunResult
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .blotter_console import blotter_json, show_blotter
    from .console import as_json as json_text
    from .console import progress, show_notes, show_result, show_written
    from .what_if_console import what_if_json

    _check_output(workbook, output)
    with progress(title) as say:
        book = XlsxBook.open(workbook)
        result = verb(book, overrides, progress=say)
        backup = book.save(output)
    written = str(output or workbook)
    notes = (*result.notes, *book.warnings)
    with _showing(written):
        if not isinstance(result, BlotterResult | RunResult):
            from .tca import analysis_json, show_analysis

            show_notes(notes)
            if as_json:
                print(analysis_json(result, [written]))
            else:
                show_analysis(result)
                show_written(written, backup.name if backup else None)
        elif as_json:
            show_notes(notes)
            print(
                blotter_json(result, written)
                if isinstance(result, BlotterResult)
                else json_text(result.schedule, written, what_if_json(result.what_if))
            )
        elif isinstance(result, BlotterResult):
            show_blotter(result, notes, written, backup.name if backup else None)
        else:
            show_result(result, notes, written, backup.name if backup else None)
    if isinstance(result, BlotterResult):
        raise typer.Exit(result.exit_status)


def _run_ranges(
    workbook: Path,
    output: Path | None,
    betas: str | None,
    size: str | None,
    target: str | None,
    method: str | None,
    shares: str | None,
    beta: Path | None,
    settings: list[str] | None,
    as_json: bool,
) -> None:
    from tradealloc.actions import optimise_ranges
    from tradealloc.model.limits import plain
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .console import as_json as json_text
    from .console import progress, show_notes, show_schedule, show_written

    for option, value in (("--beta-range", betas), ("--write-to", target), ("--shares-range", size or shares)):
        if not value:
            raise InputError(
                "is missing: a run by address takes --beta-range, --shares-range and --write-to", where=option
            )
    _check_output(workbook, output)
    overrides = _overrides(method, shares, beta, settings)
    with progress("Optimising"):
        book = XlsxBook.open(workbook)
        schedule, written = optimise_ranges(book, betas or "", size or "", target or "", overrides)
        backup = book.save(output)
    notes = (*schedule.warnings, *book.warnings)
    with _showing(str(output or workbook)):
        if as_json:
            show_notes(notes)
            print(json_text(schedule, str(output or workbook)))
            return
        show_schedule(schedule, f"{plain(schedule.problem.shares)} shares")
        show_notes(notes)
        show_written(f"{output or workbook}, {written}", backup.name if backup else None)


@contextmanager
def _showing(written: str) -> Iterator[None]:
    """Results on their way to stdout: where that fails, the sentence says that the workbook is written."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        raise WorkbookError(f"{written} is written, but the summary can't be shown ({error.strerror})") from None


def _overrides(
    method: str | None,
    shares: str | None,
    beta: Path | None,
    settings: list[str] | None,
    sizes: list[float] | None = None,
) -> Overrides:
    from tradealloc.actions import Overrides
    from tradealloc.workbook.parsing import find_input

    given: dict[str, tuple[str, str]] = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise InputError(f"is {setting!r}: write it as NAME=VALUE", where="--set")
        given[find_input(name).key] = (value, f"--set {name.strip()}")
    if shares is not None:
        given["shares"] = (shares, "--shares")
    if method is not None:
        given["method"] = (method, "--method")
    return Overrides(given, beta, sizes)


def _sizes(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        sizes = [float(size) for size in text.replace(" ", ",").split(",") if size]
    except ValueError:
        sizes = []
    if not sizes:
        raise InputError(f"is {text!r}: give sizes like 50000,100000", where="--sizes")
    try:
        numbers(sizes, "sizes", above=0)
    except InputError as error:
        raise error.at("--sizes") from None
    return sizes


def _check_output(workbook: Path, output: Path | None) -> None:
    if output is not None and workbook.is_file() and output.suffix.lower() != workbook.suffix.lower():
        raise InputError(f"must end in {workbook.suffix} as {workbook.name} does", where=str(output))
