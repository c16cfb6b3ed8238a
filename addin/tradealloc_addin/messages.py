"""What the trader reads: progress in the status bar, and one sentence where something went wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tradealloc.errors import TradeallocError

from .live_cells import is_busy
from .log import get_log, log_path

if TYPE_CHECKING:
    import xlwings as xw

TITLE = "TradeAlloc"

BUSY = "Excel is busy: finish the cell that you are typing in (Enter or Esc), close open dialogs, and try again."

IN_RIBBON_WORDS = {
    "or name the range with --beta-range": "or press Optimise selection",
    "or use --write-to": "or press Optimise selection",
    "check --now or the fill": "check this computer's clock or the fill",
    "add it, or give the fills with --fills FILE.csv": "close the workbook and run  tradealloc upgrade  to add it",
    "runs as it is: tradealloc run": "runs as it is: press Optimise in",
    "--market": "market data",
}
"""What the command line advises, and what the ribbon has instead."""


def explain(error: Exception, command: str) -> str:
    """The sentence for an error; what nobody foresaw goes to the log in full."""
    if isinstance(error, TradeallocError):
        text = str(error)
        for typed, pressed in IN_RIBBON_WORDS.items():
            text = text.replace(typed, pressed)
        get_log().info("%s: %s", command, text)
        return text
    if is_busy(error):
        return BUSY
    get_log().error("%s", command, exc_info=error)
    reason = _excel_says(error) or f"{type(error).__name__}: {error}"
    return f"{command} stopped at something unexpected ({' '.join(reason.split())}). Details are in {log_path()}."


def show(app: xw.App, text: str, *, is_error: bool = False) -> None:
    """A message box; where Excel can't even show that, the log has the text."""
    try:
        app.alert(text, TITLE, mode="critical" if is_error else "info")
    except Exception as error:
        get_log().error("%s (not shown: %s)", text, error)


@contextlib.contextmanager
def quiet(app: xw.App, title: str) -> Iterator[Callable[[str], None]]:
    """Excel with neither redrawing nor recalculating, progress in its status bar; as it was, afterwards."""
    before = [(name, getattr(app, name)) for name in ("status_bar", "calculation", "screen_updating")]
    try:
        app.screen_updating = False
        app.calculation = "manual"
        yield lambda step: _say(app, f"{TITLE} {title}: {step} ...")
    finally:
        for name, value in before:
            _restore(app, name, value)


def _say(app: Any, text: str) -> None:
    app.status_bar = text


def _restore(app: Any, name: str, value: object) -> None:
    """One setting that can't be put back must not keep the others from it."""
    try:
        setattr(app, name, value)
    except Exception as error:
        get_log().error("%s couldn't be put back (%s)", name, error)


def _excel_says(error: Exception) -> str:
    details = getattr(error, "excepinfo", None)
    return str(details[2] or "") if details and len(details) > 2 else ""
