"""Adopting the workbook that is open: saved and closed, adopted as a file, and opened again.

Sheets with charts and tables can't be copied between workbooks through the port, and the file way loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tradealloc.errors import WorkbookError

from .live_cells import com_get

if TYPE_CHECKING:
    import xlwings as xw

    from tradealloc.actions import Adopted

QUESTIONS: tuple[tuple[str, str, bool], ...] = (
    ("beta", "Select the betas: one row or one column, slippage per share traded in each interval.", True),
    ("shares", "Select the cell that holds the order size in shares.", True),
    ("volume", "Select the forecast volumes, one per beta; or press Cancel to go on without.", False),
)
"""Key, question, and whether the command stops without an answer."""


def adopt_live(book: xw.Book, places: Mapping[str, str]) -> Adopted:
    """Adopt an open workbook in place; it is open again afterwards, as it was where something goes wrong.

    Cells that can't be used are found before the workbook is saved and closed.

    Parameters
    ----------
    book
        The workbook; gone afterwards, another object stands for the workbook that is opened again.
    places
        Addresses by the key of the input, as `tradealloc.actions.adopt` takes them.

    Raises
    ------
    InputError, WorkbookError
        Nothing on disk is changed but for the save, which only troubles of the file itself come after.
    """
    from tradealloc.actions import adopt, check_places
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .xlwings_book import XlwingsBook

    path = file_of(book)
    check_places(XlwingsBook(book), places)
    app = book.app
    book.save()
    book.close()
    try:
        file = XlsxBook.open(path)
        adopted = adopt(file, places)
        file.save()
    finally:
        app.books.open(str(path))
    return adopted


def file_of(book: xw.Book) -> Path:
    """The file of an open workbook.

    Raises
    ------
    WorkbookError
        It was never saved, lives on the web, can't be written, or is of a format that can't be adopted.
    """
    name = str(com_get(book.api, "FullName") or book.fullname)
    path = Path(name)
    if "://" in name:
        raise WorkbookError(
            f"{book.name} lives on the web: save a copy on this computer (File, Save As) and adopt that"
        )
    if not path.is_file():
        raise WorkbookError(
            f"{book.name} hasn't been saved yet: save it as Excel Workbook (.xlsx) and press the button again"
        )
    if path.suffix.casefold() not in (".xlsx", ".xlsm"):
        raise WorkbookError(f"{book.name} is no .xlsx or .xlsm file: save it as Excel Workbook (.xlsx) first")
    if com_get(book.api, "ReadOnly") is True:
        raise WorkbookError(f"{book.name} is open for reading only: save it under another name and adopt that")
    return path
