"""How the results that stand in a workbook compare with those computed afresh from its inputs."""

from __future__ import annotations

from collections.abc import Mapping

from tradealloc.workbook.book import Book, Cell
from tradealloc.workbook.fields import BY_KEY
from tradealloc.workbook.fingerprint import TOLERANCE
from tradealloc.workbook.outputs import SOUND

from .model import Note


def stored_results(
    book: Book, fingerprint: float, computed: Mapping[str, float | None], search_gap: float = 0.0
) -> tuple[Note, ...]:
    """A warning where the workbook's own results are absent, stale, or other than those computed now.

    Parameters
    ----------
    book
        The workbook.
    fingerprint
        Of its inputs as they stand.
    computed
        Results by the key of their output name; None where there is none.
    search_gap
        Where the best schedule was searched for until the time was up: how far above the best it may be, relative.
        Two such searches end at different schedules, each as good as that.
    """
    mark = _number(book, "fingerprint")
    if mark is None:
        return (Note("The workbook holds no results of a run yet: this page is computed from its inputs.", True),)
    when = book.cell(BY_KEY["run_at"].name)
    since = f" of {when.value}" if when is not None and isinstance(when.value, str) and when.value.strip() else ""
    if abs(fingerprint - mark) > TOLERANCE * abs(fingerprint):
        return (
            Note(
                f"The results in the workbook (run{since}) are STALE: its inputs have changed since. This page is "
                "computed from the inputs as they stand; optimise again to bring the workbook up to date.",
                True,
            ),
        )
    for key, value in computed.items():
        held = _number(book, key)
        if held is None or value is None or abs(held - value) <= SOUND * abs(value):
            continue
        if abs(held - value) <= 2 * search_gap * abs(value):
            return (
                Note(
                    f"The workbook's run{since} found a schedule of {BY_KEY[key].label.lower()} {held:,.6f}, and this "
                    f"page's another of {value:,.6f}: both searches stopped when their time was up."
                ),
            )
        return (
            Note(
                f"The workbook says {BY_KEY[key].label.lower()} {held:,.6f} (run{since}), and this page computes "
                f"{value:,.6f} from the same inputs: optimise again, then look into the difference.",
                True,
            ),
        )
    return ()


def _number(book: Book, key: str) -> float | None:
    cell: Cell | None = book.cell(BY_KEY[key].name)
    value = None if cell is None else cell.value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
