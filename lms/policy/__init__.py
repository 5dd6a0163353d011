"""Regions and dated policy packs."""
