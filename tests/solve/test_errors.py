"""Errors of `solve`: typed, one sentence, with the remedy."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tradealloc as ta

LINEAR = ta.LinearImpact([1e-4, 2e-4, 3e-4])


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("dul", "is 'dul': did you mean dual?"),
        ("Analytic", "did you mean analytic?"),
        ("zzz", "give one of auto, analytic, dual, cvxpy, slsqp"),
        (None, "is None: give one of"),
        (3, "is 3: give one of"),
    ],
)
def test_unknown_method(method: Any, sentence: str) -> None:
    with pytest.raises(ta.InputError, match=re.escape(sentence)) as caught:
        ta.solve(ta.Problem(100, LINEAR), method)
    assert caught.value.argument == "method"
    assert caught.value.value == method
    assert caught.value.exit_status == 2


def test_solver_needs_cvxpy() -> None:
    with pytest.raises(ta.InputError, match="solver goes with method cvxpy only"):
        ta.solve(ta.Problem(100, LINEAR), "dual", solver="OSQP")
    with pytest.raises(ta.InputError, match=r"solver is 'NOSUCH', which isn't installed: give one of .*CLARABEL"):
        ta.solve(ta.Problem(100, LINEAR), "cvxpy", solver="NOSUCH")


def test_analytic_says_where_there_is_no_closed_form() -> None:
    for impact, limits in (
        (ta.QuadraticImpact([1e-4, 2e-4], 1e-7), ta.Limits()),
        (ta.PowerImpact([1e-4, 2e-4], 0.5, [0.0, 0.01]), ta.Limits()),
        (ta.PowerImpact([1e-4, 2e-4], 0.5), ta.Limits(max_shares=60)),
    ):
        with pytest.raises(ta.InputError, match=r"no closed form for the .* model .*: use dual or auto"):
            ta.solve(ta.Problem(100, impact, limits), "analytic")
        assert ta.solve(ta.Problem(100, impact, limits), "auto").method == "dual"


@pytest.mark.parametrize("method", ["auto", "analytic", "dual", "cvxpy", "slsqp"])
@pytest.mark.parametrize(
    ("shares", "limits", "message", "names", "short"),
    [
        (
            100_000,
            {"max_shares": [40_000, 30_000, 12_000]},
            "caps sum to 82,000 shares, 18,000 short of 100,000: raise max_shares, or trade less",
            ("max_shares",),
            18_000,
        ),
        (
            1_000,
            {"participation": 0.1, "volume": [2_000, 3_000, 0], "max_shares": [500, 250, 900]},
            "caps sum to 450 shares, 550 short of 1,000: raise max_shares or participation, or trade less",
            ("max_shares", "participation"),
            550,
        ),
        (
            1_000,
            {"impact_cap": [0.01, 0.01, 0.03]},
            "caps sum to 250 shares, 750 short of 1,000: raise impact_cap, or trade less",
            ("impact_cap",),
            750,
        ),
        (
            1_000,
            {"tradable": [False, False, False]},
            "caps sum to 0 shares, 1,000 short of 1,000: open more intervals, or trade less",
            ("tradable",),
            1_000,
        ),
        (
            1_000,
            {"tradable": [True, False, True], "max_shares": 100},
            "caps sum to 200 shares, 800 short of 1,000: raise max_shares or open more intervals, or trade less",
            ("tradable", "max_shares"),
            800,
        ),
        (
            1_000,
            {"tradable": [True, False, True], "min_shares": [1, 1, 1]},
            "interval 2: min_shares 1 is above the no-trade limit of 0 shares: lower min_shares or open the interval",
            ("min_shares", "tradable"),
            1,
        ),
        (
            100,
            {"min_shares": [50, 50, 20]},
            "minimum shares sum to 120, 20 more than the order of 100: lower min_shares, or trade more",
            ("min_shares",),
            20,
        ),
        (
            500,
            {"min_shares": [150, 0, 60], "max_shares": [100, 900, 50]},
            "interval 1 (and 1 more interval): min_shares 150 is above the maximum of 100 shares: "
            "lower min_shares or raise max_shares",
            ("min_shares", "max_shares"),
            60,
        ),
        (
            500,
            {"min_shares": [150, 0, 0], "participation": 0.1, "volume": [1_000, 9_000, 9_000]},
            "interval 1: min_shares 150 is above the participation cap of 100 shares",
            ("min_shares", "participation"),
            50,
        ),
    ],
)
def test_infeasible(
    method: str, shares: float, limits: dict[str, Any], message: str, names: tuple[str, ...], short: float
) -> None:
    problem = ta.Problem(shares, LINEAR, ta.Limits(**limits))
    with pytest.raises(ta.InfeasibleError) as caught:
        ta.solve(problem, method)
    assert str(caught.value).startswith(message)
    assert caught.value.limits == names
    assert caught.value.short == pytest.approx(short)
    assert caught.value.exit_status == 3


def test_a_hair_beyond_the_caps_is_rounding() -> None:
    """1e-10 of the order is within the feasibility tolerance of 1e-9, 1e-8 isn't."""
    limits = ta.Limits(max_shares=[40, 30, 30])
    schedule = ta.solve(ta.Problem(100 * (1 + 1e-10), LINEAR, limits))
    assert schedule.shares.tolist() == [40, 30, 30]
    with pytest.raises(ta.InfeasibleError):
        ta.solve(ta.Problem(100 * (1 + 1e-8), LINEAR, limits))


def test_a_solver_that_stops_short_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from tradealloc.solve import conic

    monkeypatch.setitem(conic.OPTIONS, "OSQP", {"max_iter": 1})
    spread = np.linspace(0, 0.1, 50)
    problem = ta.Problem(1_000, ta.LinearImpact(np.linspace(1e-5, 1e-3, 50), spread), ta.Limits(max_shares=60))
    with pytest.raises(ta.SolverError, match="use method dual or auto"):
        ta.solve(problem, "cvxpy")
