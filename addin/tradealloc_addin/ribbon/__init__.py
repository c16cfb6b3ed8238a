"""The ribbon: its XML, and a picture drawn from it."""
