"""A cost curve without a formula: monotone and convex, by isotonic regression of the marginal cost.

From the walked curve ``I(x_k)`` at sizes ``0 = x_0 < x_1 < ... < x_K`` the cost is ``g(x_k) = x_k I(x_k)`` and the mean
marginal cost from one size to the next

    m_k = (g(x_k) - g(x_{k-1})) / (x_k - x_{k-1})

A convex cost has an increasing marginal cost. Isotonic regression gives the increasing steps closest to the m_k in
weighted least squares, the weights being the shares ``x_k - x_{k-1}`` (Barlow, Bartholomew, Bremner and Brunk 1972;
pool adjacent violators).

**From steps to lines.** On a flat step any number of shares answers the same price and the optimum isn't unique. So the
steps are joined by straight lines through their middles, and the first and last lines go on: strictly increasing,
exact where slippage is half-spread + line, and between the middles within half a jump of the steps elsewhere. At
size 0 the first line meets the half-spread (0 where it would pass below). The result is a `PiecewiseImpact`, which the
dual solves exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradealloc.errors import InputError
from tradealloc.model import PiecewiseImpact
from tradealloc.model.arrays import numbers

from .walked import WalkedDay, day_profile

Floats = NDArray[np.float64]

SAME = 1e-9
"""Steps that differ by less than this part of their height are one."""


@dataclass(frozen=True, eq=False, slots=True)
class IsotonicCurve:
    """A convex cost curve.

    Attributes
    ----------
    half_spread
        Marginal cost of the first share, currency per share, >= 0.
    knots, rises
        ndarrays of shape (B,): sizes in shares, and the marginal cost there above the half-spread, strictly increasing;
        straight in between, the last knot being the largest size.
    steps
        ndarray of shape (K,), the isotonic regression itself: increasing marginal cost from one size to the next.
    pooled
        Sizes at which the data weren't convex and were pooled.
    r_squared
        ``1 - sum w (I - fit)^2 / sum w (I - mean)^2`` with weights x, on the slippage; NaN of a flat curve.
    """

    half_spread: float
    knots: Floats
    rises: Floats
    steps: Floats
    pooled: int
    r_squared: float

    @property
    def sentence(self) -> str:
        """The curve for the trader."""
        pooled = f"{self.pooled} of {len(self.steps)} sizes, where it isn't convex, are pooled"
        return (
            "without a formula (isotonic: rising and convex, solvable exactly) the curve has R² "
            f"{self.r_squared:.3f} and h {self.half_spread:.3f}; {pooled if self.pooled else 'it is convex throughout'}"
        )

    def impact(self) -> PiecewiseImpact:
        """The curve as an impact model, the same in all intervals."""
        return PiecewiseImpact(1.0, self.knots, self.rises, self.half_spread)


def isotonic_curve(sizes: ArrayLike, slippage: ArrayLike) -> IsotonicCurve:
    """Fit one curve.

    Parameters
    ----------
    sizes, slippage
        Of shape (K,): shares, increasing, and average slippage per share, both > 0.

    Raises
    ------
    InputError
        Fewer than two sizes, values that can't be used, or a marginal cost that doesn't rise with size anywhere.
    """
    from scipy.optimize import isotonic_regression

    size, paid = numbers(sizes, "sizes", above=0), numbers(slippage, "slippage", above=0)
    if size.ndim != 1 or size.shape != paid.shape or len(size) < 2 or (np.diff(size) <= 0).any():
        raise InputError("must be two or more, increasing, with one slippage each", argument="sizes")
    edges = np.concatenate([[0.0], size])
    width = np.diff(edges)
    steps = np.asarray(isotonic_regression(np.diff(edges * np.concatenate([[0.0], paid])) / width, weights=width).x)
    # The cost of the first sizes may be bought at a price below 0 only by an error in the data.
    steps = np.maximum(steps, 0.0)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(steps) > SAME * steps[1:]]))
    if len(starts) < 2:
        raise InputError(
            "doesn't rise with size at the margin: use larger sizes or more books",
            argument="slippage",
        )
    level = steps[starts]
    middle = (edges[starts] + edges[np.append(starts[1:], len(size))]) / 2
    slope = np.diff(level) / np.diff(middle)
    half_spread = max(float(level[0] - slope[0] * middle[0]), 0.0)
    knots = np.append(middle, size[-1])
    rises = np.append(level, level[-1] + slope[-1] * (size[-1] - middle[-1])) - half_spread
    if rises[0] <= 0:  # the first step is 0: its middle is left to the line from the origin to the next one
        knots, rises = knots[1:], rises[1:]
    fitted = PiecewiseImpact(1.0, knots, rises, half_spread).slippage(size)
    total = float(size @ (paid - float(size @ paid) / size.sum()) ** 2)
    left = float(size @ (paid - fitted) ** 2)
    r_squared = 1 - left / total if total > 0 else float("nan")
    return IsotonicCurve(half_spread, knots, rises, steps, len(size) - len(starts), r_squared)


@dataclass(frozen=True, eq=False, slots=True)
class IsotonicDay:
    """Convex cost curves of a day's N intervals.

    Attributes
    ----------
    impact
        The model, currency per share; knots and rises of shape (N, B).
    max_shares
        ndarray of shape (N,): size up to which the curves are known; cap the schedule there.
    r_squared
        ndarray of shape (N,); NaN where the interval has no curve of its own.
    own
        ndarray of shape (N,), whether it has.
    whole
        The curve of the whole day, in units of the largest size and of the mean slippage.
    """

    impact: PiecewiseImpact
    max_shares: Floats
    r_squared: Floats
    own: NDArray[np.bool_]
    whole: IsotonicCurve


def isotonic_day(walked: WalkedDay) -> IsotonicDay:
    """Fit every interval of a walked day.

    An interval without a curve that rises takes the shape of the whole day's (the mean of all curves, each in units of
    its largest size and mean slippage), at the size and the mean slippage that `day_profile` fills in for it.

    Raises
    ------
    InputError
        Fewer than three intervals have a fit, or no cost rises with size.
    """
    fitted = walked.fitted
    profile = day_profile(walked)
    reach = walked.sizes[fitted].max(axis=1, keepdims=True)
    level = walked.slippage[fitted].mean(axis=1, keepdims=True)
    scaled = (walked.sizes[fitted] / reach).mean(axis=0)
    whole = isotonic_curve(scaled, (walked.slippage[fitted] / level).mean(axis=0))
    curves: list[IsotonicCurve] = []
    own = np.zeros(len(fitted), dtype=np.bool_)
    r_squared = np.full(len(fitted), np.nan)
    for index in range(len(fitted)):
        if fitted[index]:
            try:
                curves.append(isotonic_curve(walked.sizes[index], walked.slippage[index]))
            except InputError:  # flat at the margin: the whole day's shape stands in, and `own` says so
                pass
            else:
                own[index], r_squared[index] = True, curves[-1].r_squared
                continue
        size = float(profile.max_shares[index])
        mean = float(profile.half_spread[index] + profile.beta[index] * size * scaled.mean())
        curves.append(_scaled(whole, size, mean))
    points = max(len(curve.knots) for curve in curves)
    rows = [_padded(curve, points) for curve in curves]
    impact = PiecewiseImpact(
        1.0,
        np.stack([knots for knots, _ in rows]),
        np.stack([rises for _, rises in rows]),
        np.array([curve.half_spread for curve in curves]),
    )
    return IsotonicDay(impact, np.asarray(profile.max_shares), r_squared, own, whole)


def _scaled(curve: IsotonicCurve, size: float, level: float) -> IsotonicCurve:
    return IsotonicCurve(
        curve.half_spread * level,
        curve.knots * size,
        curve.rises * level,
        curve.steps * level,
        curve.pooled,
        curve.r_squared,
    )


def _padded(curve: IsotonicCurve, points: int) -> tuple[Floats, Floats]:
    """Knots and rises with further points on the last line, so that all intervals have as many."""
    more = np.arange(1, points - len(curve.knots) + 1)
    before = np.concatenate([[0.0], curve.knots])[-2], np.concatenate([[0.0], curve.rises])[-2]
    knots = np.append(curve.knots, curve.knots[-1] + more * (curve.knots[-1] - before[0]))
    return knots, np.append(curve.rises, curve.rises[-1] + more * (curve.rises[-1] - before[1]))
