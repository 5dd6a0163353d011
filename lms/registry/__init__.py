"""Bans: case, subjects, decisions, list versions."""
