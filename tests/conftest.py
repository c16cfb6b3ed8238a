"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real market data, kept beside the checkout and never in it.

    ``TRADEALLOC_SHARED`` names another place. Missing data skips the test, with TRADEALLOC_REQUIRE_ALL it fails it.
    """
    folder = Path(os.environ.get("TRADEALLOC_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        reason = f"real market data isn't at {folder}; TRADEALLOC_SHARED may name another place"
        pytest.fail(reason) if os.environ.get("TRADEALLOC_REQUIRE_ALL") else pytest.skip(reason)
    return folder
