"""A year in the life of five cities, told to the database through the product's own verbs.

The whole of it is one transaction: killed half-way it was never there, and once there it is left alone.
"""

from lms.demo.load.crowd import grow
from lms.demo.load.story import is_loaded, load

__all__ = ["grow", "is_loaded", "load"]
