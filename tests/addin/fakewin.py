"""Just enough of pywin32 for xlwings' real Windows code (`call_udf`, conversion, the COM server) to run anywhere.

`excel()` imports xlwings afresh against the stand-in and puts every module back afterwards, so that other tests see
the xlwings of their own platform.
"""
# ruff: noqa: N802  names are COM's

from __future__ import annotations

import atexit
import contextlib
import ctypes
import datetime as dt
import importlib
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

from tradealloc_addin.values import COM_MISSING, MISSING, ExcelError

FUNCTIONS = "tradealloc_addin.functions"
RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
MARK = "#TA!"
FRESH = ("xlwings", FUNCTIONS)
PREIMPORTED = (  # they ask for the platform when first imported
    "asyncio", "concurrent.futures", "multiprocessing", "subprocess", "tempfile",
    "pandas", "matplotlib", "PIL.Image", "jinja2", "polars",
)  # fmt: skip


class ComError(Exception):
    """pywintypes.com_error."""


class Iid(str):
    """pywintypes.IID: equal whatever the case."""

    def __new__(cls, text: object) -> Iid:
        return super().__new__(cls, str(text).upper())


class PyTime(dt.datetime):
    """pywintypes.TimeType: how a date or time cell arrives, aware and in UTC."""


class PyIDispatch:
    """A raw object pointer, as an argument arrives."""

    def __init__(self, target: Any) -> None:
        self.target = target

    def GetTypeInfo(self) -> PyIDispatch:
        return self

    def GetTypeAttr(self) -> Any:
        return types.SimpleNamespace(iid=Iid(getattr(self.target, "iid", "{0}")))

    def GetDocumentation(self, _: int) -> tuple[str, str, int, None]:
        return type(self.target).__name__, "", 0, None


class CDispatch:
    """A pointer with attributes."""

    def __init__(self, pointer: PyIDispatch) -> None:
        object.__setattr__(self, "_oleobj_", pointer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._oleobj_.target, name)


class Anything:
    """Answers whatever is asked."""

    def __getattr__(self, _: str) -> Anything:
        return Anything()

    def __call__(self, *_: Any, **__: Any) -> Anything:
        return Anything()

    def __setattr__(self, _: str, __: Any) -> None:
        """Nothing is kept."""


class TimeZoneInfo:
    @staticmethod
    def utc() -> dt.timezone:
        return dt.UTC


class FakeRange:
    """A range whose Value is what COM gives: floats, texts, booleans, None, error integers, aware datetimes."""

    iid = RANGE_IID
    Row = Column = 1
    Application = types.SimpleNamespace(Hwnd=1, Version="16.0")
    Worksheet = types.SimpleNamespace(
        Name="Sheet1", Application=Application, Parent=types.SimpleNamespace(Name="Book1.xlsx", Application=Application)
    )

    def __init__(self, grid: Sequence[Sequence[Any]]) -> None:
        self._grid = tuple(tuple(com_value(cell) for cell in row) for row in grid)
        self.Rows = types.SimpleNamespace(Count=len(self._grid))
        self.Columns = types.SimpleNamespace(Count=len(self._grid[0]))

    @property
    def Value(self) -> Any:
        single = len(self._grid) == len(self._grid[0]) == 1
        return self._grid[0][0] if single else self._grid

    def GetAddress(self, *_: Any, **__: Any) -> str:
        return "$A$1"


def com_value(value: Any) -> Any:
    """A cell's value on its way through COM."""
    if isinstance(value, dt.datetime):
        return PyTime(*value.timetuple()[:6], tzinfo=dt.UTC)
    if isinstance(value, dt.time):
        return PyTime(1899, 12, 30, value.hour, value.minute, value.second, tzinfo=dt.UTC)
    return value


