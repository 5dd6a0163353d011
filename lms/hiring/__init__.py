"""Checks, receipts, rosters, alerts."""
