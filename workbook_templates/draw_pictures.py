"""Draws the templates' pictures: ``python workbook_templates/draw_pictures.py [NAME...]``.

Each template is copied, run as ``tradealloc run`` does, printed by LibreOffice, and one page kept in pictures/.
Needs soffice, pdftotext and pdftoppm.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tradealloc.cli import run_command
from tradealloc.templates import DESCRIPTIONS, new_workbook

PICTURES = Path(__file__).parent / "pictures"
SHEETS = {
    "daily_schedule": "Order",
    "live_functions": "Live schedule",
    "blotter": "Summary",
    "what_if": "Trade-offs",
    "post_trade": "Summary",
}
"""The sheet that stands for a template; its first page is drawn."""
RESOLUTION = 110
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""


def draw(name: str, folder: Path) -> Path:
    """Draw one template; returns the picture."""
    book = new_workbook(name, folder / f"{name}.xlsx")
    if run_command(["run", str(book)]):
        raise SystemExit(f"{name} doesn't run")
    printed = to_pdf(book, folder)
    page = 1 + next(n for n, text in enumerate(page_texts(printed)) if text.splitlines()[0].endswith(SHEETS[name]))
    target = PICTURES / name
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(RESOLUTION), "-f", str(page), "-singlefile", str(printed), str(target)],
        check=True,
    )
    return target.with_suffix(".png")


def to_pdf(book: Path, folder: Path) -> Path:
    """Print a workbook through LibreOffice, in a profile of its own that recalculates what it opens."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    install = f"-env:UserInstallation={profile.as_uri()}"
    convert = ["soffice", install, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(convert, check=True, capture_output=True)
    return folder / f"{book.stem}.pdf"


def page_texts(printed: Path) -> list[str]:
    """The text of each page."""
    found = subprocess.run(["pdftotext", "-layout", str(printed), "-"], check=True, capture_output=True, text=True)
    return found.stdout.split("\f")[:-1]


def main(names: list[str]) -> None:
    missing = [tool for tool in ("soffice", "pdftotext", "pdftoppm") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"{', '.join(missing)} isn't installed")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in names or [name for name in DESCRIPTIONS if name in SHEETS]:
            print(draw(name, Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
