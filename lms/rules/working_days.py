"""Days on which an office works: Monday to Friday.

Public holidays and the weekends worked for them are set by a yearly notice and are not known here. A term counted
without them ends on the holiday at the latest: whoever waits for an answer is never promised less than the policy says.
"""

from datetime import date, timedelta

_FRIDAY = 4


def is_working(day: date) -> bool:
    return day.weekday() <= _FRIDAY


def after(day: date, count: int) -> date:
    """The working day number ``count`` after ``day``, which is not counted itself; ``day`` for 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def between(day: date, last: date) -> int:
    """How many working days follow ``day`` up to ``last`` (inclusive); 0 when ``last`` is over."""
    return sum(is_working(day + timedelta(days=step)) for step in range(1, (last - day).days + 1))
