"""Builds ``tradealloc.oxt``, the LibreOffice Calc add-in, from `spec` and the component."""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from tradealloc import __version__
from tradealloc.errors import WorkbookError
from tradealloc_addin.build.files import replace_file
from tradealloc_addin.spec import FUNCTIONS, Argument, Function

IDENTIFIER = "org.tradealloc.calc"
IMPLEMENTATION = "org.tradealloc.AddIn"
COMPONENT, IDL, CONFIGURATION = "tradealloc_component.py", "XTradeAlloc.idl", "CalcAddIns.xcu"
BORROWED = ("tradealloc", "tradealloc_addin", "numpy")
"""Packages that LibreOffice's Python takes from the installation."""

EARLIEST = (1980, 1, 1, 0, 0, 0)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITE_LINE = "SITE: tuple[str, ...] = ()"
MEDIA_TYPES = {
    IDL: "application/vnd.sun.star.uno-typelibrary;type=RDB",
    CONFIGURATION: "application/vnd.sun.star.configuration-data",
    COMPONENT: "application/vnd.sun.star.uno-component;type=Python",
}


def build_oxt(target: Path, site: tuple[Path, ...] | None = None) -> Path:
    """Write the extension; the same installation gives the same bytes.

    Parameters
    ----------
    target
        File to write, or the folder for ``tradealloc.oxt``.
    site
        Folders in which LibreOffice finds tradealloc and numpy; those of the running installation where None.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorkbookError
        The file can't be written, or isn't called an extension.
    """
    path = target / "tradealloc.oxt" if target.is_dir() else target
    if path.suffix.lower() != ".oxt":
        raise WorkbookError(f"{path} must end in .oxt, else LibreOffice doesn't take it for an extension")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts(installation() if site is None else site).items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, text.encode("utf-8"))
    replace_file(path, content.getvalue(), "choose another folder")
    return path


def installation() -> tuple[Path, ...]:
    """The folders from which this Python imports what the add-in needs."""
    folders = {}
    for name in BORROWED:
        found = find_spec(name)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{name} isn't installed in the Python that builds the add-in", name=name)
        folders[Path(found.origin).resolve().parents[1]] = name
    return tuple(folders)


def parts(site: tuple[Path, ...]) -> dict[str, str]:
    """Name and text of every file of the extension."""
    return {
        "META-INF/manifest.xml": manifest(),
        "description.xml": description(),
        IDL: interface(),
        CONFIGURATION: configuration(),
        COMPONENT: component(site),
    }


def manifest() -> str:
    space = "http://openoffice.org/2001/manifest"
    entries = "".join(
        f' <manifest:file-entry manifest:media-type="{media}" manifest:full-path="{name}"/>\n'
        for name, media in MEDIA_TYPES.items()
    )
    return f'{DECLARATION}<manifest:manifest xmlns:manifest="{space}">\n{entries}</manifest:manifest>\n'


def description() -> str:
    return (
        f'{DECLARATION}<description xmlns="http://openoffice.org/extensions/description/2006">\n'
        f' <identifier value="{IDENTIFIER}"/>\n <version value="{escape(__version__)}"/>\n'
        ' <display-name><name lang="en">tradealloc for Calc</name></display-name>\n</description>\n'
    )


def interface() -> str:
    """The UNO interface: every argument may be a value, a range or left out, every result is a block."""
    methods = "".join(
        f"    sequence< sequence< any > > {method_name(function)}("
        + ", ".join(f"[in] any {parameter_name(argument)}" for argument in function.arguments)
        + ");\n"
        for function in FUNCTIONS
    )
    return (
        "#include <com/sun/star/uno/XInterface.idl>\nmodule org { module tradealloc {\n"
        f"interface XTradeAlloc {{\n{methods}}};\n}}; }};\n"
    )


def configuration() -> str:
    """What Calc's function wizard shows, and the names in formulas and in .xlsx files."""
    functions = "".join(_function_node(function) for function in FUNCTIONS)
    return (
        f'{DECLARATION}<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" oor:package="org.openoffice.Office">\n'
        f' <node oor:name="AddInInfo">\n  <node oor:name="{IMPLEMENTATION}" oor:op="replace">\n'
        f'   <node oor:name="AddInFunctions">\n{functions}   </node>\n  </node>\n </node>\n</oor:component-data>\n'
    )


def component(site: tuple[Path, ...]) -> str:
    """The component's source with the installation's folders filled in."""
    source = Path(__file__).with_name("component.py").read_text(encoding="utf-8")
    head, line, tail = source.partition(SITE_LINE)
    assert line, "the component has no line for the installation's folders"
    return f"{head}SITE: tuple[str, ...] = {tuple(map(str, site))!r}{tail}"


def method_name(function: Function) -> str:
    """UNO names have no underscores: OPTALLOC_CHECK is optallocCheck."""
    return _camel(function.name.lower())


def parameter_name(argument: Argument) -> str:
    return _camel(argument.name)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _function_node(function: Function) -> str:
    parameters = "".join(
        f'      <node oor:name="{parameter_name(argument)}" oor:op="replace">'
        f"{_property('DisplayName', argument.name)}{_property('Description', argument.help)}</node>\n"
        for argument in function.arguments
    )
    return (
        f'    <node oor:name="{method_name(function)}" oor:op="replace">\n'
        f"     {_property('DisplayName', function.name)}\n"
        f"     {_property('Description', function.description)}\n"
        f'     <prop oor:name="Category"><value>Add-In</value></prop>\n'
        f"     {_property('CompatibilityName', function.name)}\n"
        f'     <node oor:name="Parameters">\n{parameters}     </node>\n    </node>\n'
    )


def _property(name: str, text: str) -> str:
    return f'<prop oor:name="{name}"><value xml:lang="en">{escape(text)}</value></prop>'
