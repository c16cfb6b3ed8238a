"""What a run is about to write over, kept in a file, so that "Undo last run" can put it back.

The file is ``~/.tradealloc/undo/<workbook>.json``: it outlives Python and Excel. Only the last run of each workbook is
kept. It holds values and formulas; number formats of rows that a table gained stay.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradealloc.errors import TradeallocError, WorkbookError
from tradealloc.workbook.ooxml.addresses import Area, parse_area

from .freeze import FreezePlan
from .live_cells import LiveSheet, Stored, as_stored, com_get
from .live_columns import copy_looks, write_headers
from .live_guards import refuse_filtered_sheet
from .live_protection import Target, lifted
from .live_tables import LiveTable, TablePlan, TotalsAside, beyond, refuse_unwritable
from .log import HOME
from .xlwings_book import CellPlan, Plan, RangePlan, XlwingsBook

if TYPE_CHECKING:
    import xlwings as xw

FORMAT = 1
NOT_POSSIBLE = "undo isn't possible"

Rows = list[list[Stored]]


@dataclass(frozen=True)
class Block:
    """Cells as they were; `array` is the formula where they were one array."""

    area: str
    rows: Rows
    array: str = ""

    @property
    def cells(self) -> int:
        return parse_area(self.area).cells

    def restore(self, sheet: LiveSheet) -> None:
        area = parse_area(self.area)
        if self.array:
            sheet.range(area).formula_array = self.array
        else:
            sheet.put_contents(area, self.rows)


@dataclass(frozen=True)
class CellEntry:
    """A named cell."""

    name: str
    sheet: str
    block: Block

    @property
    def cells(self) -> int:
        return 1

    def check(self, book: XlwingsBook) -> None:
        found = book.named_cell(self.name)
        if found is None or (found[0].name, str(found[1])) != (self.sheet, self.block.area):
            raise WorkbookError(f"the name {self.name} has been moved or removed since the run: {NOT_POSSIBLE}")
        sheet, area = found
        _refuse_new_formulas(sheet, [area])

    def target(self, book: XlwingsBook) -> Target:
        return _sheet(book, self.sheet), parse_area(self.block.area)

    def restore(self, book: XlwingsBook) -> None:
        self.block.restore(_sheet(book, self.sheet))


@dataclass(frozen=True)
class TableEntry:
    """A table: where it lay before and after the run, totals row left aside, and what stood in its cells."""

    table: str
    sheet: str
    before: str
    after: str
    blocks: tuple[Block, ...]
    added: tuple[str, ...]
    """Cells that were empty."""
    headers: tuple[str, ...] = ()
    """Headers before, where the run changed them."""

    @property
    def cells(self) -> int:
        return sum(block.cells for block in self.blocks)

    def check(self, book: XlwingsBook) -> None:
        table = book.live_table(self.table)
        if table is None or table.sheet.name != self.sheet:
            raise WorkbookError(f"table {self.table} has been moved or removed since the run: {NOT_POSSIBLE}")
        layout = table.layout
        if str(layout.without_totals) != self.after:
            raise WorkbookError(
                f"table {self.table} has changed since the run (it was {self.after}, it is {layout.without_totals}): "
                f"{NOT_POSSIBLE}"
            )
        refuse_unwritable(table)
        _refuse_new_formulas(table.sheet, self._still_inside())
        self._refuse_overwriting(book, table)

    def target(self, book: XlwingsBook) -> Target:
        return _sheet(book, self.sheet), None

    def restore(self, book: XlwingsBook) -> None:
        table = book.live_table(self.table)
        if table is None:
            raise WorkbookError(f"table {self.table} has been removed since the run: {NOT_POSSIBLE}")
        with TotalsAside(table):
            table.resize(parse_area(self.before))
            if self.headers:
                self._restore_columns(table)
            for block in self.blocks:
                block.restore(table.sheet)
            for area in self.added:
                table.sheet.clear(parse_area(area))

    def _restore_columns(self, table: LiveTable) -> None:
        """Headers, and the looks of columns that come and go; those that come back look like their neighbour."""
        before, after = parse_area(self.before), parse_area(self.after)
        gone, back = beyond(after, before.right), beyond(before, after.right)
        if gone is not None:
            table.sheet.clear_all(gone)
        if back is not None:
            copy_looks(table.sheet, Area(before.top, before.left, before.bottom, after.right), before.right)
        write_headers(table.sheet, table.layout.header_row, self.headers)

    def _still_inside(self) -> list[Area]:
        after = parse_area(self.after)
        areas = [parse_area(block.area) for block in self.blocks]
        return [
            Area(a.top, a.left, min(a.bottom, after.bottom), min(a.right, after.right))
            for a in areas
            if a.top <= after.bottom
        ]

    def _refuse_overwriting(self, book: XlwingsBook, table: LiveTable) -> None:
        """Rows and columns that come back must not fall on what was put there since."""
        layout, before = table.layout, parse_area(self.before)
        first, bottom = layout.area.bottom + 1, before.bottom + layout.has_totals
        back = beyond(before, layout.area.right)
        areas = [] if back is None else [back]
        if bottom >= first:
            areas += [
                Area(first, left, bottom, right)
                for left, right in {(a.left, a.right) for a in (parse_area(block.area) for block in self.blocks)}
            ]
        for area in areas:
            for row in table.sheet.cells(area):
                for cell in row:
                    if cell.is_formula or cell.value is not None:
                        raise WorkbookError(f"{cell.where} has been filled since the run: clear it and undo again")
        if bottom >= first:
            areas.append(Area(first, before.left, bottom, before.right))
        for other in book.tables_on(table.sheet):
            if other.name != table.name and any(other.area.overlaps(area) for area in areas):
                raise WorkbookError(f"table {other.name} is in the way of {self.table}'s rows: {NOT_POSSIBLE}")


@dataclass(frozen=True)
class RangeEntry:
    """A block at an address, which nothing but its contents tells from another."""

    sheet: str
    block: Block
    written: Rows

    @property
    def cells(self) -> int:
        return self.block.cells

    def check(self, book: XlwingsBook) -> None:
        sheet, area = _sheet(book, self.sheet), parse_area(self.block.area)
        if sheet.contents(area) != self.written:
            raise WorkbookError(f"{sheet.place(area)} no longer holds what the run wrote there: {NOT_POSSIBLE}")
        refuse_filtered_sheet(sheet)

    def target(self, book: XlwingsBook) -> Target:
        return _sheet(book, self.sheet), parse_area(self.block.area)

    def restore(self, book: XlwingsBook) -> None:
        self.block.restore(_sheet(book, self.sheet))


Entry = CellEntry | TableEntry | RangeEntry


@dataclass(frozen=True)
class Snapshot:
    """The cells of one run as they were before it.

    Attributes
    ----------
    workbook
        Which workbook: `workbook_key`.
    run
        Name of the command ("Optimise").
    taken
        When, to the second.
    """

    workbook: str
    run: str
    taken: str
    entries: tuple[Entry, ...]

    @classmethod
    def take(cls, book: XlwingsBook, run: str, plans: Sequence[Plan]) -> Snapshot:
        """Read every cell that the plans write."""
        entries = tuple(entry for plan in plans if (entry := _entry(plan)) is not None)
        taken = dt.datetime.now().isoformat(sep=" ", timespec="seconds")
        return cls(workbook_key(book.book), run, taken, entries)

    @property
    def cells(self) -> int:
        return sum(entry.cells for entry in self.entries)

    def restore(self, book: XlwingsBook) -> None:
        """Put everything back, or nothing.

        Raises
        ------
        WorkbookError
            The workbook changed its shape since, or can't be written.
        """
        for entry in self.entries:
            entry.check(book)
        with lifted([entry.target(book) for entry in self.entries]):
            self.roll_back(book)

    def roll_back(self, book: XlwingsBook) -> None:
        """Put everything back without asking what changed since."""
        for entry in reversed(self.entries):
            entry.restore(book)

    def to_json(self) -> str:
        entries = [{"kind": _KIND_OF[type(entry)], **asdict(entry)} for entry in self.entries]
        content = {"format": FORMAT, "workbook": self.workbook, "run": self.run, "taken": self.taken}
        return json.dumps({**content, "entries": entries}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Snapshot:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError(content["format"])
        entries = tuple(_READ[entry.pop("kind")](entry) for entry in content["entries"])
        return cls(content["workbook"], content["run"], content["taken"], entries)


class UndoStore:
    """The files of the last runs.

    Parameters
    ----------
    home
        The user's home.

    Attributes
    ----------
    has_kept
        Whether a snapshot was saved here, and not forgotten since.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / HOME / "undo"
        self.has_kept = False

    def path(self, key: str) -> Path:
        stem = re.sub(r"[^\w.-]+", "_", re.split(r"[\\/]", key)[-1])[:60]
        return self.folder / f"{stem}-{hashlib.sha256(key.casefold().encode()).hexdigest()[:12]}.json"

    def save(self, snapshot: Snapshot) -> None:
        """Keep the snapshot in place of the workbook's last; OSError where it can't be written."""
        path = self.path(snapshot.workbook)
        self.forget(snapshot.workbook)
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(snapshot.to_json(), encoding="utf-8")
        os.replace(fresh, path)  # noqa: PTH105  pathlib's replace is the same call
        self.has_kept = True

    def load(self, key: str) -> Snapshot | None:
        """The last run of a workbook; None where there is none.

        Raises
        ------
        WorkbookError
            The file can't be read.
        """
        path = self.path(key)
        try:
            snapshot = Snapshot.from_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise WorkbookError(f"{path} can't be read, so the last run can't be undone: remove the file") from error
        return snapshot if snapshot.workbook == key else None

    def forget(self, key: str) -> None:
        self.has_kept = False
        with contextlib.suppress(OSError):
            self.path(key).unlink()


