"""Impact models: what a share costs when x shares trade in an interval.

A model is its formula. Throughout, ``I_t(x)`` is the average slippage per share of interval t (half-spread
included), ``g_t(x) = x I_t(x)`` the interval's cost and ``m_t(x) = g_t'(x) = I_t(x) + x I_t'(x)`` its marginal
cost. Every model here has an increasing ``m_t``: its cost is convex.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .arrays import Floats, numbers, scalar

Response = tuple[Floats, float, float, float]
"""Shares ``clip(m_t^-1(price), lower, upper)`` of shape (N,); their sum; the sum's derivative with respect to the
price; the sum over the intervals that are at no bound."""


TINY = np.finfo(np.float64).tiny

NO_EXPONENT = 1e-19
"""Up to this exponent x**p is 1 in floating point, whatever x: the model is a linear programme."""

MOST_DIGITS = 290.0
"""Decimal exponent up to which costs are computed; floats end at 308."""


@dataclass(frozen=True, eq=False)
class ImpactModel(ABC):
    """Common ground of the impact models; arrays are zero-dimensional (all intervals alike) or of shape (N,)."""

    name: ClassVar[str]

    beta: ArrayLike

    @abstractmethod
    def slippage(self, shares: Floats) -> Floats:
        """``I_t(x)``: average slippage per share, in the impact unit, shape (N,)."""

    @abstractmethod
    def cost(self, shares: Floats) -> Floats:
        """``g_t(x) = x I_t(x)``, in shares x impact unit, shape (N,)."""

    @abstractmethod
    def marginal(self, shares: Floats) -> Floats:
        """``m_t(x) = g_t'(x)``, in the impact unit, shape (N,)."""

    @abstractmethod
    def curvature(self, shares: Floats) -> Floats:
        """``m_t'(x)``, in impact unit per share, shape (N,)."""

    @abstractmethod
    def inverse_marginal(self, price: float) -> Floats:
        """The x >= 0 at which the marginal cost reaches `price` (0 where it starts above), shape (N,) or ()."""

    @abstractmethod
    def shares_at_slippage(self, cap: Floats) -> Floats:
        """The largest x with ``I_t(x) <= cap``; 0 where ``h_t >= cap``, inf where the cap is never reached."""

    @property
    @abstractmethod
    def vectors(self) -> dict[str, Floats]:
        """The model's arrays by argument name."""

    @property
    def spread(self) -> Floats:
        """``h_t``: half-spread in the impact unit."""
        return self.vectors["half_spread"]

    @cached_property
    def lowest_spread(self) -> float:
        """The marginal cost below which nothing trades but what must."""
        return float(self.spread.min())

    @property
    def convex_up_to(self) -> Floats:
        """Shares up to which the interval's cost is convex."""
        return np.asarray(np.inf)

    @property
    def homogeneous_degree(self) -> float:
        """The p with ``m_t(x) - h_t`` of order x**p: how Newton steps are scaled."""
        return 1.0

    @property
    def is_linear_programme(self) -> bool:
        """Whether the cost is linear in the shares."""
        return False

    def check_size(self, shares: float, intervals: int) -> None:
        """Raise `InputError` where an order of `shares` costs more, or less, than floating-point numbers can say."""
        return

    @abstractmethod
    def starting_price(self, shares: float, intervals: int) -> float:
        """A guess at the common marginal cost of an order without limits, > 0."""

    def response(self, price: float, lower: Floats, upper: Floats) -> Response:
        """Answer of all intervals to a common marginal cost.

        See `Response` for what comes back. Far from the optimum shares may overflow to inf: callers allow for it.
        """
        shares = np.minimum(np.maximum(self.inverse_marginal(price), lower), upper)
        inside = (shares > lower) & (shares < upper)
        slope = np.add.reduce(inside / np.where(inside, self.curvature(shares), 1.0))
        return shares, float(np.add.reduce(shares)), float(slope), float(np.add.reduce(shares * inside))


