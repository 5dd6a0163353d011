"""Months of leave: what a year's requirement is reduced by.

A month of leave runs from its first day to the day before the same day of the next
month (10 March to 9 April; 31 January to 27 February, 28 in a leap year).  Leaves that
touch or overlap are one.  What is left over beside whole months counts nothing.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

Span = tuple[date, date]


def whole_months(spans: Iterable[Span], *, first: date, last: date) -> int:
    """Whole months of leave between ``first`` and ``last``; every day is inclusive, here and in the spans."""
    return sum(_months(start, end) for start, end in _merged(spans, first, last))


def _merged(spans: Iterable[Span], first: date, last: date) -> list[Span]:
    within = sorted((max(start, first), min(end, last)) for start, end in spans)
    merged: list[Span] = []
    for start, end in within:
        if start > end:
            continue
        if merged and start <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _months(start: date, end: date) -> int:
    months = 0
    while _later(start, months + 1) <= end + timedelta(days=1):
        months += 1
    return months


def _later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
