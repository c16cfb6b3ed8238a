"""Each model is its formula: recomputed by hand, derivatives by differences, inverses by round trips."""

from __future__ import annotations

import numpy as np
import pytest

import tradealloc as ta
from tradealloc.model import ImpactModel

_random = np.random.default_rng(5)
BETA = np.exp(_random.normal(np.log(1e-4), 1.0, 50))
SPREAD = _random.uniform(0, 0.05, 50)
GAMMA = BETA / 1_000 * _random.uniform(-0.2, 2, 50)
SHARES = np.exp(_random.normal(np.log(200), 0.5, 50))

MODELS: dict[str, ImpactModel] = {
    "linear": ta.LinearImpact(BETA, SPREAD),
    "linear, one beta": ta.LinearImpact(1e-4, SPREAD),
    "power 0.25": ta.PowerImpact(BETA, 0.25, SPREAD),
    "power 0.6": ta.PowerImpact(BETA, 0.6, SPREAD),
    "power 1": ta.PowerImpact(BETA, 1, SPREAD),
    "power 2": ta.PowerImpact(BETA, 2, SPREAD),
    "quadratic": ta.QuadraticImpact(BETA, GAMMA, SPREAD),
}
WITHIN = {name: np.minimum(SHARES, 0.9 * model.convex_up_to) for name, model in MODELS.items()}
"""Shares at which every model is convex."""


def test_linear_by_hand() -> None:
    model = MODELS["linear"]
    np.testing.assert_allclose(model.slippage(SHARES), SPREAD + BETA * SHARES)
    np.testing.assert_allclose(model.cost(SHARES), SPREAD * SHARES + BETA * SHARES**2)
    np.testing.assert_allclose(model.marginal(SHARES), SPREAD + 2 * BETA * SHARES)
    np.testing.assert_allclose(model.inverse_marginal(0.1), np.maximum(0.1 - SPREAD, 0) / (2 * BETA))


@pytest.mark.parametrize("p", [0.0, 0.25, 0.6, 1.0, 2.0])
def test_power_by_hand(p: float) -> None:
    model = ta.PowerImpact(BETA, p, SPREAD)
    np.testing.assert_allclose(model.slippage(SHARES), SPREAD + BETA * SHARES**p)
    np.testing.assert_allclose(model.cost(SHARES), SPREAD * SHARES + BETA * SHARES ** (1 + p))
    np.testing.assert_allclose(model.marginal(SHARES), SPREAD + (1 + p) * BETA * SHARES**p)


def test_quadratic_by_hand() -> None:
    model = MODELS["quadratic"]
    np.testing.assert_allclose(model.slippage(SHARES), SPREAD + BETA * SHARES + GAMMA * SHARES**2)
    np.testing.assert_allclose(model.cost(SHARES), SPREAD * SHARES + BETA * SHARES**2 + GAMMA * SHARES**3)
    np.testing.assert_allclose(model.marginal(SHARES), SPREAD + 2 * BETA * SHARES + 3 * GAMMA * SHARES**2)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(model.convex_up_to, np.where(GAMMA < 0, BETA / (3 * np.abs(GAMMA)), np.inf))


