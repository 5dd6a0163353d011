"""Months of leave, boundary by boundary."""

from datetime import date

import pytest

from lms.rules.leave import whole_months

YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 3, 10), date(2026, 4, 8), 0),
        (date(2026, 3, 10), date(2026, 4, 9), 1),
        (date(2026, 3, 10), date(2026, 8, 14), 5),
        (date(2026, 2, 1), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 2, 26), 0),
        (date(2026, 1, 31), date(2026, 2, 27), 1),
        (date(2026, 1, 31), date(2026, 3, 30), 2),
        (date(2026, 1, 1), date(2026, 12, 31), 12),
        (date(2026, 5, 5), date(2026, 5, 5), 0),
        (date(2025, 11, 10), date(2026, 2, 9), 1),  # only January, and nine days that are no month
        (date(2026, 11, 16), date(2027, 4, 15), 1),
        (date(2025, 6, 1), date(2025, 12, 31), 0),
        (date(2025, 1, 1), date(2027, 12, 31), 12),
    ],
)
def test_whole_months_within_the_year(start: date, end: date, months: int) -> None:
    assert whole_months([(start, end)], **YEAR) == months


@pytest.mark.parametrize(("end", "months"), [(date(2024, 2, 28), 0), (date(2024, 2, 29), 1)])
def test_a_leap_february_is_a_day_longer(end: date, months: int) -> None:
    leap = {"first": date(2024, 1, 1), "last": date(2024, 12, 31)}
    assert whole_months([(date(2024, 2, 1), end)], **leap) == months


def test_leaves_that_touch_or_overlap_are_one() -> None:
    parts = [(date(2026, 3, 20), date(2026, 4, 9)), (date(2026, 3, 10), date(2026, 3, 19))]
    assert whole_months(parts, **YEAR) == 1
    assert whole_months([*parts, (date(2026, 4, 1), date(2026, 4, 5))], **YEAR) == 1


def test_apart_each_counts_for_itself() -> None:
    apart = [(date(2026, 3, 1), date(2026, 3, 20)), (date(2026, 5, 1), date(2026, 5, 20))]
    assert whole_months(apart, **YEAR) == 0


def test_only_from_the_first_day_on_post() -> None:
    assert whole_months([(date(2026, 1, 1), date(2026, 6, 30))], first=date(2026, 5, 1), last=YEAR["last"]) == 2
    assert whole_months([], **YEAR) == 0