@dataclass(frozen=True, eq=False)
class LinearImpact(ImpactModel):
    """``I_t(x) = h_t + beta_t x``: temporary impact linear in the interval's shares.

    Cost ``g_t(x) = h_t x + beta_t x^2``, marginal cost ``m_t(x) = h_t + 2 beta_t x``.

    Parameters
    ----------
    beta : scalar or array of shape (N,)
        Slope, impact unit per share, > 0.
    half_spread : scalar or array of shape (N,), default 0
        ``h_t``: half the quoted spread, impact unit, >= 0.

    Raises
    ------
    InputError
        With the position of the first value that can't be used.

    References
    ----------
    Almgren and Chriss (2000), "Optimal execution of portfolio transactions", section 1.2 (temporary impact);
    the closed form ``x_t = S (1/beta_t) / sum(1/beta_i)`` without spread is the user's report, "Analytical Solution".
    """

    name: ClassVar[str] = "linear"

    half_spread: ArrayLike = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", numbers(self.beta, "beta", above=0))
        object.__setattr__(self, "half_spread", numbers(self.half_spread, "half_spread", minimum=0))

    @cached_property
    def vectors(self) -> dict[str, Floats]:
        return {"beta": self.beta, "half_spread": self.half_spread}  # type: ignore[dict-item]

    @cached_property
    def _shares_per_price(self) -> Floats:
        return 0.5 / self.vectors["beta"]

    def slippage(self, shares: Floats) -> Floats:
        return self.spread + self.vectors["beta"] * shares

    def cost(self, shares: Floats) -> Floats:
        return shares * (self.spread + self.vectors["beta"] * shares)

    def marginal(self, shares: Floats) -> Floats:
        return self.spread + (2.0 * self.vectors["beta"]) * shares

    def curvature(self, shares: Floats) -> Floats:
        return np.broadcast_to(2.0 * self.vectors["beta"], shares.shape)

    def inverse_marginal(self, price: float) -> Floats:
        return np.maximum(price - self.spread, 0.0) * self._shares_per_price

    def shares_at_slippage(self, cap: Floats) -> Floats:
        return np.maximum(cap - self.spread, 0.0) / self.vectors["beta"]

    @cached_property
    def _price_line(self) -> tuple[float, float]:
        return _price_line(self._shares_per_price, self.spread)

    def starting_price(self, shares: float, intervals: int) -> float:
        slope, drag = self._price_line
        return (shares / intervals + drag) / slope

    def response(self, price: float, lower: Floats, upper: Floats) -> Response:
        free = (price - self.spread) * self._shares_per_price
        shares = np.minimum(np.maximum(free, lower), upper)
        per_price, moving = self._shares_per_price, shares == free
        slope = per_price.dot(moving) if per_price.ndim else per_price * np.count_nonzero(moving)
        total = float(np.add.reduce(shares))
        return shares, total, float(slope), total


