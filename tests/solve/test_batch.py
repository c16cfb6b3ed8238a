"""Many orders at once give what each gives alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tradealloc as ta

from .strategies import THOROUGH, arrays_of, magnitudes


@st.composite
def batches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    orders, n = draw(st.integers(1, 5)), draw(st.integers(1, 15))
    cells = orders * n

    def table(element: st.SearchStrategy[float]) -> np.ndarray:
        return draw(arrays_of(element, cells)).reshape(orders, n)

    shares = draw(arrays_of(magnitudes(0, 12), orders))
    beta = table(draw(st.sampled_from([magnitudes(-12, 3), magnitudes(-5, -3)])))
    options: dict[str, Any] = {}
    spread = draw(st.sampled_from(["none", "table", "row", "almost equal"]))
    if spread == "table":
        options["half_spread"] = table(magnitudes(-6, 3))
    if spread == "row":
        options["half_spread"] = draw(arrays_of(magnitudes(-6, 3), n))
    if spread == "almost equal":
        options["half_spread"] = 100.0 * (1 + 1e-13 * table(st.floats(0, 1)))
    unit = (shares / n)[:, np.newaxis]
    if draw(st.booleans()):
        options["max_shares"] = unit * table(magnitudes(0.1, 2))
    if draw(st.booleans()):
        options["min_shares"] = unit * table(magnitudes(-3, -0.01))
    return shares, beta, options


@THOROUGH
@given(batch=batches())
def test_row_by_row(batch: tuple[np.ndarray, np.ndarray, dict[str, Any]]) -> None:
    shares, beta, options = batch
    schedules = ta.solve_many(shares, beta, **options)
    for row, total in enumerate(shares):
        own = {name: np.broadcast_to(value, beta.shape)[row] for name, value in options.items()}
        impact = ta.LinearImpact(beta[row], own.pop("half_spread", 0.0))
        alone = ta.solve(ta.Problem(total, impact, ta.Limits(**own)), "dual")
        assert schedules[row].sum() == pytest.approx(total, rel=1e-9)
        assert (schedules[row] >= alone.problem.bounds.lower).all()
        assert (schedules[row] <= alone.problem.bounds.upper).all()
        assert impact.cost(schedules[row]).sum() == pytest.approx(alone.cost, rel=1e-9)


def test_one_row_of_betas_for_all_orders() -> None:
    schedules = ta.solve_many([100, 200], [1e-4, 2e-4, 4e-4])
    np.testing.assert_allclose(schedules, np.outer([100, 200], np.array([4, 2, 1]) / 7), rtol=1e-14)


def test_scalars() -> None:
    np.testing.assert_allclose(ta.solve_many(100, 1e-4), [[100]])


@pytest.mark.parametrize(
    ("arguments", "argument", "position", "sentence"),
    [
        (([100, -1], [1e-4]), "shares", 1, "is -1: give a finite number above 0"),
        (([100, np.nan], [1e-4]), "shares", 1, "not a number"),
        (([100, None], [1e-4]), "shares", 1, "is blank"),
        (([100, "x"], [1e-4]), "shares", 1, "is 'x': give a number"),
        (([[100, 1]], [1e-4]), "shares", None, "has shape"),
        (([], [1e-4]), "shares", None, "is empty"),
        (([100], [[1e-4, 0.0]]), "beta", 1, "is 0: give a finite number above 0"),
        (([100, 100], [[1e-4], [np.inf]]), "beta", 1, "is inf"),
        (([100, 100, 100], [[1e-4], [1e-4]]), "beta", None, "has shape (2, 1) for 3 orders"),
        (([100], [[1e-4, 1e-4], [1e-4]]), "beta", None, "rows of different lengths"),
    ],
)
def test_bad_input(arguments: Any, argument: str, position: int | None, sentence: str) -> None:
    with pytest.raises(ta.InputError) as caught:
        ta.solve_many(*arguments)
    assert (caught.value.argument, caught.value.position) == (argument, position)
    assert sentence in str(caught.value)


def test_bad_limits() -> None:
    with pytest.raises(ta.InputError, match=r"half_spread\[1\] is -1"):
        ta.solve_many([100], [1e-4, 1e-4], half_spread=[0, -1])
    with pytest.raises(ta.InputError, match="doesn't fit"):
        ta.solve_many([100], [1e-4, 1e-4], max_shares=[1, 2, 3])


@pytest.mark.parametrize(
    ("options", "sentence", "short"),
    [
        ({"max_shares": [[900, 900], [100, 50]]}, "order 2: caps fall short of 200 by 50 shares", 50),
        ({"min_shares": [[0, 0], [100, 150]]}, "order 2: minimums exceed the order of 200 by 50 shares", 50),
        ({"min_shares": 50, "max_shares": [[900, 900], [40, 900]]}, "order 2: min_shares is above max_shares", 10),
    ],
)
def test_infeasible(options: dict[str, Any], sentence: str, short: float) -> None:
    with pytest.raises(ta.InfeasibleError) as caught:
        ta.solve_many([100, 200], [1e-4, 2e-4], **options)
    assert str(caught.value).startswith(sentence)
    assert caught.value.short == pytest.approx(short)
