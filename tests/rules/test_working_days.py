"""Monday to Friday, but for public holidays and the weekends worked for them, where they are known."""

from datetime import date, timedelta

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


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 16), False),  # its first Monday
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 5, 1), False),
        (date(2026, 5, 9), True),
        (date(2026, 10, 1), False),
        (date(2024, 10, 12), True),
    ],
)
def test_holidays_of_known_years(day: date, working: bool) -> None:
    assert working_days.is_working(day) is working


def test_a_term_over_the_spring_festival() -> None:
    thursday = date(2026, 2, 12)
    assert working_days.after(thursday, 3) == date(2026, 2, 24)
    assert working_days.between(thursday, date(2026, 2, 24)) == 3


@pytest.mark.parametrize("year", [1999, 2099])
def test_of_other_years_only_weekends_are_known(year: int) -> None:
    assert not working_days.is_known(year)
    week = [date(year, 10, 1) + timedelta(days=step) for step in range(7)]
    assert [working_days.is_working(day) for day in week] == [day.weekday() < 5 for day in week]


def test_a_term_into_a_year_not_known_yet() -> None:
    last = max(year for year in range(2024, 2099) if working_days.is_known(year))
    day = working_days.after(date(last, 12, 28), 10)
    assert day.year == last + 1
    assert working_days.between(date(last, 12, 28), day) == 10
