"""Schemes, claims with frozen lines, findings, decisions."""