def carry_out(book: XlwingsBook, run: str, plans: Sequence[Plan], store: UndoStore) -> list[str]:
    """Make the writes of a run, all of them or none; what they replace is kept first.

    Returns
    -------
    list of str
        What the trader should know.
    """
    with lifted([target for plan in plans for target in plan.targets]):
        return _carry_out(book, run, plans, store)


def _carry_out(book: XlwingsBook, run: str, plans: Sequence[Plan], store: UndoStore) -> list[str]:
    snapshot = Snapshot.take(book, run, plans)
    notes = []
    try:
        store.save(snapshot)
    except OSError as error:
        notes.append(f"this run can't be undone, since {store.folder} can't be written ({error.strerror})")
    try:
        for plan in plans:
            plan.apply()
    except Exception as error:
        _put_back(book, snapshot, error)
        store.forget(snapshot.workbook)
        raise
    return notes


def _put_back(book: XlwingsBook, snapshot: Snapshot, error: Exception) -> None:
    try:
        snapshot.roll_back(XlwingsBook(book.book))
    except Exception as second:
        reason = str(error) if isinstance(error, TradeallocError) else type(error).__name__
        raise WorkbookError(
            f"Excel stopped the run halfway ({reason}) and didn't take the old values back: press Undo last run"
        ) from second


