"""Values of limits: derivatives against re-solving, ties and kinks by hand, savings that convexity bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from solve.cases import BETA, CAPS, INTERVALS, LIMITS, MINIMUMS, MODELS, SHARES, SPREAD, UNIT, VOLUME, problem_of
from solve.strategies import THOROUGH, arrays_of

import tradealloc as ta
from tradealloc.analysis.cap_values import NO_ROOM, CapValue, cap_values, money_unit, participation_value
from tradealloc.model import ImpactModel

pytestmark = pytest.mark.filterwarnings("ignore::tradealloc.TradeallocWarning")

SEVERAL = ta.Limits(
    min_shares=np.minimum(MINIMUMS, 0.05 * VOLUME),
    max_shares=1.5 * UNIT,
    participation=0.15,
    volume=VOLUME,
    impact_cap=SPREAD + 0.03,
)
ALL_LIMITS = {**LIMITS, "several": SEVERAL}
Relax = Callable[[ta.Limits, float], ta.Limits]

RELAX: dict[str, Relax] = {
    "participation": lambda limits, by: replace(limits, participation=np.asarray(limits.participation) + by),
    "impact cap": lambda limits, by: replace(limits, impact_cap=np.asarray(limits.impact_cap) + by),
    "max": lambda limits, by: replace(limits, max_shares=np.asarray(limits.max_shares) + by),
    "min": lambda limits, by: replace(limits, min_shares=np.maximum(np.asarray(limits.min_shares) - by, 0.0)),
}
STEP = {"participation": 1e-7, "impact cap": 1e-7, "max": UNIT * 1e-6, "min": UNIT * 1e-6}
PER_STEP = {"participation": 0.01, "impact cap": 1.0, "max": 1.0, "min": 1.0}


def kind_of(row: CapValue) -> str:
    return next(kind for kind in ("participation", "impact cap", "max", "min", "window") if row.limit.startswith(kind))


def rows_of(problem: ta.Problem) -> dict[str, CapValue]:
    return {kind_of(row): row for row in cap_values(problem).rows}


def cost(problem: ta.Problem) -> float:
    return ta.solve(problem, "dual").cost


@pytest.mark.parametrize("limits", [name for name in ALL_LIMITS if name not in ("none", "room exactly", "no trade")])
@pytest.mark.parametrize("model", MODELS)
def test_is_the_derivative_of_the_optimal_cost(model: str, limits: str) -> None:
    problem = problem_of(model, limits) if limits != "several" else ta.Problem(SHARES, MODELS[model], SEVERAL)
    if problem is None:
        pytest.skip("not convex under these limits")
    rows = rows_of(problem)
    assert rows
    assert limits != "several" or sum(row.intervals_held > 0 for row in rows.values()) >= 2
    for kind, row in rows.items():
        if kind == "window":
            continue
        step = STEP[kind]
        relaxed = replace(problem, limits=RELAX[kind](problem.limits, step))
        saved = (cost(problem) - cost(relaxed)) / step
        assert row.marginal_value is not None
        # the difference quotient is exact up to step x second derivative, and rounding of the cost over the step
        assert row.marginal_value / PER_STEP[kind] == pytest.approx(saved, rel=2e-3, abs=1e-12 * cost(problem) / step)


def test_by_hand() -> None:
    """Two intervals, beta 1 and 2, cap 1 on the first: x = (1, 2), mu = 8, m_1 = 2, so a share more saves 6."""
    problem = ta.Problem(3.0, ta.LinearImpact([1.0, 2.0]), ta.Limits(max_shares=[1.0, np.inf]))
    (row,) = cap_values(problem).rows
    assert row.marginal_value == pytest.approx(6.0)
    assert (row.limit, row.step, row.relaxed, row.unit) == ("max 1", "1 share an interval", "1.1", "currency")
    assert (row.intervals_held, row.shares_held) == (1, 1.0)
    assert row.relaxed_saving == pytest.approx((1 + 2 * 4) - (1.1**2 + 2 * 1.9**2))
    assert row.note == ""


def test_participation_by_hand() -> None:
    """Caps of 10 % of 100 and 200 shares; the third interval is free and sets mu = 2 x 20."""
    problem = ta.Problem(
        50.0, ta.LinearImpact([1.0, 0.5, 1.0]), ta.Limits(participation=0.1, volume=[100.0, 200.0, 1e6])
    )
    (row,) = cap_values(problem).rows
    assert row.marginal_value == pytest.approx(0.01 * ((40 - 20) * 100 + (40 - 20) * 200))
    assert row.marginal_value == pytest.approx(participation_value(problem))
    assert (row.limit, row.relaxed, row.step) == ("participation 10 %", "11 %", "1 percentage point")


def test_impact_cap_by_hand() -> None:
    """I = h + beta x <= 2: 1 and 1.5 shares; the rest, 7.5, in the third interval at mu = 0.15."""
    problem = ta.Problem(
        10.0,
        ta.LinearImpact([1.0, 1.0, 0.01], [1.0, 0.5, 0.0]),
        ta.Limits(impact_cap=2.0),
        unit=ta.units.ImpactUnit.BPS,
    )
    assert rows_of(problem)["impact cap"].marginal_value == 0.0  # cheap enough elsewhere: the cap holds nothing
    tight = replace(problem, impact=ta.LinearImpact([1.0, 1.0, 1.0], [1.0, 0.5, 3.0]), shares=2.0)
    row = rows_of(tight)["impact cap"]  # interval 3 is closed by its spread; x = (0.75, 1.25), no cap holds
    assert (row.intervals_held, row.marginal_value, row.step) == (1, 0.0, "1 bp")
    assert row.note == "1 closed by their spread, in the saving only"
    assert row.unit == "shares x bps"


def test_impact_cap_divides_by_the_slope_of_slippage() -> None:
    """I_1 = x + 0.5 x^2 <= 1.5 at x = 1, m_1 = 3.5; interval 2 takes 3 at mu = 12; dI/dx = 2 in interval 1."""
    problem = ta.Problem(4.0, ta.QuadraticImpact([1.0, 2.0], [0.5, 0.0]), ta.Limits(impact_cap=[1.5, 100.0]))
    (row,) = cap_values(problem).rows
    assert row.marginal_value == pytest.approx((12 - 3.5) / 2)
    priced = rows_of(replace(problem, arrival_price=100.0))["impact cap"]
    assert priced.step == "1 bp"
    assert priced.marginal_value == pytest.approx((12 - 3.5) / 2 * 0.01)


def test_minimum_by_hand() -> None:
    """x_2 >= 2 at m_2 = 8 where the other interval's margin is 2: a share less saves 6."""
    problem = ta.Problem(3.0, ta.LinearImpact([1.0, 2.0]), ta.Limits(min_shares=[0.0, 2.0]))
    (row,) = cap_values(problem).rows
    assert row.marginal_value == pytest.approx(6.0)
    assert (row.limit, row.relaxed, row.step) == ("min 2", "1.8", "1 share less an interval")


