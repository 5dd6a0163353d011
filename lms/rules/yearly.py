"""What is due every year is due on the same day of the next one; what was done on 29 February, on the 28th."""

from datetime import date


def next_due(done: date) -> date:
    """The day by which it has to be done again."""
    return _moved(done, 1)


def done_by(due: date) -> date:
    """The last day on which what is due by ``due`` may have been done before: the inverse of ``next_due``."""
    return _moved(due, -1)


def _moved(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
