"""The add-in's VBA inside LibreOffice: our modules as built, a stub in place of xlwings' runtime, Python behind it.

The chain is the one of Excel: cell formula, generated wrapper, xlwings' own ``call_udf`` and conversion, the engine.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from addin.fakewin import Excel
from tradealloc_addin.build.ovba import Kind, Module, vba_project
from tradealloc_addin.build.sheets import workbook_with
from tradealloc_addin.build.xlam import own_modules
from tradealloc_addin.values import ERROR_BASE, MISSING, ExcelError

from .office import Office, OfficeMissingError, property_value

STUBS = Path(__file__).with_name("vba")
LIBRARY = "Twin"
ERROR_TEXT = "Error "
CANARY = "\nPublic Function TA_Canary() As Long\n    TA_Canary = 4242\nEnd Function\n"
CANARY_SINGS = 4242
ATTRIBUTES = re.compile(r"^Attribute .*\n", re.MULTILINE)
BASIC_ERRORS = {532: 2007, 32767: 2042, 502: 2015, 503: 2036, 519: 2015, 524: 2023, 525: 2029}
"""LibreOffice's numbers of a formula's errors, as CVErr numbers."""


class MacroOffice(Office):
    """LibreOffice that runs the macros of what it opens."""

    def open(self, path: Path | None = None) -> Any:
        return self._open(path)

    def open_addin(self, path: Path) -> Any:
        """Open an .xlam, which LibreOffice doesn't recognise by itself."""
        return self._open(path, property_value("FilterName", "Calc MS Excel 2007 VBA XML"))

    def _open(self, path: Path | None, *options: Any) -> Any:
        url = "private:factory/scalc" if path is None else self.uno.systemPathToFileUrl(str(path))
        options = (property_value("Hidden", True), property_value("MacroExecutionMode", 4), *options)
        document = self._desktop.loadComponentFromURL(url, "_blank", 0, options)
        assert document is not None, f"LibreOffice can't open {path}"
        return document

    def offer(self, name: str, thing: Any) -> None:
        """Let Basic find an object of ours by that name."""
        self._context.insertByName(name, thing)

    def withdraw(self, name: str) -> None:
        self._context.removeByName(name)

    def compiles(self, source: str) -> bool:
        """Whether Basic parses a module, alone in its library.

        A parse error is silent, and spoils what stands beside it: a function appended to the module then says nothing.
        """
        document = self.open()
        try:
            document.BasicLibraries.VBACompatibilityMode = True
            library = document.BasicLibraries.createLibrary("Alone")
            plain = ATTRIBUTES.sub("", source.replace("\r\n", "\n"))
            library.insertByName("Checked", "Option VBASupport 1\n" + plain + CANARY)
            return bool(call_basic(document, "Alone.Checked.TA_Canary") == CANARY_SINGS)
        finally:
            document.close(True)


@contextlib.contextmanager
def macro_office(profile: Path) -> Iterator[MacroOffice]:
    """A running LibreOffice; missing is a skip, or a failure under TRADEALLOC_REQUIRE_ALL."""
    try:
        running = MacroOffice(profile)
    except OfficeMissingError as reason:
        if os.environ.get("TRADEALLOC_REQUIRE_ALL"):
            pytest.fail(f"TRADEALLOC_REQUIRE_ALL is set, but {reason}")
        pytest.skip(str(reason))
    yield running
    running.stop()


def call_basic(document: Any, name: str, *arguments: Any) -> Any:
    """Run a macro of a document: "Library.Module.Procedure"; None where Basic can't."""
    url = f"vnd.sun.star.script:{name}?language=Basic&location=document"
    return document.getScriptProvider().getScript(url).invoke(arguments, (), ())[0]


