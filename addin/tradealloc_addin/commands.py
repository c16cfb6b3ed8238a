"""The ribbon's commands: each works on the workbook that called, through the same verbs as the command line.

VBA calls ``run(tag)`` with the tag of the button. Results go through a rehearsal: every write is checked first, what
it replaces is kept for "Undo last run" (see `snapshot`), and only then is anything written.
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tradealloc.errors import InputError, TradeallocWarning, WorkbookError
from tradealloc.workbook.ooxml.addresses import MAX_COLUMN, MAX_ROW, Area, column_number, parse_area

from .freeze import plan_freeze
from .live_cells import LiveSheet, com_get, is_busy
from .log import log_path
from .messages import TITLE, explain, quiet, show
from .snapshot import UndoStore, carry_out, workbook_key
from .spec import FUNCTIONS
from .xlwings_book import Rehearsal, XlwingsBook

if TYPE_CHECKING:
    import xlwings as xw

    from tradealloc.actions import BlotterResult, RunResult
    from tradealloc.analysis import Sensitivity
    from tradealloc.desk.tca import Analysis

_Result = TypeVar("_Result", bound="RunResult | BlotterResult | Analysis")

TEMPLATES = ("daily_schedule", "blotter", "what_if", "post_trade", "live_functions")
"""What the menu New workbook offers."""
_PLACES_SHOWN = 3
_RANGE = 8
"""Application.InputBox: the user picks cells."""


@dataclass(frozen=True)
class Session:
    """What a command works with.

    Attributes
    ----------
    app
        The Excel that called.
    caller
        The workbook that called; None where there is none.
    home
        The user's home.
    """

    app: xw.App
    caller: xw.Book | None
    home: Path

    @property
    def book(self) -> xw.Book:
        if self.caller is None:
            raise WorkbookError("no workbook is open: open one and press the button again")
        return self.caller

    @cached_property
    def undo(self) -> UndoStore:
        return UndoStore(self.home)


outcome = ""
"""How the last command ended, for VBA to ask: "done", "undoable" (what it replaced is kept) or "failed"."""

Command = Callable[[Session], str | None]
"""Does its work; returns what the trader should read, if anything."""


def run(tag: str, book: xw.Book | None = None, home: Path | None = None) -> None:
    """Run a command of the ribbon; nothing that goes wrong leaves as an exception.

    Parameters
    ----------
    tag
        Which one: a key of `COMMANDS`.
    book
        The workbook to work on; by default the one that called.
    home
        The user's home; by default the real one.
    """
    global outcome
    outcome, is_error = "failed", True
    title = tag.replace("_", " ").capitalize()
    caller: xw.Book | None = None
    app: xw.App | None = None
    try:
        caller = book or _caller()
        app = _app_of(caller)
        if app is None:
            raise WorkbookError("no Excel is running")
        session = Session(app, caller, home or Path.home())
        text, is_error = _command(tag)(session), False
        outcome = "undoable" if session.undo.has_kept else "done"
    except Exception as error:
        text = explain(error, title)
    if text and app is not None:
        show(app, text, is_error=is_error)


def new_from(template: str) -> Command:
    """The command that copies a template to a place of the user's choice and opens the copy."""

    def new(session: Session) -> str | None:
        from tradealloc.templates import new_workbook

        suggestion = _folder_of(session.caller) / f"{template}.xlsx"
        ask = com_get(session.app.api, "GetSaveAsFilename")
        if ask is None:
            raise WorkbookError(f"this Excel has no dialog to ask for a file: use  tradealloc new {template}")
        excel = "Excel workbook (*.xlsx), *.xlsx"
        chosen = ask(InitialFilename=str(suggestion), FileFilter=excel, Title="New workbook")
        if not isinstance(chosen, str):
            return None
        path = new_workbook(template, Path(chosen))
        try:
            session.app.books.open(str(path))
        except ValueError:
            raise WorkbookError(
                f"{path} was made, but Excel opens no two workbooks of one name: "
                f"close the other {path.name}, then open it"
            ) from None
        return None

    return new