@dataclass(frozen=True, eq=False)
class PowerImpact(ImpactModel):
    """``I_t(x) = h_t + beta_t x**p``: power-law temporary impact.

    Cost ``g_t(x) = h_t x + beta_t x**(1+p)``, marginal cost ``m_t(x) = h_t + (1+p) beta_t x**p``.
    ``p = 0`` makes the cost linear: a linear programme, filled cheapest interval first.

    Parameters
    ----------
    beta : scalar or array of shape (N,)
        Impact unit per share**p, > 0.
    exponent : float
        p >= 0, the same in all intervals.
    half_spread : scalar or array of shape (N,), default 0
        ``h_t``: half the quoted spread, impact unit, >= 0.

    Raises
    ------
    InputError
        With the position of the first value that can't be used; for a negative exponent (falling slippage:
        the cost isn't convex and has no interior minimum).

    References
    ----------
    Almgren, Thum, Hauptmann and Li (2005), "Direct estimation of equity market impact", section 3 (p = 3/5).
    """

    name: ClassVar[str] = "power"

    exponent: float
    half_spread: ArrayLike = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", numbers(self.beta, "beta", above=0))
        object.__setattr__(self, "half_spread", numbers(self.half_spread, "half_spread", minimum=0))
        exponent = scalar(self.exponent, "exponent", maximum=10)
        if exponent < 0:
            raise InputError(
                f"is {exponent:g}: slippage that falls with size isn't convex; give 0 or more",
                argument="exponent",
                value=exponent,
            )
        object.__setattr__(self, "exponent", exponent if exponent > NO_EXPONENT else 0.0)

    @classmethod
    def from_linear(
        cls, beta: ArrayLike, exponent: float, reference_shares: float, half_spread: ArrayLike = 0.0
    ) -> PowerImpact:
        """The power model that agrees with ``h + beta x`` at `reference_shares`: beta times ref**(1-p)."""
        reference = scalar(reference_shares, "reference_shares", above=0)
        slopes = numbers(beta, "beta", above=0)
        return cls(slopes * reference ** (1.0 - scalar(exponent, "exponent")), exponent, half_spread)

    @cached_property
    def vectors(self) -> dict[str, Floats]:
        return {"beta": self.beta, "half_spread": self.half_spread}  # type: ignore[dict-item]

    @property
    def is_linear_programme(self) -> bool:
        return self.exponent == 0.0

    def check_size(self, shares: float, intervals: int) -> None:
        beta, degree = self.vectors["beta"], 1.0 + self.exponent
        largest = math.log10(beta.max()) + degree * math.log10(4.0 * shares)
        smallest = math.log10(beta.min()) + degree * math.log10(shares / intervals)
        if largest > MOST_DIGITS or smallest < -MOST_DIGITS:
            raise InputError(
                f"is {self.exponent:g}: with these betas an order of {shares:g} shares costs more (or less) than "
                "numbers can say; check exponent, beta and shares",
                argument="exponent",
                value=self.exponent,
            )

    @property
    def homogeneous_degree(self) -> float:
        return self.exponent

    @cached_property
    def _per_price(self) -> Floats:
        return 1.0 / ((1.0 + self.exponent) * self.vectors["beta"])

    def slippage(self, shares: Floats) -> Floats:
        return self.spread + self.vectors["beta"] * shares**self.exponent

    def cost(self, shares: Floats) -> Floats:
        return shares * (self.spread + self.vectors["beta"] * shares**self.exponent)

    def marginal(self, shares: Floats) -> Floats:
        return self.spread + ((1.0 + self.exponent) * self.vectors["beta"]) * shares**self.exponent

    def curvature(self, shares: Floats) -> Floats:
        p = self.exponent
        if self.is_linear_programme:
            return np.zeros(shares.shape)
        with np.errstate(divide="ignore"):
            return (p * (1.0 + p) * self.vectors["beta"]) * shares ** (p - 1.0)

    def inverse_marginal(self, price: float) -> Floats:
        if self.is_linear_programme:
            return np.where(price >= self.spread + self.vectors["beta"], np.inf, 0.0)
        with np.errstate(over="ignore"):
            return (np.maximum(price - self.spread, 0.0) * self._per_price) ** (1.0 / self.exponent)

    def shares_at_slippage(self, cap: Floats) -> Floats:
        if self.is_linear_programme:
            return np.where(self.spread + self.vectors["beta"] <= cap, np.inf, 0.0)
        with np.errstate(over="ignore"):
            return (np.maximum(cap - self.spread, 0.0) / self.vectors["beta"]) ** (1.0 / self.exponent)

    def starting_price(self, shares: float, intervals: int) -> float:
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            weights = self._per_price ** (1.0 / self.exponent)
            total = weights.sum() if weights.ndim else weights * intervals
            guess = float(self.spread.mean() + (shares / total) ** self.exponent)
        if np.isfinite(guess) and guess > 0:
            return guess
        return float(np.median(self.marginal(np.full(intervals, shares / intervals))))

    def response(self, price: float, lower: Floats, upper: Floats) -> Response:
        excess = np.maximum(price - self.spread, 0.0)
        free = (excess * self._per_price) ** (1.0 / self.exponent)
        shares = np.minimum(np.maximum(free, lower), upper)
        moving = shares * (shares == free)
        slope = np.add.reduce(moving / np.maximum(excess, TINY)) / self.exponent
        return shares, float(np.add.reduce(shares)), float(slope), float(np.add.reduce(moving))


