"""How far a deadline of hours is: when half of it is over, when a sixth is left, when it has passed."""

from datetime import datetime
from enum import StrEnum

LAST_SHARE = 6


class Step(StrEnum):
    HALF = "half"
    LAST = "last"
    OVERDUE = "overdue"


def step(begun: datetime, due: datetime, now: datetime) -> Step | None:
    """The step reached at ``now``; None in the first half. The last moment of the deadline is still within it."""
    if now > due:
        return Step.OVERDUE
    if now >= due - (due - begun) / LAST_SHARE:
        return Step.LAST
    return Step.HALF if now >= begun + (due - begun) / 2 else None
