"""One headless LibreOffice over a named pipe, with a profile of its own."""

from __future__ import annotations

import builtins
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
import warnings
from functools import cache
from pathlib import Path
from typing import Any

START_SECONDS, STOP_SECONDS = 60.0, 15.0
SYSTEM_PATH = os.pathsep.join(("/usr/bin", "/usr/local/bin", "/bin"))

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}
</oor:items>
"""
ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
EN_US = (("Setup/L10N", "ooLocale", "en-US"), ("Setup/L10N", "ooSetupSystemLocale", "en-US"))
RECALCULATE_ON_LOAD = (("Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),)


class OfficeMissingError(Exception):
    """LibreOffice or its Python bridge isn't installed here; the text says which."""


@cache
def load_uno() -> Any:
    """Import Debian's `uno` into this interpreter, wherever the system's Python keeps it.

    Its replacement of the import statement is taken back: it turns every failed optional import of other packages
    into another error than they expect, and nothing here needs ``from com.sun.star ... import``.
    """
    system_python = shutil.which("python3", path=SYSTEM_PATH)
    if system_python is None:
        raise OfficeMissingError("no system python3 to ask for the uno module")
    asked = subprocess.run(
        [system_python, "-c", "import uno; print(uno.__file__)"], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        raise OfficeMissingError("python3-uno isn't installed")
    sys.path.append(str(Path(asked.stdout.strip()).parent))
    importer = builtins.__import__
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import uno
    except ImportError as error:
        raise OfficeMissingError(f"the system's uno doesn't fit Python {sys.version.split()[0]}: {error}") from error
    finally:
        builtins.__import__ = importer
    return uno


def property_value(name: str, value: Any) -> Any:
    """A UNO PropertyValue."""
    struct = load_uno().getClass("com.sun.star.beans.PropertyValue")()
    struct.Name, struct.Value = name, value
    return struct


class Office:
    """A running soffice; `open` gives UNO documents.

    Parameters
    ----------
    profile
        Empty folder for the user profile.
    settings
        (path, name, value) entries of the profile's registry.
    extensions
        Folder of unpacked extensions, each in a folder of its own.
    """

    def __init__(
        self,
        profile: Path,
        settings: tuple[tuple[str, str, str], ...] = RECALCULATE_ON_LOAD,
        extensions: Path | None = None,
    ) -> None:
        self.uno = load_uno()
        executable = shutil.which("soffice")
        if executable is None:
            raise OfficeMissingError("soffice isn't installed")
        _write_profile(profile, EN_US + settings)
        pipe = "ta" + uuid.uuid4().hex[:12]
        self._log = (profile / "soffice.log").open("wb")
        self._process = subprocess.Popen(
            [
                executable,
                f"-env:UserInstallation={profile.as_uri()}",
                *([] if extensions is None else [f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}"]),
                *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
                f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._context = self._connect(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self._desktop = self._service("com.sun.star.frame.Desktop")

    def open(self, path: Path | None = None) -> Any:
        """Load a spreadsheet (None: an empty one); AssertionError where LibreOffice refuses it."""
        url = "private:factory/scalc" if path is None else self.uno.systemPathToFileUrl(str(path))
        document = self._desktop.loadComponentFromURL(url, "_blank", 0, (property_value("Hidden", True),))
        assert document is not None, f"LibreOffice can't open {path}"
        return document

    def store(self, document: Any, path: Path, filter_name: str, **options: Any) -> None:
        """Export a document through one of LibreOffice's filters."""
        data = self.uno.Any(
            "[]com.sun.star.beans.PropertyValue", tuple(property_value(k, v) for k, v in options.items())
        )
        document.storeToURL(
            self.uno.systemPathToFileUrl(str(path)),
            (property_value("FilterName", filter_name), property_value("FilterData", data)),
        )

    def stop(self) -> None:
        """End the process, by force where it doesn't go by itself."""
        with contextlib.suppress(Exception):  # the bridge dies with the process; what it raises then varies
            self._desktop.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
        self._log.close()

    def _service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)

    def _connect(self, url: str) -> Any:
        local = self.uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        no_connection = self.uno.getClass("com.sun.star.connection.NoConnectException")
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return resolver.resolve(url)
            except no_connection:
                if time.monotonic() > deadline or self._process.poll() not in (None, 81):
                    self._kill()
                    raise
                time.sleep(0.02)

    def _kill(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self._process.wait(STOP_SECONDS)


def _write_profile(profile: Path, settings: tuple[tuple[str, str, str], ...]) -> None:
    user = profile / "user"
    user.mkdir(parents=True)
    items = "\n".join(ITEM.format(path=path, name=name, value=value) for path, name, value in settings)
    (user / "registrymodifications.xcu").write_text(PROFILE.format(items=items), encoding="utf-8")
