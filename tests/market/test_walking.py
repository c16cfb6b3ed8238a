"""Walking the book against a loop over single shares."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradealloc.errors import InputError
from tradealloc.market import SyntheticMarket, snapshots, walk, walk_asks, walk_bids, walk_many

books = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30)), min_size=1, max_size=6)


def share_by_share(prices: list[float], sizes: list[int], shares: int) -> float:
    """Average of the prices of single shares; NaN where they run out."""
    queue = [price for price, size in zip(prices, sizes, strict=True) for _ in range(size)]
    return sum(queue[:shares]) / shares if shares <= len(queue) else math.nan


@given(books, st.integers(1, 80))
def test_equals_buying_share_by_share(levels: list[tuple[int, int]], shares: int) -> None:
    prices, sizes = sorted(100 + price / 100 for price, _ in levels), [size for _, size in levels]
    price, depth = walk(prices, sizes, shares)
    assert depth == sum(sizes)
    assert price == pytest.approx(share_by_share(prices, sizes, shares), nan_ok=True)


@given(st.lists(books, min_size=1, max_size=4), st.lists(st.integers(1, 80), min_size=1, max_size=4))
def test_many_books_and_sizes_are_single_walks(many: list[list[tuple[int, int]]], shares: list[int]) -> None:
    levels = max(len(book) for book in many)
    prices, sizes = np.full((len(many), levels), np.nan), np.zeros((len(many), levels))
    for row, book in enumerate(many):
        for level, (price, size) in enumerate(sorted(book)):
            sizes[row, level] = size
            prices[row, level] = price if size else np.nan
    price, depth = walk_many(prices, sizes, shares)
    for row in range(len(many)):
        for column, wanted in enumerate(shares):
            alone = walk(prices[row], sizes[row], wanted)
            assert price[row, column] == pytest.approx(alone[0], nan_ok=True)
            assert depth[row] == alone[1]


def test_beyond_the_depth_is_no_price() -> None:
    price, depth = walk([10.0, 11.0], [5, 5], 10)
    assert (price, depth) == (10.5, 10)
    price, depth = walk([10.0, 11.0], [5, 5], 10.01)
    assert math.isnan(price)
    assert depth == 10


def test_slippage_is_positive_on_both_sides_and_against_the_mid() -> None:
    standing = snapshots(SyntheticMarket().day(1))
    buys, sells = walk_asks(standing, [1, 500]), walk_bids(standing, [1, 500])
    assert (buys.slippage > 0).all()
    assert (sells.slippage > 0).all()
    np.testing.assert_allclose(buys.slippage[:, 0], standing.half_spread, atol=1e-12)
    np.testing.assert_allclose(sells.slippage[:, 0], standing.half_spread, atol=1e-12)
    assert (buys.slippage[:, 1] >= buys.slippage[:, 0]).all()


@pytest.mark.parametrize(
    ("prices", "sizes", "shares", "says"),
    [
        ([10.0, 11.0], [5], 1, "shape"),
        ([10.0], [-5], 1, "negative"),
        ([float("nan")], [5], 1, "NaN at a level"),
        ([10.0], [5], 0, "above 0"),
        ([10.0], [5], float("nan"), "NaN"),
    ],
)
def test_bad_books_are_refused(prices: list[float], sizes: list[float], shares: float, says: str) -> None:
    with pytest.raises(InputError, match=says):
        walk(prices, sizes, shares)
