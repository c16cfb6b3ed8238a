"""The workbook part: its sheets, its date system, and what it asks Excel to recalculate."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from tradealloc.errors import InputError, WorkbookError
from tradealloc.workbook.ooxml.namespaces import MAIN, RELATIONSHIP_ID, STRICT_MAIN, main
from tradealloc.workbook.ooxml.package import Package, Relationship

_BEFORE_CALCULATION = (
    "definedNames", "externalReferences", "functionGroups", "sheets", "bookViews", "workbookProtection", "workbookPr",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tab of the workbook; `part` is empty where it is no worksheet."""

    name: str
    index: int
    part: str


def is_true(text: str | None) -> bool:
    """An XML boolean attribute that is on."""
    return text in ("1", "true")


class Structure:
    """The workbook part and the parts it links to."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = _find_workbook(package)
        root = package.root(self.part)
        _refuse_other_namespaces(root, package.label)
        self.links = package.relationships(self.part)
        self.sheets = _sheets(root, self.links)
        properties = root.find(main("workbookPr"))
        self.starts_1904 = properties is not None and is_true(properties.get("date1904"))

    @property
    def worksheets(self) -> tuple[Sheet, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.part and self.package.has(sheet.part))

    def worksheet(self, name: str) -> Sheet:
        """The worksheet of that name, whatever its case; InputError where there is none."""
        wanted = name.casefold()
        for sheet in self.sheets:
            if sheet.name.casefold() == wanted:
                if not sheet.part:
                    raise InputError("is a chart sheet and has no cells; name a worksheet", where=sheet.name)
                return sheet
        known = ", ".join(sheet.name for sheet in self.sheets)
        raise InputError(f"is no sheet of {self.package.label}; it has {known}", where=name)

    def linked_part(self, kind: str) -> str | None:
        """The part behind the workbook's link of that kind ("styles"), if the file has it."""
        for link in self.links:
            if link.kind.endswith(f"/{kind}") and not link.external and self.package.has(link.target):
                return link.target
        return None

    def ask_for_recalculation(self) -> None:
        """Make Excel compute every formula when it opens the file."""
        root = self.package.root(self.part)
        settings = root.find(main("calcPr"))
        if settings is None:
            settings = etree.Element(main("calcPr"))
            anchor = next(found for tag in _BEFORE_CALCULATION if (found := root.find(main(tag))) is not None)
            anchor.addnext(settings)
        if not is_true(settings.get("fullCalcOnLoad")):
            settings.set("fullCalcOnLoad", "1")
            self.package.touch(self.part)

    def drop_calculation_chain(self) -> None:
        """Excel rebuilds the chain; one that lists a cell without formula makes it repair the file."""
        for link in self.links:
            if link.kind.endswith("/calcChain") and self.package.has(link.target):
                self.package.drop(link.target)
                self.package.unlink(self.part, link)


def _find_workbook(package: Package) -> str:
    if not package.has("_rels/.rels"):
        raise WorkbookError(_not_a_workbook(package))
    for link in package.relationships(""):
        if link.kind.endswith("/officeDocument") and not link.external:
            if link.target.casefold().endswith(".bin"):
                raise WorkbookError(
                    f"{package.label} is in the binary .xlsb format: save it in Excel as Excel Workbook (.xlsx)"
                )
            return link.target
    raise WorkbookError(_not_a_workbook(package))


def _not_a_workbook(package: Package) -> str:
    if package.has("content.xml"):
        return f"{package.label} is an OpenDocument file: save it as Excel Workbook (.xlsx)"
    return f"{package.label} is not an Excel workbook: open it in Excel and save it as Excel Workbook (.xlsx)"


def _refuse_other_namespaces(root: etree._Element, label: str) -> None:
    if root.tag == f"{{{STRICT_MAIN}}}workbook":
        raise WorkbookError(
            f"{label} is a Strict Open XML workbook: save it in Excel as Excel Workbook (.xlsx), not as Strict"
        )
    if root.tag != f"{{{MAIN}}}workbook":
        raise WorkbookError(f"{label} is not an Excel workbook: open it in Excel and save it as Excel Workbook (.xlsx)")


def _sheets(root: etree._Element, links: tuple[Relationship, ...]) -> tuple[Sheet, ...]:
    worksheets = {link.id: link.target for link in links if link.kind.endswith("/worksheet") and not link.external}
    elements = root.iterfind(f"{main('sheets')}/{main('sheet')}")
    return tuple(
        Sheet(element.get("name") or "", index, worksheets.get(element.get(RELATIONSHIP_ID) or "", ""))
        for index, element in enumerate(elements)
    )
