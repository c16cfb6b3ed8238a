"""Checks each trouble that Excel add-ins in Python are known for, and says the remedy.

The numbers (#1476, ...) are issues of xlwings, where the trouble is described.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tradealloc import __version__

from .findings import Finding, Level
from .paths import ADDIN_NAME, NO_EXCEL, WINDOWS, Machine, Places, places
from .receipt import Receipt, addin_versions, fingerprint
from .settings import CONDA_PYTHON, INTERPRETER_KEYS, is_conda, read_settings

INSTALL = "tradealloc addin install"
NEEDED_MODULES = ("xlwings", "numpy", "scipy", "cvxpy", "openpyxl", "xlsxwriter")
STORE_OFFICE = "AppData/Local/Packages/Microsoft.Office.Desktop_8wekyb3d8bbwe"
CLOUD_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
CLI_INSTEAD = "the command line does the same without Excel: tradealloc run day.xlsx"

BY_HAND = (
    (
        "antivirus or a company rule may stop Excel from starting Python (it runs cmd.exe; #821, #2433)",
        f"ask IT to allow Excel to start this Python; until then {CLI_INSTEAD}",
    ),
    (
        "the Trust Center may block add-ins",
        "Excel: File, Options, Trust Center, Trust Center Settings, Add-ins: untick both boxes that require a "
        "signature or disable all; Macro Settings: not 'without notification'",
    ),
    (
        "after a crash Excel may have disabled the add-in",
        "Excel: File, Options, Add-ins, Manage: Disabled Items, Go: enable tradealloc.xlam",
    ),
    (
        "32-bit Excel with 64-bit Python works, but very large orders need 64-bit Excel",
        "Excel: File, Account, About Excel says which one you have",
    ),
    (
        "a workbook from elsewhere may show a path in front of OPTALLOC ('C:\\...\\tradealloc.xlam'!OPTALLOC)",
        "the add-in repairs it when the workbook opens; else Data, Edit Links, Change Source to "
        "tradealloc.xlam of this computer",
    ),
    (
        "a workbook in Protected View, or one never saved to this computer from OneDrive or SharePoint (#1253, #2554)",
        "press Enable Editing; the functions work on the cells and never need the workbook's path",
    ),
    (
        "a Python that hangs keeps answering nothing",
        "end it in the Task Manager (python or pythonw); the next formula starts a new one",
    ),
)
MAC_BY_HAND = (
    (
        "the first ribbon button asks for permission to control Excel",
        "allow it; later: System Settings, Privacy and Security, Automation",
    ),
)

Check = Callable[[Machine, Places], Iterator[Finding]]


def doctor(machine: Machine | None = None) -> list[Finding]:
    """Check the installation; every trouble comes with its remedy."""
    machine = machine or Machine.here()
    if not machine.has_excel:
        return [Finding(Level.HINT, NO_EXCEL)]
    target = places(machine)
    checks: list[Check] = [_addin, _settings, _python]
    checks += [_windows_python, _windows_office, _windows_dll] if machine.platform == WINDOWS else [_mac_script]
    found = [finding for check in checks for finding in check(machine, target)]
    by_hand = BY_HAND if machine.platform == WINDOWS else MAC_BY_HAND
    return [*found, *(Finding(Level.BY_HAND, what, remedy) for what, remedy in by_hand)]


def _addin(machine: Machine, target: Places) -> Iterator[Finding]:
    if not target.addin.exists():
        yield Finding(Level.ERROR, f"the add-in isn't installed: {target.addin} is missing", INSTALL)
        return
    versions = addin_versions(target.addin)
    if versions is None:
        yield Finding(Level.ERROR, f"{target.addin} isn't TradeAlloc's add-in", f"move it away, then: {INSTALL}")
        return
    differ = [
        f"{name} {versions.get(name, '?')} in the add-in, {now} in Python"
        for name, now in (("tradealloc", __version__), ("xlwings", machine.xlwings_version))
        if versions.get(name) != now
    ]
    digest = Receipt.read(target.receipt).files.get(str(target.addin))
    if differ:  # the DLL carries xlwings' version in its name: #1099, #2355
        yield Finding(Level.ERROR, f"versions differ: {'; '.join(differ)}", f"close Excel, then: {INSTALL}")
    elif digest is not None and digest != fingerprint(target.addin):
        yield Finding(
            Level.WARNING, f"{target.addin} was changed after it was installed", f"close Excel, then: {INSTALL}"
        )
    else:
        yield Finding(Level.OK, f"add-in {target.addin}")
    if target.lock.exists():
        yield Finding(Level.HINT, "Excel has the add-in open", "close every Excel window before installing or removing")
    second = machine.folder("APPDATA", "AppData/Roaming") / "Microsoft" / "AddIns" / ADDIN_NAME
    if second.exists():
        yield Finding(
            Level.WARNING, f"a second copy of the add-in: {second}", "delete it, else formulas may use the old one"
        )


def _settings(machine: Machine, target: Places) -> Iterator[Finding]:
    if not target.settings.is_file():
        yield Finding(Level.ERROR, f"the settings are missing: {target.settings}", INSTALL)
        return
    found = read_settings(target.settings, machine.encoding)
    if found.bad_lines:  # VBA's Input # takes two values from whatever comes next: #1584
        lines = ", ".join(map(str, found.bad_lines))
        yield Finding(
            Level.ERROR, f"{target.settings}: blank or broken line {lines}", f'delete it ("KEY","value"), or: {INSTALL}'
        )
    key = INTERPRETER_KEYS[machine.platform]
    python = found.values.get(key, "")
    if not python:
        yield Finding(Level.ERROR, f"{target.settings} doesn't say which Python to use ({key})", INSTALL)
    elif python == CONDA_PYTHON and found.values.get("CONDA PATH") and found.values.get("CONDA ENV"):
        yield Finding(Level.OK, f"Python of the conda environment {found.values['CONDA ENV']}")
    elif not Path(python).is_file():
        yield Finding(
            Level.ERROR, f"the Python in the settings isn't there: {python}", f"in the right environment: {INSTALL}"
        )
    elif Path(python).parent != machine.executable.parent:
        remedy = f"if that isn't meant, delete the {key} line of {target.settings}, then: {INSTALL}"
        yield Finding(Level.WARNING, f"Excel uses another Python than this one: {python}", remedy)
    elif trouble := machine.probe(Path(python)):
        remedy = f'{python} -m pip install --upgrade "tradealloc[excel]"'
        yield Finding(Level.ERROR, f"the Python in the settings can't load TradeAlloc: {trouble}", remedy)
    else:
        yield Finding(Level.OK, f"Python {python}")


def _python(machine: Machine, target: Places) -> Iterator[Finding]:
    missing = [name for name in NEEDED_MODULES if not machine.is_importable(name)]
    if missing:
        yield Finding(Level.ERROR, f"Python lacks {', '.join(missing)}", 'pip install "tradealloc[excel]"')
    for variable in ("PYTHONHOME", "PYTHONPATH"):
        if machine.environ.get(variable):
            remedy = f"remove the environment variable {variable}, or be sure that all its folders are yours alone"
            yield Finding(Level.WARNING, f"{variable} is set and changes what Python imports", remedy)
    for variable in CLOUD_VARIABLES:
        cloud = machine.environ.get(variable)
        if cloud and any(Path(cloud) in path.parents for path in (machine.executable, target.addin)):
            remedy = "install Python and tradealloc outside the synchronised folder"
            yield Finding(
                Level.WARNING,
                f"Python or the add-in lies in OneDrive ({cloud}), which may lock or remove files",
                remedy,
            )
            return


def _windows_python(machine: Machine, target: Places) -> Iterator[Finding]:
    if "windowsapps" in {part.lower() for part in machine.executable.parts}:
        yield Finding(
            Level.ERROR,
            "this Python is from the Microsoft Store: what it writes to AppData stays hidden from Excel",
            "install Python from python.org (no administrator needed), then tradealloc in it",
        )
    if not machine.is_importable("win32api"):
        yield Finding(Level.ERROR, "Python lacks pywin32, which talks to Excel", 'pip install "tradealloc[excel]"')
    if not str(machine.executable).isascii():  # the DLL starts Python through the ANSI interface of Windows: #1934
        yield Finding(
            Level.WARNING,
            f"the path of Python has letters beyond plain ones: {machine.executable}",
            "if Excel says that it can't start Python, install it in a folder such as C:\\tradealloc",
        )
    if is_conda(machine) and "CONDA ENV" not in read_settings(target.settings, machine.encoding).values:
        yield Finding(  # without activation conda's libraries aren't found: #1136, #2308
            Level.WARNING,
            "this Python is of a conda environment that Excel won't activate",
            f"conda activate the environment, then: {INSTALL}",
        )


def _windows_office(machine: Machine, target: Places) -> Iterator[Finding]:
    if (machine.home / STORE_OFFICE).is_dir():
        yield Finding(
            Level.WARNING,
            "Office from the Microsoft Store may be on this computer: its sandbox can't start Python (#1260, #1476)",
            f"install Office from office.com instead; until then {CLI_INSTEAD}",
        )


def _windows_dll(machine: Machine, target: Places) -> Iterator[Finding]:
    folders = [machine.prefix] if is_conda(machine) else [machine.executable.parent, machine.executable.parent.parent]
    wanted = f"xlwings64-{machine.xlwings_version}.dll"
    found = sorted({path.name for folder in folders for path in folder.glob("xlwings*-*.dll")})
    if wanted in found:
        yield Finding(Level.OK, wanted)
    elif found:
        remedy = "pip install --force-reinstall --no-deps xlwings"
        yield Finding(Level.ERROR, f"{wanted} is needed, but there is {', '.join(found)}", f"{remedy}; then: {INSTALL}")
    else:
        yield Finding(
            Level.ERROR,
            f"{wanted} isn't beside Python ({' or '.join(map(str, folders))})",
            "use a virtual environment (python -m venv), not pip install --user; "
            "then pip install --force-reinstall --no-deps xlwings",
        )


def _mac_script(machine: Machine, target: Places) -> Iterator[Finding]:
    if target.script is not None and not target.script.is_file():
        yield Finding(Level.ERROR, f"{target.script} is missing, so the ribbon can't start Python", INSTALL)
