"""The day profile and its file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradealloc.errors import InputError, WorkbookError
from tradealloc.market.profile import COLUMNS, DayProfile, read_profile
from tradealloc.workbook.interval_file import read_intervals

STARTS = (dt.time(9, 30), dt.time(9, 31), dt.time(9, 32))
NUMBERS = st.floats(min_value=1e-12, max_value=1e12)


def profile(**known: list[float]) -> DayProfile:
    costs = {"beta": [1e-5, 2e-5, 3e-5], "half_spread": [0.03, 0.02, 0.01]}
    return DayProfile.of(STARTS, {name: np.array(values) for name, values in {**costs, **known}.items()})


@given(values=st.lists(NUMBERS, min_size=3, max_size=3))
def test_what_is_written_is_read_back_to_the_last_bit(
    values: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("profile") / "p.csv"
    written = profile(volume=values, beta_error=values)
    path.write_text(written.to_csv(), encoding="utf-8")
    read = read_profile(path)
    assert read.starts == STARTS
    for name in COLUMNS.values():
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_a_run_takes_the_file_as_its_intervals(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(profile(volume=[100.0, 200.0, 300.0], max_shares=[5.0, 6.0, 7.0]).to_csv(), encoding="utf-8")
    columns = read_intervals(path)
    assert [cell.value for cell in columns["beta"]] == [1e-5, 2e-5, 3e-5]
    assert [cell.value for cell in columns["half_spread"]] == [0.03, 0.02, 0.01]
    assert [cell.value for cell in columns["max_shares"]] == [5.0, 6.0, 7.0]
    assert [cell.value for cell in columns["start"]] == list(STARTS)
    assert all(cell.is_blank for cell in columns["volatility"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "p.csv holds no intervals"),
        ("Start,Beta\n09:30,1\n", "p.csv has no column HalfSpread"),
        ("Start,Beta,HalfSpread\n09:30,1,x\n", "p.csv row 2, column HalfSpread is 'x'"),
        ("Start,Beta,HalfSpread\n09:30,,1\n", "p.csv row 2, column Beta is ''"),
        ("Start,Beta,HalfSpread\n09:30,1,1\n9h,1,1\n", "p.csv row 3, column Start is '9h'"),
        ("Start,Beta,HalfSpread,Volume\n09:30,1,1,nan\n", "p.csv row 2, column Volume is 'nan'"),
    ],
)
def test_a_bad_file_is_named_with_row_and_column(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_profile(path)
    assert str(caught.value).startswith(sentence)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="doesn't exist"):
        read_profile(tmp_path / "none.csv")


def test_columns_of_another_length_are_refused() -> None:
    with pytest.raises(InputError, match="volume has shape"):
        profile(volume=[1.0])
