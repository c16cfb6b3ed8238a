"""Files of an export: all of them or none, each in one step, none in the place of an input."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tradealloc.errors import InputError, WorkbookError


def refuse_inputs(targets: Sequence[Path], inputs: Sequence[Path], role: str = "is what is exported") -> None:
    """InputError where a target is one of the files that are read (`role`), or two targets are the same file."""
    seen: list[Path] = []
    for target in targets:
        for other in (*inputs, *seen):
            if _same(target, other):
                problem = "is written already" if other in seen else role
                raise InputError(f"{problem}: give another name", where=str(target))
        seen.append(target)


def write_files(contents: Mapping[Path, bytes], last: Callable[[], None] | None = None) -> None:
    """Write all files; WorkbookError, and nothing changed on disk, where one can't be written.

    Files that exist are replaced: an export is made anew from its workbook, so no backup is kept. Folders that are
    missing are made. `last` is called when all is on disk and only the names are to be changed: what it raises leaves
    everything as it was.
    """
    partial: dict[Path, Path] = {}
    made: list[Path] = []
    path = Path()
    try:
        for folder in dict.fromkeys(path.parent for path in contents):
            made += _make(folder)
        for path, content in contents.items():
            if path.is_dir():
                raise WorkbookError(f"{path} is a folder: give the name of a file with -o")
            if path.exists() and not path.is_file():
                raise WorkbookError(f"{path} is no regular file: give the name of one")
            partial[path] = path.with_name(f".tradealloc-{secrets.token_hex(6)}.tmp")
            with partial[path].open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for path in contents:
            if path.exists():
                # Some systems don't let a file be replaced that another program shows: ask before anything is.
                path.open("r+b").close()
        if last is not None:
            last()
        for path, new in partial.items():
            new.replace(path)
        made.clear()
    except OSError as error:
        raise WorkbookError(
            f"{path} can't be written ({error.strerror}): close it elsewhere, check the disk, or choose another folder "
            "with -o"
        ) from None
    finally:
        for new in partial.values():
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()


def _make(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns the new ones, outermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbookError(f"the folder {folder} can't be made ({error.strerror}): choose another one") from None
    return missing[::-1]


def _same(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()
