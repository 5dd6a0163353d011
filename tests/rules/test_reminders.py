"""When somebody is reminded: every step once, missed days caught up by the nearest step only."""

from datetime import date, timedelta

import pytest

from lms.rules.reminders import OVERDUE, STEPS, step_due

DUE = date(2026, 12, 31)
LONG_AGO = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("today", "sent", "step"),
    [
        (date(2026, 10, 1), (), None),  # 91 days before
        (date(2026, 10, 2), (), 90),
        (date(2026, 10, 3), (), 90),
        (date(2026, 10, 3), (90,), None),
        (date(2026, 11, 1), (90,), 60),
        (date(2026, 12, 1), (90, 60), 30),
        (date(2026, 12, 5), (90,), 30),  # the server was away: 60 is not made up for
        (date(2026, 12, 24), (90, 60, 30), 7),
        (date(2026, 12, 31), (90, 60, 30, 7), None),
        (date(2027, 1, 1), (90, 60, 30, 7), OVERDUE),
        (date(2027, 1, 2), (90, 60, 30, 7), OVERDUE),
        (date(2027, 1, 2), (OVERDUE,), None),
    ],
)
def test_steps(today: date, sent: tuple[int, ...], step: int | None) -> None:
    assert step_due(DUE, today, told_on=LONG_AGO, sent=sent) == step


@pytest.mark.parametrize(
    ("told_on", "today", "step"),
    [
        (date(2026, 12, 10), date(2026, 12, 11), None),  # 30 days before had passed when it was assigned
        (date(2026, 12, 1), date(2026, 12, 1), None),  # told on the very day of the step
        (date(2026, 11, 30), date(2026, 12, 1), 30),
        (date(2026, 12, 10), date(2026, 12, 24), 7),
        (date(2026, 12, 31), date(2027, 1, 1), OVERDUE),
    ],
)
def test_what_had_its_day_before_one_was_told(told_on: date, today: date, step: int | None) -> None:
    assert step_due(DUE, today, told_on=told_on, sent=()) == step


def test_the_29th_of_february_is_a_day_like_others() -> None:
    due = date(2028, 2, 29)
    assert step_due(due, date(2028, 2, 22), told_on=LONG_AGO, sent=(90, 60, 30)) == 7
    assert step_due(due, date(2028, 3, 1), told_on=LONG_AGO, sent=(90, 60, 30, 7)) == OVERDUE


def test_whoever_is_asked_every_day_is_reminded_once_a_step() -> None:
    sent: list[int] = []
    for number in range(400):
        step = step_due(DUE, LONG_AGO + timedelta(days=number), told_on=LONG_AGO, sent=sent)
        sent += [step] if step is not None else []
    assert sent == [*STEPS, OVERDUE]
