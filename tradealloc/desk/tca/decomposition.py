"""Implementation shortfall, and the parts that it is made of.

With side s (+1 buy, -1 sell), fills j of s_j shares at P_j, order size S, decision price P_d, arrival price P_a and the
price P_n at which the rest was given up::

    shortfall = s [ sum s_j (P_j - P_d) + (S - sum s_j)(P_n - P_d) ] + fees          (Perold 1988)

Wagner's split takes out ``delay = s sum s_j (P_a - P_d)`` and ``opportunity = s (S - sum s_j)(P_n - P_d)``. What
remains, ``s sum s_j (P_j - P_a)``, is split fill by fill, m_j being the mid just before the fill and b_j the best
price taken::

    P_j - P_a = (m_j - P_a)  drift      what the mid did since arrival
              + (b_j - m_j)  spread     half the quoted spread
              + (P_j - b_j)  temporary  paid beyond the best price; negative where the fill bettered it

and, with m+_j the mid some time after fill j, the drift in two::

    permanent_j = sum_{i<j} (m+_i - m_i)     what the mid moved around the order's own earlier fills and kept
    timing_j    = (m_j - P_a) - permanent_j  what it moved in between: the market's own doing

The permanent part holds what the market did in those moments too; over many orders that averages out. Where the data
for a part is missing, the part stays together with its neighbour and goes by a name that says so:
``drift`` (timing and permanent), ``trading`` (spread and temporary), ``execution`` (all four).

References
----------
A. Perold, "The implementation shortfall: paper versus reality", 1988. W. Wagner and M. Edwards, "Best execution", 1993.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cents import Cents, split_cents
from .fills import Fills, Floats, Orders

PARTS: dict[str, str] = {
    "delay": "Delay",
    "timing": "Timing",
    "permanent": "Permanent impact",
    "drift": "Timing and permanent impact",
    "spread": "Spread",
    "temporary": "Temporary impact",
    "trading": "Spread and temporary impact",
    "execution": "Execution, not split",
    "opportunity": "Opportunity",
    "fees": "Fees",
}
"""Parts in the order in which they arise, and what they are called."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The cost of M orders, in cents of each order's currency; positive costs.

    Attributes
    ----------
    filled
        ndarray of shape (M,), shares.
    average_price
        ndarray of shape (M,), NaN where nothing filled.
    cents
        Part -> ndarray of shape (M,), int64; 0 where the part isn't known. They sum to `shortfall`.
    known
        Part -> ndarray of shape (M,), bool: whether the part is told for the order.
    shortfall
        ndarray of shape (M,), int64. Fees and opportunity are in it where they are known.
    unpriced
        ndarray of shape (M,), shares that are unfilled and have no price to be valued at: not in the shortfall.
    """

    filled: Floats
    average_price: Floats
    cents: dict[str, Cents]
    known: dict[str, NDArray[np.bool_]]
    shortfall: Cents
    unpriced: Floats

    def currency(self, part: str) -> Floats:
        """ndarray of shape (M,), a part in currency; NaN where it isn't known."""
        return np.where(self.known[part], self.cents[part] / 100.0, np.nan)


def decompose(orders: Orders, fills: Fills) -> Decomposition:
    """Split the cost of each order.

    Raises
    ------
    InputError
        The amounts are too large to be told to the cent.
    """
    size = len(orders)
    filled = fills.sums(fills.shares, size)
    unfilled = np.maximum(orders.shares - filled, 0.0)
    unfilled[unfilled <= 1e-9 * orders.shares] = 0.0
    has_decision = np.isfinite(orders.decision_price)
    decision = np.where(has_decision, orders.decision_price, orders.arrival_price)
    arrival = orders.arrival_price[fills.order]

    mids, bests = fills.known(fills.mid, size), fills.known(fills.best, size)
    lasting = fills.known(fills.mid_after, size) & mids
    split = mids & bests
    has_fills = filled > 0
    has_end = np.isfinite(orders.end_price)

    def by_order(per_share: Floats, where: NDArray[np.bool_]) -> Floats:
        """s sum s_j (per share) of the orders that know it."""
        values = np.where(where[fills.order], per_share * fills.shares, 0.0)
        return np.asarray(orders.side * fills.sums(values, size))

    own = _own_moves(fills, lasting)
    amounts = {
        "delay": orders.side * filled * (orders.arrival_price - decision),
        "timing": by_order(fills.mid - arrival - own, lasting),
        "permanent": by_order(own, lasting),
        "drift": by_order(fills.mid - arrival, mids & ~lasting),
        "spread": by_order(fills.best - fills.mid, split),
        "temporary": by_order(fills.price - fills.best, split),
        "trading": by_order(fills.price - fills.mid, mids & ~bests),
        "execution": by_order(fills.price - arrival, has_fills & ~mids),
        "opportunity": np.where(has_end, orders.side * unfilled * (orders.end_price - decision), 0.0),
        "fees": fills.sums(np.nan_to_num(fills.fees), size),
    }
    known = {
        "delay": has_decision,
        "timing": lasting,
        "permanent": lasting,
        "drift": mids & ~lasting,
        "spread": split,
        "temporary": split,
        "trading": mids & ~bests,
        "execution": has_fills & ~mids,
        "opportunity": (unfilled == 0) | has_end,
        "fees": fills.known(fills.fees, size),
    }
    known["fees"] |= amounts["fees"] != 0
    whole = (
        orders.side * fills.sums(fills.shares * (fills.price - decision[fills.order]), size)
        + amounts["opportunity"]
        + amounts["fees"]
    )
    names = list(PARTS)
    cents, shortfall = split_cents(
        np.column_stack([amounts[name] for name in names]), np.column_stack([known[name] for name in names]), whole
    )
    paid = fills.sums(fills.shares * fills.price, size)
    return Decomposition(
        filled,
        np.divide(paid, filled, out=np.full(size, np.nan), where=has_fills),
        {name: cents[:, column] for column, name in enumerate(names)},
        known,
        shortfall,
        np.where(has_end, 0.0, unfilled),
    )


def _own_moves(fills: Fills, lasting: NDArray[np.bool_]) -> Floats:
    """ndarray of shape (F,), what the mid moved around the earlier fills of the same order; 0 where it isn't known."""
    moves = np.where(lasting[fills.order], fills.mid_after - fills.mid, 0.0)
    order = np.argsort(fills.order, kind="stable")
    before = np.cumsum(moves[order]) - moves[order]
    group = fills.order[order]
    first = np.r_[True, np.diff(group) != 0] if len(group) else np.empty(0, bool)
    before -= before[first][np.cumsum(first) - 1] if len(group) else 0.0
    own = np.empty(len(moves))
    own[order] = before
    return own
