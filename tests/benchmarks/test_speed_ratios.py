"""Speed against the peers, all measured in one run: ``TRADEALLOC_BENCH=1 pytest tests/benchmarks``.

Timed assertions don't belong among unit tests: without TRADEALLOC_BENCH=1 or --benchmark-enable these are skipped.
Every time is the best of several rounds that alternate between all ways, so that a busy machine hurts all alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import pytest

import tradealloc as ta
from tradealloc.solve.dual import equilibrium

from . import peers
from .orders import INTERVALS, Order, make_orders

ROUNDS = 15
ORDERS = make_orders(8)


@pytest.fixture(autouse=True)
def _only_on_request(request: pytest.FixtureRequest) -> None:
    if os.environ.get("TRADEALLOC_BENCH") != "1" and not request.config.getoption("benchmark_enable"):
        pytest.skip("timed: set TRADEALLOC_BENCH=1 to run")


def _seconds(step: Callable[[Order], object], calls: int) -> float:
    """Mean time per call over the orders, the garbage of earlier ways aside."""
    begun = time.perf_counter()
    for call in range(calls):
        step(ORDERS[call % len(ORDERS)])
    return (time.perf_counter() - begun) / calls


def _race(ways: dict[str, tuple[Callable[[Order], object], int]]) -> dict[str, float]:
    """Best mean time of each way, in seconds."""
    best = dict.fromkeys(ways, np.inf)
    for _ in range(ROUNDS):
        for name, (step, calls) in ways.items():
            best[name] = min(best[name], _seconds(step, calls))
    return best


def _table(times: dict[str, float], capsys: pytest.CaptureFixture[str]) -> None:
    unit = times["solve"]
    with capsys.disabled():
        print()
        for name, seconds in times.items():
            print(f"{name:24s}{seconds * 1e6:12.1f} us{seconds / unit:12.2f} x solve")


def _kernel(order: Order) -> object:
    bounds = order.problem.bounds
    return equilibrium(order.problem.impact, order.shares, bounds.lower, bounds.upper)


def test_bounded_linear(capsys: pytest.CaptureFixture[str]) -> None:
    times = _race(
        {
            "dual kernel": (_kernel, 400),
            "solve": (lambda order: ta.solve(order.problem, "dual"), 400),
            "problem and solve": (lambda order: ta.solve(order.fresh_problem(), "dual"), 200),
            "CVXPY fresh": (peers.cvxpy_fresh, 8),
            "CVXPY re-solve": (peers.CvxpyParametrised(INTERVALS).solve, 16),
            "OSQP": (peers.osqp_direct, 16),
            "OSQP update": (peers.OsqpUpdated(ORDERS[0]).solve, 16),
            "Clarabel": (peers.clarabel_direct, 16),
        }
    )
    _table(times, capsys)
    assert times["CVXPY re-solve"] >= 35 * times["dual kernel"]
    assert times["CVXPY re-solve"] >= 12 * times["solve"]
    assert times["Clarabel"] >= 8 * times["solve"]
    assert times["Clarabel"] >= 8 * times["problem and solve"]


def test_spread_and_power_law(capsys: pytest.CaptureFixture[str]) -> None:
    times = _race(
        {
            "solve": (lambda order: ta.solve(order.power_problem, "dual"), 100),
            "CVXPY": (peers.cvxpy_power, 1),
        }
    )
    _table(times, capsys)
    assert times["CVXPY"] >= 100 * times["solve"]


def test_slsqp(capsys: pytest.CaptureFixture[str]) -> None:
    """Cold: from equal shares within the limits. Warm: from 1 % off the optimum."""
    solutions = {id(order): ta.solve(order.problem).shares for order in ORDERS}
    times = {
        "solve": _seconds(lambda order: ta.solve(order.problem, "dual"), 100),
        "SLSQP cold": _seconds(lambda order: ta.solve(order.problem, "slsqp"), 3),
        "SLSQP warm": _seconds(lambda order: peers.slsqp_warm(order, 1.01 * solutions[id(order)]), 3),
    }
    _table(times, capsys)
    assert times["SLSQP cold"] < 1.0


def test_a_million_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    """Certificate included; and four times the intervals take about four times the time."""
    times = {}
    for intervals in (250_000, 1_000_000):
        problem = make_orders(1, intervals)[0].problem
        runs = []
        for _ in range(5):
            begun = time.perf_counter()
            schedule = ta.solve(problem, "dual")
            runs.append(time.perf_counter() - begun)
        assert schedule.certificate.kkt_residual <= 1e-9
        assert schedule.certificate.duality_gap <= 1e-9
        times[f"N = {intervals:,}"] = min(runs)
    small, large = times.values()
    _table({"solve": small, **times}, capsys)
    assert large < 0.3
    assert large <= 4 * small * 2  # 2 for a busy machine and for what the caches still hold of the smaller one
