"""Demonstration data and the main job told from end to end."""
