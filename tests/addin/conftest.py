"""A pretend Windows computer, and the add-in built once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tradealloc_addin.build.xlam import addin_bytes
from tradealloc_addin.install import Machine

XLWINGS = "0.37.8"


@pytest.fixture(scope="session")
def content() -> bytes:
    return addin_bytes()


@pytest.fixture
def windows(tmp_path: Path) -> Machine:
    """A Windows computer with a virtual environment that has everything."""
    home = tmp_path / "Users" / "ann"
    roaming = home / "AppData" / "Roaming"
    roaming.mkdir(parents=True)
    environment = home / "venv"
    (environment / "Scripts").mkdir(parents=True)
    for name in ("python.exe", "pythonw.exe"):
        (environment / "Scripts" / name).touch()
    (environment / f"xlwings64-{XLWINGS}.dll").touch()
    return Machine(
        platform="win32",
        home=home,
        environ={"APPDATA": str(roaming), "USERPROFILE": str(home)},
        executable=environment / "Scripts" / "python.exe",
        prefix=environment,
        is_importable=lambda _: True,
        probe=lambda _: "",
        xlwings_version=XLWINGS,
    )
