"""A schedule, what it costs, and the certificate that it is the best one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..units import to_bps, to_currency
from .arrays import Floats
from .problem import Problem


@dataclass(frozen=True, eq=False)
class Certificate:
    """Proof of optimality that doesn't take the solver's word.

    Attributes
    ----------
    kkt_residual
        ``max_t |x_t - clip(m_t^-1(mu), lo_t, hi_t)| / (S/N)``.
    duality_gap
        ``(cost - dual bound) / cost``; the bound is ``sum_t min_y [g_t(y) - mu y] + mu S``, computed from mu.
    shadow_price
        ``mu``: cost of one more share, impact unit; None where the limits leave no room for one.
    binding
        What holds each interval, as text; empty where it is free.
    integer_gap
        Lots and clips: cost over the continuous optimum, minus one. KKT residual, duality gap and shadow price
        are then those of the continuous optimum, which is the bound this gap is measured against.
    mip_gap
        Minimum clips: ``(cost - best bound) / cost`` as proven by the mixed-integer search; 0 for lots, which
        are solved exactly.
    max_lot_saving, min_lot_cost
        Whole lots: most that taking one lot away saves, least that adding one costs (currency-free cost, shares
        x impact unit). A schedule in lots is optimal where the first doesn't exceed the second.
    """

    kkt_residual: float
    duality_gap: float
    shadow_price: float | None
    problem: Problem = field(repr=False)
    shares: Floats = field(repr=False)
    price: float
    integer_gap: float | None = None
    mip_gap: float | None = None
    max_lot_saving: float | None = None
    min_lot_cost: float | None = None

    @cached_property
    def binding(self) -> tuple[str, ...]:
        from .binding import binding_texts

        return binding_texts(self.problem, self.shares, self.price)


@dataclass(frozen=True, eq=False)
class PricedShares:
    """Shares per interval, priced under the model of their problem.

    Attributes
    ----------
    shares : ndarray of shape (N,)
        ``x_t``.
    """

    problem: Problem = field(repr=False)
    shares: Floats

    @cached_property
    def cost(self) -> float:
        """``sum_t g_t(x_t)`` in shares x impact unit."""
        return float(self.problem.impact.cost(self.shares).sum())

    @property
    def total_impact(self) -> float:
        """``sum_t g_t(x_t) / S``: average slippage per share, in the impact unit."""
        return self.cost / self.problem.shares


@dataclass(frozen=True, eq=False)
class Schedule(PricedShares):
    """The optimal shares per interval, with their certificate.

    Attributes
    ----------
    method
        The method that made it.
    seconds
        Wall-clock time of the solve.
    certificate
        Proof of optimality.
    warnings
        What the trader should know about it.
    """

    method: str
    seconds: float
    certificate: Certificate
    warnings: tuple[str, ...] = ()

    @cached_property
    def spread_impact(self) -> float:
        """The part of `total_impact` that is half-spread."""
        return float((self.problem.impact.spread * self.shares).sum()) / self.problem.shares

    @property
    def size_impact(self) -> float:
        """The part of `total_impact` that grows with size."""
        return self.total_impact - self.spread_impact

    @property
    def total_impact_bps(self) -> float | None:
        """`total_impact` in basis points of the arrival price; None where that price is needed and not given."""
        return to_bps(self.total_impact, self.problem.unit, self.problem.arrival_price)

    @property
    def total_cost(self) -> float | None:
        """Cost of the order in currency; None where the arrival price is needed and not given."""
        return to_currency(self.cost, self.problem.unit, self.problem.arrival_price)

    @cached_property
    def impact(self) -> Floats:
        """``I_t(x_t)`` per interval, impact unit; 0 where nothing trades."""
        return np.where(self.shares > 0, self.problem.impact.slippage(self.shares), 0.0)
