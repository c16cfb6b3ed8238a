"""What an installation or a check found, with the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a finding matters."""

    OK = "ok"
    HINT = "hint"
    WARNING = "warning"
    ERROR = "error"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was done or found.

    Attributes
    ----------
    level
        ERROR: the add-in can't work; WARNING: it may not; BY_HAND: no file tells, so look yourself.
    what
        The fact.
    remedy
        What to do about it; empty where nothing is to do.
    """

    level: Level
    what: str
    remedy: str = ""


def render(findings: Iterable[Finding]) -> str:
    """The findings as plain text, one paragraph each."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.level.value:<8} {finding.what}")
        if finding.remedy:
            lines.append(f"{'':<8} -> {finding.remedy}")
    return "\n".join(lines)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether anything found keeps the add-in from working."""
    return any(finding.level is Level.ERROR for finding in findings)
