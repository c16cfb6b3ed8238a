"""Scenarios and trade-off curves, against solving each problem on its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solve.cases import BETA, INTERVALS, SHARES, SPREAD, TRADABLE, UNIT, VOLUME
from solve.strategies import THOROUGH

import tradealloc as ta
from tradealloc.analysis.cap_values import cap_values
from tradealloc.analysis.scenarios import Scenario, by_exponent, by_participation, price_scenario
from tradealloc.analysis.strategies import improvement
from tradealloc.units import ImpactUnit

LINEAR = ta.Problem(SHARES, ta.LinearImpact(BETA, SPREAD), ta.Limits(volume=VOLUME), arrival_price=100.0)


def test_row_is_the_solve_and_its_own_baseline() -> None:
    power = ta.PowerImpact.from_linear(BETA, 0.6, UNIT, SPREAD)
    problem = LINEAR.with_impact(power)
    priced = price_scenario(Scenario("Concave", problem, "power 0.6"))
    best, row = ta.solve(problem), priced.row
    assert priced.schedule is not None
    assert np.array_equal(priced.schedule.shares, best.shares)
    equal = float(power.cost(np.full(INTERVALS, UNIT)).sum()) / SHARES
    assert row.equal_impact == pytest.approx(equal, rel=1e-12)
    assert row.improvement == pytest.approx(1 - best.total_impact / equal, rel=1e-12)
    assert (row.scenario, row.model, row.shares, row.status) == ("Concave", "power 0.6", SHARES, "OK")
    assert (row.total_impact, row.total_impact_bps) == (best.total_impact, pytest.approx(best.total_impact * 100))
    assert row.total_cost == pytest.approx(best.total_impact * SHARES)
    assert row.shadow_price == best.certificate.shadow_price
    assert row.allocation_std == pytest.approx(best.shares.std())
    assert row.kkt_residual is not None
    assert row.kkt_residual <= 1e-9
    assert row.duality_gap is not None
    assert row.duality_gap <= 1e-9


def test_intervals_at_a_limit_are_counted_but_not_dear_ones() -> None:
    impact = ta.LinearImpact([1.0, 1.0, 1.0], [0.0, 0.0, 100.0])
    problem = ta.Problem(3.0, impact, ta.Limits(max_shares=[1.0, np.inf, np.inf]))
    row = price_scenario(Scenario("x", problem, "linear")).row
    assert row.at_limit == 1  # the third interval is dearer than the shadow price, which is no limit


def test_infeasible_scenario_says_so_and_keeps_its_baseline() -> None:
    problem = replace(LINEAR, limits=replace(LINEAR.limits, participation=0.001))
    priced = price_scenario(Scenario("Tight", problem, "linear"))
    assert priced.schedule is None
    assert priced.row.status.startswith("caps sum to ")
    assert priced.row.total_impact is None
    assert priced.row.equal_impact == pytest.approx(ta.analysis.equal(problem).total_impact)


def test_a_linear_programme_without_caps_warns_in_its_schedule_only() -> None:
    problem = LINEAR.with_impact(ta.PowerImpact(BETA, 0.0, SPREAD))
    priced = price_scenario(Scenario("Flat", problem, "power 0"))  # warnings are errors in the tests
    assert priced.schedule is not None
    assert "exponent 0" in priced.schedule.warnings[0]


def test_participation_curve_is_one_solve_a_cap() -> None:
    caps = [0.05, 0.1, 0.15, 0.3, 1.0]
    rows = by_participation(LINEAR, caps).rows
    assert [row.participation for row in rows] == caps
    assert (rows[0].optimal_impact, rows[0].status) == (None, rows[0].status)
    assert "short (participation)" in rows[0].status
    for row in rows[1:]:
        capped = replace(LINEAR, limits=replace(LINEAR.limits, participation=row.participation))
        best = ta.solve(capped)
        assert row.optimal_impact == best.total_impact
        assert row.improvement == improvement(best.total_impact, ta.analysis.equal(capped).total_impact)
        assert row.marginal_value == pytest.approx(cap_values(capped).rows[0].marginal_value)


@THOROUGH
@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=6, unique=True))
def test_a_looser_cap_costs_no_more_and_is_worth_less(caps: list[float]) -> None:
    rows = [row for row in by_participation(LINEAR, sorted(caps)).rows if row.optimal_impact is not None]
    impacts = [row.optimal_impact or 0.0 for row in rows]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(impacts))
    values = [row.marginal_value for row in rows if row.marginal_value is not None]
    assert all(later <= earlier + 1e-9 * max(values) for earlier, later in pairwise(values))


@pytest.mark.parametrize("cap", [0.0, -0.1, 1.5, float("nan")])
def test_a_cap_that_is_none_has_a_status(cap: float) -> None:
    (row, good) = by_participation(LINEAR, [cap, 0.5]).rows
    assert row.optimal_impact is None
    assert row.status.startswith("participation is ")
    assert good.status == "OK"


def test_participation_needs_volumes() -> None:
    (row,) = by_participation(ta.Problem(SHARES, ta.LinearImpact(BETA)), [0.1]).rows
    assert row.status == "participation needs a volume forecast: give volume per interval"


def test_exponents_agree_at_the_reference_size() -> None:
    found = by_exponent(LINEAR, [0.5, 1.0, 2.0], 300.0)
    assert found.reference_shares == 300.0
    for row in found.rows:
        by_hand = ta.PowerImpact(BETA * 300.0 ** (1 - row.exponent), row.exponent, SPREAD)
        best = ta.solve(LINEAR.with_impact(by_hand))
        equal = float(by_hand.cost(np.full(INTERVALS, UNIT)).sum()) / SHARES
        assert row.optimal_impact == pytest.approx(best.total_impact, rel=1e-12)
        assert row.equal_impact == pytest.approx(equal, rel=1e-12)
        assert row.improvement == pytest.approx(1 - best.total_impact / equal, rel=1e-9)
    assert found.rows[1].optimal_impact == pytest.approx(ta.solve(LINEAR).total_impact, rel=1e-12)


def test_without_reference_models_agree_at_the_even_spread_of_the_order() -> None:
    problem = replace(LINEAR, limits=ta.Limits(tradable=TRADABLE))
    found = by_exponent(problem, [0.5, 0.8, 1.5])
    assert found.reference_shares == pytest.approx(SHARES / TRADABLE.sum())
    equal = ta.analysis.equal(problem).total_impact
    assert [row.equal_impact for row in found.rows] == pytest.approx([equal] * 3)


def test_base_model_need_not_be_linear() -> None:
    power = LINEAR.with_impact(ta.PowerImpact.from_linear(BETA, 0.6, 250.0, SPREAD))
    (same,) = by_exponent(power, [0.6]).rows
    assert same.optimal_impact == pytest.approx(ta.solve(power).total_impact, rel=1e-12)


def test_bad_exponents_have_a_status() -> None:
    rows = by_exponent(LINEAR, [-1.0, 1e9, 0.6]).rows
    assert rows[0].status.startswith("exponent is -1")
    assert rows[1].status.startswith("exponent is 1e+09")
    assert rows[2].status == "OK"
    with pytest.raises(ta.InputError, match="reference_shares is 0"):
        by_exponent(LINEAR, [1.0], 0.0)


def test_infeasible_exponents_keep_their_baseline() -> None:
    tight = replace(LINEAR, limits=replace(LINEAR.limits, participation=0.001))
    (row,) = by_exponent(tight, [0.6]).rows
    assert (row.optimal_impact, row.improvement) == (None, None)
    assert row.equal_impact is not None
    assert "short (participation)" in row.status


def test_bps_without_arrival_price() -> None:
    problem = replace(LINEAR, unit=ImpactUnit.BPS, arrival_price=None)
    row = price_scenario(Scenario("x", problem, "linear")).row
    assert (row.total_impact_bps, row.total_cost) == (row.total_impact, None)
