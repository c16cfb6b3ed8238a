"""The add-in's worksheets: settings that xlwings' runtime reads, and the examples."""

from __future__ import annotations

import io
from datetime import datetime
from importlib.metadata import version
from typing import Any

from tradealloc import __version__
from tradealloc.errors import WorkbookError
from tradealloc.workbook.fields.tca import TCA_RESULT_COLUMNS

from ..vba.generator import UDF_MODULE
from .examples import EXAMPLES, cells, evaluate

SHEETS = ("tradealloc.conf", "Examples")
SETTINGS = {
    "UDF MODULES": UDF_MODULE,
    "ADD_WORKBOOK_TO_PYTHONPATH": "false",
    "USE UDF SERVER": "true",
}
CREATED = datetime(2024, 1, 1)
"""Fixed, so that a rebuild gives the same bytes."""
RESULT_COLUMN = 8
LAYOUTS = {
    "TotalShares": "#,##0",
    "TotalImpact": "0.000000",
    "OptimalImpact": "0.000000",
    "EqualImpact": "0.000000",
    "Improvement": "0.00%",
    "AllocationStd": "#,##0.0",
    "LimitsBroken": "0",
    **dict.fromkeys((column.header for column in TCA_RESULT_COLUMNS if column.unit == "currency"), "#,##0.00"),
    **dict.fromkeys((column.header for column in TCA_RESULT_COLUMNS if column.unit == "bps"), "0.00"),
}
"""Number formats of the result tables, by header."""
XLWINGS_PROPERTY, TRADEALLOC_PROPERTY = "xlwings", "tradealloc"


def workbook_with(project: bytes) -> bytes:
    """A macro-enabled workbook of our sheets with this VBA project."""
    try:
        import xlsxwriter
    except ImportError:
        raise WorkbookError(
            'XlsxWriter isn\'t installed, which writes the add-in: pip install "tradealloc[excel]"'
        ) from None
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": "TradeAlloc", "subject": "Excel add-in", "created": CREATED})
    workbook.set_custom_property(TRADEALLOC_PROPERTY, __version__)
    workbook.set_custom_property(XLWINGS_PROPERTY, version("xlwings"))
    workbook.add_vba_project(io.BytesIO(project), is_stream=True)
    workbook.set_vba_name("ThisWorkbook")
    for number, (name, fill) in enumerate(zip(SHEETS, (_fill_settings, _fill_examples), strict=True), start=1):
        sheet = workbook.add_worksheet(name)
        sheet.set_vba_name(f"Sheet{number}")
        fill(workbook, sheet)
    workbook.close()
    return target.getvalue()


def _fill_settings(workbook: Any, sheet: Any) -> None:
    for row, setting in enumerate(SETTINGS.items()):
        sheet.write_row(row, 0, setting)
    sheet.set_column(0, 1, 32)


def _fill_examples(workbook: Any, sheet: Any) -> None:
    title = workbook.add_format({"bold": True, "font_size": 14})
    strong = workbook.add_format({"bold": True})
    given = workbook.add_format({"font_color": "#0000FF", "bg_color": "#FFFFE0"})
    code = workbook.add_format({"font_name": "Consolas"})
    quiet = workbook.add_format({"italic": True, "font_color": "#595959"})
    layouts = {header: workbook.add_format({"num_format": layout}) for header, layout in LAYOUTS.items()}
    sheet.write(0, 0, "TradeAlloc: an example of every function", title)
    sheet.write(
        1, 0, "The formulas are shown as text beside the values they give: copy one into a cell to try it.", quiet
    )
    for (row, column), value in cells().items():
        sheet.write(row, column, value, strong if isinstance(value, str) else given)
    row = 3
    for example in EXAMPLES:
        sheet.write_string(row, RESULT_COLUMN, example.formula, code)
        sheet.write_string(row + 1, RESULT_COLUMN, example.explanation, quiet)
        rows = evaluate(example)
        headings = [str(value) for value in rows[0]]
        for offset, values in enumerate(rows, start=row + 2):
            for column, value in enumerate(values):
                layout = layouts.get(headings[column]) if isinstance(value, float) else None
                sheet.write(offset, RESULT_COLUMN + column, value, layout)
        row += len(rows) + 3
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 7, 11)
    sheet.set_column(RESULT_COLUMN, RESULT_COLUMN, 22)
    sheet.set_column(RESULT_COLUMN + 1, RESULT_COLUMN + 23, 16)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
