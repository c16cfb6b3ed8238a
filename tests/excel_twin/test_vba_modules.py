"""Our VBA in LibreOffice: every module parses, and the ribbon's callbacks do what they should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tradealloc_addin.build.ovba import Kind, vba_project
from tradealloc_addin.build.sheets import SHEETS, workbook_with
from tradealloc_addin.build.xlam import PROJECT_NAME, build_xlam, own_modules

from .vba_twin import LIBRARY, STUBS, MacroOffice, call_basic, macro_office, twin_modules

MODULES = {module.name: module for module in own_modules()}
HOME = r"C:\Users\ann\AppData\Roaming\Microsoft\Excel\XLSTART\tradealloc.xlam"

Basic = Callable[..., Any]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MacroOffice]:
    with macro_office(tmp_path_factory.mktemp("macros")) as running:
        yield running


@pytest.fixture
def basic(office: MacroOffice, tmp_path: Path) -> Iterator[Basic]:
    """Calls a macro of TwinCalls in a workbook that holds all modules, freshly opened."""
    path = tmp_path / "twin.xlsm"
    path.write_bytes(workbook_with(vba_project(twin_modules(), LIBRARY)))
    document = office.open(path)
    yield lambda name, *arguments: call_basic(document, f"{LIBRARY}.TwinCalls.{name}", *arguments)
    document.close(True)


@pytest.mark.parametrize("name", MODULES)
def test_module_parses_alone(office: MacroOffice, name: str) -> None:
    assert office.compiles(MODULES[name].text())


@pytest.mark.parametrize("path", sorted(STUBS.iterdir()), ids=lambda path: path.stem)
def test_stub_parses_alone(office: MacroOffice, path: Path) -> None:
    module = next(m for m in twin_modules() if m.name == path.stem.replace("StubXlwings", "xlwings"))
    assert office.compiles(module.text())


@pytest.mark.parametrize("broken", ["Public Function X(\nEnd Function\n", "Sub X()\n    If True The\nEnd Sub\n"])
def test_the_canary_notices_what_does_not_parse(office: MacroOffice, broken: str) -> None:
    assert not office.compiles("Option Explicit\n" + broken)


def test_a_click_runs_the_command_of_its_tag(basic: Basic) -> None:
    assert basic("StatusLabel") == "Ready"
    assert basic("ClickOn", "optimise_selection") == (
        "import tradealloc_addin.commands as c; c.run('optimise_selection')"
    )
    label = basic("StatusLabel")
    assert label.startswith("Last: Optimise selection ")
    assert len(label.rpartition(" ")[2].split(":")) == 3


@pytest.mark.parametrize("tag", ["doctor", "sensitivity"])
def test_a_command_that_fails_says_so(basic: Basic, tag: str) -> None:
    """Whether Python didn't answer, or answered that the command failed."""
    basic("ClickOn", tag)
    assert basic("StatusLabel").startswith(f"Failed: {tag.capitalize()} ")


def test_undo_is_offered_after_a_run_that_wrote_and_for_its_workbook(basic: Basic) -> None:
    basic("ClickOn", "sensitivity")
    assert basic("IsUndoable", "") is False
    basic("ClickOn", "optimise")
    assert basic("IsUndoable", r"C:\desk\other.xlsx") is False
    assert basic("IsUndoable", "") is True
    assert "c.run('undo')" in basic("PressUndo")


def test_commands_are_enabled_while_a_workbook_is_open(basic: Basic) -> None:
    assert basic("IsEnabled", "optimise") is True
    assert basic("IsEnabled", "new_blotter") is True


@pytest.mark.parametrize(
    ("link", "stray"),
    [
        (HOME, False),
        (HOME.upper(), False),
        (HOME.replace("ann", "bob"), True),
        ("https://bank-my.sharepoint.com/personal/bob/tradealloc.xlam", True),
        (r"C:\desk\prices.xlsx", False),
        (r"C:\desk\my_tradealloc.xlam", False),
    ],
)
def test_only_links_to_the_add_in_elsewhere_are_relinked(basic: Basic, link: str, stray: bool) -> None:
    assert basic("IsStray", link, HOME) is stray


def test_the_add_in_itself_opens_with_every_module(office: MacroOffice, tmp_path: Path) -> None:
    document = office.open_addin(build_xlam(tmp_path))
    try:
        library = document.BasicLibraries.getByName(PROJECT_NAME)
        assert set(library.ElementNames) == {*MODULES, "xlwings", "Dictionary"}
        assert "Public Function OPTALLOC_CHECK(" in library.getByName("TradeAllocFunctions")
        assert set(document.Sheets.ElementNames) == set(SHEETS)
    finally:
        document.close(True)


def test_document_modules_carry_what_excel_expects() -> None:
    assert [module.name for module in MODULES.values() if module.kind.is_document] == [
        "ThisWorkbook",
        "Sheet1",
        "Sheet2",
    ]
    assert MODULES["ThisWorkbook"].kind is Kind.WORKBOOK
