"""XML namespaces, and the tags built from them."""

from __future__ import annotations

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
EXCEL_MAIN = "http://schemas.microsoft.com/office/excel/2006/main"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CHART15 = "http://schemas.microsoft.com/office/drawing/2012/chart"
CHARTEX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
RELATIONSHIP_ID = f"{{{OFFICE_RELATIONSHIPS}}}id"


def main(tag: str) -> str:
    """The tag in the spreadsheet's main namespace."""
    return f"{{{MAIN}}}{tag}"


SHEET_DATA, ROW, CELL = main("sheetData"), main("row"), main("c")
FORMULA, VALUE, INLINE, TEXT, RUN = main("f"), main("v"), main("is"), main("t"), main("r")
EXTENSIONS = main("extLst")
EXCEL_FORMULA = f"{{{EXCEL_MAIN}}}f"
EXCEL_SQREF = f"{{{EXCEL_MAIN}}}sqref"
