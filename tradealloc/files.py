"""Files that are written together: all of them whole or none, none in the place of an input."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tradealloc.errors import InputError, WorkbookError


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, and whether it took the place of an older one."""

    path: Path
    has_replaced: bool


def refuse_inputs(targets: Sequence[Path], inputs: Sequence[Path], role: str = "is what is exported") -> None:
    """InputError where a target is one of the files that are read (`role`), or two targets are the same file."""
    seen: list[Path] = []
    for target in targets:
        for other in (*inputs, *seen):
            if _same(target, other):
                problem = "is written already" if other in seen else role
                raise InputError(f"{problem}: give another name", where=str(target))
        seen.append(target)


def write_together(folder: Path, contents: Mapping[str, bytes]) -> tuple[Written, ...]:
    """Write files into one folder, by name; as `write_files`."""
    if folder.exists() and not folder.is_dir():
        raise WorkbookError(f"{folder} is a file: give a folder to write to")
    return write_files({folder / name: content for name, content in contents.items()})


def write_files(contents: Mapping[Path, bytes], last: Callable[[], None] | None = None) -> tuple[Written, ...]:
    """Write files; those that exist are replaced, folders that are missing are made.

    Parameters
    ----------
    contents
        Bytes by file. What is written is made anew from its inputs, so no backup is kept.
    last
        Called when all is on disk and only the names are to be changed.

    Raises
    ------
    WorkbookError
        One of them can't be written. Then, and where `last` raises, all is as it was.
    """
    made: list[Path] = []
    leftovers: list[Path] = []
    undo: list[tuple[Path, Path | None]] = []
    path = Path()
    try:
        for folder in dict.fromkeys(path.parent for path in contents):
            made += _make(folder)
        for path in contents:
            _check(path)
        staged: dict[Path, tuple[Path, Path, Path | None]] = {}
        for path, content in contents.items():
            target = path.resolve()
            old = _stage(target, target.read_bytes(), leftovers) if target.exists() else None
            staged[path] = (target, _stage(target, content, leftovers), old)
        if last is not None:
            last()
        for path in contents:
            target, new, old = staged[path]
            new.replace(target)
            undo.append((target, old))
    except BaseException as error:
        _undo(undo)
        _delete([*leftovers, *reversed(made)])
        if not isinstance(error, OSError):
            raise
        raise WorkbookError(
            f"{path} can't be written ({error.strerror or error}): close it in the program that shows it, check the "
            "disk, or choose another folder with -o"
        ) from error
    _delete(leftovers)
    return tuple(Written(path, old is not None) for path, (_, _, old) in staged.items())


def _make(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns the new ones, outermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorkbookError(f"the folder {folder} can't be made ({reason}): choose another one") from error
    return missing[::-1]


def _check(path: Path) -> None:
    """Some systems don't let a file be replaced that another program shows: ask before anything is."""
    if path.is_dir():
        raise WorkbookError(f"{path} is a folder: move it away or give another name with -o")
    if not path.exists():
        return
    if not path.is_file():
        raise WorkbookError(f"{path} is no regular file: give the name of one")
    if not os.access(path, os.W_OK) or not path.stat().st_mode & 0o222:
        raise WorkbookError(f"{path} is read-only: make it writable or give another name with -o")
    path.open("r+b").close()


def _stage(target: Path, content: bytes, leftovers: list[Path]) -> Path:
    path = target.with_name(f".tradealloc-{secrets.token_hex(6)}.tmp")
    leftovers.append(path)
    with path.open("xb") as stream:
        stream.write(content)
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


def _same(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()
