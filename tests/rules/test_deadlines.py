"""Half over, a sixth left, passed."""

from datetime import datetime, timedelta

import pytest

from lms.rules import deadlines

BEGUN = datetime(2026, 3, 3, 10, 0)
DUE = BEGUN + timedelta(hours=24)


@pytest.mark.parametrize(
    ("hours", "step"),
    [(0, None), (11.99, None), (12, "half"), (19.99, "half"), (20, "last"), (24, "last"), (24.01, "overdue")],
)
def test_steps_of_a_day(hours: float, step: str | None) -> None:
    assert deadlines.step(BEGUN, DUE, BEGUN + timedelta(hours=hours)) == step
