"""``tradealloc addin``: build, install and examine the add-in for Excel or LibreOffice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import examples

if TYPE_CHECKING:
    from tradealloc_addin.install import Finding

app = typer.Typer(no_args_is_help=True, help="Build, install and examine the add-in for Excel or LibreOffice.")

TROUBLE = 2
"""Exit status where something has to be put right."""


@app.command(epilog=examples("tradealloc addin build", "tradealloc addin build --libreoffice -o tradealloc.oxt"))
def build(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write; default: tradealloc.xlam.")
    ] = None,
    libreoffice: Annotated[bool, typer.Option("--libreoffice", help="Build tradealloc.oxt for LibreOffice.")] = False,
) -> None:
    """Build the add-in from its text sources.

    Excel's needs the extra: pip install "tradealloc\\[excel]". The same sources give the same bytes.
    """
    if libreoffice:
        from tradealloc_addin.libreoffice.oxt import build_oxt

        made = build_oxt(output or Path("tradealloc.oxt"))
        print(f"{made} is ready: install it with LibreOffice's Extension Manager, or: unopkg add {made}")
        return
    from tradealloc_addin.build import build_xlam

    print(
        f"{build_xlam(output or Path('tradealloc.xlam'))} is ready: tradealloc addin install puts it where Excel looks"
    )


@app.command(epilog=examples("tradealloc addin install", "tradealloc addin doctor"))
def install() -> None:
    """Put the add-in where Excel loads it at start, without admin rights; again to upgrade, settings stay."""
    from tradealloc_addin.install import install as put

    _report(put())


@app.command(epilog=examples("tradealloc addin status"))
def status() -> None:
    """Say what is installed, and where."""
    from tradealloc_addin.install import status as look

    _report(look())


@app.command(epilog=examples("tradealloc addin remove"))
def remove() -> None:
    """Take the add-in away without trace; workbooks stay."""
    from tradealloc_addin.install import remove as take

    _report(take())


@app.command(epilog=examples("tradealloc addin doctor"))
def doctor() -> None:
    """Look for every known trouble and say its remedy."""
    from tradealloc_addin.install import doctor as examine

    _report(examine())


@app.command(epilog=examples("tradealloc addin functions > functions.md"))
def functions() -> None:
    """Print the reference of the spreadsheet functions as Markdown."""
    from tradealloc_addin.reference import function_reference

    print(function_reference())


def _report(findings: Sequence[Finding]) -> None:
    from tradealloc_addin.install import has_errors, render

    print(render(findings))
    if has_errors(findings):
        raise typer.Exit(TROUBLE)