class Excel:
    """xlwings' COM server as the add-in's VBA sees it."""

    def __init__(self, server: Any, functions: types.ModuleType) -> None:
        self.server = server
        self.functions = functions

    def call(self, name: str, *arguments: Any, in_cells: bool = True) -> Any:
        """Evaluate a function; ranges as tuples of rows, single values in cells of their own or as constants.

        Returns
        -------
        What VBA receives: a value, a flat sequence for a row, a sequence of rows otherwise.
        """
        return self.evaluate(name, self.variants(arguments, in_cells))

    def evaluate(self, name: str, variants: tuple[Any, ...]) -> Any:
        """Evaluate a function with arguments as COM passes them."""
        return self.server.CallUDF(FUNCTIONS, name, variants, None, self.pointer([[None]]))

    def variants(self, arguments: Sequence[Any], in_cells: bool = True) -> tuple[Any, ...]:
        """Arguments as COM passes them."""
        return tuple(self._variant(argument, in_cells) for argument in arguments)

    def _variant(self, argument: Any, in_cells: bool) -> Any:
        if argument is MISSING:
            return COM_MISSING
        if isinstance(argument, tuple):
            return self.pointer(argument)
        return self.pointer([[argument]]) if in_cells else com_value(argument)

    @staticmethod
    def pointer(grid: Sequence[Sequence[Any]]) -> PyIDispatch:
        return PyIDispatch(FakeRange(grid))


def rows(received: Any) -> list[list[Any]]:
    """What VBA received, as rows, with the marked errors as `ExcelError`."""
    if not isinstance(received, Sequence) or isinstance(received, str):
        received = [[received]]
    elif not isinstance(received[0], Sequence) or isinstance(received[0], str):
        received = [received]
    return [[unmarked(cell) for cell in row] for row in received]


def unmarked(cell: Any) -> Any:
    return ExcelError(int(cell.removeprefix(MARK))) if isinstance(cell, str) and cell.startswith(MARK) else cell


@contextlib.contextmanager
def excel() -> Iterator[Excel]:
    """xlwings for Windows with our functions, in this process, for a while."""
    for name in PREIMPORTED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    before = dict(sys.modules)
    for name in tuple(sys.modules):
        if name.startswith(FRESH):
            del sys.modules[name]
    sys.modules.update(_pywin32())
    try:
        with _pretend_windows():
            importlib.import_module("xlwings")
        atexit.unregister(importlib.import_module("xlwings._xlwindows").cleanup)
        server = importlib.import_module("xlwings.com_server").XLPython()
        yield Excel(server, importlib.import_module(FUNCTIONS))
    finally:
        for name in tuple(sys.modules):
            if name.startswith(FRESH) or name in _pywin32():
                del sys.modules[name]
        sys.modules.update({name: module for name, module in before.items() if name.startswith(FRESH)})


@contextlib.contextmanager
def _pretend_windows() -> Iterator[None]:
    platform, pydll = sys.platform, ctypes.PyDLL
    stubs: Any = ctypes
    stubs.windll = stubs.oledll = Anything()
    stubs.PyDLL = lambda *_, **__: Anything()
    sys.platform = "win32"
    try:
        yield
    finally:
        sys.platform, stubs.PyDLL = platform, pydll
        del stubs.windll, stubs.oledll


def _pywin32() -> dict[str, types.ModuleType]:
    def dispatch(pointer: Any, *_: Any, **__: Any) -> CDispatch:
        return pointer if isinstance(pointer, CDispatch) else CDispatch(pointer)

    def unwrap(value: Any) -> Any:
        raise ValueError(value)

    contents: dict[str, dict[str, Any]] = {
        "pywintypes": {"com_error": ComError, "error": ComError, "IID": Iid, "TimeType": PyTime},
        "pythoncom": {
            "__file__": "pythoncom",
            "IID_IDispatch": "disp",
            "IID_IEnumVARIANT": "enum",
            "ole_error": ComError,
            "com_error": ComError,
            "TypeIIDs": {"disp": PyIDispatch},
            "CoInitialize": lambda *_: None,
        },
        "win32api": {},
        "win32con": {},
        "win32gui": {},
        "win32event": {},
        "win32process": {"GetWindowThreadProcessId": lambda _: (1, 4242)},
        "win32timezone": {"TimeZoneInfo": TimeZoneInfo},
        "win32com": {},
        "win32com.client": {
            "Dispatch": dispatch,
            "DispatchEx": dispatch,
            "CDispatch": CDispatch,
            "DispatchBaseClass": type("DispatchBaseClass", (), {}),
            "CoClassBaseClass": type("CoClassBaseClass", (), {}),
            "gencache": types.SimpleNamespace(EnsureModule=lambda *_, **__: None),
        },
        "win32com.server": {},
        "win32com.server.dispatcher": {},
        "win32com.server.policy": {"DefaultPolicy": object},
        "win32com.server.util": {"wrap": lambda value, _=None: value, "unwrap": unwrap},
    }
    modules = {}
    for name, members in contents.items():
        modules[name] = types.ModuleType(name)
        modules[name].__dict__.update(members)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, modules[name])
    return modules
