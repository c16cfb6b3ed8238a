"""Commands about workbooks themselves: templates to start from, and the names they use."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from .options import Output, examples

app = typer.Typer()

ADOPT_EPILOG = """[bold]Examples[/]

tradealloc adopt desk.xlsx --beta 'Day!C2:C391' --shares 'Day!B1'

tradealloc adopt desk.xlsx --beta 'Day!C2:C391' --shares 'Day!B1' --volume 'Day!E2:E391' --participation 'Day!B4' \
-o day.xlsx
"""


@app.command(epilog=examples("tradealloc templates", "tradealloc new blotter"))
def templates() -> None:
    """List the workbooks to start from."""
    from tradealloc.templates import DESCRIPTIONS

    for name, description in DESCRIPTIONS.items():
        print(f"{name}  {description}")


@app.command(epilog=examples("tradealloc new daily_schedule day.xlsx", "tradealloc new what_if desk/what_if.xlsx"))
def new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Name of a template, see: tradealloc templates")],
    path: Annotated[Path | None, typer.Argument(metavar="PATH", help="New file; default: the template's name.")] = None,
) -> None:
    """Start a workbook from a template."""
    from tradealloc.templates import new_workbook

    made = new_workbook(template, path)
    print(f"{made} is ready: change the inputs, then run: tradealloc run {made}")


@app.command(epilog=examples("tradealloc names", "tradealloc names --markdown > names.md"))
def names(markdown: Annotated[bool, typer.Option("--markdown", help="Print the page as Markdown.")] = False) -> None:
    """List every workbook name, table column and setting, with unit, default and meaning."""
    from tradealloc.workbook.reference import print_reference

    print_reference(markdown)


def _with_places(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each input and each column of intervals in the registry."""
    from tradealloc.workbook.fields import INPUTS, INTERVAL_COLUMNS

    columns = [(column.key, "RANGE", f"{column.help} ({column.header})", "Intervals") for column in INTERVAL_COLUMNS]
    cells = [(field.key, "CELL", field.help, "Inputs") for field in INPUTS if field.key != "contract_version"]
    options = [
        inspect.Parameter(
            key,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(metavar=metavar, help=help_, rich_help_panel=panel)],
        )
        for key, metavar, help_, panel in (*columns, *cells)
    ]
    signature = inspect.signature(command, eval_str=True)
    fixed = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=[*fixed, *options])  # type: ignore[attr-defined]
    return command


@app.command(epilog=ADOPT_EPILOG)
@_with_places
def adopt(
    workbook: Annotated[Path, typer.Argument(metavar="BOOK", help="The desk's workbook (.xlsx or .xlsm).")],
    output: Output = None,
    **places: str | None,
) -> None:
    """Make the desk's own workbook run like a template.

    Adds the sheets of the daily schedule and lets their inputs follow the desk's cells by formulas; everything else \
in the workbook stays as it is. --beta and --shares are needed, all other inputs are optional. Afterwards \
[bold]tradealloc run[/] works on it, and its results are marked STALE when one of the desk's cells changes.
    """
    from tradealloc import actions
    from tradealloc.workbook.xlsx_book import XlsxBook

    book = XlsxBook.open(workbook)
    given = {key: place for key, place in places.items() if place is not None}
    adopted = actions.adopt(book, given)
    backup = book.save(output)
    written = output or workbook
    intervals = f"{adopted.intervals:,} interval{'s' * (adopted.intervals != 1)}"
    print(f"{written} has new sheets ({', '.join(adopted.sheets)}) for {intervals}")
    for key, place in given.items():
        print(f"  {key} follows {place}")
    if backup is not None:
        print(f"the file as it was: {backup.name}")
    print(f"run it: tradealloc run {written}")


@app.command(epilog=examples("tradealloc upgrade day.xlsx", "tradealloc upgrade old.xlsx -o new.xlsx"))
def upgrade(
    workbook: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="Workbook of an older version.")],
    output: Output = None,
) -> None:
    """Bring a workbook of an older version up to date, with everything in it kept."""
    from tradealloc import actions
    from tradealloc.workbook.fields import CONTRACT_VERSION
    from tradealloc.workbook.xlsx_book import XlsxBook

    book = XlsxBook.open(workbook)
    upgraded = actions.upgrade(book)
    if not upgraded.is_changed:
        print(f"{workbook} is of the present version {CONTRACT_VERSION}: nothing to do")
        if output is None:
            return
    backup = book.save(output)
    if not upgraded.is_changed:
        print(f"{output} is a copy of it")
        return
    done = "".join(f", {step.what}" for step in upgraded.steps)
    print(f"{output or workbook} is of version {CONTRACT_VERSION} now{done}")
    if backup is not None:
        print(f"the file as it was: {backup.name}")
