"""Which form fits the walked curves best: five forms of the average slippage, compared by AICc.

    line through the origin   I(x) = b x
    spread + line             I(x) = h + b x
    power without spread      I(x) = b x^p
    spread + power            I(x) = h + b x^p
    quadratic                 I(x) = h + b x + c x^2

Each form is fitted by weighted least squares, ``min sum_k w_k (I_k - I(x_k))^2``, with h >= 0 where a power is free (a
negative half-spread would let the power stand in for a logarithm). The corrected Akaike criterion (Hurvich and Tsai
1989, "Regression and time series model selection in small samples") is, with K sizes, weights of mean 1 and q
parameters, the variance being one of them,

    AICc = K ln(RSS / K) + 2 q + 2 q (q + 1) / (K - q - 1)

The form with the lowest one wins. A single interval's sizes are walked through the same books, so its errors go
together and look like curvature: single intervals lean to the richer forms. The curve of the whole day decides: there
the covariance of the sizes is known from the scatter of the intervals, and the misfit is measured in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError

from .walked import WalkedDay

Floats = NDArray[np.float64]

EXPONENTS = (0.02, 4.0)
"""Exponents that are looked through."""

STEPS = (40, 20, 20, 20)
"""Steps of the passes over the exponents, each within a step of the one before: the last is 1e-4 wide."""


class Form(StrEnum):
    """A form of the average slippage."""

    ORIGIN = "line through the origin"
    LINE = "spread + line"
    POWER = "power without spread"
    SPREAD_POWER = "spread + power"
    QUADRATIC = "quadratic"


FORMS = tuple(Form)

FREE = {Form.ORIGIN: 1, Form.LINE: 2, Form.POWER: 2, Form.SPREAD_POWER: 3, Form.QUADRATIC: 3}
"""Parameters of the curve; the variance comes on top where it is estimated."""


@dataclass(frozen=True, eq=False, slots=True)
class FormFit:
    """One form fitted to M curves of K sizes; arrays of shape (M,) unless said otherwise.

    Attributes
    ----------
    form
        Which.
    parameters
        ndarray of shape (M, 4): half-spread h, slope b, exponent p (1 for lines) and curvature c; 0 where the form has
        none.
    fitted
        ndarray of shape (M, K).
    misfit
        Weighted sum of squares.
    aicc
        As above.
    r_squared
        ``1 - RSS / sum w (I - mean)^2``; below 0 where a constant would do better.
    """

    form: Form
    parameters: Floats
    fitted: Floats
    misfit: Floats
    aicc: Floats
    r_squared: Floats


@dataclass(frozen=True, slots=True)
class FormRow:
    """What the trader reads of one form.

    Attributes
    ----------
    form
        Which.
    aicc
        Of the whole day's curve, as the distance from the best form's.
    r_squared
        Of the whole day's curve, weighted by size.
    half_spread, slope, curvature
        Of the whole day's curve, weighted by size, in units of the largest size and the mean slippage.
    exponent
        Of the whole day's curve; NaN where the form has none to fit.
    interval_r_squared, interval_exponent
        Medians over the intervals.
    wins
        Part of the intervals that choose it among all forms.
    wins_of_two
        Part of the intervals that choose it among the forms with two parameters; NaN for the others.
    """

    form: Form
    aicc: float
    r_squared: float
    half_spread: float
    slope: float
    exponent: float
    curvature: float
    interval_r_squared: float
    interval_exponent: float
    wins: float
    wins_of_two: float


@dataclass(frozen=True, eq=False, slots=True)
class FormComparison:
    """The comparison.

    Attributes
    ----------
    rows
        One a form, in the order of `Form`.
    best
        The form that the whole day's curve chooses.
    intervals
        Number of curves.
    fits
        Each form's fits of the single intervals; parameters in currency and shares.
    sizes, curve
        ndarrays of shape (K,): the whole day's curve, in units of the largest size and of the mean slippage.
    """

    rows: tuple[FormRow, ...]
    best: Form
    intervals: int
    fits: tuple[FormFit, ...]
    sizes: Floats
    curve: Floats


def aicc(misfit: Floats, sizes: int, parameters: int) -> Floats:
    """``K ln(RSS/K) + 2q + 2q(q+1)/(K-q-1)``; a perfect fit counts as one to rounding.

    Parameters
    ----------
    misfit
        RSS with weights of mean 1, relative to the mean square of the data.
    sizes
        K.
    parameters
        q, the variance included.

    Raises
    ------
    InputError
        K is not above q + 1.
    """
    if sizes <= parameters + 1:
        raise InputError(
            f"has {sizes} sizes: comparing forms needs {parameters + 2} at least", argument="sizes", value=sizes
        )
    rounding = (16 * np.finfo(np.float64).eps) ** 2 * sizes
    out: Floats = sizes * np.log(np.maximum(misfit, rounding) / sizes) + _penalty(sizes, parameters)
    return out


def compare_forms(walked: Sequence[WalkedDay]) -> FormComparison:
    """Compare the forms on all fitted intervals of one day or several.

    Raises
    ------
    InputError
        No interval has a fit.
    """
    sizes = np.concatenate([day.sizes[day.fitted] for day in walked])
    slippage = np.concatenate([day.slippage[day.fitted] for day in walked])
    return compare_curves(sizes, slippage)


def compare_curves(sizes: Floats, slippage: Floats) -> FormComparison:
    """Compare the forms on M curves; weights are the sizes, as in the fit of the lines.

    The whole day's curve is the mean of the curves, each in units of its largest size and its mean slippage. With at
    least 2 K intervals its errors' covariance V is known from their scatter; its misfit is then ``r' V^-1 r`` and its
    criterion ``r' V^-1 r + 2q + 2q(q+1)/(K-q-1)``, without a variance to estimate. With fewer it is as for an interval.

    Parameters
    ----------
    sizes, slippage
        ndarrays of shape (M, K), both > 0.

    Raises
    ------
    InputError
        No curve, or curves that aren't positive numbers.
    """
    if sizes.ndim != 2 or sizes.shape != slippage.shape or not sizes.size:
        raise InputError("holds no curve to compare forms on: calibrate intervals with books first", argument="sizes")
    if not (np.isfinite(sizes).all() and np.isfinite(slippage).all() and (sizes > 0).all() and (slippage > 0).all()):
        raise InputError("must be positive numbers, as sizes must", argument="slippage")
    count, points = sizes.shape
    unit, level = sizes.max(axis=1, keepdims=True), slippage.mean(axis=1, keepdims=True)
    scaled, relative = sizes / unit, slippage / level
    weights = scaled / scaled.mean(axis=1, keepdims=True)
    fits = [_fit(form, scaled, relative, _diagonal(weights)) for form in FORMS]
    where, curve = scaled.mean(axis=0), relative.mean(axis=0)
    one = where[np.newaxis], curve[np.newaxis]
    whole = [_fit(form, *one, _diagonal(one[0] / where.mean())) for form in FORMS]
    criterion = np.array([fit.aicc[0] for fit in whole])
    if count >= 2 * points:
        precision = _precision(relative)[np.newaxis]
        misfit = [float(_fit(form, *one, precision).misfit[0]) for form in FORMS]
        criterion = np.array([left + _penalty(points, FREE[form]) for left, form in zip(misfit, FORMS, strict=True)])
    table = np.stack([fit.aicc for fit in fits])
    two = [number for number, form in enumerate(FORMS) if FREE[form] == 2]
    wins = np.bincount(table.argmin(axis=0), minlength=len(FORMS)) / count
    wins_of_two = np.full(len(FORMS), np.nan)
    wins_of_two[two] = np.bincount(table[two].argmin(axis=0), minlength=len(two)) / count
    rows = []
    for number, (form, fit, day) in enumerate(zip(FORMS, fits, whole, strict=True)):
        half_spread, slope, exponent, curvature = day.parameters[0].tolist()
        is_power = form in (Form.POWER, Form.SPREAD_POWER)
        rows.append(
            FormRow(
                form=form,
                aicc=float(criterion[number] - criterion.min()),
                r_squared=float(day.r_squared[0]),
                half_spread=half_spread,
                slope=slope,
                exponent=exponent if is_power else np.nan,
                curvature=curvature,
                interval_r_squared=float(np.median(fit.r_squared)),
                interval_exponent=float(np.median(fit.parameters[:, 2])) if is_power else np.nan,
                wins=float(wins[number]),
                wins_of_two=float(wins_of_two[number]),
            )
        )
    in_money = tuple(_in_units(fit, unit[:, 0], level[:, 0]) for fit in fits)
    return FormComparison(tuple(rows), FORMS[int(criterion.argmin())], count, in_money, where, curve)


def _penalty(sizes: int, parameters: int) -> float:
    return 2 * parameters + 2 * parameters * (parameters + 1) / (sizes - parameters - 1)


def _diagonal(weights: Floats) -> Floats:
    return weights[:, :, np.newaxis] * np.eye(weights.shape[1])


def _precision(relative: Floats) -> Floats:
    """(K, K) inverse of the covariance of the curves' mean."""
    count, points = relative.shape
    covariance = np.cov(relative.T) / count
    # The mean over each curve is 1, so that one direction has no scatter: a little of the others' stands in for it.
    scatter = float(np.trace(covariance)) / points
    covariance += np.eye(points) * max(1e-4 * scatter, 1e-18)
    return np.linalg.inv(covariance)


