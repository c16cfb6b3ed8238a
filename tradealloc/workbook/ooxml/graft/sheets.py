"""Copying worksheets of one workbook to the end of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import count

from lxml import etree

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.charts import chart_formulas
from tradealloc.workbook.ooxml.graft.formulas import SheetNames, rename_sheets, words_of
from tradealloc.workbook.ooxml.graft.names import add_names, defined_words, names_to_copy, refuse_clashing_names
from tradealloc.workbook.ooxml.graft.parts import PartCopier
from tradealloc.workbook.ooxml.graft.styles import StyleSheet, StyleTransfer
from tradealloc.workbook.ooxml.namespaces import (
    CELL,
    EXCEL_FORMULA,
    FORMULA,
    INLINE,
    RELATIONSHIP_ID,
    TEXT,
    VALUE,
    main,
)
from tradealloc.workbook.ooxml.structure import Sheet, Structure, is_true
from tradealloc.workbook.ooxml.tables import read_tables
from tradealloc.workbook.ooxml.trees import drop_attribute, remove
from tradealloc.workbook.ooxml.values import empty

LONGEST_NAME = 31
SUFFIX = "tradealloc"
_WORKSHEET = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_FORMULAS = (FORMULA, main("formula"), main("formula1"), main("formula2"), EXCEL_FORMULA)
_DIFFERENTIAL = ("dxfId", "dataDxfId", "headerRowDxfId", "totalsRowDxfId")
_STYLED = {CELL: "s", main("row"): "s", main("col"): "style"}


def graft_sheets(
    target: Structure, donor: Structure, sheets: Sequence[str], wording: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Copy worksheets with their tables, charts, formats and names to the end of the target.

    Of the target's parts only the workbook's own, its links, the content types and the formats change; formats are
    appended, and the calculation chain goes, which Excel makes anew. A sheet whose name the target has already gets
    another ("Order (tradealloc)"), and what refers to it follows. Formulas that use a name of a sheet left behind,
    which the target doesn't have either, are left out.

    Parameters
    ----------
    target, donor
        The workbooks.
    sheets
        Names of the donor's worksheets.
    wording
        Pieces of text to replace in the copies.

    Returns
    -------
    dict of str to str
        Names of the new sheets by those they have in the donor.

    Raises
    ------
    WorkbookError
        The target has a table or a name of the same name, or its structure is protected. It is unchanged.
    """
    chosen = [donor.worksheet(name) for name in sheets]
    names = _new_names(target, chosen)
    formulas = [element.text or "" for sheet in chosen for element in donor.package.root(sheet.part).iter(*_FORMULAS)]
    coming = names_to_copy(donor, names, {word for formula in formulas for word in words_of(formula)})
    _refuse_protected(target)
    _refuse_clashing_tables(target, donor, chosen)
    refuse_clashing_names(target, coming)
    known = defined_words(target) | {(element.get("name") or "").casefold() for element in coming}
    graft = _Graft(target, donor, names, defined_words(donor) - known, wording or {})
    parts = {sheet.name: graft.copy(sheet) for sheet in chosen}
    for sheet in chosen:
        _add_sheet(target, names[sheet.name.casefold()], parts[sheet.name])
    add_names(target, donor, coming, names)
    target.drop_calculation_chain()
    target.ask_for_recalculation()
    return {sheet.name: names[sheet.name.casefold()] for sheet in chosen}


