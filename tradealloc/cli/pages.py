"""The command that makes a page to send: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradealloc.report.renderings import Paper

from .options import Workbook, examples

app = typer.Typer()


@app.command(
    epilog=examples(
        "tradealloc report day.xlsx",
        "tradealloc report day.xlsx --pdf --paper letter -o reports/",
        "tradealloc report day.xlsx --eml --png -o reports/    (a mail draft with the page inline, and the charts)",
    )
)
def report(
    workbook: Workbook,
    pdf: Annotated[bool, typer.Option("--pdf", help="One page as PDF.")] = False,
    html: Annotated[bool, typer.Option("--html", help="One HTML file, tables ready to be copied into Excel.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Each chart as PNG.")] = False,
    eml: Annotated[bool, typer.Option("--eml", help="Draft of a mail: the page inline, the PDF attached.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder to write to; without it, that of the workbook."),
    ] = None,
    paper: Annotated[Paper, typer.Option("--paper", help="Paper of the PDF.")] = Paper.A4,
) -> None:
    """Make a page to send: schedule, totals, comparison, sensitivity, limits that bind, certificate.

    Without a choice, PDF and HTML. The figures are computed afresh from the inputs, the workbook stays as it is; the \
page says where the results in the workbook are stale or absent.
    """
    from tradealloc.actions.report import USUAL, Rendering, make_report, write_report
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .console import OUT, progress, show_notes

    wanted = {Rendering.PDF: pdf, Rendering.HTML: html, Rendering.PNG: png, Rendering.EML: eml}
    chosen = tuple(rendering for rendering, is_wanted in wanted.items() if is_wanted) or USUAL
    with progress("Reporting") as say:
        made = make_report(XlsxBook.open(workbook), progress=say)
        folder = workbook.parent if output is None else output
        written = write_report(made, workbook.stem, folder, chosen, paper, progress=say)
    show_notes([note.text for note in made.notes])
    for file in written:
        OUT.print(f"{'Replaced' if file.has_replaced else 'Written'} {file.path}", soft_wrap=True, markup=False)
