"""The user's settings file: lines of "KEY","value" that VBA reads in the ANSI code page."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from tradealloc.errors import WorkbookError

from .paths import MAC, Machine

INTERPRETER_KEYS = {"win32": "INTERPRETER_WIN", MAC: "INTERPRETER_MAC"}
CONDA_PYTHON = "pythonw"


@dataclass
class Settings:
    """Settings in file order, and the numbers of lines that VBA stumbles over (blank, or not two values)."""

    values: dict[str, str] = field(default_factory=dict)
    bad_lines: list[int] = field(default_factory=list)


def read_settings(path: Path, encoding: str) -> Settings:
    """The file's settings; none where there is no file."""
    found = Settings()
    if not path.is_file():
        return found
    lines = path.read_text(encoding, errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        cells = next(csv.reader([line], skipinitialspace=True), [])
        if len(cells) == 2 and cells[0].strip():
            found.values[cells[0].strip().upper()] = cells[1]
        else:
            found.bad_lines.append(number)
    return found


def write_settings(path: Path, values: dict[str, str], encoding: str) -> None:
    """Write the settings without a blank line, at which VBA would stop."""
    text = "".join(f'"{key}","{value}"\r\n' for key, value in values.items())
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError as error:
        raise WorkbookError(
            f"{text[error.start : error.end]!r} in the path of Python can't be written for Excel: install Python and "
            "tradealloc in a folder with plain letters, such as C:\\tradealloc"
        ) from None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def interpreter_settings(machine: Machine) -> dict[str, str]:
    """How Excel is to start this Python."""
    key = INTERPRETER_KEYS[machine.platform]
    windowless = machine.executable.with_name("pythonw.exe")
    python = windowless if machine.platform != MAC and windowless.is_file() else machine.executable
    conda, environment = machine.environ.get("CONDA_EXE"), machine.environ.get("CONDA_DEFAULT_ENV")
    if is_conda(machine) and conda and environment and machine.platform != MAC:
        return {key: CONDA_PYTHON, "CONDA PATH": str(Path(conda).parents[1]), "CONDA ENV": environment}
    return {key: str(python)}


def is_conda(machine: Machine) -> bool:
    """Whether this Python belongs to a conda environment, which has to be activated before it runs."""
    return (machine.prefix / "conda-meta").is_dir()
