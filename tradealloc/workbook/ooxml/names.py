"""Defined names: which cell is meant."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from tradealloc.errors import InputError
from tradealloc.workbook.ooxml.addresses import Area, parse_area, split_address
from tradealloc.workbook.ooxml.namespaces import main
from tradealloc.workbook.ooxml.structure import Structure

DEFINED_NAME = f"{main('definedNames')}/{main('definedName')}"


@dataclass(frozen=True, slots=True)
class NamedArea:
    """What a defined name points to, the sheet by its name."""

    name: str
    sheet: str
    area: Area


def find_name(structure: Structure, name: str) -> NamedArea | None:
    """The area behind a name, the workbook's own before a sheet's; None where there is no such name.

    Raises
    ------
    InputError
        The name points to nothing, elsewhere, or to something other than cells.
    """
    element = _element(structure, name)
    return None if element is None else named_area(name, element.text or "")


def named_area(name: str, refers_to: str) -> NamedArea:
    """The area that a name's formula stands for; InputError where it isn't cells of this workbook."""
    text = refers_to.strip().removeprefix("=")
    address = split_address(text)
    if "#REF!" in text:
        raise InputError("points to a deleted cell; point it to a cell in the Name Manager", where=name)
    if address is not None and ("[" in address[0] or "]" in address[0]):
        raise InputError("points into another workbook; point it to a cell of this one in the Name Manager", where=name)
    try:
        area = None if address is None else parse_area(address[1])
    except ValueError:
        area = None
    if address is None or area is None:
        raise InputError(
            f"stands for {text or 'nothing'}, not for one cell; point it to a cell in the Name Manager",
            where=name,
        )
    return NamedArea(name, address[0], area)


def _element(structure: Structure, name: str) -> etree._Element | None:
    wanted = name.casefold()
    root = structure.package.root(structure.part)
    found = [element for element in root.iterfind(DEFINED_NAME) if (element.get("name") or "").casefold() == wanted]
    everywhere = [element for element in found if element.get("localSheetId") is None]
    if everywhere:
        return everywhere[0]
    if len(found) > 1:
        sheets = ", ".join(_sheet_of(structure, element) for element in found)
        raise InputError(
            f"is defined on several sheets ({sheets}); keep one, or define it for the workbook", where=name
        )
    return found[0] if found else None


def _sheet_of(structure: Structure, element: etree._Element) -> str:
    index = element.get("localSheetId") or ""
    if index.isdecimal() and int(index) < len(structure.sheets):
        return structure.sheets[int(index)].name
    return "?"
