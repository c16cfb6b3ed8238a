"""VBA wrappers of the spreadsheet functions, from the one list of functions.

xlwings generates wrappers of its own, but they return errors as plain text, and LibreOffice can't run them.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..spec import CATEGORY, FUNCTIONS, HELP_LIMIT, Function

MODULE = "TradeAllocFunctions"
UDF_MODULE = "tradealloc_addin.functions"
SENTENCES = frozenset({"OPTALLOC_CHECK", "OPTALLOC_VERSION"})
"""Functions whose result is text: they say why Python didn't answer, where the others show #VALUE!."""

HEAD = """Attribute VB_Name = "{module}"
Option Explicit
' Generated from tradealloc_addin/spec.py: change it there.
"""

WRAPPER = """
Public Function {name}({parameters}) As Variant
Attribute {name}.VB_Description = {description}
    On Error GoTo failed
{guard}    {name} = TA_Unmark(XLPy.CallUDF({module}, {quoted}, {arguments}, Nothing, Application.Caller))
    Exit Function
failed:
    {name} = {failure}
End Function
"""

GUARD = """    If TA_IsSplit({arguments}) Then
        {name} = {refusal}
        Exit Function
    End If
"""

VALUE_ERROR = "CVErr(2015)"
SPLIT_RANGE = '"a range of several areas was given, of which Excel hands over only the first: give one block of cells"'
SILENT_PYTHON = '"Python didn\'t answer: " & Err.Description & " Run in a command window: tradealloc addin doctor"'

REGISTER = """
' Category and help of each function for the function wizard; False where Excel refuses (no visible workbook).
Public Function TA_RegisterHelp() As Boolean
    Dim prefix As String
    On Error GoTo refused
    prefix = "'" & ThisWorkbook.Name & "'!"
{options}
    TA_RegisterHelp = True
refused:
End Function
"""


def wrappers(functions: Iterable[Function] = FUNCTIONS) -> str:
    """The text of the VBA module with one function per spreadsheet function."""
    found = tuple(functions)
    options = "\n".join(_macro_options(function) for function in found)
    return HEAD.format(module=MODULE) + "".join(map(_wrapper, found)) + REGISTER.format(options=options)


def quoted(text: str) -> str:
    """A VBA string literal on one line, as long as Excel takes for help."""
    plain = " ".join(text.split())
    if len(plain) > HELP_LIMIT:
        raise ValueError(f"{len(plain)} characters of help, Excel takes {HELP_LIMIT}: {plain}")
    return '"' + plain.replace('"', '""') + '"'


def _wrapper(function: Function) -> str:
    arguments = "Array(" + ", ".join(each.name for each in function.arguments) + ")"
    refusal = SPLIT_RANGE if function.name in SENTENCES else VALUE_ERROR
    guard = GUARD.format(arguments=arguments, name=function.name, refusal=refusal) if function.arguments else ""
    return WRAPPER.format(
        guard=guard,
        name=function.name,
        quoted=quoted(function.name),
        module=quoted(UDF_MODULE),
        parameters=", ".join(("Optional " if each.optional else "") + each.name for each in function.arguments),
        arguments=arguments,
        description=quoted(function.description),
        failure=SILENT_PYTHON if function.name in SENTENCES else VALUE_ERROR,
    )


def _macro_options(function: Function) -> str:
    options = [
        f"    Application.MacroOptions Macro:=prefix & {quoted(function.name)}",
        f"Description:={quoted(function.description)}",
        f"Category:={quoted(CATEGORY)}",
    ]
    if function.arguments:
        helps = ", _\n            ".join(quoted(each.help) for each in function.arguments)
        options.append(f"ArgumentDescriptions:=Array( _\n            {helps})")
    return ", _\n        ".join(options)
