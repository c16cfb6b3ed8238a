"""Allocation pattern, against numbers recomputed by hand."""

import numpy as np
import pytest

import tradealloc as ta


def test_by_hand() -> None:
    pattern = ta.allocation_pattern([4.0, 1.0, 3.0, 2.0])
    assert (pattern.mean, pattern.minimum, pattern.maximum) == (2.5, 1.0, 4.0)
    assert pattern.std == pytest.approx(np.sqrt(1.25))  # population: ((1.5)^2 + (1.5)^2 + 0.5^2 + 0.5^2) / 4
    assert pattern.cv == pytest.approx(np.sqrt(1.25) / 2.5)
    assert pattern.best_half == pytest.approx(0.7)
    assert pattern.effective_intervals == pytest.approx(100 / 30)


def test_middle_interval_counts_half() -> None:
    assert ta.allocation_pattern([1.0, 1.0, 1.0]).best_half == pytest.approx(0.5)
    assert ta.allocation_pattern([5.0]).best_half == pytest.approx(0.5)


def test_equal_shares_are_as_many_as_they_are() -> None:
    assert ta.allocation_pattern(np.full(390, 7.0)).effective_intervals == pytest.approx(390)


@pytest.mark.parametrize("bad", [[-1.0, 2.0], [], [0.0, 0.0], [float("nan")]])
def test_refuses_what_is_no_allocation(bad: list[float]) -> None:
    with pytest.raises(ta.InputError):
        ta.allocation_pattern(bad)
