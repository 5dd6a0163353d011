"""Factories with words, one module per app."""
