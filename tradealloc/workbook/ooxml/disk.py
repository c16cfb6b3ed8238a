"""The file on disk: read whole, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.container import MAX_FILE

_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells one state of a file from another."""

    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def read_file(path: Path) -> tuple[bytes, Signature]:
    """The whole file and its signature."""
    if path.is_dir():
        raise WorkbookError(f"{path.name} is a folder: give the path of a workbook (.xlsx)")
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise WorkbookError(f"{path} is no regular file: give the path of a workbook (.xlsx)")
            if status.st_size > MAX_FILE:
                raise WorkbookError(f"{path.name} is larger than {MAX_FILE // 2**20} MB: split the workbook")
            data = stream.read()
            after = os.fstat(stream.fileno())
    except FileNotFoundError as error:
        raise WorkbookError(f"{path} doesn't exist: check the path") from error
    except (OSError, ValueError) as error:
        raise WorkbookError(f"{path.name} can't be read ({_reason(error)}): close it elsewhere or copy it") from error
    if Signature.of(status) != Signature.of(after):
        raise WorkbookError(f"{path.name} changed while it was read: try again once it is saved")
    return data, Signature.of(after)


def check_writable(target: Path) -> Path:
    """The real file behind `target`; WorkbookError where it is open elsewhere, read-only or out of reach."""
    real = _resolved(target)
    if not real.parent.is_dir():
        raise WorkbookError(f"the folder {real.parent} doesn't exist: create it or write elsewhere")
    if real.is_dir():
        raise WorkbookError(f"{target.name} is a folder: give the path of a workbook (.xlsx)")
    for candidate in {target, real}:
        _refuse_open(candidate)
    if real.exists():
        if not real.is_file():
            raise WorkbookError(f"{target} is no regular file: give the path of a workbook (.xlsx)")
        if not real.stat().st_mode & _WRITE_BITS or not os.access(real, os.W_OK):
            raise WorkbookError(f"{target.name} is read-only: make it writable or write to another file")
    if not os.access(real.parent, os.W_OK | os.X_OK):
        raise WorkbookError(f"the folder {real.parent} is read-only: write to another folder")
    return real


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise WorkbookError(f"{path} can't be resolved ({_reason(error)}): check the path") from error


def _refuse_open(path: Path) -> None:
    for lock, program in ((f"~${path.name}", "Excel"), (f".~lock.{path.name}#", "LibreOffice")):
        if os.path.lexists(path.with_name(lock)):
            raise WorkbookError(
                f"{path.name} is open in {program}: close it there (or delete {lock} if nobody has it open)"
            )


def refuse_changed(path: Path, opened: Signature) -> None:
    """WorkbookError where the file isn't the one that was opened."""
    try:
        now = Signature.of(path.stat())
    except OSError as error:
        raise WorkbookError(f"{path.name} was moved or deleted since it was opened: run again") from error
    if now != opened:
        raise WorkbookError(f"{path.name} was changed by another program since it was opened: run again")


def replace_file(real: Path, data: bytes) -> Path | None:
    """Put `data` in the place of the file in one step; the old file stays as ``NAME.bak``, whose path is returned."""
    backup = real.with_name(f"{real.name}.bak")
    leftovers: list[Path] = []
    try:
        new = _temporary(real, leftovers)
        _write(new, data)
        is_replacement = real.exists()
        if is_replacement:
            _keep_attributes(real, new)
            copy = _temporary(real, leftovers)
            _write(copy, real.read_bytes())
            _keep_attributes(real, copy)
            if not backup.exists():
                leftovers.append(backup)
            # The backup comes first: a crash between the two steps loses nothing.
            copy.replace(backup)
        new.replace(real)
    except OSError as error:
        _delete(leftovers)
        raise WorkbookError(
            f"{real.name} can't be written ({_reason(error)}): close it elsewhere, check the disk, "
            "or write to another file"
        ) from error
    except BaseException:
        _delete(leftovers)
        raise
    _sync_folder(real.parent)
    return backup if is_replacement else None


def _delete(files: list[Path]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()


def _temporary(beside: Path, leftovers: list[Path]) -> Path:
    path = beside.with_name(f".tradealloc-{secrets.token_hex(6)}.tmp")
    leftovers.append(path)
    return path


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _keep_attributes(source: Path, copy: Path) -> None:
    status = source.stat()
    if hasattr(os, "chown"):
        # Only a privileged user may keep another owner; everybody else already is the owner.
        with contextlib.suppress(OSError):
            os.chown(copy, status.st_uid, status.st_gid)
    copy.chmod(stat.S_IMODE(status.st_mode))


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