@dataclass(frozen=True, eq=False)
class QuadraticImpact(ImpactModel):
    """``I_t(x) = h_t + beta_t x + gamma_t x**2``: linear impact with curvature.

    Cost ``g_t(x) = h_t x + beta_t x**2 + gamma_t x**3``, marginal ``m_t(x) = h_t + 2 beta_t x + 3 gamma_t x**2``.
    With ``gamma_t < 0`` the cost is convex only up to ``beta_t / (3 |gamma_t|)``; a `Problem` whose limits allow
    more is refused.

    Parameters
    ----------
    beta : scalar or array of shape (N,)
        Impact unit per share, > 0.
    gamma : scalar or array of shape (N,)
        Impact unit per share**2.
    half_spread : scalar or array of shape (N,), default 0
        ``h_t``: half the quoted spread, impact unit, >= 0.

    Raises
    ------
    InputError
        With the position of the first value that can't be used.

    References
    ----------
    The user's report, "Nonlinear Advantage" (quadratic impact modelling).
    """

    name: ClassVar[str] = "quadratic"

    gamma: ArrayLike
    half_spread: ArrayLike = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", numbers(self.beta, "beta", above=0))
        object.__setattr__(self, "gamma", numbers(self.gamma, "gamma"))
        object.__setattr__(self, "half_spread", numbers(self.half_spread, "half_spread", minimum=0))

    @classmethod
    def from_linear(
        cls, beta: ArrayLike, gamma: ArrayLike, reference_shares: float, half_spread: ArrayLike = 0.0
    ) -> QuadraticImpact:
        """The quadratic model that agrees with ``h + beta x`` at `reference_shares`: slope beta - gamma ref."""
        reference = scalar(reference_shares, "reference_shares", above=0)
        slopes = numbers(beta, "beta", above=0) - numbers(gamma, "gamma") * reference
        if np.min(slopes) <= 0:
            raise InputError(
                f"is {reference:g}: gamma alone exceeds the linear slippage there; give a smaller size",
                argument="reference_shares",
                value=reference,
            )
        return cls(slopes, gamma, half_spread)

    @cached_property
    def vectors(self) -> dict[str, Floats]:
        return {"beta": self.beta, "gamma": self.gamma, "half_spread": self.half_spread}  # type: ignore[dict-item]

    @cached_property
    def convex_up_to(self) -> Floats:
        beta, gamma = self.vectors["beta"], self.vectors["gamma"]
        bent = gamma < 0
        return np.where(bent, beta / np.where(bent, -3.0 * gamma, 1.0), np.inf)

    def starting_price(self, shares: float, intervals: int) -> float:
        slope, drag = _price_line(0.5 / self.vectors["beta"], self.spread)
        return (shares / intervals + drag) / slope

    def slippage(self, shares: Floats) -> Floats:
        return self.spread + shares * (self.vectors["beta"] + self.vectors["gamma"] * shares)

    def cost(self, shares: Floats) -> Floats:
        return shares * self.slippage(shares)

    def marginal(self, shares: Floats) -> Floats:
        return self.spread + shares * (2.0 * self.vectors["beta"] + (3.0 * self.vectors["gamma"]) * shares)

    def curvature(self, shares: Floats) -> Floats:
        return np.maximum(2.0 * self.vectors["beta"] + (6.0 * self.vectors["gamma"]) * shares, 0.0)

    def inverse_marginal(self, price: float) -> Floats:
        beta, excess = self.vectors["beta"], np.maximum(price - self.spread, 0.0)
        return excess / (beta + np.sqrt(np.maximum(beta * beta + (3.0 * self.vectors["gamma"]) * excess, 0.0)))

    def response(self, price: float, lower: Floats, upper: Floats) -> Response:
        beta, excess = self.vectors["beta"], np.maximum(price - self.spread, 0.0)
        root = np.sqrt(np.maximum(beta * beta + (3.0 * self.vectors["gamma"]) * excess, 0.0))
        free = excess / (beta + root)
        shares = np.minimum(np.maximum(free, lower), upper)
        slope = np.add.reduce(((shares == free) & (excess > 0.0)) / np.maximum(2.0 * root, TINY))
        total = float(np.add.reduce(shares))
        return shares, total, float(slope), total

    def shares_at_slippage(self, cap: Floats) -> Floats:
        beta, excess = self.vectors["beta"], np.maximum(cap - self.spread, 0.0)
        radicand = beta * beta + 4.0 * self.vectors["gamma"] * excess
        reached = 2.0 * excess / (beta + np.sqrt(np.maximum(radicand, 0.0)))
        return np.where(radicand < 0.0, np.inf, reached)


def _price_line(shares_per_price: Floats, spread: Floats) -> tuple[float, float]:
    """Slope and drag, both per interval: without limits a price moves ``slope price - drag`` shares on average."""
    return float(shares_per_price.mean()), float((shares_per_price * spread).mean())
