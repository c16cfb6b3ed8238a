"""The parts behind a worksheet (drawings, charts, tables, pictures), copied under names of their own."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from tradealloc.workbook.ooxml.namespaces import CONTENT_TYPES, OFFICE_RELATIONSHIPS
from tradealloc.workbook.ooxml.package import CONTENT_TYPES_PART, Package

Adapt = Callable[[str, etree._Element], None]
"""Changes a copied part for its new home, given its content type and its tree."""


class PartCopier:
    """Copies parts of one package into another, each once, with the parts that they link to."""

    def __init__(self, donor: Package, target: Package, adapt: Adapt) -> None:
        self._donor, self._target, self._adapt = donor, target, adapt
        self._types = donor.content_types()
        self._copied: dict[str, str] = {}

    def copy(self, part: str) -> str:
        """Name of the copy."""
        if part not in self._copied:
            name = self._target.free_name(part)
            self._copied[part] = name
            kind = self._content_type(part)
            self._target.add(name, self._donor.original(part), kind)
            if kind.endswith("+xml"):
                root = self._target.root(name)
                self._copy_links(part, name, root)
                self._adapt(kind, root)
                self._target.touch(name)
        return self._copied[part]

    def _copy_links(self, part: str, name: str, root: etree._Element) -> None:
        identifiers = {}
        for link in self._donor.relationships(part):
            if link.external:
                raise ValueError(f"{part} links to {link.target}: a template has no links out of its file")
            identifiers[link.id] = self._target.link(name, link.kind, self.copy(link.target))
        for element in root.iter():
            for attribute, value in element.attrib.items():
                if str(attribute).startswith(f"{{{OFFICE_RELATIONSHIPS}}}") and str(value) in identifiers:
                    element.set(attribute, identifiers[str(value)])

    def _content_type(self, part: str) -> str:
        known = self._types.get(part.casefold())
        if known is not None:
            return known
        extension = part.rpartition(".")[2].casefold()
        defaults = self._donor.root(CONTENT_TYPES_PART).iterfind(f"{{{CONTENT_TYPES}}}Default")
        kinds = (entry for entry in defaults if (entry.get("Extension") or "").casefold() == extension)
        return next((entry.get("ContentType") or "" for entry in kinds), "application/octet-stream")
