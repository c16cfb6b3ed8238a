"""The package: parts, their relationships and content types; remembers which parts were touched."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote, unquote

from lxml import etree

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.container import Container, read_container, write_container
from tradealloc.workbook.ooxml.namespaces import CONTENT_TYPES, PACKAGE_RELATIONSHIPS
from tradealloc.workbook.ooxml.trees import remove

_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml\s[^>]*?\?>\s*")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_STANDARD_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
_FORBIDDEN = tuple(
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
)
# In any other encoding a document type could hide from a search of the bytes.
_ENCODINGS = (b"utf-8", b"utf8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")
_FIRST_BYTES = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00<")
CONTENT_TYPES_PART = "[Content_Types].xml"
_NO_RELATIONSHIPS = _STANDARD_DECLARATION + f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"/>'.encode()


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from one part to another; `target` is a part name unless `external`."""

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """Parts of an Office file.

    Parts are parsed when asked for; only those marked by `touch` or `drop` differ from the original on writing.
    """

    def __init__(self, container: Container, label: str) -> None:
        self.label = label
        self._container = container
        self._names = {name.replace("\\", "/").casefold(): name for name in container.contents}
        self._roots: dict[str, etree._Element] = {}
        self._added: dict[str, bytes] = {}
        self._touched: set[str] = set()
        self._dropped: set[str] = set()

    @classmethod
    def from_bytes(cls, data: bytes, label: str) -> Package:
        return cls(read_container(data, label), label)

    def has(self, name: str) -> bool:
        found = self._names.get(name.casefold())
        return found is not None and found not in self._dropped

    def original(self, name: str) -> bytes:
        """The part's bytes as they were in the file."""
        return self._bytes_of(self._stored(name))

    def root(self, name: str) -> etree._Element:
        """The parsed part; the same tree each time."""
        stored = self._stored(name)
        if stored not in self._roots:
            self._roots[stored] = self._parse(stored)
        return self._roots[stored]

    def touch(self, name: str) -> None:
        """Write the part from its tree."""
        self._touched.add(self._stored(name))

    def drop(self, name: str) -> None:
        """Leave the part out, with its content type."""
        stored = self._stored(name)
        self._dropped.add(stored)
        types = self.root(CONTENT_TYPES_PART)
        for override in types.findall(f"{{{CONTENT_TYPES}}}Override"):
            if (override.get("PartName") or "").lstrip("/").casefold() == stored.replace("\\", "/").casefold():
                remove(override)
                self.touch(CONTENT_TYPES_PART)

    def add(self, name: str, data: bytes, content_type: str) -> None:
        """Put a new part into the file; `content_type` may be empty where the file's defaults know the extension."""
        if name.casefold() in self._names:
            raise ValueError(f"{name} is there already")
        self._names[name.casefold()] = name
        self._added[name] = data
        if content_type:
            override = etree.SubElement(self.root(CONTENT_TYPES_PART), f"{{{CONTENT_TYPES}}}Override")
            override.set("PartName", f"/{quote(name)}")
            override.set("ContentType", content_type)
            self.touch(CONTENT_TYPES_PART)

    def free_name(self, like: str) -> str:
        """A name for a new part: that of another file's part (``xl/tables/table1.xml``), numbered on where taken."""
        if like.casefold() not in self._names:
            return like
        stem, extension = posixpath.splitext(like)
        stem = stem.rstrip("0123456789")
        return next(name for number in count(1) if (name := f"{stem}{number}{extension}").casefold() not in self._names)

    def link(self, name: str, kind: str, target: str) -> str:
        """Link a part to another by a relationship of that type; returns its id."""
        links = relationships_part(name)
        if not self.has(links):
            self.add(links, _NO_RELATIONSHIPS, "")
        root = self.root(links)
        taken = {element.get("Id") for element in root}
        identifier = next(candidate for number in count(1) if (candidate := f"rId{number}") not in taken)
        element = etree.SubElement(root, f"{{{PACKAGE_RELATIONSHIPS}}}Relationship")
        element.set("Id", identifier)
        element.set("Type", kind)
        element.set("Target", quote(posixpath.relpath(target, posixpath.dirname(name) or ".")))
        self.touch(links)
        return identifier

    def content_types(self) -> dict[str, str]:
        """Content type of each part that has one of its own; part names casefolded."""
        overrides = self.root(CONTENT_TYPES_PART).iterfind(f"{{{CONTENT_TYPES}}}Override")
        return {
            unquote(override.get("PartName") or "").lstrip("/").casefold(): override.get("ContentType") or ""
            for override in overrides
        }

    def relationships(self, name: str) -> tuple[Relationship, ...]:
        """Links of a part (of the package itself where `name` is empty), in file order."""
        links = relationships_part(name)
        if not self.has(links):
            return ()
        folder = posixpath.dirname(name)
        found = []
        for element in self.root(links).iterfind(f"{{{PACKAGE_RELATIONSHIPS}}}Relationship"):
            external = element.get("TargetMode") == "External"
            target = element.get("Target") or ""
            if not external:
                target = _resolve(folder, target)
            found.append(Relationship(element.get("Id") or "", element.get("Type") or "", target, external))
        return tuple(found)

    def unlink(self, name: str, link: Relationship) -> None:
        """Remove one link of a part."""
        links = relationships_part(name)
        for element in self.root(links).findall(f"{{{PACKAGE_RELATIONSHIPS}}}Relationship"):
            if element.get("Id") == link.id:
                remove(element)
                self.touch(links)

    def to_bytes(self) -> bytes:
        """The whole file, touched parts from their trees and all others as they were."""
        changed = {name: self._serialise(name) for name in self._touched - self._dropped}
        added = {name: changed.get(name, data) for name, data in self._added.items() if name not in self._dropped}
        return write_container(self._container, changed, self._dropped, added)

    def _bytes_of(self, stored: str) -> bytes:
        return self._added[stored] if stored in self._added else self._container.contents[stored]

    def _stored(self, name: str) -> str:
        found = self._names.get(name.casefold())
        if found is None or found in self._dropped:
            raise WorkbookError(
                f"{self.label} is damaged (its part {name} is missing): open it in Excel, repair and save it"
            )
        return found

    def _parse(self, stored: str) -> etree._Element:
        data = self._bytes_of(stored)
        if any(mark in data for mark in _FORBIDDEN):
            raise WorkbookError(
                f"{self.label} declares a document type in its part {stored}, which no Excel file does: "
                "open it in Excel and save it under a new name"
            )
        declared = _ENCODING.search(_declaration_of(data))
        if not data.lstrip().startswith(_FIRST_BYTES) or (declared and declared[1].lower() not in _ENCODINGS):
            raise self._malformed(stored)
        # Without document types there are no entities to expand, so the parser's size limits aren't needed.
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, collect_ids=False
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            raise self._malformed(stored) from error
        information: Any = root.getroottree().docinfo
        if information.doctype:
            raise WorkbookError(f"{self.label} declares a document type in its part {stored}: save it again in Excel")
        return root

    def _malformed(self, stored: str) -> WorkbookError:
        return WorkbookError(
            f"{self.label} is damaged (its part {stored} is no well-formed XML): open it in Excel, repair and save it"
        )

    def _serialise(self, stored: str) -> bytes:
        tree = self._roots[stored].getroottree()
        body = etree.tostring(tree, encoding="UTF-8", xml_declaration=False)
        return _declaration(self._bytes_of(stored)) + body


def _declaration_of(data: bytes) -> bytes:
    found = _DECLARATION.match(data)
    return b"" if found is None else found[0]


def _declaration(original: bytes) -> bytes:
    """The original's own XML declaration, where it says (or implies) UTF-8."""
    found = _DECLARATION.match(original)
    if found is None:
        return b"" if original[:1] == b"<" else _STANDARD_DECLARATION
    encoding = _ENCODING.search(found[0])
    if encoding is not None and encoding[1].lower() not in (b"utf-8", b"utf8"):
        return _STANDARD_DECLARATION
    return found[0]


def relationships_part(name: str) -> str:
    folder, base = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _resolve(folder: str, target: str) -> str:
    path = unquote(target.split("#", 1)[0]).replace("\\", "/")
    joined = path if path.startswith("/") else posixpath.join("/", folder, path)
    return posixpath.normpath(joined).lstrip("/")
