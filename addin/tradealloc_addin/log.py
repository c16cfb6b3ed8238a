"""The rotating log file of the add-in: the sentence behind every #VALUE!, #NUM! and #N/A."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

HOME = ".tradealloc"
"""Folder under the user's home that holds settings and log."""

LARGEST_BYTES, KEPT_FILES = 500_000, 3


class _QuietHandler(RotatingFileHandler):
    """A log that can't be written never disturbs a calculation."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)
        except OSError:
            pass

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Swallow what went wrong while writing."""


def log_path() -> Path:
    """Where the log is: ``~/.tradealloc/log/tradealloc.log``; made by the first message."""
    return Path.home() / HOME / "log" / "tradealloc.log"


def get_log() -> logging.Logger:
    """The add-in's logger."""
    log = logging.getLogger("tradealloc.addin")
    path = str(log_path().absolute())
    if any(isinstance(handler, _QuietHandler) and handler.baseFilename == path for handler in log.handlers):
        return log
    for handler in tuple(log.handlers):
        log.removeHandler(handler)
        handler.close()
    handler = _QuietHandler(path, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    return log
