"""Forms of slippage: each is found where it is the truth, and the criterion is the published one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import SyntheticMarket
from tradealloc.market.calibration import walk_day
from tradealloc.market.calibration.forms import FORMS, Form, aicc, compare_curves, compare_forms

TRUTH = {
    Form.ORIGIN: (0.0, 2e-5, 1.0, 0.0),
    Form.LINE: (0.02, 2e-5, 1.0, 0.0),
    Form.POWER: (0.0, 1e-3, 0.45, 0.0),
    Form.SPREAD_POWER: (0.02, 2e-4, 0.6, 0.0),
    Form.QUADRATIC: (0.02, 1e-5, 1.0, 1e-8),
}


def curves(form: Form, noise: float, seed: int = 0, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    sizes = random.uniform(1000, 2000, count)[:, None] * np.arange(1, 11) / 10
    h, b, p, c = TRUTH[form]
    slippage = random.uniform(0.5, 2.0, count)[:, None] * (h + b * sizes**p + c * sizes**2)
    return sizes, slippage * (1 + noise * random.standard_normal(sizes.shape))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [200, 8])
def test_the_true_form_wins(form: Form, count: int) -> None:
    found = compare_curves(*curves(form, 1e-3, count=count))
    assert found.best is form
    assert found.intervals == count
    row = found.rows[FORMS.index(form)]
    assert row.aicc == 0
    assert row.r_squared > 0.999
    assert row.wins == max(other.wins for other in found.rows)


@pytest.mark.parametrize("form", FORMS)
def test_parameters_come_back_in_money(form: Form) -> None:
    sizes, _ = curves(form, 0.0, count=3)
    h, b, p, c = TRUTH[form]
    found = compare_curves(sizes, h + b * sizes**p + c * sizes**2)
    fit = found.fits[FORMS.index(form)]
    rough = 1e-3 if form in (Form.POWER, Form.SPREAD_POWER) else 1e-8  # the search ends at 1e-4 of an exponent
    assert fit.parameters == pytest.approx(np.tile(TRUTH[form], (3, 1)), rel=rough, abs=1e-14)
    assert fit.r_squared == pytest.approx(np.ones(3))


def test_the_criterion_by_hand() -> None:
    """K = 10, q = 3, RSS = 0.01: 10 ln 0.001 + 6 + 24/6 = -59.0776."""
    assert aicc(np.array([0.01]), 10, 3) == pytest.approx([-59.07755278982137])
    with pytest.raises(InputError, match="needs 5 at least"):
        aicc(np.array([0.01]), 4, 3)


def test_an_interval_by_hand() -> None:
    """AICc of single curves recomputed with polyfit, weighted by size."""
    sizes, slippage = curves(Form.LINE, 0.01, count=5)
    found = compare_curves(sizes, slippage)
    line, bent = found.fits[FORMS.index(Form.LINE)], found.fits[FORMS.index(Form.QUADRATIC)]
    for number, (x, y) in enumerate(zip(sizes, slippage, strict=True)):
        weight = x / x.mean()
        criteria = []
        for degree in (1, 2):
            fit = np.polynomial.Polynomial.fit(x, y, degree, w=np.sqrt(weight))
            left = float(weight @ (y - fit(x)) ** 2)
            q = degree + 2
            criteria.append(10 * np.log(left / 10) + 2 * q + 2 * q * (q + 1) / (9 - q))
        assert bent.aicc[number] - line.aicc[number] == pytest.approx(criteria[1] - criteria[0])
        slope, start = np.polyfit(x, y, 1, w=np.sqrt(weight))
        assert line.parameters[number, :2] == pytest.approx([start, slope])


def test_the_half_spread_stays_positive() -> None:
    """A logarithm would ask for a small exponent and a half-spread far below 0."""
    sizes = np.tile(np.arange(1, 11) * 100.0, (3, 1))
    found = compare_curves(sizes, np.log(sizes / 50))
    fit = found.fits[FORMS.index(Form.SPREAD_POWER)]
    assert (fit.parameters[:, 0] >= 0).all()


def test_the_synthetic_market_is_spread_and_line() -> None:
    for seed in range(2):
        found = compare_forms([walk_day(SyntheticMarket().day(seed))])
        row = found.rows[FORMS.index(Form.LINE)]
        assert found.best is Form.LINE
        assert row.wins == max(other.wins for other in found.rows)
        assert row.wins_of_two > 0.95
        power = found.rows[FORMS.index(Form.SPREAD_POWER)]
        assert power.exponent == pytest.approx(1, abs=0.05)


def test_bad_curves() -> None:
    with pytest.raises(InputError, match="holds no curve"):
        compare_curves(np.empty((0, 10)), np.empty((0, 10)))
    sizes, slippage = curves(Form.LINE, 0.0, count=3)
    slippage[1, 2] = np.nan
    with pytest.raises(InputError, match="must be positive numbers"):
        compare_curves(sizes, slippage)


def test_all_rows_are_complete() -> None:
    found = compare_curves(*curves(Form.SPREAD_POWER, 0.01))
    assert sum(row.wins for row in found.rows) == pytest.approx(1)
    assert np.nansum([row.wins_of_two for row in found.rows]) == pytest.approx(1)
    for row in found.rows:
        assert dataclasses.asdict(row)["aicc"] >= 0
