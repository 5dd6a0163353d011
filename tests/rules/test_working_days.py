"""Monday to Friday, whatever the date."""

from datetime import date

import pytest

from lms.rules import working_days

FRIDAY, SATURDAY, MONDAY = date(2026, 3, 13), date(2026, 3, 14), date(2026, 3, 16)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (FRIDAY, 0, FRIDAY),
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 1, MONDAY),
        (FRIDAY, 3, date(2026, 3, 18)),
        (MONDAY, 5, date(2026, 3, 23)),
        (SATURDAY, 0, SATURDAY),
    ],
)
def test_the_nth_working_day_after(day: date, count: int, expected: date) -> None:
    assert working_days.after(day, count) == expected


@pytest.mark.parametrize(
    ("day", "last", "count"),
    [
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, SATURDAY, 0),
        (FRIDAY, MONDAY, 1),
        (MONDAY, FRIDAY, 0),
        (MONDAY, date(2026, 3, 23), 5),
    ],
)
def test_working_days_between(day: date, last: date, count: int) -> None:
    assert working_days.between(day, last) == count
