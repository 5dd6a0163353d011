"""Append-only, chained record of who did what, for whom and why; and the laws of append-only tables."""