def test_coinciding_caps_save_nothing_alone() -> None:
    """Interval 1 is held by both caps at 1 share: relaxing one leaves the other."""
    limits = ta.Limits(max_shares=[1.0, 5.0], participation=0.1, volume=[10.0, 100.0])
    problem = ta.Problem(3.0, ta.LinearImpact([1.0, 2.0]), limits)
    rows = rows_of(problem)
    for kind in ("max", "participation"):
        assert rows[kind].marginal_value == 0.0
        assert rows[kind].relaxed_saving == 0.0
        assert rows[kind].intervals_held == 1
        assert rows[kind].note == "1 held by another cap too: relaxing this one alone saves nothing there"


def test_the_tighter_cap_gets_the_value() -> None:
    limits = ta.Limits(max_shares=[1.0, 5.0], participation=0.1, volume=[10.1, 100.0])
    rows = rows_of(ta.Problem(3.0, ta.LinearImpact([1.0, 2.0]), limits))
    assert rows["max"].marginal_value == pytest.approx(6.0)
    assert (rows["participation"].marginal_value, rows["participation"].intervals_held) == (0.0, 0)


def test_kink_takes_the_side_of_the_relaxation() -> None:
    """Interval 1 at its cap, 2 at its minimum, 3 empty, none free: any multiplier from 2 to 5 fits.

    A relaxed cap finds no interval that can give shares away, so it saves nothing; a lower minimum moves shares from
    interval 2 (m = 8) to interval 3, whose first share costs 5.
    """
    impact = ta.LinearImpact([1.0, 2.0, 1.0], [0.0, 0.0, 5.0])
    limits = ta.Limits(min_shares=[0.0, 2.0, 0.0], max_shares=[1.0, np.inf, np.inf])
    rows = rows_of(ta.Problem(3.0, impact, limits))
    assert rows["min"].marginal_value == pytest.approx(8.0 - 5.0)
    assert rows["max"].marginal_value == 0.0


