"""An order, an impact model and limits: everything a solver needs to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..errors import InputError
from ..units import ImpactUnit
from .arrays import scalar
from .impact import ImpactModel
from .limits import Bounds, Limits

FEASIBILITY = 1e-9
"""Feasibility tolerance, relative to the order."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Minimise ``sum_t g_t(x_t)`` subject to ``sum_t x_t = S``, ``x_t >= 0`` and the limits.

    Parameters
    ----------
    shares
        ``S``: order size in shares, > 0.
    impact
        Impact model; any of its arrays (or of the limits') sets the number of intervals N.
    limits
        Limits per interval.
    risk
        Timing risk; not built yet, None only.
    unit
        Impact unit of the model: "price" (currency per share), "fraction" or "bps" of the arrival price.
    arrival_price
        Mid price at the decision, currency, > 0; needed for bps under unit "price" and for currency otherwise.

    Raises
    ------
    InputError
        For a value that can't be used, arrays whose lengths differ, or a cost that isn't convex within the limits.
    """

    shares: float
    impact: ImpactModel
    limits: Limits = Limits()
    risk: None = None
    unit: ImpactUnit = ImpactUnit.PRICE
    arrival_price: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "shares", scalar(self.shares, "shares", above=0))
        if not isinstance(self.impact, ImpactModel):
            raise InputError(f"is {self.impact!r}: give an impact model such as LinearImpact(beta)", argument="impact")
        if not isinstance(self.limits, Limits):
            raise InputError(f"is {self.limits!r}: give Limits(...)", argument="limits")
        if self.risk is not None:
            raise InputError("(timing risk) isn't built yet: leave it out", argument="risk", value=self.risk)
        try:
            object.__setattr__(self, "unit", ImpactUnit(self.unit))
        except ValueError:
            raise InputError(
                f"is {self.unit!r}: give price, fraction or bps", argument="unit", value=self.unit
            ) from None
        if self.arrival_price is not None:
            object.__setattr__(self, "arrival_price", scalar(self.arrival_price, "arrival_price", above=0))
        self._check_convex()
        self.impact.check_size(self.shares, self.intervals)

    @cached_property
    def intervals(self) -> int:
        """``N``: the length that all arrays share."""
        sizes = {
            name: len(array) for name, array in (*self.impact.vectors.items(), *self.limits.vectors()) if array.ndim
        }
        if not sizes:
            return 1
        leader = "beta" if "beta" in sizes else next(iter(sizes))
        for name, size in sizes.items():
            if size != sizes[leader]:
                raise InputError(
                    f"has {size} values where {leader} has {sizes[leader]}: give one per interval", argument=name
                )
        return sizes[leader]

    @cached_property
    def bounds(self) -> Bounds:
        """Shares each interval may trade."""
        return Bounds.of(self.limits, self.impact, self.intervals)

    @property
    def tolerance(self) -> float:
        """Feasibility tolerance in shares."""
        return FEASIBILITY * self.shares

    def check_feasible(self) -> None:
        """Raise `InfeasibleError` naming the limits that clash, if they leave no schedule."""
        self.bounds.check_order(self.shares, self.tolerance)

    def with_shares(self, shares: float) -> Problem:
        """The same order at another size."""
        return replace(self, shares=shares)

    def with_impact(self, impact: ImpactModel) -> Problem:
        """The same order under another impact model."""
        return replace(self, impact=impact)

    def _check_convex(self) -> None:
        if np.isinf(self.impact.convex_up_to).all():
            self.bounds  # noqa: B018  sizes are checked when the problem is built
            return
        reach = np.minimum(self.bounds.upper, self.shares)
        beyond = reach > self.impact.convex_up_to * (1 + FEASIBILITY)
        if beyond.any():
            position = int(np.argmax(beyond))
            convex = np.broadcast_to(self.impact.convex_up_to, reach.shape)
            raise InputError(
                f"is negative and the cost stops being convex beyond {convex[position]:,.6g} shares in interval "
                f"{position + 1}, where the limits allow {reach[position]:,.6g}: cap max_shares there or raise gamma",
                argument="gamma",
                position=position,
                value=float(np.broadcast_to(self.impact.vectors["gamma"], reach.shape)[position]),
            )
