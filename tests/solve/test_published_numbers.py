"""Published and recomputed numbers: the report's rows, the identities of the linear model, the AMZN day."""

from __future__ import annotations

import numpy as np
import pytest

import tradealloc as ta

ROUNDING = 1e-12
"""Relative difference of two ways to compute the same closed form in doubles."""


def test_identities_of_the_power_law() -> None:
    """``x_t = S beta^(-1/p) / sum``, optimum cost ``S^(1+p) (sum beta^(-1/p))^(-p)``; printed costs and savings."""
    beta = np.exp(np.random.default_rng(0).normal(np.log(8.4e-5), 0.4, 390))
    printed = {1.0: (1954.0404, 14.854), 0.6: (200.9557, 19.480), 0.5: (112.0963, 21.785), 0.25: (22.9262, 35.987)}
    for p, (cost, saving) in printed.items():
        schedule = ta.solve(ta.Problem(1e5, ta.PowerImpact(beta, p)))
        assert schedule.method == "analytic"
        np.testing.assert_allclose(schedule.shares, 1e5 * beta ** (-1 / p) / (beta ** (-1 / p)).sum(), rtol=ROUNDING)
        assert schedule.cost == pytest.approx(1e5 ** (1 + p) * (beta ** (-1 / p)).sum() ** -p, rel=ROUNDING)
        assert schedule.cost == pytest.approx(cost, abs=5e-5)
        equal = (beta * (1e5 / 390) ** (1 + p)).sum()
        assert 100 * (1 - schedule.cost / equal) == pytest.approx(saving, abs=5e-4)


@pytest.mark.parametrize("method", ["analytic", "dual"])
def test_linear_rows_of_the_report(seed_beta: np.ndarray, method: str) -> None:
    """Sensitivity table of the report, to the digits printed, +-1 in the last."""
    printed = {
        50_000: (0.009117, 0.010769),
        75_000: (0.013675, 0.016154),
        100_000: (0.018234, 0.021538),
        150_000: (0.027351, 0.032307),
        200_000: (0.036468, 0.043076),
    }
    assert seed_beta.size == 390
    for shares, (optimal, equal) in printed.items():
        schedule = ta.solve(ta.Problem(shares, ta.LinearImpact(seed_beta)), method)
        assert schedule.total_impact == pytest.approx(optimal, abs=1.01e-6)
        assert seed_beta.mean() * shares / 390 == pytest.approx(equal, abs=1.01e-6)
    schedule = ta.solve(ta.Problem(100_000, ta.LinearImpact(seed_beta)), method)
    assert 100 * (1 - schedule.total_impact / 0.021538) == pytest.approx(15.34, abs=0.01)
    assert schedule.shares.std() == pytest.approx(89.7, abs=0.05)
    assert (schedule.shares.min(), schedule.shares.max()) == pytest.approx((42.6, 515.1), abs=0.05)


def test_saving_of_the_linear_model_doesnt_depend_on_size(seed_beta: np.ndarray) -> None:
    """``1 - HM(beta)/AM(beta)``."""
    harmonic = 1 / (1 / seed_beta).mean()
    for shares in (1.0, 1e3, 1e9):
        schedule = ta.solve(ta.Problem(shares, ta.LinearImpact(seed_beta)))
        assert schedule.total_impact == pytest.approx(harmonic * shares / 390, rel=ROUNDING)


@pytest.mark.parametrize("method", ["analytic", "dual", "cvxpy", "slsqp"])
def test_amzn_day(amzn_profile: dict[str, np.ndarray], method: str) -> None:
    """Golden numbers of the AMZN day, as precise as they are stated."""
    problem = ta.Problem(
        20_000,
        ta.LinearImpact(amzn_profile["Beta"], amzn_profile["HalfSpread"]),
        ta.Limits(participation=0.1, volume=amzn_profile["Volume"]),
        unit="price",
        arrival_price=223.5,
    )
    schedule = ta.solve(problem, method)
    assert schedule.total_impact == pytest.approx(0.0464057, abs=5e-8)
    assert schedule.total_impact_bps == pytest.approx(2.07632, abs=5e-6)
    assert schedule.spread_impact == pytest.approx(0.0408132, abs=5e-8)
    assert schedule.size_impact == pytest.approx(0.0055925, abs=5e-8)
    assert schedule.total_cost == pytest.approx(928.11, abs=5e-3)
    assert schedule.certificate.shadow_price == pytest.approx(0.0553531, abs=5e-8)
    tolerance = 1e-3  # shares: what the iterative solvers leave in intervals they meant to be empty or full
    assert (schedule.shares > tolerance).sum() == 132
    caps = 0.1 * amzn_profile["Volume"]
    assert (schedule.shares > caps - tolerance).sum() == 70  # three of them minutes without volume, capped at 0
    assert problem.bounds.room == pytest.approx(81_075.5)
    assert schedule.certificate.binding.count("participation 10 %") == 67
    assert schedule.certificate.binding.count("no volume") == (caps == 0).sum() == 3
