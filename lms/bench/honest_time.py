"""Honest people and cheats side by side on a simulated clock: what was true, what was credited, who was flagged.

The people are those of ``tests/simulator``; they speak the published protocol to the product. The peer believes its
browsers, as a system does that adds up the segments a page reports.
"""

from typing import Any

from lms.bench.report import machine
from lms.bench.stage import told

NAME = "honest_time"


def run(n: int) -> dict[str, Any]:
    """``n`` persons of every kind."""
    return {"name": NAME, **told(NAME, n), "machine": machine()}