def workbook_key(book: xw.Book) -> str:
    """What tells this workbook from others: its full path, or before it is saved its name and the Excel it is in."""
    path = com_get(book.api, "FullName") or book.fullname
    is_saved = any(mark in path for mark in "\\/")
    return str(path) if is_saved else f"unsaved {book.name} in process {book.app.pid}"


def _entry(plan: Plan) -> Entry | None:
    if isinstance(plan, CellPlan):
        return None if plan.stays else CellEntry(plan.name, plan.sheet.name, _block(plan.sheet, plan.area))
    if isinstance(plan, TablePlan):
        sheet = plan.table.sheet
        blocks = tuple(_block(sheet, area) for area in plan.replaced)
        before, after = str(plan.layout.without_totals), str(plan.area_after)
        headers = () if plan.headers is None else plan.known
        return TableEntry(plan.table.name, sheet.name, before, after, blocks, tuple(map(str, plan.added)), headers)
    if isinstance(plan, RangePlan):
        width = plan.area.right - plan.area.left + 1
        written = [[as_stored(value) for value in (*row, *[None] * (width - len(row)))] for row in plan.rows]
        return RangeEntry(plan.sheet.name, _block(plan.sheet, plan.area), written)
    assert isinstance(plan, FreezePlan)
    block = Block(str(plan.area), plan.before, plan.array)
    return RangeEntry(plan.sheet.name, block, plan.values)


def _block(sheet: LiveSheet, area: Area) -> Block:
    return Block(str(area), sheet.contents(area))


def _sheet(book: XlwingsBook, name: str) -> LiveSheet:
    sheet = book.sheet(name)
    if sheet is None:
        raise WorkbookError(f"sheet {name} has been renamed or removed since the run: {NOT_POSSIBLE}")
    return sheet


def _refuse_new_formulas(sheet: LiveSheet, areas: Sequence[Area]) -> None:
    for area in areas:
        for row in sheet.cells(area):
            for cell in row:
                if cell.is_formula:
                    raise WorkbookError(f"{cell.where} has been given a formula since the run: clear it and undo again")


def _read_block(content: dict[str, Any]) -> Block:
    return Block(content["area"], content["rows"], content["array"])


def _read_table(content: dict[str, Any]) -> TableEntry:
    blocks = tuple(map(_read_block, content["blocks"]))
    added, headers = tuple(content["added"]), tuple(content.get("headers", ()))
    return TableEntry(**{**content, "blocks": blocks, "added": added, "headers": headers})


_READ: dict[str, Callable[[dict[str, Any]], Entry]] = {
    "cell": lambda content: CellEntry(**{**content, "block": _read_block(content["block"])}),
    "table": _read_table,
    "range": lambda content: RangeEntry(**{**content, "block": _read_block(content["block"])}),
}
_KIND_OF: dict[type[Entry], str] = {CellEntry: "cell", TableEntry: "table", RangeEntry: "range"}
