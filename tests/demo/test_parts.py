"""The small parts the demonstration is made with: numbers, names to sign in by, days to learn on, the agenda."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from lms.demo.accounts import accounts, secret_of, username_of
from lms.demo.calendar import at, training_ends, working_days
from lms.demo.content import ClassroomDay, load_courses
from lms.demo.load.agenda import Agenda
from lms.demo.load.classes import BLOCKS, YEAR_WITHIN
from lms.demo.load.crowd import BATCH, _identity
from lms.demo.load.world import World
from lms.demo.numbers import credit_code, document_number, phone
from lms.demo.population import load_people
from lms.people.services.accounts import tidy_username
from lms.rules import credit_code as credit_codes
from lms.rules import identity, names


def test_every_number_is_right_and_nobody_shares_one() -> None:
    made = set()
    for sequence, person in enumerate(load_people().practitioners):
        number = document_number(
            kind=person.document, home=person.home, born=person.born, sex=person.sex, sequence=sequence
        )
        read = identity.parse(person.document, number)
        assert read.birth_date in {None, person.born}
        made.add((read.type, read.canonical))
    assert len(made) == len(load_people().practitioners)


def test_people_of_the_crowd_are_themselves_every_time() -> None:
    first = [_identity(sequence) for sequence in range(BATCH, 5 * BATCH)]
    assert first == [_identity(sequence) for sequence in range(BATCH, 5 * BATCH)]
    assert len({number for *_rest, number in first}) == len(first)
    for name, born, sex, number in first:
        names.validate(name)
        read = identity.parse("resident_id", number)
        assert (read.birth_date, read.sex) == (born, "male" if sex == "M" else "female")


def test_credit_codes_pass_their_check_digit() -> None:
    codes = [credit_codes.parse(credit_code(region="310115", sequence=n)) for n in range(50)]
    assert all(code.check_digit_ok for code in codes)
    assert len({code.canonical for code in codes}) == 50


def test_phone_numbers_are_of_a_range_nobody_has() -> None:
    assert {len(phone(n)) for n in range(600)} == {11}
    assert all(phone(n).startswith("1990000") for n in range(600))


def test_user_names_can_be_typed_and_are_one_persons_only() -> None:
    usernames = [one.username for one in accounts()]
    assert len(set(usernames)) == len(usernames)
    assert [tidy_username(username) for username in usernames] == usernames


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("许静宜", "xujingyi"),
        ("曾慧敏", "zenghuimin"),
        ("李娜", "lina"),
        ("阿依古丽·买买提", "ayigulimaimaiti"),
        ("王𠮷", "wang"),
        ("丁一", "dingyi"),
        ("Emily Carter", "emilycarter"),
        ("于乙", "yuyi"),
    ],
)
def test_a_user_name_follows_from_the_name(name: str, username: str) -> None:
    assert username_of(name) == username


def test_officers_are_known_by_a_second_factor_of_their_own() -> None:
    officers = [one.username for one in accounts() if one.needs_code]
    assert len({secret_of(username) for username in officers}) == len(officers) == 21
    assert all(re.fullmatch("[A-Z2-7]{32}", secret_of(username)) for username in officers)


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        (date(2026, 11, 22), date(2026, 11, 21)),
        (date(2026, 12, 31), date(2026, 12, 30)),
        (date(2027, 1, 1), date(2026, 12, 18)),
        (date(2027, 2, 28), date(2026, 12, 18)),
        (date(2027, 3, 1), date(2027, 2, 28)),
    ],
)
def test_a_year_of_training_never_reaches_into_two_years(today: date, ends: date) -> None:
    assert training_ends(today) == ends
    assert at(ends, 23) < at(today, 0)


def test_working_days_leave_the_weekend_out() -> None:
    days = working_days(ending=date(2026, 11, 22), count=6)
    assert days == [date(2026, 11, day) for day in (13, 16, 17, 18, 19, 20)]


@pytest.mark.parametrize("today", [date(2027, 3, 1), date(2026, 11, 22), date(2028, 3, 1), date(2027, 1, 4)])
def test_the_classes_of_a_year_fit_even_into_its_first_weeks(today: date) -> None:
    world = World(now=at(today, 10), today=today)
    days = {course.slug: sum(isinstance(one, ClassroomDay) for one in course.lessons) for course in load_courses()}
    assert sum(days[slug] for slug in BLOCKS) <= int(len(world.days()) * YEAR_WITHIN)
    assert world.days()[0] > world.opens
    assert {day.year for day in world.days()} == {world.ends.year}


def test_what_is_put_down_in_any_order_happens_in_the_order_of_time() -> None:
    agenda, happened = Agenda(), list[str]()
    noon = timezone.make_aware(datetime(2026, 5, 6, 12))

    def later(now: datetime) -> None:
        happened.append("noon")
        agenda.add(now + timedelta(minutes=1), lambda _now: happened.append("a minute later"))

    agenda.add(noon + timedelta(hours=1), lambda _now: happened.append("one"))
    agenda.add(noon, later)
    agenda.add(noon, lambda _now: happened.append("noon, put down second"))
    agenda.add(noon - timedelta(days=1), lambda _now: happened.append("the day before"))
    assert agenda.play() == 5
    assert happened == ["the day before", "noon", "noon, put down second", "a minute later", "one"]


def test_wake_ups_are_left_to_the_sweeps_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from lms.demo.load import wakeups

    fake = SimpleNamespace(run_on_commit=[(set(), "wake", True), (set(), "delete file", False)])
    monkeypatch.setattr(wakeups, "connection", fake)
    wakeups.leave_to_the_sweeps()
    assert [entry[1] for entry in fake.run_on_commit] == ["delete file"]
