"""Several files written together: all of them whole, or none."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml.disk import check_writable


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, and whether it took the place of an older one."""

    path: Path
    has_replaced: bool


def write_together(folder: Path, contents: Mapping[str, bytes]) -> tuple[Written, ...]:
    """Write files into a folder, which is made where it is missing; older files of those names are replaced.

    Raises
    ------
    WorkbookError
        One of them can't be written: then all are as they were.
    """
    made = _make(folder)
    leftovers: list[Path] = []
    undo: list[tuple[Path, Path | None]] = []
    name = ""
    try:
        for name in contents:
            _check(folder / name)
        staged: list[tuple[Path, Path, Path | None]] = []
        for name, data in contents.items():
            target = (folder / name).resolve()
            old = _stage(target, target.read_bytes(), leftovers) if target.exists() else None
            staged.append((target, _stage(target, data, leftovers), old))
        for target, new, old in staged:
            name = target.name
            new.replace(target)
            undo.append((target, old))
    except BaseException as error:
        _undo(undo)
        _delete([*leftovers, *reversed(made)])
        if not isinstance(error, OSError):
            raise
        raise WorkbookError(
            f"{name} can't be written ({error.strerror or error}): close it in the program that shows it, check the "
            "disk, or choose another folder with -o"
        ) from error
    _delete(leftovers)
    return tuple(Written(folder / target.name, old is not None) for target, _, old in staged)


def _make(folder: Path) -> list[Path]:
    """Make the folder and those above it; returns the new ones, outermost first."""
    if folder.exists() and not folder.is_dir():
        raise WorkbookError(f"{folder} is a file: give a folder to write to")
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkbookError(f"the folder {folder} can't be made ({reason}): choose another one") from error
    return missing[::-1]


def _check(target: Path) -> None:
    if target.is_dir():
        raise WorkbookError(f"{target} is a folder: move it away or choose another folder with -o")
    check_writable(target)


def _stage(target: Path, data: bytes, leftovers: list[Path]) -> Path:
    path = target.with_name(f".tradealloc-{secrets.token_hex(6)}.tmp")
    leftovers.append(path)
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return path


def _undo(done: list[tuple[Path, Path | None]]) -> None:
    for target, old in reversed(done):
        with contextlib.suppress(OSError):
            target.unlink() if old is None else old.replace(target)


def _delete(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
