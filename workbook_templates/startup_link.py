"""Formulas that call the add-in, stored as Excel stores them.

Excel saves a call of an add-in's function as ``[1]!OPTALLOC(...)`` with a link to the add-in's file. The link here is
of the type xlStartup: tradealloc.xlam in the user's own start-up folder, whatever machine opens the workbook.
XlsxWriter can't write such links, so that the finished file is rewritten.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tradealloc_addin.build.package import zipped

ADDIN_FILE = "tradealloc.xlam"
LINK_PART = "xl/externalLinks/externalLink1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STARTUP = "http://schemas.microsoft.com/office/2006/relationships/xlExternalLinkPath/xlStartup"
LINK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FORMULA = re.compile(rb"(<f\b[^>]*>)([^<]*)(</f>)")


def link_functions(path: Path, functions: Sequence[str]) -> None:
    """Rewrite a workbook of ours so that calls of these functions go to the add-in.

    The mark that makes programs recalculate on opening is taken away too: without the add-in the stored values stay.
    """
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    calls = re.compile(rf"\b({'|'.join(sorted(functions, key=len, reverse=True))})\(".encode())
    for name, content in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = FORMULA.sub(lambda f: f[1] + calls.sub(rb"[1]!\1(", f[2]) + f[3], content)
    parts["xl/workbook.xml"] = _once(
        _once(parts["xl/workbook.xml"], "</sheets>", '</sheets><externalReferences><externalReference r:id="rIdAddin"/>'
              "</externalReferences>"),
        ' fullCalcOnLoad="1"', "",
    )  # fmt: skip
    parts["xl/_rels/workbook.xml.rels"] = _once(
        parts["xl/_rels/workbook.xml.rels"],
        "</Relationships>",
        f'<Relationship Id="rIdAddin" Type="{DOCUMENT}/externalLink" Target="externalLinks/externalLink1.xml"/>'
        "</Relationships>",
    )
    parts["[Content_Types].xml"] = _once(
        parts["[Content_Types].xml"],
        "</Types>",
        f'<Override PartName="/{LINK_PART}" ContentType="{LINK_TYPE}"/></Types>',
    )
    names = "".join(f'<definedName name="{name}"/>' for name in functions)
    parts[LINK_PART] = (
        f'{HEAD}<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{DOCUMENT}" r:id="rId1">'
        f"<definedNames>{names}</definedNames></externalBook></externalLink>"
    ).encode()
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'{HEAD}<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="rId1" Type="{STARTUP}" Target="{ADDIN_FILE}" TargetMode="External"/></Relationships>'
    ).encode()
    path.write_bytes(zipped(parts))


def _once(content: bytes, old: str, new: str) -> bytes:
    if content.count(old.encode()) != 1:
        raise ValueError(f"expected {old!r} once in what XlsxWriter wrote")
    return content.replace(old.encode(), new.encode())
