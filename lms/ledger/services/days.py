"""Days of the ledger are Shanghai's: which day a moment belongs to, and when a day is over."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def local_day(moment: date) -> date:
    """The day a moment belongs to where the policies are in force; a plain date is its own."""
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


def end_of(day: date) -> datetime:
    """The first moment after ``day``: the books as they stood that evening hold what was recorded before it."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def last_day(year: int) -> date:
    return date(year, 12, 31)


def within(year: int, on: date) -> date:
    """The day of ``year`` nearest to ``on``: an old year is judged by what was in force at its end."""
    return min(max(on, date(year, 1, 1)), last_day(year))
