"""The sheets made of words: Cover and Reference."""

from __future__ import annotations

from kit import HEADER_ROW, NAVY, Kit, Sheet, allowed_text, default_text, lines

from tradealloc.workbook.fields import CONTRACT_VERSION, FIELDS, ORDER_TABLES, Column, Role

STEPS = (
    ("Order", "Change the inputs: order size, arrival price, model and limits. Everything else may stay blank."),
    (
        "Intervals",
        "Paste your betas (any number of rows); add volumes, spreads and limits if you have them.",
    ),
    ("", "Press Optimise on the tradealloc ribbon. Or save, close and run:  tradealloc run day.xlsx"),
    ("Schedule", "Read the schedule, the totals on Order, the comparison, and see that the checks say OK."),
)
SHEETS = (
    ("Order", "Inputs of the order, results and the schedule's chart on one page"),
    ("Intervals", "Inputs per interval: betas, volumes, spreads, limits"),
    ("Schedule", "Shares per interval, with cost and what limits them"),
    ("Comparison", "Against equal shares and VWAP; the optimum at other order sizes"),
    ("Checks", "Every figure recomputed by sheet formulas; is the result current?"),
    ("Reference", "All names, tables and units, for macros and programs"),
)
VERDICTS = (
    ("NOT RUN", "No result yet."),
    ("OK", "Results belong to the inputs shown, and every check holds."),
    ("STALE", "An input changed after the run: run again before you use the results."),
    ("CHECK", "At least one check fails: see the Checks sheet."),
)
ABOUT = (
    "Trading x shares in an interval costs h + beta x per share: half-spread h, impact slope beta (or a power or",
    "quadratic law). The schedule minimises the cost of the day, and every result carries a proof of optimality.",
    "The 390 betas are the report's worked case, one-minute intervals from 09:30; symbol and price are examples.",
    "Tables grow and shrink with your data. No macros. Sheets of text and formulas are protected, without password.",
    f"tradealloc workbook, contract version {CONTRACT_VERSION}.",
)
REFERENCE_WIDTHS = (2, 21, 18, 20, 11, 34, 12, 82)
FIELD_HEADINGS = ("Name", "Label", "Unit", "Direction", "Allowed", "Default", "Meaning")
COLUMN_HEADINGS = ("Table", "Column", "Unit", "Direction", "Allowed", "Required", "Meaning")


def write_cover(kit: Kit, sheet: Sheet) -> None:
    """What the workbook is and how to use it."""
    page = sheet.page
    wide = kit.style()
    row = 4
    row = _heading(kit, sheet, row, "How to use it")
    for number, (target, text) in enumerate(STEPS, start=1):
        page.write(row, 1, f"Step {number}", kit.style(bold=True, font_color=NAVY, indent=1))
        if target:
            page.write_url(row, 2, f"internal:'{target}'!A1", kit.style(font_color="#0000C0", underline=1), target)
        page.write(row, 3, text, wide)
        row += 1
    row = _heading(kit, sheet, row + 1, "Sheets")
    for target, text in SHEETS:
        page.write_url(
            row, 1, f"internal:'{target}'!A1", kit.style(font_color="#0000C0", underline=1, indent=1), target
        )
        page.write(row, 2, text, wide)
        row += 1
    row = _heading(kit, sheet, row + 1, "Colours")
    looks = (
        (kit.input(align="center"), "Input", "Yours to change"),
        (kit.output(align="center"), "Result", "Written by a run"),
        (kit.calc(align="center"), "Formula", "Computed by the sheet"),
    )
    for cell_format, label, text in looks:
        page.write(row, 1, label, cell_format)
        page.write(row, 2, text, kit.style(indent=1))
        row += 1
    row = _heading(kit, sheet, row + 1, "Status and checks, shown on every sheet")
    for label, text in VERDICTS:
        page.write(row, 1, label, kit.verdict())
        kit.colour_verdicts(page, row, 1, row, 1)
        page.write(row, 2, text, kit.style(indent=1))
        row += 1
    row = _heading(kit, sheet, row + 1, "About")
    for text in ABOUT:
        page.write(row, 1, text, kit.style(indent=1))
        row += 1
    page.print_area(0, 0, row, 5)
    page.fit_to_pages(1, 1)
    kit.protect(sheet)


def write_reference(kit: Kit) -> None:
    """All names and columns, generated from the registry."""
    subtitle = "What programs and macros may rely on: defined names and table columns, found by name, never by address."
    sheet = kit.sheet("Reference", subtitle, REFERENCE_WIDTHS, landscape=True)
    rows = [
        (f.name, f.label, f.unit, f.role.value, allowed_text(f) if f.role is Role.INPUT else "",
         "required" if f.required else default_text(f), f.help)
        for f in FIELDS
    ]  # fmt: skip
    row = _block(kit, sheet, HEADER_ROW, FIELD_HEADINGS, rows)
    columns = [
        (table, c.header, c.unit, _direction(table, c.key), _allowed(table, c),
         "required" if c.required else "", c.help)
        for table, entries in ORDER_TABLES.items()
        for c in entries
    ]  # fmt: skip
    row = _block(kit, sheet, row + 2, COLUMN_HEADINGS, columns)
    sheet.page.freeze_panes(HEADER_ROW - 1, 0)
    sheet.page.print_area(0, 0, row, len(REFERENCE_WIDTHS) - 1)
    kit.protect(sheet)


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


def _allowed(table: str, column: Column) -> str:
    return allowed_text(column) if _direction(table, column.key) == "input" else ""


def _direction(table: str, key: str) -> str:
    return "input" if table == "tblIntervals" or key == "total_shares" else "output"


def _heading(kit: Kit, sheet: Sheet, row: int, title: str) -> int:
    sheet.page.write(row, 1, title, kit.section())
    for column in range(2, 6):
        sheet.page.write_blank(row, column, None, kit.section())
    return row + 1
