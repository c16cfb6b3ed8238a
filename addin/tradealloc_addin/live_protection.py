"""Sheets protected without a password are opened for the writing, and protected again as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.addresses import Area

from .live_cells import LiveSheet, com_get, is_busy

Target = tuple[LiveSheet, Area | None]
"""What a write reaches: an area of a sheet, or with None more of the sheet than its cells."""

ALLOWED = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
    "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting",
    "AllowFiltering", "AllowUsingPivotTables",
)  # fmt: skip
"""Properties of ``Worksheet.Protection``, and arguments of ``Worksheet.Protect``."""


@dataclass(frozen=True, slots=True)
class Protection:
    """How a sheet is protected."""

    arguments: Mapping[str, bool]
    selection: object
    """EnableSelection: which cells may be selected; a property of its own."""

    @classmethod
    def of(cls, api: Any) -> Protection:
        """Read it off Excel's worksheet."""
        options = com_get(api, "Protection")
        arguments = {name: bool(com_get(options, name, False)) for name in ALLOWED}
        arguments |= {
            "DrawingObjects": bool(com_get(api, "ProtectDrawingObjects", False)),
            "Contents": True,
            "Scenarios": bool(com_get(api, "ProtectScenarios", False)),
            "UserInterfaceOnly": bool(com_get(api, "ProtectionMode", False)),
        }
        return cls(arguments, com_get(api, "EnableSelection"))

    def restore(self, api: Any) -> None:
        """Protect the worksheet so again."""
        api.Protect(**self.arguments)
        if self.selection is not None:
            api.EnableSelection = self.selection


@contextmanager
def lifted(targets: Iterable[Target]) -> Iterator[None]:
    """Lift the protection that stands in the way of writing to the targets; it is back when the block is left.

    Raises
    ------
    WorkbookError
        A sheet is protected with a password; all sheets are as they were.
    """
    opened: dict[str, tuple[LiveSheet, Protection]] = {}
    try:
        for sheet, area in targets:
            if is_closed(sheet, area):
                protection = Protection.of(sheet.sheet.api)
                _open(sheet)
                opened[sheet.name] = (sheet, protection)
        yield
    finally:
        _close(opened.values())


def is_closed(sheet: LiveSheet, area: Area | None) -> bool:
    """Whether the sheet's protection keeps the target from being written; unlocked cells may be."""
    if not com_get(sheet.sheet.api, "ProtectContents", False):
        return False
    return area is None or com_get(sheet.range(area).api, "Locked", True) is not False


def _open(sheet: LiveSheet) -> None:
    # Excel doesn't say whether there is a password, so the empty one is tried; with None it would ask the user.
    try:
        sheet.sheet.api.Unprotect("")
    except Exception as error:
        if getattr(error, "hresult", None) is None or is_busy(error):
            raise
    if com_get(sheet.sheet.api, "ProtectContents", False):
        raise WorkbookError(f"sheet {sheet.name} is protected: lift it (Review > Unprotect Sheet) and run again")


def _close(opened: Iterable[tuple[LiveSheet, Protection]]) -> None:
    left: list[str] = []
    reason: Exception | None = None
    for sheet, protection in opened:
        try:
            protection.restore(sheet.sheet.api)
        except Exception as error:
            left.append(sheet.name)
            reason = error
    if reason is not None:
        raise WorkbookError(
            f"Excel didn't protect {', '.join(left)} again after the run: protect it yourself (Review > Protect Sheet)"
        ) from reason