def test_without_room_the_margin_is_blank_and_says_why() -> None:
    problem = problem_of("linear", "room exactly")
    assert problem is not None
    (row,) = cap_values(problem).rows
    assert row.marginal_value is None
    assert row.note == NO_ROOM
    assert row.relaxed_saving is not None
    assert row.relaxed_saving > 0


def test_window_is_solved_anew_only() -> None:
    tradable = np.array([True, False])
    problem = ta.Problem(2.0, ta.LinearImpact([1.0, 1.0]), ta.Limits(tradable=tradable))
    (row,) = cap_values(problem).rows
    assert row.marginal_value is None
    assert row.relaxed_saving == pytest.approx(4.0 - 2.0)
    assert (row.limit, row.intervals_held, row.relaxed) == ("window", 1, "all intervals open")


def test_a_scalar_minimum_does_not_reach_intervals_that_the_relaxed_limit_opens() -> None:
    limits = ta.Limits(min_shares=1.0, tradable=[True, False, False])
    (_, window) = cap_values(ta.Problem(1.0, ta.LinearImpact([1.0, 1.0, 1.0]), limits)).rows
    assert window.relaxed_saving == 0.0  # all of the order is interval 1's minimum


def test_whole_lots_have_the_values_of_fractional_shares() -> None:
    limits = replace(SEVERAL, min_shares=0.0)
    problem = ta.Problem(SHARES, MODELS["linear+spread"], limits)
    lots = replace(problem, limits=replace(limits, lot_size=100.0))
    for row, whole in zip(cap_values(problem).rows, cap_values(lots).rows, strict=True):
        assert whole.marginal_value == row.marginal_value
        assert whole.relaxed_saving == row.relaxed_saving
        assert whole.note.startswith("in fractional shares")


def test_full_participation_cannot_be_relaxed() -> None:
    problem = ta.Problem(15.0, ta.LinearImpact([1.0, 2.0]), ta.Limits(participation=1.0, volume=[5.0, 50.0]))
    (row,) = cap_values(problem).rows
    assert (row.relaxed_saving, row.relaxed, row.note) == (None, "", "can't be above 100 %")
    assert row.marginal_value is not None


def test_concave_stretch_within_reach_is_said() -> None:
    impact = ta.QuadraticImpact([1.0, 1.0], [-1 / 6, 0.0])  # convex up to 2 shares
    problem = ta.Problem(5.0, impact, ta.Limits(max_shares=[2.0, np.inf]))
    (row,) = cap_values(problem).rows
    assert row.relaxed_saving is None
    assert row.note.startswith("not relaxed: gamma[0] is negative")


def test_money_is_currency_where_it_can_be() -> None:
    problem = ta.Problem(3.0, ta.LinearImpact([1.0, 2.0]), ta.Limits(max_shares=[1.0, np.inf]), unit="bps")  # type: ignore[arg-type]
    assert money_unit(problem) == "shares x bps"
    priced = replace(problem, arrival_price=200.0)
    assert money_unit(priced) == "currency"
    (plain,), (currency,) = cap_values(problem).rows, cap_values(priced).rows
    assert plain.marginal_value is not None
    assert currency.marginal_value == pytest.approx(plain.marginal_value * 200 / 1e4)


def test_no_limits_no_rows() -> None:
    assert cap_values(ta.Problem(SHARES, MODELS["linear"])).rows == ()


