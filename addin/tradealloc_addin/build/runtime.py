"""The VBA runtime of the installed xlwings, hardened for a trader's desk.

The add-in must match the xlwings that is installed: its DLL carries the version in its name. What is changed and why:
a workbook, or a file beside it, mustn't choose what Python runs or imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tradealloc.errors import WorkbookError

from .ovba import CODE_PAGE, Kind, Module

PROJECT = "tradealloc"
MISSING = 'xlwings isn\'t installed, and the add-in is built from it: pip install "tradealloc[excel]"'


@dataclass(frozen=True, slots=True)
class _Change:
    """A piece of the runtime's text, what takes its place, and how often it stands there."""

    old: str
    new: str
    times: int
    why: str


CHANGES = (
    _Change('PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{PROJECT}"', 1, "our own settings"),
    _Change(
        'If SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf") = True Then',
        "If False Then",
        1,
        "a sheet of the user's workbook can't name the interpreter",
    ),
    _Change(
        'If source = "" Or source = "directory" Then', "If False Then", 1, "nor can a settings file beside the workbook"
    ),
    _Change(
        'If Right$(sht.Name, 3) = ".py" Then', "If False Then", 2, "nor is code in a sheet run (or asked a licence)"
    ),
    _Change(
        '" -B -c ""import sys, os;" & LicenseKeyEnvString & '
        '"import xlwings.utils;xlwings.utils.prepare_sys_path(\\""" & PYTHONPATH & "\\"");import xlwings; ',
        '" -P -B -c ""import sys, os;" & LicenseKeyEnvString & "import xlwings; ',
        1,
        "-P keeps the current folder off sys.path, and no path of the workbook reaches the command line",
    ),
    _Change(
        '" -B -c ""import xlwings.utils;xlwings.utils.prepare_sys_path(\\""" & PYTHONPATH & "\\""); " & PythonCommand',
        '" -P -B -c """ & PythonCommand',
        1,
        "the same where Python is started for one command",
    ),
)


def runtime_folder() -> Path:
    """Folder of the installed xlwings, found without importing it."""
    spec = find_spec("xlwings")
    if spec is None or spec.origin is None:
        raise WorkbookError(MISSING)
    return Path(spec.origin).parent


def runtime_modules() -> tuple[Module, ...]:
    """The modules of the runtime: xlwings itself, and the dictionary that it needs on a Mac."""
    folder = runtime_folder()
    return (
        Module("xlwings", Kind.STANDARD, harden(_read(folder / "xlwings_custom_addin.bas"))),
        Module("Dictionary", Kind.CLASS, _read(folder / "addin" / "Dictionary.cls")),
    )


def harden(text: str) -> str:
    """The runtime's text with our changes; refused where a piece isn't as often in it as we know it."""
    for change in CHANGES:
        if text.count(change.old) != change.times:
            raise WorkbookError(
                f"this xlwings has a VBA runtime that tradealloc doesn't know ({change.why}): "
                'pip install --upgrade "tradealloc[excel]"'
            )
        text = text.replace(change.old, change.new)
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(CODE_PAGE)
    except OSError as error:
        raise WorkbookError(
            f"xlwings is incomplete: {path.name} can't be read ({error.strerror}): "
            'pip install --force-reinstall "tradealloc[excel]"'
        ) from None
