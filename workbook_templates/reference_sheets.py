"""The sheets made of words: Cover and Reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit import HEADER_ROW, NAVY, Kit, Sheet, allowed_text, default_text, lines
from tables import is_input

from tradealloc import __version__
from tradealloc.workbook.fields import CONTRACT_VERSION, Column, Field, Role

VERDICTS = (
    ("NOT RUN", "No result yet."),
    ("OK", "Results belong to the inputs shown, and every check holds."),
    ("STALE", "An input changed after the run: run again before you use the results."),
    ("CHECK", "At least one check fails: see the Checks sheet."),
)
COVER_WIDTHS = (2, 13, 14, 13, 14, 56)
LINK = {"font_color": "#0000C0", "underline": 1}


@dataclass(frozen=True)
class CoverText:
    """The words of a cover.

    Attributes
    ----------
    steps
        How to use the workbook: (sheet to link to, or "", and what to do there), four of them.
    sheets
        (sheet, what it holds), in the workbook's order.
    about
        Lines on the model and the figures in the workbook; each fits the page's width (about 115 characters).
    """

    steps: Sequence[tuple[str, str]]
    sheets: Sequence[tuple[str, str]]
    about: Sequence[str]
    open_because: str = "so that their tables take pasted rows and grow"
    """Why sheets aren't protected."""


REFERENCE_WIDTHS = (2, 21, 18, 20, 11, 34, 12, 82)
FIELD_HEADINGS = ("Name", "Label", "Unit", "Direction", "Allowed", "Default", "Meaning")
COLUMN_HEADINGS = ("Table", "Column", "Unit", "Direction", "Allowed", "Required", "Meaning")


def cover_sheet(kit: Kit, subtitle: str) -> Sheet:
    """The first sheet, to be filled by `write_cover` when all others stand."""
    return kit.sheet("Cover", subtitle, COVER_WIDTHS, landscape=False)


def write_cover(kit: Kit, sheet: Sheet, text: CoverText) -> None:
    """What the workbook is and how to use it; called last, since it names the sheets that aren't protected."""
    page = sheet.page
    wide = kit.style()
    row = _heading(kit, sheet, 4, "How to use it")
    for number, (target, step) in enumerate(text.steps, start=1):
        page.write(row, 1, f"Step {number}", kit.style(bold=True, font_color=NAVY, indent=1))
        if target:
            page.write_url(row, 2, f"internal:'{target}'!A1", kit.style(**LINK), target)
        page.write(row, 3, step, wide)
        row += 1
    row = _heading(kit, sheet, row + 1, "Sheets")
    for target, what in text.sheets:
        page.write_url(row, 1, f"internal:'{target}'!A1", kit.style(**LINK, indent=1), target)
        page.write(row, 2, what, wide)
        row += 1
    row = _heading(kit, sheet, row + 1, "Colours")
    looks = (
        (kit.input(align="center"), "Input", "Yours to change"),
        (kit.output(align="center"), "Result", "Written by a run"),
        (kit.calc(align="center"), "Formula", "Computed by the sheet"),
    )
    for cell_format, label, what in looks:
        page.write(row, 1, label, cell_format)
        page.write(row, 2, what, kit.style(indent=1))
        row += 1
    row = _heading(kit, sheet, row + 1, "Status and checks, shown on every sheet")
    for label, what in VERDICTS:
        page.write(row, 1, label, kit.verdict())
        kit.colour_verdicts(page, row, 1, row, 1)
        page.write(row, 2, what, kit.style(indent=1))
        row += 1
    row = _heading(kit, sheet, row + 1, "About")
    for line in (*text.about, *_protection(kit, text.open_because), _version()):
        page.write(row, 1, line, kit.style(indent=1))
        row += 1
    page.print_area(0, 0, row, len(COVER_WIDTHS) - 1)
    page.fit_to_pages(1, 1)
    kit.protect(sheet)


def write_reference(kit: Kit, fields: Sequence[Field], tables: Mapping[str, Sequence[Column]]) -> None:
    """All names and columns of the workbook, generated from the registry."""
    subtitle = "What programs and macros may rely on: defined names and table columns, found by name, never by address."
    sheet = kit.sheet("Reference", subtitle, REFERENCE_WIDTHS, landscape=True)
    rows = [
        (f.name, f.label, f.unit, f.role.value, allowed_text(f) if f.role is Role.INPUT else "",
         "required" if f.required else default_text(f), f.help)
        for f in fields
    ]  # fmt: skip
    row = _block(kit, sheet, HEADER_ROW, FIELD_HEADINGS, rows)
    columns = [
        (table, c.header, c.unit, "input" if is_input(table, c) else "output",
         allowed_text(c) if is_input(table, c) else "", "required" if c.required else "", c.help)
        for table, entries in tables.items()
        for c in entries
    ]  # fmt: skip
    row = _block(kit, sheet, row + 2, COLUMN_HEADINGS, columns)
    sheet.page.freeze_panes(HEADER_ROW - 1, 0)
    sheet.page.repeat_rows(0, 0)
    sheet.page.print_area(0, 0, row, len(REFERENCE_WIDTHS) - 1)
    kit.protect(sheet)


def _protection(kit: Kit, reason: str) -> tuple[str, str]:
    """Which sheets are protected, and why the others aren't."""
    growing = [sheet.name for sheet in kit.sheets if sheet.name not in kit.protected and sheet.name != "Cover"]
    return (
        "No macros. Sheets are protected without password, inputs left open; Review > Unprotect Sheet lifts it.",
        f"Not protected, {reason}: {', '.join(growing)}.",
    )


def _version() -> str:
    return f"tradealloc {__version__}, contract version {CONTRACT_VERSION}."


def _block(kit: Kit, sheet: Sheet, row: int, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> int:
    """A plain list under headings; the last row."""
    page = sheet.page
    for column, heading in enumerate(headings, start=1):
        page.write(row, column, heading, kit.header(align="left", indent=1))
    for texts in rows:
        row += 1
        page.set_row(row, 2 + 13.0 * max(lines(text, REFERENCE_WIDTHS[i]) for i, text in enumerate(texts, start=1)))
        for column, text in enumerate(texts, start=1):
            page.write(row, column, text, kit.calc(text_wrap=True, bold=column == 1, font_size=9, valign="top"))
    return row


def _heading(kit: Kit, sheet: Sheet, row: int, title: str) -> int:
    sheet.page.write(row, 1, title, kit.section())
    for column in range(2, 6):
        sheet.page.write_blank(row, column, None, kit.section())
    return row + 1
