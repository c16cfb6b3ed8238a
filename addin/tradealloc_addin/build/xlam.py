"""tradealloc.xlam: the VBA project, the settings sheet, the examples and the ribbon in one file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tradealloc.errors import WorkbookError

from ..vba.generator import MODULE, wrappers
from .files import replace_file
from .ovba import CODE_PAGE, Kind, Module, vba_project
from .package import as_addin
from .runtime import runtime_modules
from .sheets import SHEETS, workbook_with

ADDIN = Path(__file__).parents[1]
VBA = ADDIN / "vba"
RIBBON = ADDIN / "ribbon" / "customUI14.xml"
PROJECT_NAME = "TradeAlloc"


def own_modules() -> tuple[Module, ...]:
    """Our modules: the document modules, the generated wrappers and the text files."""
    documents = (
        Module("ThisWorkbook", Kind.WORKBOOK, _source("ThisWorkbook.cls")),
        *(Module(f"Sheet{number}", Kind.SHEET) for number in range(1, len(SHEETS) + 1)),
    )
    standard = sorted(path.stem for path in VBA.glob("*.bas"))
    return (
        *documents,
        Module(MODULE, Kind.STANDARD, wrappers()),
        *(Module(name, Kind.STANDARD, _source(f"{name}.bas")) for name in standard),
    )


def addin_bytes(modules: Iterable[Module] | None = None) -> bytes:
    """The add-in as bytes, of these modules or of ours with xlwings' runtime."""
    chosen = (*own_modules(), *runtime_modules()) if modules is None else tuple(modules)
    return as_addin(workbook_with(vba_project(chosen, PROJECT_NAME)), RIBBON.read_bytes())


def build_xlam(target: Path) -> Path:
    """Write the add-in; returns its path.

    Raises
    ------
    WorkbookError
        xlwings or XlsxWriter is missing, or the file can't be written (Excel holds it open, say).
    """
    path = target / "tradealloc.xlam" if target.is_dir() else target
    if path.suffix.lower() != ".xlam":
        raise WorkbookError(f"{path} must end in .xlam, else Excel doesn't take it for an add-in")
    replace_file(path, addin_bytes(), "close Excel if it has the add-in open, or choose another folder")
    return path


def _source(name: str) -> str:
    return (VBA / name).read_text(CODE_PAGE)
