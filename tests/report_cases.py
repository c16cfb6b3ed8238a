"""The order that the report's tests share."""

from __future__ import annotations

import datetime as dt
from typing import Any

NOW = dt.datetime(2026, 3, 2, 17, 5, 9)
STARTS = [dt.time(9, 30 + minute) for minute in range(6)]
FULL: dict[str, Any] = {
    "settings": {"symbol": "ACME", "side": "sell", "arrival_price": 50.0, "participation": 0.4, "shares": 1234.0},
    "columns": {
        "Interval": [1, 2, 3, 4, 5, 6],
        "Start": STARTS,
        "Beta": [2e-5, 1e-5, 4e-5, 5e-5, 3e-5, 1.5e-5],
        "Volume": [1000.0, 900.0, 800.0, 1500.0, 900.0, 700.0],
        "HalfSpread": [0.01, 0.02, 0.01, 0.01, 0.015, 0.01],
    },
    "sizes": [600.0, 1200.0, 1800.0, 4000.0],
}
HOSTILE = "<script>alert('x')</script>\"&\nBcc: all@x.example\u202e"
