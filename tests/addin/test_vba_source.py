"""Our VBA as text: wrappers follow the list of functions, and what no compiler here checks."""

from __future__ import annotations

import re

import pytest
from tradealloc_addin.build.ovba import CODE_PAGE, Kind, Module
from tradealloc_addin.build.xlam import own_modules
from tradealloc_addin.spec import FUNCTIONS, Argument, Function
from tradealloc_addin.vba.generator import SENTENCES, UDF_MODULE, quoted, wrappers

MODULES = {module.name: module for module in own_modules()}
CODE = [module for module in MODULES.values() if module.source]
LONGEST_LINE, MOST_CONTINUATIONS = 1023, 24

LANGUAGE = """
    and as attribute boolean byref byval const dim do each else elseif end error event exit explicit false for function
    goto if in is isarray isempty lbound long loop module my new next not nothing object on option optional or private
    public resume set string sub then to true ubound variant vartype while with withevents
    array ccur cerr clng cstr cverr format instr instrrev lcase left len mid now replace ucase val msgbox err typename
    vbstring vbinformation vbexclamation vbnewline vb_name vb_description description
"""
EXCEL = """
    application workbook workbooks worksheets activeworkbook thisworkbook iribbonui iribboncontrol caller ready onundo
    macrooptions macro category argumentdescriptions linksources changelink xlexcellinks fullname saved name newname
    areas count type add copy invalidate invalidatecontrol tag calludf xlpy runpython operatingsystem eval var
"""
KNOWN = {word.lower() for word in (LANGUAGE + EXCEL).split()}
DECLARATION = re.compile(r"^(?:\s*(?:Private|Public))?\s*(?:Sub|Function|Const|Dim|WithEvents)\s+(\w+)", re.MULTILINE)
PARAMETERS = re.compile(r"^(?:Private|Public) (?:Sub|Function) \w+\((.*?)\)(?: As \w+)?$", re.MULTILINE)


def plain(source: str) -> str:
    """The code without texts, comments and attributes."""
    code = re.sub(r'"(?:[^"]|"")*"', '""', source)
    return re.sub(r"'.*|^Attribute .*", "", code, flags=re.MULTILINE)


def declared(source: str) -> set[str]:
    """Every name that a module declares, wherever."""
    code = plain(source)
    names = set(DECLARATION.findall(code))
    for line in re.findall(r"^\s*(?:Dim|Private|Public) ((?!Sub|Function|Const).*)$", code, re.MULTILINE):
        names |= set(re.findall(r"(?:^|, |WithEvents )(\w+)(?=[ ,(]|$)", line))
    for parameters in PARAMETERS.findall(code):
        names |= set(re.findall(r"(?:^|, )(?:Optional )?(?:ByVal |ByRef )?(\w+)", parameters))
    names |= set(re.findall(r"^(\w+):$", code, re.MULTILINE))
    return {name.lower() for name in names}


@pytest.mark.parametrize("module", CODE, ids=lambda module: module.name)
def test_no_name_is_undeclared(module: Module) -> None:
    everyone = {name.lower() for name in MODULES}
    public = set().union(*(declared(other.source) for other in CODE))
    used = {word.lower() for word in re.findall(r"[A-Za-z]\w*", plain(module.source))}
    assert used <= KNOWN | everyone | public


@pytest.mark.parametrize("module", CODE, ids=lambda module: module.name)
def test_form(module: Module) -> None:
    assert "Option Explicit" in module.source
    assert "#If" not in module.source
    assert "TypeOf" not in module.source
    text = module.text()
    assert text.encode(CODE_PAGE).isascii()
    assert max(map(len, text.splitlines())) <= LONGEST_LINE
    continued = re.findall(r"(?:.* _\r\n)+", text)
    assert all(block.count("\r\n") <= MOST_CONTINUATIONS for block in continued)
    opened = re.findall(r"^(?:Public |Private )?(Sub|Function) ", plain(module.source), re.MULTILINE)
    closed = re.findall(r"^End (Sub|Function)", module.source, re.MULTILINE)
    assert opened == closed


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_wrapper(function: Function) -> None:
    text = wrappers((function,))
    signature = re.search(rf"^Public Function {function.name}\((.*)\) As Variant$", text, re.MULTILINE)
    assert signature
    parameters = [each for each in signature[1].split(", ") if each]
    assert parameters == [("Optional " if a.optional else "") + a.name for a in function.arguments]
    names = ", ".join(argument.name for argument in function.arguments)
    assert f'XLPy.CallUDF("{UDF_MODULE}", "{function.name}", Array({names}), Nothing, Application.Caller)' in text
    assert f"Attribute {function.name}.VB_Description = {quoted(function.description)}" in text
    assert text.count(f'Application.MacroOptions Macro:=prefix & "{function.name}"') == 1
    for argument in function.arguments:
        assert quoted(argument.help) in text
    assert ("CVErr(2015)" in text) is (function.name not in SENTENCES)


def test_optional_arguments_come_last() -> None:
    for function in FUNCTIONS:
        optional = [argument.optional for argument in function.arguments]
        assert optional == sorted(optional)


def test_quotes_and_length_of_help() -> None:
    assert quoted('a "b"\n c') == '"a ""b"" c"'
    too_long = Function("F", "x" * 256, (Argument("a", "help"),), False)
    with pytest.raises(ValueError, match="256 characters"):
        wrappers((too_long,))


def test_a_class_module_loses_its_export_header() -> None:
    exported = 'VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1  \'True\nEND\nAttribute VB_Name = "C"\nOption Explicit\n'
    lines = Module("C", Kind.CLASS, exported).text().split("\r\n")
    assert lines[0] == 'Attribute VB_Name = "C"'
    assert "BEGIN" not in lines
    assert lines.count("Option Explicit") == 1


def test_a_range_of_several_areas_is_refused_before_python_sees_its_first_area() -> None:
    """LibreOffice hands no such range to Basic, so only the text can be checked here."""
    for function in FUNCTIONS:
        source = wrappers([function])
        assert source.count("TA_IsSplit(Array(") == bool(function.arguments)
        assert source.find("TA_IsSplit") < source.index("XLPy.CallUDF")
    assert "Areas.Count > 1" in MODULES["TradeAllocValues"].source
