"""Commands about workbooks themselves: templates to start from, and the names they use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def templates() -> None:
    """List the workbooks to start from."""
    from tradealloc.templates import DESCRIPTIONS

    for name, description in DESCRIPTIONS.items():
        print(f"{name}  {description}")


@app.command()
def new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Name of a template, see: tradealloc templates")],
    path: Annotated[Path | None, typer.Argument(metavar="PATH", help="New file; default: the template's name.")] = None,
) -> None:
    """Start a workbook from a template."""
    from tradealloc.templates import new_workbook

    made = new_workbook(template, path)
    print(f"{made} is ready: change the inputs, then run: tradealloc run {made}")


@app.command()
def names(markdown: Annotated[bool, typer.Option("--markdown", help="Print the page as Markdown.")] = False) -> None:
    """List every workbook name, table column and setting, with unit, default and meaning."""
    from tradealloc.workbook.reference import print_reference

    print_reference(markdown)
