"""What a year asks of somebody hired in its middle, on leave, or known in two places; for one and for many at once."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lms.ledger.services import balances, reverse_entry, revoke_leave, standing, standings
from lms.people.models import Person
from lms.people.services import end_employment
from tests.factories import outside, people
from tests.factories.ledger import NOON, SYSTEM, TODAY, credited, learner
from tests.factories.policy import packs_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _packs() -> None:
    packs_loaded()


def asked(person: Person, year: int = 2026) -> tuple[Decimal, ...]:
    return tuple(line.required_class_hours for line in standing(person=person, year=year, on=TODAY).lines)


def codes(person: Person, year: int = 2026) -> list[str]:
    reasons = standing(person=person, year=year, on=TODAY).reasons
    return [reason.code for reason in reasons if reason.category == "skills"]


class TestHired:
    @pytest.mark.parametrize(
        ("first_day", "hours"),
        [
            (date(2019, 9, 1), (72, 40)),
            (date(2026, 1, 1), (72, 40)),
            (date(2026, 1, 31), (72, 40)),
            (date(2026, 2, 1), (66, Decimal("36.5"))),  # 40 × 11/12, rounded down
            (date(2026, 7, 15), (36, 20)),
            (date(2026, 12, 31), (6, 3)),
        ],
    )
    def test_from_the_first_day_on_a_post(self, first_day: date, hours: tuple[Any, ...]) -> None:
        person = people.person()
        people.employed(institution=people.institution(), person=person, from_date=first_day)
        assert asked(person) == hours

    def test_the_reason_is_told(self) -> None:
        person = people.person()
        people.employed(institution=people.institution(), person=person, from_date=date(2026, 7, 1))
        verdict = standing(person=person, year=2026, on=TODAY)
        assert codes(person) == ["pro_rata", "short"]
        assert "36" in verdict.reasons[0].message % verdict.reasons[0].params

    def test_next_year_is_a_whole_one(self) -> None:
        person = people.person()
        people.employed(institution=people.institution(), person=person, from_date=date(2026, 7, 1))
        assert asked(person, 2027) == (72, 40)

    def test_who_has_no_post_is_asked_the_whole_year(self) -> None:
        assert asked(people.person()) == (72, 40)

    def test_the_first_of_several_posts_counts(self) -> None:
        person = people.person()
        for first_day in (date(2026, 9, 1), date(2026, 4, 1)):
            people.employed(institution=people.institution(), person=person, from_date=first_day)
        assert asked(person) == (54, 30)

    def test_who_worked_on_new_years_day_and_changed_the_house_is_asked_the_whole_year(self) -> None:
        person = people.person()
        before = people.employed(institution=people.institution(), person=person, from_date=date(2024, 3, 1))
        end_employment(employment=before, to_date=date(2026, 1, 1), reason="", actor=SYSTEM, now=NOON)
        people.employed(institution=people.institution(), person=person, from_date=date(2026, 6, 1))
        assert asked(person) == (72, 40)

    def test_who_left_the_year_before_and_came_back_is_asked_from_then_on(self) -> None:
        person = people.person()
        before = people.employed(institution=people.institution(), person=person, from_date=date(2024, 3, 1))
        end_employment(employment=before, to_date=date(2025, 12, 31), reason="", actor=SYSTEM, now=NOON)
        people.employed(institution=people.institution(), person=person, from_date=date(2026, 7, 1))
        assert asked(person) == (36, 20)
        assert asked(person, 2025) == (72, 40)

    def test_moving_to_a_city_without_a_quota_asks_nothing_more(self) -> None:
        person = people.person()
        people.employed(institution=people.institution(), person=person, from_date=date(2026, 7, 1))
        person.region_code = "110105"
        person.save()
        assert asked(person) == ()


class TestOnLeave:
    def test_five_months_and_five_days_take_five_twelfths(self) -> None:
        house = people.institution()
        person = people.employed(institution=house).person
        outside.confirmed_leave(person, house)  # 10 March to 14 August
        assert asked(person) == (42, 23)
        reason = standing(person=person, year=2026, on=TODAY).reasons[0]
        assert reason.message % reason.params == "因批准的假期 5 个月，全年要求减为 42 学时。"

    def test_what_waits_or_was_taken_back_changes_nothing(self) -> None:
        house = people.institution()
        person, other = people.employed(institution=house).person, people.employed(institution=house).person
        outside.leave(person, house)
        revoked = outside.confirmed_leave(other, house)
        officer = people.acting(people.officer("bureau_auditor"))
        revoke_leave(leave=revoked, reason="证明有误", actor=officer, now=NOON)
        assert asked(person) == asked(other) == (72, 40)

    def test_across_new_year_each_year_has_its_own_months(self) -> None:
        house = people.institution()
        person = people.employed(institution=house).person
        outside.confirmed_leave(person, house, from_date=date(2025, 11, 1), to_date=date(2026, 2, 28))
        assert asked(person, 2025) == (60, 33)
        assert asked(person, 2026) == (60, 33)

    def test_before_the_first_day_on_post_it_is_not_taken_off_twice(self) -> None:
        house = people.institution()
        person = people.employed(institution=house, from_date=date(2026, 7, 1)).person
        outside.confirmed_leave(person, house, from_date=date(2026, 5, 1), to_date=date(2026, 8, 31))
        assert asked(person) == (24, 13)  # 12 − 6 months before the post − 2 of leave
        assert codes(person) == ["pro_rata", "leave", "short"]


def test_many_at_once_are_the_same_as_one_by_one(django_assert_num_queries: Callable[..., Any]) -> None:
    house = people.institution()
    staff = [people.employed(institution=house, from_date=date(2026, month, 1)).person for month in (1, 4, 7)]
    outside.confirmed_leave(staff[0], house)
    for person in staff:
        credited(person)
    everybody = [*staff, learner(region="110105")]
    alone = {person.pk: standing(person=person, year=2026, on=TODAY) for person in everybody}
    with django_assert_num_queries(4):  # regions, packs in force, entries, employments with leaves
        together = standings([person.pk for person in everybody], 2026, TODAY)
    assert together == alone


class TestAsRecorded:
    """What the books said on an evening, whatever was recorded or taken back since."""

    LATE = datetime.fromisoformat("2026-12-31T23:59:59+08:00")
    MIDNIGHT = datetime.fromisoformat("2027-01-01T00:00:00+08:00")

    def test_by_the_day_it_was_earned_and_by_the_day_it_was_written(self) -> None:
        person = learner()
        credited(person, on=date(2026, 12, 20), now=self.MIDNIGHT)
        everything = {"person": person, "year": 2026}
        assert balances(**everything, on=date(2026, 12, 19)) == {}
        assert balances(**everything, on=date(2026, 12, 20)) == {"skills": 180}
        assert balances(**everything, on=date(2026, 12, 31), recorded_by=date(2026, 12, 31)) == {}
        assert balances(**everything, on=date(2026, 12, 31), recorded_by=date(2027, 1, 1)) == {"skills": 180}

    def test_a_second_before_midnight_in_shanghai_belongs_to_the_day(self) -> None:
        person = learner()
        credited(person, on=date(2026, 12, 20), now=self.LATE)
        assert balances(
            person=person, year=2026, on=TODAY.replace(month=12, day=31), recorded_by=date(2026, 12, 31)
        ) == {"skills": 180}

    def test_what_was_taken_back_later_stood_until_then(self) -> None:
        person = learner()
        entry = credited(person, on=date(2026, 12, 20), now=self.LATE)
        reverse_entry(entry=entry, reason="代学", actor=SYSTEM, now=self.MIDNIGHT)
        told = {"person": person, "year": 2026, "on": date(2026, 12, 31)}
        assert balances(**told) == {}
        assert balances(**told, recorded_by=date(2026, 12, 31)) == {"skills": 180}
        line = standing(**told, recorded_by=date(2026, 12, 31)).lines[0]
        assert (line.earned_class_hours, standing(**told).lines[0].earned_class_hours) == (4, 0)

    def test_a_leave_counts_from_the_evening_it_was_confirmed(self) -> None:
        house = people.institution()
        person = people.employed(institution=house).person
        outside.confirmed_leave(person, house, now=NOON)
        told = {"person": person, "year": 2026, "on": date(2026, 12, 31)}
        assert standing(**told, recorded_by=date(2026, 6, 14)).lines[0].required_class_hours == 72
        assert standing(**told, recorded_by=date(2026, 6, 15)).lines[0].required_class_hours == 42
