"""The report's tables, from the betas that reproduce them (SEED_NOTES): agreement to the digits printed.

The tolerance is one in the last printed digit: the report rounds 0.0136755 down and 0.0273510 to 0.027350.
"""

from pathlib import Path

import numpy as np
import pytest

import tradealloc as ta

TEMPLATES = Path(__file__).parents[2] / "workbook_templates"


@pytest.fixture(scope="module")
def order() -> ta.Problem:
    return ta.Problem(100_000, ta.LinearImpact(np.loadtxt(TEMPLATES / "report_case_beta.csv")))


def test_performance_comparison(order: ta.Problem) -> None:
    rows = ta.compare(order).rows
    linear = [row for row in rows if row.strategy.startswith("Linear")]
    assert [row.method for row in linear] == ["Closed form", "CVXPY", "SciPy SLSQP"]
    for row in linear:
        assert row.total_impact == pytest.approx(0.018234, abs=5e-7)
        assert row.improvement == pytest.approx(0.1534, abs=5e-5)
        assert row.allocation_std == pytest.approx(89.7, abs=0.05)
    assert rows[0].strategy == "Equal"
    assert rows[0].total_impact == pytest.approx(0.021538, abs=5e-7)
    assert (rows[0].improvement, rows[0].allocation_std) == (0.0, 0.0)


def test_solvers_agree(order: ta.Problem) -> None:
    impacts = [row.total_impact for row in ta.compare(order).rows if row.strategy.startswith("Linear")]
    np.testing.assert_allclose(impacts, impacts[0], rtol=1e-6)


def test_nonlinear_row_has_its_own_baseline(order: ta.Problem) -> None:
    model = ta.QuadraticImpact(order.impact.vectors["beta"], 1e-8)
    row = ta.compare(order, model).rows[-1]
    assert row.strategy == "Nonlinear (quadratic, SciPy)"
    own_equal = model.cost(np.full(390, 100_000 / 390)).sum() / 100_000
    assert row.improvement == pytest.approx(1 - row.total_impact / own_equal)
    assert row.total_impact == pytest.approx(ta.solve(order.with_impact(model), "dual").total_impact, rel=1e-6)


@pytest.mark.parametrize(
    ("size", "optimal", "equal"),
    [
        (50_000, 0.009117, 0.010769),
        (75_000, 0.013675, 0.016154),
        (100_000, 0.018234, 0.021538),
        (150_000, 0.027350, 0.032307),
        (200_000, 0.036467, 0.043077),
    ],
)
def test_sensitivity(order: ta.Problem, size: float, optimal: float, equal: float) -> None:
    (row,) = ta.sensitivity(order, [size]).rows
    assert row.status == "OK"
    assert row.optimal_impact == pytest.approx(optimal, abs=1.05e-6)
    assert row.equal_impact == pytest.approx(equal, abs=1.05e-6)
    assert row.improvement == pytest.approx(0.1534, abs=5e-5)


def test_pattern(order: ta.Problem) -> None:
    pattern = ta.allocation_pattern(ta.solve(order).shares)
    assert pattern.mean == pytest.approx(256.4, abs=0.05)
    assert pattern.std == pytest.approx(89.7, abs=0.05)
    assert (round(pattern.minimum, 1), round(pattern.maximum, 1)) == (42.6, 515.1)
    assert pattern.best_half < 0.675, "the report's 68 % can't hold with its own standard deviation"
