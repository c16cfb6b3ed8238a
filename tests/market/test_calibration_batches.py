"""Means of correlated samples: the formula, the coverage, and what counts as one observation."""

from __future__ import annotations

import numpy as np
import pytest

from tradealloc.market.calibration.batches import batch_means, t_quantile, without_idle


def test_equal_batches_give_the_textbook_error() -> None:
    values = np.array([1.0, 3.0, 2.0, 6.0, 4.0, 4.0, 0.0, 2.0])[:, None]
    means = batch_means(values, np.repeat(np.arange(4), 2))
    batches = np.array([2.0, 4.0, 4.0, 1.0])
    assert means.mean == pytest.approx(batches.mean())
    assert means.error == pytest.approx(batches.std(ddof=1) / 2)
    assert (means.samples, means.batches) == (8, 4)


def test_rows_with_a_gap_dont_count_and_few_batches_have_no_error() -> None:
    values = np.array([1.0, np.nan, 3.0, 5.0])[:, None]
    means = batch_means(values, np.array([0, 0, 1, 2]))
    assert means.mean == pytest.approx(3.0)
    assert (means.samples, means.batches) == (3, 3)
    assert np.isnan(means.error).all()
    empty = batch_means(np.full((3, 2), np.nan), np.zeros(3, np.int64))
    assert empty.samples == 0
    assert np.isnan(empty.mean).all()


def test_intervals_cover_under_correlation_where_the_plain_error_fails() -> None:
    """AR(1) samples of correlation 0.6: 90 % intervals hold the mean 85 to 95 % of the time over 2,000 runs."""
    rng = np.random.default_rng(3)
    held = plain = 0
    for _ in range(2000):
        shocks = rng.standard_normal(80)
        series = np.empty(80)
        series[0] = shocks[0] / 0.8
        for index in range(1, 80):
            series[index] = 0.6 * series[index - 1] + shocks[index]
        means = batch_means(series[:, None], np.arange(80) // 8)
        held += abs(means.mean[0]) <= float(t_quantile(means.batches, 0.9)) * means.error[0]
        plain += abs(means.mean[0]) <= 1.66 * series.std(ddof=1) / np.sqrt(80)
    assert 0.85 <= held / 2000 <= 0.95
    assert plain / 2000 < 0.75


def test_a_book_that_stands_still_is_one_observation() -> None:
    batch = np.repeat(np.arange(5), 3)
    still = np.full((15, 2), 7.0)
    assert without_idle(still, batch).tolist() == [0] * 15
    moving = np.arange(30.0).reshape(15, 2)
    assert without_idle(moving, batch + 4).tolist() == batch.tolist()
    twice = still.copy()
    twice[6:] = 8.0  # changes at the start of batch 2 only
    assert without_idle(twice, batch).tolist() == [0] * 6 + [1] * 9
