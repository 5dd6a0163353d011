"""Days on which made-up people learn: working days of a year that has gone far enough to have learned in.

What may never happen: an event in the future, or hours of one year's training that fall into two years.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

SATURDAY = 5
# Before March there has not been time enough: the year before is told.
FIRST_MONTH = 3
YEAR_END = (12, 18)


def training_ends(today: date) -> date:
    """The last day of training that is told on ``today``: the day before, or the middle of last December."""
    return today - timedelta(days=1) if today.month >= FIRST_MONTH else date(today.year - 1, *YEAR_END)


def working_days(*, ending: date, count: int) -> list[date]:
    """``count`` working days up to and including ``ending``, in order. Public holidays are left out of account."""
    days: list[date] = []
    day = ending
    while len(days) < count:
        if day.weekday() < SATURDAY:
            days.append(day)
        day -= timedelta(days=1)
    return days[::-1]


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """That time of day where the policies are in force."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute, second)))
