"""Targets and figures by region."""
