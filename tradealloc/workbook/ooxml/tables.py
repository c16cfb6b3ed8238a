"""Tables (ListObjects): where they lie and what their columns are called."""

from __future__ import annotations

from lxml import etree

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.addresses import Area, parse_area
from tradealloc.workbook.ooxml.namespaces import main
from tradealloc.workbook.ooxml.package import Package
from tradealloc.workbook.ooxml.structure import Sheet, Structure
from tradealloc.workbook.ooxml.values import unescape


class TablePart:
    """One table part."""

    def __init__(self, package: Package, sheet: Sheet, part: str) -> None:
        self.sheet = sheet
        self.part = part
        self.root = package.root(part)
        self._label = package.label
        self.name = self.root.get("displayName") or self.root.get("name") or ""
        self.area  # noqa: B018  a table that can't be read is refused when it is met, not halfway through a write

    @property
    def area(self) -> Area:
        """The whole table, headers and totals included."""
        try:
            area = parse_area(self.root.get("ref") or "")
            counts = int(self.root.get("headerRowCount", "1")) + int(self.root.get("totalsRowCount", "0"))
        except ValueError as error:
            raise self._damaged() from error
        width = area.right - area.left + 1
        if width != len(self.column_elements) or not 0 <= counts <= area.bottom - area.top + 1:
            raise self._damaged()
        return area

    def _damaged(self) -> WorkbookError:
        return WorkbookError(
            f"{self._label} is damaged (table {self.name} on sheet {self.sheet.name}): open it in Excel, "
            "repair and save it"
        )

    @property
    def header_rows(self) -> int:
        return int(self.root.get("headerRowCount", "1"))

    @property
    def totals_rows(self) -> int:
        return int(self.root.get("totalsRowCount", "0"))

    @property
    def first_data_row(self) -> int:
        return self.area.top + self.header_rows

    @property
    def last_data_row(self) -> int:
        """One above the first data row where there are no rows."""
        return self.area.bottom - self.totals_rows

    @property
    def header_area(self) -> Area | None:
        area = self.area
        return Area(area.top, area.left, area.top + self.header_rows - 1, area.right) if self.header_rows else None

    @property
    def column_elements(self) -> list[etree._Element]:
        return self.root.findall(f"{main('tableColumns')}/{main('tableColumn')}")

    @property
    def headers(self) -> list[str]:
        return [unescape(element.get("name") or "") for element in self.column_elements]

    @property
    def is_fed_from_outside(self) -> bool:
        """Whether a query or an XML map fills the table."""
        return self.root.get("tableType", "worksheet") != "worksheet"

    def formula_of(self, index: int) -> etree._Element | None:
        """The formula that Excel fills the column with, if it has one."""
        return self.column_elements[index].find(main("calculatedColumnFormula"))


def read_tables(structure: Structure) -> tuple[TablePart, ...]:
    """Every table of the workbook, sheet by sheet."""
    package = structure.package
    return tuple(
        TablePart(package, sheet, link.target)
        for sheet in structure.worksheets
        for link in package.relationships(sheet.part)
        if link.kind.endswith("/table") and not link.external and package.has(link.target)
    )
