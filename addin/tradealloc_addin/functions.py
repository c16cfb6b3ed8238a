"""The functions in Excel, through xlwings: hand what COM sends to the engine, hand its answer back.

pywin32 can't return an Excel error, so an error leaves here as text ``#TA!2015``; the VBA wrapper in the add-in makes
a real one of it with ``CVErr``. Arguments are taken raw: xlwings' own conversion turns blanks and errors into NaN.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import xlwings as xw

from . import spec

ERROR_MARK = "#TA!"
"""Begins a text that stands for an error; its CVErr number follows."""

_SPEC = {function.name: function for function in spec.FUNCTIONS}


def _excel_function(name: str) -> Callable[..., Any]:
    """The function that xlwings finds under that name in this module, made from its specification."""
    function = _SPEC[name]

    def excel_function(*arguments: Any) -> Any:
        from .engine import call

        return marked(call(name, arguments))

    excel_function.__name__ = excel_function.__qualname__ = name
    excel_function.__doc__ = function.description
    excel_function.__annotations__ = {}
    excel_function.__signature__ = _signature(function)  # type: ignore[attr-defined]
    decorated = xw.ret("raw")(excel_function)
    for argument in function.arguments:
        decorated = xw.arg(argument.name, "raw", doc=argument.help)(decorated)
    # the outermost, since each of the others resets what it sets
    outermost: Callable[..., Any] = xw.func(category=spec.CATEGORY, call_in_wizard=False)(decorated)
    return outermost


def _signature(function: spec.Function) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [
            inspect.Parameter(argument.name, kind, default=None if argument.optional else inspect.Parameter.empty)
            for argument in function.arguments
        ]
    )


def marked(result: Any) -> list[tuple[Any, ...]]:
    """A result as rows, which xlwings' server asks for, with its errors as marked text."""
    from .values import ExcelError

    rows = result if isinstance(result, list) else [(result,)]
    if not any(isinstance(value, ExcelError) for row in rows for value in row):
        return rows
    return [tuple(f"{ERROR_MARK}{v.code}" if isinstance(v, ExcelError) else v for v in row) for row in rows]


OPTALLOC = _excel_function("OPTALLOC")
OPTALLOC_IMPACT = _excel_function("OPTALLOC_IMPACT")
OPTALLOC_COMPARE = _excel_function("OPTALLOC_COMPARE")
OPTALLOC_SENSITIVITY = _excel_function("OPTALLOC_SENSITIVITY")
OPTALLOC_STATS = _excel_function("OPTALLOC_STATS")
OPTALLOC_CHECK = _excel_function("OPTALLOC_CHECK")
OPTALLOC_REOPT = _excel_function("OPTALLOC_REOPT")
OPTALLOC_TCA = _excel_function("OPTALLOC_TCA")
OPTALLOC_VERSION = _excel_function("OPTALLOC_VERSION")
