"""``standing``: the year's verdict from the policy in force and the entries that stand."""

import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lms.ledger.services import class_hours_so_far, reverse_entry, standing, standings
from lms.people.models import Person
from lms.policy.services import load_policy
from tests.factories.ledger import NOON, SYSTEM, TODAY, credited, learner, year_met
from tests.factories.policy import changed_pack

pytestmark = pytest.mark.django_db


def figures(person: Person, year: int = 2026, on: date = TODAY) -> dict[str, tuple[Decimal, Decimal, Decimal, bool]]:
    return {
        line.category: (line.required_class_hours, line.earned_class_hours, line.left_class_hours, line.met)
        for line in standing(person=person, year=year, on=on).lines
    }


@pytest.mark.parametrize(
    ("skills", "ethics", "met"),
    [(72, 40, True), (71, 40, False), (72, 39, False), (112, 0, False), (0, 112, False), (80, 48, True)],
)
def test_shanghai_asks_for_72_and_40_side_by_side(skills: int, ethics: int, met: bool) -> None:
    person = learner()
    year_met(person, skills=skills, ethics=ethics)
    assert standing(person=person, year=2026, on=TODAY).met is met


def test_half_class_hours_show_and_the_rest_is_told() -> None:
    person = learner()
    credited(person, minutes=2318)  # half a minute more than 51.5 class-hours
    verdict = standing(person=person, year=2026, on=date(2026, 11, 21))
    assert figures(person)["skills"] == (72, Decimal("51.5"), Decimal("20.5"), False)
    assert verdict.days_left == 40 + 31  # the grace of the pack
    assert [(reason.code, reason.category) for reason in verdict.reasons] == [("short", "skills"), ("short", "ethics")]


def test_a_day_before_is_a_day_before() -> None:
    person = learner()
    credited(person, on=date(2026, 6, 15))
    assert figures(person, on=date(2026, 6, 14))["skills"][1] == 0
    assert figures(person, on=date(2026, 6, 15))["skills"][1] == 4


def test_each_year_stands_for_itself() -> None:
    person = learner()
    year_met(person, year=2025)
    assert standing(person=person, year=2025, on=TODAY).met
    assert not standing(person=person, year=2026, on=TODAY).met


def test_what_was_reversed_does_not_stand() -> None:
    person = learner()
    entries = year_met(person)
    reverse_entry(entry=entries[0], reason="代学", actor=SYSTEM, now=NOON)
    assert not standing(person=person, year=2026, on=TODAY).met


@pytest.mark.parametrize("region", ["110105", "330281", "331083", "320106", "440100"])
def test_where_no_yearly_hours_are_asked_the_verdict_says_so(region: str) -> None:
    verdict = standing(person=learner(region=region), year=2026, on=TODAY)
    assert (verdict.lines, [reason.code for reason in verdict.reasons]) == ((), ["no_requirement"])


def test_hours_count_without_a_quota_too() -> None:
    person = learner(region="110105")
    credited(person, class_hours=6)
    credited(person, category="ethics", minutes=50)
    assert class_hours_so_far(person=person, year=2026, on=TODAY) == {"skills": 6, "ethics": 1}
    assert class_hours_so_far(person=learner(region="440100"), year=2026, on=TODAY) == {}


def test_an_old_year_is_judged_by_the_pack_of_its_time(tmp_path: Path) -> None:
    person = learner()
    changes = [('version: "2020.1"', 'version: "2027.1"'), ("valid_from: 2020-01-01", "valid_from: 2027-01-01")]
    stricter = changed_pack(tmp_path, *changes, ("class_hours: 72", "class_hours: 90"))
    load_policy(files=[stricter], actor=SYSTEM, now=NOON)
    assert figures(person, year=2026, on=date(2027, 3, 1))["skills"][0] == 72
    assert figures(person, year=2027, on=date(2027, 3, 1))["skills"][0] == 90


def test_online_share_of_the_pack_caps_what_counts(tmp_path: Path) -> None:
    changes = [('version: "2020.1"', 'version: "2026.1"'), ("valid_from: 2020-01-01", "valid_from: 2026-01-01")]
    person = learner()
    pack = changed_pack(tmp_path, *changes, ("online_share_max: null", "online_share_max: 0.5"))
    load_policy(files=[pack], actor=SYSTEM, now=NOON)
    year_met(person)
    credited(person, class_hours=8, delivery="offline")
    assert figures(person)["skills"][1] == 44


def test_a_course_credited_twice_counts_once_when_the_pack_says_so_by_then(tmp_path: Path) -> None:
    person, other, course = learner(), learner(name="周知远"), uuid.uuid4()
    first = [('version: "2020.1"', 'version: "2026.1"'), ("valid_from: 2020-01-01", "valid_from: 2026-01-01")]
    lenient = changed_pack(tmp_path, *first, ("one_course_once_a_year: true", "one_course_once_a_year: false"))
    load_policy(files=[lenient], actor=SYSTEM, now=NOON)
    credited(person, course_id=course, on=date(2026, 3, 1), delivery="offline")
    credited(person, course_id=course, on=date(2026, 3, 2), class_hours=6)
    credited(other, course_id=course, on=date(2026, 3, 3), class_hours=2)
    second = [('version: "2020.1"', 'version: "2026.2"'), ("valid_from: 2020-01-01", "valid_from: 2026-06-01")]
    load_policy(files=[changed_pack(tmp_path, *second)], actor=SYSTEM, now=NOON)
    assert figures(person, on=date(2026, 5, 31))["skills"][1] == 10
    assert figures(person)["skills"][1] == 4
    assert standing(person=person, year=2026, on=TODAY).reasons[0].code == "repeated_release"
    assert figures(other)["skills"][1] == 2


def test_many_at_once_are_the_same_as_one_by_one(django_assert_num_queries: Callable[..., Any]) -> None:
    people = [learner(name=f"学员{n}", region=region) for n, region in enumerate(["310115", "310101", "110105"] * 3)]
    for person in people:
        credited(person)
    alone = {person.pk: standing(person=person, year=2026, on=TODAY) for person in people}
    with django_assert_num_queries(4):  # regions, packs in force, entries, employments with leaves
        together = standings([person.pk for person in people], 2026, TODAY)
    assert together == alone
