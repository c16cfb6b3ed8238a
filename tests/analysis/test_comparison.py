"""Comparison and sensitivity where something doesn't apply or doesn't fit."""

import numpy as np
import pytest

import tradealloc as ta

BETA = np.array([1e-5, 2e-5, 4e-5, 8e-5])


def test_rows_with_limits_and_volumes() -> None:
    order = ta.Problem(1000, ta.LinearImpact(BETA), ta.Limits(max_shares=400, volume=[4, 3, 2, 1]))
    comparison = ta.compare(order)
    assert [row.strategy for row in comparison.rows] == [
        "Equal", "Equal within limits", "VWAP", "Linear (dual)", "Linear (CVXPY)", "Linear (SciPy)",
    ]  # fmt: skip
    best = comparison.rows[3].total_impact
    assert all(row.total_impact >= best * (1 - 1e-9) for row in comparison.rows if not row.limits_broken)


def test_lots_are_compared_with_fractional_shares() -> None:
    order = ta.Problem(1000, ta.LinearImpact(BETA), ta.Limits(lot_size=100))
    rows = {row.strategy: row for row in ta.compare(order).rows}
    assert rows["Linear (whole lots)"].total_impact >= rows["Linear (CVXPY), fractional"].total_impact


def test_a_method_that_does_not_apply_is_a_note() -> None:
    comparison = ta.compare(ta.Problem(1000, ta.PowerImpact(BETA, 0.0), ta.Limits(max_shares=400)))
    assert any("linear programme" in note for note in comparison.notes)
    assert not any("SciPy" in row.strategy for row in comparison.rows)


def test_infeasible_order_is_an_error_and_an_infeasible_size_a_status() -> None:
    order = ta.Problem(1000, ta.LinearImpact(BETA), ta.Limits(max_shares=100))
    with pytest.raises(ta.InfeasibleError, match="600 short of 1,000"):
        ta.compare(order)
    small, large, bad = ta.sensitivity(order, [400, 1000, -5]).rows
    assert small.status == "OK"
    assert small.improvement == pytest.approx(0.0), "S equals the sum of the caps: only equal shares fit"
    assert large.optimal_impact is None
    assert large.equal_impact is not None
    assert large.status == "600 shares short (max_shares)"
    assert bad.equal_impact is None
    assert "-5" in bad.status


def test_frames() -> None:
    order = ta.Problem(1000, ta.LinearImpact(BETA))
    frame = ta.sensitivity(order, [500, 1000]).to_frame()
    assert list(frame.columns) == ["total_shares", "optimal_impact", "equal_impact", "improvement", "status"]
    assert ta.compare(order).to_frame()["strategy"][0] == "Equal"


def test_progress_is_told() -> None:
    told: list[str] = []
    ta.compare(ta.Problem(1000, ta.LinearImpact(BETA)), progress=told.append)
    assert told == ["Linear (CVXPY)", "Linear (SciPy)"]
