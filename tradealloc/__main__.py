"""``python -m tradealloc``."""

from .cli import main

main()