@pytest.mark.parametrize("name", MODELS)
def test_marginal_cost_and_curvature_are_derivatives(name: str) -> None:
    """Central differences with a relative step of 1e-5: error of order 1e-10 from the step and 1e-11 from rounding."""
    model, x = MODELS[name], WITHIN[name]
    step = 1e-5 * x
    slope = (model.cost(x + step) - model.cost(x - step)) / (2 * step)
    np.testing.assert_allclose(model.marginal(x), slope, rtol=1e-8)
    bend = (model.marginal(x + step) - model.marginal(x - step)) / (2 * step)
    np.testing.assert_allclose(model.curvature(x), bend, rtol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_inverses(name: str) -> None:
    model, x = MODELS[name], WITHIN[name]
    for position in range(x.size):
        price = float(model.marginal(x)[position])
        # Rounding of the spread within the price: 1e-16 price / (price - spread), of exponents: a factor 1/p.
        assert model.inverse_marginal(price)[position] == pytest.approx(x[position], rel=1e-10)
    np.testing.assert_allclose(model.shares_at_slippage(model.slippage(x)), x, rtol=1e-10)


@pytest.mark.parametrize("name", MODELS)
def test_inverses_at_the_spread(name: str) -> None:
    """Nothing trades at a marginal cost or an impact cap at or below the spread."""
    model = MODELS[name]
    assert (model.inverse_marginal(0.0) == 0).all()
    assert (model.inverse_marginal(float(SPREAD.max()))[SPREAD.max() == SPREAD] == 0).all()
    assert (model.shares_at_slippage(SPREAD) == 0).all()
    assert (model.shares_at_slippage(SPREAD / 2) == 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_response_is_the_clipped_inverse(name: str) -> None:
    model, lower, upper = MODELS[name], np.full(50, 20.0), np.full(50, 300.0)
    upper = np.minimum(upper, np.maximum(0.9 * model.convex_up_to, 21.0))
    price = float(np.median(model.marginal(WITHIN[name])))
    shares, total, slope, _ = model.response(price, lower, upper)
    np.testing.assert_allclose(shares, np.clip(model.inverse_marginal(price), lower, upper), rtol=1e-12)
    assert total == pytest.approx(shares.sum(), rel=1e-14)
    step = 1e-6 * price
    difference = (model.response(price + step, lower, upper)[1] - model.response(price - step, lower, upper)[1]) / 2
    assert slope == pytest.approx(difference / step, rel=1e-4)


def test_slippage_never_reached() -> None:
    assert ta.PowerImpact([1.0, 3.0], 0).shares_at_slippage(np.asarray(2.0)).tolist() == [np.inf, 0]
    bent = ta.QuadraticImpact(1e-3, -1e-6)  # at most beta^2 / (4 |gamma|) = 0.25
    assert np.isinf(bent.shares_at_slippage(np.asarray(0.3)))
    assert float(bent.shares_at_slippage(np.asarray(0.09))) == pytest.approx(100)


def test_reference_shares() -> None:
    """The models agree with the linear one at the reference size."""
    for size in (1.0, 256.0, 1e4):
        linear = BETA * size + SPREAD
        for p in (0.0, 0.25, 0.6, 2.0):
            power = ta.PowerImpact.from_linear(BETA, p, size, SPREAD)
            np.testing.assert_allclose(power.slippage(np.full(50, size)), linear, rtol=1e-12)
            np.testing.assert_allclose(power.vectors["beta"], BETA * size ** (1 - p), rtol=1e-12)
        quadratic = ta.QuadraticImpact.from_linear(BETA, 0.5 * BETA / size, size, SPREAD)
        np.testing.assert_allclose(quadratic.slippage(np.full(50, size)), linear, rtol=1e-12)
    with pytest.raises(ta.InputError, match="gamma alone exceeds the linear slippage") as caught:
        ta.QuadraticImpact.from_linear(1e-4, 1e-6, 1_000)
    assert caught.value.argument == "reference_shares"


def test_one_power_law_under_two_names() -> None:
    np.testing.assert_allclose(ta.PowerImpact(BETA, 1, SPREAD).cost(SHARES), MODELS["linear"].cost(SHARES), rtol=1e-14)
    np.testing.assert_allclose(ta.QuadraticImpact(BETA, 0, SPREAD).cost(SHARES), MODELS["linear"].cost(SHARES))


def test_arrays_are_copied_and_locked() -> None:
    beta = np.array([1e-4, 2e-4])
    model = ta.LinearImpact(beta)
    beta[0] = -1
    assert model.vectors["beta"].tolist() == [1e-4, 2e-4]
    with pytest.raises(ValueError, match="read-only"):
        model.vectors["beta"][0] = 5