@st.composite
def capped_orders(draw: st.DrawFn) -> ta.Problem:
    """Orders under several limits, at kinks now and then; costs whose caps move linearly or concavely."""
    n = draw(st.integers(1, 8))
    beta = draw(arrays_of(st.floats(1e-5, 1e-3), n))
    spread = draw(arrays_of(st.sampled_from([0.0, 0.01, 0.02]), n))
    kind = draw(st.sampled_from(["linear", "linear programme", "power", "quadratic"]))
    impact: ImpactModel = ta.LinearImpact(beta, spread)
    if kind == "linear programme":
        impact = ta.PowerImpact(beta, 0.0, spread)
    if kind == "power":
        impact = ta.PowerImpact(beta, draw(st.sampled_from([1.2, 2.0])), spread)
    if kind == "quadratic":
        impact = ta.QuadraticImpact(beta, beta / 1e3 * draw(st.floats(0, 2)), spread)
    minimums = draw(arrays_of(st.sampled_from([0.0, 0.0, 50.0, 100.0]), n))
    caps = draw(arrays_of(st.sampled_from([100.0, 200.0, 500.0]), n))
    volume = draw(arrays_of(st.sampled_from([1000.0, 2000.0, 3333.0]), n))
    limits = ta.Limits(min_shares=minimums, max_shares=caps, participation=0.1, volume=volume)
    upper = np.minimum(caps, 0.1 * volume)
    shares = draw(st.floats(float(minimums.sum()), float(upper.sum())))
    assume(shares > 1.0)
    return ta.Problem(shares, impact, limits)


@THOROUGH
@given(capped_orders())
def test_convexity_bounds_the_saving_by_the_margin(problem: ta.Problem) -> None:
    rows = rows_of(problem)
    slack = 1e-9 * cost(problem)
    amounts = {"participation": 1.0}  # a tenth of 10 %, in percentage points
    for kind, row in rows.items():
        assert row.relaxed_saving is not None
        assert row.relaxed_saving >= 0
        if row.marginal_value is None:
            continue
        assert row.marginal_value >= 0
        if kind in amounts:
            assert row.relaxed_saving <= row.marginal_value * amounts[kind] + slack


@THOROUGH
@given(capped_orders(), st.floats(1.0, 30.0))
def test_uniform_caps_too(problem: ta.Problem, share: float) -> None:
    """One maximum for all intervals: a tenth of it, in shares, bounds the saving by the margin times as much."""
    cap = share * problem.shares / problem.intervals
    uniform = replace(problem, limits=ta.Limits(max_shares=cap))
    (row,) = cap_values(uniform).rows
    assert row.relaxed_saving is not None
    if row.marginal_value is not None:
        assert row.relaxed_saving <= row.marginal_value * 0.1 * cap + 1e-9 * cost(uniform)


@THOROUGH
@given(capped_orders())
def test_right_derivative_at_kinks(problem: ta.Problem) -> None:
    for kind, row in rows_of(problem).items():
        if row.marginal_value is None:
            continue
        step = {"participation": 1e-6, "max": 1e-3, "min": 1e-3}[kind]
        saved = cost(problem) - cost(replace(problem, limits=RELAX[kind](problem.limits, step)))
        promised = row.marginal_value / PER_STEP[kind] * step
        steepest = float(np.max(problem.impact.curvature(np.full(problem.intervals, 500.0))))
        moved = step * (1.0 if kind != "participation" else 3333.0) * problem.intervals
        assert saved == pytest.approx(promised, abs=2 * steepest * moved**2 + 1e-12 * cost(problem))


def test_the_multiplier_is_that_of_the_certificate() -> None:
    """nu_t = mu - m_t with the run's own mu, summed by hand."""
    problem = ta.Problem(SHARES, ta.LinearImpact(BETA, SPREAD), ta.Limits(max_shares=CAPS))
    best = ta.solve(problem)
    mu = best.certificate.shadow_price
    assert mu is not None
    held = best.shares >= CAPS
    assert 0 < held.sum() < INTERVALS
    by_hand = float((mu - SPREAD - 2 * BETA * CAPS)[held].sum())
    assert rows_of(problem)["max"].marginal_value == pytest.approx(by_hand, rel=1e-9)
