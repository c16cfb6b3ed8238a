"""Impact without a formula: a marginal cost that rises along given points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .arrays import LARGEST, Floats, converted, numbers
from .impact import ImpactModel

LEAST_RISE = 1e-12
"""Least rise from one point to the next, relative to the higher one: flatter than that is a step."""


@dataclass(frozen=True, eq=False)
class PiecewiseImpact(ImpactModel):
    """``m_t(x) = h_t + beta_t phi_t(x)``: a marginal cost that is linear between knots and strictly increasing.

    ``phi_t`` goes through (0, 0) and the points (knots, rises), and on with the slope of its last segment. With
    ``Phi_t(x)`` its integral from 0, the cost is ``g_t(x) = h_t x + beta_t Phi_t(x)``, piecewise quadratic and strictly
    convex, and the average slippage ``I_t(x) = h_t + beta_t Phi_t(x) / x``, increasing. Both have closed inverses.

    The rises have to be *strictly* increasing: on a flat step of marginal cost any number of shares answers the same
    price, the schedule isn't unique, and an inverse isn't a function. Steps of an isotonic regression are joined by
    lines through their middles before they come here (`tradealloc.market.calibration.isotonic`).

    Parameters
    ----------
    beta : scalar or array of shape (N,)
        Scale of the rises, > 0; 1 where the rises are in the impact unit.
    knots : array of shape (K,) or (N, K)
        Shares at the points, > 0 and increasing; one row for all intervals or one for each.
    rises : array of shape (K,) or (N, K)
        ``phi_t`` at the knots, > 0 and strictly increasing.
    half_spread : scalar or array of shape (N,), default 0
        ``h_t``: half-spread, the cost of the first share, impact unit, >= 0.

    Raises
    ------
    InputError
        With the position of the first value that can't be used.

    References
    ----------
    Boyd and Vandenberghe, "Convex Optimization", 6.5.5 (fitting convex functions); Barlow, Bartholomew, Bremner and
    Brunk (1972), "Statistical Inference under Order Restrictions" (isotonic regression).
    """

    name: ClassVar[str] = "piecewise"

    knots: ArrayLike
    rises: ArrayLike
    half_spread: ArrayLike = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", numbers(self.beta, "beta", above=0))
        object.__setattr__(self, "half_spread", numbers(self.half_spread, "half_spread", minimum=0))
        for name in ("knots", "rises"):
            object.__setattr__(self, name, _points(getattr(self, name), name))
        knots, rises = np.asarray(self.knots), np.asarray(self.rises)
        if knots.shape[-1] != rises.shape[-1] or (knots.ndim == rises.ndim == 2 and len(knots) != len(rises)):
            raise InputError(
                f"has shape {rises.shape} where knots has {knots.shape}: give one per knot", argument="rises"
            )

    @cached_property
    def vectors(self) -> dict[str, Floats]:
        rows = {name: np.asarray(getattr(self, name)) for name in ("knots", "rises")}
        found = {"beta": np.asarray(self.beta), "half_spread": np.asarray(self.half_spread)}
        return found | {name: array for name, array in rows.items() if array.ndim == 2}

    @cached_property
    def _table(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Of each segment: its first share, phi there, its slope, and Phi there; of shape (1 or N, K)."""
        x, y = np.broadcast_arrays(np.atleast_2d(np.asarray(self.knots)), np.atleast_2d(np.asarray(self.rises)))
        start = np.concatenate([np.zeros((len(x), 1)), x], axis=1)
        level = np.concatenate([np.zeros((len(x), 1)), y], axis=1)
        width = np.diff(start)
        slope = np.diff(level) / width
        area = np.concatenate(
            [np.zeros((len(x), 1)), np.cumsum(width * (level[:, :-1] + level[:, 1:]) / 2, axis=1)], axis=1
        )
        return start[:, :-1], level[:, :-1], slope, area[:, :-1]

    def segments(self, intervals: int) -> tuple[Floats, Floats, Floats]:
        """Marginal cost at the start of each segment, its slope, and its width in shares; of shape (N, K).

        The last segment's width is inf.
        """
        start, level, slope, _ = self._table
        scale, spread = np.reshape(self.vectors["beta"], (-1, 1)), np.reshape(self.spread, (-1, 1))
        width = np.concatenate([np.diff(start), np.full((len(start), 1), np.inf)], axis=1)
        shape = (intervals, start.shape[1])
        first, bend, wide = (np.broadcast_to(a, shape) for a in (spread + scale * level, scale * slope, width))
        return first, bend, wide

    def _at(self, points: Floats, values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """The segment in which each value lies, `points` being where segments begin (of shape (1 or N, K))."""
        value = np.asarray(values, dtype=np.float64)
        rows = np.reshape(value, (-1, 1))
        index = np.maximum((rows >= points).sum(axis=1) - 1, 0)
        row: NDArray[np.intp] = np.arange(len(index)) if len(points) > 1 else np.zeros(len(index), dtype=np.intp)
        if len(points) > 1 and len(index) == 1:
            row, index = np.arange(len(points)), np.maximum((rows >= points).sum(axis=1) - 1, 0)
        shape = value.shape if len(points) == 1 else (len(points),)
        start, level, slope, area = (np.reshape(part[row, index], shape) for part in self._table)
        return start, level, slope, area

    def _phi(self, shares: Floats) -> tuple[Floats, Floats]:
        """phi and Phi."""
        start, level, slope, area = self._at(self._table[0], shares)
        beyond = shares - start
        return level + slope * beyond, area + beyond * (level + 0.5 * slope * beyond)

    def slippage(self, shares: Floats) -> Floats:
        first = self._table[2][:, 0]
        inside = np.where(shares > 0, shares, 1.0)
        # Within the first segment Phi(x)/x is slope x / 2: no division of two vanishing numbers.
        first_knot = np.atleast_2d(np.asarray(self.knots))[:, 0]
        one = len(first) == 1
        slope, knot = (float(first[0]), float(first_knot.min())) if one else (first, first_knot)
        average = np.where(shares <= knot, 0.5 * slope * shares, self._phi(shares)[1] / inside)
        return np.asarray(self.spread + self.vectors["beta"] * average)

    def cost(self, shares: Floats) -> Floats:
        return np.asarray(shares * self.spread + self.vectors["beta"] * self._phi(shares)[1])

    def marginal(self, shares: Floats) -> Floats:
        return np.asarray(self.spread + self.vectors["beta"] * self._phi(shares)[0])

    def curvature(self, shares: Floats) -> Floats:
        return np.asarray(self.vectors["beta"] * self._at(self._table[0], shares)[2])

    def inverse_marginal(self, price: float) -> Floats:
        excess = np.maximum((price - self.spread) / self.vectors["beta"], 0.0)
        start, level, slope, _ = self._at(self._table[1], excess)
        return np.asarray(start + (excess - level) / slope)

    def shares_at_slippage(self, cap: Floats) -> Floats:
        average = np.maximum((np.asarray(cap) - self.spread) / self.vectors["beta"], 0.0)
        start, _, _, area = self._table
        reached = np.where(start > 0, area / np.where(start > 0, start, 1.0), 0.0)
        finite = np.where(np.isfinite(average), average, 0.0)
        first, level, slope, before = self._at(reached, finite)
        # slope d^2/2 + (level - average) d + (Phi - average x) = 0 for the d shares beyond the segment's first one.
        linear, constant = level - finite, np.minimum(before - finite * first, 0.0)
        root = np.sqrt(linear * linear - 2.0 * slope * constant)
        turned = np.where(linear + root > 0, linear + root, 1.0)
        beyond = np.where(linear > 0, -2.0 * constant / turned, (root - linear) / slope)
        return np.where(np.isfinite(average), first + beyond, np.inf)

    def starting_price(self, shares: float, intervals: int) -> float:
        return float(np.mean(self.marginal(np.full(intervals, shares / intervals))))


def _points(value: ArrayLike, argument: str) -> Floats:
    """Positive numbers that rise along the last axis, read-only, of one dimension or two."""
    array = np.array(converted(value, argument))
    if array.ndim not in (1, 2) or not array.size:
        raise InputError(
            f"has shape {array.shape}: give one row of points, or one for each interval", argument=argument
        )
    before = np.concatenate([np.zeros((*array.shape[:-1], 1)), array[..., :-1]], axis=-1)
    good = (array > 1 / LARGEST) & (array < LARGEST) & (array - before > LEAST_RISE * np.abs(array))
    if not good.all():
        position = int(np.argmin(good.reshape(-1)))
        found = float(array.reshape(-1)[position])
        raise InputError(
            f"is {found:g}: give positive numbers, each above the one before (flat steps have no inverse)",
            argument=argument,
            position=position,
            value=found,
        )
    array.flags.writeable = False
    return array