def optimise(session: Session) -> str | None:
    """Solve the order, or the orders of a blotter, or analyse fills, and write the results into tables and names."""
    from tradealloc.actions import optimise as verb

    return _notes(_run_verb(session, "Optimise", verb)[1])


def compare(session: Session) -> str | None:
    """`optimise`, with the independent solvers in the comparison table."""
    from tradealloc.actions import compare_solvers

    return _notes(_run_verb(session, "Compare", compare_solvers)[1])


def sensitivity(session: Session) -> str | None:
    """`optimise`, with the sizes of the sensitivity table priced, or the report's five."""
    from tradealloc.actions import price_sizes
    from tradealloc.workbook.fields import TBL_SENSITIVITY

    result, notes = _run_verb(session, "Sensitivity", price_sizes)
    if result.sensitivity is not None and XlwingsBook(session.book).live_table(TBL_SENSITIVITY) is None:
        notes = [*notes, *_priced_lines(result.sensitivity)]
    return _notes(notes)


def optimise_selection(session: Session) -> str | None:
    """Ask for betas, order size and target, and write the allocation there: no names needed."""
    from tradealloc.actions import optimise_ranges

    live = XlwingsBook(session.book)
    questions = (
        "Select the betas: one row or one column, slippage per share traded in each interval.",
        "Select the cell that holds the order size in shares.",
        "Select the first cell to write the allocation to.",
    )
    picked = []
    for question in questions:
        answer = _ask_range(session, live, question)
        if answer is None:
            return None
        picked.append(answer)
    (sheet, betas), (size_sheet, size), (target_sheet, target) = picked
    rehearsal = Rehearsal(live)
    with _ignoring_warnings(), quiet(session.app, "Optimise selection") as say:
        say("solving")
        schedule, _ = optimise_ranges(
            rehearsal,
            sheet.place(_filled_part(sheet, betas)),
            size_sheet.place(size),
            target_sheet.place(Area(target.top, target.left, target.top, target.left)),
        )
        say("writing results")
        notes = carry_out(live, "Optimise selection", rehearsal.plans, session.undo)
    return _notes([*schedule.warnings, *notes])


def adopt(session: Session) -> str | None:
    """Let the desk's own workbook run like a template: its cells are picked, it is saved, and sheets are added."""
    from tradealloc.actions import refuse_adopted

    from .adopting import QUESTIONS, adopt_live, file_of

    live = XlwingsBook(session.book)
    file_of(session.book)  # what can't be adopted is said before the questions
    refuse_adopted(live)
    places = {}
    for key, question, is_needed in QUESTIONS:
        answer = _ask_range(session, live, question)
        if answer is None and is_needed:
            return None
        if answer is not None:
            sheet, area = answer
            places[key] = sheet.place(area if key == "shares" else _filled_part(sheet, area))
    with _ignoring_warnings(), quiet(session.app, "Adopt") as say:
        say("adding sheets")
        adopted = adopt_live(session.book, places)
    return f"New sheets for {adopted.intervals:,} intervals: {', '.join(adopted.sheets)}. Press Optimise to run."


def reoptimise(session: Session) -> str | None:
    """Plan again what remains of the order, with the fills so far; says what changed and why."""
    from . import reoptimising

    book, market = session.book, reoptimising.ask_market(session.app)
    with _ignoring_warnings(), quiet(session.app, reoptimising.TITLE) as say:
        return _notes(reoptimising.reoptimise_live(book, market, session.undo, say))


def report(session: Session) -> str | None:
    """Write a report beside the workbook and open its PDF."""
    from .reporting import report_live

    with _ignoring_warnings(), quiet(session.app, "Report") as say:
        written, notes = report_live(session.book, session.home, say)
    _open_file(written[0].path)
    names = " and ".join(file.path.name for file in written)
    return _notes([f"written to {written[0].path.parent}: {names}", *notes])


def undo(session: Session) -> str | None:
    """Restore the cells that the last run wrote."""
    key = workbook_key(session.book)
    snapshot = session.undo.load(key)
    if snapshot is None:
        raise InputError("has no run to undo: only the last one is kept, until it is undone", where=session.book.name)
    with quiet(session.app, "Undo") as say:
        say("restoring cells")
        snapshot.restore(XlwingsBook(session.book))
    session.undo.forget(key)
    return f"{_counted(snapshot.cells, 'cell')} restored to what stood there before {snapshot.run} ({snapshot.taken})."


