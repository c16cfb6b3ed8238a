"""The Run log sheet: one row for each run, written by the runs themselves."""

from __future__ import annotations

from kit import Kit, Sheet
from tables import finish_table_sheet, write_table

from tradealloc.actions.run_log import MOST_ROWS
from tradealloc.workbook.fields import TBL_RUN_LOG

SUBTITLE = f"One row a run, the newest at the bottom; of more than {MOST_ROWS} runs the oldest go. Results only."
WIDTHS = (2, 19, 14, 12, 17, 9, 13, 14, 15, 15, 13, 12, 12, 11, 3)


def write_run_log(kit: Kit) -> Sheet:
    """The sheet with an empty `tblRunLog`: one blank row, which the first run fills. Not protected, since it grows."""
    sheet = kit.sheet("Run log", SUBTITLE, WIDTHS, landscape=True)
    body = write_table(kit, sheet, TBL_RUN_LOG, 1)
    finish_table_sheet(sheet, body, frozen_columns=2)
    return sheet