def _fit(form: Form, x: Floats, y: Floats, weight: Floats) -> FormFit:
    """Fit one form to M curves.

    Parameters
    ----------
    x, y
        ndarrays of shape (M, K), near 1.
    weight
        ndarray of shape (M, K, K).
    """
    one, count = np.ones_like(x), len(x)
    parameters = np.zeros((count, 4))
    parameters[:, 2] = 1.0
    if form is Form.ORIGIN:
        parameters[:, 1:2] = _solved([x], y, weight)
    elif form is Form.LINE:
        parameters[:, :2] = _solved([one, x], y, weight)
    elif form is Form.QUADRATIC:
        parameters[:, [0, 1, 3]] = _solved([one, x, x * x], y, weight)
    else:
        parameters[:, :3] = _powers(form is Form.SPREAD_POWER, x, y, weight)
    h, b, p, c = (parameters[:, [number]] for number in range(4))
    fitted = h + b * x**p + c * x * x
    misfit, sizes = _misfit(y - fitted, weight), x.shape[1]
    share = weight.sum(axis=2) / weight.sum(axis=(1, 2))[:, np.newaxis]
    total = _misfit(y - (share * y).sum(axis=1, keepdims=True), weight)
    r_squared = 1 - misfit / np.where(total > 0, total, np.nan)
    criterion = aicc(misfit / (y * y).mean(axis=1), sizes, FREE[form] + 1)
    return FormFit(form, parameters, fitted, misfit, criterion, r_squared)