class _Graft:
    """Copies one sheet after the other, changed for their new home."""

    def __init__(
        self, target: Structure, donor: Structure, names: SheetNames, unknown: set[str], wording: Mapping[str, str]
    ) -> None:
        self._names, self._unknown, self._wording = names, unknown, wording
        self._styles = StyleTransfer(StyleSheet(donor), StyleSheet(target))
        strings = donor.linked_part("sharedStrings")
        self._strings = [] if strings is None else donor.package.root(strings).findall(main("si"))
        self._table_ids = _free_table_ids(target)
        self._copier = PartCopier(donor.package, target.package, self._adapt)
        self._has_metadata = donor.linked_part("sheetMetadata") is not None

    def copy(self, sheet: Sheet) -> str:
        """Part of the copy."""
        return self._copier.copy(sheet.part)

    def _adapt(self, kind: str, root: etree._Element) -> None:
        if kind.endswith("worksheet+xml"):
            self._adapt_sheet(root)
        elif kind.endswith("table+xml"):
            root.set("id", str(next(self._table_ids)))
            for element in root.iter():
                self._translate_differential(element)
            self._rename_in(root.iter(main("calculatedColumnFormula"), main("totalsRowFormula")))
        elif kind.endswith(("chart+xml", "chartex+xml")):
            self._rename_in(chart_formulas(root))
        elif kind.endswith("drawing+xml"):
            for element in root.iter():
                if element.get("textlink"):
                    element.set("textlink", rename_sheets(element.get("textlink") or "", self._names))

    def _adapt_sheet(self, root: etree._Element) -> None:
        for view in root.iter(main("sheetView")):
            drop_attribute(view, "tabSelected")  # two selected tabs are a group: typing in one changes the other
        for element in root.iter():
            self._translate_differential(element)
            attribute = _STYLED.get(str(element.tag))
            if attribute is not None and (element.get(attribute) is not None or (element.tag == CELL and len(element))):
                element.set(attribute, str(self._styles.cell_format(int(element.get(attribute) or 0))))
        for cell in root.iter(CELL):
            if self._has_metadata and (cell.get("cm") or cell.get("vm")):
                raise ValueError(f"{cell.get('r')} has metadata, which isn't copied")
            self._inline(cell)
        self._rename_in(root.iter(*_FORMULAS))
        self._drop_dead_links(root)

    def _translate_differential(self, element: etree._Element) -> None:
        for attribute in _DIFFERENTIAL:
            number = element.get(attribute)
            if number is not None:
                element.set(attribute, str(self._styles.differential(int(number))))

    def _inline(self, cell: etree._Element) -> None:
        """Text of the donor's shared strings becomes the cell's own; a formula without its names goes."""
        formula = cell.find(FORMULA)
        if formula is not None and words_of(formula.text or "") & self._unknown:
            empty(cell)
            return
        if cell.get("t") != "s":
            return
        value = cell.find(VALUE)
        assert value is not None
        inline = cell.makeelement(INLINE)
        inline.extend(deepcopy(child) for child in self._strings[int(value.text or 0)] if child.tag != main("rPh"))
        for text in inline.iter(TEXT):
            for old, new in self._wording.items():
                text.text = (text.text or "").replace(old, new)
        cell.replace(value, inline)
        cell.set("t", "inlineStr")

    def _rename_in(self, formulas: Iterator[etree._Element]) -> None:
        for element in formulas:
            if element.text:
                element.text = rename_sheets(element.text, self._names)

    def _drop_dead_links(self, root: etree._Element) -> None:
        """Links within the workbook follow their sheet; those to a sheet left behind go."""
        for holder in root.findall(main("hyperlinks")):
            for link in list(holder):
                location = link.get("location")
                if location is None:
                    continue
                new = rename_sheets(location, self._names)
                if (
                    "!" in location
                    and new == location
                    and location.partition("!")[0].strip("'").casefold() not in self._names
                ):
                    remove(link)
                else:
                    link.set("location", new)
            if not len(holder):
                remove(holder)


def _new_names(target: Structure, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Names that the target doesn't have, by the casefolded ones of the donor."""
    taken = {sheet.name.casefold() for sheet in target.sheets}
    names = {}
    for sheet in sheets:
        name = next(name for name in _candidates(sheet.name) if name.casefold() not in taken)
        assert len(name) <= LONGEST_NAME
        taken.add(name.casefold())
        names[sheet.name.casefold()] = name
    return names


def _candidates(name: str) -> Iterator[str]:
    yield name
    yield f"{name} ({SUFFIX})"
    for number in count(2):
        yield f"{name} ({SUFFIX} {number})"


def _refuse_protected(target: Structure) -> None:
    protection = target.package.root(target.part).find(main("workbookProtection"))
    if protection is not None and is_true(protection.get("lockStructure")):
        raise WorkbookError(
            f"{target.package.label} lets nobody add sheets: switch off Protect Workbook on Excel's Review tab"
        )


def _refuse_clashing_tables(target: Structure, donor: Structure, sheets: Sequence[Sheet]) -> None:
    taken = {table.name.casefold(): table for table in read_tables(target)}
    words = defined_words(target)
    for table in read_tables(donor):
        if table.sheet not in sheets:
            continue
        clash = taken.get(table.name.casefold())
        if clash is not None or table.name.casefold() in words:
            place = "" if clash is None else f" on sheet {clash.sheet.name}"
            kind = "name" if clash is None else "table"
            raise WorkbookError(
                f"{target.package.label} has a {kind} {table.name} already{place}, which the new sheets need: rename it"
            )


def _free_table_ids(target: Structure) -> Iterator[int]:
    return count(max((int(table.root.get("id") or 0) for table in read_tables(target)), default=0) + 1)


def _add_sheet(target: Structure, name: str, part: str) -> None:
    holder = target.package.root(target.part).find(main("sheets"))
    assert holder is not None
    numbers = [int(element.get("sheetId") or 0) for element in holder]
    element = etree.SubElement(holder, main("sheet"))
    element.set("name", name)
    element.set("sheetId", str(max(numbers, default=0) + 1))
    element.set(RELATIONSHIP_ID, target.package.link(target.part, _WORKSHEET, part))
    target.package.touch(target.part)
