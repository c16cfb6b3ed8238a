"""Separable limits: what each interval may trade, whatever the others do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InfeasibleError, InputError
from .arrays import Bools, Floats, flags, numbers, scalar
from .impact import ImpactModel


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits per interval; every one is a scalar (all intervals) or an array of shape (N,).

    Parameters
    ----------
    min_shares
        ``lo_t``, shares, >= 0. A scalar applies to the intervals that may trade, an array to each as it stands.
    max_shares
        Shares, >= 0; inf is no limit.
    participation
        ``rho`` in (0, 1]: ``x_t <= rho V_t``. Needs `volume`.
    volume
        ``V_t``: total forecast volume with our own shares in it, >= 0. Under a participation cap an interval
        without volume doesn't trade. Alone it only feeds the VWAP benchmark.
    impact_cap
        Largest slippage per share ``I_t(x)``, half-spread included, in the impact unit, > 0; an interval whose
        half-spread reaches it doesn't trade.
    lot_size
        Scalar, shares, > 0: whole lots, the remainder of the order in one interval.
    min_clip
        Shares, >= 0: an interval trades nothing or at least this.
    tradable
        True where the interval may trade.

    Raises
    ------
    InputError
        With the position of the first value that can't be used.
    """

    min_shares: ArrayLike = 0.0
    max_shares: ArrayLike = np.inf
    participation: ArrayLike | None = None
    volume: ArrayLike | None = None
    impact_cap: ArrayLike | None = None
    lot_size: float | None = None
    min_clip: ArrayLike | None = None
    tradable: ArrayLike | None = None

    VECTORS: ClassVar[tuple[str, ...]] = (
        "min_shares", "max_shares", "participation", "volume", "impact_cap", "min_clip", "tradable",
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked: dict[str, object] = {
            "min_shares": numbers(self.min_shares, "min_shares", minimum=0),
            "max_shares": numbers(self.max_shares, "max_shares", minimum=0, infinite=True),
        }
        if self.participation is not None:
            checked["participation"] = numbers(self.participation, "participation", above=0, maximum=1)
            if self.volume is None:
                raise InputError("needs a volume forecast: give volume per interval", argument="participation")
        if self.volume is not None:
            checked["volume"] = numbers(self.volume, "volume", minimum=0)
        if self.impact_cap is not None:
            checked["impact_cap"] = numbers(self.impact_cap, "impact_cap", above=0)
        if self.lot_size is not None:
            checked["lot_size"] = scalar(self.lot_size, "lot_size", above=0)
        if self.min_clip is not None:
            checked["min_clip"] = numbers(self.min_clip, "min_clip", minimum=0)
        if self.tradable is not None:
            checked["tradable"] = flags(self.tradable, "tradable")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def vectors(self) -> Iterator[tuple[str, Floats | Bools]]:
        """The limits that are set, by argument name."""
        for name in self.VECTORS:
            value = getattr(self, name)
            if value is not None:
                yield name, value

    @property
    def whole_lots_or_clips(self) -> bool:
        """Whether the schedule is restricted to lots or to clips, which makes the problem discrete."""
        return self.lot_size is not None or self.has_clips

    @property
    def has_clips(self) -> bool:
        """Whether an interval has a minimum clip."""
        return self.min_clip is not None and bool(np.any(self.min_clip))


@dataclass(frozen=True, eq=False)
class Bounds:
    """Shares each interval may trade, and which limit says so.

    Attributes
    ----------
    lower, upper : ndarray of shape (N,)
    caps : dict of ndarray of shape (N,)
        Every cap on its own, by limit name, in the order in which they are named when several coincide.
    tradable : ndarray of shape (N,)
        False where the interval is closed by `Limits.tradable`.
    """

    lower: Floats
    upper: Floats
    caps: dict[str, Floats]
    tradable: Bools

    @classmethod
    def of(cls, limits: Limits, impact: ImpactModel, intervals: int) -> Bounds:
        shape = (intervals,)
        caps: dict[str, Floats] = {}
        tradable = np.ones(intervals, dtype=np.bool_)
        if limits.tradable is not None:
            tradable = np.broadcast_to(np.asarray(limits.tradable), shape)
            caps["tradable"] = np.where(tradable, np.inf, 0.0)
        maximum = np.asarray(limits.max_shares)
        if maximum.ndim or maximum != np.inf:
            caps["max_shares"] = np.broadcast_to(maximum, shape)
        if limits.participation is not None:
            caps["participation"] = np.broadcast_to(np.asarray(limits.participation) * np.asarray(limits.volume), shape)
        if limits.impact_cap is not None:
            caps["impact_cap"] = np.broadcast_to(impact.shares_at_slippage(np.asarray(limits.impact_cap)), shape)
        upper = np.minimum.reduce(list(caps.values())) if caps else np.full(intervals, np.inf)
        minimum = np.asarray(limits.min_shares)
        lower = minimum if minimum.ndim else np.where(upper > 0, minimum, 0.0)
        return cls(lower, upper, caps, tradable)

    def cap_name(self, position: int) -> str:
        """Name of the limit that caps an interval."""
        return next((name for name, cap in self.caps.items() if cap[position] <= self.upper[position]), "max_shares")

    def check_order(self, shares: float, tolerance: float) -> None:
        """Raise `InfeasibleError` where no schedule within the bounds trades `shares`."""
        if self.largest_clash > tolerance / self.lower.size:
            self._refuse_clash(tolerance)
        if self.room < shares - tolerance:
            names = self.binding_caps
            raise InfeasibleError(
                f"caps sum to {plain(self.room)} shares, {plain(shares - self.room)} short of {plain(shares)}: "
                f"{self.remedy}, or trade less",
                limits=names,
                short=shares - self.room,
            )
        if self.needed > shares + tolerance:
            raise InfeasibleError(
                f"minimum shares sum to {plain(self.needed)}, {plain(self.needed - shares)} more than the order of "
                f"{plain(shares)}: lower min_shares, or trade more",
                limits=("min_shares",),
                short=self.needed - shares,
            )

    def _refuse_clash(self, tolerance: float) -> None:
        clash = self.lower - self.upper > tolerance / self.lower.size
        position = int(np.argmax(clash))
        name = self.cap_name(position)
        others = int(clash.sum()) - 1
        more = f" (and {others} more interval{'s' if others > 1 else ''})" if others else ""
        short = float((self.lower - self.upper)[clash].sum())
        remedy = "open the interval" if name == "tradable" else f"raise {name}"
        raise InfeasibleError(
            f"interval {position + 1}{more}: min_shares {plain(self.lower[position])} is above the "
            f"{CAP_WORDS[name]} of {plain(self.upper[position])} shares: lower min_shares or {remedy}",
            limits=("min_shares", name),
            short=short,
        )

    @cached_property
    def largest_clash(self) -> float:
        """Most by which a minimum exceeds its cap; negative where none does."""
        return float(np.maximum.reduce(self.lower - self.upper))

    @cached_property
    def room(self) -> float:
        """Shares that the caps allow in all."""
        return float(self.upper.sum())

    @cached_property
    def needed(self) -> float:
        """Shares that the minimums ask for in all."""
        return float(self.lower.sum())

    @property
    def binding_caps(self) -> tuple[str, ...]:
        """Limits that set the cap of at least one interval."""
        return tuple(name for name, cap in self.caps.items() if bool(np.any(cap <= self.upper)))

    @property
    def remedy(self) -> str:
        """What to do where the caps leave too little room: "raise max_shares or participation"."""
        raised = [name for name in self.binding_caps if name != "tradable"]
        parts = [f"raise {' or '.join(raised)}"] if raised else []
        return " or ".join([*parts, "open more intervals"] if "tradable" in self.binding_caps else parts)


def plain(shares: float) -> str:
    """A number of shares as a trader writes it: 82,000 or 81,075.5, never 8.2e+04."""
    if abs(shares) >= 1e15 or 0 < abs(shares) < 1e-3:
        return f"{shares:.6g}"
    text = f"{shares:,.3f}" if abs(shares) < 1e4 else f"{shares:,.1f}"
    return text.rstrip("0").rstrip(".")


CAP_WORDS = {
    "tradable": "no-trade limit",
    "max_shares": "maximum",
    "participation": "participation cap",
    "impact_cap": "impact cap",
}
