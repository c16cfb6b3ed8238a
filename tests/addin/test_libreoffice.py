"""The .oxt as built, and its component without LibreOffice; tests/excel_twin/test_oxt.py runs it in the real one."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from tradealloc_addin.libreoffice import build_oxt
from tradealloc_addin.libreoffice.oxt import COMPONENT, CONFIGURATION, IDL, installation, method_name, parts
from tradealloc_addin.spec import FUNCTIONS

import tradealloc as ta
from tradealloc.errors import WorkbookError

OOR = "{http://openoffice.org/2001/registry}"
STUBS = """
import struct, sys, types
unohelper = types.ModuleType("unohelper")
unohelper.Base = type("Base", (), {})
unohelper.ImplementationHelper = lambda: types.SimpleNamespace(addImplementation=lambda *a: None)
lang, org = types.ModuleType("com.sun.star.lang"), types.ModuleType("org.tradealloc")
lang.XServiceInfo = type("XServiceInfo", (), {})
org.XTradeAlloc = type("XTradeAlloc", (), {})
sys.modules.update({"unohelper": unohelper, "com.sun.star.lang": lang, "org.tradealloc": org})
sys.path.insert(0, sys.argv[1])
import tradealloc_component as component
addin = component.AddIn(None)
nothing = (None,) * 5
"""


@pytest.fixture
def package(tmp_path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(build_oxt(tmp_path / "tradealloc.oxt"))


def run_component(folder: Path, site: tuple[Path, ...], script: str, **environment: str) -> str:
    """Run the component in a Python that knows no installed package."""
    (folder / COMPONENT).write_text(parts(site)[COMPONENT], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-S", "-c", STUBS + script, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(folder), **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    first, second = build_oxt(tmp_path / "a.oxt"), build_oxt(tmp_path / "b.oxt")
    assert first.read_bytes() == second.read_bytes()


def test_a_place_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    assert build_oxt(tmp_path) == tmp_path / "tradealloc.oxt"
    with pytest.raises(WorkbookError, match=r"a\.oxt can't be written"):
        build_oxt(tmp_path / "missing" / "a.oxt")
    with pytest.raises(WorkbookError, match=r"must end in \.oxt"):
        build_oxt(tmp_path / "tradealloc.xlam")


def test_the_manifest_lists_every_part(package: zipfile.ZipFile) -> None:
    space = "{http://openoffice.org/2001/manifest}"
    manifest = ET.fromstring(package.read("META-INF/manifest.xml"))
    listed = {entry.attrib[f"{space}full-path"] for entry in manifest}
    assert listed == {COMPONENT, CONFIGURATION, IDL}
    assert set(package.namelist()) == listed | {"META-INF/manifest.xml", "description.xml"}
    assert package.testzip() is None


def test_version_is_the_packages(package: zipfile.ZipFile) -> None:
    description = ET.fromstring(package.read("description.xml"))
    space = "{http://openoffice.org/extensions/description/2006}"
    found = description.find(f"{space}version")
    assert found is not None
    assert found.attrib["value"] == ta.__version__


def test_names_and_help_come_from_the_specification(package: zipfile.ZipFile) -> None:
    functions = ET.fromstring(package.read(CONFIGURATION)).find(f".//node[@{OOR}name='AddInFunctions']")
    assert functions is not None
    assert len(functions) == len(FUNCTIONS)
    for node, function in zip(functions, FUNCTIONS, strict=True):
        texts = {prop.attrib[f"{OOR}name"]: prop[0].text for prop in node.findall("prop")}
        assert texts["DisplayName"] == texts["CompatibilityName"] == function.name
        assert texts["Description"] == function.description
        arguments = node.findall("node/node")
        assert [[prop[0].text for prop in argument] for argument in arguments] == [
            [a.name, a.help] for a in function.arguments
        ]


def test_the_component_has_every_method_of_the_interface(package: zipfile.ZipFile) -> None:
    interface, component = package.read(IDL).decode(), package.read(COMPONENT).decode()
    for function in FUNCTIONS:
        declared = re.search(rf"> {method_name(function)}\((.*)\);", interface)
        assert declared is not None, function.name
        assert declared[1].count("[in] any ") == len(function.arguments)
        assert f'    {method_name(function)} = _method("{function.name}")' in component
    assert "_" not in re.sub(r"com/sun.*", "", interface)


def test_xlwings_stays_out_and_the_installation_is_found(tmp_path: Path) -> None:
    script = (
        "print(addin.optalloc(3.0, ((1.0,), (2.0,)), *nothing), "
        "{'xlwings', 'pandas', 'scipy', 'cvxpy'} & set(sys.modules))"
    )
    assert run_component(tmp_path, installation(), script) == "((2.0,), (1.0,)) set()"


def test_the_environment_names_another_installation(tmp_path: Path) -> None:
    script = "print(addin.optallocVersion())"
    places = ":".join(map(str, installation()))
    assert run_component(tmp_path, (), script, TRADEALLOC_SITE=places) == f"(({ta.__version__!r},),)"


def test_without_an_installation_the_check_says_so(tmp_path: Path) -> None:
    script = (
        "print(addin.optallocCheck(1.0, 1.0, *nothing)[0][0]); "
        "print(struct.unpack('<Q', struct.pack('<d', addin.optalloc(1.0, 1.0, *nothing)[0][0]))[0] & 0xffff)"
    )
    check, number = run_component(tmp_path, (tmp_path / "gone",), script).splitlines()
    assert check.startswith(f"can't load tradealloc from {tmp_path / 'gone'}: No module named 'tradealloc_addin'")
    assert number == "519"


def test_the_import_statement_is_given_back(tmp_path: Path) -> None:
    script = (
        "import builtins; before = builtins.__import__ = lambda *a, o=builtins.__import__, **k: o(*a, **k); "
        "addin.optallocVersion(); print(builtins.__import__ is before)"
    )
    assert run_component(tmp_path, installation(), script) == "True"
