"""When somebody is reminded of a day by which something is due.

Each step comes once, counted back from the day. Who was missed for some days gets the nearest step only: three letters
in one morning remind of nothing. What had its day before the person was told of the duty at all is not made up for.
"""

from collections.abc import Collection
from datetime import date, timedelta

STEPS = (90, 60, 30, 7)  # days before
OVERDUE = -1  # the first day after


def step_due(due_on: date, today: date, *, told_on: date, sent: Collection[int]) -> int | None:
    """The step to take today: days before ``due_on``, or ``OVERDUE``; None when there is nothing to say.

    ``told_on``: the day the person learned of it; ``sent``: steps already taken.
    """
    left = (due_on - today).days
    reached = [step for step in (*STEPS, OVERDUE) if left <= step]
    if not reached:
        return None
    nearest = min(reached)
    on = due_on - timedelta(days=nearest)
    return nearest if nearest not in sent and on > told_on else None
