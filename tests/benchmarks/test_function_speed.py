"""Speed of the spreadsheet functions as their hosts call them: ``TRADEALLOC_BENCH=1 pytest tests/benchmarks``."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import pytest
from addin.cases import S, column, day
from addin.fakewin import excel
from excel_twin.addin_office import read, start_or_skip
from excel_twin.calc import Book

FORMULAS, INTERVALS = 500, 390


@pytest.fixture(autouse=True)
def _only_on_request(request: pytest.FixtureRequest) -> None:
    if os.environ.get("TRADEALLOC_BENCH") != "1" and not request.config.getoption("benchmark_enable"):
        pytest.skip("timed: set TRADEALLOC_BENCH=1 to run")


@pytest.mark.parametrize(("intervals", "most_ms"), [(390, 2.0), (10_000, 20.0)])
@pytest.mark.parametrize("half_spread", [None, 0.01], ids=["closed form", "dual"])
def test_through_call_udf(
    capsys: pytest.CaptureFixture[str], intervals: int, most_ms: float, half_spread: float | None
) -> None:
    """Another size each time, so that no answer comes from the cache."""
    betas = column(day(intervals))
    with excel() as xl:
        times = []
        for call in range(40):
            arguments = xl.variants((S + call, betas, None, half_spread))
            begun = time.perf_counter()
            xl.evaluate("OPTALLOC", arguments)
            times.append((time.perf_counter() - begun) * 1e3)
    median = statistics.median(times)
    with capsys.disabled():
        print(f"\nOPTALLOC of {intervals} betas, half-spread {half_spread}: median {median:.2f} ms")
    assert median <= most_ms


def test_many_formulas_in_calc(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """500 array formulas of 390 cells, each with a size of its own, recalculated after the betas changed."""
    office = start_or_skip(tmp_path)
    try:
        book = Book(office)
        sheet = book.sheets[0]
        betas = sheet.getCellRangeByName(f"A1:A{INTERVALS}")
        betas.setDataArray(column(day(INTERVALS)))
        areas = [sheet.getCellRangeByPosition(n + 1, 0, n + 1, INTERVALS - 1) for n in range(FORMULAS)]
        for number, area in enumerate(areas):
            area.setArrayFormula(f"=OPTALLOC({1000 + number};A1:A{INTERVALS})")
        book.document.enableAutomaticCalculation(False)
        betas.setDataArray(column(day(INTERVALS, seed=8)))
        begun = time.perf_counter()
        book.recalculate()
        seconds = time.perf_counter() - begun
        totals = [sum(row[0] for row in read(area)) for area in areas]
        book.close()
    finally:
        office.stop()
    with capsys.disabled():
        print(f"\n{FORMULAS} formulas of {INTERVALS} cells recalculated in {seconds:.2f} s")
    assert totals == pytest.approx([1000 + number for number in range(FORMULAS)], rel=1e-12)
    assert seconds <= 5.0
