"""Install, upgrade, report and remove the add-in: only in the user's own folders, so without an administrator."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from tradealloc import __version__
from tradealloc.errors import WorkbookError

from ..build.files import replace_file
from ..build.runtime import runtime_folder
from ..build.xlam import addin_bytes
from .doctor import doctor
from .findings import Finding, Level
from .paths import MAC, Machine, Places, places
from .receipt import Receipt, addin_versions, fingerprint
from .settings import interpreter_settings, read_settings, write_settings

CLOSE_EXCEL = "close every Excel window, then run this again"
DATA_FOLDERS = ("log", "undo")
"""Folders beside the settings that the add-in fills while it runs."""


def install(machine: Machine | None = None, content: bytes | None = None) -> list[Finding]:
    """Install or upgrade the add-in; the user's settings stay.

    Parameters
    ----------
    machine
        The computer; default: this one.
    content
        The add-in's bytes; default: built from the installed xlwings.

    Returns
    -------
    list of Finding
        What was done, then what the doctor finds wrong.

    Raises
    ------
    WorkbookError
        No Excel runs here, Excel holds the add-in open, another file has its name, or xlwings is missing.
    """
    machine = machine or Machine.here()
    target = places(machine)
    _refuse_open(target)
    _refuse_foreign(target.addin)
    fresh = addin_bytes() if content is None else content
    receipt = Receipt.read(target.receipt)
    done = [_copy_addin(target, fresh, receipt), *_update_settings(machine, target, receipt)]
    if target.script is not None:
        done.append(_copy_script(target.script, receipt))
    receipt.write(target.receipt)
    if machine.platform == MAC:
        done.append(
            Finding(Level.HINT, "Excel for Mac runs the ribbon only, not the functions", "write results by ribbon")
        )
    troubles = [finding for finding in doctor(machine) if finding.level in (Level.ERROR, Level.WARNING)]
    return [*done, *troubles, Finding(Level.HINT, "start Excel again to see the TradeAlloc tab")]


def status(machine: Machine | None = None) -> list[Finding]:
    """Where the add-in is and which version; never an error."""
    machine = machine or Machine.here()
    try:
        target = places(machine)
    except WorkbookError as none:
        return [Finding(Level.HINT, str(none))]
    versions = addin_versions(target.addin)
    if versions is None:
        return [Finding(Level.HINT, f"not installed: {target.addin} isn't there", "tradealloc addin install")]
    found = [
        Finding(
            Level.OK,
            f"{target.addin}: tradealloc {versions.get('tradealloc', '?')}, xlwings {versions.get('xlwings', '?')}",
        )
    ]
    settings = read_settings(target.settings, machine.encoding).values
    found += [Finding(Level.OK, f"{key} = {value}") for key, value in settings.items()]
    if target.lock.exists():
        found.append(Finding(Level.HINT, "Excel has the add-in open"))
    return found


def remove(machine: Machine | None = None) -> list[Finding]:
    """Take away what `install` made, with the log and the undo snapshots; what the user added stays.

    Raises
    ------
    WorkbookError
        No Excel runs here, or Excel holds the add-in open.
    """
    machine = machine or Machine.here()
    target = places(machine)
    _refuse_open(target)
    receipt = Receipt.read(target.receipt)
    done = []
    if addin_versions(target.addin) is not None:
        _delete(target.addin)
        done.append(Finding(Level.OK, f"removed {target.addin}"))
    elif target.addin.exists():
        done.append(Finding(Level.WARNING, f"left alone: {target.addin} isn't TradeAlloc's add-in"))
    for name, digest in receipt.files.items():
        path = Path(name)
        if path.is_file() and fingerprint(path) == digest:
            _delete(path)
            done.append(Finding(Level.OK, f"removed {path}"))
    done += _withdraw_settings(machine, target, receipt)
    own = target.receipt.parent
    for name in DATA_FOLDERS:
        shutil.rmtree(own / name, ignore_errors=True)
    target.receipt.unlink(missing_ok=True)
    for folder in (*map(Path, reversed(receipt.folders)), own):
        with contextlib.suppress(OSError):  # not empty: someone else keeps things there
            folder.rmdir()
    return done or [Finding(Level.HINT, "nothing to remove: the add-in isn't installed")]


def _refuse_open(target: Places) -> None:
    if target.lock.exists():
        raise WorkbookError(
            f"Excel has the add-in open ({target.lock.name}): {CLOSE_EXCEL}; "
            f"where no Excel runs, a crash left {target.lock}: delete it"
        )


def _refuse_foreign(addin: Path) -> None:
    if addin.exists() and addin_versions(addin) is None:
        raise WorkbookError(f"{addin} is there but isn't TradeAlloc's add-in: move it away, then run this again")


def _copy_addin(target: Places, content: bytes, receipt: Receipt) -> Finding:
    addin = target.addin
    before = addin_versions(addin)
    _make_folder(addin.parent, receipt)
    if addin.is_file() and addin.read_bytes() == content:
        what = f"{addin} is up to date ({__version__})"
    else:
        replace_file(addin, content, CLOSE_EXCEL)
        verb = "wrote" if before is None else f"upgraded {before.get('tradealloc', '?')} to {__version__} in"
        what = f"{verb} {addin}"
    receipt.files[str(addin)] = fingerprint(addin)
    return Finding(Level.OK, what)


def _copy_script(script: Path, receipt: Receipt) -> Finding:
    if script.exists():
        return Finding(Level.OK, f"{script} is there")
    _make_folder(script.parent, receipt)
    replace_file(script, (runtime_folder() / script.name).read_bytes(), CLOSE_EXCEL)
    receipt.files[str(script)] = fingerprint(script)
    return Finding(Level.OK, f"wrote {script}, which lets Excel start Python")


def _update_settings(machine: Machine, target: Places, receipt: Receipt) -> list[Finding]:
    """Point the settings to this Python, but where the user has chosen another one since the last installation."""
    wanted = interpreter_settings(machine)
    found = read_settings(target.settings, machine.encoding)
    chosen = {key for key in wanted if key in found.values and found.values[key] != receipt.settings.get(key)}
    kept = {key for key in chosen if found.values[key] != wanted[key]}
    values = {key: value for key, value in found.values.items() if receipt.settings.get(key) != value}
    values |= {key: value for key, value in wanted.items() if key not in kept}
    if values != found.values or found.bad_lines:
        _make_folder(target.settings.parent, receipt)
        write_settings(target.settings, values, machine.encoding)
    receipt.settings = {key: value for key, value in wanted.items() if key not in kept}
    findings = [Finding(Level.OK, f"settings are in {target.settings}")]
    for key in sorted(kept):
        remedy = f"to use this Python, delete that line of {target.settings} and install again"
        findings.append(Finding(Level.HINT, f"kept your own {key} = {values[key]}", remedy))
    return findings


def _withdraw_settings(machine: Machine, target: Places, receipt: Receipt) -> list[Finding]:
    if not target.settings.is_file():
        return []
    found = read_settings(target.settings, machine.encoding).values
    kept = {key: value for key, value in found.items() if receipt.settings.get(key) != value}
    if not kept:
        _delete(target.settings)
        return [Finding(Level.OK, f"removed {target.settings}")]
    write_settings(target.settings, kept, machine.encoding)
    return [
        Finding(Level.HINT, f"kept your own settings ({', '.join(kept)}) in {target.settings}", "delete it if unused")
    ]


def _make_folder(folder: Path, receipt: Receipt) -> None:
    """Make a folder with its parents, and note those that weren't there."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir()
        receipt.folders.append(str(each))


def _delete(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise WorkbookError(f"{path} can't be removed ({error.strerror}): {CLOSE_EXCEL}") from None
