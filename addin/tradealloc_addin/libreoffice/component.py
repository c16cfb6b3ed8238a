"""The add-in inside LibreOffice: Calc's values to the engine, the engine's values and errors back to Calc.

This file goes into the .oxt as it stands, with `SITE` filled in. It runs in LibreOffice's own Python and borrows
tradealloc and numpy from the installation that built it.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import os
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any

import unohelper  # type: ignore[import-not-found]
from com.sun.star.lang import XServiceInfo
from org.tradealloc import XTradeAlloc  # type: ignore[import-not-found]

SITE: tuple[str, ...] = ()
"""Folders of the installation; TRADEALLOC_SITE in the environment names others."""

IMPLEMENTATION = "org.tradealloc.AddIn"
SERVICES = (IMPLEMENTATION, "com.sun.star.sheet.AddIn")

CALC_ERRORS = {2015: 519, 2036: 503, 2042: 32767}
"""LibreOffice's own numbers of #VALUE!, #NUM! and #N/A, by Excel's CVErr number."""

VALUE_ERROR = 2015
ZERO_IS_BLANK = {"shares", "sizes", "allocation", "beta", "options", "volume", "fills", "orders"}
"""Arguments that can't be zero: Calc hands a single blank cell over as 0."""


def find_installation() -> None:
    """Let this Python import from the installation, after its own folders."""
    given = os.environ.get("TRADEALLOC_SITE", "")
    for folder in given.split(os.pathsep) if given else SITE:
        if folder not in sys.path:
            sys.path.append(folder)


@contextlib.contextmanager
def plain_imports() -> Iterator[None]:
    """Take back LibreOffice's import statement for a while.

    It answers a missing module with another exception than ModuleNotFoundError, on which packages with optional parts
    (CVXPY) break.
    """
    importer = builtins.__import__
    builtins.__import__ = importlib.__import__
    try:
        yield
    finally:
        builtins.__import__ = importer


def calc_error(code: int) -> float:
    """An error as Calc keeps it among numbers: a NaN with the error's number in its low bits.

    Exceptions, None and infinities would make errors of single cells only, and each in a way of its own.
    """
    error: float = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 | CALC_ERRORS[code]))[0]
    return error


def evaluate(name: str, arguments: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """A function's result as the rows that Calc wants."""
    with plain_imports():
        try:
            find_installation()
            from tradealloc_addin.engine import call
            from tradealloc_addin.spec import FUNCTIONS
            from tradealloc_addin.values import ExcelError
        except Exception as error:
            return ((_not_installed(name, error),),)
        parameters = next(function.arguments for function in FUNCTIONS if function.name == name)
        result = call(
            name,
            [
                None if value == 0 and parameter.name in ZERO_IS_BLANK else value
                for parameter, value in zip(parameters, arguments, strict=True)
            ],
        )
    rows = result if isinstance(result, list) else [(result,)]
    return tuple(tuple(calc_error(cell.code) if isinstance(cell, ExcelError) else cell for cell in row) for row in rows)


def _not_installed(name: str, error: Exception) -> Any:
    if name not in ("OPTALLOC_CHECK", "OPTALLOC_VERSION"):
        return calc_error(VALUE_ERROR)
    looked = os.environ.get("TRADEALLOC_SITE") or os.pathsep.join(SITE)
    return f"can't load tradealloc from {looked}: {error}; build the add-in again, or set TRADEALLOC_SITE"


def _method(name: str) -> Callable[..., Any]:
    def method(_: Any, *arguments: Any) -> tuple[tuple[Any, ...], ...]:
        return evaluate(name, arguments)

    return method


class AddIn(unohelper.Base, XTradeAlloc, XServiceInfo):  # type: ignore[misc]
    """What Calc calls; its methods are those of the interface in the .idl file."""

    def __init__(self, context: Any) -> None:
        self.context = context

    optalloc = _method("OPTALLOC")
    optallocImpact = _method("OPTALLOC_IMPACT")  # noqa: N815
    optallocCompare = _method("OPTALLOC_COMPARE")  # noqa: N815
    optallocSensitivity = _method("OPTALLOC_SENSITIVITY")  # noqa: N815
    optallocStats = _method("OPTALLOC_STATS")  # noqa: N815
    optallocCheck = _method("OPTALLOC_CHECK")  # noqa: N815
    optallocReopt = _method("OPTALLOC_REOPT")  # noqa: N815
    optallocTca = _method("OPTALLOC_TCA")  # noqa: N815
    optallocVersion = _method("OPTALLOC_VERSION")  # noqa: N815

    def getImplementationName(self) -> str:  # noqa: N802
        return IMPLEMENTATION

    def supportsService(self, name: str) -> bool:  # noqa: N802
        return name in SERVICES

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802
        return SERVICES


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816  the name LibreOffice looks for
g_ImplementationHelper.addImplementation(AddIn, IMPLEMENTATION, SERVICES)