class Bridge:
    """What the stub runtime calls: a UNO XScript that hands each call to xlwings' server."""

    NAME = "TradeallocTwin"

    def __init__(self, office: MacroOffice, excel: Excel) -> None:
        self._uno = office.uno
        self._excel = excel
        self.document: Any = None
        self.calls: list[tuple[str, str]] = []

    def getTypes(self) -> tuple[Any, ...]:  # noqa: N802
        names = ("com.sun.star.script.provider.XScript", "com.sun.star.lang.XTypeProvider")
        return tuple(self._uno.getTypeByName(name) for name in names)

    def getImplementationId(self) -> Any:  # noqa: N802
        return self._uno.ByteSequence(b"")

    def invoke(self, sent: Sequence[Any], *_: Any) -> tuple[Any, tuple[()], tuple[()]]:
        module, function, *arguments = sent
        self.calls.append((module, function))
        grids = [self._argument(kind, content) for kind, content in arguments]
        excel = self._excel
        answer = excel.server.CallUDF(
            module, function, excel.variants(grids, in_cells=False), None, excel.pointer([[None]])
        )
        return _tuples(answer), (), ()

    def _argument(self, kind: str, content: Any) -> Any:
        if kind == "missing":
            return MISSING
        if kind == "value":
            return _as_com(content)
        sheet, _, address = content.rpartition(".")
        found = self.document.Sheets.getByName(sheet.lstrip("$").strip("'")).getCellRangeByName(address)
        return tuple(
            tuple(_as_com(_cell(found, value, row, column)) for column, value in enumerate(values))
            for row, values in enumerate(found.getDataArray())
        )


class Twin:
    """A workbook with the add-in's modules, open in LibreOffice."""

    def __init__(self, office: MacroOffice, bridge: Bridge, path: Path) -> None:
        path.write_bytes(workbook_with(vba_project(twin_modules(), LIBRARY)))
        self.document = bridge.document = office.open(path)
        self.sheet = self.document.Sheets.getByName("Examples")
        self._next = 200

    def close(self) -> None:
        self.document.close(True)

    def place(self, value: Any) -> str:
        """Put an argument into cells below what was placed before; returns their address.

        A skipped argument becomes a blank cell: LibreOffice hands Basic the number 0 for it.
        """
        if value is MISSING:
            value = None
        grid = value if isinstance(value, tuple) else ((value,),)
        top = self._next
        self._next += len(grid) + 1
        for row, values in enumerate(grid):
            for column, cell in enumerate(values):
                _write(self.sheet.getCellByPosition(column, top + row), cell)
        area = self.sheet.getCellRangeByPosition(0, top, len(grid[0]) - 1, top + len(grid) - 1)
        return str(area.AbsoluteName.rpartition(".")[2]).replace("$", "")

    def value(self, formula: str) -> Any:
        """What a cell with that formula shows."""
        cell = self.sheet.getCellRangeByName("AA1")
        cell.setFormula(formula)
        return _shown(cell.getDataArray()[0][0])

    def spill(self, formula: str, rows: int, columns: int) -> list[list[Any]]:
        """What a block of cells with that array formula shows."""
        area = self.sheet.getCellRangeByPosition(30, 0, 29 + columns, rows - 1)
        area.setArrayFormula(formula)
        shown = [[_shown(cell) for cell in row] for row in area.getDataArray()]
        area.clearContents(1 | 2 | 4 | 16)
        return shown

    def run(self, macro: str, *arguments: Any) -> Any:
        """Run a macro: "Module.Procedure"."""
        return call_basic(self.document, f"{LIBRARY}.{macro}", *arguments)


def twin_modules() -> list[Module]:
    """Our own modules, and the stubs for what only Excel has."""
    stubs = [
        Module(path.stem.replace("StubXlwings", "xlwings"), kind, path.read_text("cp1252"))
        for suffix, kind in ((".bas", Kind.STANDARD), (".cls", Kind.CLASS))
        for path in sorted(STUBS.glob(f"*{suffix}"))
    ]
    return [_without_events(module) for module in own_modules()] + stubs


def _without_events(module: Module) -> Module:
    """The workbook's module without its code: LibreOffice has no application events to hand it."""
    return Module(module.name, module.kind) if module.kind is Kind.WORKBOOK else module


def _tuples(answer: Any) -> Any:
    return tuple(map(_tuples, answer)) if isinstance(answer, list) else answer


def _as_com(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return float(value)  # Basic shrinks whole numbers to integers, COM sends doubles
    return None if value == "" else value


def _cell(area: Any, value: Any, row: int, column: int) -> Any:
    error = area.getCellByPosition(column, row).getError()
    return ERROR_BASE + BASIC_ERRORS[error] if error else value


def _write(cell: Any, value: Any) -> None:
    if isinstance(value, str):
        cell.String = value
    elif isinstance(value, bool):
        cell.setFormula("=TRUE()" if value else "=FALSE()")
    elif isinstance(value, int) and value < 0:
        cell.setFormula({2007: "=1/0", 2042: "=NA()"}[value - ERROR_BASE])
    elif value is not None:
        cell.Value = value


def _shown(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(ERROR_TEXT):
        return ExcelError(int(value.removeprefix(ERROR_TEXT)))
    return value
