"""Saving: the whole file or nothing, and never over somebody's work."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from test_refusals import small, snapshot
from xlsx_fixtures import read_parts

from tradealloc.errors import WorkbookError
from tradealloc.workbook.ooxml import disk
from tradealloc.workbook.xlsx_book import XlsxBook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return small(tmp_path / "book.xlsx")


def opened_and_written(path: Path, value: float = 7) -> XlsxBook:
    book = XlsxBook.open(path)
    book.write_cell("ta_shares", value)
    return book


def value_of(path: Path) -> object:
    cell = XlsxBook.open(path).cell("ta_shares")
    assert cell is not None
    return cell.value


def test_in_place_with_a_backup(path: Path) -> None:
    original = path.read_bytes()
    backup = opened_and_written(path).save()
    assert backup == path.with_name("book.xlsx.bak")
    assert backup.read_bytes() == original
    assert value_of(path) == 7
    assert {file.name for file in path.parent.iterdir()} == {"book.xlsx", "book.xlsx.bak"}


def test_nothing_reaches_the_disk_before_saving(path: Path) -> None:
    before = snapshot(path.parent)
    opened_and_written(path)
    assert snapshot(path.parent) == before


def test_new_target_leaves_the_original(path: Path, tmp_path: Path) -> None:
    original = path.read_bytes()
    out = tmp_path / "out.xlsx"
    umask = os.umask(0o027)
    try:
        assert opened_and_written(path).save(out) is None
    finally:
        os.umask(umask)
    assert path.read_bytes() == original
    assert value_of(out) == 7
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert {file.name for file in tmp_path.iterdir()} == {"book.xlsx", "out.xlsx"}


def test_existing_target_gets_a_backup(path: Path, tmp_path: Path) -> None:
    out = small(tmp_path / "out.xlsx")
    old = out.read_bytes()
    backup = opened_and_written(path).save(out)
    assert backup == tmp_path / "out.xlsx.bak"
    assert backup.read_bytes() == old
    assert value_of(out) == 7


def test_saving_twice(path: Path) -> None:
    book = opened_and_written(path)
    book.save()
    book.write_cell("ta_shares", 8)
    backup = book.save()
    assert value_of(path) == 8
    assert backup is not None
    assert backup.read_bytes() != path.read_bytes()


def test_mode_is_kept(path: Path) -> None:
    path.chmod(0o604)
    backup = opened_and_written(path).save()
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    assert backup is not None
    assert stat.S_IMODE(backup.stat().st_mode) == 0o604


def test_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    link = folder / "link.xlsx"
    link.symlink_to(path)
    backup = opened_and_written(link).save()
    assert link.is_symlink()
    assert value_of(path) == 7
    assert backup == path.with_name("book.xlsx.bak")
    assert [file.name for file in folder.iterdir()] == ["link.xlsx"]


@pytest.mark.parametrize("lock", ["~$book.xlsx", ".~lock.book.xlsx#"])
def test_open_elsewhere(path: Path, lock: str) -> None:
    book = opened_and_written(path)
    path.with_name(lock).write_bytes(b"user")
    before = snapshot(path.parent)
    with pytest.raises(WorkbookError, match=r"book\.xlsx is open in (Excel|LibreOffice): close it") as caught:
        book.save()
    assert lock in str(caught.value)
    assert snapshot(path.parent) == before
    path.with_name(lock).unlink()
    book.save()
    assert value_of(path) == 7


def test_open_elsewhere_behind_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link.xlsx").symlink_to(path)
    path.with_name("~$book.xlsx").touch()
    with pytest.raises(WorkbookError, match="open in Excel"):
        opened_and_written(tmp_path / "link.xlsx").save()


@pytest.mark.parametrize("as_target", [False, True])
def test_read_only(path: Path, tmp_path: Path, as_target: bool) -> None:
    protected = small(tmp_path / "protected.xlsx")
    protected.chmod(0o444)
    before = snapshot(tmp_path)
    book = opened_and_written(path if as_target else protected)
    with pytest.raises(WorkbookError, match=r"protected\.xlsx is read-only"):
        book.save(protected if as_target else None)
    assert snapshot(tmp_path) == before


def test_missing_folder(path: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"folder .* doesn't exist"):
        opened_and_written(path).save(tmp_path / "none" / "out.xlsx")


def test_folder_as_target(path: Path, tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").mkdir()
    with pytest.raises(WorkbookError, match="is a folder"):
        opened_and_written(path).save(tmp_path / "out.xlsx")


@pytest.mark.parametrize("name", ["out.csv", "out.xlsm", "out"])
def test_other_ending(path: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkbookError, match=r"must end in \.xlsx"):
        opened_and_written(path).save(tmp_path / name)


def test_changed_since_it_was_opened(path: Path, tmp_path: Path) -> None:
    book = opened_and_written(path)
    path.write_bytes(path.read_bytes() + b"\0")
    before = snapshot(tmp_path)
    with pytest.raises(WorkbookError, match="changed by another program"):
        book.save()
    assert snapshot(tmp_path) == before
    book.save(tmp_path / "out.xlsx")
    assert value_of(tmp_path / "out.xlsx") == 7


def test_replaced_by_a_file_of_the_same_size_and_time(path: Path, tmp_path: Path) -> None:
    book = opened_and_written(path)
    status = path.stat()
    other = tmp_path / "other.xlsx"
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    with pytest.raises(WorkbookError, match="changed by another program"):
        book.save()


def test_deleted_since_it_was_opened(path: Path) -> None:
    book = opened_and_written(path)
    path.unlink()
    with pytest.raises(WorkbookError, match="moved or deleted"):
        book.save()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("step", ["write", "fsync", "backup", "replace"])
def test_failure_leaves_everything(path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    book = opened_and_written(path)
    before = snapshot(path.parent)
    calls = {"replace": 0}
    real_replace = Path.replace

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def replace(self: Path, target: Path) -> Path:
        calls["replace"] += 1
        if calls["replace"] == (1 if step == "backup" else 2):
            raise PermissionError(13, "Permission denied")
        return real_replace(self, target)

    if step == "write":
        monkeypatch.setattr(disk, "_write", full)
    elif step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(WorkbookError, match=r"book\.xlsx can't be written"):
        book.save()
    monkeypatch.undo()
    assert snapshot(path.parent) == before
    book.save()
    assert value_of(path) == 7


def test_earlier_backup_survives_a_failure(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_and_written(path, 1).save()
    book = opened_and_written(path, 2)
    before = snapshot(path.parent)

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WorkbookError, match="Permission denied"):
        book.save()
    assert snapshot(path.parent) == before


def test_write_that_stops_halfway_is_never_saved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = XlsxBook.open(path)
    before = snapshot(path.parent)

    def fail(*_: object) -> None:
        raise LookupError("injected")

    monkeypatch.setattr(book._echoes, "refresh", fail)
    with pytest.raises(WorkbookError, match="unexpected way"):
        book.write_cell("ta_shares", 5)
    monkeypatch.undo()
    with pytest.raises(WorkbookError, match="stopped halfway"):
        book.save()
    assert snapshot(path.parent) == before


def test_refused_write_can_still_be_saved(path: Path) -> None:
    book = opened_and_written(path)
    parts = read_parts(path)
    with pytest.raises(WorkbookError):
        book.write_range("S!A2", [[1]])
    book.save()
    assert value_of(path) == 7
    assert read_parts(path).keys() == parts.keys()


def test_file_that_changes_while_it_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter([disk.Signature(1, 2, 3), disk.Signature(1, 9, 3)])
    monkeypatch.setattr(disk.Signature, "of", lambda _: next(states))
    with pytest.raises(WorkbookError, match="changed while it was read"):
        XlsxBook.open(path)
