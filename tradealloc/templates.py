"""The workbooks that ship with tradealloc."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from .errors import InputError, WorkbookError

FOLDER = "workbook_templates"

DESCRIPTIONS: dict[str, str] = {
    "daily_schedule": "one order over the day: inputs, schedule, comparison, sensitivity and checks",
    "blotter": "many orders on one sheet, one schedule each, totals by symbol and by time",
    "live_functions": "every spreadsheet function with a live formula, beside an order to run",
    "post_trade": "orders and their fills: implementation shortfall, its parts, slippage by group",
    "what_if": "one order under several models, limits and sizes, and what each limit costs",
}


def template_path(name: str) -> Path:
    """The file of a template: inside the installed package, or in the checkout."""
    plain = name.removesuffix(".xlsx")
    if plain not in DESCRIPTIONS:
        raise InputError(f"is no template: the templates are {', '.join(DESCRIPTIONS)}", where=name)
    package = Path(__file__).parent
    for folder in (package / FOLDER, package.parent / FOLDER):
        path = folder / f"{plain}.xlsx"
        if path.is_file():
            return path
    raise WorkbookError(f"the file of template {plain} is missing from this installation: install tradealloc again")


def new_workbook(name: str, target: Path | None = None) -> Path:
    """Copy a template; returns the new file.

    Raises
    ------
    InputError
        There is no such template.
    WorkbookError
        The file exists already, or can't be written.
    """
    source = template_path(name)
    path = Path(source.name) if target is None else target
    if path.is_dir():
        path = path / source.name
    if path.suffix.lower() != ".xlsx":
        raise InputError("must end in .xlsx: templates are Excel workbooks", where=str(path))
    is_made = False
    try:
        with path.open("xb") as copy, source.open("rb") as original:
            is_made = True
            shutil.copyfileobj(original, copy)
    except FileExistsError:
        raise WorkbookError(f"{path} exists already: choose another name or move it away") from None
    except OSError as error:
        if is_made:
            with contextlib.suppress(OSError):
                path.unlink()
        raise WorkbookError(f"{path} can't be written ({error.strerror}): choose another folder") from None
    return path
