"""The installer's receipt: what it made, so that an upgrade keeps and a removal leaves what is the user's."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..build.package import RIBBON_PART

OWN_RIBBON = b"RibbonTradeAlloc."
PROPERTY = re.compile(r'name="(\w+)"[^>]*><vt:lpwstr>([^<]*)<')


@dataclass
class Receipt:
    """What was installed: files with their SHA-256, settings with their values, folders that weren't there before."""

    files: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """The receipt in that file; an empty one where there is none or it is unreadable."""
        try:
            found = json.loads(path.read_text("utf-8"))
            return cls(dict(found["files"]), dict(found["settings"]), list(found["folders"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1), "utf-8")


def fingerprint(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def addin_versions(path: Path) -> dict[str, str] | None:
    """Versions of tradealloc and xlwings inside an add-in file; None where it isn't our add-in."""
    try:
        with zipfile.ZipFile(path) as archive:
            if OWN_RIBBON not in archive.read(RIBBON_PART):
                return None
            return dict(PROPERTY.findall(archive.read("docProps/custom.xml").decode("utf-8")))
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
