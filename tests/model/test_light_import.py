"""``import tradealloc`` and an exact solve load numpy only: a cell function has to answer at once."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("scipy", "cvxpy", "pandas", "matplotlib", "openpyxl", "lxml", "typer", "rich", "osqp", "clarabel", "xlwings")

PROGRAM = f"""
import sys
import tradealloc as ta
ta.solve(ta.Problem(300, ta.LinearImpact([1e-4, 2e-4], [0, 0.01]), ta.Limits(max_shares=250))).certificate.binding
ta.solve(ta.Problem(300, ta.PowerImpact([1e-4, 2e-4], 0.6, [0, 0.01]), ta.Limits(lot_size=100)))
ta.solve(ta.Problem(300, ta.QuadraticImpact([1e-4, 2e-4], 1e-7)), "dual")
ta.solve_many([100, 200], [1e-4, 2e-4])
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_only_numpy() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
