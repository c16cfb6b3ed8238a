"""The zip container: opened safely, written again with untouched members as they were."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tradealloc.errors import WorkbookError

_OLE2_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

MAX_FILE = 512 * 2**20
MAX_INFLATED = 2**30
MAX_RATIO, RATIO_MATTERS_ABOVE = 200, 100 * 2**20
MAX_MEMBERS = 50_000
_ZIP64_EXTRA = 1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    ValueError,
    LookupError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Container:
    """Members of a zip file, inflated and checked."""

    infos: tuple[zipfile.ZipInfo, ...]
    contents: Mapping[str, bytes]
    comment: bytes


def read_container(data: bytes, label: str) -> Container:
    """Inflate and check every member; WorkbookError says what is wrong with the file."""
    _refuse_other_formats(data, label)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _refuse_unsafe(infos, label)
            contents = {info.filename: archive.read(info) for info in infos}
            comment = archive.comment
    except _DAMAGE as error:
        raise WorkbookError(
            f"{label} is damaged ({error}): open it in Excel, let Excel repair it, save it and try again"
        ) from error
    return Container(tuple(infos), contents, comment)


def _refuse_other_formats(data: bytes, label: str) -> None:
    if data.startswith(_OLE2_MAGIC):
        if _ENCRYPTED_STREAM in data:
            raise WorkbookError(
                f"{label} is encrypted: remove the password in Excel (File, Info, Protect Workbook) and save it again"
            )
        raise WorkbookError(f"{label} is in the old .xls format: save it in Excel as Excel Workbook (.xlsx)")
    if not data:
        raise WorkbookError(f"{label} is empty: save it again in Excel as Excel Workbook (.xlsx)")
    # A torn download still starts like a zip; other files don't.
    if not data.startswith(b"PK") and not zipfile.is_zipfile(io.BytesIO(data)):
        raise WorkbookError(f"{label} is not an Excel workbook: open it in Excel and save it as Excel Workbook (.xlsx)")


def _refuse_unsafe(infos: list[zipfile.ZipInfo], label: str) -> None:
    remedy = "open it in Excel and save it under a new name"
    if len(infos) > MAX_MEMBERS:
        raise WorkbookError(f"{label} holds {len(infos):,} parts, more than any workbook needs: {remedy}")
    seen: set[str] = set()
    total = 0
    for info in infos:
        name = info.filename
        if info.flag_bits & 1:
            raise WorkbookError(f"{label} has an encrypted part {name}: remove the password and save it again")
        if info.compress_type not in _READABLE:
            raise WorkbookError(f"{label} has a part {name} packed in a way that Excel doesn't read: {remedy}")
        if _is_unsafe(name) or _is_unsafe(info.orig_filename):
            raise WorkbookError(f"{label} has a part with the unsafe name {name!r}: {remedy}")
        if name.casefold() in seen:
            raise WorkbookError(f"{label} holds the part {name} twice: {remedy}")
        seen.add(name.casefold())
        total += info.file_size
        # zipfile stops inflating a member at the size its header states, so the headers bound what is read.
        if total > MAX_INFLATED:
            raise WorkbookError(f"{label} unpacks to more than {MAX_INFLATED // 2**20:,} MB: split the workbook")
        if info.file_size > RATIO_MATTERS_ABOVE and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise WorkbookError(f"{label} has a part {name} that unpacks to an implausible size: {remedy}")


def _is_unsafe(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return not name or path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in name


def write_container(
    container: Container, changed: Mapping[str, bytes], dropped: set[str], added: Mapping[str, bytes]
) -> bytes:
    """The zip file with `changed` members replaced, `dropped` ones left out, `added` ones last; all else as it was."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = container.comment
        for info in container.infos:
            if info.filename in dropped:
                continue
            content = changed.get(info.filename, container.contents[info.filename])
            archive.writestr(_copy_of(info), content, compress_type=info.compress_type)
        for name, content in added.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _copy_of(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    copy = zipfile.ZipInfo(info.filename, info.date_time)
    copy.comment = info.comment
    copy.extra = _without_zip64(info.extra)
    copy.create_system = info.create_system
    copy.internal_attr = info.internal_attr
    copy.external_attr = info.external_attr
    return copy


def _without_zip64(extra: bytes) -> bytes:
    """Extra fields but for the one that repeats sizes, which are no longer the old ones."""
    kept = b""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind != _ZIP64_EXTRA:
            kept += extra[: 4 + size]
        extra = extra[4 + size :]
    return kept
