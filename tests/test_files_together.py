"""Files written together: all or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradealloc.errors import WorkbookError
from tradealloc.files import write_together

CONTENTS = {"a.pdf": b"new a", "b.html": b"new b"}


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_written_into_a_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "er"
    written = write_together(folder, CONTENTS)
    assert [(file.path, file.has_replaced) for file in written] == [
        (folder / "a.pdf", False),
        (folder / "b.html", False),
    ]
    assert listing(folder) == CONTENTS


def test_older_ones_are_replaced_and_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_bytes(b"old b")
    written = write_together(tmp_path, CONTENTS)
    assert [file.has_replaced for file in written] == [False, True]
    assert listing(tmp_path) == CONTENTS


@pytest.mark.parametrize("has_old", [False, True])
def test_a_failure_on_the_way_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_old: bool) -> None:
    if has_old:
        (tmp_path / "a.pdf").write_bytes(b"old a")
    before = listing(tmp_path)
    replace = Path.replace

    def refused(self: Path, target: Path) -> Path:
        if Path(target).name == "b.html":
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(WorkbookError, match=r"b\.html can't be written .*close it in the program that shows it"):
        write_together(tmp_path, CONTENTS)
    assert listing(tmp_path) == before


def test_a_full_disk_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbookError, match="No space left"):
        write_together(tmp_path / "new" / "folder", CONTENTS)
    assert list(tmp_path.iterdir()) == []


def test_a_stop_from_the_keyboard_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_together(tmp_path, CONTENTS)
    assert listing(tmp_path) == {}


def test_places_that_are_no_folder_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkbookError, match="is a file: give a folder"):
        write_together(tmp_path / "file", CONTENTS)
    with pytest.raises(WorkbookError, match="can't be made"):
        write_together(tmp_path / "file" / "below", CONTENTS)
    (tmp_path / "b.html").mkdir()
    with pytest.raises(WorkbookError, match=r"b\.html is a folder"):
        write_together(tmp_path, CONTENTS)
    assert not (tmp_path / "a.pdf").exists()


def test_a_read_only_file_stays(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"kept")
    (tmp_path / "a.pdf").chmod(0o444)
    with pytest.raises(WorkbookError, match="read-only"):
        write_together(tmp_path, CONTENTS)
    assert listing(tmp_path) == {"a.pdf": b"kept"}


def test_a_name_too_long_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="can't be written"):
        write_together(tmp_path, {"n" * 300 + ".pdf": b""})
    assert list(tmp_path.iterdir()) == []
