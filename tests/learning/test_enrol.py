"""Enrolling: once a year, refused with the reason."""

import threading

import pytest
from django.db import connections

from courses.learning.models import Enrolment
from courses.learning.services import enrol, withdraw
from lms.audit.actors import Actor
from lms.audit.models import AuditEvent
from lms.people.models import Person
from lms.rules.refusals import NotFound, Refusal
from tests.factories.catalogue import reading, released_course
from tests.factories.learning import NOON, SYSTEM, enrolled, leased, passed
from tests.factories.ledger import learner


def refusal_of(person, release, now=NOON) -> str:
    with pytest.raises(Refusal) as refusal:
        enrol(person=person, release=release, actor=SYSTEM, now=now)
    assert str(refusal.value)
    return refusal.value.code


@pytest.mark.django_db
class TestEnrol:
    def test_enrolled_with_its_state_and_event(self):
        enrolment = enrolled()
        assert (enrolment.state, enrolment.year) == ("enrolled", 2026)
        assert [row.state for row in enrolment.states.all()] == ["enrolled"]
        assert AuditEvent.objects.filter(verb="enrolment.made", person_id=enrolment.person_id).count() == 1

    def test_twice_is_once(self):
        first = enrolled()
        assert enrolled(first.person, first.release) == first
        assert Enrolment.objects.count() == 1

    def test_a_withdrawn_course(self):
        release = released_course()
        release.course.withdrawn_at = NOON
        release.course.save()
        assert refusal_of(learner(), release) == "course_withdrawn"

    def test_a_course_of_a_closed_college(self):
        release = released_course()
        release.course.college.status = "closed"
        release.course.college.save()
        assert refusal_of(learner(), release) == "course_withdrawn"

    def test_an_older_release(self):
        old = released_course()
        released_course(course=old.course)
        assert refusal_of(learner(), old) == "newer_release"

    def test_one_enrolled_before_stays_on_the_old_release(self):
        first = enrolled()
        newer = released_course(course=first.release.course)
        assert enrolled(first.person, newer) == first

    @pytest.mark.parametrize(("regions", "right"), [(["310000"], True), (["110000"], False), ([], True)])
    def test_regions(self, regions, right):
        release = released_course(regions=regions)
        if right:
            assert enrolled(release=release)
        else:
            assert refusal_of(learner(), release) == "wrong_region"

    def test_a_place_without_policy(self):
        person = Person.objects.create(name="张远", region_code="440100", created_at=NOON)
        assert refusal_of(person, released_course()) == "no_policy"

    def test_counted_already_this_year_free_again_next_year(self):
        done = passed(release=released_course(class_hours=1, lessons=[reading(1)]))
        newer = released_course(class_hours=1, lessons=[reading(1)], course=done.release.course)
        assert enrolled(done.person, done.release) == done
        assert refusal_of(done.person, newer) == "counted_already"
        assert enrolled(done.person, newer, now=NOON.replace(year=2027)).year == 2027

    def test_the_year_is_the_local_one(self):
        from datetime import UTC, datetime

        last = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
        first = datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC)
        assert enrolled(now=last).year == 2026
        assert enrolled(learner(name="又一人"), now=first).year == 2027

    def test_for_somebody_else_is_not_found(self):
        actor = Actor(kind="user", label="x", person_id=learner(name="另一人").pk, role="practitioner")
        with pytest.raises(NotFound):
            enrol(person=learner(), release=released_course(), actor=actor, now=NOON)


@pytest.mark.django_db
class TestWithdraw:
    def test_leave_and_come_back(self):
        enrolment = enrolled()
        lease = leased(enrolment)
        for _time in range(2):
            withdraw(enrolment=enrolment, reason="忙", actor=SYSTEM, now=NOON)
        lease.refresh_from_db()
        assert lease.end_reason == "stopped"
        assert [row.state for row in enrolment.states.order_by("number")] == ["enrolled", "in_progress", "withdrawn"]
        back = enrolled(enrolment.person, enrolment.release)
        assert back.pk == enrolment.pk
        assert back.state == "enrolled"

    def test_no_learning_afterwards(self):
        enrolment = enrolled()
        withdraw(enrolment=enrolment, reason="", actor=SYSTEM, now=NOON)
        with pytest.raises(Refusal) as refusal:
            leased(enrolment)
        assert refusal.value.code == "not_running"

    def test_a_passed_course_stays_passed(self):
        enrolment = passed(release=released_course(class_hours=1, lessons=[reading(1)]))
        with pytest.raises(Refusal) as refusal:
            withdraw(enrolment=enrolment, reason="", actor=SYSTEM, now=NOON)
        assert refusal.value.code == "not_running"


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_enrolment():
    person, release = learner(), released_course()
    found, ready = [], threading.Barrier(2)

    def go() -> None:
        try:
            ready.wait(10)
            found.append(enrolled(person, release).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 2
    assert len(set(found)) == Enrolment.objects.count() == 1
