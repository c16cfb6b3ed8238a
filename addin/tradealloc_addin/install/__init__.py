"""Puts the add-in where Excel finds it, takes it away again, and says what is wrong with it."""

from .doctor import doctor
from .findings import Finding, Level, has_errors, render
from .installer import install, remove, status
from .paths import Machine

__all__ = ["Finding", "Level", "Machine", "doctor", "has_errors", "install", "remove", "render", "status"]
