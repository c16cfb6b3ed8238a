"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Workbook = Annotated[Path, typer.Argument(metavar="WORKBOOK", help="Workbook with the order (.xlsx or .xlsm).")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="OUT", help="Write to this file; without it, in place with a backup."),
]
Method = Annotated[
    str | None, typer.Option("--method", metavar="M", help="auto, analytic, dual, cvxpy or slsqp (ta_method).")
]
Shares = Annotated[str | None, typer.Option("--shares", metavar="S", help="Order size in shares (ta_shares).")]
Beta = Annotated[
    Path | None,
    typer.Option(
        "--beta", metavar="FILE.csv", help="Intervals from CSV: one column of betas, or the headers of tblIntervals."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any input, e.g. participation=0.1; repeat for more."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the summary.")]


def examples(*lines: str) -> str:
    """The foot of a command's help: command lines that can be copied."""
    return "\n\n".join(("[bold]Examples[/]", *lines))
