"""Worksheets of one workbook copied into another: what was there stays as it was."""

from __future__ import annotations

from tradealloc.workbook.ooxml.graft.linked import Link, Linker
from tradealloc.workbook.ooxml.graft.sheets import graft_sheets

__all__ = ["Link", "Linker", "graft_sheets"]
