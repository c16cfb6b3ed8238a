"""From whatever a caller passes to clean float arrays, or an error that names the position."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LARGEST = 1e75
"""Numbers beyond this (or, where positive is asked, below its inverse) are typing errors, not markets.

The cube of it is still a float, so that costs can't overflow."""


def numbers(
    value: ArrayLike,
    argument: str,
    *,
    above: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    infinite: bool = False,
) -> Floats:
    """Check and convert a scalar or one-dimensional input.

    Parameters
    ----------
    value
        Scalar (kept zero-dimensional) or sequence of numbers.
    argument
        Its public name, for the error.
    above, minimum, maximum
        Exclusive lower, inclusive lower and inclusive upper bound of every element.
    infinite
        Whether +inf is allowed ("no limit").

    Returns
    -------
    ndarray of shape () or (n,), read-only float64

    Raises
    ------
    InputError
        With the position and value of the first bad element and what to do about it.
    """
    array = value if isinstance(value, np.ndarray) and value.dtype == np.float64 else converted(value, argument)
    if array.ndim == 0:
        low = high = float(array)
    else:
        if array.ndim > 1:
            raise InputError(f"has shape {array.shape}: give one number per interval", argument=argument)
        if array.size == 0:
            raise InputError("is empty: give at least one interval", argument=argument)
        low, high = float(np.minimum.reduce(array)), float(np.maximum.reduce(array))
    floor_kept = low > above if above is not None else low >= (minimum if minimum is not None else -LARGEST)
    tiny = above == 0 and low < 1 / LARGEST
    ceiling = maximum if maximum is not None else (math.inf if infinite else LARGEST)
    if not (floor_kept and high <= ceiling) or tiny:
        raise _bad_element(array, argument, above=above, minimum=minimum, ceiling=ceiling)
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def scalar(value: object, argument: str, **bounds: Any) -> float:
    """A single number under the same rules as `numbers`."""
    array = numbers(value, argument, **bounds)  # type: ignore[arg-type]
    if array.ndim:
        raise InputError(f"has {array.size} values: give one number", argument=argument, value=value)
    return float(array)


def flags(value: ArrayLike, argument: str) -> Bools:
    """A scalar or sequence of true/false."""
    array = np.asarray(value)
    if array.dtype != np.bool_:
        raise InputError("must be true or false for each interval", argument=argument, value=value)
    if array.ndim > 1:
        raise InputError(f"has shape {array.shape}: give one flag per interval", argument=argument)
    return array


def converted(value: object, argument: str) -> Floats:
    """An array of floats of any shape, or `InputError` with the (flat) position of what isn't a number."""
    if isinstance(value, float):
        return np.array(value)
    try:
        raw = np.asarray(value)
    except ValueError:
        raise InputError("has rows of different lengths: give one number per interval", argument=argument) from None
    if raw.dtype.kind not in "fiu":
        raw = np.asarray(value, dtype=object)  # numbers among text keep their type
        for position, element in enumerate(raw.reshape(-1).tolist()):
            problem = _not_a_number(element)
            if problem:
                where = position if raw.ndim else None
                raise InputError(problem, argument=argument, position=where, value=element)
    with np.errstate(over="ignore"):
        return raw.astype(np.float64)


def _not_a_number(element: object) -> str:
    if element is None:
        return "is blank: give a number"
    if isinstance(element, Decimal):
        return (
            f"arrived as the decimal {element}: currency-formatted cells are cut to four decimals on their way; "
            "format the cells as Number"
        )
    if isinstance(element, (bool, np.bool_)):
        return f"is {element}: give a number"
    if isinstance(element, Real):
        return "is too large: give a number" if _overflows(element) else ""
    return f"is {element!r}: give a number"


def _overflows(element: Real) -> bool:
    try:
        float(element)
    except OverflowError:
        return True
    return False


def _bad_element(
    array: Floats, argument: str, *, above: float | None, minimum: float | None, ceiling: float
) -> InputError:
    flat = array.reshape(-1)
    good = flat <= ceiling
    if above is not None:
        good &= flat > above
        if above == 0:
            good &= flat >= 1 / LARGEST
    else:
        good &= flat >= (minimum if minimum is not None else -LARGEST)
    position = int(np.argmin(good))
    element = float(flat[position])
    wanted = _wanted(above, minimum, ceiling)
    if math.isfinite(element) and (abs(element) > LARGEST or (above == 0 and 0 < element < 1 / LARGEST)):
        least = 1 / LARGEST if above == 0 else -LARGEST if minimum is None else 0
        wanted = f"a number between {least:g} and {LARGEST:g}"
    found = "not a number (NaN)" if math.isnan(element) else f"{element:g}"
    problem = f"is {found}: give {wanted}"
    return InputError(problem, argument=argument, position=position if array.ndim else None, value=element)


def _wanted(above: float | None, minimum: float | None, ceiling: float) -> str:
    floor = f"above {above:g}" if above is not None else f"of at least {minimum:g}" if minimum is not None else ""
    roof = "" if math.isinf(ceiling) else "finite" if ceiling == LARGEST else f"at most {ceiling:g}"
    if roof == "finite":
        return f"a finite number {floor}".rstrip()
    return f"a number {floor}{' and ' if floor and roof else ''}{roof}".rstrip()
