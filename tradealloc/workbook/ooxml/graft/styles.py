"""Cell and differential formats of one workbook, appended to those of another.

Nothing is renumbered: every format that the other workbook has keeps its number, equal ones are shared.
"""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from tradealloc.workbook.ooxml.namespaces import MAIN, main
from tradealloc.workbook.ooxml.package import Package
from tradealloc.workbook.ooxml.structure import Structure

FIRST_CUSTOM_FORMAT = 164
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LIST_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
_PARTS_OF_FORMAT = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}


class StyleSheet:
    """The styles part of a workbook."""

    def __init__(self, structure: Structure) -> None:
        self._package = structure.package
        part = structure.linked_part("styles")
        self._part = _add_styles(structure) if part is None else part
        self.root = self._package.root(self._part)
        self._known: dict[str, dict[bytes, int]] = {}

    def entries(self, group: str) -> list[etree._Element]:
        """The elements of a list such as ``cellXfs``."""
        found = self.root.find(main(group))
        return [] if found is None else [child for child in found if isinstance(child.tag, str)]

    def index_of(self, group: str, entry: etree._Element) -> int:
        """Number of an entry in a list; appended where the list has no equal one."""
        if group not in self._known:
            self._known[group] = {_canonical(e): i for i, e in reversed(list(enumerate(self.entries(group))))}
        known, key = self._known[group], _canonical(entry)
        if key not in known:
            known[key] = self.append(group, entry)
        return known[key]

    def append(self, group: str, entry: etree._Element) -> int:
        """Put an entry at the end of a list; returns its number."""
        holder = self._list(group)
        number = len(self.entries(group))
        copy = deepcopy(entry)
        copy.tail = None
        holder.append(copy)
        holder.set("count", str(number + 1))
        self._package.touch(self._part)
        return number

    def number_format(self, code: str) -> int:
        """Id of a custom number format, made where there is none of that code."""
        taken = {int(entry.get("numFmtId") or 0) for entry in self.entries("numFmts")}
        for entry in self.entries("numFmts"):
            if entry.get("formatCode") == code and int(entry.get("numFmtId") or 0) >= FIRST_CUSTOM_FORMAT:
                return int(entry.get("numFmtId") or 0)
        number = max({FIRST_CUSTOM_FORMAT - 1, *taken}) + 1
        entry = etree.Element(main("numFmt"))
        entry.set("numFmtId", str(number))
        entry.set("formatCode", code)
        self.append("numFmts", entry)
        return number

    def _list(self, group: str) -> etree._Element:
        found = self.root.find(main(group))
        if found is not None:
            return found
        found = self.root.makeelement(main(group))
        later = {main(tag) for tag in _LIST_ORDER[_LIST_ORDER.index(group) + 1 :]}
        position = next((i for i, child in enumerate(self.root) if child.tag in later), len(self.root))
        self.root.insert(position, found)
        return found


class StyleTransfer:
    """Numbers of the donor's formats in the target."""

    def __init__(self, donor: StyleSheet, target: StyleSheet) -> None:
        self._donor, self._target = donor, target
        self._codes = {entry.get("numFmtId"): entry.get("formatCode") or "" for entry in donor.entries("numFmts")}
        self._cell_formats: dict[int, int] = {}
        self._differential: dict[int, int] = {}

    def cell_format(self, number: int) -> int:
        """The target's number of the donor's ``cellXfs`` entry."""
        if number not in self._cell_formats:
            entry = deepcopy(self._donor.entries("cellXfs")[number])
            self._translate(entry)
            entry.set("xfId", str(self._named_style(int(entry.get("xfId") or 0))))
            self._cell_formats[number] = self._target.index_of("cellXfs", entry)
        return self._cell_formats[number]

    def differential(self, number: int) -> int:
        """The target's number of the donor's ``dxfs`` entry."""
        if number not in self._differential:
            entry = deepcopy(self._donor.entries("dxfs")[number])
            for form in entry.iter(main("numFmt")):
                form.set("numFmtId", str(self._number_format(form.get("numFmtId"), form.get("formatCode"))))
            self._differential[number] = self._target.index_of("dxfs", entry)
        return self._differential[number]

    def _translate(self, entry: etree._Element) -> None:
        """Point a format to the target's fonts, fills, borders and number formats."""
        for attribute, group in _PARTS_OF_FORMAT.items():
            if entry.get(attribute) is not None:
                part = deepcopy(self._donor.entries(group)[int(entry.get(attribute) or 0)])
                # With it the font would be whatever the target's theme calls its body font.
                for scheme in part.findall(main("scheme")):
                    part.remove(scheme)
                entry.set(attribute, str(self._target.index_of(group, part)))
        entry.set("numFmtId", str(self._number_format(entry.get("numFmtId"), self._codes.get(entry.get("numFmtId")))))

    def _number_format(self, number: str | None, code: str | None) -> int:
        known = int(number or 0)
        return known if code is None or known < FIRST_CUSTOM_FORMAT else self._target.number_format(code)

    def _named_style(self, number: int) -> int:
        """The target's named style of the same name, made where it has none."""
        donor = next((s for s in self._donor.entries("cellStyles") if s.get("xfId") == str(number)), None)
        if donor is None:
            return 0
        for style in self._target.entries("cellStyles"):
            is_same = (style.get("name") or "").casefold() == (donor.get("name") or "").casefold()
            if is_same or (donor.get("builtinId") is not None and style.get("builtinId") == donor.get("builtinId")):
                return int(style.get("xfId") or 0)
        entry = deepcopy(self._donor.entries("cellStyleXfs")[number])
        self._translate(entry)
        added = deepcopy(donor)
        added.set("xfId", str(self._target.append("cellStyleXfs", entry)))
        self._target.append("cellStyles", added)
        return int(added.get("xfId") or 0)


def _canonical(entry: etree._Element) -> bytes:
    copy = deepcopy(entry)
    copy.tail = None
    return etree.tostring(copy, method="c14n2")


def _add_styles(structure: Structure) -> str:
    """The least that Excel takes for a styles part, for a workbook without one."""
    package: Package = structure.package
    part = package.free_name("xl/styles.xml")
    border = "<border><left/><right/><top/><bottom/><diagonal/></border>"
    package.add(
        part,
        (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<styleSheet xmlns="{MAIN}">'
            '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            f'<borders count="1">{border}</borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
            '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        ).encode(),
        _CONTENT_TYPE,
    )
    package.link(structure.part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles", part)
    return part
