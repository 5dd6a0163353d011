"""The same day of the next year."""

from datetime import date

import pytest

from lms.rules import yearly


@pytest.mark.parametrize(
    ("done", "due"),
    [
        (date(2026, 3, 10), date(2027, 3, 10)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_next_due(done: date, due: date) -> None:
    assert yearly.next_due(done) == due
    assert yearly.done_by(due) <= done
