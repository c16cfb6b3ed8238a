"""Optimality by hand, not by our own certificate; and the certificate on schedules that aren't optimal."""

from __future__ import annotations

import numpy as np
import pytest

import tradealloc as ta
from tradealloc.solve.certificate import certify

from .cases import LIMITS, MODELS, SHARES, UNIT, bounds_by_hand, exchange_profit, marginal_by_hand, problem_of

PAIRS = [(model, limits) for model in MODELS for limits in LIMITS if problem_of(model, limits) is not None]

ONE_SCHEDULE = ("min everywhere", "room exactly")
"""Limits that leave a single schedule, which can't be disturbed."""


def _problem(model: str, limits: str) -> ta.Problem:
    problem = problem_of(model, limits)
    assert problem is not None
    return problem


@pytest.mark.parametrize(("model", "limits"), PAIRS)
def test_bounds_by_hand(model: str, limits: str) -> None:
    """Every limit turned into shares; the impact cap is found by bisection here, hence 1e-9."""
    problem = _problem(model, limits)
    lower, upper = bounds_by_hand(problem)
    np.testing.assert_allclose(problem.bounds.lower, lower)
    np.testing.assert_allclose(np.minimum(problem.bounds.upper, 10 * SHARES), np.minimum(upper, 10 * SHARES), rtol=1e-9)


@pytest.mark.parametrize(("model", "limits"), PAIRS)
def test_optimality_conditions_by_hand(model: str, limits: str) -> None:
    """One multiplier: marginal costs equal it inside the bounds, are below it at caps and above it at minimums."""
    problem = _problem(model, limits)
    schedule = ta.solve(problem, "dual")
    x, mu = schedule.shares, schedule.certificate.price
    lower, upper = bounds_by_hand(problem)
    assert x.sum() == pytest.approx(SHARES, rel=1e-13)
    assert (x >= lower).all()
    assert (x <= upper * (1 + 1e-9)).all()
    marginal = marginal_by_hand(problem.impact)(x)
    close = 1e-9 * UNIT
    inside, at_cap, at_minimum = (x > lower + close) & (x < upper - close), x >= upper - close, x <= lower + close
    np.testing.assert_allclose(marginal[inside], mu, rtol=1e-11)
    assert (marginal[at_cap & ~at_minimum] <= mu * (1 + 1e-9)).all()
    assert (marginal[at_minimum & ~at_cap] >= mu * (1 - 1e-9)).all()
    assert exchange_profit(problem, x, 1e-4 * UNIT, (lower, upper)) <= 1e-15


@pytest.mark.parametrize(("model", "limits"), [pair for pair in PAIRS if pair[1] not in ONE_SCHEDULE])
def test_certificate_is_tight_and_refutes_a_disturbed_schedule(model: str, limits: str) -> None:
    problem = _problem(model, limits)
    schedule = ta.solve(problem, "dual")
    certificate = schedule.certificate
    assert certificate.kkt_residual <= 1e-9
    assert certificate.duality_gap <= 1e-9
    give = np.flatnonzero(schedule.shares > problem.bounds.lower + 0.01 * UNIT)
    take = np.flatnonzero(schedule.shares < problem.bounds.upper - 0.01 * UNIT)
    moves = [(g, t) for g in give for t in take if g != t]
    for g, t in (moves[0], moves[-1]):
        moved = schedule.shares.copy()
        moved[g] -= 0.01 * UNIT
        moved[t] += 0.01 * UNIT
        refuted = certify(problem, moved, certificate.price)
        assert refuted.kkt_residual >= 0.0099
        dearer = 1 - schedule.cost / problem.impact.cost(moved).sum()
        assert dearer > 0
        # The gap bounds what the disturbed schedule costs too much; 1e-15 is the rounding of the cost itself.
        assert refuted.duality_gap >= dearer - 1e-15
        assert refuted.duality_gap > 0


def test_certificate_refutes_a_wrong_multiplier() -> None:
    problem = _problem("linear+spread", "participation")
    schedule = ta.solve(problem)
    off = certify(problem, schedule.shares, schedule.certificate.price * 1.01)
    assert off.kkt_residual > 1e-3
    assert off.duality_gap > 0


def test_certificate_doesnt_trust_the_models_inverse() -> None:
    """A wrong inverse marginal cost leads the solver astray; the certificate notices by the marginal cost itself."""

    class Wrong(ta.LinearImpact):
        def inverse_marginal(self, price: float) -> np.ndarray:
            return super().inverse_marginal(price) ** 0.9

    impact = Wrong([1e-5, 3e-5, 2e-5], 0.01)
    problem = ta.Problem(1_000, impact)
    price = 0.02
    shares = impact.inverse_marginal(price)
    astray = certify(problem.with_shares(float(shares.sum())), shares, price)
    assert astray.kkt_residual == 0.0
    assert astray.duality_gap > 0.01


def test_gap_bounds_the_loss_of_every_feasible_schedule() -> None:
    """cost(x) (1 - gap(x)) <= optimum, for random feasible schedules and the multiplier of the optimum."""
    problem = _problem("power 0.6+spread", "max")
    optimum = ta.solve(problem)
    random = np.random.default_rng(3)
    for _ in range(50):
        weights = random.dirichlet(np.ones(problem.intervals))
        moved = optimum.shares + 0.2 * (np.minimum(SHARES * weights, problem.bounds.upper) - optimum.shares)
        moved *= SHARES / moved.sum()
        gap = certify(problem, moved, optimum.certificate.price).duality_gap
        assert problem.impact.cost(moved).sum() * (1 - gap) <= optimum.cost * (1 + 1e-12)