def freeze(session: Session) -> str | None:
    """Replace formulas of our functions by their values: in the cells selected, or in the whole workbook."""
    live = XlwingsBook(session.book)
    with quiet(session.app, "Freeze") as say:
        say("looking for formulas")
        found = plan_freeze(_selected(session, live) or [(sheet, sheet.used) for sheet in live.sheets])
        notes = carry_out(live, "Freeze to values", found.plans, session.undo) if found.plans else []
    if found.errors:
        notes.append(f"{_listed(found.errors)} shows an error and keeps its formula: correct it first")
    if not found.plans:
        return _notes([*notes, "no formula of TradeAlloc was found to freeze"])
    replaced = f"{_counted(len(found.plans), 'formula')} replaced by values: {_listed([p.where for p in found.plans])}"
    return _notes([replaced, *notes])


def settings(session: Session) -> str | None:
    """Show the settings file; made where there is none."""
    from .install.paths import Machine, places
    from .install.settings import interpreter_settings, write_settings

    machine = Machine.here()
    path = places(machine).settings
    if not path.exists():
        write_settings(path, interpreter_settings(machine), machine.encoding)
    content = path.read_text(encoding=machine.encoding, errors="replace").strip()
    return f"{path}\n\n{content}\n\nChange it with a text editor, then restart Excel."


def doctor(session: Session) -> str | None:
    """Check the installation."""
    from .install import doctor as check
    from .install import render

    return render(check())


def open_log(session: Session) -> str | None:
    """Open the log in the program for text files."""
    path = log_path()
    if not path.is_file():
        return f"There is nothing in the log yet; it will be {path}."
    _open_file(path)
    return None


def about(session: Session) -> str | None:
    """Version, licence and help."""
    from tradealloc import __version__

    functions = "\n".join(f"={function.name}  {function.description}" for function in FUNCTIONS)
    return (
        f"tradealloc {__version__}, BSD-3-Clause licence\n\n"
        "Fill the sheets Order and Intervals of a schedule, press Optimise, and read Schedule and Comparison. "
        "Undo last run puts the cells back.\n\n"
        f"{functions}\n\nEach argument is explained in Insert Function, category {TITLE}."
    )


COMMANDS: dict[str, Command] = {
    **{f"new_{template}": new_from(template) for template in TEMPLATES},
    "adopt": adopt,
    "optimise": optimise,
    "optimise_selection": optimise_selection,
    "compare": compare,
    "sensitivity": sensitivity,
    "reoptimise": reoptimise,
    "report": report,
    "undo": undo,
    "freeze": freeze,
    "settings": settings,
    "doctor": doctor,
    "open_log": open_log,
    "about": about,
}
"""By the tag of the button."""


def _command(tag: str) -> Command:
    try:
        return COMMANDS[tag]
    except KeyError:
        problem = "is no command: the ribbon and the Python package are of different versions, install the add-in again"
        raise InputError(problem, where=tag) from None


def _caller() -> xw.Book | None:
    """The workbook that called, whichever is active by now; None where none did."""
    import xlwings as xw

    try:
        return xw.Book.caller()
    except Exception as error:
        if is_busy(error):
            raise
        return None


def _app_of(book: xw.Book | None) -> xw.App | None:
    if book is not None:
        return book.app
    import xlwings as xw

    return xw.apps.active if xw.apps else None


def _run_verb(session: Session, title: str, verb: Callable[..., _Result]) -> tuple[_Result, list[str]]:
    live = XlwingsBook(session.book)
    rehearsal = Rehearsal(live)
    with _ignoring_warnings(), quiet(session.app, title) as say:
        result = verb(rehearsal, progress=say)
        notes = carry_out(live, title, rehearsal.plans, session.undo)
    return result, [*result.notes, *notes]


def _ignoring_warnings() -> warnings.catch_warnings[None]:
    """The verbs hand over as notes what Python would print as warnings."""
    return warnings.catch_warnings(action="ignore", category=TradeallocWarning)