def _misfit(residual: Floats, weight: Floats) -> Floats:
    return np.asarray(np.einsum("mi,mij,mj->m", residual, weight, residual))


def _solved(columns: list[Floats], y: Floats, weight: Floats) -> Floats:
    """(M, P) coefficients of the columns by weighted least squares."""
    design = np.stack(columns, axis=2)
    weighted = np.einsum("mip,mij->mpj", design, weight)
    return np.linalg.solve(weighted @ design, np.einsum("mpj,mj->mp", weighted, y)[..., np.newaxis])[..., 0]


def _powers(has_spread: bool, x: Floats, y: Floats, weight: Floats) -> Floats:
    """(M, 3) h, b and p: for each exponent the rest is linear, so only exponents are searched, ever more finely."""
    low, high = (np.full(len(x), end) for end in EXPONENTS)
    best = np.zeros((len(x), 3))
    for steps in STEPS:
        least = np.full(len(x), np.inf)
        width = (high - low) / steps
        for step in range(steps + 1):
            exponent = (low + step * width)[:, np.newaxis]
            line = _line(has_spread, x**exponent, y, weight)
            misfit = _misfit(y - line[:, :1] - line[:, 1:] * x**exponent, weight)
            better = misfit < least
            least[better] = misfit[better]
            best[better] = np.concatenate([line, exponent], axis=1)[better]
        low = np.maximum(best[:, 2] - width, EXPONENTS[0])
        high = np.minimum(best[:, 2] + width, EXPONENTS[1])
    return best


def _line(has_spread: bool, power: Floats, y: Floats, weight: Floats) -> Floats:
    """(M, 2) h >= 0 and b; on a convex problem with one bound the bound is the answer where it is passed."""
    origin = np.concatenate([np.zeros((len(y), 1)), _solved([power], y, weight)], axis=1)
    if not has_spread:
        return origin
    line = _solved([np.ones_like(power), power], y, weight)
    return np.where(line[:, :1] >= 0, line, origin)


def _in_units(fit: FormFit, unit: Floats, level: Floats) -> FormFit:
    """The same fit with sizes in shares and slippage in currency per share."""
    h, b, p, c = fit.parameters.T
    parameters = np.stack([h * level, b * level / unit**p, p, c * level / unit**2], axis=1)
    return FormFit(fit.form, parameters, fit.fitted * level[:, np.newaxis], fit.misfit, fit.aicc, fit.r_squared)
