"""A what-if workbook of 12 scenarios, 8 caps and 6 exponents over 390 intervals, measured when TRADEALLOC_BENCH=1."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tradealloc import actions
from tradealloc.workbook.xlsx_book import XlsxBook

SECONDS = 2.0
TEMPLATE = Path(__file__).parents[2] / "workbook_templates" / "what_if.xlsx"

pytestmark = pytest.mark.skipif(os.environ.get("TRADEALLOC_BENCH") != "1", reason="TRADEALLOC_BENCH=1 measures")


def test_open_run_and_save(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(shutil.copy(TEMPLATE, tmp_path / "what_if.xlsx"))
    begun, busy = time.perf_counter(), time.process_time()
    book = XlsxBook.open(path)
    found = actions.optimise(book)
    book.save()
    seconds, processor = time.perf_counter() - begun, time.process_time() - busy
    assert isinstance(found, actions.RunResult)
    assert found.what_if is not None
    counts = (len(found.what_if.scenarios), len(found.what_if.participations), len(found.what_if.exponents))
    assert counts == (12, 8, 6)
    with capsys.disabled():
        print(f"\n{seconds:.2f} s on the clock, {processor:.2f} s of the processor")
    # The processor's time, so that a busy machine doesn't count.
    assert processor <= SECONDS
