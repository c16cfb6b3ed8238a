"""Money in whole cents, split so that the parts sum to the whole without remainder.

Cents are int64: sums of them are exact in whatever order and grouping they are taken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError

Floats = NDArray[np.float64]
Cents = NDArray[np.int64]

LARGEST = 2.0**52
"""Cents up to which a double still tells a cent from the next."""


def split_cents(parts: Floats, known: NDArray[np.bool_], whole: Floats) -> tuple[Cents, Cents]:
    """Round parts and whole to cents so that the parts sum to the whole, by largest remainders.

    Parameters
    ----------
    parts
        ndarray of shape (M, K), currency; what isn't known counts as 0 and stays 0.
    known
        ndarray of shape (M, K).
    whole
        ndarray of shape (M,), currency: computed on its own, not as the sum of the parts.

    Returns
    -------
    parts, whole
        int64 cents of shapes (M, K) and (M,). Each differs from the unrounded number by less than a cent.

    Raises
    ------
    InputError
        Parts and whole differ by more than floating point explains.
    """
    values = np.where(known, parts, 0.0) * 100.0
    wholes = whole * 100.0
    if values.size and max(np.abs(values).max(), np.abs(wholes).max()) >= LARGEST:
        raise InputError("amounts to more money than can be told to the cent: give prices in a larger unit")
    sums = values.sum(axis=1)
    allowed = 1e-9 * (1e3 + np.abs(values).sum(axis=1) + np.abs(wholes))
    if (np.abs(sums - wholes) > allowed).any():
        worst = int(np.argmax(np.abs(sums - wholes) - allowed))
        raise InputError(
            f"order {worst + 1}: the parts of its cost sum to {sums[worst] / 100} and not to {whole[worst]}"
        )
    floors = np.floor(values)
    remainders = np.where(known, values - floors, -1.0)
    target = np.clip(np.round(sums), floors.sum(axis=1), floors.sum(axis=1) + known.sum(axis=1))
    short = (target - floors.sum(axis=1)).astype(np.int64)
    rank = np.argsort(np.argsort(-remainders, axis=1, kind="stable"), axis=1, kind="stable")
    cents = floors.astype(np.int64) + (rank < short[:, None])
    return cents, target.astype(np.int64)


def running_cents(values: Floats, group: NDArray[np.int64]) -> Cents:
    """Round values to cents so that those of a group sum to their rounded sum.

    Each value gets the rounded running sum of its group less that before it. Groups may lie in any order.

    Parameters
    ----------
    values
        ndarray of shape (F,), currency.
    group
        ndarray of shape (F,), int64.
    """
    if not len(values):
        return np.empty(0, np.int64)
    order = np.argsort(group, kind="stable")
    sorted_values, sorted_group = values[order] * 100.0, group[order]
    first = np.r_[True, np.diff(sorted_group) != 0]
    starts = np.flatnonzero(first)
    running = np.empty(len(values))
    for begin, end in zip(starts, np.r_[starts[1:], len(values)], strict=True):
        running[begin:end] = np.cumsum(sorted_values[begin:end])
    rounded = np.round(running).astype(np.int64)
    before = np.r_[0, rounded[:-1]]
    before[first] = 0
    cents = np.empty(len(values), np.int64)
    cents[order] = rounded - before
    return cents
