"""Turns XlsxWriter's macro workbook into an add-in with a ribbon, as a zip of fixed bytes."""

from __future__ import annotations

import io
import zipfile

RIBBON_PART = "customUI/customUI14.xml"
RIBBON_RELATIONSHIP = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
WORKBOOK_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
ADDIN_TYPE = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
EPOCH = (1980, 1, 1, 0, 0, 0)


def as_addin(workbook: bytes, ribbon: bytes) -> bytes:
    """The same package with an add-in's content type and the ribbon."""
    relationship = f'<Relationship Id="rIdRibbon" Type="{RIBBON_RELATIONSHIP}" Target="{RIBBON_PART}"/>'
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["[Content_Types].xml"] = _replace_once(parts["[Content_Types].xml"], WORKBOOK_TYPE, ADDIN_TYPE)
    end = b"</Relationships>"
    parts["_rels/.rels"] = _replace_once(parts["_rels/.rels"], end, relationship.encode() + end)
    parts[RIBBON_PART] = ribbon
    return zipped(parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip archive without time stamps."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            info.create_system = 0  # the byte that differs between Windows and the rest
            archive.writestr(info, content)
    return target.getvalue()


def _replace_once(text: bytes, old: bytes, new: bytes) -> bytes:
    if text.count(old) != 1:
        raise ValueError(f"expected {old!r} once in what XlsxWriter wrote, found it {text.count(old)} times")
    return text.replace(old, new)
