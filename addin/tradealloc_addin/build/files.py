"""Writes a file in one step, so that a failure leaves the old one."""

from __future__ import annotations

from pathlib import Path

from tradealloc.errors import WorkbookError


def replace_file(path: Path, content: bytes, remedy: str) -> None:
    """Write through a temporary neighbour; WorkbookError with the remedy where the file can't be written."""
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WorkbookError(f"{path} can't be written ({error.strerror}): {remedy}") from None
