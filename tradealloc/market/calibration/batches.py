"""Means of serially correlated samples, with honest errors: the method of batch means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_BATCHES = 4
"""With fewer a standard error says little."""


@dataclass(frozen=True, eq=False, slots=True)
class Means:
    """Means of C columns.

    Attributes
    ----------
    mean, error
        ndarrays of shape (C,); the error is NaN with fewer than `FEWEST_BATCHES` batches.
    samples, batches
        Rows that count, and batches with at least one.
    """

    mean: Floats
    error: Floats
    samples: int
    batches: int


def batch_means(values: Floats, batch: NDArray[np.int64]) -> Means:
    """Mean of each column and its standard error from means of consecutive samples.

    With B batches of means ``m_b`` of ``n_b`` samples: ``mean = sum n_b m_b / n`` and
    ``error^2 = B/(B-1) sum (n_b/n)^2 (m_b - mean)^2``; for equal batches the usual ``s/sqrt(B)``. Batches that last
    longer than the correlation of neighbouring samples are nearly independent, so the error is about right where
    ``s/sqrt(n)`` is far too small (Schmeiser 1982); quantiles are those of Student's t with B - 1 degrees of freedom.

    Parameters
    ----------
    values
        ndarray of shape (n, C); rows with NaN don't count.
    batch
        ndarray of shape (n,), number of each row's batch, from 0.
    """
    good = ~np.isnan(values).any(axis=1)
    columns, samples = values.shape[1], int(good.sum())
    if not samples:
        return Means(np.full(columns, np.nan), np.full(columns, np.nan), 0, 0)
    kept, index = values[good], batch[good]
    mean = kept.mean(axis=0)
    totals = np.zeros((int(index.max()) + 1, columns))
    np.add.at(totals, index, kept - mean)
    batches = int((np.bincount(index) > 0).sum())
    error = np.full(columns, np.nan)
    if batches >= FEWEST_BATCHES:
        error = np.sqrt(batches / (batches - 1) * (totals**2).sum(axis=0)) / samples
    return Means(mean, error, samples, batches)


def without_idle(values: Floats, batch: NDArray[np.int64]) -> NDArray[np.int64]:
    """Batch numbers in which a batch that brings no change belongs to the one before it.

    A book that stands unchanged for a minute is one observation, not twelve.

    Parameters
    ----------
    values
        ndarray of shape (n, C), in order of time.
    batch
        ndarray of shape (n,), not falling.
    """
    if not len(batch):
        return batch
    moved = np.ones(len(batch), dtype=bool)
    moved[1:] = (values[1:] != values[:-1]).any(axis=1)
    position = batch - batch[0]
    is_alive = np.bincount(position, moved) > 0
    merged = np.cumsum(is_alive)[position] - 1
    return np.asarray(merged, dtype=np.int64)


def t_quantile(batches: NDArray[np.int64] | int, level: float) -> Floats:
    """Half-width, in standard errors, of a two-sided interval that holds the mean with probability `level`."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.maximum(np.asarray(batches) - 1, 1), (1 + level) / 2), dtype=np.float64)
