"""The add-in file: the same bytes on every build, and nothing in it that Excel would stumble over."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path, PurePosixPath

import olefile
import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook
from openxml_audit import OpenXmlValidator
from tradealloc_addin.build import build_xlam
from tradealloc_addin.build.package import ADDIN_TYPE, RIBBON_PART, RIBBON_RELATIONSHIP, WORKBOOK_TYPE, zipped
from tradealloc_addin.build.runtime import runtime_folder, runtime_modules
from tradealloc_addin.build.sheets import SETTINGS
from tradealloc_addin.build.xlam import own_modules
from tradealloc_addin.functions import __name__ as functions_module
from tradealloc_addin.spec import FUNCTIONS

from tradealloc.errors import WorkbookError

RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
PROJECT_PART = "xl/vbaProject.bin"
ALL_MODULES = (*own_modules(), *runtime_modules())


@pytest.fixture(scope="module")
def addin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_xlam(tmp_path_factory.mktemp("addin") / "tradealloc.xlam")


@pytest.fixture(scope="module")
def parts(addin: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(addin) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == len(set(archive.namelist()))
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_rebuild_gives_the_same_bytes(addin: Path, tmp_path: Path) -> None:
    assert build_xlam(tmp_path).read_bytes() == addin.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["tradealloc.xlam"]


def test_zip_round_trip(addin: Path, parts: dict[str, bytes]) -> None:
    assert zipped(parts) == addin.read_bytes()


def test_olevba_finds_exactly_our_sources(addin: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oletools' own
        from oletools.olevba import VBA_Parser

        parser = VBA_Parser(str(addin))
        found = {Path(name).stem: code for _, _, name, code in parser.extract_macros()}
        parser.close()
    assert set(found) == {module.name for module in ALL_MODULES}
    for module in ALL_MODULES:
        assert found[module.name].replace("\r\n", "\n") == module.text().replace("\r\n", "\n"), module.name


def test_olefile_finds_no_defect(parts: dict[str, bytes]) -> None:
    with olefile.OleFileIO(parts[PROJECT_PART], raise_defects=olefile.DEFECT_POTENTIAL) as container:
        assert container.parsing_issues == []
        streams = {"/".join(path) for path in container.listdir()}
    assert streams == {"PROJECT", "PROJECTwm", "VBA/dir", "VBA/_VBA_PROJECT", *(f"VBA/{m.name}" for m in ALL_MODULES)}


def test_openxml_audit_finds_nothing(addin: Path) -> None:
    result = OpenXmlValidator().validate(str(addin))
    assert result.is_valid
    assert not result.errors


def test_content_types(parts: dict[str, bytes]) -> None:
    types = etree.fromstring(parts["[Content_Types].xml"])
    overrides = {each.get("PartName"): each.get("ContentType") for each in types.iter(f"{TYPES}Override")}
    defaults = {each.get("Extension"): each.get("ContentType") for each in types.iter(f"{TYPES}Default")}
    assert overrides["/xl/workbook.xml"] == ADDIN_TYPE.decode()
    assert defaults["bin"] == "application/vnd.ms-office.vbaProject"
    assert {name.lstrip("/") for name in overrides} <= set(parts)
    for name in set(parts) - {"[Content_Types].xml"}:
        assert f"/{name}" in overrides or name.rpartition(".")[2] in defaults, name


def test_relationships_resolve(parts: dict[str, bytes]) -> None:
    reached = set()
    for name in (name for name in parts if name.endswith(".rels")):
        base = PurePosixPath(name).parent.parent
        found = list(etree.fromstring(parts[name]).iter(f"{RELATIONSHIPS}Relationship"))
        assert len({each.get("Id") for each in found}) == len(found), name
        for each in found:
            assert each.get("TargetMode") is None
            reached.add(str(base / each.get("Target")).lstrip("/"))
    assert reached == {name for name in parts if not name.endswith(".rels")} - {"[Content_Types].xml"}


def test_the_ribbon_is_a_part_of_the_package(parts: dict[str, bytes]) -> None:
    found = etree.fromstring(parts["_rels/.rels"]).xpath("//*[@Type=$kind]", kind=RIBBON_RELATIONSHIP)
    assert [each.get("Target") for each in found] == [RIBBON_PART]
    assert b"RibbonTradeAlloc.TA_OnLoad" in parts[RIBBON_PART]


def test_sheets_and_their_modules_have_the_same_names(parts: dict[str, bytes]) -> None:
    names = re.findall(
        rb'<sheetPr codeName="(\w+)"', b"".join(parts[n] for n in sorted(parts) if "worksheets/sheet" in n)
    )
    assert names == [b"Sheet1", b"Sheet2"]
    assert b'codeName="ThisWorkbook"' in parts["xl/workbook.xml"]


@pytest.fixture(scope="module")
def workbook(parts: dict[str, bytes]) -> Workbook:
    """The sheets by openpyxl, which knows no add-ins."""
    types = parts["[Content_Types].xml"].replace(ADDIN_TYPE, WORKBOOK_TYPE)
    return load_workbook(io.BytesIO(zipped({**parts, "[Content_Types].xml": types})))


def test_settings_sheet(workbook: Workbook) -> None:
    sheet = workbook["tradealloc.conf"]
    assert dict(sheet.iter_rows(values_only=True)) == SETTINGS
    assert SETTINGS["UDF MODULES"] == functions_module
    assert SETTINGS["ADD_WORKBOOK_TO_PYTHONPATH"] == "false"
    assert SETTINGS["USE UDF SERVER"] == "true"


def test_examples_show_every_function_with_values(workbook: Workbook) -> None:
    sheet = workbook["Examples"]
    shown = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    formulas = [text for text in shown if isinstance(text, str) and text.startswith("=")]
    assert {text[1:].partition("(")[0] for text in formulas} == {function.name for function in FUNCTIONS}
    assert not [text for text in shown if isinstance(text, str) and text.startswith("#")]
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value in formulas)


def test_the_runtime_is_of_the_installed_xlwings(parts: dict[str, bytes]) -> None:
    from importlib.metadata import version

    runtime = next(module for module in runtime_modules() if module.name == "xlwings")
    assert f'XLWINGS_VERSION As String = "{version("xlwings")}"' in runtime.source
    assert 'PROJECT_NAME As String = "tradealloc"' in runtime.source
    assert "Redistribution and use in source and binary forms" in runtime.source
    assert version("xlwings").encode() in parts["docProps/custom.xml"]


def test_nothing_of_xlwings_pro_is_used() -> None:
    own = "".join(module.source for module in own_modules())
    assert "xlwings.pro" not in own
    assert (runtime_folder() / "xlwings_custom_addin.bas").is_file()


def test_without_xlwings_the_remedy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradealloc_addin.build.runtime.find_spec", lambda _: None)
    with pytest.raises(WorkbookError, match=r'xlwings isn\'t installed.*pip install "tradealloc\[excel\]"'):
        build_xlam(tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_runtime_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xlwings_custom_addin.bas").write_text("' another runtime\n")
    monkeypatch.setattr("tradealloc_addin.build.runtime.runtime_folder", lambda: tmp_path)
    with pytest.raises(WorkbookError, match="doesn't know"):
        build_xlam(tmp_path / "tradealloc.xlam")


def test_targets_that_can_not_be(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"must end in \.xlam"):
        build_xlam(tmp_path / "tradealloc.xlsm")
    with pytest.raises(WorkbookError, match="can't be written"):
        build_xlam(tmp_path / "nowhere" / "tradealloc.xlam")
