"""Builds tradealloc.xlam from text: no Excel, no binary in the repository, the same bytes every time."""

from .xlam import build_xlam

__all__ = ["build_xlam"]
