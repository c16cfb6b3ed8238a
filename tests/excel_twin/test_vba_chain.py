"""From a cell's formula through the generated VBA and xlwings' own code to the engine, in LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from addin.cases import CASES, Case, assert_same
from addin.fakewin import excel
from tradealloc_addin.build.examples import EXAMPLES, evaluate
from tradealloc_addin.engine import clear_cache
from tradealloc_addin.spec import FUNCTIONS
from tradealloc_addin.values import NUM, VALUE, ExcelError

from .vba_twin import Bridge, MacroOffice, Twin, macro_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MacroOffice]:
    with macro_office(tmp_path_factory.mktemp("macros")) as running:
        yield running


@pytest.fixture(scope="module")
def bridge(office: MacroOffice) -> Iterator[Bridge]:
    with excel() as running:
        bridge = Bridge(office, running)
        office.offer(Bridge.NAME, bridge)
        yield bridge
        office.withdraw(Bridge.NAME)


@pytest.fixture(scope="module")
def twin(office: MacroOffice, bridge: Bridge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    opened = Twin(office, bridge, tmp_path_factory.mktemp("twin") / "twin.xlsm")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pretend home for the log, and no answers from earlier tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    clear_cache()


def test_every_function_gives_its_example(twin: Twin, bridge: Bridge) -> None:
    bridge.calls.clear()
    for example in EXAMPLES:
        expected = evaluate(example)
        formula = example.formula.replace(", ", ";")
        shown = twin.spill(formula, len(expected), len(expected[0])) if len(expected) > 1 else [[twin.value(formula)]]
        for row, wanted in zip(shown, expected, strict=True):
            for cell, value in zip(row, wanted, strict=True):
                assert cell == (pytest.approx(value, rel=1e-5) if isinstance(value, float) else value), formula
    assert {name for _, name in bridge.calls} == {function.name for function in FUNCTIONS}
    assert {module for module, _ in bridge.calls} == {"tradealloc_addin.functions"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_parity(twin: Twin, case: Case) -> None:
    arguments = ";".join(twin.place(argument) for argument in case.arguments)
    formula = f"={case.function}({arguments})"
    expected = case.expected
    if len(expected) == len(expected[0]) == 1:
        shown = [[twin.value(formula)]]
    else:
        shown = twin.spill(formula, len(expected), len(expected[0]))
    assert_same(shown, case)


def test_a_row_of_betas_gives_a_row(twin: Twin) -> None:
    betas = twin.place(((1e-5, 3e-5),))
    assert twin.spill(f"=OPTALLOC(400;{betas})", 1, 2) == [[pytest.approx(300.0), pytest.approx(100.0)]]


def test_errors_are_excel_errors_with_their_number(twin: Twin) -> None:
    betas = twin.place(((1e-5,), (3e-5,)))
    assert twin.value(f"=OPTALLOC(-5;{betas})") == ExcelError(VALUE)
    assert twin.value(f'=OPTALLOC_IMPACT({betas};{betas};"lots=10")') == ExcelError(VALUE)
    assert twin.value(f'=OPTALLOC(100;{betas};"max_shares=10")') in (ExcelError(NUM), ExcelError(VALUE))


def test_a_dead_python_is_an_error_that_says_so(twin: Twin, bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_: object) -> None:
        raise OSError("no server")

    monkeypatch.setattr(bridge, "invoke", dead)
    betas = twin.place(((1e-5,), (3e-5,)))
    assert twin.value(f"=OPTALLOC(100;{betas})") == ExcelError(VALUE)
    assert "tradealloc addin doctor" in twin.value(f"=OPTALLOC_CHECK(100;{betas})")
