"""Text that a spreadsheet would run is made harmless; all else, numbers above all, stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradealloc.export.csv_file import field_text
from tradealloc.export.text import neutral, original

RISKY = [
    "=1+1", "+SUM(A1)", "-2+3", "@x", "\t=1", "\rx", "\nx", " =1", "\u00a0=1", "\u200e=1",
         "\ufeff=1", "＝1", "＋a", "－a", "＠a",
]  # fmt: skip
HARMLESS = ["ACME", "a=b", "1-2", "", "'quoted", "שלום", "BRK.B", "5", "-5", "+0.5", "-1.5e-3", "x@y"]


@pytest.mark.parametrize("text", RISKY)
def test_risky(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert original(neutral(text)) == text
    assert neutral(f"'{text}") == f"''{text}", "an apostrophe of the user's own comes back too"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless(text: str) -> None:
    assert neutral(text) == text


@given(st.text(st.sampled_from("'=+-@＝ \t\r\n\u200e1.eA")) | st.text())
def test_undone_for_every_text(text: str) -> None:
    assert original(neutral(text)) == text
    assert neutral(text).lstrip("'").lstrip() == text.lstrip("'").lstrip()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_never_touched(number: float) -> None:
    text = field_text(number)
    assert not text.startswith("'")
    assert float(text) == number
