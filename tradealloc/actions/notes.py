"""Many notes of one kind, kept readable."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMED = 10
"""Notes of one kind that are shown: rows that failed, symbols that are crowded."""


def first_notes(sentences: Sequence[str]) -> list[str]:
    """The first ones, and how many more there are."""
    left = len(sentences) - MOST_NAMED
    return [*sentences[:MOST_NAMED], *([f"and {left:,} more of that kind"] if left > 0 else [])]
