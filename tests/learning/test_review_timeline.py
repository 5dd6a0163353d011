"""How even heartbeats are told, and which day is drawn."""

from datetime import date
from random import Random

import pytest

from courses.learning.timeline import day_of, spacing_of

DAYS = [{"on": date(2026, 6, 18)}, {"on": date(2026, 6, 16)}, {"on": date(2026, 6, 15)}]


@pytest.mark.parametrize(
    ("flagged_on", "wanted", "drawn"),
    [
        (date(2026, 6, 17), "", date(2026, 6, 16)),
        (date(2026, 6, 18), "", date(2026, 6, 18)),
        (date(2026, 6, 18), "2026-06-15", date(2026, 6, 15)),
        (date(2026, 6, 18), "2026-06-17", date(2026, 6, 18)),
        (date(2026, 6, 1), "", date(2026, 6, 18)),
    ],
)
def test_the_day_up_to_the_flag(flagged_on, wanted, drawn) -> None:
    assert day_of(flagged_on, DAYS, wanted) == drawn


def test_without_learning_it_is_the_day_of_the_flag() -> None:
    assert day_of(date(2026, 6, 1), []) == date(2026, 6, 1)


def test_a_machine_is_told_from_a_network() -> None:
    machine = spacing_of([15_000 * turn for turn in range(41)])
    network = Random(7)
    person = spacing_of([15_000 * turn + network.randint(0, 400) for turn in range(41)])
    assert machine is not None
    assert person is not None
    assert [share for _label, _count, share in machine.rows] == [100, 0, 0, 0, 0]
    assert machine.median_ms == 15_000
    assert sum(count for _label, count, _share in person.rows) == 40
    assert person.rows[0][2] < 50


@pytest.mark.parametrize("received", [[], [1_000]])
def test_too_few_say_nothing(received) -> None:
    assert spacing_of(received) is None
