"""What orders cost, from a table of their fills: a power law, and Kissell's I-Star.

Of an order of Q shares in a stock of daily volume ADV and yearly volatility sigma (a fraction), done at the
participation POV; costs in bp of the arrival price.

**I-Star** (Kissell 2014, "The Science of Algorithmic Trading and Portfolio Management", chapter 4):

    I* = a1 (Q/ADV)^a2 sigma^a3                                  cost of trading all at once
    MI = I* (b1 POV^a4 + 1 - b1)                                 market impact: b1 of it temporary
    TR = sigma sqrt(S (1 - POV) / (3 Tm ADV POV)) 10^4           timing risk, S = Q, Tm trading days a year

**Power law**, its square-root form common to Almgren, Thum, Hauptmann and Li (2005) and to Toth and others (2011):

    MI = h + a sigma (Q/ADV)^p

Both are fitted by nonlinear least squares (trust region reflective, scipy's `least_squares`) within bounds, with ln a1
and ln a for the multipliers so that all parameters are of order one. Standard errors are White's, which allow for
variances that differ from order to order: with J the derivatives and e the errors at the fit,

    V = n/(n - q) (J'J)^-1 J' diag(e^2) J (J'J)^-1

A table that can't tell the parameters apart (one volatility only, say) is refused, rather than given numbers that mean
nothing: the columns of J, each scaled to length one, must have a condition number of at most `WORST_CONDITION`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradealloc.errors import InputError, SolverError
from tradealloc.market.profile import LEVEL

Floats = NDArray[np.float64]

ROWS_PER_PARAMETER = 5
"""Fewer orders than this for each parameter aren't an estimate."""

WORST_CONDITION = 1e4
"""Of the scaled derivatives; beyond it an error of 1e-4 in the data may move a parameter by its own size."""

COLUMNS = ("shares", "adv", "sigma", "pov", "cost")

TRADING_DAYS = 250
BP = 1e4


@dataclass(frozen=True, eq=False)
class FillCosts:
    """What M orders cost; arrays of shape (M,).

    Attributes
    ----------
    shares, adv
        Size and daily volume, shares, > 0.
    sigma
        Yearly volatility as a fraction, > 0.
    pov
        Participation while it traded, above 0, at most 1.
    cost
        Slippage against arrival, bp of it; may be negative.
    """

    shares: Floats
    adv: Floats
    sigma: Floats
    pov: Floats
    cost: Floats

    def __post_init__(self) -> None:
        for name in COLUMNS:
            values = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
            if values.ndim != 1 or values.shape != np.shape(self.shares):
                raise InputError(f"has shape {values.shape}: give one number an order", argument=name)
            bad = ~np.isfinite(values)
            if name != "cost":
                bad |= ~(values > 0)
            if name == "pov":
                bad |= values > 1
            if bad.any():
                wanted = {"cost": "a finite number", "pov": "a number above 0 and at most 1"}
                position = int(bad.argmax())
                raise InputError(
                    f"is {values[position]:g}: give {wanted.get(name, 'a number above 0')}",
                    argument=name,
                    position=position,
                    value=float(values[position]),
                )


@dataclass(frozen=True, slots=True)
class Estimate:
    """One parameter.

    Attributes
    ----------
    name
        As in the formula.
    value, error
        Estimate and standard error; the error is NaN where the estimate is at its bound.
    low, high
        90 % interval, by Student's t; NaN likewise.
    """

    name: str
    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, slots=True)
class FillFit:
    """A formula fitted to fills.

    Attributes
    ----------
    name, formula
        Which.
    estimates
        Its parameters.
    orders
        M.
    r_squared
        ``1 - sum e^2 / sum (cost - mean)^2``.
    error
        Standard deviation of what is left, bp.
    predicted
        ndarray of shape (M,), bp.
    condition
        Condition number of the scaled derivatives.
    notes
        What the trader should know.
    """

    name: str
    formula: str
    estimates: tuple[Estimate, ...]
    orders: int
    r_squared: float
    error: float
    predicted: Floats
    condition: float
    notes: tuple[str, ...]


def istar_cost(size: ArrayLike, sigma: ArrayLike, *, a1: float = 708.0, a2: float = 0.55, a3: float = 0.71) -> Floats:
    """``I* = a1 size^a2 sigma^a3``, bp: cost of trading all at once; `size` is Q/ADV, `sigma` yearly as a fraction."""
    return np.asarray(a1 * np.asarray(size, float) ** a2 * np.asarray(sigma, float) ** a3)


def istar_impact(
    size: ArrayLike,
    sigma: ArrayLike,
    pov: ArrayLike,
    *,
    a1: float = 708.0,
    a2: float = 0.55,
    a3: float = 0.71,
    a4: float = 0.50,
    b1: float = 0.98,
) -> Floats:
    """``MI = I* (b1 POV^a4 + 1 - b1)``, bp: market impact at a participation."""
    return np.asarray(istar_cost(size, sigma, a1=a1, a2=a2, a3=a3) * (b1 * np.asarray(pov, float) ** a4 + 1 - b1))


def timing_risk(size: ArrayLike, sigma: ArrayLike, pov: ArrayLike, trading_days: float = TRADING_DAYS) -> Floats:
    """``TR = sigma sqrt(size (1 - POV) / (3 Tm POV)) 10^4``, bp: standard deviation of the cost at a participation."""
    part = np.asarray(pov, float)
    return np.asarray(
        np.asarray(sigma, float) * np.sqrt(np.asarray(size, float) * (1 - part) / (3 * trading_days * part)) * BP
    )


