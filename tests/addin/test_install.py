"""Installing, upgrading and removing the add-in in a pretend home."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tradealloc_addin.install import Finding, Level, Machine, has_errors, install, remove, render, status
from tradealloc_addin.install.paths import places
from tradealloc_addin.install.receipt import addin_versions
from tradealloc_addin.install.settings import read_settings, write_settings

from tradealloc.errors import WorkbookError


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and the folders as empty entries."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def levels(findings: list[Finding]) -> set[Level]:
    return {finding.level for finding in findings}


def test_install_puts_the_add_in_where_excel_starts_it(windows: Machine, content: bytes) -> None:
    findings = install(windows, content)
    startup = windows.home / "AppData" / "Roaming" / "Microsoft" / "Excel" / "XLSTART"
    assert [path.name for path in startup.iterdir()] == ["tradealloc.xlam"]
    assert (startup / "tradealloc.xlam").read_bytes() == content
    settings = (windows.home / ".tradealloc" / "tradealloc.conf").read_bytes()
    assert settings == f'"INTERPRETER_WIN","{windows.prefix / "Scripts" / "pythonw.exe"}"\r\n'.encode()
    assert levels(findings) == {Level.OK, Level.HINT}


def test_nothing_is_written_outside_the_two_folders(windows: Machine, content: bytes) -> None:
    before = tree(windows.home)
    install(windows, content)
    made = set(tree(windows.home)) - set(before)
    assert all(name.startswith((".tradealloc", "AppData/Roaming/Microsoft")) for name in made)


def test_install_twice_changes_nothing(windows: Machine, content: bytes) -> None:
    install(windows, content)
    first = tree(windows.home)
    findings = install(windows, content)
    assert tree(windows.home) == first
    assert "up to date" in render(findings)


def test_remove_leaves_no_trace(windows: Machine, content: bytes) -> None:
    before = tree(windows.home)
    install(windows, content)
    log = windows.home / ".tradealloc" / "log" / "tradealloc.log"
    log.parent.mkdir()
    log.write_text("what happened\n")
    remove(windows)
    assert tree(windows.home) == before
    assert levels(remove(windows)) == {Level.HINT}


def test_remove_leaves_what_is_the_users(windows: Machine, content: bytes) -> None:
    startup = places(windows).addin.parent
    startup.mkdir(parents=True)
    (startup / "PERSONAL.XLSB").write_bytes(b"mine")
    install(windows, content)
    (windows.home / ".tradealloc" / "notes.txt").write_text("mine")
    remove(windows)
    assert [path.name for path in startup.iterdir()] == ["PERSONAL.XLSB"]
    assert [path.name for path in (windows.home / ".tradealloc").iterdir()] == ["notes.txt"]


def test_an_upgrade_keeps_the_users_settings(windows: Machine, content: bytes) -> None:
    install(windows, content)
    path = places(windows).settings
    own = {**read_settings(path, "cp1252").values, "SHOW CONSOLE": "true"}
    write_settings(path, own, "cp1252")
    elsewhere = replace(windows, executable=windows.home / "new" / "Scripts" / "python.exe")
    install(elsewhere, content)
    found = read_settings(path, "cp1252").values
    assert found == {"SHOW CONSOLE": "true", "INTERPRETER_WIN": str(elsewhere.executable)}
    remove(elsewhere)
    assert read_settings(path, "cp1252").values == {"SHOW CONSOLE": "true"}


def test_an_interpreter_that_the_user_chose_is_kept(windows: Machine, content: bytes) -> None:
    install(windows, content)
    path = places(windows).settings
    write_settings(path, {"INTERPRETER_WIN": r"D:\python\python.exe"}, "cp1252")
    findings = install(windows, content)
    assert read_settings(path, "cp1252").values == {"INTERPRETER_WIN": r"D:\python\python.exe"}
    assert "kept your own INTERPRETER_WIN" in render(findings)
    remove(windows)
    assert path.is_file()


def test_blank_lines_of_an_older_file_are_mended(windows: Machine, content: bytes) -> None:
    path = places(windows).settings
    path.parent.mkdir()
    path.write_text('"SHOW CONSOLE","false"\n\n"LOG"\n')
    assert read_settings(path, "cp1252").bad_lines == [2, 3]
    install(windows, content)
    assert read_settings(path, "cp1252").bad_lines == []
    assert read_settings(path, "cp1252").values["SHOW CONSOLE"] == "false"


def test_an_open_excel_is_refused(windows: Machine, content: bytes) -> None:
    install(windows, content)
    places(windows).lock.touch()
    before = tree(windows.home)
    for action in (lambda: install(windows, content), lambda: remove(windows)):
        with pytest.raises(WorkbookError, match=r"Excel has the add-in open .*close every Excel window"):
            action()
    assert tree(windows.home) == before
    assert "Excel has the add-in open" in render(status(windows))


def test_a_file_that_can_not_be_replaced_is_refused(
    windows: Machine, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(WorkbookError, match=r"can't be written \(Permission denied\): close every Excel window"):
        install(windows, content)
    assert list(places(windows).addin.parent.iterdir()) == []


def test_another_add_in_of_the_same_name_is_left_alone(windows: Machine, content: bytes) -> None:
    addin = places(windows).addin
    addin.parent.mkdir(parents=True)
    addin.write_bytes(b"someone else's")
    with pytest.raises(WorkbookError, match="isn't TradeAlloc's add-in"):
        install(windows, content)
    assert "left alone" in render(remove(windows))
    assert addin.read_bytes() == b"someone else's"


def test_a_path_that_vba_can_not_read_is_refused(windows: Machine, content: bytes) -> None:
    odd = replace(windows, executable=windows.home / "Łukasz" / "python.exe")
    with pytest.raises(WorkbookError, match="plain letters"):
        install(odd, content)


def test_a_conda_environment_is_activated(windows: Machine, content: bytes, tmp_path: Path) -> None:
    (windows.prefix / "conda-meta").mkdir()
    conda = {"CONDA_EXE": str(tmp_path / "conda" / "Scripts" / "conda.exe"), "CONDA_DEFAULT_ENV": "desk"}
    install(replace(windows, environ={**windows.environ, **conda}), content)
    assert read_settings(places(windows).settings, "cp1252").values == {
        "INTERPRETER_WIN": "pythonw",
        "CONDA PATH": str(tmp_path / "conda"),
        "CONDA ENV": "desk",
    }


def test_status(windows: Machine, content: bytes) -> None:
    assert "not installed" in render(status(windows))
    install(windows, content)
    text = render(status(windows))
    assert "XLSTART" in text
    assert f"xlwings {addin_versions(places(windows).addin)['xlwings']}" in text  # type: ignore[index]
    assert "INTERPRETER_WIN" in text


@pytest.fixture
def mac(tmp_path: Path) -> Machine:
    from importlib.metadata import version

    home = tmp_path / "ann"
    (home / "Library" / "Containers" / "com.microsoft.Excel" / "Data").mkdir(parents=True)
    python = home / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return Machine(
        "darwin", home, {}, python, python.parents[1], "utf-8", lambda _: True, lambda _: "", version("xlwings")
    )


def test_mac_has_the_ribbon_and_the_script_that_starts_python(mac: Machine, content: bytes) -> None:
    before = tree(mac.home)
    findings = install(mac, content)
    assert not has_errors(findings)
    assert "the ribbon only" in render(findings)
    made = {name.rpartition("/")[2] for name in set(tree(mac.home)) - set(before)}
    assert {"tradealloc.xlam", "tradealloc.conf", f"xlwings-{mac.xlwings_version}.applescript"} <= made
    assert read_settings(places(mac).settings, "utf-8").values == {"INTERPRETER_MAC": str(mac.executable)}
    remove(mac)
    assert tree(mac.home) == before


def test_mac_keeps_a_script_that_was_there(mac: Machine, content: bytes) -> None:
    script = places(mac).script
    assert script is not None
    script.parent.mkdir(parents=True)
    script.write_text("mine")
    install(mac, content)
    remove(mac)
    assert script.read_text() == "mine"


def test_linux_has_no_excel_and_is_offered_libreoffice(windows: Machine, content: bytes) -> None:
    linux = replace(windows, platform="linux")
    for action in (lambda: install(linux, content), lambda: remove(linux)):
        with pytest.raises(WorkbookError, match=r"no Excel.*tradealloc addin build --libreoffice -o tradealloc.oxt"):
            action()
    assert "tradealloc.oxt" in render(status(linux))


def test_this_computer_is_described() -> None:
    machine = Machine.here()
    assert machine.probe(machine.executable) == ""
    assert "nowhere" in machine.probe(Path("nowhere"))
    assert machine.executable.name.startswith("python")
    assert machine.xlwings_version
