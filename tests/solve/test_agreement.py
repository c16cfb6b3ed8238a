"""Four methods, one answer."""

from __future__ import annotations

import numpy as np
import pytest

import tradealloc as ta

from .cases import BETA, CAPS, INTERVALS, LIMITS, MODELS, SHARES, SPREAD, attempt, problem_of

AGREED = 1e-6
"""Relative difference in total impact that the contract allows; exact methods meet `EXACT`."""

EXACT = 1e-12

PAIRS = [(model, limits) for model in MODELS for limits in LIMITS if problem_of(model, limits) is not None]


@pytest.mark.parametrize(("model", "limits"), PAIRS)
def test_methods_agree(model: str, limits: str) -> None:
    problem = problem_of(model, limits)
    assert problem is not None
    reference = ta.solve(problem, "dual")
    applied = {"dual"}
    for method in ("auto", "analytic", "cvxpy", "slsqp"):
        schedule = attempt(problem, method)
        if isinstance(schedule, ta.InputError):
            assert schedule.argument == "method"
            assert method == "analytic" or (method == "cvxpy" and model == "quadratic -"), str(schedule)
            assert "use dual" in str(schedule)
            continue
        assert isinstance(schedule, ta.Schedule), schedule
        applied.add(method)
        tolerance = AGREED if method in ("cvxpy", "slsqp") else EXACT
        assert schedule.total_impact == pytest.approx(reference.total_impact, rel=tolerance)
        assert schedule.shares.sum() == pytest.approx(SHARES, rel=1e-9)
        assert (schedule.shares >= problem.bounds.lower).all()
        assert (schedule.shares <= problem.bounds.upper + 1e-9 * SHARES).all()  # the contract's feasibility tolerance
        assert schedule.certificate.duality_gap <= (1e-6 if method in ("cvxpy", "slsqp") else 1e-9)
        if method not in ("cvxpy", "slsqp"):
            assert schedule.certificate.kkt_residual <= 1e-9
    assert {"auto", "slsqp"} <= applied
    assert ("cvxpy" in applied) == (model != "quadratic -")
    assert ("analytic" in applied) or not model.startswith("linear")


@pytest.mark.parametrize("method", ["auto", "analytic", "dual", "cvxpy"])
def test_linear_programme(method: str) -> None:
    """Exponent 0: cheapest intervals first, by hand."""
    cost = SPREAD + BETA
    expected, left = np.zeros(INTERVALS), SHARES
    for position in np.argsort(cost):
        expected[position] = min(CAPS[position], left)
        left -= expected[position]
    schedule = ta.solve(ta.Problem(SHARES, ta.PowerImpact(BETA, 0.0, SPREAD), ta.Limits(max_shares=CAPS)), method)
    np.testing.assert_allclose(schedule.shares, expected, atol=1e-5 * SHARES if method == "cvxpy" else 0)
    assert schedule.total_impact == pytest.approx((cost * expected).sum() / SHARES, rel=1e-9)
    assert schedule.warnings == ()


def test_uncapped_linear_programme_warns() -> None:
    with pytest.warns(ta.TradeallocWarning, match="cheapest interval may take the whole order"):
        schedule = ta.solve(ta.Problem(100, ta.PowerImpact([3e-2, 1e-2, 2e-2], 0)))
    assert schedule.shares.tolist() == [0, 100, 0]
    assert schedule.warnings


def test_slsqp_refuses_a_linear_programme() -> None:
    with pytest.raises(ta.InputError, match="slsqp needs curvature"):
        ta.solve(ta.Problem(10, ta.PowerImpact([1.0, 2.0], 0), ta.Limits(max_shares=8)), "slsqp")


def test_slsqp_refuses_too_many_intervals() -> None:
    with pytest.raises(ta.InputError, match="2,000 intervals at most"):
        ta.solve(ta.Problem(10, ta.LinearImpact(np.ones(2_001))), "slsqp")


@pytest.mark.parametrize("solver", ["CLARABEL", "osqp", "SCS"])
def test_other_cvxpy_solvers(solver: str) -> None:
    """Any installed solver goes; one that stops short of a gap of 1e-6 is an error and never a worse schedule."""
    problem = ta.Problem(SHARES, MODELS["linear+spread"], LIMITS["max"])
    outcome = attempt(problem, "cvxpy", solver)
    if isinstance(outcome, ta.Schedule):
        assert outcome.total_impact == pytest.approx(ta.solve(problem).total_impact, rel=AGREED)
        return
    assert isinstance(outcome, ta.SolverError)
    assert solver == "SCS"
    assert "use method dual or auto" in str(outcome)
    assert outcome.best is None or np.shape(outcome.best) == (INTERVALS,)


@pytest.mark.parametrize("method", ["analytic", "dual", "cvxpy", "slsqp"])
def test_every_interval_fixed(method: str) -> None:
    """Minimum equal to maximum everywhere leaves one schedule."""
    fixed = np.array([10.0, 20.0, 30.0])
    problem = ta.Problem(60, ta.LinearImpact([1e-3, 2e-3, 3e-3], 0.01), ta.Limits(min_shares=fixed, max_shares=fixed))
    schedule = ta.solve(problem, method)
    np.testing.assert_allclose(schedule.shares, fixed, rtol=1e-9)
    assert schedule.certificate.shadow_price is None
    assert schedule.certificate.duality_gap <= 1e-9


@pytest.mark.parametrize("method", ["analytic", "dual", "cvxpy", "slsqp"])
@pytest.mark.parametrize("limits", [ta.Limits(), ta.Limits(max_shares=100), ta.Limits(min_shares=100)])
def test_one_interval(method: str, limits: ta.Limits) -> None:
    schedule = ta.solve(ta.Problem(100, ta.LinearImpact(2e-3, 0.01), limits), method)
    assert schedule.shares.tolist() == pytest.approx([100])
    assert schedule.total_impact == pytest.approx(0.21)


def test_scalar_parameters_with_limits_per_interval() -> None:
    """One beta for all intervals; N comes from the limits."""
    limits = ta.Limits(max_shares=[10, 50, 80])
    for impact in (ta.LinearImpact(1e-3), ta.PowerImpact(1e-3, 0.5, 0.01), ta.QuadraticImpact(1e-3, 1e-6)):
        schedule = ta.solve(ta.Problem(100, impact, limits), "dual")
        np.testing.assert_allclose(schedule.shares, [10, 45, 45], rtol=1e-12)
        assert schedule.certificate.binding == ("max 10", "", "")
