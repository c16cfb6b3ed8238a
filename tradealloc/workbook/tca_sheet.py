"""Fills and orders as they stand in a workbook."""

from __future__ import annotations

from tradealloc.desk.tca.table import RawTable, plain_header

from .book import Book, CellValue
from .fields import INPUTS
from .fields.intraday import TBL_FILLS
from .fields.tca import FILL_COLUMNS, TBL_TCA_ORDERS, TCA_ORDER_COLUMNS
from .fingerprint import column_key, fingerprint
from .parsing import present_value


def tca_fingerprint(book: Book) -> float:
    """The number by which the workbook tells whether its results are still those of its orders and fills."""
    scalars = {field.name: cell.value for field in INPUTS if (cell := book.cell(field.name)) is not None}
    columns: dict[str, list[CellValue]] = {}
    for name, registry in ((TBL_FILLS, FILL_COLUMNS), (TBL_TCA_ORDERS, TCA_ORDER_COLUMNS)):
        table = book.table(name)
        for column in registry:
            if table is not None and column.header in table.columns:
                columns[column_key(name, column.header)] = [cell.value for cell in table.columns[column.header]]
    return fingerprint(scalars, columns)


def raw_table(book: Book, name: str) -> RawTable | None:
    """A table as its cells stand, blank rows left out; None where the workbook has no such table.

    Raises
    ------
    InputError
        A cell holds an error, or a formula that no program has computed.
    """
    table = book.table(name)
    if table is None:
        return None
    filled = [row for row in range(table.rows) if not all(cells[row].is_blank for cells in table.columns.values())]
    columns: dict[str, list[CellValue]] = {}
    for header, cells in table.columns.items():
        for row in filled:
            present_value(cells[row])
        columns[plain_header(header)] = [cells[row].value for row in filled]
    by_key = {plain_header(header): cells for header, cells in table.columns.items()}
    first = next(iter(by_key.values()), ())

    def place(row: int, header: str) -> str:
        cells = by_key.get(header, first)
        return cells[filled[row]].where if header else f"the row of {cells[filled[row]].where}"

    return RawTable(f"{name} ({table.where})", columns, place, [row + 1 for row in filled], may_be_local=True)
