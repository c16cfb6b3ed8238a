"""A workbook, or a file beside it, doesn't choose what Python the add-in runs or what it imports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tradealloc_addin.build.runtime import CHANGES, harden, runtime_folder, runtime_modules
from tradealloc_addin.build.sheets import SETTINGS

from tradealloc.errors import WorkbookError

RUNTIME = next(module.source for module in runtime_modules() if module.name == "xlwings")
FLAGS = re.compile(r'(?:tail = |PythonInterpreter & )" ([-\w ]+?) -c')


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder with a workbook's evil neighbours, as Excel's current folder."""
    for name in ("numpy", "tradealloc", "tradealloc_addin", "xlwings"):
        (tmp_path / f"{name}.py").write_text("print('EVIL')\n")
    return tmp_path


def output(folder: Path, *flags: str) -> str:
    code = "import sys, os;import numpy, tradealloc; print(numpy.__name__)"
    environ = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    done = subprocess.run(
        [sys.executable, *flags, "-c", code], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_neighbours_are_not_imported_with_the_flags_of_the_runtime(beside: Path) -> None:
    flags = FLAGS.findall(RUNTIME)
    assert flags == ["-P -B", "-P -B"]
    assert output(beside, *flags[0].split()).strip() == "numpy"


def test_the_danger_is_real(beside: Path) -> None:
    assert "EVIL" in output(beside, "-B")


def test_no_path_of_the_workbook_reaches_python() -> None:
    assert "prepare_sys_path(" not in "".join(line for line in RUNTIME.splitlines() if "-c" in line)
    assert SETTINGS["ADD_WORKBOOK_TO_PYTHONPATH"] == "false"


def test_settings_come_from_the_add_in_and_the_user_only() -> None:
    assert "SheetExists(ActiveWorkbook, PROJECT_NAME" not in RUNTIME
    assert "SheetExists(ThisWorkbook, PROJECT_NAME" in RUNTIME
    assert 'source = "directory" Then' not in RUNTIME
    assert 'source = "user" Then' in RUNTIME


def test_code_in_sheets_is_not_run() -> None:
    assert '".py"' not in RUNTIME


def test_only_what_is_listed_is_changed() -> None:
    original = (runtime_folder() / "xlwings_custom_addin.bas").read_text("cp1252")
    restored = RUNTIME.splitlines()
    changed = [pair for pair in zip(original.splitlines(), restored, strict=True) if pair[0] != pair[1]]
    assert len(changed) == sum(change.times for change in CHANGES)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.why)
def test_a_runtime_without_a_known_piece_is_refused(change: object) -> None:
    original = (runtime_folder() / "xlwings_custom_addin.bas").read_text("cp1252")
    with pytest.raises(WorkbookError, match="VBA runtime"):
        harden(original.replace(change.old, "' gone", 1))  # type: ignore[attr-defined]
