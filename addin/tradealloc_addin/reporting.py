"""The report on the workbook that is open: a PDF and a page beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tradealloc.errors import WorkbookError

from .live_cells import com_get
from .xlwings_book import XlwingsBook

if TYPE_CHECKING:
    import xlwings as xw

    from tradealloc.actions import Progress
    from tradealloc.actions.report import Written


def report_live(book: xw.Book, home: Path, progress: Progress) -> tuple[tuple[Written, ...], tuple[str, ...]]:
    """Write the report on an open workbook, which stays as it is.

    Parameters
    ----------
    book
        The workbook.
    home
        Where the report of a workbook goes that lives on the web.
    progress
        Told what is being done.

    Returns
    -------
    written
        The files, the PDF first.
    notes
        What the trader should know.

    Raises
    ------
    InputError, InfeasibleError, SolverError
        The order can't be solved.
    WorkbookError
        The workbook was never saved, or the files can't be written.
    """
    from tradealloc.actions.report import make_report, write_report

    folder = folder_of(book, home)
    report = make_report(XlwingsBook(book), progress=progress)
    written = write_report(report, Path(book.name).stem, folder, progress=progress)
    return written, tuple(note.text for note in report.notes)


def folder_of(book: xw.Book, home: Path) -> Path:
    """The folder of a workbook; the user's home for one that lives on the web."""
    name = str(com_get(book.api, "FullName") or book.fullname)
    if "://" in name:
        return home
    path = Path(name)
    if not path.is_absolute():
        raise WorkbookError(f"{book.name} was never saved: save it, then make the report beside it")
    return path.parent
