"""The shadow price is the cost of one more share: the right derivative of the optimal cost, at kinks too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tradealloc as ta
from tradealloc.model import ImpactModel

from .strategies import THOROUGH, arrays_of

pytestmark = pytest.mark.filterwarnings("ignore::tradealloc.TradeallocWarning")


@st.composite
def kinked_orders(draw: st.DrawFn) -> ta.Problem:
    """Orders that end exactly where intervals reach their bounds, more often than not."""
    n = draw(st.integers(1, 6))
    beta = draw(arrays_of(st.floats(1e-5, 1e-3), n))
    spread = draw(arrays_of(st.sampled_from([0.01, 0.02, 0.05]), n))
    kind = draw(st.sampled_from(["linear", "linear programme", "power", "quadratic"]))
    impact: ImpactModel = ta.LinearImpact(beta, spread)
    if kind == "linear programme":
        impact = ta.PowerImpact(beta, 0.0, spread)
    if kind == "power":
        impact = ta.PowerImpact(beta, draw(st.sampled_from([1.2, 2.0])), spread)
    if kind == "quadratic":
        impact = ta.QuadraticImpact(beta, beta / 1e3 * draw(st.floats(-0.1, 2)), spread)
    caps = draw(arrays_of(st.sampled_from([100.0, 200.0, 500.0]), n))
    minimums = draw(arrays_of(st.sampled_from([0.0, 0.0, 50.0, 100.0]), n))
    filled = draw(st.integers(0, n))
    kink = caps[:filled].sum() + minimums[filled:].sum()
    shares = draw(st.one_of(st.just(float(kink)), st.floats(float(minimums.sum()), float(caps.sum()))))
    assume(shares > 1e-3)
    return ta.Problem(shares, impact, ta.Limits(min_shares=minimums, max_shares=caps))


@THOROUGH
@given(problem=kinked_orders())
def test_right_derivative_of_the_optimal_cost(problem: ta.Problem) -> None:
    here = ta.solve(problem, "dual")
    price = here.certificate.shadow_price
    room = problem.bounds.room - problem.shares
    if room <= 1e-12 * problem.shares:
        assert price is None
        return
    step = min(1e-4 * problem.shares, room)
    there = ta.solve(problem.with_shares(problem.shares + step), "dual")
    difference = (there.cost - here.cost) / step
    # The optimal cost is convex: the difference quotient lies between the shadow prices at its two ends.
    assert price is not None
    assert price <= difference * (1 + 1e-7)
    assert there.certificate.price >= difference * (1 - 1e-7)


@pytest.mark.parametrize("method", ["analytic", "dual", "cvxpy", "slsqp"])
def test_kinks_by_hand(method: str) -> None:
    """Spreads 0.01 and 0.05: the first interval full at its cap of 100, the second still empty."""
    impact = ta.LinearImpact([1e-4, 1e-4], [0.01, 0.05])
    full = ta.solve(ta.Problem(100, impact, ta.Limits(max_shares=100)), method)
    assert full.certificate.shadow_price == pytest.approx(0.05, rel=1e-6)  # the second interval's first share
    part = ta.solve(ta.Problem(50, impact, ta.Limits(max_shares=100)), method)
    assert part.certificate.shadow_price == pytest.approx(0.01 + 2 * 1e-4 * 50, rel=1e-6)
    none = ta.solve(ta.Problem(200, impact, ta.Limits(max_shares=100)), method)
    assert none.certificate.shadow_price is None
    least = ta.solve(ta.Problem(120, impact, ta.Limits(min_shares=60)), method)
    assert least.certificate.shadow_price == pytest.approx(0.01 + 2 * 1e-4 * 60, rel=1e-6)


def test_kink_of_a_linear_programme() -> None:
    limits = ta.Limits(max_shares=100)
    impact = ta.PowerImpact([0.01, 0.02, 0.03], 0.0)
    prices = [ta.solve(ta.Problem(s, impact, limits)).certificate.shadow_price for s in (50, 100, 150, 200, 299, 300)]
    assert prices == [0.01, 0.02, 0.02, 0.03, 0.03, None]


def test_shadow_price_of_lots_is_that_of_the_continuous_optimum() -> None:
    impact = ta.LinearImpact([1e-4, 2e-4])
    whole = ta.solve(ta.Problem(500, impact, ta.Limits(lot_size=100)))
    assert whole.certificate.shadow_price == ta.solve(ta.Problem(500, impact), "dual").certificate.shadow_price


def test_what_binds_is_named() -> None:
    limits = ta.Limits(
        min_shares=[0, 0, 0, 0, 0, 30, 0, 0],
        max_shares=[40, np.inf, np.inf, np.inf, np.inf, np.inf, np.inf, np.inf],
        participation=0.1,
        volume=[9e3, 500, 9e3, 0, 9e3, 9e3, 9e3, 9e3],
        impact_cap=[1, 1, 0.012, 1, 1, 1, 1, 0.009],
        tradable=[True, True, True, True, False, True, True, True],
    )
    impact = ta.LinearImpact(1e-4, [0.01, 0.01, 0.01, 0.01, 0.01, 0.5, 0.7, 0.01])
    schedule = ta.solve(ta.Problem(175, impact, ta.Limits(**_fields(limits))))
    np.testing.assert_allclose(schedule.shares, [40, 50, 20, 0, 0, 65, 0, 0])
    assert schedule.certificate.binding == (
        "max 40",
        "participation 10 %",
        "impact cap 0.012",
        "no volume",
        "no trade",
        "",
        "dearer than shadow price",
        "spread above impact cap",
    )
    less = ta.solve(ta.Problem(140, impact, ta.Limits(**_fields(limits))))
    assert less.certificate.binding[5] == "min 30"
    np.testing.assert_allclose(less.shares, [40, 50, 20, 0, 0, 30, 0, 0])


def _fields(limits: ta.Limits) -> dict[str, object]:
    return {name: value for name, value in vars(limits).items() if value is not None}
