"""What can't be used is refused with the argument, its position, its value and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import tradealloc as ta

GOOD = [1e-4, 2e-4, 3e-4]

ARGUMENTS: dict[str, Callable[[Any], object]] = {
    "beta": lambda value: ta.LinearImpact(value),
    "half_spread": lambda value: ta.LinearImpact(GOOD, value),
    "gamma": lambda value: ta.QuadraticImpact(GOOD, value),
    "min_shares": lambda value: ta.Limits(min_shares=value),
    "max_shares": lambda value: ta.Limits(max_shares=value),
    "participation": lambda value: ta.Limits(participation=value, volume=100),
    "volume": lambda value: ta.Limits(volume=value),
    "impact_cap": lambda value: ta.Limits(impact_cap=value),
    "min_clip": lambda value: ta.Limits(min_clip=value),
}
SCALARS: dict[str, Callable[[Any], object]] = {
    "shares": lambda value: ta.Problem(value, ta.LinearImpact(GOOD)),
    "arrival_price": lambda value: ta.Problem(1, ta.LinearImpact(GOOD), arrival_price=value),
    "lot_size": lambda value: ta.Limits(lot_size=value),
    "exponent": lambda value: ta.PowerImpact(GOOD, value),
    "reference_shares": lambda value: ta.PowerImpact.from_linear(GOOD, 0.5, value),
}
POSITIVE = ("beta", "participation", "impact_cap", "shares", "arrival_price", "lot_size", "reference_shares")
OPTIONAL = ("participation", "volume", "impact_cap", "min_clip", "arrival_price", "lot_size")

BAD_ELEMENTS: list[tuple[object, str]] = [
    (None, "is blank: give a number"),
    ("", "is '': give a number"),
    ("0.1", "is '0.1': give a number"),
    (Decimal("0.0001"), "arrived as the decimal 0.0001: currency-formatted cells are cut to four decimals"),
    (True, "is True: give a number"),
    (1 + 2j, "is (1+2j): give a number"),
    (10**400, "is too large"),
]


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize(("element", "sentence"), BAD_ELEMENTS)
def test_an_element_that_is_no_number(argument: str, element: object, sentence: str) -> None:
    values = [0.5, element, 0.5] if not isinstance(element, bool) else [None, element][1:]
    with pytest.raises(ta.InputError) as caught:
        ARGUMENTS[argument](values)
    error = caught.value
    assert error.argument == argument
    assert error.position == (0 if isinstance(element, bool) else 1)
    assert sentence in str(error)
    assert str(error).startswith(argument)


@pytest.mark.parametrize("argument", [*ARGUMENTS, *SCALARS])
@pytest.mark.parametrize(("element", "sentence"), BAD_ELEMENTS)
def test_a_single_value_that_is_no_number(argument: str, element: object, sentence: str) -> None:
    if element is None and argument in OPTIONAL:
        return
    with pytest.raises(ta.InputError) as caught:
        {**ARGUMENTS, **SCALARS}[argument](element)
    assert (caught.value.argument, caught.value.position) == (argument, None)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize("element", [np.nan, np.inf, -np.inf, -1.0, 0.0, 1e80])
def test_an_element_out_of_range(argument: str, element: float) -> None:
    allowed = (
        (element in (np.inf, 1e80) and argument == "max_shares")
        or (element == 0 and argument not in POSITIVE)
        or (element == -1 and argument == "gamma")
    )
    if allowed:
        ARGUMENTS[argument]([0.5, element])
        return
    with pytest.raises(ta.InputError) as caught:
        ARGUMENTS[argument]([0.5, element])
    assert (caught.value.argument, caught.value.position) == (argument, 1)
    assert caught.value.value == pytest.approx(element, nan_ok=True)
    assert "give a" in str(caught.value)
    for values in (np.array([0.5, element]), np.array([0.5, element], dtype=object)):
        with pytest.raises(ta.InputError):
            ARGUMENTS[argument](values)


@pytest.mark.parametrize("argument", SCALARS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1, 0, 0.0, 1e80, [1.0, 2.0], [], "x"])
def test_a_single_value_out_of_range(argument: str, value: object) -> None:
    if argument == "exponent" and value in (0, 0.0) and not isinstance(value, list):
        return
    with pytest.raises(ta.InputError) as caught:
        SCALARS[argument](value)
    assert caught.value.argument == argument


@pytest.mark.parametrize("argument", ARGUMENTS)
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([], "is empty: give at least one interval"),
        (np.empty((0,)), "is empty"),
        ([[0.5, 0.5], [0.5, 0.5]], "has shape (2, 2): give one number per interval"),
        ([[0.5], [0.5, 0.5]], "has rows of different lengths"),
        ({0.5}, "give a number"),
        (object(), "give a number"),
    ],
)
def test_shapes(argument: str, value: object, sentence: str) -> None:
    with pytest.raises(ta.InputError) as caught:
        ARGUMENTS[argument](value)
    assert caught.value.argument == argument
    assert sentence in str(caught.value)


def test_numbers_among_text_keep_their_position() -> None:
    with pytest.raises(ta.InputError) as caught:
        ta.LinearImpact([1e-4, 2e-4, "n/a", 1e-4])
    assert (caught.value.position, caught.value.value) == (2, "n/a")


@pytest.mark.parametrize(
    "value",
    [
        [1, 2, 3],
        (1.0, 2, np.float32(3)),
        np.array([1, 2, 3], dtype=np.int32),
        np.array([1, 2, np.float64(3)], dtype=object),
        [np.int64(1), Fraction(2), 3.0],
        np.arange(1.0, 7.0)[::2] / [1, 1.5, 5 / 3],
        range(1, 4),
    ],
)
def test_any_kind_of_numbers_is_taken(value: Any) -> None:
    np.testing.assert_allclose(ta.LinearImpact(value).vectors["beta"], [1, 2, 3])


def test_participation() -> None:
    with pytest.raises(ta.InputError, match="participation is 10: give a number above 0 and at most 1"):
        ta.Limits(participation=10, volume=100)
    with pytest.raises(ta.InputError, match="participation needs a volume forecast"):
        ta.Limits(participation=0.1)


@pytest.mark.parametrize("value", [1, [1, 0], ["yes"], None.__class__, [[True]]])
def test_tradable(value: Any) -> None:
    with pytest.raises(ta.InputError) as caught:
        ta.Limits(tradable=value)
    assert caught.value.argument == "tradable"


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"impact": 5}, "impact"),
        ({"impact": [1e-4]}, "impact"),
        ({"limits": {"max_shares": 5}}, "limits"),
        ({"limits": None}, "limits"),
        ({"risk": 1e-6}, "risk"),
        ({"unit": "dollars"}, "unit"),
    ],
)
def test_wrong_kinds(arguments: dict[str, Any], argument: str) -> None:
    with pytest.raises(ta.InputError) as caught:
        ta.Problem(**{"shares": 100, "impact": ta.LinearImpact(GOOD), **arguments})
    assert caught.value.argument == argument
    assert ": " in str(caught.value)
