"""PiecewiseImpact: by hand, against numerical integration, and solved with its certificate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradealloc import InputError, Limits, LinearImpact, Problem, solve
from tradealloc.model import PiecewiseImpact

RANDOM = np.random.default_rng(3)
N, K = 12, 5
KNOTS = np.cumsum(RANDOM.uniform(50, 200, (N, K)), axis=1)
RISES = np.cumsum(RANDOM.uniform(1e-3, 2e-2, (N, K)), axis=1)
SPREAD = RANDOM.uniform(0.005, 0.02, N)
MODELS = {
    "own knots": PiecewiseImpact(1.0, KNOTS, RISES, SPREAD),
    "shared": PiecewiseImpact(RANDOM.uniform(0.5, 3.0, N), KNOTS[0], RISES[0], SPREAD),
    "own rises": PiecewiseImpact(RANDOM.uniform(0.5, 3.0, N), KNOTS[0], RISES),
    "one for all": PiecewiseImpact(2.0, KNOTS[0], RISES[0], 0.01),
}


def marginal_by_hand(model: PiecewiseImpact, interval: int, x: np.ndarray) -> np.ndarray:
    knots, rises = (np.atleast_2d(np.asarray(a)) for a in (model.knots, model.rises))
    own = knots[interval % len(knots)], rises[interval % len(rises)]
    px, py = (np.concatenate([[0.0], part]) for part in own)
    phi = np.interp(x, px, py) + np.maximum(x - px[-1], 0) * (py[-1] - py[-2]) / (px[-1] - px[-2])
    scale, spread = (np.broadcast_to(model.vectors[name], N)[interval] for name in ("beta", "half_spread"))
    return np.asarray(spread + scale * phi)


@pytest.mark.parametrize("name", MODELS)
def test_by_numerical_integration(name: str) -> None:
    model = MODELS[name]
    for share in (0.0, 1e-9, 20.0, 130.0, 400.0, 2500.0):
        shares = np.full(N, share)
        for interval in range(N):
            edges = np.linspace(0, share, 20_001)
            middle = (edges[1:] + edges[:-1]) / 2
            cost = marginal_by_hand(model, interval, middle).sum() * share / 20_000
            assert model.cost(shares)[interval] == pytest.approx(cost, rel=1e-7, abs=1e-18)
            assert model.marginal(shares)[interval] == pytest.approx(
                marginal_by_hand(model, interval, np.array(share)), rel=1e-12
            )
            if share:
                assert model.slippage(shares)[interval] == pytest.approx(cost / share, rel=1e-7)


@pytest.mark.parametrize("name", MODELS)
def test_inverses(name: str) -> None:
    model = MODELS[name]
    for share in (1e-6, 20.0, 130.0, 400.0, 2500.0):
        shares = np.full(N, share)
        assert model.shares_at_slippage(model.slippage(shares)) == pytest.approx(shares, rel=1e-6)
        for price in model.marginal(shares):
            found = model.inverse_marginal(float(price))
            reached = model.marginal(np.broadcast_to(found, N))
            assert reached == pytest.approx(np.maximum(price, np.broadcast_to(model.spread, N)), rel=1e-12)
    assert (model.shares_at_slippage(np.asarray(np.inf)) == np.inf).all()
    assert (model.shares_at_slippage(model.spread) == 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_curvature_is_the_slope_of_the_marginal_cost(name: str) -> None:
    model, shares = MODELS[name], RANDOM.uniform(1, 900, N)
    rise = (model.marginal(shares + 1e-4) - model.marginal(shares - 1e-4)) / 2e-4
    assert model.curvature(shares) == pytest.approx(rise, rel=1e-4)


def test_one_segment_is_the_linear_model() -> None:
    beta = RANDOM.uniform(1e-5, 1e-4, N)
    piecewise, linear = PiecewiseImpact(2 * beta, [100.0], [100.0], SPREAD), LinearImpact(beta, SPREAD)
    shares = RANDOM.uniform(0, 500, N)
    for method in ("cost", "marginal", "slippage", "curvature"):
        assert getattr(piecewise, method)(shares) == pytest.approx(getattr(linear, method)(shares))
    assert solve(Problem(5000.0, piecewise)).shares == pytest.approx(solve(Problem(5000.0, linear)).shares)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "limits", [Limits(), Limits(max_shares=600.0, min_shares=20.0), Limits(impact_cap=0.06)], ids=str
)
def test_cvxpy_and_slsqp_agree(name: str, limits: Limits) -> None:
    problem = Problem(3_000.0, MODELS[name] if name != "one for all" else MODELS["shared"], limits)
    exact = solve(problem, "dual")
    assert exact.certificate.kkt_residual < 1e-9
    for method in ("cvxpy", "slsqp"):
        other = solve(problem, method)
        assert other.total_impact == pytest.approx(exact.total_impact, rel=1e-6)
        assert other.shares == pytest.approx(exact.shares, abs=0.5)


def test_a_linear_programme_over_fine_steps_agrees() -> None:
    """The same cost in steps of one share: cheapest marginal shares first."""
    model = MODELS["own knots"]
    grid = np.arange(2000) + 0.5
    prices = np.stack([marginal_by_hand(model, interval, grid) for interval in range(N)])
    cheapest = np.sort(prices.reshape(-1))[:4000].sum()
    assert solve(Problem(4000.0, model)).total_impact * 4000 == pytest.approx(float(cheapest), rel=1e-6)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    n, k = draw(st.integers(1, 15)), draw(st.integers(1, 6))
    logs = st.floats(-3, 3)

    def rising(rows: int) -> np.ndarray:
        steps = draw(st.lists(logs, min_size=rows * k, max_size=rows * k))
        return np.asarray(np.cumsum(10.0 ** np.array(steps).reshape(rows, k), axis=1))

    own = draw(st.booleans())
    knots, rises = (rising(n), rising(n)) if own else (rising(1)[0], rising(1)[0])
    beta = 10.0 ** np.array(draw(st.lists(logs, min_size=n, max_size=n)))
    spread = draw(st.sampled_from([0.0, 1e-3, 10.0])) * np.arange(n)
    shares = 10.0 ** draw(st.floats(-2, 6))
    limits = Limits(max_shares=shares / n * draw(st.floats(1.0, 5.0))) if draw(st.booleans()) else Limits()
    return Problem(shares, PiecewiseImpact(beta, knots, rises, spread), limits)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(problems())
def test_every_schedule_is_certified(problem: Problem) -> None:
    schedule = solve(problem)
    assert schedule.shares.sum() == pytest.approx(problem.shares, rel=1e-12)
    assert (schedule.shares >= problem.bounds.lower).all()
    assert (schedule.shares <= problem.bounds.upper * (1 + 1e-15)).all()
    assert schedule.certificate.kkt_residual <= 1e-9
    assert schedule.certificate.duality_gap <= 1e-9


def test_lots_and_clips() -> None:
    problem = Problem(3_000.0, MODELS["own knots"], Limits(lot_size=100.0))
    schedule = solve(problem)
    assert (schedule.shares % 100 == 0).all()
    assert schedule.shares.sum() == 3000
    clipped = solve(Problem(3_000.0, MODELS["own knots"], Limits(min_clip=200.0)))
    assert ((clipped.shares == 0) | (clipped.shares >= 200 - 1e-6)).all()


@pytest.mark.parametrize(
    ("knots", "rises", "said"),
    [
        ([1.0, 2.0], [1.0, 1.0], r"rises\[1\] is 1: give positive numbers, each above the one before"),
        ([1.0, 1.0], [1.0, 2.0], r"knots\[1\] is 1"),
        ([0.0, 1.0], [1.0, 2.0], r"knots\[0\] is 0"),
        ([1.0, np.nan], [1.0, 2.0], r"knots\[1\] is nan"),
        ([1.0, 2.0], [1.0], "rises has shape"),
        ([], [], "knots has shape"),
        (["a"], [1.0], r"knots\[0\] is 'a'"),
    ],
)
def test_bad_points(knots: list[float], rises: list[float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        PiecewiseImpact(1.0, knots, rises)


def test_rows_must_match_the_intervals() -> None:
    with pytest.raises(InputError, match="knots has 12 values where beta has 3"):
        Problem(100.0, PiecewiseImpact(np.ones(3), KNOTS, RISES))
