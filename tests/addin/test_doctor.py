"""The doctor finds each known trouble and says the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from tradealloc_addin.build.xlam import addin_bytes
from tradealloc_addin.install import Finding, Level, Machine, doctor, has_errors, install, render
from tradealloc_addin.install.paths import places

XLWINGS = version("xlwings")


@pytest.fixture(scope="module")
def content() -> bytes:
    return addin_bytes()


@pytest.fixture
def healthy(tmp_path: Path, content: bytes) -> Machine:
    """A Windows computer with a sound installation."""
    home = tmp_path / "ann"
    scripts = home / "venv" / "Scripts"
    scripts.mkdir(parents=True)
    (scripts / "python.exe").touch()
    (home / "venv" / f"xlwings64-{XLWINGS}.dll").touch()
    environ = {"APPDATA": str(home / "AppData" / "Roaming"), "USERPROFILE": str(home)}
    machine = Machine(
        *("win32", home, environ, scripts / "python.exe", home / "venv"),
        is_importable=lambda _: True,
        probe=lambda _: "",
        xlwings_version=XLWINGS,
    )
    install(machine, content)
    return machine


def troubles(machine: Machine) -> list[Finding]:
    return [each for each in doctor(machine) if each.level in (Level.ERROR, Level.WARNING)]


def test_a_sound_installation(healthy: Machine) -> None:
    found = doctor(healthy)
    assert not has_errors(found)
    assert {each.level for each in found} == {Level.OK, Level.BY_HAND}
    assert all(each.remedy for each in found if each.level is Level.BY_HAND)


def test_what_no_file_tells_is_listed(healthy: Machine) -> None:
    text = render(doctor(healthy))
    for trouble in (
        "antivirus",
        "Trust Center",
        "Disabled Items",
        "32-bit",
        "Edit Links",
        "Protected View",
        "Task Manager",
    ):
        assert trouble in text


def nothing_installed(machine: Machine) -> Machine:
    places(machine).addin.unlink()
    return machine


def foreign_add_in(machine: Machine) -> Machine:
    places(machine).addin.write_bytes(b"else")
    return machine


def other_xlwings(machine: Machine) -> Machine:
    return replace(machine, xlwings_version="9.9.9")


def changed_add_in(machine: Machine) -> Machine:
    with places(machine).addin.open("ab") as file:
        file.write(b"\0")
    return machine


def second_copy(machine: Machine) -> Machine:
    folder = machine.home / "AppData" / "Roaming" / "Microsoft" / "AddIns"
    folder.mkdir(parents=True)
    (folder / "tradealloc.xlam").touch()
    return machine


def no_settings(machine: Machine) -> Machine:
    places(machine).settings.unlink()
    return machine


def blank_line(machine: Machine) -> Machine:
    path = places(machine).settings
    path.write_bytes(path.read_bytes() + b"\r\n")
    return machine


def no_interpreter(machine: Machine) -> Machine:
    places(machine).settings.write_text('"SHOW CONSOLE","true"\n')
    return machine


def lost_interpreter(machine: Machine) -> Machine:
    machine.executable.unlink()
    return machine


def other_interpreter(machine: Machine) -> Machine:
    other = machine.home / "other" / "python.exe"
    other.parent.mkdir()
    other.touch()
    places(machine).settings.write_text(f'"INTERPRETER_WIN","{other}"\n')
    return machine


def broken_environment(machine: Machine) -> Machine:
    return replace(machine, probe=lambda _: "ModuleNotFoundError: No module named 'numpy'")


def missing_modules(machine: Machine) -> Machine:
    return replace(machine, is_importable=lambda name: name not in ("cvxpy", "win32api"))


def python_path(machine: Machine) -> Machine:
    return replace(machine, environ={**machine.environ, "PYTHONPATH": "C:\\libs"})


def in_cloud(machine: Machine) -> Machine:
    return replace(machine, environ={**machine.environ, "OneDrive": str(machine.home)})


def store_python(machine: Machine) -> Machine:
    return replace(machine, executable=machine.home / "AppData/Local/Microsoft/WindowsApps/python.exe")


def store_office(machine: Machine) -> Machine:
    (machine.home / "AppData/Local/Packages/Microsoft.Office.Desktop_8wekyb3d8bbwe").mkdir(parents=True)
    return machine


def odd_letters(machine: Machine) -> Machine:
    return replace(machine, executable=machine.home / "Müller" / "python.exe")


def conda(machine: Machine) -> Machine:
    (machine.prefix / "conda-meta").mkdir()
    return machine


def no_dll(machine: Machine) -> Machine:
    (machine.prefix / f"xlwings64-{XLWINGS}.dll").unlink()
    return machine


def old_dll(machine: Machine) -> Machine:
    (machine.prefix / f"xlwings64-{XLWINGS}.dll").rename(machine.prefix / "xlwings64-0.1.0.dll")
    return machine


@pytest.mark.parametrize(
    ("trouble", "level", "what", "remedy"),
    [
        (nothing_installed, Level.ERROR, "isn't installed", "tradealloc addin install"),
        (foreign_add_in, Level.ERROR, "isn't TradeAlloc's", "move it away"),
        (other_xlwings, Level.ERROR, "versions differ: xlwings", "close Excel, then: tradealloc addin install"),
        (changed_add_in, Level.WARNING, "was changed", "tradealloc addin install"),
        (second_copy, Level.WARNING, "second copy", "delete it"),
        (no_settings, Level.ERROR, "settings are missing", "tradealloc addin install"),
        (blank_line, Level.ERROR, "blank or broken line 2", "delete it"),
        (no_interpreter, Level.ERROR, "doesn't say which Python", "tradealloc addin install"),
        (lost_interpreter, Level.ERROR, "isn't there", "tradealloc addin install"),
        (other_interpreter, Level.WARNING, "another Python", "delete the INTERPRETER_WIN line"),
        (broken_environment, Level.ERROR, "can't load TradeAlloc: ModuleNotFoundError", "pip install --upgrade"),
        (missing_modules, Level.ERROR, "lacks cvxpy", "pip install"),
        (missing_modules, Level.ERROR, "lacks pywin32", "pip install"),
        (python_path, Level.WARNING, "PYTHONPATH is set", "remove the environment variable"),
        (in_cloud, Level.WARNING, "OneDrive", "outside the synchronised folder"),
        (store_python, Level.ERROR, "Microsoft Store", "python.org"),
        (store_office, Level.WARNING, "Office from the Microsoft Store", "office.com"),
        (odd_letters, Level.WARNING, "letters beyond plain ones", "C:\\tradealloc"),
        (conda, Level.WARNING, "conda environment", "conda activate"),
        (no_dll, Level.ERROR, "isn't beside Python", "virtual environment"),
        (old_dll, Level.ERROR, "but there is xlwings64-0.1.0.dll", "--force-reinstall"),
    ],
)
def test_trouble(healthy: Machine, trouble: Callable[[Machine], Machine], level: Level, what: str, remedy: str) -> None:
    found = [each for each in troubles(trouble(healthy)) if what in each.what]
    assert [each.level for each in found] == [level], render(doctor(healthy))
    assert remedy in found[0].remedy
    assert all(each.remedy for each in troubles(healthy))


def test_a_running_excel_is_told(healthy: Machine) -> None:
    places(healthy).lock.touch()
    assert "Excel has the add-in open" in render(doctor(healthy))


def test_linux_is_offered_libreoffice(healthy: Machine) -> None:
    found = doctor(replace(healthy, platform="linux"))
    assert not has_errors(found)
    assert "tradealloc.oxt" in render(found)


def test_mac_without_its_script(tmp_path: Path, content: bytes) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    mac = Machine("darwin", tmp_path, {}, python, tmp_path, "utf-8", lambda _: True, lambda _: "", XLWINGS)
    install(mac, content)
    assert troubles(mac) == []
    script = places(mac).script
    assert script is not None
    script.unlink()
    assert [each.level for each in troubles(mac)] == [Level.ERROR]
