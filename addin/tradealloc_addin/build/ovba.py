"""MS-OVBA: a VBA project (vbaProject.bin) from the text of its modules.

The project carries no compiled code: Excel compiles the source when it opens the file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from .cfb import compound_file
from .compression import compress

CODE_PAGE = "cp1252"
NOT_COMPILED = b"\xcc\x61\xff\xff\x00\x00\x00"
PROJECT_ID = "{5C1B7A64-93D2-4E0F-8B5D-7E2A90C4D618}"
OBFUSCATION_SEED = 0x5D
CLASS_HEADER = re.compile(r"\AVERSION [^\n]*\n(?:.*\n)*?END\n")
LEADING_ATTRIBUTES = re.compile(r"(?:Attribute VB_\w+ = .*\n)*")

REFERENCES = (
    ("stdole", r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation"),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#"
        r"C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library",
    ),
)


class Kind(Enum):
    """What a module is; the value is the base class that Excel expects of it."""

    STANDARD = ""
    CLASS = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"
    WORKBOOK = "0{00020819-0000-0000-C000-000000000046}"
    SHEET = "0{00020820-0000-0000-C000-000000000046}"

    @property
    def is_document(self) -> bool:
        return self in (Kind.WORKBOOK, Kind.SHEET)


@dataclass(frozen=True, slots=True)
class Module:
    """A VBA module: its name, kind, and source as the VBA editor exports it or without any header."""

    name: str
    kind: Kind
    source: str = ""

    def text(self) -> str:
        """The source as the project stores it: own attributes first, lines ended by CR LF."""
        source = self.source.replace("\r\n", "\n").replace("\r", "\n")
        source = CLASS_HEADER.sub("", source)
        header = LEADING_ATTRIBUTES.match(source)
        body = source[header.end() :] if header else source
        attributes = [f'VB_Name = "{self.name}"']
        if self.kind is not Kind.STANDARD:
            document = self.kind.is_document
            attributes += [
                f'VB_Base = "{self.kind.value}"',
                "VB_GlobalNameSpace = False",
                "VB_Creatable = False",
                f"VB_PredeclaredId = {document}",
                f"VB_Exposed = {document}",
                "VB_TemplateDerived = False",
                f"VB_Customizable = {document}",
            ]
        text = "".join(f"Attribute {line}\n" for line in attributes) + body
        return (text if text.endswith("\n") else text + "\n").replace("\n", "\r\n")


def vba_project(modules: Sequence[Module], name: str) -> bytes:
    """The bytes of vbaProject.bin, the same for the same modules."""
    streams = {module.name: compress(module.text().encode(CODE_PAGE)) for module in modules}
    return compound_file(
        {
            "VBA": {"dir": compress(_directory(modules, name)), "_VBA_PROJECT": NOT_COMPILED, **streams},
            "PROJECT": _project_text(modules, name).encode(CODE_PAGE),
            "PROJECTwm": _name_map(modules),
        }
    )


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HI", number, len(data)) + data


def _word(number: int, value: int) -> bytes:
    return _record(number, struct.pack("<H", value))


def _long(number: int, value: int) -> bytes:
    return _record(number, struct.pack("<I", value))


def _twice(number: int, unicode_number: int, text: str) -> bytes:
    return _record(number, text.encode(CODE_PAGE)) + _record(unicode_number, text.encode("utf-16-le"))


def _directory(modules: Sequence[Module], name: str) -> bytes:
    """The dir stream (2.3.4.2): project, references, modules; the numbers are the specification's record ids."""
    english, windows = 0x409, 1
    parts = [_long(0x01, windows), _long(0x02, english), _long(0x14, english), _word(0x03, 1252)]
    parts += [_record(0x04, name.encode(CODE_PAGE)), _twice(0x05, 0x40, ""), _record(0x06, b""), _record(0x3D, b"")]
    parts += [_long(0x07, 0), _long(0x08, 0), struct.pack("<HIIH", 0x09, 4, 1, 1), _twice(0x0C, 0x3C, "")]
    for reference, library in REFERENCES:
        path = library.encode(CODE_PAGE)
        parts += [_twice(0x16, 0x3E, reference), _record(0x0D, struct.pack("<I", len(path)) + path + bytes(6))]
    parts += [_word(0x0F, len(modules)), _word(0x13, 0xFFFF)]
    for module in modules:
        parts += [_twice(0x19, 0x47, module.name), _twice(0x1A, 0x32, module.name), _twice(0x1C, 0x48, "")]
        parts += [_long(0x31, 0), _long(0x1E, 0), _word(0x2C, 0xFFFF)]
        parts += [_record(0x21 if module.kind is Kind.STANDARD else 0x22, b""), _record(0x2B, b"")]
    return b"".join(parts) + _record(0x10, b"")


def _project_text(modules: Iterable[Module], name: str) -> str:
    """The PROJECT stream (2.3.1): unprotected, visible, without a password."""
    lines = [f'ID="{PROJECT_ID}"']
    for module in modules:
        if module.kind is Kind.STANDARD:
            lines.append(f"Module={module.name}")
        elif module.kind is Kind.CLASS:
            lines.append(f"Class={module.name}")
        else:
            lines.append(f"Document={module.name}/&H00000000")
    unprotected, no_password, visible = bytes(4), b"\0", b"\xff"
    lines += [f'Name="{name}"', 'HelpContextID="0"', 'VersionCompatible32="393222000"']
    lines += [
        f'CMG="{_obfuscated(unprotected)}"',
        f'DPB="{_obfuscated(no_password)}"',
        f'GC="{_obfuscated(visible)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
    ]
    lines += [f"{module.name}=0, 0, 0, 0, C" for module in modules]
    return "".join(line + "\r\n" for line in lines)


def _name_map(modules: Iterable[Module]) -> bytes:
    """The PROJECTwm stream (2.3.3): names in the code page and in Unicode."""
    pairs = (module.name.encode(CODE_PAGE) + b"\0" + module.name.encode("utf-16-le") + b"\0\0" for module in modules)
    return b"".join(pairs) + b"\0\0"


def _obfuscated(data: bytes) -> str:
    """The data as CMG, DPB and GC hold it (2.4.3.2), with a fixed seed."""
    version = 2
    key = sum(PROJECT_ID.encode(CODE_PAGE)) & 0xFF
    out = [OBFUSCATION_SEED, OBFUSCATION_SEED ^ version, OBFUSCATION_SEED ^ key]
    plain, before, previous = key, out[1], out[2]
    ignored = bytes((OBFUSCATION_SEED & 6) // 2)
    for byte in ignored + struct.pack("<I", len(data)) + data:
        coded = byte ^ ((before + plain) & 0xFF)
        out.append(coded)
        before, previous, plain = previous, coded, byte
    return bytes(out).hex().upper()
