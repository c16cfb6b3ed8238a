"""Defined names that come along with copied sheets."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from lxml import etree

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.graft.formulas import SheetNames, rename_sheets, sheets_of, words_of
from tradealloc.workbook.ooxml.names import DEFINED_NAME
from tradealloc.workbook.ooxml.namespaces import main
from tradealloc.workbook.ooxml.structure import Structure

_BEFORE_NAMES = ("externalReferences", "functionGroups", "sheets")


def names_to_copy(donor: Structure, sheets: SheetNames, used: Iterable[str]) -> list[etree._Element]:
    """The donor's names that the copied sheets need: those that point to them, and those that their formulas use.

    A name that points to a sheet left behind isn't copied.
    """
    by_word: dict[str, list[etree._Element]] = {}
    local: list[etree._Element] = []
    for element in donor.package.root(donor.part).iterfind(DEFINED_NAME):
        if element.get("localSheetId") is None:
            by_word.setdefault((element.get("name") or "").casefold(), []).append(element)
        elif donor.sheets[int(element.get("localSheetId") or 0)].name.casefold() in sheets:
            local.append(element)
    words = set(used) | {word for word, found in by_word.items() if any(_points_to(e, sheets) for e in found)}
    words |= {word for element in local for word in words_of(element.text or "")}
    found: dict[str, etree._Element] = {}
    while words:
        word = words.pop()
        for element in by_word.get(word, ()):
            if word not in found and sheets_of(element.text or "") <= set(sheets):
                found[word] = element
                words |= words_of(element.text or "") - set(found)
    return [*(found[word] for word in sorted(found)), *local]


def _points_to(element: etree._Element, sheets: SheetNames) -> bool:
    return bool(sheets_of(element.text or "") & set(sheets))


def refuse_clashing_names(target: Structure, names: Iterable[etree._Element]) -> None:
    """WorkbookError for the first name that the target uses already for something else."""
    taken = defined_words(target)
    for element in names:
        name = element.get("name") or ""
        if element.get("localSheetId") is None and name.casefold() in taken:
            raise WorkbookError(
                f"{target.package.label} has a name {name} already, which the new sheets need: "
                "rename or delete it in the Name Manager"
            )


def defined_words(structure: Structure) -> set[str]:
    """Casefolded names that hold for the whole workbook."""
    return {
        (element.get("name") or "").casefold()
        for element in structure.package.root(structure.part).iterfind(DEFINED_NAME)
        if element.get("localSheetId") is None
    }


def add_names(target: Structure, donor: Structure, names: Iterable[etree._Element], sheets: SheetNames) -> None:
    """Define the names in the target; `sheets` are there by now."""
    holder = _holder(target)
    positions = {
        (element.get("name") or "").casefold(): index
        for index, element in enumerate(target.package.root(target.part).iterfind(f"{main('sheets')}/{main('sheet')}"))
    }
    for element in names:
        copy = deepcopy(element)
        copy.tail = None
        copy.text = rename_sheets(element.text or "", sheets)
        local = element.get("localSheetId")
        if local is not None:
            sheet = sheets[donor.sheets[int(local)].name.casefold()]
            copy.set("localSheetId", str(positions[sheet.casefold()]))
        holder.append(copy)
    target.package.touch(target.part)


def _holder(target: Structure) -> etree._Element:
    root = target.package.root(target.part)
    holder = root.find(main("definedNames"))
    if holder is None:
        holder = root.makeelement(main("definedNames"))
        anchor = next(found for tag in _BEFORE_NAMES if (found := root.find(main(tag))) is not None)
        anchor.addnext(holder)
    return holder
