"""Real and published inputs."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def amzn_profile(shared_data: Path) -> dict[str, NDArray[np.float64]]:
    """Beta, HalfSpread and Volume of the AMZN day, each of shape (390,)."""
    with (shared_data / "amzn_2012-06-21_profile.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("Beta", "HalfSpread", "Volume")}


@pytest.fixture(scope="session")
def seed_beta(shared_data: Path) -> NDArray[np.float64]:
    """The 390 betas that reproduce the report's linear rows; no header, one column."""
    path = shared_data.parent / "reference" / "seed_beta.csv"
    if not path.is_file():
        reason = f"the report's betas aren't at {path}"
        pytest.fail(reason) if os.environ.get("TRADEALLOC_REQUIRE_ALL") else pytest.skip(reason)
    return np.loadtxt(path)
