"""``standings_in_region``: everybody of a place, a few at a time, with the verdict each would get alone."""

import sys
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.ledger.models import HourEntry
from lms.ledger.services import entries as entries_module
from lms.ledger.services import reverse_entry, standing, standings, standings_in_region
from lms.ledger.services.circumstances import circumstances
from lms.people.models import Person
from lms.policy.services import pack_in_force
from lms.rules.standing import Entry, Standing, evaluate
from tests.factories import outside, people
from tests.factories.ledger import NOON, SYSTEM, TODAY, credited, learner, year_met

# ``services.standings`` is the verb; its module has to be asked for.
standings_module = sys.modules[standings_in_region.__module__]

pytestmark = pytest.mark.django_db


def told(region_code: str) -> dict[str, tuple[str, object]]:
    found = standings_in_region(region_code=region_code, year=2026, on=TODAY)
    return {str(person_id): (code, verdict) for person_id, code, verdict in found}


def alone(*persons: Person) -> dict[str, tuple[str, object]]:
    return {str(one.pk): (one.region_code, standing(person=one, year=2026, on=TODAY)) for one in persons}


def test_each_gets_the_verdict_they_would_get_alone() -> None:
    met, short, nothing = learner(name="周禾"), learner(), learner(name="秦望舒", region="310104")
    year_met(met)
    credited(short, on=date(2026, 3, 1))
    late = learner(name="㛃欣")
    people.employed(institution=people.institution(), person=late, from_date=date(2026, 5, 4))
    assert told("310000") == alone(met, short, nothing, late)
    assert told("310104") == alone(nothing)
    assert told("110000") == {}


def test_what_was_taken_back_does_not_count_on_any_day() -> None:
    person, other = learner(), learner(name="周禾")
    entry = credited(person, on=date(2026, 3, 1))
    credited(person, on=date(2026, 4, 1), delivery="offline")
    credited(other)
    reverse_entry(entry=entry, reason="重复", actor=SYSTEM, now=NOON)
    assert told("310000") == alone(person, other)
    for day, minutes in ((date(2026, 3, 31), 0), (TODAY, 180)):
        line = standings([person.pk], 2026, day)[person.pk].line("skills")
        assert line is not None
        assert line.earned_minutes == minutes


def test_everything_taken_back_is_nothing() -> None:
    person = learner()
    reverse_entry(entry=credited(person), reason="重复", actor=SYSTEM, now=NOON)
    line = standing(person=person, year=2026, on=TODAY).line("skills")
    assert line is not None
    assert line.earned_minutes == 0


def test_a_few_at_a_time_is_the_same_and_asks_no_more_for_more_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    persons = [learner(name=f"学员{number}") for number in range(5)]
    for person in persons[1:]:
        credited(person)
    whole = told("310000")
    monkeypatch.setattr(standings_module, "BATCH", 2)
    assert told("310000") == whole == alone(*persons)
    with CaptureQueriesContext(connection) as before:
        told("310000")
    for person in persons:
        year_met(person)
    with CaptureQueriesContext(connection) as after:
        told("310000")
    assert len(after) == len(before)


def by_the_rule(person: Person, on: date) -> Standing:
    """Every credit that stands laid before the rule one after the other, as no query adds them up."""
    pack = pack_in_force(person.region_code, on)
    counting = standings_module._counting(pack)
    entries = [
        Entry(one.category, one.minutes, one.year, one.on, str(one.course_id), one.delivery == "online")
        for one in HourEntry.objects.standing_credits().filter(person=person).order_by("number")
    ]
    service = circumstances([person.pk], 2026, [pack]).get(person.pk)
    return evaluate(counting.requirements, entries, on, year=2026, terms=counting.terms, service=service)


def test_sums_give_what_entries_give(monkeypatch: pytest.MonkeyPatch) -> None:
    house = people.institution()
    persons = [learner(name=f"学员{number}") for number in range(12)]
    for person in persons[:10]:
        for number, delivery in enumerate(("online", "offline", "blended", "online", "online")):
            category = ("skills", "ethics")[number % 2]
            credited(person, category=category, class_hours=20, delivery=delivery, on=date(2026, 2, 1 + number))
    year_met(persons[0])
    entries = [person.hour_entries.order_by("number") for person in persons]
    reverse_entry(entry=entries[1][0], reason="重复", actor=SYSTEM, now=NOON)
    for taken_back in entries[2][:3]:
        reverse_entry(entry=taken_back, reason="重复", actor=SYSTEM, now=NOON)
    # Taken back and learned again: one of the two counts.
    again = entries[3][0]
    reverse_entry(entry=again, reason="重复", actor=SYSTEM, now=NOON)
    credited(persons[3], course_id=again.course_id, on=date(2026, 3, 1))
    with monkeypatch.context() as lenient:
        lenient.setattr(entries_module, "_refuse_second_time", lambda *_asked: None)
        for person, first in ((persons[4], entries[4][0]), (persons[5], entries[5][1])):
            credited(person, course_id=first.course_id, category=first.category, on=date(2026, 4, 1))
    reverse_entry(entry=entries[5][0], reason="重复", actor=SYSTEM, now=NOON)
    for person, first_day in zip(persons[6:9], (date(2026, 7, 1), date(2026, 5, 4), date(2020, 9, 1)), strict=True):
        people.employed(institution=house, person=person, from_date=first_day)
    outside.confirmed_leave(persons[8], house)
    for day in (date(2026, 1, 31), date(2026, 2, 2), date(2026, 3, 31), TODAY, date(2026, 12, 31)):
        found = {key: verdict for key, _code, verdict in standings_in_region(region_code="310000", year=2026, on=day)}
        expected = {person.pk: by_the_rule(person, day) for person in persons}
        assert found == expected
        assert {person.pk: standing(person=person, year=2026, on=day) for person in persons} == expected
    reasons = {reason.code for verdict in expected.values() for reason in verdict.reasons}
    assert reasons >= {"met", "short", "repeated_release", "pro_rata", "leave"}
