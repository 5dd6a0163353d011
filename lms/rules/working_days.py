"""Days on which an office works: Monday to Friday, but for public holidays, and the weekends worked for them.

Holidays are set by a yearly notice of the State Council, and ``chinesecalendar`` brings out each notice once it is
given. Of a year it does not know yet only weekends are known. A term counted without the holidays ends too early rather
than too late: whoever waits for an answer is never promised less than the policy says.
"""

from datetime import date, timedelta

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

_FRIDAY = 4
_YEARS = frozenset(day.year for day in holidays)


def is_known(year: int) -> bool:
    """Whether the holidays of the year are known here."""
    return year in _YEARS


def is_working(day: date) -> bool:
    return bool(is_workday(day)) if is_known(day.year) else day.weekday() <= _FRIDAY


def after(day: date, count: int) -> date:
    """The working day number ``count`` after ``day``, which is not counted itself; ``day`` for 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def between(day: date, last: date) -> int:
    """How many working days follow ``day`` up to ``last`` (inclusive); 0 when ``last`` is over."""
    return sum(is_working(day + timedelta(days=step)) for step in range(1, (last - day).days + 1))
