"""I-Star and the power law from fills: published figures, recovery of known parameters, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market.calibration.fills import (
    FillCosts,
    FillFit,
    fit_istar,
    fit_power,
    istar_cost,
    istar_impact,
    timing_risk,
)

TRUTH = {"a1": 708.0, "a2": 0.55, "a3": 0.71, "a4": 0.5, "b1": 0.9}
POWER = {"h": 3.0, "a": 400.0, "p": 0.6}


def orders(seed: int, count: int, formula: str = "istar", noise: float = 3.0, **fixed: float) -> FillCosts:
    random = np.random.default_rng(seed)
    adv = np.exp(random.uniform(np.log(1e5), np.log(1e7), count))
    size = np.exp(random.uniform(np.log(0.001), np.log(0.4), count))
    sigma = np.full(count, fixed["sigma"]) if "sigma" in fixed else random.uniform(0.1, 0.7, count)
    pov = np.full(count, fixed["pov"]) if "pov" in fixed else random.uniform(0.01, 0.6, count)
    if formula == "istar":
        cost = istar_impact(size, sigma, pov, **TRUTH)
    else:
        cost = POWER["h"] + POWER["a"] * sigma * size ** POWER["p"]
    return FillCosts(size * adv, adv, sigma, pov, cost + noise * random.standard_normal(count))


def values(fit: FillFit) -> dict[str, float]:
    return {estimate.name: estimate.value for estimate in fit.estimates}


def test_published_figures() -> None:
    """Q/ADV = 0.1, sigma = 0.25, POV = 0.2: 74.571, 34.174 and 57.735 bp."""
    assert float(istar_cost(0.1, 0.25)) == pytest.approx(74.571, abs=5e-4)
    assert float(istar_impact(0.1, 0.25, 0.2)) == pytest.approx(34.174, abs=5e-4)
    assert float(timing_risk(0.1, 0.25, 0.2)) == pytest.approx(57.735, abs=5e-4)


def test_all_at_once_pays_everything() -> None:
    assert istar_impact(0.1, 0.25, 1.0) == pytest.approx(istar_cost(0.1, 0.25))
    assert float(timing_risk(0.1, 0.25, 1.0)) == 0


def test_exact_costs_give_exact_parameters() -> None:
    assert values(fit_istar(orders(1, 60, noise=0.0))) == pytest.approx(TRUTH, rel=1e-6)
    assert values(fit_power(orders(1, 60, "power", noise=0.0))) == pytest.approx(POWER, rel=1e-6)


@pytest.mark.parametrize("formula", ["istar", "power"])
def test_intervals_cover(formula: str) -> None:
    """90 % intervals hold the truth in about 90 % of 60 tables of 400 orders."""
    truth = TRUTH if formula == "istar" else POWER
    fit = fit_istar if formula == "istar" else fit_power
    hits = []
    for seed in range(60):
        found = fit(orders(seed, 400, formula))
        hits += [e.low <= truth[e.name] <= e.high for e in found.estimates]
        assert found.r_squared > 0.8
        assert found.error == pytest.approx(3.0, rel=0.2)
    assert 0.84 <= np.mean(hits) <= 0.96


def test_standard_errors_by_hand() -> None:
    """The power law's, with derivatives by finite differences."""
    table = orders(5, 200, "power")
    found = fit_power(table)
    point = np.array([e.value for e in found.estimates])
    size = table.shares / table.adv

    def model(p: np.ndarray) -> np.ndarray:
        return np.asarray(p[0] + p[1] * table.sigma * size ** p[2])

    steps = np.diag(1e-5 * point)
    jacobian = np.stack([(model(point + s) - model(point - s)) / (2 * s.sum()) for s in steps], axis=1)
    left = table.cost - model(point)
    inverse = np.linalg.inv(jacobian.T @ jacobian)
    covariance = inverse @ (jacobian.T @ np.diag(left**2) @ jacobian) @ inverse * 200 / 197
    assert [e.error for e in found.estimates] == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-4)
    assert found.predicted == pytest.approx(model(point))
    assert jacobian.T @ left == pytest.approx(np.zeros(3), abs=1e-3 * float(np.abs(jacobian).sum()))


def test_one_volatility_is_refused() -> None:
    with pytest.raises(InputError, match="can't tell the parameters of the I-Star apart") as error:
        fit_istar(orders(2, 100, sigma=0.3))
    assert "different sizes, volatilities and participations" in str(error.value)


def test_one_participation_is_refused() -> None:
    with pytest.raises(InputError, match="can't tell"):
        fit_istar(orders(2, 100, pov=0.1))


def test_too_few_orders() -> None:
    with pytest.raises(InputError, match="holds too few orders, 24: the 5 parameters of the I-Star need 25 at least"):
        fit_istar(orders(3, 24))
    with pytest.raises(InputError, match="holds too few orders, 14: the 3 parameters of the power law need 15"):
        fit_power(orders(3, 14))


def test_an_estimate_at_its_bound_is_told() -> None:
    """Costs that don't rise with volatility, and fall a little with it, push a3 to 0."""
    random = np.random.default_rng(0)
    table = orders(4, 300)
    size = table.shares / table.adv
    cost = 300 * size**0.5 * table.sigma**-0.2 * (0.9 * table.pov**0.5 + 0.1) + random.standard_normal(300)
    found = fit_istar(FillCosts(table.shares, table.adv, table.sigma, table.pov, cost))
    third = found.estimates[2]
    assert third.value == pytest.approx(0, abs=1e-5)
    assert np.isnan([third.error, third.low, third.high]).all()
    assert found.notes[0].startswith("a3 of the I-Star is at its bound, ")
    assert np.isfinite(found.estimates[1].error)


@pytest.mark.parametrize(
    ("name", "value"), [("shares", 0.0), ("adv", -1.0), ("sigma", np.nan), ("pov", 1.5), ("cost", np.inf)]
)
def test_bad_numbers(name: str, value: float) -> None:
    columns = {key: np.array([1.0, 1.0]) for key in ("shares", "adv", "sigma", "pov", "cost")}
    columns[name][1] = value
    with pytest.raises(InputError, match=r"^.*\[1\] is .*: give a"):
        FillCosts(**columns)
    columns[name] = np.ones(3)
    with pytest.raises(InputError, match="one number an order"):
        FillCosts(**columns)
