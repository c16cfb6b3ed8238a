"""Each way on its own under pytest-benchmark: ``pytest tests/benchmarks --benchmark-enable``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pytest

import tradealloc as ta
from tradealloc.solve.dual import equilibrium

from . import peers
from .orders import INTERVALS, Order, make_orders

ORDERS = make_orders(8)


def _kernel(order: Order) -> np.ndarray:
    bounds = order.problem.bounds
    return equilibrium(order.problem.impact, order.shares, bounds.lower, bounds.upper)[0]


def _ways() -> dict[str, Callable[[], Callable[[Order], np.ndarray]]]:
    """By name, what prepares the way and returns the step to be timed."""
    return {
        "dual kernel": lambda: _kernel,
        "solve": lambda: lambda order: ta.solve(order.problem, "dual").shares,
        "problem and solve": lambda: lambda order: ta.solve(order.fresh_problem(), "dual").shares,
        "analytic": lambda: lambda order: ta.solve(order.problem, "analytic").shares,
        "CVXPY fresh": lambda: peers.cvxpy_fresh,
        "CVXPY re-solve": lambda: peers.CvxpyParametrised(INTERVALS).solve,
        "OSQP": lambda: peers.osqp_direct,
        "OSQP update": lambda: peers.OsqpUpdated(ORDERS[0]).solve,
        "Clarabel": lambda: peers.clarabel_direct,
        "SLSQP cold": lambda: lambda order: ta.solve(order.problem, "slsqp").shares,
        "SLSQP warm": lambda: lambda order: peers.slsqp_warm(order, 1.01 * _kernel(order)),
    }


@pytest.mark.parametrize("way", _ways())
def test_bounded_linear(benchmark: Any, way: str) -> None:
    step, orders = _ways()[way](), cycle(ORDERS)
    last: list[Order] = []

    def once() -> np.ndarray:
        last[:] = [next(orders)]
        return step(last[0])

    if not way.startswith("SLSQP"):
        _check(ORDERS[1], step(ORDERS[1]))  # a way that is updated has to follow the update
    shares = benchmark(once)
    _check(last[0], shares)


def _check(order: Order, shares: np.ndarray) -> None:
    cost = float((shares * (order.half_spread + order.beta * shares)).sum())
    # 1e-5: what the peers' tolerance of 1e-6 comes to in the cost.
    assert cost == pytest.approx(ta.solve(order.problem).cost, rel=1e-5)


@pytest.mark.parametrize("method", ["dual", "cvxpy"])
def test_spread_and_power_law(benchmark: Any, method: str) -> None:
    order = ORDERS[0]
    schedule = benchmark(ta.solve, order.power_problem, method)
    assert schedule.total_impact == pytest.approx(ta.solve(order.power_problem).total_impact, rel=1e-6)


@pytest.mark.parametrize("lot", [1, 10])
def test_whole_lots(benchmark: Any, lot: int) -> None:
    order = ORDERS[0]
    limits = ta.Limits(participation=0.1, volume=order.volume, lot_size=lot)
    schedule = benchmark(ta.solve, ta.Problem(order.shares, order.problem.impact, limits))
    assert schedule.shares.sum() == order.shares


def test_a_thousand_orders(benchmark: Any) -> None:
    orders = make_orders(20)
    stack = {
        "beta": np.vstack([order.beta for order in orders] * 50),
        "half_spread": np.vstack([order.half_spread for order in orders] * 50),
        "max_shares": np.vstack([order.caps for order in orders] * 50),
    }
    sizes = np.array([order.shares for order in orders] * 50)
    schedules = benchmark(lambda: ta.solve_many(sizes, **stack))
    np.testing.assert_allclose(schedules.sum(axis=1), sizes, rtol=1e-9)
