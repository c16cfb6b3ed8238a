"""The trading day as it goes on: fills against the plan, the day's level, what remains, alerts."""
