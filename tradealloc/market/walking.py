"""Walking the book: what a market order of x shares would pay, level by level.

The order takes each level whole until its shares are done: with cumulative depth ``C_k = s_1 + ... + s_k`` the price
paid on average is ``P(x) = sum_k p_k max(0, min(x, C_k) - C_{k-1}) / x``. Beyond the depth of the book there is no
price: NaN, never an extrapolation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradealloc.errors import InputError
from tradealloc.model.arrays import numbers

from .book import BookChunk

Floats = NDArray[np.float64]

_BLOCK = 2_000_000
"""Elements of the largest temporary array."""


@dataclass(frozen=True, eq=False, slots=True)
class Walk:
    """Orders of K sizes walked through M books.

    Attributes
    ----------
    shares
        ndarray of shape (K,), the sizes.
    price
        ndarray of shape (M, K), average price paid; NaN where the book is thinner than the size.
    slippage
        ndarray of shape (M, K), what the average share costs against the mid, currency, positive when it costs; NaN
        where `price` is, or where the book has no mid.
    depth
        ndarray of shape (M,), shares in the book on the side that is walked.
    """

    shares: Floats
    price: Floats
    slippage: Floats
    depth: Floats


def walk(prices: ArrayLike, sizes: ArrayLike, shares: float) -> tuple[float, float]:
    """Average price paid for `shares` against one side of one book.

    Parameters
    ----------
    prices, sizes
        Levels, best first; a level of size 0 is passed over.
    shares
        Above 0.

    Returns
    -------
    price, depth
        The price is NaN where the shares exceed the depth.
    """
    price, depth = walk_many(np.atleast_2d(prices), np.atleast_2d(sizes), [shares])
    return float(price[0, 0]), float(depth[0])


def walk_many(prices: ArrayLike, sizes: ArrayLike, shares: ArrayLike) -> tuple[Floats, Floats]:
    """Average price paid for each of K sizes against one side of each of M books.

    Parameters
    ----------
    prices, sizes
        Arrays of shape (M, L), best level first.
    shares
        K numbers above 0.

    Returns
    -------
    price
        ndarray of shape (M, K); NaN where the size exceeds the depth.
    depth
        ndarray of shape (M,).

    Raises
    ------
    InputError
        The shapes differ, a size of the book is negative, or a level with shares has no price.
    """
    price, size = np.asarray(prices, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    if price.ndim != 2 or price.shape != size.shape:
        raise InputError(
            f"has shape {size.shape} where prices have {price.shape}: give one size a level", argument="sizes"
        )
    if not (size >= 0).all():
        raise InputError("has a negative size or NaN: give the shares of each level", argument="sizes")
    if np.isnan(price[size > 0]).any():
        raise InputError("is NaN at a level with shares: give its price or size 0", argument="prices")
    wanted = np.atleast_1d(numbers(shares, "shares", above=0))
    books, levels = price.shape
    after = np.cumsum(size, axis=1)
    depth = after[:, -1].copy() if levels else np.zeros(books)
    before = after - size
    paid = np.empty((books, len(wanted)))
    step = max(1, _BLOCK // max(1, levels * len(wanted)))
    value = np.where(size > 0, price, 0.0)
    for start in range(0, books, step):
        rows = slice(start, start + step)
        taken = np.clip(wanted[:, None] - before[rows, None, :], 0.0, size[rows, None, :])
        paid[rows] = np.einsum("mkl,ml->mk", taken, value[rows]) / wanted
    # A sum of sizes that are whole numbers is exact; a fraction of a share must not be refused for its last bit.
    paid[wanted > depth[:, None] * (1 + 1e-12)] = np.nan
    return paid, depth


def walk_asks(books: BookChunk, shares: ArrayLike) -> Walk:
    """Buy orders of K sizes through the asks of every book of a chunk."""
    wanted = np.atleast_1d(numbers(shares, "shares", above=0))
    price, depth = walk_many(books.ask_price, books.ask_size, wanted)
    return Walk(wanted, price, price - books.mid[:, None], depth)


def walk_bids(books: BookChunk, shares: ArrayLike) -> Walk:
    """Sell orders of K sizes through the bids of every book of a chunk."""
    wanted = np.atleast_1d(numbers(shares, "shares", above=0))
    price, depth = walk_many(books.bid_price, books.bid_size, wanted)
    return Walk(wanted, price, books.mid[:, None] - price, depth)
