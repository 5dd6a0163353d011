"""Releases: the frozen course and its lessons."""
