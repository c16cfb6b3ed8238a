"""Many orders at once: the dual solver, vectorised over orders as well as intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tradealloc.errors import InfeasibleError, InputError
from tradealloc.model import LinearImpact
from tradealloc.model.arrays import LARGEST, Floats, converted
from tradealloc.model.limits import plain
from tradealloc.model.problem import FEASIBILITY

from .dual import equilibrium

STEPS = 200
ROUNDING = 16 * np.finfo(np.float64).eps


def solve_many(
    shares: ArrayLike,
    beta: ArrayLike,
    *,
    half_spread: ArrayLike = 0.0,
    min_shares: ArrayLike = 0.0,
    max_shares: ArrayLike = np.inf,
) -> Floats:
    """Optimal schedules of M orders under linear impact ``I_t(x) = h_t + beta_t x``.

    Parameters
    ----------
    shares : array of shape (M,)
        Order sizes, > 0.
    beta : array of shape (M, N) or (N,)
        Slopes, impact unit per share, > 0.
    half_spread, min_shares, max_shares
        As in `LinearImpact` and `Limits`; anything that broadcasts to (M, N).

    Returns
    -------
    ndarray of shape (M, N)
        ``clip((mu_m - h) / (2 beta), lo, hi)`` with the multiplier ``mu_m`` at which row m sums to its order: the
        dual solver of Boyd and Vandenberghe, "Convex Optimization", 5.5.3, on all rows at once.

    Raises
    ------
    InputError
        With the (flat) position of the first bad value.
    InfeasibleError
        Naming the first order that its limits can't trade.
    """
    sizes = np.atleast_1d(_checked(shares, "shares", strict=True))
    slopes = np.atleast_2d(_checked(beta, "beta", strict=True))
    if sizes.ndim != 1:
        raise InputError(f"has shape {sizes.shape}: give one size per order", argument="shares")
    if slopes.ndim != 2 or slopes.shape[0] not in (1, sizes.size):
        raise InputError(f"has shape {slopes.shape} for {sizes.size} orders: give one row per order", argument="beta")
    shape = (sizes.size, slopes.shape[1])
    spread, lower, upper = (
        _broadcast(value, name, shape)
        for value, name in ((half_spread, "half_spread"), (min_shares, "min_shares"), (max_shares, "max_shares"))
    )
    _check_feasible(sizes, lower, upper)
    per_price = np.broadcast_to(0.5 / slopes, shape)
    return _equilibria(sizes, per_price, spread, lower, upper)


def _equilibria(sizes: Floats, per_price: Floats, spread: Floats, lower: Floats, upper: Floats) -> Floats:
    low, high = np.zeros(sizes.size), np.full(sizes.size, np.inf)
    price = (sizes + (per_price * spread).sum(axis=1)) / per_price.sum(axis=1)
    settled = np.zeros(sizes.size, dtype=np.bool_)
    for step in range(STEPS):
        wanted = (price[:, np.newaxis] - spread) * per_price
        allocation = np.minimum(np.maximum(wanted, lower), upper)
        missing = sizes - allocation.sum(axis=1)
        settled |= np.abs(missing) <= ROUNDING * sizes
        if settled.all():
            break
        low, high = np.where(missing > 0, price, low), np.where(missing > 0, high, price)
        slope = (per_price * (allocation == wanted)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = price + missing / slope
        outside = ~((newton > low) & (newton < high)) | ((step > 30) & (step % 2 == 1))
        middle = np.where(np.isinf(high), 2.0 * price, 0.5 * (low + high))
        following = np.where(outside, middle, newton)
        settled |= (following == low) | (following == high)
        price = np.where(settled, price, following)
    schedules: Floats = allocation
    for row in np.flatnonzero(np.abs(missing) > ROUNDING * sizes):  # between two neighbouring multipliers
        impact = LinearImpact(0.5 / per_price[row], spread[row])
        schedules[row] = equilibrium(impact, float(sizes[row]), lower[row], upper[row])[0]
    return schedules


def _checked(value: ArrayLike, name: str, *, strict: bool) -> Floats:
    array = converted(value, name)
    if array.size == 0:
        raise InputError("is empty: give at least one order and one interval", argument=name)
    good = (array >= 1.0 / LARGEST if strict else array >= 0.0) & (
        (array <= LARGEST) | ((array == np.inf) & (name == "max_shares"))
    )
    if not good.all():
        position = int(np.argmin(good))
        element = float(array.reshape(-1)[position])
        wanted = "a finite number above 0" if strict else "a number of at least 0"
        found = "not a number (NaN)" if np.isnan(element) else f"{element:g}"
        where = position if array.ndim else None
        raise InputError(f"is {found}: give {wanted}", argument=name, position=where, value=element)
    return array


def _broadcast(value: ArrayLike, name: str, shape: tuple[int, int]) -> Floats:
    array = _checked(value, name, strict=False)
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise InputError(f"has shape {array.shape}, which doesn't fit {shape}", argument=name) from None


def _check_feasible(sizes: Floats, lower: Floats, upper: Floats) -> None:
    clash = (lower > upper).any(axis=1)
    if clash.any():
        order = int(np.argmax(clash))
        short = float(np.maximum(lower[order] - upper[order], 0.0).sum())
        raise InfeasibleError(
            f"order {order + 1}: min_shares is above max_shares by {plain(short)} shares: lower one or raise the other",
            limits=("min_shares", "max_shares"),
            short=short,
        )
    _refuse_short(sizes, sizes - upper.sum(axis=1), "max_shares", "caps fall short of {} by {} shares")
    _refuse_short(sizes, lower.sum(axis=1) - sizes, "min_shares", "minimums exceed the order of {} by {} shares")


def _refuse_short(sizes: Floats, short: Floats, limit: str, sentence: str) -> None:
    late = short > FEASIBILITY * sizes
    if late.any():
        order = int(np.argmax(late))
        text = sentence.format(plain(float(sizes[order])), plain(float(short[order])))
        raise InfeasibleError(f"order {order + 1}: {text}", limits=(limit,), short=float(short[order]))