def _ask_range(session: Session, live: XlwingsBook, question: str) -> tuple[LiveSheet, Area] | None:
    """Cells that the user picks; None where the dialog is cancelled."""
    ask = com_get(session.app.api, "InputBox")
    if ask is None:
        raise WorkbookError(
            "this Excel has no dialog to pick cells: use  tradealloc run --beta-range --shares-range --write-to"
        )
    picked = ask(Prompt=question, Title=TITLE, Type=_RANGE)
    if isinstance(picked, bool):
        return None
    worksheet = picked.Worksheet
    if worksheet.Parent.FullName != session.book.api.FullName:
        raise InputError("isn't this workbook: pick cells of the one you started from", where=worksheet.Parent.FullName)
    sheet = live.sheet(worksheet.Name)
    address = str(picked.Address)
    if sheet is None or "," in address:
        raise InputError("isn't one block of cells: pick neighbouring cells", where=address.replace("$", ""))
    return sheet, _area(address)


def _area(address: str) -> Area:
    """An address as Excel gives it, whole columns ($C:$C) and rows ($2:$2) included."""
    first, colon, last = address.replace("$", "").partition(":")
    if colon and first.isalpha():
        return Area(1, column_number(first), MAX_ROW, column_number(last))
    if colon and first.isdecimal():
        return Area(int(first), 1, int(last), MAX_COLUMN)
    return parse_area(address)


def _filled_part(sheet: LiveSheet, area: Area) -> Area:
    """The area without the blank rows and columns at its end: of a whole column what is used."""
    used = sheet.used
    bottom, right = min(area.bottom, used.bottom), min(area.right, used.right)
    if bottom < area.top or right < area.left:
        raise InputError(
            "is blank: select the betas", where=sheet.place(Area(area.top, area.left, area.top, area.left))
        )
    rows = sheet.cells(Area(area.top, area.left, bottom, right))
    filled = [(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if not cell.is_blank]
    if not filled:
        raise InputError("is blank: select the betas", where=sheet.where(area.top, area.left))
    return Area(area.top, area.left, area.top + max(r for r, _ in filled), area.left + max(c for _, c in filled))


def _selected(session: Session, live: XlwingsBook) -> list[tuple[LiveSheet, Area]]:
    """The cells selected in the workbook that called, where they are several."""
    selection = session.app.selection
    if selection is None or selection.sheet.book != session.book:
        return []
    sheet = live.sheet(selection.sheet.name)
    areas = [_area(part) for part in selection.address.split(",")]
    if sheet is None or (len(areas) == 1 and areas[0].is_cell):
        return []
    used = sheet.used
    inside = [
        Area(max(a.top, used.top), max(a.left, used.left), min(a.bottom, used.bottom), min(a.right, used.right))
        for a in areas
        if a.overlaps(used)
    ]
    return [(sheet, area) for area in inside] or [(sheet, Area(used.top, used.left, used.top, used.left))]


def _folder_of(book: xw.Book | None) -> Path:
    """Where a workbook is saved; the current folder for one that isn't, or that lives on the web."""
    path = "" if book is None else str(com_get(book.api, "FullName") or "")
    folder = Path(path).parent
    return folder if "://" not in path and folder.is_dir() else Path.home()


def _open_file(path: Path) -> None:
    if sys.platform == "win32":
        os.startfile(path)
    else:
        subprocess.Popen(["open" if sys.platform == "darwin" else "xdg-open", str(path)])


def _priced_lines(priced: Sensitivity) -> list[str]:
    return [
        f"{row.total_shares:,.0f} shares: {row.status}"
        if row.optimal_impact is None or row.improvement is None
        else f"{row.total_shares:,.0f} shares: impact {row.optimal_impact:.6f}, {row.improvement:.2%} below equal"
        for row in priced.rows
    ]


def _notes(notes: Sequence[str]) -> str | None:
    return "\n".join(f"{note[:1].upper()}{note[1:]}" for note in notes) or None


def _listed(places: Sequence[str]) -> str:
    return ", ".join(places[:_PLACES_SHOWN]) + (", ..." if len(places) > _PLACES_SHOWN else "")


def _counted(number: int, noun: str) -> str:
    plural = "formulas" if noun == "formula" else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
