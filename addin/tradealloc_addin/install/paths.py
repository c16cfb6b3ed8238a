"""The computer as the installer sees it, and where Excel looks for things on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from tradealloc.errors import WorkbookError

ADDIN_NAME = "tradealloc.xlam"
SETTINGS_NAME = "tradealloc.conf"
OWN_FOLDER = ".tradealloc"
WINDOWS, MAC = "win32", "darwin"
MAC_STARTUP = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
MAC_EXCEL_HOME = "Library/Containers/com.microsoft.Excel/Data"
MAC_SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"
NO_EXCEL = (
    "there is no Excel for this computer, so there is nothing to install: the same functions live in LibreOffice, see "
    "tradealloc addin build --libreoffice -o tradealloc.oxt"
)


PROBE_SECONDS = 60.0


def _is_importable(name: str) -> bool:
    return find_spec(name) is not None


def _probe(python: Path) -> str:
    """Load the functions as Excel's Python would; returns what went wrong."""
    command = [str(python), "-P", "-B", "-c", "import tradealloc_addin.functions"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    return lines[-1] if done.returncode else ""


@dataclass(frozen=True)
class Machine:
    """A computer and a Python on it; tests make pretend ones.

    Attributes
    ----------
    platform
        As `sys.platform` says.
    home
        The user's home folder.
    environ
        Environment variables.
    executable, prefix
        The Python that the add-in is to run.
    encoding
        What VBA reads text files in: the ANSI code page on Windows.
    is_importable
        Whether that Python finds a module.
    probe
        Loads our functions in a Python; returns what went wrong, or nothing.
    xlwings_version
        Version of the installed xlwings; empty where it is missing.
    """

    platform: str
    home: Path
    environ: Mapping[str, str]
    executable: Path
    prefix: Path
    encoding: str = "cp1252"
    is_importable: Callable[[str], bool] = field(default=_is_importable)
    probe: Callable[[Path], str] = field(default=_probe)
    xlwings_version: str = ""

    @classmethod
    def here(cls) -> Machine:
        """This computer."""
        try:
            xlwings = version("xlwings")
        except PackageNotFoundError:
            xlwings = ""
        return cls(
            platform=sys.platform,
            home=Path.home(),
            environ=dict(os.environ),
            executable=Path(sys.executable),
            prefix=Path(sys.prefix),
            encoding="mbcs" if sys.platform == WINDOWS else "utf-8",
            xlwings_version=xlwings,
        )

    @property
    def has_excel(self) -> bool:
        return self.platform in (WINDOWS, MAC)

    def folder(self, variable: str, default: str) -> Path:
        """A folder that the environment names, or its usual place under the home folder."""
        named = self.environ.get(variable)
        return Path(named) if named else self.home / default


@dataclass(frozen=True, slots=True)
class Places:
    """The files of an installation.

    Attributes
    ----------
    addin
        In the folder whose add-ins Excel opens at every start; needs no administrator.
    settings
        The user's settings, where xlwings' runtime looks for them.
    receipt
        What the installer made, so that it can be taken away again.
    script
        On a Mac: what runs Python for the sandboxed Excel.
    """

    addin: Path
    settings: Path
    receipt: Path
    script: Path | None

    @property
    def lock(self) -> Path:
        """Excel's owner file: there while Excel has the add-in open."""
        return self.addin.with_name("~$" + self.addin.name)


def places(machine: Machine) -> Places:
    """Where the add-in's files belong on this computer.

    Raises
    ------
    WorkbookError
        No Excel runs on this kind of computer.
    """
    if machine.platform == WINDOWS:
        own = machine.folder("USERPROFILE", "") / OWN_FOLDER
        startup = machine.folder("APPDATA", "AppData/Roaming") / "Microsoft" / "Excel" / "XLSTART"
        return Places(startup / ADDIN_NAME, own / SETTINGS_NAME, own / "installed.json", None)
    if machine.platform == MAC:
        script = machine.home / MAC_SCRIPTS / f"xlwings-{machine.xlwings_version}.applescript"
        return Places(
            machine.home / MAC_STARTUP / ADDIN_NAME,
            machine.home / MAC_EXCEL_HOME / SETTINGS_NAME,
            machine.home / OWN_FOLDER / "installed.json",
            script,
        )
    raise WorkbookError(NO_EXCEL)
