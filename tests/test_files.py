"""All files or none; never over an input."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tradealloc.errors import InputError, WorkbookError
from tradealloc.files import refuse_inputs, write_files


def test_writes_all(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    write_files({tmp_path / "a": b"new", tmp_path / "b": b"2"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new", "b": b"2"}


def test_none_where_one_fails(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(WorkbookError, match="can't be made"):
        write_files({tmp_path / "a": b"new", tmp_path / "a" / "b": b"2"})
    (tmp_path / "folder").mkdir()
    with pytest.raises(WorkbookError, match="folder is a folder"):
        write_files({tmp_path / "a": b"new", tmp_path / "folder": b"2"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes")
def test_devices_and_pipes_are_never_replaced(tmp_path: Path) -> None:
    """As root ``-o /dev/stdout`` would put a file in the place of the device."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(WorkbookError, match="no regular file"):
        write_files({pipe: b"x"})
    assert pipe.is_fifo()


def test_the_last_step_may_still_refuse(tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("old")

    def refuse() -> None:
        on_disk = {path.read_bytes() for path in tmp_path.iterdir()}
        assert {b"x", b"y"} <= on_disk, "both are on disk by now, under other names"
        assert old.read_text() == "old"
        assert not new.exists()
        raise WorkbookError("no")

    with pytest.raises(WorkbookError, match="no"):
        write_files({old: b"x", new: b"y"}, refuse)
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
    assert old.read_text() == "old"


def test_a_crash_between_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbookError, match=r"a can't be written \(No space left on device\)"):
        write_files({tmp_path / "a": b"new"})
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_inputs_are_not_replaced(tmp_path: Path) -> None:
    book, link = tmp_path / "day.xlsx", tmp_path / "link.csv"
    book.write_text("book")
    link.symlink_to(book)
    hard = tmp_path / "hard.csv"
    os.link(book, hard)
    for target in (book, link, hard, tmp_path / "." / "day.xlsx"):
        with pytest.raises(InputError, match="is what is exported"):
            refuse_inputs([target], [book])
    with pytest.raises(InputError, match="is written already"):
        refuse_inputs([tmp_path / "x.csv", tmp_path / "x.csv"], [book])
    refuse_inputs([tmp_path / "x.csv", tmp_path / "y.csv"], [book])