def fit_istar(fills: FillCosts) -> FillFit:
    """Fit a1, a2, a3, a4 and b1.

    Raises
    ------
    InputError
        Too few orders, or a table that can't tell the parameters apart.
    SolverError
        The search doesn't converge.
    """
    size = fills.shares / fills.adv

    def model(p: Floats) -> Floats:
        return istar_impact(size, fills.sigma, fills.pov, a1=np.exp(p[0]), a2=p[1], a3=p[2], a4=p[3], b1=p[4])

    def derivatives(p: Floats) -> Floats:
        at_once = istar_cost(size, fills.sigma, a1=np.exp(p[0]), a2=p[1], a3=p[2])
        power = fills.pov ** p[3]
        impact = at_once * (p[4] * power + 1 - p[4])
        return np.stack(
            [
                impact,
                impact * np.log(size),
                impact * np.log(fills.sigma),
                at_once * p[4] * power * np.log(fills.pov),
                at_once * (power - 1),
            ],
            axis=1,
        )

    return _fitted(
        "I-Star",
        "MI = a1 (Q/ADV)^a2 sigma^a3 (b1 POV^a4 + 1 - b1)",
        ("a1", "a2", "a3", "a4", "b1"),
        model,
        derivatives,
        fills.cost,
        start=np.array([np.log(708.0), 0.55, 0.71, 0.5, 0.9]),
        low=np.array([np.log(1e-3), 0.0, 0.0, 0.0, 0.0]),
        high=np.array([np.log(1e6), 3.0, 3.0, 3.0, 1.0]),
        logarithmic=0,
        spread_by=("sizes", "volatilities", "participations"),
    )


def fit_power(fills: FillCosts) -> FillFit:
    """Fit h, a and p of ``MI = h + a sigma (Q/ADV)^p``; errors as in `fit_istar`."""
    size = fills.shares / fills.adv

    def model(p: Floats) -> Floats:
        return np.asarray(p[0] + np.exp(p[1]) * fills.sigma * size ** p[2])

    def derivatives(p: Floats) -> Floats:
        impact = np.exp(p[1]) * fills.sigma * size ** p[2]
        return np.stack([np.ones_like(impact), impact, impact * np.log(size)], axis=1)

    return _fitted(
        "power law",
        "MI = h + a sigma (Q/ADV)^p",
        ("h", "a", "p"),
        model,
        derivatives,
        fills.cost,
        start=np.array([1.0, np.log(500.0), 0.5]),
        low=np.array([0.0, np.log(1e-3), 0.0]),
        high=np.array([1e4, np.log(1e7), 3.0]),
        logarithmic=1,
        spread_by=("sizes", "volatilities"),
    )


def _fitted(
    name: str,
    formula: str,
    names: tuple[str, ...],
    model: Callable[[Floats], Floats],
    derivatives: Callable[[Floats], Floats],
    cost: Floats,
    *,
    start: Floats,
    low: Floats,
    high: Floats,
    logarithmic: int,
    spread_by: tuple[str, ...],
) -> FillFit:
    """Fit one formula; `logarithmic` is the position of the multiplier, which is searched as its logarithm."""
    from scipy.optimize import least_squares
    from scipy.special import stdtrit

    orders, count = len(cost), len(names)
    fewest = ROWS_PER_PARAMETER * count
    if orders < fewest:
        raise InputError(
            f"holds too few orders, {orders}: the {count} parameters of the {name} need {fewest} at least",
            where="fills",
        )

    def residual(point: Floats) -> Floats:
        return model(point) - cost

    found = least_squares(
        residual,
        start,
        jac=derivatives,
        bounds=(low, high),
        x_scale="jac",
        method="trf",
        xtol=1e-12,
        ftol=1e-12,
        gtol=1e-12,
        max_nfev=2000,
    )
    if not found.success or not np.isfinite(found.x).all():
        raise SolverError(f"the fit of the {name} doesn't converge ({found.message}): check the costs and their units")
    point = np.asarray(found.x, dtype=np.float64)
    at_bound = (point - low <= 1e-6 * (1 + np.abs(low))) | (high - point <= 1e-6 * (1 + np.abs(high)))
    jacobian = derivatives(point)
    length = np.linalg.norm(jacobian, axis=0)
    condition = float(np.linalg.cond(jacobian / length)) if (length > 0).all() else float("inf")
    if not condition <= WORST_CONDITION:
        raise InputError(
            f"can't tell the parameters of the {name} apart (condition number {condition:.1e}): give orders of more "
            f"different {', '.join(spread_by[:-1])} and {spread_by[-1]}",
            where="fills",
        )
    left = cost - model(point)
    free = ~at_bound
    scaled = jacobian[:, free] / length[free]
    inverse = np.linalg.inv(scaled.T @ scaled)
    covariance = inverse @ ((scaled * left[:, np.newaxis] ** 2).T @ scaled) @ inverse * (orders / (orders - count))
    error = np.full(count, np.nan)
    error[free] = np.sqrt(np.diag(covariance)) / length[free]
    half = float(stdtrit(orders - count, (1 + LEVEL) / 2)) * error
    ends = np.stack([point, point - half, point + half])
    ends[:, logarithmic] = np.exp(ends[:, logarithmic])
    error[logarithmic] *= ends[0, logarithmic]
    total = float(((cost - cost.mean()) ** 2).sum())
    squares = float(left @ left)
    notes = tuple(
        f"{names[index]} of the {name} is at its bound, {ends[0, index]:g}: it has no standard error"
        for index in np.flatnonzero(at_bound)
    )
    return FillFit(
        name=name,
        formula=formula,
        estimates=tuple(
            Estimate(names[index], *map(float, (ends[0, index], error[index], ends[1, index], ends[2, index])))
            for index in range(count)
        ),
        orders=orders,
        r_squared=1 - squares / total if total > 0 else float("nan"),
        error=float(np.sqrt(squares / (orders - count))),
        predicted=model(point),
        condition=condition,
        notes=notes,
    )
