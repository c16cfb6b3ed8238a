"""Impact units and the way from them to basis points and to currency."""

from __future__ import annotations

from enum import StrEnum

BPS_PER_ONE = 10_000.0


class ImpactUnit(StrEnum):
    """Unit of slippage: of ``I_t(x)``, half-spreads, caps and ``total_impact``."""

    PRICE = "price"
    """Currency per share."""
    FRACTION = "fraction"
    """Fraction of the arrival price."""
    BPS = "bps"
    """Basis points of the arrival price."""

    @property
    def label(self) -> str:
        """The unit as it is printed beside a number."""
        return {"price": "currency/share", "fraction": "of arrival price", "bps": "bps"}[self.value]


def to_bps(impact: float, unit: ImpactUnit, arrival_price: float | None) -> float | None:
    """Slippage in basis points of the arrival price; None where that needs an arrival price not given."""
    if unit is ImpactUnit.BPS:
        return impact
    if unit is ImpactUnit.FRACTION:
        return impact * BPS_PER_ONE
    return None if arrival_price is None else impact / arrival_price * BPS_PER_ONE


def to_currency(cost: float, unit: ImpactUnit, arrival_price: float | None) -> float | None:
    """Cost (shares x impact unit) in currency; None where that needs an arrival price not given."""
    if unit is ImpactUnit.PRICE:
        return cost
    if arrival_price is None:
        return None
    return cost * arrival_price / (BPS_PER_ONE if unit is ImpactUnit.BPS else 1.0)
