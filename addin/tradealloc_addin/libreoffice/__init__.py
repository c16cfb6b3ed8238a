"""The same functions in LibreOffice Calc: an add-in built as ``tradealloc.oxt``."""

from .oxt import build_oxt

__all__ = ["build_oxt"]
